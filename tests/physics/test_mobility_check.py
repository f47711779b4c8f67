"""What is wrong with the traffic of a territory is told with the feature, the column, the value and what to do."""

import numpy as np
import pytest
from mobility_kit import VALUES, typed_layers

from jumeau.engine.checks import check_layers
from jumeau.errors import InputError
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.check import check
from jumeau.networks.mobility.physics.counts import Fit, counts_of, geh, screened
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.territory.model import Territory


def with_layer(town, name, frame):
    return Territory(town.name, town.crs, {**town.layers, name: frame}, town.columns, town.meta)


def refused(territory):
    with pytest.raises(InputError) as caught:
        check_layers(territory, [NETWORK])
    return caught.value.problems


def counts(town, **columns):
    frame = NETWORK.attributes.empty("traffic_counts", town.crs)
    size = len(next(iter(columns.values())))
    frame = frame.reindex(range(size))
    for name, values in {"count_id": [f"N{row}" for row in range(size)], **columns}.items():
        frame[name] = values
    return frame


def test_the_town_is_sound(town):
    assert check(town, NETWORK.factors) == []


def test_zones_that_hang_on_nothing(town, english):
    links = town.layer("traffic_links")
    zone = "Z001"
    cut = links[(links["from_node"] != zone) & (links["to_node"] != zone)].reset_index(drop=True)
    (problem,) = check(with_layer(town, "traffic_links", cut), NETWORK.factors)
    assert problem.features == (zone,)
    assert "no street that leads back" in str(problem)


def test_zero_capacity_and_speed(town, english):
    links = town.layer("traffic_links")
    for column in ("capacity", "speed"):
        bad = links.assign(**{column: links[column].where(links.index != 5, 0.0)})
        (problem,) = refused(with_layer(town, "traffic_links", bad))
        assert (problem.column, problem.features) == (column, (links["link_id"][5],))


def test_negative_demand_and_unknown_zones(town, english):
    demand = town.layer("traffic_demand")
    negative = demand.assign(trips=demand["trips"].where(demand.index != 3, -2.0))
    (problem,) = refused(with_layer(town, "traffic_demand", negative))
    assert problem.features == (demand["demand_id"][3],)
    lost = demand.assign(destination=demand["destination"].where(demand.index != 7, "Z999"))
    (problem,) = refused(with_layer(town, "traffic_demand", lost))
    assert (problem.column, problem.value) == ("destination", "Z999")


def test_nothing_is_made_from_a_demand_of_unknown_zones(town, english):
    demand = town.layer("traffic_demand")
    lost = demand.assign(origin=demand["origin"].where(demand.index != 7, "Z999"))
    without = {name: frame for name, frame in town.layers.items() if name not in ("parking", "traffic_signals")}
    given = Territory(town.name, town.crs, {**without, "traffic_demand": lost}, town.columns, town.meta)
    with pytest.raises(InputError, match=r"column origin.*Z999"):
        NETWORK.behaviour.complete(given, NETWORK.factors, 1)


@pytest.mark.parametrize("absent", ["traffic_zones", "traffic_links"])
def test_links_and_zones_come_together(town, english, absent):
    """What a town gave is never made anew over it."""
    layers = {name: frame for name, frame in town.layers.items() if name != absent}
    with pytest.raises(InputError, match="belong together"):
        NETWORK.behaviour.complete(Territory(town.name, town.crs, layers, town.columns, town.meta), NETWORK.factors, 1)


def test_counts_on_unknown_streets_and_absurd_ones_are_warnings(town, english):
    street = town.layers["traffic_links"]["street_id"].iloc[0]
    frame = counts(
        town, street_id=[street, "nowhere", street], vehicles=[1000.0, 1000.0, 300.0], morning_peak=[90.0, 90.0, 900.0]
    )
    found = check(with_layer(town, "traffic_counts", frame), NETWORK.factors)
    assert [item.warning for item in found] == [True, True]
    assert [item.features for item in found] == [("N1",), ("N2",)]
    assert screened(frame).tolist() == [True, True, False]


def test_signals_nowhere(town, english):
    signals = town.layer("traffic_signals")
    lost = signals.assign(node_id=signals["node_id"].where(signals.index != 0, "N9999"))
    (problem,) = check(with_layer(town, "traffic_signals", lost), NETWORK.factors)
    assert problem.warning
    assert problem.features == (signals["signal_id"][0],)


def test_counts_meet_their_links(town):
    layers = NETWORK.layers(town)
    supply = supply_of(layers, VALUES)
    flow = np.arange(len(supply.links), dtype=float)
    named = [str(name) for name in supply.street if name]
    twoway = next(name for name in named if named.count(name) == 2)
    frame = counts(
        town, street_id=[twoway] * 4, direction=["forward", "backward", "both", "one"],
        vehicles=[500.0] * 4, year=[2020, 2020, 2021, 2019],
    )  # fmt: skip
    found = counts_of(typed_layers(traffic_counts=frame)["traffic_counts"], supply)
    rows = np.flatnonzero(supply.street == twoway)
    ids = layers["traffic_links"]["link_id"].to_numpy()[supply.row[rows]]
    ahead, back = (float(rows[[str(name)[-1] for name in ids].index(sign)]) for sign in "+-")
    by_row = dict(zip(found.row.tolist(), found.modelled(flow).tolist(), strict=True))
    assert by_row == {0: ahead, 1: back, 2: ahead + back, 3: 0.5 * (ahead + back)}


def test_geh_is_that_of_the_manual():
    """m = 110, c = 100: sqrt(2 * 100 / 210) = 0.976."""
    assert geh(np.array([110.0]), np.array([100.0]))[0] == pytest.approx(0.976, abs=5e-4)
    fit = Fit.of(np.array([100.0, 200.0, 300.0]), np.array([100.0, 200.0, 300.0]))
    assert (fit.r2, fit.geh5, fit.ratio) == (1.0, 1.0, 1.0)

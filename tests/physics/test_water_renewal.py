"""Renewal: as much of the network as is asked for, with fewer bursts and less background leakage."""

import numpy as np
import pytest
from pydantic import ValidationError
from water_kit import bench, grid

from jumeau.networks.water import NETWORK
from jumeau.networks.water.physics.profile import profile


def aged(side=4, step=500.0, **more):
    """Return a network whose pipes were laid one after another."""
    layers = grid(side=side, step=step, **more)
    layers["water_pipes"]["laid_year"] = np.linspace(1930, 2010, len(layers["water_pipes"]))
    return layers


def renewed(town, made):
    """Return the share of the network's length that burst and background columns say is new."""
    old, new = town.layers["water_pipes"], made.layers["water_pipes"]
    length, least = old["length"].to_numpy(), NETWORK.factors.value("renewal_background")
    part = (1.0 - new["background_share"].to_numpy()) / (1.0 - least)
    return float((part * length).sum() / length.sum())


@pytest.mark.parametrize("side", [2, 4, 7])
@pytest.mark.parametrize("share", [0.002, 0.01, 0.035, 0.5, 1.0])
def test_a_share_is_that_share_of_the_length(side, share):
    """Networks of 5, 25 and 85 pipes of 500 m: one percent is 25 m of the first, and 425 m of the last."""
    town = bench(aged(side))
    made = town.apply(town.layers, "pipe_renewal", share=f"{100 * share:g} %", year=2025)
    assert renewed(town, made) == pytest.approx(share, rel=1e-9)
    km = town.layers["water_pipes"]["length"].sum() / 1000.0
    assert made.bill[0].count == pytest.approx(share * km, rel=1e-9)
    assert made.bill[0].investment == pytest.approx(share * km * NETWORK.factors.value("renewal_price"))


@pytest.mark.parametrize("years", [1, 7, 30])
def test_a_rate_renews_in_each_year(years):
    town = bench(aged())
    made = town.apply(town.layers, "pipe_renewal", rate="1 %/year", years=years, year=2025)
    assert renewed(town, made) == pytest.approx(0.01 * years)
    once = town.apply(town.layers, "pipe_renewal", rate="1 %/year", year=2025)
    assert renewed(town, once) == pytest.approx(0.01)


def test_a_length_and_a_budget_are_spent_to_the_last_metre():
    town = bench(aged())
    price = NETWORK.factors.value("renewal_price")
    for parameters in ({"length": "1.3 km"}, {"budget": f"{1.3 * price:g} EUR"}):
        assert town.apply(town.layers, "pipe_renewal", **parameters).bill[0].count == pytest.approx(1.3)


def test_no_more_than_what_is_selected_is_renewed():
    town = bench(aged())
    chosen = np.arange(len(town.layers["water_pipes"])) < 2
    made = town.apply(town.layers, "pipe_renewal", chosen, share="50 %")
    assert made.bill[0].count == pytest.approx(1.0)
    assert set(made.bill[0].assets) == {"P0", "P1"}


def test_a_pipe_renewed_in_part_bursts_and_resists_as_its_two_parts():
    layers = aged(side=2)
    town = bench(layers)
    made = town.apply(town.layers, "pipe_renewal", length="0.2 km", year=2025).layers
    old, new = town.prepare().state, town.prepare(made).state
    whole = town.prepare(town.apply(town.layers, "pipe_renewal", share="100 %", year=2025).layers).state
    (row,) = np.flatnonzero(made["water_pipes"]["background_share"] < 1.0)
    for place, family in enumerate(new.families):
        if family.mains:
            expected = 0.6 * old.families[place].rate[row] + 0.4 * whole.families[place].rate[row]
            assert family.rate[row] == pytest.approx(expected)
    # The drop of head along it is that of 300 m of the old pipe and 200 m of a new one, by EPANET.
    pipe = town.layers["water_pipes"].iloc[row]

    def drop(coefficient):
        some = {**town.layers, "water_pipes": town.layers["water_pipes"].copy()}
        some["water_pipes"].loc[row, "roughness"] = coefficient
        found = profile(some)
        ends = [60.0 if name == "R" else found.at(np.array([name], dtype=object)).mean()
                for name in (pipe["from_node"], pipe["to_node"])]  # fmt: skip
        return abs(ends[0] - ends[1])

    losses = [drop(value) for value in (120.0, made["water_pipes"]["roughness"].iloc[row], 130.0)]
    assert losses[1] == pytest.approx(0.6 * losses[0] + 0.4 * losses[2], rel=1e-3)


@pytest.mark.parametrize("connections", [0, 50])
def test_renewed_mains_lose_less_in_background(connections):
    """Mains at 20 l/km/h lose the factor's share of it; their connections what they did."""
    town = bench(aged(demand=0.0, connections=connections)).having(mains_bursts=0.0, service_bursts=0.0)
    made = town.apply(town.layers, "pipe_renewal", share="100 %", year=2025)
    before, after = (town.run(layers).outcome.quantities["background_losses"] for layers in (town.layers, made.layers))
    mains, service = 20.0 * 0.5, 1.25 * connections
    assert after / before == pytest.approx((0.3 * mains + service) / (mains + service), rel=1e-4)
    half = town.apply(town.layers, "pipe_renewal", share="50 %", year=2025)
    between = town.run(half.layers).outcome.quantities["background_losses"]
    assert between == pytest.approx((before + after) / 2, rel=0.02)


@pytest.mark.parametrize(
    "parameters", [{}, {"share": "1 %", "rate": "1 %/year"}, {"share": "1 %", "years": 10}, {"rate": "1 %"}]
)
def test_a_limit_that_cannot_be_meant_is_refused(parameters, english):
    with pytest.raises(ValidationError, match=r"rate|year"):
        NETWORK.measures["pipe_renewal"].parameters(**parameters)

"""The water network of a territory that has none: looped, sized, pressurised; and the gaps of one that has."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely
from water_kit import LAMBERT, ORIGIN, frame, grid, territory

from jumeau.engine.checks import check_layers
from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.networks.water import NETWORK
from jumeau.networks.water.check import check
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.layout import synthesis
from jumeau.networks.water.layout.demand import uses
from jumeau.networks.water.layout.mains import candidate_mains, nearest_main
from jumeau.networks.water.layout.rules import SYNTHESIS
from jumeau.networks.water.layout.synthesis import complete
from jumeau.networks.water.physics.hydraulics import run_day, solve
from jumeau.territory.model import Territory, column_rows

NONE = FactorTable({})
X, Y = ORIGIN


def streets_and_houses(side=9, step=120.0, hill=0.0):
    """Return a square town; the ground rises by `hill` metres from west to east."""
    lines, houses = [], []
    for i in range(side):
        for j in range(side - 1):
            for a, b in (((i, j), (i, j + 1)), ((j, i), (j + 1, i))):
                start = (X + step * a[0], Y + step * a[1])
                end = (X + step * b[0], Y + step * b[1])
                line = shapely.LineString([start, end])
                lines.append(line)
                houses += [line.interpolate(share, normalized=True) for share in (0.2, 0.4, 0.6, 0.8)]
    across = np.linspace(-200, side * step + 200, 30)
    points = [shapely.Point(X + x, Y + y) for x in across for y in across]
    rise = [hill * np.clip((point.x - X) / (side * step), 0, 1) for point in points]
    layers = {
        "streets": frame(
            {"street_id": [f"S{n:03d}" for n in range(len(lines))], "road_class": "residential", "oneway": "both"},
            lines,
        ),
        "addresses": frame({"address_id": [f"A{n:04d}" for n in range(len(houses))]}, houses),
        "population": frame(
            {"zone_id": ["Z"], "residents": [2.2 * len(houses)]},
            [shapely.box(X - 50, Y - 50, X + side * step, Y + side * step)],
        ),
        "relief": frame({"point_id": [f"P{n}" for n in range(len(points))], "z": 50.0 + np.array(rise)}, points),
    }
    return Territory("square", LAMBERT, layers, column_rows("streets", ["street_id"], "observed"))


@pytest.fixture(scope="module")
def flat():
    return complete(streets_and_houses(), NONE, 1)


@pytest.fixture(scope="module")
def hilly():
    return complete(streets_and_houses(hill=110.0), NONE, 1)


def water(made):
    return {name: layer for name, layer in made.layers.items() if name.startswith("water_")}


def service_pressures(layers):
    """Tell whether junctions with customers stay above 20 m and below 80 m all day, by EPANET."""
    day = run_day(model_of(layers))
    junctions = layers["water_junctions"].set_index("node_id")["demand"].reindex(day.nodes).to_numpy()
    served = junctions > 0.0
    assert served.sum() > 50
    return bool(day.lowest[served].min() >= 20.0), bool(day.highest[served].max() <= 80.0)


@pytest.mark.parametrize("which", ["flat", "hilly"])
def test_epanet_solves_it_with_service_pressures_between_20_and_80_m(which, request):
    made = request.getfixturevalue(which)
    assert check(made, NETWORK.assumptions()) == []
    assert service_pressures(water(made)) == (True, True)


def test_exceptions_are_marked_told_and_do_not_stop_a_run(english, monkeypatch):
    def high(model):
        day = run_day(model)
        return replace(day, highest=np.where(np.arange(len(day.nodes)) < 3, 95.0, day.highest))

    monkeypatch.setattr(synthesis.hydraulics, "run_day", high)
    made = complete(streets_and_houses(side=5), NONE, 1)
    marked = made.layers["water_junctions"]
    marked = marked[marked["exception"].notna()]
    assert 0 < len(marked) <= 3
    (problem,) = check(made, NETWORK.assumptions())
    assert problem.warning
    assert "above the highest" in problem.message
    assert set(problem.features) == set(marked["node_id"])
    check_layers(territory(water(made)), [NETWORK])


def test_a_range_of_pressure_narrower_than_a_zone_is_refused(english):
    hard = SYNTHESIS.shipped.override({"layout_pressure_least": 59.0, "layout_pressure_most": 60.0}, "test")
    with pytest.raises(InputError, match="narrower than a zone"):
        complete(streets_and_houses(side=5), hard, 1)


def test_mains_are_looped_and_of_commercial_size(flat):
    pipes = flat.layers["water_pipes"]
    graph = nx.MultiGraph(list(zip(pipes["from_node"], pipes["to_node"], strict=True)))
    loops = graph.number_of_edges() - graph.number_of_nodes() + nx.number_connected_components(graph)
    assert loops > 20
    assert set(pipes["diameter"]) <= {80.0, 100.0, 125.0, 150.0, 200.0, 250.0, 300.0, 350.0, 400.0, 500.0, 600.0}
    assert pipes["diameter"].min() >= 80.0


def test_velocities_are_those_of_the_rules(flat):
    day = run_day(model_of(water(flat)))
    assert np.quantile(day.velocity, 0.95) < 1.0


def test_a_hill_gets_zones_with_reducing_valves(hilly, flat):
    assert not flat.has("water_valves")
    valves = hilly.layers["water_valves"]
    assert len(valves) >= 1
    assert set(valves["kind"]) == {"PRV"}


def test_every_address_has_its_connection_on_a_near_main(flat):
    connections = flat.layers["water_connections"]
    assert len(connections) == len(flat.layers["addresses"])
    lines = flat.layers["water_pipes"].set_index("pipe_id").geometry
    gap = shapely.distance(connections.geometry.to_numpy(), lines[connections["pipe_id"]].to_numpy())
    assert gap.max() < 1.0


def test_demand_is_that_of_the_residents(flat):
    town = streets_and_houses()
    resident, _job = uses(town, town.layers["addresses"], SYNTHESIS.factors(NETWORK.factors))
    total = float(solve(NETWORK.layers(flat)).consumption.mean())
    assert total == pytest.approx(resident.sum(), rel=0.02)
    assert total * 24 * 1000 / float(town.layers["population"]["residents"].sum()) == pytest.approx(145.0, rel=0.02)


def test_sectors_are_connected_and_of_about_the_same_size(flat):
    pipes = flat.layers["water_pipes"]
    for _name, part in pipes.groupby("sector_id"):
        graph = nx.Graph(list(zip(part["from_node"], part["to_node"], strict=True)))
        assert nx.is_connected(graph)


def test_all_that_is_added_is_flagged(flat):
    columns = flat.columns[flat.columns["layer"].str.startswith("water_")]
    assert len(columns) > 30
    assert set(columns["origin"]) <= {"synthetic", "imputed"}
    assert columns["rule"].ne("").all()


def test_the_order_of_rows_does_not_matter(flat):
    town = streets_and_houses()
    shuffled = {
        name: layer.sample(frac=1.0, random_state=5).reset_index(drop=True) for name, layer in town.layers.items()
    }
    again = complete(Territory("square", LAMBERT, shuffled, town.columns), NONE, 1)
    ours, theirs = flat.layers["water_pipes"], again.layers["water_pipes"]
    for column in ("pipe_id", "diameter", "material", "laid_year", "sector_id"):
        assert list(ours[column]) == list(theirs[column]), column


def test_another_seed_changes_the_stock_not_the_layout(flat):
    other = complete(streets_and_houses(), NONE, 2).layers["water_pipes"]
    pipes = flat.layers["water_pipes"]
    assert list(other["diameter"]) == list(pipes["diameter"])
    assert list(other["laid_year"]) != list(pipes["laid_year"])


def test_doing_it_again_changes_nothing(flat):
    assert complete(flat, NONE, 1).checksum == flat.checksum


def test_a_territory_without_streets_gets_no_network():
    houses = streets_and_houses().layers["addresses"]
    alone = Territory("houses", LAMBERT, {"addresses": houses}, column_rows("addresses", ["address_id"], "observed"))
    made = complete(alone, NONE, 1)
    assert len(made.layers["water_pipes"]) == 0


def test_the_nearest_main_is_that_of_the_street_when_it_is_named():
    town = streets_and_houses(side=3)
    mains = candidate_mains(town.layers["streets"])
    point = np.array([shapely.Point(X + 60, Y + 61)])
    free = nearest_main(mains, point, np.array([""], dtype=object))
    assert free[0] >= 0


def test_gaps_are_filled_and_what_is_observed_stays():
    layers = grid(side=5, head=None, demand=None, roughness=None, laid_year=None)
    pipes = layers["water_pipes"]
    pipes["material"] = ["hdpe"] + [None] * (len(pipes) - 1)
    pipes["laid_year"] = [np.nan, 1931.0] + [np.nan] * (len(pipes) - 2)
    layers["water_tanks"] = frame({"node_id": ["T"]}, [shapely.Point(X, Y)])
    made = complete(territory(layers), FactorTable({**NETWORK.factors}), 3)
    done = made.layers["water_pipes"]
    assert done["material"].iloc[0] == "hdpe"
    assert done["laid_year"].iloc[1] == 1931.0
    for column in ("material", "laid_year", "roughness", "connections", "sector_id"):
        assert done[column].notna().all(), column
    assert (
        made.layers["water_tanks"][["elevation", "diameter", "maximum_level", "initial_level"]].notna().all(axis=None)
    )
    assert made.layers["water_reservoirs"]["head"].iloc[0] == pytest.approx(0.0 + 20.0 + 12.0)
    assert made.layers["water_junctions"]["demand"].sum() > 0.0
    origins = made.columns.set_index(["layer", "column"])["origin"]
    assert origins["water_pipes", "roughness"] == "imputed"


def test_the_bundled_town_has_the_pressures_asked_for(town):
    assert service_pressures(water(town)) == (True, True)
    assert len(town.layers["water_valves"]) == 2

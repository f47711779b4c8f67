"""Sectors with closed borders: against brute force, against EPANET's own flows, and on imported files."""

import itertools
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from water_kit import LAMBERT, bench, frame, grid, territory

from jumeau.network import MeasureContext
from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet import inp_of, read_inp
from jumeau.networks.water.parameters import SectorMeters
from jumeau.networks.water.physics import sector_cut
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.networks.water.physics.sector_cut import Graph, bisected, partition
from jumeau.territory.storage import read_territory

EXAMPLE = Path(__file__).parents[2] / "donnees_exemple" / "bourg_exemple.gpkg"
LINKS = {"water_pipes": "pipe_id", "water_pumps": "pump_id", "water_valves": "valve_id"}


def measured(layers, **parameters):
    """Apply the measure to all sectors of some layers."""
    selected = np.ones(len(layers["water_sectors"]), dtype=bool)
    context = MeasureContext(NETWORK.factors, None)
    return NETWORK.measures["sector_meters"].apply(layers, selected, SectorMeters.model_validate(parameters), context)


def typed(layers):
    return NETWORK.layers(territory(layers))


@pytest.fixture(scope="module")
def town():
    return NETWORK.layers(read_territory(EXAMPLE))


@pytest.fixture(scope="module", params=[{}, {"sectors": 5}], ids=["its own sectors", "five sectors"])
def sectored(request, town):
    return measured(town, **request.param)


def two_halves(side=4, demand=1.0, **pipes):
    """A square network, fed at a corner, whose pipes belong to a west and an east half."""
    layers = grid(side=side, step=200.0, demand=demand, connections=5, **pipes)
    middle = layers["water_pipes"].geometry.centroid.x
    layers["water_pipes"]["sector_id"] = np.where(middle < middle.median(), "W", "E")
    layers["water_sectors"] = frame({"sector_id": ["W", "E"], "metered": [False, False]})
    return typed(layers)


def inside(layers):
    """Return the graph of each sector: its pipes without the ends that are closed or metered, its inner valves."""
    pipes, found = layers["water_pipes"], {}
    for name, part in pipes[pipes["sector_id"].notna()].groupby("sector_id"):
        graph = nx.Graph()
        for row in part.itertuples():
            ends = [node for node in (row.from_node, row.to_node) if node != row.boundary_node]
            if row.status == "closed" and len(ends) == 2:
                continue
            graph.add_edge(f"pipe {row.pipe_id}", ends[0])
            graph.add_edge(f"pipe {row.pipe_id}", ends[-1])
        found[name] = graph
    gates = pd.concat([layers["water_valves"], layers["water_pumps"]])
    for row in gates[gates["metered"] != True].itertuples():  # noqa: E712 - absent is not metered
        for graph in found.values():
            if row.from_node in graph and row.to_node in graph:
                graph.add_edge(row.from_node, row.to_node)
    return found


def crossing(layers):
    """Return the metered links, each with the node outside its sector where it is a pipe."""
    pipes = layers["water_pipes"]
    found = {row.pipe_id: row for row in pipes[pipes["sector_boundary"] == "metered"].itertuples()}
    for name in ("water_valves", "water_pumps"):
        frame_ = layers[name]
        found |= {getattr(row, LINKS[name]): row for row in frame_[frame_["metered"] == True].itertuples()}  # noqa: E712
    return found


def test_minimum_cuts_are_those_of_brute_force():
    """Every connected bisection of small random street networks, by its cost and its balance."""
    chance = np.random.Generator(np.random.PCG64(11))
    places = list(itertools.product(range(4), range(3)))
    pairs = [(a, b) for a, b in itertools.combinations(places, 2) if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1]
    ratios = []
    while len(ratios) < 12:
        kept = [pair for pair in pairs if chance.random() < 0.9]
        network = nx.Graph(kept)
        if len(network) < len(places) or not nx.is_connected(network):
            continue
        ends = np.array([[places.index(node) for node in pair] for pair in kept])
        weight = chance.integers(1, 10, len(places)).astype(float)
        graph = Graph(
            ends[:, 0], ends[:, 1], chance.choice([500.0, 3000.0, 12000.0], len(kept)), weight, np.array(places, float)
        )
        network = nx.Graph(ends.tolist())
        best = np.inf
        for code in range(1, 2 ** (len(places) - 1)):
            side = np.array([code >> bit & 1 for bit in range(len(places))], dtype=bool)
            value = sector_cut._value(graph, side, weight, 0.5)
            if value < best and all(nx.is_connected(network.subgraph(np.flatnonzero(part))) for part in (side, ~side)):
                best = value
        ratios.append(sector_cut._value(graph, bisected(graph, 0.5), weight, 0.5) / best)
    assert min(ratios) > 1.0 - 1e-3  # never better than the best
    assert max(ratios) < 1.05
    assert sum(ratio < 1.0 + 1e-3 for ratio in ratios) >= 11


def test_parts_are_connected_and_balanced():
    places = np.array(list(itertools.product(range(12), range(10))), dtype=float)
    near = [(a, b) for a, b in itertools.combinations(range(120), 2) if np.abs(places[a] - places[b]).sum() == 1.0]
    ends = np.array(near)
    graph = Graph(ends[:, 0], ends[:, 1], np.full(len(near), 500.0), np.ones(120), places)
    part = partition(graph, 5)
    network = nx.Graph(near)
    assert sorted(set(part)) == [0, 1, 2, 3, 4]
    assert all(nx.is_connected(network.subgraph(np.flatnonzero(part == name))) for name in range(5))
    assert 24 * 0.6 <= np.bincount(part).min() <= np.bincount(part).max() <= 24 * 1.4
    # A cut into straight strips costs four times ten pipes.
    assert graph.cut(part) <= 4 * 10 * 500.0


@pytest.mark.parametrize(
    ("demand", "least"), [(1.0, 20.0), (9.0, 46.5), (9.0, 50.0), (9.0, 50.5), (9.0, 50.8), (12.0, 43.8)]
)
def test_feeds_cost_what_brute_force_finds(demand, least):
    """All sets of metered crossings of a small network, each solved by EPANET: the cheapest that keeps pressure."""
    widths = np.where(np.arange(25) % 2 == 1, 150.0, 200.0)
    layers = two_halves(demand=demand, diameter=widths)
    asked = {"minimum_pressure": f"{least} m", "peak_factor": 1.0, "allowed_drop": "0 m", "max_feeds": 100}
    # Only the pressure counts here: feeds may be as fast as they like.
    factors = NETWORK.factors.override({"sector_feed_velocity": 100.0}, "test")
    made, every = (
        NETWORK.measures["sector_meters"].apply(
            layers, np.ones(2, dtype=bool), SectorMeters.model_validate(given), MeasureContext(factors, None)
        )
        for given in (asked, {"boundaries": "metered"})
    )
    pipes = every.layers["water_pipes"].set_index("pipe_id")
    borders = pipes[(pipes["sector_boundary"] == "metered") & (pipes["from_node"] != "R")]["diameter"]
    assert len(borders) == 4
    prices = {
        150.0: ("sector_meter_price_150", "sector_valve_price"),
        200.0: ("sector_meter_price_200", "sector_valve_price_large"),
    }
    before = solve(layers).pressure.min(axis=0)
    wanted = np.where(before >= least, least, before)
    best = np.inf
    for kept in itertools.product((True, False), repeat=4):
        shut = layers["water_pipes"]["pipe_id"].isin(borders.index[~np.array(kept)])
        tried = layers["water_pipes"].assign(status=np.where(shut, "closed", "open"))
        if any(kept) and (solve({**layers, "water_pipes": tried}).pressure.min(axis=0) >= wanted - 2e-3).all():
            price = sum(
                factors.value(prices[width][0 if metered else 1]) for width, metered in zip(borders, kept, strict=True)
            )
            best = min(best, price)
    ours = sum(item.investment for item in made.bill) - factors.value("sector_meter_price_station")
    assert ours == pytest.approx(best)


def test_more_feeds_where_one_starves_the_sector():
    few, many = (measured(two_halves(demand=9.0), minimum_pressure=f"{least} m", peak_factor=1.0) for least in (30, 48))
    assert len(crossing(few.layers)) < len(crossing(many.layers))
    assert solve(few.layers).pressure.min() < 48.0 <= solve(many.layers).pressure.min()


def test_more_feeds_where_one_is_too_small_for_the_flow():
    """Sixteen junctions of 3 m3/h: eight of them ask 24 m3/h of a pipe of 100 mm, 0.85 m/s."""
    layers = two_halves(demand=3.0, diameter=100.0)
    made = []
    for fastest in (2.0, 0.6):
        factors = NETWORK.factors.override({"sector_feed_velocity": fastest}, "test")
        asked = SectorMeters.model_validate({"minimum_pressure": "0 m", "peak_factor": 1.0})
        context = MeasureContext(factors, None)
        made.append(NETWORK.measures["sector_meters"].apply(layers, np.ones(2, dtype=bool), asked, context).layers)
    assert [len(crossing(found)) for found in made] == [2, 3]  # the source's pipe among them


def test_town_closes_its_borders_by_few_meters_and_keeps_its_pressure(town, sectored):
    sectors = sectored.layers["water_sectors"]
    assert (sectors["meters"] <= 3).all()
    assert sectors["metered"].all()
    assert solve(sectored.layers).pressure.min() > 20.0
    # On the busiest day too.
    peak = town["water_settings"]
    busy = pd.concat([peak, frame({"name": ["demand_multiplier"], "value": ["1.5"]})], ignore_index=True)
    assert solve({**sectored.layers, "water_settings": busy}).pressure.min() > 20.0


def test_no_crossing_inside_a_sector_is_metered(sectored):
    layers = sectored.layers
    parts = inside(layers)
    of = {node: name for name, graph in parts.items() for node in graph if not str(node).startswith("pipe ")}
    metered = crossing(layers)
    assert metered
    for row in metered.values():
        if hasattr(row, "boundary_node"):
            assert of.get(row.boundary_node) != row.sector_id
        else:
            assert of.get(row.from_node) != of.get(row.to_node)


def test_every_open_border_is_metered(sectored):
    layers = sectored.layers
    of = {node: name for name, graph in inside(layers).items() for node in graph if not str(node).startswith("pipe ")}
    metered = crossing(layers)
    for layer, key in LINKS.items():
        for row in layers[layer].itertuples():
            apart = of.get(row.from_node) != of.get(row.to_node)
            if row.status != "closed" and apart:
                assert getattr(row, key) in metered


def test_every_sector_hangs_together_and_is_fed(sectored):
    layers = sectored.layers
    parts = inside(layers)
    assert set(parts) == set(layers["water_sectors"]["sector_id"])
    assert all(nx.is_connected(graph) for graph in parts.values())
    # Water comes to each from the source, by open links.
    network = nx.Graph()
    for layer in LINKS:
        rows = layers[layer]
        network.add_edges_from(rows.loc[rows["status"] != "closed", ["from_node", "to_node"]].to_numpy().tolist())
    wet = nx.node_connected_component(network, layers["water_reservoirs"]["node_id"].iloc[0])
    metered = crossing(layers)
    for name, graph in parts.items():
        assert wet & set(graph)
        touching = [
            row for row in metered.values()
            if {row.from_node, row.to_node} & set(graph) or getattr(row, "sector_id", None) == name
        ]  # fmt: skip
        assert touching


def test_a_sector_balances_by_its_meters(sectored):
    """What meters count in, less what they count out, is what EPANET gives to customers and leaks."""
    import wntr

    layers = dict(sectored.layers)
    parts = inside(layers)
    leaks = {name: sorted(node for node in graph if str(node).startswith("J"))[7] for name, graph in parts.items()}
    junctions = layers["water_junctions"]
    layers["water_junctions"] = junctions.assign(emitter=np.where(junctions["node_id"].isin(leaks.values()), 0.5, 0.0))
    results = run_with(wntr, inp_of(layers)[0])
    demand = results.node["demand"].mean() * 3600.0
    flow = results.link["flowrate"].mean() * 3600.0
    for name, graph in parts.items():
        nodes = {node for node in graph if not str(node).startswith("pipe ")}
        taken = demand[sorted(nodes & set(demand.index))].sum()
        inflow = 0.0
        for key, row in crossing(layers).items():
            inflow += flow[key] * ((row.to_node in nodes) - (row.from_node in nodes))
        assert taken > 3.0
        assert inflow == pytest.approx(taken, rel=2e-3)
        assert 0.5 * np.sqrt(20.0) < demand[leaks[name]]  # the leak is among it


def run_with(wntr, text):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.inp"
        file.write_bytes(text)
        model = wntr.network.WaterNetworkModel(str(file))
        model.options.time.duration = 86400
        model.options.time.report_timestep = 3600
        return wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(Path(folder) / "run"))


def test_bill_tells_meters_and_valves_by_size(town):
    made = measured(town, valve_cost="500 EUR")
    pipes = made.layers["water_pipes"].set_index("pipe_id")
    for item in made.bill:
        assert item.count == len(item.assets)
        if item.kind == "sector_valve":
            assert item.unit_cost == 500.0
            assert (pipes.loc[list(item.assets), "status"] == "closed").all()
            assert (pipes.loc[list(item.assets), "sector_boundary"] == "closed").all()
            assert pipes.loc[list(item.assets), "diameter"].max() <= 200.0
        else:
            assert item.kind == "sector_meter"
            assert item.unit_cost == NETWORK.factors.value(item.cost_factor)
    everywhere = measured(town, boundaries="metered")
    assert not any(item.kind == "sector_valve" for item in everywhere.bill)
    assert sum(item.investment for item in made.bill) < 0.4 * sum(item.investment for item in everywhere.bill)


def test_leaks_are_searched_along_the_sectors_that_are_left(town):
    made = measured(town, sectors=4)
    pipes = made.layers["water_pipes"]
    search = bench(made.layers).prepare().state.search
    names = made.layers["water_sectors"]["sector_id"]
    assert len(names) == 4
    length = pipes.groupby("sector_id")["length"].sum().reindex(names) / 1000.0
    assert search.length == pytest.approx(length.to_numpy())
    assert search.metered.all()


def test_a_pipe_closed_at_one_end_has_the_pressure_of_the_other():
    made = measured(two_halves(demand=6.0), minimum_pressure="5 m", max_feeds=1)
    closed = made.layers["water_pipes"].query("sector_boundary == 'closed'")
    assert len(closed) >= 2
    state = bench(made.layers).prepare().state
    pressure = pd.Series(state.hydraulics.pressure.mean(axis=0), index=state.hydraulics.nodes)
    for row in closed.itertuples():
        live = row.to_node if row.boundary_node == row.from_node else row.from_node
        assert state.pipe_pressure[row.Index] == pytest.approx(pressure[live], abs=1e-3)
    low = bench(made.layers).run().outcome.assets["water_sectors"]["minimum_pressure"]
    assert low.min() == pytest.approx(state.junction_minimum.min(), abs=1e-3)


IMPORTED = """[JUNCTIONS]
 A1 10 0
 A2 10 4
 A3 10 4
 B0 0 0
 B1 0 3
 B2 0 3
[RESERVOIRS]
 R 5
[PIPES]
 PA1 A1 A2 300 150 120 0 Open
 PA2 A2 A3 300 150 120 0 Open
 PA3 A1 A3 300 150 120 0 Open
 PB0 B0 B1 100 150 120 0 Open
 PB1 B1 B2 300 150 120 0 Open
 PB2 A3 B2 300 100 120 0 Open
[PUMPS]
 PU R A1 HEAD C1
[VALVES]
 PRV A2 B0 150 PRV 35 0
[CURVES]
 C1 20 60
[OPTIONS]
 UNITS CMH
 HEADLOSS H-W
[COORDINATES]
 R 0 0
 A1 100 0
 A2 400 0
 A3 250 200
 B0 500 0
 B1 600 0
 B2 600 200
[END]
"""


def imported(tmp_path):
    file = tmp_path / "two_zones.inp"
    file.write_text(IMPORTED)
    layers = dict(read_inp(file, LAMBERT).layers)
    name = layers["water_pipes"]["pipe_id"].str[1:2]
    layers["water_pipes"]["sector_id"] = np.where(name == "A", "high", "low")
    layers["water_pipes"]["connections"] = 20
    layers["water_sectors"] = frame({"sector_id": ["high", "low"], "metered": [False, False]})
    return typed(layers)


def test_valves_and_pumps_of_an_import_are_borders(tmp_path):
    """A reducing valve and a pump between sectors are metered; the small pipe that by-passes the valve is closed."""
    made = measured(imported(tmp_path), minimum_pressure="20 m")
    layers = made.layers
    assert layers["water_pumps"]["metered"].tolist() == [True]
    assert layers["water_valves"]["metered"].tolist() == [True]
    pipes = layers["water_pipes"].set_index("pipe_id")
    assert pipes["sector_boundary"].dropna().to_dict() == {"PB2": "closed"}
    assert pipes.loc["PB2", "status"] == "closed"
    assert [(item.kind, item.layer, item.assets) for item in made.bill] == [
        ("sector_meter", "water_pumps", ("PU",)),
        ("sector_meter", "water_valves", ("PRV",)),
        ("sector_valve", "water_pipes", ("PB2",)),
    ]
    # EPANET runs the imported text with the pipe closed: the valve holds its setting, for the first time.
    found = solve(layers)
    pressure = dict(zip(found.nodes, found.pressure.min(axis=0), strict=True))
    assert pressure["B0"] == pytest.approx(35.0, abs=0.05)
    before = solve(imported(tmp_path))
    assert dict(zip(before.nodes, before.pressure.min(axis=0), strict=True))["B0"] > 40.0


def test_sectors_drawn_on_an_import_part_at_its_valves(tmp_path):
    layers = imported(tmp_path)
    shut = layers["water_pipes"].assign(status=np.where(layers["water_pipes"]["pipe_id"] == "PB2", "closed", "open"))
    made = measured({**layers, "water_pipes": shut}, sectors=2, minimum_pressure="20 m")
    pipes = made.layers["water_pipes"].set_index("pipe_id")["sector_id"]
    assert len(set(pipes[["PA1", "PA2", "PA3"]])) == 1
    assert len(set(pipes[["PB0", "PB1"]])) == 1
    assert pipes["PA1"] != pipes["PB1"]
    assert sorted(crossing(made.layers)) == ["PRV", "PU"]


def test_large_mains_stay_open_and_trunks_outside(town):
    made = measured(town, sectors=3, trunk_diameter="250 mm")
    pipes = made.layers["water_pipes"]
    trunk = pipes[(pipes["diameter"] >= 250.0) & (pipes["status"] != "closed")]
    assert trunk["sector_id"].isna().all()
    assert (made.layers["water_sectors"]["meters"] <= 3).all()
    narrow = measured(town, closable_diameter="80 mm")
    closed = narrow.layers["water_pipes"].query("sector_boundary == 'closed'")["pipe_id"]
    before = town["water_pipes"].set_index("pipe_id").loc[closed]
    assert ((before["diameter"] <= 80.0) | (before["status"] == "closed")).all()
    assert any("metered links" in note or "liens comptés" in note for note in narrow.notes[1:])


def test_one_size_is_asked_for():
    with pytest.raises(ValueError, match="sectors"):
        SectorMeters.model_validate({"sectors": 3, "connections": 500})
    with pytest.raises(ValueError, match="trunk_diameter"):
        SectorMeters.model_validate({"trunk_diameter": "300 mm"})


def test_sizes_in_connections_and_in_length(town):
    pipes = town["water_pipes"]
    total = float(pipes["length"].sum()) / 1000.0
    by_length = measured(town, length="11 km").layers["water_pipes"].groupby("sector_id")["length"].sum() / 1000.0
    assert len(by_length) == pytest.approx(total / 11.0, abs=1.0)
    assert by_length.max() < 2.0 * 11.0
    by_count = measured(town, connections=700).layers["water_pipes"].groupby("sector_id")["connections"].sum()
    assert len(by_count) == pytest.approx(pipes["connections"].sum() / 700.0, abs=1.0)
    assert by_count.max() < 2.0 * 700

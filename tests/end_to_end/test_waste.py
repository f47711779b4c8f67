"""Waste through the command line: three arms, rounds as lines, a street closed by the water network, bad input."""

import json
import shutil
from contextlib import redirect_stdout
from io import StringIO

import geopandas as gpd
import pyogrio
import pytest
import shapely
import waste_kit as kit

from jumeau.cli import main
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory, write_territory

TEXT = """
name: glass
title: {fr: Verre, en: Glass}
question: {fr: "Et alors ?", en: "So what?"}
territory: town.gpkg
networks: [waste]
period: {start: 2025-03-03, end: 2025-04-27}
warmup: 21 days
seed: 7
replications: 3
# How prizes are chosen is tested elsewhere.
assumptions: {waste: {streams: [glass], rehearsals: false}}
variants:
  sensors:
    title: {fr: Sondes, en: Sensors}
    measures:
      - measure: waste.dynamic_rounds
        where: {attributes: {stream: glass}}
      - measure: waste.fill_sensors
        where: {attributes: {stream: glass}}
"""


@pytest.fixture(scope="module")
def lean(town, tmp_path_factory):
    """A file of the town with the layers alone that a collection asks for."""
    kept = ("streets", "street_nodes", "zones", "population", "waste")
    layers = {name: layer for name, layer in town.layers.items() if name.startswith(kept)}
    columns = town.columns[town.columns["layer"].isin(layers)]
    place = tmp_path_factory.mktemp("lean") / "town.gpkg"
    return write_territory(Territory(town.name, town.crs, layers, columns, town.meta), place)


@pytest.fixture
def folder(lean, tmp_path):
    shutil.copy(lean, tmp_path / "town.gpkg")
    (tmp_path / "glass.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def command(*words, lang="en"):
    return main([*map(str, words), "--lang", lang])


@pytest.fixture(scope="module")
def ran(lean):
    """The folder of a run of the scenario, and what the terminal said of it."""
    place = lean.parent
    (place / "glass.yaml").write_text(TEXT, encoding="utf-8")
    with redirect_stdout(StringIO()) as told:
        assert command("run", place / "glass.yaml", "-o", place / "out", "--workers", "1", lang="fr") == 0
    return place / "out", told.getvalue()


def test_sensors_are_always_shown_with_the_arm_without_them(ran):
    out, printed = ran
    assert "Sondes, sans sondes de remplissage" in printed
    records = json.loads((out / "summary.json").read_text(encoding="utf-8"))["records"]
    found = {(item["variant"], item["indicator"]): item for item in records}
    assert {variant for variant, _name in found} == {"sensors", "sensors_without"}
    assert found["sensors_without", "investment"]["difference"] == 3_000
    assert found["sensors", "investment"]["difference"] == 3_000 + 25 * 250
    for arm in ("sensors", "sensors_without"):
        assert found[arm, "waste_volume"]["difference"] == 0.0
    # Each indicator tells what pairing was worth, or does not vary.
    for item in records:
        varies = item["ci95"] is not None and item["ci95"][0] < item["ci95"][1]
        assert (item["variance_ratio"] is not None) == varies, item["indicator"]


def test_an_arm_that_stands_in_the_file_is_not_added(folder, capsys):
    plain = "  dynamic:\n    measures: [{measure: waste.dynamic_rounds, where: {attributes: {stream: glass}}}]\n"
    (folder / "glass.yaml").write_text(TEXT.replace("variants:\n", "variants:\n" + plain), encoding="utf-8")
    assert command("run", folder / "glass.yaml", "-o", folder / "out", "--workers", "1", "--replications", "2") == 0
    records = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["records"]
    assert {item["variant"] for item in records} == {"dynamic", "sensors"}
    assert capsys.readouterr().out


def test_rounds_are_lines_along_the_streets(ran, town):
    path = ran[0] / "assets.gpkg"
    names = [str(name) for name, _kind in pyogrio.list_layers(path)]
    assert {"waste_round_lines__baseline", "waste_round_lines__sensors"} <= set(names)
    lines = gpd.read_file(path, layer="waste_round_lines__sensors")
    extra = float(town.layers["waste_disposal"]["extra_distance"].iloc[0])
    streets = town.layers["streets"].geometry.union_all().buffer(0.01)
    sites = town.layers["waste_sites"].set_index("site_id").geometry
    for row in lines.itertuples():
        order = row.order.split()
        assert len(order) == row.sites
        # Every site lies at its line, which keeps to the streets and is as long as told, less what is beyond.
        assert sites[order].distance(row.geometry).max() < 100.0
        assert row.geometry.within(streets)
        beyond = 2.0 * extra * row.unloadings
        assert row.geometry.length / 1000.0 + beyond == pytest.approx(row.distance, abs=0.01)
    assert lines["outing"].is_unique
    passed = gpd.read_file(path, layer="waste_streets__sensors")
    assert passed["outings"].max() == len(lines)  # the street of the depot
    # Each pass is counted once per outing; some streets are driven both ways.
    assert 0.4 < passed["distance"].sum() / (lines.geometry.length.sum() / 1000.0) <= 1.0


def test_a_closed_street_makes_trucks_go_round(town):
    bench = kit.bench(town, assumptions={"streams": ["glass"]})
    streets = town.layers["streets"]
    busy = streets[streets["road_class"].isin(["primary", "secondary"])]["street_id"].iloc[:40]

    def close(world):
        for street in busy:
            world.board.post("street_closed", street, value=True)

    free, closed = bench.run(), bench.run(meanwhile=close)
    assert closed.outcome.indicators["distance"] > free.outcome.indicators["distance"]


@pytest.mark.parametrize(
    ("layer", "column", "value", "words"),
    [
        ("waste_containers", "volume", None, ["K00001-residual", "volume"]),
        ("waste_containers", "volume", 45_000.0, ["K00001-residual", "volume"]),
        ("waste_containers", "site_id", "nowhere", ["nowhere", "site_id"]),
        ("waste_sites", "earliest", 23.0, ["K00001", "hours"]),
        ("waste_trucks", "payload", 150.0, ["truck", "volume"]),
        ("waste_rounds", "weekdays", "lundredi", ["lundredi", "weekdays"]),
        ("waste_disposal", "streams", "paper", ["no disposal site accepts"]),
    ],
)
def test_a_collection_that_cannot_be_used_names_its_feature(folder, capsys, layer, column, value, words):
    territory = read_territory(folder / "town.gpkg")
    frame = territory.layer(layer)
    frame[column] = frame[column].astype(object) if column in frame else None
    frame.loc[frame.index[0], column] = value
    write_territory(territory.with_layers({layer: frame}), folder / "town.gpkg")
    assert command("run", folder / "glass.yaml", "-o", folder / "out") == 2
    printed = capsys.readouterr().err
    for word in words:
        assert word in printed, printed
    assert not (folder / "out" / "summary.json").exists()


def test_a_site_off_the_network_is_refused(folder, capsys):
    territory = read_territory(folder / "town.gpkg")
    sites = territory.layer("waste_sites")
    sites.loc[sites.index[0], "geometry"] = shapely.Point(640_000.0, 6_770_000.0)
    write_territory(territory.with_layers({"waste_sites": sites}), folder / "town.gpkg")
    assert command("run", folder / "glass.yaml", "-o", folder / "out") == 2
    printed = capsys.readouterr().err
    assert "K00001" in printed
    assert "off the network" in printed


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("waste.fill_sensors", "waste.fill_sensor", ["fill_sensor"]),
        ("where: {attributes: {stream: glass}}\n      - ", "weekdays: [lundredi]\n      - ", ["lundredi", "mon"]),
        ("streams: [glass]", "streams: [glas]", ["glas"]),
        ("waste.dynamic_rounds", "waste.resize_containers", ["volume", "count"]),
    ],
)
def test_measures_that_cannot_be_used(folder, capsys, old, new, words):
    (folder / "glass.yaml").write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    assert command("run", folder / "glass.yaml", "-o", folder / "out") == 2
    printed = capsys.readouterr().err
    for word in words:
        assert word in printed, printed


ORDER = """
name: order
territory: town.gpkg
networks: [waste]
period: {start: 2025-03-03, end: 2025-03-30}
warmup: 7 days
seed: 7
replications: 2
assumptions: {waste: {streams: [glass]}}
variants:
  planned:
    measures: [{measure: waste.optimise_order}]
  capped:
    measures:
      - {measure: waste.service_caps, where: {attributes: {stream: glass}}, stops: 5}
      - {measure: waste.disposal_cap, tonnes: 6 t/day}
"""


def test_the_order_of_today_against_a_planned_one_and_a_capped_day(folder):
    territory = read_territory(folder / "town.gpkg")
    rounds, containers = territory.layer("waste_rounds"), territory.layer("waste_containers")
    sites = {name: sorted(mine["site_id"]) for name, mine in containers.groupby("round_id")}
    # By name: as a sheet that nobody has looked at for years.
    order = [" ".join(sites[name]) if "glass" in name else None for name in rounds["round_id"]]
    write_territory(territory.with_layers({"waste_rounds": rounds.assign(order=order)}), folder / "town.gpkg")
    (folder / "order.yaml").write_text(ORDER, encoding="utf-8")
    assert command("run", folder / "order.yaml", "-o", folder / "out", "--workers", "1") == 0
    lines = gpd.read_file(folder / "out" / "assets.gpkg", layer="waste_round_lines__baseline")
    for row in lines.itertuples():
        assert row.order.split() == sorted(row.order.split())
        assert row.truck == f"{row.truck_id} 1"
    records = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["records"]
    found = {(item["variant"], item["indicator"]): item for item in records}
    print(found["planned", "distance"])
    assert found["planned", "distance"]["relative_difference"] < -0.05
    assert found["planned", "visits"]["difference"] == 0.0
    assert found["planned", "waste_volume"]["difference"] == 0.0
    lines = gpd.read_file(folder / "out" / "assets.gpkg", layer="waste_round_lines__capped")
    assert lines.groupby("date")["sites"].sum().max() == 5
    assert lines.groupby("date")["tonnes"].sum().max() <= 6.0 + 1e-6
    assert found["capped", "missed_sites"]["variant_value"] > 0.0

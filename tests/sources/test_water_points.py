"""Pumps and valves that the French standards draw as points: links again, with the heads of EPANET on the original."""

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from water_kit import LAMBERT
from wntr.library import ModelLibrary

from jumeau.engine.checks import check_layers
from jumeau.factors import FactorTable
from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet import read_inp
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.formats.gis_reading import read_gis
from jumeau.networks.water.formats.gis_writing import write_gis
from jumeau.networks.water.layout.synthesis import complete
from jumeau.networks.water.physics.hydraulics import run_epanet, solve
from jumeau.territory.model import Territory

DEVICES = ("RAEPA_OUVRAEP_P", "RAEPA_APPARAEP_P", "aep_pompage", "aep_regulation")
X, Y = 650_000.0, 6_860_000.0


def heads(layers):
    """Return heads [m] and flows [m3/h] of a day, by EPANET."""
    model = model_of(layers)
    model.options.time.duration = 24 * 3600
    results, _report, _file = run_epanet(model)
    return results.node["head"], results.link["flowrate"] * 3600.0


def stripped(path, columns):
    """Return a copy of a GeoPackage whose points for pumps and valves lack some columns."""
    copy = path.with_name("stripped.gpkg")
    for name in gpd.list_layers(path)["name"]:
        frame = pyogrio.read_dataframe(path, layer=name)
        if name in DEVICES:
            frame = frame.drop(columns=list(columns), errors="ignore")
        pyogrio.write_dataframe(frame, copy, layer=name, driver="GPKG", append=copy.exists())
    return copy


@pytest.mark.parametrize("standard", ["raepa", "stareau"])
@pytest.mark.parametrize(
    "lost", [(), ("_from_node", "_to_node"), ("_from_node", "_to_node", "idcanamont", "idcanaval")]
)
@pytest.mark.parametrize("name", ["Net1", "Net3"])
def test_points_become_links_with_the_same_heads(name, lost, standard, tmp_path):
    layers = read_inp(ModelLibrary().get_filepath(name), LAMBERT, scale=30.0).layers
    (path,) = write_gis(standard, layers, tmp_path / "network.gpkg")
    found = read_gis(standard, stripped(path, lost) if lost else path).layers
    assert set(found["water_pumps"].geom_type) == {"LineString"}
    for before, after in zip(heads(layers), heads(found), strict=True):
        assert np.abs(after[before.columns] - before).to_numpy().max() < 0.01


def drawn(tmp_path, *, flipped=False, mid_pipe=False, fitting="03", **device):
    """Write a RAEPA file: a source, 500 m of pipe to a point, 500 m behind it; no end node is named."""
    source, point, end = (X, Y), (X + 500.0, Y), (X + 1000.0, Y)
    lines = [shapely.LineString([source, end])] if mid_pipe else [
        shapely.LineString([source, point]),
        shapely.LineString([end, point] if flipped else [point, end]),
    ]  # fmt: skip
    path = tmp_path / "raepa.gpkg"
    pipes = {"idcana": [f"C{row}" for row in range(1, len(lines) + 1)], "diametre": 150}
    gpd.GeoDataFrame(pipes, geometry=lines, crs=LAMBERT).to_file(path, layer="RAEPA_CANALAEP_L")
    ends = {"idappareil": ["FIN"], "fnappaep": ["02"], "z": [12.0], "_demand": [10.0]}
    places = [shapely.Point(end)]
    if fitting == "05":
        ends = {"idappareil": ["FIN", "REG"], "fnappaep": ["02", "05"], "z": [12.0, 12.0], "_demand": [10.0, None]}
        ends |= {name: [None, value] for name, value in device.items()}
        places.append(shapely.Point(point))
    gpd.GeoDataFrame(ends, geometry=places, crs=LAMBERT).to_file(path, layer="RAEPA_APPARAEP_P")
    works = {"idouvrage": ["CAPT"], "fnouvaep": ["05"], "z": [60.0]}
    places = [shapely.Point(source)]
    if fitting != "05":
        works = {"idouvrage": ["CAPT", "POMPE"], "fnouvaep": ["05", "01"], "z": [5.0, 10.0]}
        places.append(shapely.Point(point))
    gpd.GeoDataFrame(works, geometry=places, crs=LAMBERT).to_file(path, layer="RAEPA_OUVRAEP_P")
    return path


def completed(path):
    """Return what was imported, and the layers that a run reads."""
    imported = read_gis("raepa", path)
    town = complete(
        Territory("drawn", LAMBERT, dict(imported.layers), imported.columns), FactorTable({**NETWORK.factors}), 1
    )
    check_layers(town, [NETWORK])
    return imported, NETWORK.layers(town)


@pytest.mark.parametrize("shape", [{}, {"flipped": True}, {"mid_pipe": True}])
def test_a_pump_drawn_on_a_pipe_lifts_water_away_from_the_source(shape, tmp_path, english):
    imported, layers = completed(drawn(tmp_path, **shape))
    model = model_of(layers)
    (pump,) = model.pump_name_list
    results, _report, _file = run_epanet(model)
    assert results.link["flowrate"][pump].min() * 3600.0 == pytest.approx(10.0, abs=0.05)
    ends = imported.layers["water_pumps"].iloc[0]
    lift = results.node["head"][ends["to_node"]] - results.node["head"][ends["from_node"]]
    assert lift.min() > 5.0
    assert any("water_pumps" in note for note in imported.notes)
    junctions = imported.layers["water_junctions"].set_index("node_id")
    assert set(junctions["elevation"].drop("FIN").dropna()) == {10.0}


def test_a_regulator_drawn_as_a_point_holds_its_pressure(tmp_path, english):
    path = drawn(tmp_path, fitting="05", _setting=20.0)
    imported, layers = completed(path)
    found = solve(layers)
    assert found.pressure.min() > 0.0
    results, _report, _file = run_epanet(model_of(layers))
    valve = imported.layers["water_valves"].iloc[0]
    assert results.node["pressure"][valve["to_node"]].max() == pytest.approx(20.0, abs=0.01)
    assert valve["diameter"] == 150.0


def test_a_regulator_without_a_setting_is_open_and_told(tmp_path, english):
    imported = read_gis("raepa", drawn(tmp_path, fitting="05"))
    assert imported.layers["water_valves"]["status"].tolist() == ["open"]
    assert any("without a setting are open (REG)" in note for note in imported.notes)


def test_named_pipes_say_the_direction(tmp_path, english):
    path = drawn(tmp_path, fitting="05", idcanamont="C2", idcanaval="C1", _setting=20.0)
    valve = read_gis("raepa", path).layers["water_valves"].iloc[0]
    pipes = read_gis("raepa", path).layers["water_pipes"].set_index("pipe_id")
    assert valve["to_node"] == pipes.loc["C1", "to_node"]
    assert valve["from_node"] == pipes.loc["C2", "from_node"]


def test_a_pump_far_from_any_pipe_is_left_out_and_told(tmp_path, english):
    path = drawn(tmp_path)
    works = gpd.read_file(path, layer="RAEPA_OUVRAEP_P")
    works.geometry = [works.geometry[0], shapely.Point(X, Y + 900.0)]
    works.to_file(path, layer="RAEPA_OUVRAEP_P")
    imported = read_gis("raepa", path)
    assert "water_pumps" not in imported.layers
    assert any("left out (POMPE)" in note for note in imported.notes)


def test_hydrants_and_valves_of_raepa_are_layers_of_their_own(tmp_path):
    path = tmp_path / "raepa.gpkg"
    source, middle, end = (X, Y), (X + 500.0, Y), (X + 1000.0, Y)
    lines = [shapely.LineString([source, middle]), shapely.LineString([middle, end])]
    pipes = {"idcana": ["C1", "C2"], "diametre": 150}
    gpd.GeoDataFrame(pipes, geometry=lines, crs=LAMBERT).to_file(path, layer="RAEPA_CANALAEP_L")
    fittings = {
        "idappareil": ["VANNE", "FIN", "PI1", "PI2"],
        "fnappaep": ["03", "02", "06", "06"],
        "diametre": [150, 0, 100, 0],
        "z": [10.0, 12.0, 11.0, 11.0],
    }
    places = [shapely.Point(middle), shapely.Point(end), shapely.Point(X + 700.0, Y + 2.0), shapely.Point(X + 300.0, Y)]
    gpd.GeoDataFrame(fittings, geometry=places, crs=LAMBERT).to_file(path, layer="RAEPA_APPARAEP_P")
    works = {"idouvrage": ["CAPT"], "fnouvaep": ["05"], "z": [60.0]}
    gpd.GeoDataFrame(works, geometry=[shapely.Point(source)], crs=LAMBERT).to_file(path, layer="RAEPA_OUVRAEP_P")
    found = read_gis("raepa", path).layers
    # The valve is where two pipes meet: a node too; hydrants beside the main are none.
    assert set(found["water_junctions"]["node_id"]) == {"VANNE", "FIN"}
    assert list(found["water_isolation_valves"]["isolation_valve_id"]) == ["VANNE"]
    hydrants = found["water_hydrants"].set_index("hydrant_id")
    assert hydrants["diameter"]["PI1"] == 100.0
    assert np.isnan(hydrants["diameter"]["PI2"])
    (again,) = write_gis("raepa", found, tmp_path / "again.gpkg")
    back = read_gis("raepa", again).layers
    for name in ("water_junctions", "water_hydrants", "water_isolation_valves", "water_pipes"):
        key = NETWORK.attributes.identifier(name)
        assert sorted(back[name][key]) == sorted(found[name][key]), name

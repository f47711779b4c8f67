"""Water networks in other people's formats: read, written, read back, with the same hydraulics."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from water_kit import LAMBERT, ORIGIN, data_file, grid, layers_like, valve_grid
from wntr.library import ModelLibrary

from jumeau.engine.checks import check_layers
from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.i18n import language
from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet import read_inp, write_inp
from jumeau.networks.water.formats.gis_reading import read_gis
from jumeau.networks.water.formats.gis_writing import write_gis
from jumeau.networks.water.layout.synthesis import complete
from jumeau.networks.water.physics.epanet_ready import ready
from jumeau.networks.water.physics.epanet_results import run_text
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.territory.model import Territory

GIS = ("raepa", "stareau")


def library(name):
    """Return the path of a network that comes with wntr."""
    return ModelLibrary().get_filepath(name)


def answers(layers):
    """Return pressures and flows over a day, by EPANET."""
    file = ready(layers_like(**layers), 24 * 3600)
    results, _report = run_text(file.text, file.units)
    return results.node["pressure"], results.link["flowrate"]


def same_hydraulics(before, after):
    """Pressures and flows agree to 0.1 %."""
    for ours, theirs in zip(answers(before), answers(after), strict=True):
        gap = np.abs(ours - theirs[ours.columns]).to_numpy()
        assert gap.max() <= 1e-3 * np.abs(ours.to_numpy()).max()


@pytest.mark.parametrize("name", ["Net3", "ky4"])
def test_written_as_inp_and_read_back(name, tmp_path):
    layers = read_inp(library(name), LAMBERT).layers
    path = write_inp(layers, tmp_path / "again.inp")
    again = read_inp(path, LAMBERT).layers
    same_hydraulics(layers, again)
    assert write_inp(again, tmp_path / "third.inp").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("standard", GIS)
@pytest.mark.parametrize("name", ["Net3", "ky4"])
def test_written_in_gis_form_and_read_back(name, standard, tmp_path):
    layers = read_inp(library(name), LAMBERT).layers
    (path,) = write_gis(standard, layers, tmp_path / "network.gpkg")
    imported = read_gis(standard, path)
    same_hydraulics(layers, imported.layers)
    assert len(imported.layers["water_pipes"]) == len(layers["water_pipes"])


@pytest.mark.data
@pytest.mark.parametrize("standard", GIS)
def test_l_town_survives_both_gis_forms(standard, tmp_path):
    file = data_file("L-TOWN.inp")
    if not file.is_file():
        pytest.skip("no open data here: set JUMEAU_DATA")
    layers = read_inp(file, LAMBERT).layers
    (path,) = write_gis(standard, layers, tmp_path / "network.gpkg")
    same_hydraulics(layers, read_gis(standard, path).layers)


@pytest.mark.parametrize("standard", GIS)
def test_layers_and_codes_are_those_of_the_standard(standard, tmp_path):
    layers = valve_grid(50.0)
    layers["water_pipes"]["material"] = "ductile_iron"
    (path,) = write_gis(standard, layers, tmp_path / "network.gpkg")
    names = set(gpd.list_layers(path)["name"])
    pipes = gpd.read_file(path, layer="RAEPA_CANALAEP_L" if standard == "raepa" else "aep_canalisation")
    if standard == "raepa":
        assert {"RAEPA_CANALAEP_L", "RAEPA_APPARAEP_P", "RAEPA_OUVRAEP_P"} <= names
        assert {"idcana", "idnini", "idnterm", "longcana", "diametre", "materiau"} <= set(pipes.columns)
        assert set(pipes["materiau"]) == {"11"} or pipes["materiau"].notna().all()
    else:
        assert {"aep_canalisation", "aep_raccord"} <= names
        assert {"id_canalisation", "noeudinitial", "noeudterminal", "materiau"} <= set(pipes.columns)


def bare_raepa(tmp_path, **changes):
    """Write a RAEPA file as a commune would hand it over: labels, no end nodes, capitals, no heights."""
    layers = grid(side=4)
    pipes = layers["water_pipes"]
    columns = {
        "IDCANA": pipes["pipe_id"],
        "MATERIAU": ["Fonte ductile", "PVC", "11", None] * 6 + ["PEHD"],
        "DIAMETRE": 100.0,
        "ANFINPOSE": 1987,
        "FONCCANAEP": "02",
    } | changes
    frame = gpd.GeoDataFrame(columns, geometry=pipes.geometry, crs=LAMBERT)
    x, y = ORIGIN
    source = gpd.GeoDataFrame(
        {"IDOUVRAGE": ["CAPTAGE"], "FNOUVAEP": ["02"]}, geometry=[shapely.Point(x - 100.0, y)], crs=LAMBERT
    )
    path = tmp_path / "raepa.gpkg"
    frame.to_file(path, layer="raepa_canalaep_l")
    source.to_file(path, layer="RAEPA_OUVRAEP_P")
    return path


def test_a_bare_raepa_file_becomes_a_network_that_epanet_solves(tmp_path, english):
    imported = read_gis("raepa", bare_raepa(tmp_path))
    pipes = imported.layers["water_pipes"]
    assert len(imported.layers["water_junctions"]) == 16  # ends snapped
    assert pipes[["from_node", "to_node"]].notna().all(axis=None)
    assert set(pipes["material"].dropna()) == {"ductile_iron", "pvc", "hdpe"}
    notes = " ".join(imported.notes)
    assert "layers that are not there" in notes
    assert "end" in notes  # what was rebuilt is told
    town = Territory("bare", LAMBERT, dict(imported.layers), imported.columns)
    made = complete(town, FactorTable({**NETWORK.factors}), 1)
    check_layers(made, [NETWORK])
    # No demand and no address: the usual density tells connections, so that their meters can be read.
    assert len(made.layers["water_connections"]) == made.layers["water_pipes"]["connections"].sum() > 0
    found = solve(NETWORK.layers(made))
    assert found.pressure.min() > 10.0


def test_ends_within_forty_centimetres_are_one_node(tmp_path):
    layers = grid(side=3)
    lines = layers["water_pipes"].geometry.to_numpy()
    rng = np.random.default_rng(2)
    moved = [shapely.transform(line, lambda xy: xy + rng.uniform(-0.12, 0.12, xy.shape)) for line in lines]
    path = tmp_path / "r.gpkg"
    gpd.GeoDataFrame({"idcana": range(len(moved)), "diametre": 100.0}, geometry=moved, crs=LAMBERT).to_file(
        path, layer="RAEPA_CANALAEP_L"
    )
    imported = read_gis("raepa", path)
    assert len(imported.layers["water_junctions"]) == 10  # nine crossings and the end towards the source


def test_a_gis_file_without_pipes_is_refused(tmp_path, english):
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=LAMBERT).to_file(tmp_path / "x.gpkg", layer="x")
    with pytest.raises(InputError, match="no layer of pipes") as caught:
        read_gis("raepa", tmp_path / "x.gpkg")
    assert "RAEPA_CANALAEP_L" in caught.value.problems[0].hint


def inp(tmp_path, old="", new="", name="Net1"):
    """Return a copy of a network of wntr with one change."""
    text = Path(library(name)).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "changed.inp"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


PIPE = "11              \t11              \t12              \t5280        \t14          \t100"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PIPE, PIPE.replace("5280", "-5280"), {"fr": ["11", "inférieure à zéro", "length", "-5280"],
                                               "en": ["below zero", "length"]}),
        (PIPE, PIPE.replace("\t14 ", "\t0 "), {"fr": ["diameter"], "en": ["a value of zero", "diameter"]}),
        (PIPE, PIPE.replace("\t12 ", "\t99 "), {"fr": ["99"], "en": ["a node that is nowhere", "99"]}),
        (PIPE, PIPE.replace("5280", "long"), {"fr": ["long"], "en": ["not a number", "long"]}),
        (PIPE, PIPE + "\n" + PIPE, {"fr": ["11"], "en": ["stands already in line"]}),
        ("[PIPES]", "[PIPS]", {"fr": ["PIPS"], "en": ["unknown section", "PIPS"]}),
        ("GPM", "LITRES", {"fr": ["LITRES"], "en": ["unknown unit of flow", "LITRES"]}),
    ],
)  # fmt: skip
def test_a_faulty_inp_is_told_with_its_line(tmp_path, old, new, words):
    path = inp(tmp_path, old, new)
    for tongue, said in words.items():
        with language(tongue), pytest.raises(InputError) as caught:
            read_inp(path, LAMBERT)
        text = str(caught.value)
        assert all(word in text for word in said), text
        assert caught.value.problems[0].line
        assert str(path) in text


def test_a_missing_pattern_is_told_with_its_line(tmp_path, english):
    path = inp(tmp_path, "\t150         \t                \t;", "\t150         \tdomestic        \t;")
    with pytest.raises(InputError, match="pattern that is nowhere") as caught:
        read_inp(path, LAMBERT)
    assert caught.value.problems[0].value == "domestic"


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02binary", b"hello", b"[TITLE]\nnothing"])
def test_what_is_no_inp_is_refused(tmp_path, content, english):
    path = tmp_path / "x.inp"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not an EPANET file"):
        read_inp(path, LAMBERT)


def test_a_missing_file_is_refused(tmp_path, english):
    with pytest.raises(InputError, match="cannot be read"):
        read_inp(tmp_path / "none.inp", LAMBERT)


def test_coordinates_can_be_scaled_and_moved():
    plain = read_inp(library("Net1"), LAMBERT).layers["water_junctions"].geometry
    moved = read_inp(library("Net1"), LAMBERT, offset=(1000.0, 2000.0), scale=10.0).layers["water_junctions"].geometry
    assert moved.x.to_numpy() == pytest.approx(plain.x.to_numpy() * 10.0 + 1000.0)
    assert moved.y.to_numpy() == pytest.approx(plain.y.to_numpy() * 10.0 + 2000.0)


def test_observed_values_of_an_inp_stay_through_imputation():
    imported = read_inp(library("Net3"), LAMBERT)
    layers = imported.layers
    town = Territory("net3", LAMBERT, dict(imported.layers), imported.columns)
    made = complete(town, FactorTable({**NETWORK.factors}), 1).layers
    for layer, columns in {
        "water_pipes": ["diameter", "length", "roughness"],
        "water_junctions": ["elevation", "demand"],
        "water_tanks": ["diameter", "maximum_level"],
    }.items():
        for column in columns:
            assert np.allclose(made[layer][column], layers[layer][column]), (layer, column)

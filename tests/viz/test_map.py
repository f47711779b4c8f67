"""The map of a run: tables, styles and project, against the page's own scales and by hand."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import pairwise
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import small_town
from jumeau_viz import run_folder
from jumeau_viz.open_run import open_run
from jumeau_viz.palettes import Scale
from jumeau_viz.probe import Probe
from jumeau_viz.qgis import write_map
from jumeau_viz.qgis.changes import changes

from jumeau.cli import main
from jumeau.i18n import language
from jumeau.results.run_id import check_one_run

ADDED, GONE = "L9001", ("L0000", "L0001")
SAME, NEW_NIGHTS = "L0150", "L0151"


def variant():
    """The lamps of the variant: two are gone, one is new, the eastern ones stay as they are, one gets other nights."""
    lamps = small_town.lamps(4, variant=True)
    before = small_town.lamps(4)
    east = lamps["energy"] == before["energy"]
    lamps.loc[east, ["dark_nights"]] = before.loc[east, ["dark_nights"]]
    new = lamps.iloc[[5]].assign(lamp_id=ADDED)
    lamps = lamps[~lamps["lamp_id"].isin(GONE)]
    return gpd.GeoDataFrame(gpd.pd.concat([lamps, new], ignore_index=True), crs=small_town.CRS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    small_town.write_run(folder)
    variant().to_file(folder / "assets.gpkg", layer="lighting_lamps__led", driver="GPKG")
    devices = small_town.lamps(4).iloc[:6][["geometry"]].assign(
        device_id=[f"d{number}" for number in range(6)], kind=["led_luminaire"] * 3 + ["motion_sensor"] * 3,
        label=["LED luminaire"] * 3 + ["Motion sensor"] * 3, observes="", measure="lighting.led_retrofit",
        layer="lamps", asset_id="x", messages_per_day=0.0, power=0.0,
    )  # fmt: skip
    devices.to_file(folder / "assets.gpkg", layer="lighting_devices__led", driver="GPKG")
    write_map(open_run(folder))
    return folder


@pytest.fixture(scope="module")
def drawn(folder):
    return open_run(folder).layers[0]


def styles(path):
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute(
            "SELECT f_table_name, styleName, styleQML, styleSLD, useAsDefault, f_geometry_column FROM layer_styles"
        ).fetchall()
    return {(row[0], row[1]): row[2:] for row in rows}


def ranges(root):
    """Breaks, labels and colours of a graduated renderer."""
    renderer = root if root.tag == "renderer-v2" else root.find("renderer-v2")
    colours = {
        symbol.get("name"): symbol.findall(".//Option[@name='color']")[0].get("value")
        for symbol in renderer.find("symbols")
    }
    return [
        (float(item.get("lower")), float(item.get("upper")), item.get("label"), colours[item.get("symbol")])
        for item in renderer.find("ranges")
    ]


def parsed(text):
    """Our own XML, without its document type."""
    return ET.fromstring(text.split("\n", 1)[1] if text.startswith("<!") else text)  # noqa: S314


def project(folder):
    return parsed((folder / "jumeau.qgs").read_text(encoding="utf-8"))


def layer(root, key):
    return next(item for item in root.find("projectlayers") if item.find("id").text == f"jumeau_{key}")


def test_bands_are_the_ticks_and_colours_of_the_scale():
    scale = Scale.changes([np.append(np.linspace(-40.0, 30.0, 99), -900.0)])
    bands = scale.bands()
    assert bands[0].low == -np.inf
    assert [band.high for band in bands] == list(scale.ticks[1:])
    for band, (low, high) in zip(bands, pairwise(scale.ticks), strict=True):
        assert band.colour == tuple(scale.colours(np.array([(low + high) / 2]))[0].tolist())
    plain = Scale.sequential([np.array([0.0, 100.0])], "viridis")
    assert [band.label.split(" à ") for band in plain.bands()] == [list(pair) for pair in pairwise(plain.tick_labels())]


def test_styles_of_the_results_are_those_of_the_page(folder, drawn):
    found = styles(folder / "assets.gpkg")
    tables = {f"lighting_lamps__{name}" for name in ("baseline", "led")}
    assert {table for table, _name in found} == tables
    for table in tables:
        for place, indicator in enumerate(drawn.indicators):
            name = next(name for owner, name in found if owner == table and found[owner, name][2] == 1 - place)
            qml, sld, _default, column = found[table, name]
            assert column == "geom"
            bands = drawn.scale(indicator).bands()
            root = parsed(qml)
            assert root.find("renderer-v2").get("attr") == indicator.name
            assert ranges(root) == [
                (
                    band.low,
                    band.high if np.isfinite(band.high) else 1e30,
                    band.label,
                    "{},{},{},255".format(*band.colour),
                )
                for band in bands
            ]
            rules = parsed(sld).findall(".//{http://www.opengis.net/se}Rule")
            assert [rule.find("{http://www.opengis.net/se}Name").text for rule in rules] == [
                band.label for band in bands
            ]
            fills = [rule.find(".//*[@name='fill']").text for rule in rules]
            assert fills == ["#{:02x}{:02x}{:02x}".format(*band.colour) for band in bands]


def test_columns_are_named_in_french_with_their_units(folder):
    root = layer(project(folder), "lighting_lamps__baseline__energy")
    names = {item.get("field"): item.get("name") for item in root.find("aliases")}
    assert names["energy"] == "Électricité [kWh]"
    assert names["height"] == "Hauteur de feu [m]"
    assert names["lamp_id"] == "Identifiant de la lampe"


def test_every_column_that_tables_declare_is_said_in_french():
    from jumeau.i18n import _
    from jumeau.network import discover
    from jumeau.territory.model import SHARED

    tables = [SHARED, *(network.attributes for network in discover().values())]
    missing = {
        row.description
        for table in tables
        for row in (*table.rows, *table.outputs())
        if row.type != "geometry" and _(row.description) == row.description
    }
    assert not missing


def test_differences_hold_what_changed_and_nothing_else(folder):
    found = gpd.read_file(folder / "map.gpkg", layer="lighting_lamps__led__difference").set_index("lamp_id")
    before = small_town.lamps(4).set_index("lamp_id")
    after = variant().set_index("lamp_id")
    both = before.index.intersection(after.index)
    moved = both[
        (before.loc[both, "energy"] != after.loc[both, "energy"])
        | (before.loc[both, "dark_nights"] != after.loc[both, "dark_nights"])
    ]
    assert 0 < len(moved) < len(both)
    assert set(found.index) == {*moved, ADDED, *GONE}
    assert found["change"].to_dict() == {
        **dict.fromkeys(moved, "changed"),
        ADDED: "added",
        **dict.fromkeys(GONE, "removed"),
    }
    for name in ("energy", "dark_nights"):
        expected = after.loc[moved, name] - before.loc[moved, name]
        assert found.loc[moved, f"{name}_difference"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-9)
    assert found.loc[ADDED, ["energy_before", "energy_difference"]].isna().all()
    assert found.crs == small_town.CRS
    assert found.geometry.loc[moved].geom_equals(before.geometry.loc[moved]).all()


def test_dust_is_no_change(scene, appearance):
    from jumeau_viz.assets import build_assets

    lamps = small_town.lamps()
    dusty = lamps.assign(energy=lamps["energy"] * (1 + 1e-14))
    built = build_assets("lighting", appearance, {"baseline": lamps, "led": dusty}, scene)
    assert len(changes(built, "led")) == 0


def test_the_project_groups_layers_by_network_and_situation(folder):
    root = project(folder)
    assert root.find("title").text == small_town.PROVENANCE["scenario"]["title"]["fr"]
    assert root.find("projectCrs/spatialrefsys/authid").text == small_town.CRS
    tree = root.find("layer-tree-group")
    networks = tree.findall("layer-tree-group")
    assert [item.get("name") for item in networks] == ["Éclairage public", "Territoire"]
    assert [item.get("name").split("\N{NO-BREAK SPACE}")[0] for item in networks[0].findall("layer-tree-group")] == [
        "Avant", "Après", "Écart, après moins avant",
    ]  # fmt: skip
    shown = [item.get("id") for item in tree.iter("layer-tree-layer") if item.get("checked") == "Qt::Checked"]
    assert shown[0] == "jumeau_lighting_lamps__baseline__energy"
    assert {"jumeau_streets__all", "jumeau_buildings__all"} < set(shown)
    assert not any("led" in name for name in shown)
    keys = [item.find("id").text for item in root.find("projectlayers")]
    assert len(keys) == len(set(keys))
    assert all(len(key) > 10 for key in keys)  # QGIS passes over shorter ones
    for item in root.iter("datasource"):
        file, table = item.text.split("|")[:2]
        assert file in ("./assets.gpkg", "./map.gpkg")
        assert len(gpd.read_file(folder / file, layer=table.removeprefix("layername=")))


def test_devices_are_called_in_the_language_of_the_map(folder):
    root = layer(project(folder), "lighting_devices__led__kind")
    labels = [item.get("label") for item in root.findall(".//category")]
    assert labels == ["Luminaire LED", "Détecteur de présence"]
    assert "Luminaire LED" in set(gpd.read_file(folder / "map.gpkg", layer="lighting_devices__led")["label"])


def test_a_variant_that_only_installs_something_is_there(tmp_path):
    small_town.write_run(tmp_path)
    same = small_town.lamps(4)
    same.to_file(tmp_path / "assets.gpkg", layer="lighting_lamps__watched", driver="GPKG")
    sensors = gpd.GeoDataFrame(
        {"kind": ["sensor"], "label": ["Motion sensor"], "observes": [""]}, geometry=same.geometry[:1]
    )
    sensors.to_file(tmp_path / "assets.gpkg", layer="lighting_devices__watched", driver="GPKG")
    write_map(open_run(tmp_path))
    keys = {item.find("id").text for item in project(tmp_path).find("projectlayers")}
    assert "jumeau_lighting_devices__watched__kind" in keys
    assert not any("lamps__watched" in key for key in keys)  # it changes no lamp


def test_drawing_again_gives_the_same_bytes_and_the_results_stay(folder):
    names = ("assets.gpkg", "map.gpkg", "jumeau.qgs")
    before = {name: (folder / name).read_bytes() for name in names}
    write_map(open_run(folder))
    assert {name: (folder / name).read_bytes() for name in names} == before
    check_one_run(folder)
    lamps = gpd.read_file(folder / "assets.gpkg", layer="lighting_lamps__led")
    assert lamps["energy"].to_numpy() == pytest.approx(variant()["energy"].to_numpy())


def test_a_map_that_cannot_be_finished_leaves_the_results_as_they_were(tmp_path, monkeypatch):
    small_town.write_run(tmp_path)
    before = (tmp_path / "assets.gpkg").read_bytes()
    run = open_run(tmp_path)

    def full(*_words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jumeau_viz.qgis.storage.shutil.copyfile", full)
    from jumeau.errors import InputError

    with pytest.raises(InputError, match="disque est plein"):
        write_map(run)
    assert (tmp_path / "assets.gpkg").read_bytes() == before
    assert not (tmp_path / "jumeau.qgs").exists()
    assert not list(tmp_path.glob(".jumeau-*"))


def test_hostile_titles_are_still_xml(tmp_path):
    small_town.write_run(tmp_path)
    written = json.loads((tmp_path / "provenance.json").read_text(encoding="utf-8"))
    written["variants"]["led"]["title"] = 'LED <b>&"\x1b[31m\uffff'
    (tmp_path / "provenance.json").write_text(json.dumps(written), encoding="utf-8")
    write_map(open_run(tmp_path))
    names = [item.get("name") for item in project(tmp_path).iter("layer-tree-group")]
    assert any('LED <b>&"' in str(name) and "\x1b" not in str(name) for name in names)


def test_the_command_writes_what_it_is_asked_for(tmp_path, monkeypatch, capsys):
    small_town.write_run(tmp_path)
    monkeypatch.setattr(run_folder, "probe", lambda: Probe(works=False, reason="crash"))
    monkeypatch.setattr("jumeau.results.storage.check_results", lambda _folder: None)
    with language("fr"):
        assert main(["render", str(tmp_path), "--gltf", "--tiles", "--lang", "en"]) == 0
    assert "scene_en.html" in capsys.readouterr().out
    listed = (tmp_path / "run.log").read_text(encoding="utf-8")
    for name in ("town.glb", "tileset.json", "map.gpkg", "jumeau.qgs", "scene_fr.html"):
        assert name in listed
    assert project(tmp_path).find("title").text == small_town.PROVENANCE["scenario"]["title"]["en"]

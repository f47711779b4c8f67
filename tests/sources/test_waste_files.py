"""Containers in other people's formats."""

import json
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.networks.waste.formats.compiegne import read_compiegne
from jumeau.networks.waste.formats.fiware import read_fiware
from jumeau.networks.waste.formats.osm import read_osm

DATA = Path(os.environ.get("JUMEAU_DATA", "../shared/data"))

NORMALISED = {
    "id": "urn:ngsi-ld:WasteContainer:1",
    "type": "WasteContainer",
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [3.87, 43.61]}},
    "storedWasteKind": {"type": "Property", "value": ["glass"]},
    "fillingLevel": {"type": "Property", "value": 0.4},
    "category": {"type": "Property", "value": ["underground"]},
    "refWasteContainerModel": {"type": "Relationship", "object": "urn:model:1"},
    "isleId": {"type": "Property", "value": "A"},
}
MODEL = {"id": "urn:model:1", "type": "WasteContainerModel", "cargoVolume": 5000}
KEY_VALUES = {
    "id": "2",
    "type": "WasteContainer",
    "location": {"type": "Point", "coordinates": [3.871, 43.611]},
    "storedWasteKind": "organic",
    "binCapacity": 240,
    "category": "portable",
}


def written(folder, content, name="bins.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_fiware_normalised_and_key_values(tmp_path):
    found = read_fiware(written(tmp_path, [NORMALISED, MODEL, KEY_VALUES])).layers["waste_containers"]
    assert list(found["stream"]) == ["glass", "biowaste"]
    assert list(found["volume"]) == [5000.0, 240.0]
    assert list(found["kind"]) == ["buried", "wheeled_bin"]
    assert list(found["sensor"]) == [True, False]
    assert found["site_id"].iloc[0] == "A"
    assert found.geometry.iloc[0].equals(shapely.Point(3.87, 43.61))


def test_fiware_one_entity_per_line(tmp_path):
    text = "\n".join(json.dumps(item) for item in (NORMALISED, MODEL, KEY_VALUES))
    assert len(read_fiware(written(tmp_path, text)).layers["waste_containers"]) == 2


def test_fiware_says_what_it_leaves_out(tmp_path, english):
    battery = {**KEY_VALUES, "id": "3", "storedWasteKind": "batteries"}
    found = read_fiware(written(tmp_path, [KEY_VALUES, battery]))
    assert len(found.layers["waste_containers"]) == 1
    assert "1" in found.notes[0]


def test_fiware_without_a_place_is_named(tmp_path, english):
    with pytest.raises(InputError) as error:
        read_fiware(written(tmp_path, [{**KEY_VALUES, "location": None}]))
    assert error.value.problems[0].features == ("2",)


def test_fiware_that_is_no_json_tells_the_line(tmp_path, english):
    with pytest.raises(InputError) as error:
        read_fiware(written(tmp_path, '[{"id": 1},\n oops]'))
    assert error.value.problems[0].line == 2


def test_compiegne_joins_containers_to_their_places(tmp_path):
    places = gpd.GeoDataFrame(
        {"idlieu": [1, 2], "adresse": ["Rue A", None]},
        geometry=[shapely.Point(686_000, 6_924_000), shapely.Point(687_000, 6_924_000)],
        crs=2154,
    )
    path = tmp_path / "tri.gpkg"
    places.to_file(path, layer="geo_dec_pav_lieu")
    containers = pd.DataFrame({"idcont": [10, 11, 12], "idlieu": [1, 1, 2], "model": ["Verre", "Textile", "Verre"]})
    gpd.GeoDataFrame(containers, geometry=[None] * 3, crs=2154).to_file(path, layer="an_dec_pav_cont")
    found = read_compiegne(path, None, 3000.0)
    columns = found.layers["waste_containers"]
    assert list(columns["container_id"]) == ["10", "12"]
    assert set(columns["stream"]) == {"glass"}
    assert set(columns["volume"]) == {3000.0}
    told = found.columns.set_index(["layer", "column"])["origin"]
    assert told["waste_containers", "volume"] == "imputed"
    assert told["waste_containers", "container_id"] == "observed"


def test_compiegne_containers_at_unknown_places_are_named(tmp_path, english):
    (tmp_path / "geo_dec_pav_lieu.csv").write_text("idlieu;x_l93;y_l93\n1;686000,5;6924000\n", encoding="utf-8")
    (tmp_path / "an_dec_pav_cont.csv").write_text("idcont;idlieu\n10;1\n11;9\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_compiegne(tmp_path, None, 4000.0)
    assert error.value.problems[0].features == ("11",)


def test_compiegne_folder_with_coordinates(tmp_path):
    (tmp_path / "geo_dec_pav_lieu.csv").write_text("idlieu;x_l93;y_l93\n1;686000,5;6924000\n", encoding="utf-8")
    (tmp_path / "an_dec_pav_cont.csv").write_text("idcont;idlieu\n10;1\n", encoding="utf-8")
    found = read_compiegne(tmp_path, None, 4000.0).layers["waste_containers"]
    assert found.geometry.iloc[0].x == 686_000.5


OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="43.61" lon="3.87" version="1"><tag k="amenity" v="recycling"/><tag k="recycling_type" v="container"/>
<tag k="recycling:glass_bottles" v="yes"/><tag k="recycling:paper" v="yes"/></node>
<node id="2" lat="43.62" lon="3.88" version="1"><tag k="amenity" v="waste_disposal"/></node>
<node id="3" lat="43.62" lon="3.89" version="1"><tag k="amenity" v="recycling"/>
<tag k="recycling_type" v="centre"/></node>
<node id="4" lat="43.62" lon="3.89" version="1"><tag k="amenity" v="cafe"/></node>
</osm>"""


def test_osm_file(tmp_path):
    found = read_osm(written(tmp_path, OSM, "town.osm"), 4000.0)
    columns = found.layers["waste_containers"]
    assert sorted(columns["stream"]) == ["glass", "paper", "residual"]
    assert len(found.layers["waste_sites"]) == 2
    assert len(found.notes) == 1


@pytest.mark.skipif(not (DATA / "montpellier").is_dir(), reason="no open data here")
def test_recycling_points_of_montpellier():
    file = DATA / "montpellier" / "OSM_MTP_Recyclage.geojson"
    found = read_osm(file, 4000.0).layers["waste_containers"]
    read = gpd.read_file(file)
    tagged = (read["recycling:glass"] == "yes") | (read["recycling:glass_bottles"] == "yes")
    assert (found["stream"] == "glass").sum() == tagged.sum()

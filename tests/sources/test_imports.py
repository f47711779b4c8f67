"""What a territory file says of networks in other formats: keys of each format, and those of all."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point
from small_files import plain
from wntr.library import ModelLibrary

from jumeau.engine.territory import build_territory
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.sources.build import build_from_files
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.imports import _only

NET = ModelLibrary().get_filepath("Net1")
OSM = """<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="43.61" lon="3.87" version="1"><tag k="amenity" v="recycling"/><tag k="recycling_type" v="container"/>
<tag k="recycling:glass_bottles" v="yes"/></node></osm>"""


def file(folder, *lines, head=("name: town", "source: commune", "imports:")):
    path = folder / "town.yaml"
    path.write_text("\n".join((*head, *lines)) + "\n", encoding="utf-8")
    return path


def built(folder, *lines):
    return build_territory(file(folder, *lines), synthesise=False)[0]


@pytest.mark.parametrize(
    ("lines", "line", "english", "french"),
    [
        (("- file: net.inp", "  format: epanett"), 5, ["imports[0].format", "you mean « epanet »?"], ["« epanet »"]),
        (("- file: x", "  format: gmns", "  volume: 2 m3"), 6,
         ["imports[0].volume: unknown key « volume »", "it goes with: fiware_waste, compiegne_waste, osm_waste"],
         ["clé inconnue « volume »", "fiware_waste, compiegne_waste, osm_waste"]),
        (("- {format: epanet, file: x}", "- format: epanet", "  length_unit: km", "  file: x"), 6,
         ["imports[1].length_unit", "it goes with: tntp"], ["tntp"]),
        (("- format: raepa", "  file: x", "  scale: 2"), 6, ["imports[0].scale", "epanet"], ["epanet"]),
        (("- format: tntp", "  fille: x"), 5, ["unknown key « fille »", "did you mean « file »?"], ["« file »"]),
        (("- format: tntp", "  file: x", "  length_unit: league"), 6, ["m, km, ft, mile"], ["m, km, ft, mile"]),
        (("- format: osm_waste", "  file: x", "  volume: 4000"), 6, ["4000 has no unit"], ["4000"]),
        (("- format: osm_waste", "  file: x", "  volume: 5 l"), 6, ["below the minimum"], ["5 l"]),
        (("- format: epanet", "  file: x", "  scale: 0"), 6, ["must be above 0"], ["supérieur à 0"]),
        (("- format: epanet", "  file: x", "  crs: EPSG:1"), 6, ["unknown CRS « EPSG:1 »"], ["« EPSG:1 »"]),
        (("- file: x",), 4, ["the key « format » is missing"], ["la clé « format » manque"]),
        (("- format: fiware_waste",), 4, ["the key « file » is missing"], ["la clé « file » manque"]),
    ],
)  # fmt: skip
def test_entries_that_cannot_be_used(tmp_path, lines, line, english, french):
    path = file(tmp_path, *lines)
    for lang, words in (("en", english), ("fr", french)):
        with language(lang), pytest.raises(InputError) as caught:
            build_territory(path)
        text = plain(caught.value)
        assert f"town.yaml:{line}: imports[" in text
        assert all(word in text for word in words), text


def test_keys_of_a_format_reach_its_reader(tmp_path):
    here = built(tmp_path, f"- {{format: epanet, file: {NET}}}").layers["water_junctions"].geometry
    moved = f"- {{format: epanet, file: {NET}, scale: 2, offset: [10, 20]}}"
    there = built(tmp_path, moved).layers["water_junctions"].geometry
    assert there.x.to_numpy() == pytest.approx(2.0 * here.x.to_numpy() + 10.0)
    assert there.y.to_numpy() == pytest.approx(2.0 * here.y.to_numpy() + 20.0)


def test_sources_are_those_stated_but_for_what_a_reader_guessed(tmp_path):
    (tmp_path / "town.osm").write_text(OSM, encoding="utf-8")
    territory = built(
        tmp_path,
        "- {format: osm_waste, file: town.osm, volume: 2 m3, licence: ODbL}",
        f"- {{format: epanet, file: {NET}, source: water board}}",
    )
    assert territory.layers["waste_containers"]["volume"].tolist() == [2000.0]
    said = territory.columns.set_index(["layer", "column"])
    columns = ["origin", "source", "licence"]
    assert said.loc[("waste_containers", "volume"), columns].tolist() == ["imputed", "-", "ODbL"]
    assert said.loc[("waste_containers", "stream"), columns].tolist() == ["observed", "commune", "ODbL"]
    assert said.loc[("water_pipes", "diameter"), columns].tolist() == ["observed", "water board", ""]


def test_a_reader_names_the_source_where_nobody_does(tmp_path, english):
    path = file(tmp_path, f"- {{format: epanet, file: {NET}}}", head=("name: town", "imports:"))
    said = build_territory(path, synthesise=False)[0].columns
    assert set(said["source"]) == {f"EPANET file {Path(NET).name}"}


def test_a_layer_that_two_sources_give_is_refused(tmp_path, english):
    with pytest.raises(InputError, match="the layer is given twice"):
        built(tmp_path, f"- {{format: epanet, file: {NET}}}", f"- {{format: epanet, file: {NET}}}")


def test_without_formats_nothing_can_be_imported(tmp_path, english):
    """Formats come from the networks: sources know none."""
    with pytest.raises(InputError, match=r"town\.yaml:3: imports: at most 0 item"):
        build_from_files(file(tmp_path, "- {format: epanet, file: x}"))


def test_only_the_layers_asked_for_are_taken():
    """A file of several layers may be asked for some; one that it does not have is told with those that it has."""
    layers = {name: gpd.GeoDataFrame({"id": ["1"]}, geometry=[Point(0, 0)], crs=2154) for name in ("bins", "trucks")}
    found = Imported(layers, observed_columns(layers, "commune"))
    taken = _only(found, ("bins",), "town.osm")
    assert list(taken.layers) == ["bins"]
    assert set(taken.columns["layer"]) == {"bins"}
    with pytest.raises(InputError, match="lamps"):
        _only(found, ("lamps",), "town.osm")

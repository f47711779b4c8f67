"""A territory is cut to its border: lengths and areas by closed forms, gates where roads leave, ids that last."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.lighting.tables import ATTRIBUTES as LIGHTING
from jumeau.sources.build import build_from_files
from jumeau.territory.cropping import ALONG, crop, cut_streets
from jumeau.territory.crs import usual_crs
from jumeau.territory.model import COLUMN_FIELDS, Territory

AREA = shapely.box(0.0, 0.0, 100.0, 100.0)


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=2154)


def test_streets_are_cut_in_the_direction_in_which_they_are_drawn():
    lines = [
        shapely.LineString([(50, 50), (300, 50)]),
        shapely.LineString([(-200, 20), (300, 20)]),
        shapely.LineString([(0, -ALONG / 2), (100, -ALONG / 2)]),
        shapely.LineString([(20, 80), (20, 300), (40, 300), (40, 10)]),
        shapely.LineString([(50, 300), (50, 50), (300, 50), (300, 90), (30, 90), (30, 300)]),
    ]
    streets = frame(
        lines, street_id=list("abcde"), lanes=[1, 2, 3, 4, 5], from_node=list("12345"), to_node=list("ABCDE")
    )
    cut = cut_streets(streets, AREA)
    length = dict(zip(cut["street_id"], cut.length, strict=True))
    expected = {"a": 60.0, "b": 120.0, "c": 100.0, "d": 100.0, "d/2": 30.0, "e": 120.0, "e/2": 100.0}
    assert length == pytest.approx(expected)
    assert cut["lanes"].dtype == streets["lanes"].dtype
    rows = cut.set_index("street_id")
    assert shapely.get_coordinates(rows.loc["b", "geometry"])[:, 0].tolist() == [-ALONG, 100.0 + ALONG]
    ends = rows[["from_node", "to_node"]].astype(object).fillna("")
    assert [ends.loc[name].tolist() for name in "acd"] == [["1", ""], ["3", "C"], ["", "D"]]


def test_what_is_named_stays_and_what_lies_outside_goes():
    points = shapely.points([(10, 10), (90, 90), (500, 10)])
    layers = {
        "streets": frame([shapely.LineString([(0, 10), (90, 10)]), shapely.LineString([(400, 0), (600, 0)])],
                         street_id=["s", "t"]),
        "green": frame([shapely.box(50, 50, 150, 100), shapely.box(200, 0, 300, 10)], green_id=["g", "h"]),
        "zones": frame([shapely.box(0, 0, 100, 110), shapely.box(-1000, 0, 100, 100)], zone_id=["q", "d"]),
        "lamps": frame(points, lamp_id=list("xyz"), cabinet_id=["near", "far", "far"], street_id=["s", "t", "t"]),
        "cabinets": frame(shapely.points([(5, 5), (400, 5), (500, 5)]), cabinet_id=["near", "far", "other"]),
        "limits": frame([AREA], limit_id=["c"]),
    }  # fmt: skip
    territory = Territory("t", layers["lamps"].crs, layers, pd.DataFrame(columns=list(COLUMN_FIELDS)))
    with language("en"):
        cut, notes = crop(territory, AREA, [LIGHTING])
    kept = {name: held.iloc[:, 0].tolist() for name, held in cut.layers.items()}
    assert kept == {"streets": ["s"], "green": ["g"], "zones": ["q"], "lamps": ["x", "y"], "cabinets": ["near", "far"]}
    assert cut.layers["green"].area.tolist() == [2500.0]
    assert cut.layers["zones"].area.tolist() == [10_000.0]
    assert cut.layers["lamps"]["street_id"].fillna("").tolist() == ["s", ""]
    assert "within the border: lamps: 2 features, 1 outside left out" in notes
    assert "within the border: lamps.street_id: 1 names of features outside emptied" in notes


@pytest.fixture
def town(tmp_path):
    """A function that builds a street of one kilometre and two communes from files, with more lines."""
    frame([shapely.LineString([(700_000, 6_600_000), (701_000, 6_600_000)])], street_id=["s"]).to_file(
        tmp_path / "streets.gpkg"
    )
    communes = frame(
        [shapely.box(699_000 + 1_500 * side, 6_599_000, 700_500 + 1_500 * side, 6_601_000) for side in (0, 1)],
        code=["01004", "2A004"],
        nom=["Ambérieu", "Ajaccio"],
    )
    communes.to_crs(4326).to_file(tmp_path / "communes.geojson")

    def build(*lines):
        path = tmp_path / "town.yaml"
        layer = ["layers:", "  streets: {file: streets.gpkg, columns: {street_id: street_id}}",
                 "  zones: {file: communes.geojson, columns: {zone_id: code, name: nom}}"]  # fmt: skip
        path.write_text("\n".join(["name: town", "title: Commune", *lines, *layer]) + "\n", encoding="utf-8")
        return build_from_files(path)[0]

    return build


@pytest.mark.parametrize(
    "within", ['{file: communes.geojson, where: {code: "01004"}}', '"01004"', "Ambérieu", "amberieu"]
)
def test_the_border_by_file_id_or_name(town, within):
    found = town(f"within: {within}")
    assert found.layers["streets"].length.sum() == pytest.approx(500.0 + ALONG, abs=0.2)
    assert found.layers["limits"][["own"]].to_numpy().tolist() == [[True]]
    assert found.layers["zones"]["zone_id"].tolist() == ["01004"]
    assert len(found.layers["street_nodes"]) == 2


@pytest.mark.parametrize(
    ("within", "words"),
    [
        ("Amberieux", "did you mean « Ambérieu »?"),
        ('{file: communes.geojson, where: {code: "99999"}}', "no area of the file answers"),
        ("{file: nowhere.gpkg}", "nowhere.gpkg"),
        ("{file: streets.gpkg}", "is no area"),
        ("{file: communes.geojson, where: {kode: 1}}", "kode"),
        ('"2A004"', None),
    ],
)
def test_a_border_that_cannot_be_used(town, within, words):
    with language("en"):
        if words is None:
            assert town(f"within: {within}").layers["streets"].length.sum() == pytest.approx(500.0 + ALONG, abs=0.2)
            return
        with pytest.raises(InputError) as caught:
            town(f"within: {within}")
    assert words in str(caught.value)
    assert "town.yaml:3" in str(caught.value) or ".gpkg" in str(caught.value) or ".geojson" in str(caught.value)


@pytest.mark.parametrize(
    ("place", "country", "code"),
    [
        ((2.35, 48.85), "FR", 2154), ((9.1, 42.3), "FR", 2154), ((55.5, -21.1), "FR", 2975),
        ((55.5, -21.1), "RE", 2975), ((-61.0, 14.6), "FR", 5490), ((-52.3, 4.9), "GF", 2972),
        ((45.2, -12.8), "YT", 4471), ((7.42, 43.73), "MC", 32632), ((24.94, 60.17), "FI", 32635),
        ((-58.4, -34.6), "AR", 32721), ((179.9, 0.5), "FJ", 32660), ((-180.0, 0.5), "FJ", 32601),
    ],
)  # fmt: skip
def test_the_usual_crs_of_a_place(place, country, code):
    assert usual_crs(*place, country).to_epsg() == code


def test_the_own_border_is_where_roads_lead_on(town):
    from jumeau.networks.mobility.layout.border import limits_of, own_limit

    found = town("within: Ambérieu")
    assert own_limit(found).equals(shapely.boundary(found.layers["limits"].geometry.iloc[0]))
    assert limits_of(found).length == pytest.approx(2 * (1500 + 2000), rel=1e-3)
    assert own_limit(town()) is None
    assert np.isfinite(found.location).all()

"""A stray lamp does not move the sun, a far hamlet still counts, and a territory has a calendar."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from jumeau.sources.build import build_from_files
from jumeau.territory.check import check_calendar, check_likelihood
from jumeau.territory.extent import core_box, stray_features
from jumeau.territory.storage import read_territory, write_territory


def points(xy):
    return gpd.GeoDataFrame(geometry=shapely.points(np.asarray(xy, dtype=float)), crs=2154)


VILLAGE = np.random.default_rng(1).uniform(-500.0, 500.0, (200, 2)) + np.array([700_000.0, 6_600_000.0])


def test_the_box_is_that_of_all_features_where_none_is_stray():
    layers = {"lamps": points(VILLAGE[:50]), "addresses": points(VILLAGE[50:])}
    assert not any(mask.any() for mask in stray_features(layers).values())
    np.testing.assert_allclose(core_box(layers), [*VILLAGE.min(axis=0), *VILLAGE.max(axis=0)])


@pytest.mark.parametrize("place", [(0.0, 0.0), (700_000.0, 6_620_000.0), (2.35, 48.85)])
def test_a_stray_feature_moves_nothing_and_is_told_apart(place):
    layers = {"lamps": points([*VILLAGE, place]), "empty": points(np.empty((0, 2)))}
    assert np.flatnonzero(stray_features(layers)["lamps"]).tolist() == [200]
    np.testing.assert_allclose(core_box(layers), core_box({"lamps": points(VILLAGE)}))


def test_a_hamlet_a_few_kilometres_away_counts():
    hamlet = (706_000.0, 6_600_000.0)
    assert core_box({"lamps": points([*VILLAGE, hamlet])})[2] == hamlet[0]


def test_what_has_no_place_gives_no_box():
    nowhere = gpd.GeoDataFrame(geometry=[shapely.Point(), None], crs=2154)
    assert core_box({"lamps": nowhere}) is None
    assert core_box({}) is None


def test_the_town_keeps_its_sun_and_the_check_names_the_lamp(town, english):
    lamps = town.layer("lamps")
    lamps.loc[0, "geometry"] = shapely.Point(100_000.0, 6_200_000.0)
    moved = town.with_layers({"lamps": lamps})
    np.testing.assert_allclose(moved.location, town.location, atol=0.01)
    told = [item for item in check_likelihood(moved) if "far outside" in item.message]
    assert [item.layer for item in told] == ["lamps"]
    assert len(told[0].features) == 1
    assert not [item for item in check_likelihood(town) if "far outside" in item.message]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("country", "ZZ", "unknown country « ZZ »"), ("timezone", "Europe/Pari", "unknown time zone « Europe/Pari »")],
)
def test_a_country_or_a_zone_that_is_none_is_an_error(town, english, key, value, words):
    assert check_calendar(town) == []
    (problem,) = check_calendar(replace(town, meta={**town.meta, key: value}))
    assert words in problem.message
    assert not problem.warning


@pytest.mark.parametrize("origin", ["territory", "degrees"])
def test_a_lamp_at_zero_is_named_as_such_and_moves_no_sun(town, english, origin):
    zero = shapely.Point(0.0, 0.0)
    if origin == "degrees":
        zero = gpd.GeoSeries([zero], crs=4326).to_crs(town.crs).iloc[0]
    lamps = town.layer("lamps")
    lamps.loc[3, "geometry"] = zero
    moved = town.with_layers({"lamps": lamps})
    np.testing.assert_allclose(moved.location, town.location, atol=0.01)
    told = [item for item in check_likelihood(moved) if "at (0, 0)" in item.message]
    assert [(item.layer, len(item.features)) for item in told] == [("lamps", 1)]
    assert not [item for item in check_likelihood(moved) if "far outside" in item.message]


def test_a_layer_saved_in_another_crs_is_computed_not_renamed(town, tmp_path):
    path = write_territory(town, tmp_path / "town.gpkg")
    lamps = town.layer("lamps")
    lamps.to_crs(4326).to_file(path, layer="lamps", driver="GPKG")
    found = read_territory(path)
    away = found.layers["lamps"].geometry.distance(lamps.geometry)
    assert found.layers["lamps"].crs == town.crs
    assert float(away.max()) < 0.01


def test_a_layer_with_a_point_at_zero_is_not_taken_for_another_country(tmp_path):
    streets = gpd.GeoDataFrame(
        {"street_id": ["a", "b", "c"]},
        geometry=[shapely.LineString([(x, 6_600_000), (x + 50, 6_600_000)]) for x in (0, 700_000, 700_050)],
        crs=2154,
    )
    streets.loc[0, "geometry"] = shapely.LineString([(0, 0), (0, 1)])
    streets.to_file(tmp_path / "streets.gpkg")
    lines = ["name: town", "layers:", "  streets: {file: streets.gpkg, columns: {street_id: street_id}}"]
    (tmp_path / "town.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert len(build_from_files(tmp_path / "town.yaml")[0].layers["streets"]) == 3

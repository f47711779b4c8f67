"""The lighting synthesis: layout, stock, cabinets; against counted shares, geometry, and published means."""

from __future__ import annotations

import os
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.networks.lighting.layout.grouping import group_lamps
from jumeau.networks.lighting.layout.rules import SYNTHESIS
from jumeau.networks.lighting.layout.stock import quantile, technology_shares, three_points
from jumeau.networks.lighting.layout.synthesis import complete
from jumeau.randomness import Streams
from jumeau.territory.model import Territory, column_rows

CRS = pyproj.CRS(2154)
X, Y = 652_000.0, 6_780_000.0
NONE = FactorTable({})
DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[3] / "shared" / "data")) / "montpellier"
GEAR = 1.15  # a discharge lamp draws 15 % more than its nominal power (class B1 ballasts)
COLUMNS = (
    "usage", "road_class", "technology", "power", "height", "installed_year", "flux", "cct", "ulr",
    "legal_category", "lit_area", "cabinet_id",
)  # fmt: skip


def frame(columns, geometry):
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def small_town(lamps=None, **more):
    """A grid of 7 x 7 streets of 600 m, houses along them, and a country road of 2 km without houses."""
    lines, names, classes, houses = [], [], [], []
    for rank in range(7):
        for step in range(6):
            a, b, at = 100.0 * step, 100.0 * (step + 1), 100.0 * rank
            for first, second, kind in (((a, at), (b, at), "Rue"), ((at, a), (at, b), "Allée")):
                lines.append(shapely.LineString([(X + first[0], Y + first[1]), (X + second[0], Y + second[1])]))
                names.append(f"{kind} {rank}")
                classes.append("secondary" if kind == "Rue" and rank == 3 else "residential")
            for along in (25.0, 50.0, 75.0):
                houses.append(shapely.box(X + a + along - 6, Y + at + 6, X + a + along + 6, Y + at + 14))
    lines.append(shapely.LineString([(X + 600, Y + 300), (X + 2600, Y + 300)]))
    names.append("Route de la Plaine")
    classes.append("secondary")
    streets = frame(
        {"street_id": [f"s{n:03d}" for n in range(len(lines))], "name": names, "road_class": classes,
         "width": np.where(np.array(classes) == "secondary", 9.0, 5.5)}, lines,
    )  # fmt: skip
    buildings = frame({"building_id": [f"b{n}" for n in range(len(houses))]}, houses)
    zones = frame(
        {"zone_id": ["q1", "q2"], "name": ["Ouest", "Est"]},
        [shapely.box(X - 100, Y - 100, X + 300, Y + 700), shapely.box(X + 300, Y - 100, X + 700, Y + 700)],
    )
    layers = {"streets": streets, "buildings": buildings, "zones": zones, **more}
    columns = column_rows("streets", ["street_id", "name", "road_class", "width"], "observed", source="essai")
    if lamps is not None:
        layers["lamps"] = lamps
        known = [name for name in lamps.columns if name != "geometry"]
        rows = column_rows("lamps", known, "observed", source="Ville", licence="LO", date="2014")
        columns = pd.concat([columns, rows])
    return Territory("essai", CRS, layers, columns)


def some_lamps(count=240, seed=5):
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, 600, (count, 2))
    at[:, 1] = np.round(at[:, 1] / 100) * 100 + 4
    return frame({"lamp_id": [f"l{n:03d}" for n in range(count)]}, shapely.points(at[:, 0] + X, at[:, 1] + Y))


def origin_of(territory, column, layer="lamps"):
    rows = territory.columns
    return rows[(rows["layer"] == layer) & (rows["column"] == column)].iloc[-1]


@pytest.fixture(scope="module")
def laid_out():
    return complete(small_town(), NONE, 1)


def test_factors_are_sound():
    table = SYNTHESIS.shipped
    assert not table.problems()
    for usage in ("road", "ambience", "projector", "recessed", "bollard"):
        raw = [table.value(name) for name in table if name.startswith(f"stock_share_{usage}_")]
        assert sum(raw) == pytest.approx(1.0)
        assert sum(technology_shares(table, usage).values()) == pytest.approx(1.0)


def test_scenario_changes_a_factor():
    table = SYNTHESIS.shipped.override({"layout_spacing_residential": 20.0}, "scenario")
    more = len(complete(small_town(), table, 1).layers["lamps"])
    assert more > 1.3 * len(complete(small_town(), NONE, 1).layers["lamps"])


def test_draws_follow_the_range():
    factor = SYNTHESIS.shipped["stock_year_hps"]
    draws = Streams(3, 0, "essai").column("x", "y", 20_000)
    years = quantile(factor, draws)
    assert np.quantile(years, [0.1, 0.5, 0.9]) == pytest.approx([factor.low, factor.value, factor.high], abs=0.5)
    picked = three_points(factor, draws, 0.3, 0.3)
    shares = [np.mean(picked == value) for value in (factor.low, factor.value, factor.high)]
    assert shares == pytest.approx([0.3, 0.4, 0.3], abs=0.015)


def test_layout_is_regular_and_clear(laid_out):
    lamps, streets = laid_out.layers["lamps"], laid_out.layers["streets"]
    buildings = laid_out.layers["buildings"].union_all()
    assert not lamps.intersects(buildings).any()
    roadways = streets.set_index("street_id")
    for lamp, street in zip(lamps.geometry, lamps["street_id"], strict=True):
        others = roadways.drop(street)
        assert (others.distance(lamp) >= others["width"] / 2 - 0.02).all(), "a lamp stands in a crossing"
    density = len(lamps) / (roadways.loc[lamps["street_id"].unique()].length.sum() / 1000)
    assert 28 <= density <= 40  # FNTP: 33 points per km lit
    middle = lamps[lamps["street_id"].isin(streets.loc[streets["name"] == "Rue 2", "street_id"])]
    steps = np.diff(np.sort(middle.geometry.x))
    assert steps.max() <= 1.7 * np.median(steps)


def test_country_road_stays_dark(laid_out):
    assert laid_out.layers["lamps"].geometry.x.max() < X + 750


def test_wide_street_is_staggered(laid_out):
    streets = laid_out.layers["streets"]
    wide = laid_out.layers["lamps"].merge(streets.loc[streets["name"] == "Rue 3", ["street_id"]])
    side = np.sign(wide.sort_values("geometry", key=lambda s: gpd.GeoSeries(s).x).geometry.y - (Y + 300))
    assert (np.diff(side) != 0).mean() > 0.9
    narrow = laid_out.layers["lamps"].merge(streets.loc[streets["name"] == "Allée 2", ["street_id"]])
    assert len(set(np.sign(narrow.geometry.x - (X + 200)))) == 1


def test_everything_is_synthetic_and_filled(laid_out):
    lamps = laid_out.layers["lamps"]
    assert lamps[list(COLUMNS)].notna().all().all()
    for column in (*COLUMNS, "geometry", "lamp_id", "street_id"):
        row = origin_of(laid_out, column)
        assert row["origin"] == "synthetic"
        assert row["rule"]
    assert origin_of(laid_out, "control", "cabinets")["origin"] == "synthetic"
    assert set(laid_out.layers["cabinets"]["cabinet_id"]) == set(lamps["cabinet_id"])


def test_one_technology_per_street(laid_out):
    lamps = laid_out.layers["lamps"].merge(laid_out.layers["streets"][["street_id", "name"]])
    kinds = lamps[["name", "usage", "technology"]].drop_duplicates()
    assert not kinds.duplicated(["name", "usage"]).any()
    assert lamps["technology"].nunique() >= 2


def test_same_seed_same_values_whatever_the_order():
    town = small_town(some_lamps())
    first = complete(town, NONE, 7).layers["lamps"].sort_values("lamp_id").reset_index(drop=True)
    layers = {name: layer.sample(frac=1.0, random_state=3) for name, layer in town.layers.items()}
    mixed = complete(Territory("essai", CRS, layers, town.columns), NONE, 7).layers["lamps"]
    second = mixed.sort_values("lamp_id").reset_index(drop=True)[first.columns]
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))
    other = complete(town, NONE, 8).layers["lamps"].sort_values("lamp_id")
    assert (other["installed_year"].to_numpy() != first["installed_year"].to_numpy()).any()


def test_rows_keep_their_order_and_a_second_pass_changes_nothing():
    town = small_town(some_lamps().sample(frac=1.0, random_state=1))
    done = complete(town, NONE, 7)
    assert list(done.layers["lamps"]["lamp_id"]) == list(town.layers["lamps"]["lamp_id"])
    assert complete(done, NONE, 7).checksum == done.checksum


def test_observed_values_are_kept_and_neighbours_followed():
    lamps = some_lamps()
    # On "Rue 2", and away from crossings, where another street may be the nearest.
    on_street = (np.round((lamps.geometry.y - Y) / 100) == 2) & (np.abs((lamps.geometry.x - X) % 100 - 50) < 45)
    known = on_street & (np.arange(len(lamps)) % 2 == 0)
    lamps["technology"] = np.where(known, "LPS", None)
    lamps["power"] = np.where(known, 91.0, np.nan)
    done = complete(small_town(lamps), NONE, 7)
    after = done.layers["lamps"]
    assert (after.loc[known, "technology"] == "LPS").all()
    assert (after.loc[on_street, "technology"] == "LPS").all(), "neighbours have the street's technology"
    assert (after.loc[on_street, "power"] == 91.0).all()
    assert (after.loc[np.round((after.geometry.y - Y) / 100) != 2, "technology"] != "LPS").all()
    assert (after["technology_origin"] == np.where(known, "observed", "imputed")).all()
    assert (after["power_origin"] == np.where(known, "observed", "imputed")).all()
    assert "height_origin" not in after  # all of one origin: the columns table says it
    row = origin_of(done, "power")
    assert (row["origin"], row["licence"]) == ("observed", "LO")
    assert row["source"] == "Ville; Jumeau, lighting/synthesis_factors.csv"
    shares = done.origin_shares().set_index(["layer", "column"])
    assert shares.loc[("lamps", "power"), "observed"] == pytest.approx(known.mean())
    assert shares.loc[("lamps", "height"), "imputed"] == 1.0


def test_lit_area_is_street_length_per_lamp_times_width():
    lamps = frame({"lamp_id": list("abcd")}, shapely.points([(X + 10 + 20 * n, Y + 103) for n in range(4)]))
    area = complete(small_town(lamps), NONE, 1).layers["lamps"]["lit_area"]
    # One arc of 100 m, four lamps, 5.5 m of carriageway and twice 1.5 m of pavement.
    assert area.to_numpy() == pytest.approx(100 / 4 * (5.5 + 2 * 1.5))


def test_usage_and_category():
    lamps = frame(
        {"lamp_id": list("abc"), "usage": ["projector", "road", "road"]},
        shapely.points([(X + 10, Y + 103), (X + 55, Y + 103), (X + 5000, Y + 5000)]),
    )
    park = frame({"green_id": ["g"]}, [shapely.box(X + 50, Y + 100, X + 60, Y + 110)])
    done = complete(small_town(lamps, green=park), NONE, 1).layers["lamps"]
    assert list(done["legal_category"]) == ["b", "b", "a"]
    assert done["street_id"].notna().tolist() == [True, True, False]
    assert done[list(COLUMNS)].notna().all().all()


def test_existing_cabinets_are_used():
    cabinets = frame({"cabinet_id": ["west", "east"]}, shapely.points([(X, Y + 300), (X + 600, Y + 300)]))
    lamps = some_lamps().assign(cabinet_id=None)
    lamps.loc[0, "cabinet_id"] = "elsewhere"
    done = complete(small_town(lamps, cabinets=cabinets), NONE, 1)
    after = done.layers["lamps"]
    assert after["cabinet_id"].iloc[0] == "elsewhere"
    nearest = np.where(after.geometry.x < X + 300, "west", "east")
    assert (after["cabinet_id"].iloc[1:] == nearest[1:]).all()
    assert (after["cabinet_id_origin"].iloc[1:] == "imputed").all()
    assert len(done.layers["cabinets"]) == 2
    assert done.layers["cabinets"]["control"].isin(("photocell", "astronomical")).all()


def test_cabinets_that_lamps_name_are_created():
    lamps = some_lamps()
    lamps["cabinet_id"] = np.where(lamps.geometry.x < X + 300, "W", "E")
    done = complete(small_town(lamps), NONE, 1)
    cabinets = done.layers["cabinets"].set_index("cabinet_id")
    assert sorted(cabinets.index) == ["E", "W"]
    assert cabinets.geometry["W"].x < X + 300 < cabinets.geometry["E"].x


def test_no_cabinet_on_a_bridge():
    lamps = frame({"lamp_id": list("abc")}, shapely.points([(X + 10 + 30 * n, Y + 103) for n in range(3)]))
    river = frame({"water_id": ["w"]}, [shapely.box(X + 30, Y + 50, X + 50, Y + 150)])
    cabinet = complete(small_town(lamps, water=river), NONE, 1).layers["cabinets"].geometry.iloc[0]
    assert cabinet.x in (X + 10, X + 70)


def test_empty_lamps_layer_stays_empty():
    done = complete(small_town(frame({"lamp_id": []}, [])), NONE, 1)
    assert len(done.layers["lamps"]) == 0
    assert len(done.layers["cabinets"]) == 0
    bare = complete(Territory("vide", CRS, {}, column_rows("streets", [], "observed")), NONE, 1)
    assert len(bare.layers["lamps"]) == 0


@pytest.mark.parametrize(
    ("lamps", "word"),
    [
        (frame({"lamp_id": ["a", "a"]}, shapely.points([(X, Y), (X + 1, Y)])), "a"),
        (frame({"lamp_id": ["a"]}, [None]), "lamps"),
        (frame({"lamp_id": ["a"], "technology": ["GAZ"]}, shapely.points([(X, Y)])), "GAZ"),
    ],
)
def test_bad_lamps_are_refused(lamps, word):
    with pytest.raises(InputError, match=word):
        complete(small_town(lamps), NONE, 1)


def grouped(xy, power, most_power=12_000.0):
    return group_lamps(
        np.asarray(xy, dtype=float), np.asarray(power, dtype=float), np.zeros(len(xy), dtype=np.int64),
        usual=30, most=45, most_power=most_power, link=300.0, detour=1.5,
    )  # fmt: skip


def test_groups_of_a_line_are_consecutive():
    xy = [(30.0 * n, 0.0) for n in range(120)]
    group = grouped(xy, np.full(120, 100.0))
    assert np.bincount(group).tolist() == [30, 30, 30, 30]
    assert (np.diff(group) != 0).sum() == 3


def test_groups_respect_power_and_distance():
    rng = np.random.default_rng(2)
    xy = np.concatenate([rng.uniform(0, 800, (400, 2)), rng.uniform(0, 100, (10, 2)) + 5000, [[10.0, 10.0]] * 20])
    power = rng.choice([70.0, 400.0, 1000.0], len(xy))
    power[3] = 15_000.0
    group = grouped(xy, power)
    loads = np.bincount(group, weights=power)
    sizes = np.bincount(group)
    assert sizes.max() <= 45
    assert sizes[group[3]] == 1  # more than a cabinet can feed: alone
    assert np.delete(loads, group[3]).max() <= 12_000.0
    assert set(group[400:410]).isdisjoint(group[:400])
    assert not len(grouped(np.zeros((0, 2)), []))


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "VilleMTP_MTP_EclairagePublic.zip").exists(), reason="open data absent")
def test_montpellier():
    streets = gpd.read_file(DATA / "VilleMTP_MTP_FilaireVoies.zip")
    points = gpd.read_file(DATA / "VilleMTP_MTP_EclairagePublic.zip")
    zones = gpd.read_file(DATA / "VilleMTP_MTP_SousQuartiers.zip")
    wide = streets["TYPVOI"].isin(("AV", "BD", "RTE"))
    road_class = np.where(streets["OCCUPATION"] == "Piéton", "pedestrian", np.where(wide, "secondary", "residential"))
    usage = {"LANTERNE": "road", "LUMINAIRE AMBIANCE": "ambience", "PROJECTEUR": "projector",
             "ENCASTRE": "recessed", "BORNE COLONNE": "bollard"}  # fmt: skip
    layers = {
        "streets": frame(
            {"street_id": [f"{n}" for n in range(len(streets))], "name": streets["LIB_OFF"], "road_class": road_class},
            streets.geometry,
        ),
        "lamps": frame(
            {"lamp_id": [f"{n:05d}" for n in range(len(points))], "usage": points["type_lante"].map(usage)},
            points.geometry,
        ),
        "zones": frame({"zone_id": [f"z{n:02d}" for n in range(len(zones))]}, zones.geometry),
    }
    columns = column_rows("lamps", ["lamp_id", "usage"], "observed", source="Ville de Montpellier")
    town = Territory("montpellier", CRS, layers, columns)
    start = time.perf_counter()
    done = complete(town, NONE, 2025)
    elapsed = time.perf_counter() - start
    lamps = done.layers["lamps"]
    sizes = lamps.groupby("cabinet_id").size()
    loads = lamps.groupby("cabinet_id")["power"].sum()
    print(f"\nMontpellier: {len(lamps)} lamps in {elapsed:.1f} s, {lamps['power'].mean():.0f} W, {len(sizes)} cabinets")
    assert elapsed < 30
    assert lamps[list(COLUMNS)].notna().all().all()
    assert (lamps["usage_origin"] == "imputed").sum() == points["type_lante"].map(usage).isna().sum()
    road = lamps[lamps["usage"] == "road"]["technology"].value_counts(normalize=True)
    # FNTP: mercury 10, HPS 50-60, MH 5-15; AFE 2023: LED 25-30 % of the whole stock.
    assert 0.07 <= road["MERCURY"] <= 0.11
    assert 0.5 <= road["HPS"] <= 0.62
    stock = lamps["technology"].value_counts(normalize=True)
    assert 0.25 <= stock["LED"] <= 0.30
    assert 0.05 <= stock["MH"] <= 0.15
    # An old stock, gear included: 120-140 W per point (ADEME 2010); 486-509 kWh per point at 4,100 h.
    old = lamps.loc[lamps["technology"] != "LED", "power"].mean() * GEAR
    assert 115 <= old <= 145
    gear = np.where(lamps["technology"] == "LED", 1.0, GEAR)
    assert 400 <= (lamps["power"] * gear).mean() * 4.1 <= 540
    assert sizes.max() <= 45
    assert loads.max() <= 12_000
    assert 25 <= sizes.mean() <= 40  # Angers: 50,000 points on 1,450 cabinets = 34
    middle = lamps.assign(x=lamps.geometry.x, y=lamps.geometry.y).groupby("cabinet_id")[["x", "y"]].transform("mean")
    reach = np.hypot(lamps.geometry.x - middle["x"], lamps.geometry.y - middle["y"])
    assert reach.quantile(0.95) < 300
    assert not done.layers["cabinets"]["cabinet_id"].duplicated().any()

"""Sun, lamplight, names and the journal's spells, against formulas and libraries of others."""

from __future__ import annotations

from base64 import b64decode
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pvlib
import pytest
import shapely
import small_town
from jumeau_viz.appearance import Moves, Spell, read_appearance
from jumeau_viz.assets import build_assets
from jumeau_viz.lamplight import light_colour
from jumeau_viz.packing import _pack_hours
from jumeau_viz.palettes import DAY, DIVERGING, NIGHT, SEQUENTIAL, contrast, palette
from jumeau_viz.places import find_addresses, find_names
from jumeau_viz.sunlight import Sunlight
from jumeau_viz.timeline import journeys_of, read_journal, spells_of

from jumeau.network import HALF_HOURS, discover

FLAT = ("ground", "water", "green", "paths", "streets")


@pytest.mark.parametrize("moment", ["2025-01-01 09:30", "2025-03-30 12:00", "2025-06-21 21:00", "2025-10-26 16:00"])
@pytest.mark.parametrize(("place", "zone"), [((43.61, 3.88), "Europe/Paris"), ((-20.9, 55.5), "Indian/Reunion")])
def test_the_sun_stands_where_the_almanac_of_nrel_has_it(moment, place, zone):
    sun = Sunlight.over(place, zone, date(2025, 1, 1), 365)
    at = pd.DatetimeIndex([moment], tz=zone)
    expected = pvlib.solarposition.get_solarposition(at, *place)
    azimuth, elevation = sun.direction(at[0].day_of_year - 1, at[0].hour + at[0].minute / 60)
    assert elevation == pytest.approx(expected["elevation"].iloc[0], abs=0.6)
    turned = (azimuth - expected["azimuth"].iloc[0] + 180) % 360 - 180
    # Near the zenith an azimuth means little.
    assert abs(turned) * np.cos(np.radians(elevation)) < 0.6


def test_colours_of_light_go_from_orange_to_blue():
    sodium, warm, white, cold = light_colour(np.array([2000.0, 3000.0, 5000.0, 9000.0])).astype(int)
    assert sodium[0] == warm[0] == 255
    assert sodium[2] < warm[2] < 255
    assert white.tolist() == [255, 255, 255]
    assert cold[2] == 255 > cold[0]


@pytest.mark.parametrize("name", [*SEQUENTIAL, DIVERGING])
@pytest.mark.parametrize(("day", "grounds"), [(False, NIGHT), (True, DAY)])
def test_every_colour_stands_out_from_every_ground(name, day, grounds):
    """3:1 for what graphics have to tell, WCAG 2.2, 1.4.11."""
    for ground in FLAT:
        assert contrast(palette(name, day=day), grounds[ground]).min() >= 3.0, ground


def test_more_is_farther_from_the_ground_by_day_and_by_night():
    for name in SEQUENTIAL:
        for day, grounds in ((False, NIGHT), (True, DAY)):
            assert (np.diff(contrast(palette(name, day=day), grounds["ground"])[::8]) > -0.02).all()


def lamplight(**columns):
    lamps = small_town.lamps()
    for name, values in columns.items():
        lamps[name] = values
    appearance = read_appearance(small_town.LIGHTING / "appearance.yaml", small_town.ATTRIBUTES)[0]
    return lamps, appearance


def test_lamps_keep_flux_colour_and_the_course_of_their_night(scene):
    lamps, appearance = lamplight(flux=5000.0, cct=2100.0, profile="22:00-05:00=0.5")
    after = lamps.assign(flux=4000.0, cct=3000.0, profile="").iloc[:-3]
    layer = build_assets(
        "lighting", appearance, {"baseline": lamps, "led": after}, scene, hours=discover()["lighting"].hours
    )
    light = layer.lamplight
    assert (light.flux[0] == 5000.0).all()
    assert (light.flux[1, :-3] == 4000.0).all()
    assert (light.flux[1, -3:] == 0.0).all()
    before = light.courses[light.course[0, 0]]
    assert before.tolist() == [0.5] * 10 + [1.0] * 34 + [0.5] * 4
    assert (light.courses[light.course[1, 0]] == 1.0).all()
    assert light.courses.shape[1] == HALF_HOURS


def test_lighting_tells_its_hours_of_lamps_alone():
    hours = discover()["lighting"].hours
    lamps = small_town.lamps().assign(profile="unknown + 23:00-01:00=0 + 00:30-01:00=on", motion=False)
    lamps.loc[0, ["motion", "motion_from", "motion_to", "motion_idle"]] = [True, 5.0, 6.0, 0.2]
    found = hours("lamps", lamps)
    assert found[1, :4].tolist() == [0.0, 1.0, 1.0, 1.0]
    assert found[1, -2:].tolist() == [0.0, 0.0]
    assert found[0, 10:13] == pytest.approx([0.2, 0.2, 1.0])
    assert hours("cabinets", lamps) is None


def test_names_come_with_their_places_the_larger_first(layers, scene):
    named = ["Rue Longue", "Rue Longue", "Rue Courte"] + [None] * (len(layers["streets"]) - 3)
    streets = layers["streets"].assign(name=named)
    names = find_names({**layers, "streets": streets}, scene)
    assert names.kinds == ["quarter", "quarter", "street", "street"]
    assert names.texts[2:] == ["Rue Longue", "Rue Courte"]
    assert names.sizes[2] == pytest.approx(2 * streets.length.iloc[0])
    quarter = scene.frame.to_world(names.points[0, :2])
    zone = layers["zones"].set_index("name").geometry[names.texts[0]]
    assert shapely.contains_xy(zone, *quarter)
    assert names.points[:, 2] == pytest.approx(scene.ground.altitude(names.points[:, :2]))


def test_addresses_without_a_label_are_left_out(layers, scene):
    spots = gpd.GeoDataFrame(
        {"label": ["1 rue Haute", None, "  "]},
        geometry=layers["streets"].geometry.centroid.iloc[:3].to_numpy(),
        crs=small_town.CRS,
    )
    found = find_addresses({"addresses": spots}, scene)
    assert found.labels == ["1 rue Haute"]
    expected = shapely.get_coordinates(spots.geometry.iloc[0])[0]
    assert scene.frame.to_world(found.points[:, :2])[0] == pytest.approx(expected)
    assert find_addresses({}, scene).labels == []


JOURNAL = """scenario,network,kind,time,date,lamp,leak
baseline,lighting,failure,-3600,2023-12-31T23:00:00+0100,L0001,
baseline,lighting,failure,86400,2024-01-02T00:00:00+0100,L0002,
baseline,lighting,repair,129600,2024-01-02T12:00:00+0100,L0001,
baseline,lighting,repair,172800,2024-01-03T00:00:00+0100,L0002,
baseline,lighting,failure,259200,2024-01-04T00:00:00+0100,L0002,
led,lighting,failure,86400,2024-01-02T00:00:00+0100,L9999,
"""


def test_spells_pair_each_failure_with_the_repair_that_follows(tmp_path):
    path = tmp_path / "journal.csv"
    path.write_text(JOURNAL, encoding="utf-8")
    journal = read_journal(path, "2024-01-01T00:00:00")
    spell = Spell(label="Dark", begins="failure", ends="repair", asset="lamp", sign="dark")
    ids = np.array(["L0001", "L0002"])
    before, led = spells_of(journal, "lighting", ("baseline", "led"), ids, spell)
    assert before.asset.tolist() == [0, 1, 1]
    assert before.begin == pytest.approx([-1 / 24, 1.0, 3.0])
    assert before.end.tolist() == [1.5, 2.0, np.inf]
    assert not len(led.asset)
    none = read_journal(tmp_path / "none.csv", "2024-01-01")
    assert not len(spells_of(none, "lighting", ("baseline",), ids, spell)[0].asset)


def test_a_truck_is_under_way_from_departure_to_return_even_past_midnight(scene):
    lines = gpd.GeoDataFrame(
        {"date": ["2024-01-01", "2024-01-03"], "departure": ["06:00", "22:30"], "return": ["09:30", "01:00"]},
        geometry=[
            shapely.LineString([(652_010, 6_780_010), (652_110, 6_780_010)]),
            shapely.LineString([(652_010, 6_780_050), (652_010, 6_780_090), (652_060, 6_780_090)]),
        ],
        crs=small_town.CRS,
    )
    moves = Moves(label="Truck", date="date", departure="departure", arrival="return")
    found = journeys_of({"led": lines, "baseline": lines.iloc[:0]}, moves, "2024-01-01T00:00:00", scene)
    assert set(found) == {"led"}
    assert found["led"].begin == pytest.approx([0.25, 2 + 22.5 / 24])
    assert found["led"].end == pytest.approx([9.5 / 24, 3 + 1 / 24])
    starts = found["led"].starts
    assert starts[0] == 0
    assert starts[-1] == len(found["led"].points)
    first = scene.frame.to_world(found["led"].points[starts[1], :2])
    assert first == pytest.approx([652_010, 6_780_050])


def test_traffic_is_kept_hour_by_hour(scene):
    links = gpd.GeoDataFrame(
        {"link_id": ["a", "b"], "vehicles": [240.0, 48.0], "peak_vehicles": [20.0, 4.0]},
        geometry=[
            shapely.LineString([(652_010, 6_780_010), (652_110, 6_780_010)]),
            shapely.LineString([(652_010, 6_780_050), (652_010, 6_780_090)]),
        ],
        crs=small_town.CRS,
    )
    for hour in range(24):
        links[f"flow_{hour:02d}"] = [float(hour), np.nan]
    mobility = discover()["mobility"]
    appearance = read_appearance(mobility.folder / "appearance.yaml", mobility.attributes)[0]
    layer = build_assets("mobility", appearance, {"baseline": links, "led": links}, scene)
    assert layer.hourly["peak_vehicles"].shape == (2, 24, 2)
    assert layer.hourly["peak_vehicles"][1, :, 0].tolist() == list(range(24))
    packed = _pack_hours(layer.hourly["peak_vehicles"])
    steps = np.frombuffer(b64decode(packed["values"]), dtype="<u2").reshape(2, 24, 2)
    assert steps[0, :, 0] * packed["step"] == pytest.approx(np.arange(24), abs=1e-3)
    assert (steps[:, :, 1] == 65535).all()
    without = build_assets("mobility", appearance, {"baseline": links.drop(columns="flow_07")}, scene)
    assert not without.hourly

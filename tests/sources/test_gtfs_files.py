"""GTFS: typical days, clock hours past midnight, repeated trips, what lies near the streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from gtfs_kit import feed, zipped
from small_files import HEAD

from jumeau.engine.territory import build_territory
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.mobility.formats.gtfs import legs_of, stations
from jumeau.networks.mobility.formats.gtfs_days import running, typical_days
from jumeau.networks.mobility.formats.gtfs_feed import Feed, seconds

#: Three stops along a street of Montpellier, 300 m apart, and one far away.
STOPS = {"a": (3.8723, 43.6108), "b": (3.8760, 43.6108), "c": (3.8797, 43.6108), "far": (3.2, 43.3)}
WORK = list(range(480, 600, 15))
LINES = {"7": (["a", "b", "c"], 3, {"W": WORK, "S": WORK[:2]}), "8": (["c", "b", "a"], 3, {"W": [480]})}


@pytest.fixture
def made(tmp_path):
    """A feed beside a town of one street along its stops."""

    def make(lines=LINES, places=STOPS, under=None, **more):
        folder = feed(tmp_path / "feed", places, lines, **more)
        ends = gpd.GeoSeries.from_xy([3.8715, 3.8805], [43.6108, 43.6108], crs=4326).to_crs(2154)
        street = shapely.LineString(ends.to_list())
        gpd.GeoDataFrame({"ID": [1]}, geometry=[street], crs=2154).to_file(tmp_path / "rues.geojson")
        file = "feed" if under is None else zipped(folder, tmp_path / "feed.zip", under).name
        layers = "layers:\n  streets: {file: rues.geojson, columns: {street_id: ID}}\n"
        text = HEAD + "timezone: Europe/Paris\ncountry: FR\n" + layers
        (tmp_path / "town.yaml").write_text(text + f"imports:\n  - {{format: gtfs, file: {file}}}\n", encoding="utf-8")
        with language("en"):
            return build_territory(tmp_path / "town.yaml", synthesise=False)

    return make


def hours(territory, line_name="7", stop="a", day="workday"):
    table = territory.layers["transit_departures"]
    rows = table[(table["line"] == line_name) & (table["stop_id"] == stop) & (table["day"] == day)]
    return dict(zip(rows["hour"].astype(int), rows["departures"].astype(int), strict=True))


def test_departures_by_hour_and_kind_of_day(made):
    territory, report = made()
    assert hours(territory) == {8: 4, 9: 4}
    assert hours(territory, day="saturday") == {8: 2}
    assert hours(territory, day="sunday") == {}
    stops = territory.layers["transit_stops"].set_index("stop_id")
    assert stops["lines"].to_dict() == {"a": "7 8", "b": "7 8", "c": "7 8"}
    # What starts at a stop: eight of line 7 and, at the terminus of line 8, none of it.
    assert stops["workday"].to_dict() == {"a": 8, "b": 9, "c": 1}
    links = territory.layers["transit_links"]
    assert set(zip(links["from_stop"], links["to_stop"], strict=True)) == {
        ("a", "b"),
        ("b", "c"),
        ("c", "b"),
        ("b", "a"),
    }
    assert links["minutes"].tolist() == [3.0] * 4
    assert links.length.between(290.0, 310.0).all()
    assert any("2 lines, 3 stops, 18 departures" in note for note in report.notes)
    origins = territory.columns.set_index(["layer", "column"])["origin"]
    assert origins["transit_links", "minutes"] == "observed"


@pytest.mark.parametrize("under", ["", "export/2026/"])
def test_zips_with_and_without_a_folder(made, under):
    territory, _report = made(under=under)
    assert hours(territory) == {8: 4, 9: 4}


def test_services_past_midnight_are_met_on_the_next_day(made):
    late = {"7": (["a", "b"], 2, {"W": [1439, 1450, 1510], "S": [1500]})}
    territory, _report = made(late)
    assert hours(territory) == {23: 1, 0: 1, 1: 1}
    # The night of Friday to Saturday is Friday's; that to Sunday is Saturday's.
    assert hours(territory, day="saturday") == {0: 1, 1: 1}
    assert hours(territory, day="sunday") == {1: 1}


def test_frequencies_repeat_a_trip(made):
    once = {"7": (["a", "b"], 2, {"W": [300]})}
    rows = "trip_id,start_time,end_time,headway_secs\n7-W-0,07:00:00,09:00:00,600\n7-W-0,09:00:00,10:00:00,1800\n"
    territory, _report = made(once, frequencies=rows)
    assert hours(territory) == {7: 6, 8: 6, 9: 2}


def test_lines_are_taken_between_their_first_and_last_stop_near_the_streets(made):
    through = {"7": (["far", "a", "far", "c", "far"], 10, {"W": [480]})}
    territory, _report = made(through)
    links = territory.layers["transit_links"]
    assert list(zip(links["from_stop"], links["to_stop"], strict=True)) == [("a", "far"), ("far", "c")]


def test_a_feed_of_another_place_is_left_out_and_told(made):
    territory, report = made({"7": (["far", "x"], 10, {"W": [480]})}, {"far": (3.2, 43.3), "x": (3.21, 43.3)})
    assert "transit_links" not in territory.layers
    assert any("no stop of the feed lies near a street" in note for note in report.notes)


def test_holidays_and_strikes_are_no_typical_day():
    calendar = pd.DataFrame([["W", "20260105", "20260130", *"1111100"]],
                            columns=["service_id", "start_date", "end_date", "monday", "tuesday", "wednesday",
                                     "thursday", "friday", "saturday", "sunday"])  # fmt: skip
    strike = pd.DataFrame(
        [["W", "20260105", "2"], ["few", "20260105", "1"], ["X", "20260110", "1"]],
        columns=["service_id", "date", "exception_type"],
    )
    days = typical_days(running(calendar, strike), {"W": 100, "few": 10, "X": 7})
    assert {kind: str(day) for kind, day in days.dates.items()} == {"workday": "2026-01-19", "saturday": "2026-01-10"}
    assert days.services == {"workday": {"W"}, "saturday": {"X"}}


def test_times_that_a_feed_leaves_out_are_spread_evenly(tmp_path):
    times = (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "7-W-0,08:00:00,08:00:00,a,1\n7-W-0,,,b,2\n7-W-0,08:10:00,08:10:00,c,3\n7-W-0,oops,oops,a,4\n"
    )
    found = Feed(feed(tmp_path, STOPS, {"7": (["a", "b", "c"], 3, {"W": [480]})}, stop_times=times))
    trips = found.read("trips").assign(line="7", mode="bus")
    legs, lost = legs_of(found, trips, stations(found.read("stops")), {"a", "b", "c"})
    assert legs["minutes"].tolist() == [5.0, 5.0]
    assert lost == 1


def test_platforms_are_their_station(made):
    stops = (
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
        "gare,Gare,43.6108,3.8723,1,\na,Quai A,43.6108,3.8724,0,gare\nb,Parc,43.6108,3.8760,0,\n"
    )
    territory, _report = made({"7": (["a", "b"], 3, {"W": [480]})}, {}, stops=stops)
    assert territory.layers["transit_stops"][["stop_id", "name"]].to_numpy().tolist() == [
        ["b", "Parc"],
        ["gare", "Gare"],
    ]
    assert hours(territory, stop="gare") == {8: 1}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"stops": None}, "stops.txt"),
        ({"calendar": None}, "calendar.txt"),
        ({"stop_times": "trip_id,stop_id,stop_sequence\n"}, "departure_time"),
        ({"routes": ""}, "cannot be read"),
        ({"calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"},
         "no day of the GTFS feed"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told(made, more, told):
    with pytest.raises(InputError) as error:
        made(**more)
    assert told in str(error.value)


def test_seconds_of_a_time():
    assert seconds(pd.Series(["25:10:00", "7:05:30", "", "x"])).tolist()[:2] == [90600.0, 25530.0]
    assert np.isnan(seconds(pd.Series(["", "7h05"]))).all()

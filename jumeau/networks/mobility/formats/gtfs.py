"""Public transport of a GTFS feed: stops, the ways between two stops of a line, departures by hour and kind of day.

What the feed tells is kept where the territory has streets within reach: a line is taken from its first stop there to
its last one.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.formats.gtfs_days import DAYS, NIGHT_BEFORE, running, typical_days
from jumeau.networks.mobility.formats.gtfs_feed import Feed, seconds
from jumeau.networks.mobility.tables import FACTORS
from jumeau.sources.imported import Imported
from jumeau.territory.completion import Rule, lay_out
from jumeau.territory.model import Territory, column_rows

#: Modes by `route_type`; the hundreds of the extended types of Google say the same.
_MODES = {0: "tram", 1: "metro", 2: "rail", 3: "bus", 4: "ferry", 5: "tram", 6: "cable", 7: "cable", 11: "bus",
          12: "rail"}  # fmt: skip
_EXTENDED = {1: "rail", 2: "bus", 4: "metro", 5: "metro", 6: "metro", 7: "bus", 8: "bus", 9: "tram", 10: "ferry",
             12: "ferry", 13: "cable", 14: "cable"}  # fmt: skip

_HOUR, _DAY = 3600.0, 86_400.0
#: A way between two stops that takes longer is an error of the file, or no way inside a town [min].
_LONGEST = 180.0
#: Trips that a row of `frequencies.txt` may stand for.
_MOST = 2_000


def read_gtfs(path: Path) -> Imported:
    """Read the public transport of a feed; what of it lies near the territory is known once its streets are.

    Parameters
    ----------
    path : Path
        Zip or folder.

    Raises
    ------
    InputError
        When it is no feed, or a file of it lacks a column.
    """
    feed = Feed(path).checked()
    return Imported({}, column_rows("transit_links", (), "observed"), later=partial(near_streets, feed))


def near_streets(feed: Feed, territory: Territory) -> tuple[Territory, tuple[str, ...]]:
    """Return the territory with the layers of public transport, and what was left out.

    Raises
    ------
    InputError
        When the feed cannot be read.
    """
    if not territory.has("streets"):
        return territory, (_("public transport is left out: the territory has no streets"),)
    stops = feed.read("stops")
    alias = stations(stops)
    places = places_of(stops, alias, territory.crs)
    near = _near(places, territory)
    if not near:
        return territory, (_("public transport is left out: no stop of the feed lies near a street"),)
    trips = feed.read("trips")
    counted = {str(name): int(count) for name, count in trips.groupby("service_id").size().items()}
    days = typical_days(running(feed.read("calendar"), feed.read("calendar_dates")), counted)
    if not days.dates:
        message = _("no day of the GTFS feed has any service")
        raise InputError(Problem(message, file=str(feed.path), hint=_("check calendar.txt and calendar_dates.txt")))
    wanted = frozenset().union(*days.services.values())
    trips = trips[trips["service_id"].isin(wanted)].merge(lines_of(feed), on="route_id", how="left")
    legs, lost = legs_of(feed, trips, alias, near)
    if legs.empty:
        return territory, (_("public transport is left out: no line of the feed joins two stops near the streets"),)
    departures = pd.concat(
        [
            _met(legs, days.services.get(kind, frozenset()), days.services.get(NIGHT_BEFORE[kind], frozenset()), kind)
            for kind in DAYS
        ],
        ignore_index=True,
    )
    links, hourly = links_of(legs, departures, places)
    served = stops_of(links, hourly, places)
    layers = {"transit_stops": served, "transit_links": links, "transit_departures": hourly}
    dates = ", ".join(f"{kind} {day:%Y-%m-%d}" for kind, day in days.dates.items())
    rule = Rule(f"departures of typical days of the feed: {dates}", "observed", f"GTFS ({feed.path.name})")
    named = {"workday": _("working day"), "saturday": _("Saturday"), "sunday": _("Sunday")}
    notes = [
        _("public transport: {lines} lines, {stops} stops, {count} departures on a working day ({days})").format(
            lines=format_number(links["line"].nunique()),
            stops=format_number(len(served)),
            count=format_number(int(served["workday"].sum())),
            days=", ".join(f"{named[kind]} {day:%Y-%m-%d}" for kind, day in days.dates.items()),
        )
    ]
    if lost:
        notes.append("    " + _("times that cannot be, left out: {count}").format(count=format_number(lost)))
    text = "    " + _("no service at all on a day of the kind: {kind}")
    notes += [text.format(kind=named[kind]) for kind in DAYS if kind not in days.dates]
    return lay_out(territory, layers, dict.fromkeys(layers, rule)), tuple(notes)


def stations(stops: pd.DataFrame) -> dict[str, str]:
    """Return the id that stands for each stop: that of its station, where it has one."""
    parent = stops["parent_station"].where(stops["parent_station"].isin(set(stops["stop_id"])), "")
    return dict(zip(stops["stop_id"], parent.where(parent != "", stops["stop_id"]), strict=True))


def places_of(stops: pd.DataFrame, alias: dict[str, str], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the place and `name` of each stop that stands for others, by id, where it has coordinates."""
    chosen = stops[stops["stop_id"].isin(set(alias.values()))].drop_duplicates("stop_id").set_index("stop_id")
    x, y = (pd.to_numeric(chosen[name], errors="coerce") for name in ("stop_lon", "stop_lat"))
    told = (x.abs() <= 180.0) & (y.abs() <= 90.0) & ((x != 0.0) | (y != 0.0))
    frame = gpd.GeoDataFrame(
        {"name": chosen["stop_name"].where(chosen["stop_name"] != "", None)},
        geometry=gpd.points_from_xy(x.where(told, 0.0), y.where(told, 0.0)),
        crs=4326,
    )
    return frame[told].to_crs(crs)


def _near(places: gpd.GeoDataFrame, territory: Territory) -> set[str]:
    """Return the ids of the stops within reach of the streets."""
    tree = shapely.STRtree(territory.layers["streets"].geometry.to_numpy())
    reach = FACTORS.value("transit_reach")
    return set(places.index[np.unique(tree.query(places.geometry.to_numpy(), "dwithin", distance=reach)[0])])


def lines_of(feed: Feed) -> pd.DataFrame:
    """Return `line` and `mode` of each route: its short name, else the long one, else its id."""
    routes = feed.read("routes").drop_duplicates("route_id")
    name = routes["route_short_name"].where(routes["route_short_name"] != "", routes["route_long_name"])
    name = name.where(name != "", routes["route_id"])
    kind = pd.to_numeric(routes["route_type"], errors="coerce").fillna(3).astype("int64")
    mode = [_MODES.get(number) or _EXTENDED.get(number // 100, "bus") for number in kind]
    # Two lines of one name are told apart: those of two agencies, a line and its replacement.
    clash = name.duplicated(keep=False)
    name = name.where(~clash, name + " (" + routes["route_id"] + ")")
    return pd.DataFrame({"route_id": routes["route_id"], "line": name, "mode": mode})


def legs_of(feed: Feed, trips: pd.DataFrame, alias: dict[str, str], near: set[str]) -> tuple[pd.DataFrame, int]:
    """Return each way of each trip from a stop to the next one, and how many times of the file cannot be.

    A trip is taken from its first stop within reach to its last one. Times that the file leaves out between two stops
    are spread evenly. A trip of `frequencies.txt` runs as often as it tells.

    Returns
    -------
    DataFrame
        `line, mode, service_id, from_stop, to_stop`, `departure` [s after midnight of the day of service], `minutes`.
    lost : int
    """
    kept = set(trips["trip_id"])
    parts = [part[part["trip_id"].isin(kept)] for part in feed.chunks("stop_times")]
    times = pd.concat(parts, ignore_index=True)
    place = times["stop_id"].map(alias)
    order = pd.to_numeric(times["stop_sequence"], errors="coerce")
    leave, arrive = seconds(times["departure_time"]), seconds(times["arrival_time"])
    frame = pd.DataFrame({
        "trip_id": times["trip_id"], "order": order, "stop": place,
        "leave": np.where(np.isnan(leave), arrive, leave), "arrive": np.where(np.isnan(arrive), leave, arrive),
    })  # fmt: skip
    wrong = frame["order"].isna() | frame["stop"].isna()
    frame = frame[~wrong].sort_values(["trip_id", "order"], kind="stable").reset_index(drop=True)
    inside = frame["stop"].isin(near)
    by_trip = inside.groupby(frame["trip_id"])
    frame = frame[(by_trip.cumsum() > 0) & (inside[::-1].groupby(frame["trip_id"]).cumsum()[::-1] > 0)]
    for name in ("leave", "arrive"):
        # A time left out lies between those told before and after it.
        frame[name] = frame.groupby("trip_id")[name].transform(lambda column: column.interpolate(limit_area="inside"))
    following = frame.groupby("trip_id")[["stop", "arrive"]].shift(-1)
    legs = pd.DataFrame({
        "trip_id": frame["trip_id"], "from_stop": frame["stop"], "to_stop": following["stop"],
        "departure": frame["leave"], "minutes": (following["arrive"] - frame["leave"]) / 60.0,
    })  # fmt: skip
    legs = legs[legs["to_stop"].notna() & (legs["from_stop"] != legs["to_stop"])]
    good = legs["departure"].notna() & (legs["minutes"] >= 0.0) & (legs["minutes"] <= _LONGEST)
    lost = int(wrong.sum()) + int((~good).sum())
    legs = _repeated(legs[good], feed.read("frequencies"))
    told = trips[["trip_id", "service_id", "line", "mode"]].drop_duplicates("trip_id")
    return legs.merge(told.dropna(), on="trip_id").drop(columns="trip_id"), lost


def _repeated(legs: pd.DataFrame, frequencies: pd.DataFrame) -> pd.DataFrame:
    """Return the ways with those of a trip of `frequencies.txt` as often as it leaves."""
    start, end = seconds(frequencies["start_time"]), seconds(frequencies["end_time"])
    every = pd.to_numeric(frequencies["headway_secs"], errors="coerce").to_numpy(dtype=np.float64)
    good = np.isfinite(start + end + every) & (every > 0.0) & (end > start)
    if not good.any():
        return legs
    runs = pd.DataFrame({"trip_id": frequencies["trip_id"][good], "start": start[good], "every": every[good]})
    times = np.clip(np.ceil((end - start)[good] / every[good]), 1, _MOST).astype("int64")
    runs = runs.loc[runs.index.repeat(times)]
    runs["run"] = runs["start"] + runs["every"] * runs.groupby(level=0).cumcount()
    often = legs["trip_id"].isin(set(runs["trip_id"]))
    first = legs[often].groupby("trip_id")["departure"].transform("min")
    made = legs[often].assign(shift=legs["departure"][often] - first).merge(runs[["trip_id", "run"]], on="trip_id")
    made["departure"] = made["run"] + made["shift"]
    return pd.concat([legs[~often], made[legs.columns]], ignore_index=True)


def _met(legs: pd.DataFrame, of_day: frozenset[str], of_eve: frozenset[str], kind: str) -> pd.DataFrame:
    """Return the departures by clock hour of a kind of day: those of its services, and of the evening before."""
    own = legs[legs["service_id"].isin(of_day) & (legs["departure"] < _DAY)]
    late = legs[legs["service_id"].isin(of_eve) & (legs["departure"] >= _DAY)]
    late = late.assign(departure=late["departure"] - _DAY)
    met = pd.concat([own, late])
    met = met.assign(hour=(met["departure"] // _HOUR).astype("int64") % 24, day=kind)
    keys = ["line", "mode", "from_stop", "to_stop", "day", "hour"]
    return met.groupby(keys, as_index=False).size().rename(columns={"size": "departures"})


def links_of(
    legs: pd.DataFrame, departures: pd.DataFrame, places: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the layers `transit_links` and `transit_departures`.

    Parameters
    ----------
    legs : DataFrame
        See `legs_of`.
    departures : DataFrame
        `line, mode, from_stop, to_stop, day, hour, departures`.
    places : GeoDataFrame
        See `places_of`.
    """
    keys = ["line", "mode", "from_stop", "to_stop"]
    links = legs.groupby(keys, as_index=False)["minutes"].mean()
    known = links["from_stop"].isin(places.index) & links["to_stop"].isin(places.index)
    links = links[known].reset_index(drop=True)
    links.insert(0, "link_id", [f"T{row:05d}" for row in range(1, len(links) + 1)])
    # Timetables are in whole minutes: a way within one of them takes half of it.
    links["minutes"] = links["minutes"].clip(lower=0.5).round(2)
    hourly = departures.merge(links[[*keys, "link_id"]], on=keys)
    sums = hourly.pivot_table(index="link_id", columns="day", values="departures", aggfunc="sum", fill_value=0)
    for kind in DAYS:
        links[kind] = links["link_id"].map(sums[kind]).fillna(0).astype("int64") if kind in sums else 0
    ends = [places.geometry.loc[links[name]].to_numpy() for name in ("from_stop", "to_stop")]
    shapes = shapely.linestrings(np.stack([shapely.get_coordinates(end) for end in ends], axis=1))
    frame = gpd.GeoDataFrame(links, geometry=shapes, crs=places.crs)
    table = hourly.sort_values(["link_id", "day", "hour"]).reset_index(drop=True)
    table.insert(0, "departure_id", [f"H{row:06d}" for row in range(1, len(table) + 1)])
    columns = ["departure_id", "link_id", "from_stop", "line", "day", "hour", "departures"]
    table = table[columns].rename(columns={"from_stop": "stop_id"})
    return frame, gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=places.crs)


def stops_of(links: gpd.GeoDataFrame, hourly: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer `transit_stops`: the stops of the links, with their lines and departures of a day."""
    ends = pd.concat([links[["from_stop", "line"]].set_axis(["stop", "line"], axis=1),
                      links[["to_stop", "line"]].set_axis(["stop", "line"], axis=1)]).drop_duplicates()  # fmt: skip
    served = ends.groupby("stop")["line"].agg(lambda names: " ".join(sorted(names)))
    sums = hourly.pivot_table(index="stop_id", columns="day", values="departures", aggfunc="sum", fill_value=0)
    frame = places.loc[served.index]
    values: dict[str, object] = {"stop_id": served.index, "name": frame["name"].to_numpy(), "lines": served.to_numpy()}
    for kind in DAYS:
        count = sums[kind].reindex(served.index) if kind in sums else pd.Series(0, index=served.index)
        values[kind] = count.fillna(0).astype("int64").to_numpy()
    return gpd.GeoDataFrame(values, geometry=frame.geometry.to_numpy(), crs=places.crs)

"""Counts of traffic that tell a place and no street: TMJA of national roads, and counters of `comptage-mobilites`.

They are put on streets once these are known: by the number of the road where both tell it, and by the nearest place.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem, shorten
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.formats.road_numbers import road_number
from jumeau.sources.imported import Imported
from jumeau.sources.products.options import ProductOptions
from jumeau.sources.products.reading import product_rows
from jumeau.territory.completion import Rule, lay_out
from jumeau.territory.derive import DEFAULTS
from jumeau.territory.graph import DRIVABLE, road_classes
from jumeau.territory.model import Territory, column_rows

#: Kinds of `mobility_type` that are no motor vehicles.
_NOT_TRAFFIC = ("pedestrian", "bike", "bicycle", "scooter", "horse")
#: A day counts if that much of it was counted [h].
_WHOLE_DAY = 23.0


def read_tmja(path: Path, options: ProductOptions, crs: pyproj.CRS) -> Imported:
    """Read the mean daily traffic of sections of national roads.

    Parameters
    ----------
    path : Path
    options : ProductOptions
    crs : CRS
        The territory's.

    Raises
    ------
    InputError
        When the file is not that product.
    """
    rows = product_rows("tmja", path, options, crs)["sections"]
    frame = gpd.GeoDataFrame(
        {
            "count_id": rows["id"],
            "road": rows["route"],
            "direction": "both",
            "vehicles": _numbers(rows["vehicles"]),
            "year": _numbers(rows["year"]),
        },
        geometry=rows.geometry.to_numpy(),
        crs=crs,
    )
    return _later(frame[frame["vehicles"] > 0.0], path, "TMJA")


def read_counters(path: Path, options: ProductOptions, crs: pyproj.CRS) -> Imported:
    """Read counters: mean daily vehicles of each site, over the whole days of the year that has most of them.

    Raises
    ------
    InputError
        When a table is missing, or all channels count pedestrians or bicycles.
    """
    tables = product_rows("comptage_mobilites", path, options, crs)
    absent = [name for name in ("site", "channel", "measure") if name not in tables]
    if absent:
        message = _("tables of counts that are missing: {names}").format(names=", ".join(absent))
        raise InputError(Problem(message, file=str(path), hint=_("put site, channel and measure in one folder")))
    channels = tables["channel"].assign(mode=tables["channel"]["mode"].fillna("").astype(str).str.casefold())
    motor = channels[~channels["mode"].isin(_NOT_TRAFFIC)]
    if not len(motor):
        message = _("the counters count pedestrians and bicycles only, which the traffic model has no place for")
        raise InputError(Problem(message, file=str(path), value=", ".join(sorted(set(channels["mode"])))))
    means = daily_means(tables["measure"])
    motor = motor.merge(means, left_on="channel", right_index=True)
    by_site = motor.groupby("site").agg(vehicles=("vehicles", "sum"), year=("year", "max"))
    sites = tables["site"].drop_duplicates("site").set_index("site")
    found = sites.join(by_site, how="inner")
    values = {"count_id": found.index.astype(str), "road": None, "direction": "both"}
    values |= {"vehicles": found["vehicles"].to_numpy(), "year": found["year"].to_numpy()}
    frame = gpd.GeoDataFrame(values, geometry=found.geometry.to_numpy(), crs=crs)
    return _later(frame, path, "comptage-mobilites")


def daily_means(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of whole days of each channel, in the year that has most of them (the last of equals).

    Parameters
    ----------
    measures : DataFrame
        Columns `channel`, `start`, `end` (ISO 8601, local time with its offset), `count`.

    Returns
    -------
    DataFrame
        By channel: `vehicles` [vehicle/day], `year`.
    """
    start, end = (
        pd.to_datetime(measures[name], format="ISO8601", utc=True, errors="coerce") for name in ("start", "end")
    )
    # The local day is what the text says: converted to UTC it would be another.
    day = measures["start"].astype(str).str[:10]
    table = pd.DataFrame({"channel": measures["channel"], "day": day, "count": _numbers(measures["count"])})
    table["hours"] = (end - start).dt.total_seconds() / 3600.0
    days = table.dropna().groupby(["channel", "day"]).agg(count=("count", "sum"), hours=("hours", "sum"))
    days = days[days["hours"] >= _WHOLE_DAY].reset_index()
    days["year"] = days["day"].str[:4].astype("int64")
    years = days.groupby(["channel", "year"]).agg(vehicles=("count", "mean"), days=("count", "size")).reset_index()
    best = years.sort_values(["channel", "days", "year"]).drop_duplicates("channel", keep="last")
    return best.set_index("channel")[["vehicles", "year"]]


def _numbers(column: pd.Series) -> pd.Series:
    texts = column.map(lambda cell: cell.replace(",", ".").replace(" ", "") if isinstance(cell, str) else cell)
    return pd.to_numeric(texts, errors="coerce").astype("float64")


def _later(frame: gpd.GeoDataFrame, path: Path, source: str) -> Imported:
    if not len(frame):
        raise InputError(Problem(_("no count is left"), file=str(path), hint=_("check the values of the file")))
    return Imported(
        {}, column_rows("traffic_counts", (), "observed"), later=partial(on_streets, frame, f"{source} ({path.name})")
    )


def on_streets(counts: gpd.GeoDataFrame, source: str, territory: Territory) -> tuple[Territory, tuple[str, ...]]:
    """Return the territory with the layer `traffic_counts`: counts on the streets that they lie at.

    Parameters
    ----------
    counts : GeoDataFrame
        `count_id, road, direction, vehicles, year`; points, or lines from one end of a section to the other.
    source : str
    territory : Territory

    Returns
    -------
    territory : Territory
    notes : tuple of str
    """
    if not territory.has("streets"):
        return territory, (_("traffic counts are left out: the territory has no streets"),)
    reach = FactorTable.read(DEFAULTS).value("asset_reach")
    streets = territory.layers["streets"]
    near = counts[shapely.dwithin(shapely.box(*streets.total_bounds), counts.geometry.to_numpy(), reach)]
    rows = [_street(count, streets, reach) for count in near.itertuples(index=False)]
    kept = np.array([row >= 0 for row in rows], dtype=bool)
    found = near[kept]
    ids = streets["street_id"].to_numpy(dtype=object)[np.array(rows, dtype=np.int64)[kept]]
    # Two sections on one street: the first stands.
    values = pd.DataFrame(found.drop(columns=["geometry", "road"])).assign(street_id=ids).drop_duplicates("street_id")
    lost = near["count_id"][~kept].astype(str).tolist()
    notes = [_("traffic counts: {count} on streets, of {all} of the file").format(
        count=format_number(len(values)), all=format_number(len(counts)))]  # fmt: skip
    if lost:
        told = "    " + _("near no street, left out: {count} ({ids})")
        notes.append(told.format(count=len(lost), ids=shorten(lost)))
    if not len(values):
        return territory, tuple(notes)
    blank = gpd.GeoSeries([None] * len(values), crs=territory.crs)
    values["year"] = values["year"].astype("Int64")
    layer = gpd.GeoDataFrame(values.reset_index(drop=True), geometry=blank.to_numpy(), crs=territory.crs)
    read = Rule("read from the file", "observed", source)
    rules = dict.fromkeys(("count_id", "direction", "vehicles", "year"), read)
    rules["street_id"] = Rule(f"street of the same name, else the nearest, within: {reach:g} m", source=source)
    return lay_out(territory, {"traffic_counts": layer}, {"traffic_counts": rules}), tuple(notes)


def _street(count: tuple, streets: gpd.GeoDataFrame, reach: float) -> int:  # type: ignore[type-arg]
    """Return the row of the street that a count is of, -1 where there is none."""
    place = count.geometry  # type: ignore[attr-defined]
    usable = np.isin(road_classes(streets), DRIVABLE)
    wanted = road_number(count.road)  # type: ignore[attr-defined]
    if wanted and "road" in streets:
        same = streets["road"].map(road_number).to_numpy(dtype=object) == wanted
        usable = usable & same if (usable & same).any() else usable
    lines = streets.geometry.to_numpy()
    if place.geom_type == "Point":
        ways = [(place, None)]
    else:
        first, last = shapely.Point(place.coords[0]), shapely.Point(place.coords[-1])
        ways = [(first, last), (last, first)]
    for here, there in ways:
        distance = np.where(usable, shapely.distance(lines, here), np.inf)
        if there is not None:
            # Sections meet at their ends: of the streets that do, that towards the other end is meant.
            ahead = shapely.distance(shapely.centroid(lines), there) < shapely.distance(here, there)
            distance = np.where(ahead, distance, np.inf)
        row = int(np.argmin(distance)) if len(distance) else -1
        if row >= 0 and distance[row] <= reach:
            return row
    return -1

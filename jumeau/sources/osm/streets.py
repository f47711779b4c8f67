"""Streets: class, directions, lanes, speed, level of ways with the tag `highway`."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.errors import shorten
from jumeau.i18n import _, format_number
from jumeau.sources.osm.splitting import split_at_shared
from jumeau.sources.osm.values import COUNTS, LENGTHS, SPEEDS, column_of, first_of, rows

Bools = NDArray[np.bool_]

#: Tags that are read of lines.
TAGS = (
    "osm_id", "name", "name:fr", "name:en", "ref", "highway", "area", "footway", "path", "oneway", "junction", "access",
    "vehicle", "motor_vehicle", "motorcar", "lanes", "lanes:forward", "lanes:backward", "lanes:both_ways", "maxspeed",
    "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "zone:maxspeed", "width", "surface", "lit", "bridge",
    "tunnel", "layer",
)  # fmt: skip
WHERE = "highway IS NOT NULL"

#: From the most to the least precise: the first that is there says who may drive
#: (https://wiki.openstreetmap.org/wiki/Key:access).
ACCESS = ("motorcar", "motor_vehicle", "vehicle", "access")
CLOSED = ("no", "private", "agricultural", "forestry", "agricultural;forestry", "emergency", "military")
_YES = ("yes", "true", "1")
_BACK = ("-1", "reverse")
_NO = ("no", "false", "0")
#: The direction changes with the hour: both are open at some time.
_CHANGING = ("reversible", "alternating")
#: Pavements and crossings that are drawn apart belong to a street that is there already.
_OF_A_STREET = ("sidewalk", "crossing", "traffic_island", "link", "access_aisle")
_DRAWN_LEVELS = (-9.0, 9.0)
#: A way without length [degree]: twice the step in which coordinates are kept.
_SHORTEST = 2e-7


def streets_of(
    lines: gpd.GeoDataFrame, ids: list[str], file: str, *, split: bool = True
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the layer of streets, in degrees, and what is to be told of it.

    Parameters
    ----------
    lines : GeoDataFrame, shape (n,)
        With the columns `TAGS`.
    ids : list of str, shape (n,)
    file : str
        For the notes.
    split : bool
        Whether they are cut at the nodes that they share.
    """
    notes: list[str] = []
    kept = _kept(lines, notes, file)
    ways = lines[kept].reset_index(drop=True)
    names = np.array(ids, dtype=object)[kept]
    classes = {row["highway"]: row["road_class"] for row in rows("highways.csv")}
    table = pd.DataFrame(
        {
            "street_id": names,
            "name": first_of(ways, "name", "name:fr", "name:en", "ref"),
            "road_class": ways["highway"].map(classes),
            "oneway": directions(ways, notes, file),
            "lanes": lanes_of(ways, notes, file),
            "speed": column_of(_speed_text(ways), "streets", "speed", SPEEDS, notes, file),
            "width": column_of(ways["width"], "streets", "width", LENGTHS, notes, file),
            "level": levels_of(ways),
            "surface": ways["surface"],
            "lit": ways["lit"],
        }
    )
    streets = gpd.GeoDataFrame(table, geometry=ways.geometry.to_numpy(), crs=4326)
    if split and len(streets):
        pieces, number, shapes = split_at_shared(streets.geometry.to_numpy())
        count = np.bincount(pieces, minlength=len(streets))
        cut = streets.iloc[pieces].reset_index(drop=True)
        several = count[pieces] > 1
        cut["street_id"] = [
            f"{name}/{part}" if many else name
            for name, part, many in zip(cut["street_id"], number, several, strict=True)
        ]
        streets = cut.set_geometry(gpd.GeoSeries(shapes, crs=4326))
        told = _("{file}: {ways} ways cut at the nodes that they share: {streets} streets")
        notes.append(
            told.format(file=file, ways=format_number(int((count > 1).sum())), streets=format_number(len(streets)))
        )
    return streets, notes


def _kept(lines: gpd.GeoDataFrame, notes: list[str], file: str) -> Bools:
    """Return the ways that are streets; the others are told with their numbers."""
    reasons = {
        "not_there": _("not there any more, or not yet"),
        "no_street": _("no street"),
        "pavement": _("pavement or crossing of a street that is drawn already"),
        "area": _("drawn as an area"),
        "unknown": _("unknown class"),
        "shape": _("without a line"),
    }
    told = {row["highway"]: row["left_out"] for row in rows("highways.csv")}
    reason = np.array([told.get(value, "unknown") for value in lines["highway"]], dtype=object)
    shapes = lines.geometry.to_numpy()
    walk = (lines["footway"].isin(_OF_A_STREET) | lines["path"].isin(_OF_A_STREET)).to_numpy()
    reason[(reason == "") & walk] = "pavement"
    reason[(reason == "") & (lines["area"] == "yes").to_numpy()] = "area"
    length = shapely.length(shapes)
    reason[(shapely.get_type_id(shapes) != 1) | ~(length > _SHORTEST)] = "shape"
    for key, words in reasons.items():
        found = lines["highway"][reason == key]
        if len(found):
            values = [f"{value}: {count}" for value, count in Counter(found).most_common()]
            text = _("{file}: streets left out, {reason}: {count} ({values})")
            notes.append(text.format(file=file, reason=words, count=format_number(len(found)), values=shorten(values)))
    return np.asarray(reason == "", dtype=np.bool_)


def directions(ways: pd.DataFrame, notes: list[str], file: str) -> NDArray[np.object_]:
    """Return the directions open to vehicles, shape (n,): what tags say, else what the kind of way implies.

    Roundabouts and motorways are one-way where nothing is said (https://wiki.openstreetmap.org/wiki/Key:oneway).
    """
    stated = ways["oneway"].fillna("").astype(str).str.lower()
    implied = ways["junction"].isin(("roundabout", "circular")) | (ways["highway"] == "motorway")
    found = np.where(implied, "forward", "both").astype(object)
    found[stated.isin(_YES)] = "forward"
    found[stated.isin(_BACK)] = "backward"
    found[stated.isin((*_NO, *_CHANGING))] = "both"
    changing = stated.isin(_CHANGING)
    if changing.any():
        text = _("{file}: {count} streets whose direction changes with the hour are open both ways")
        notes.append(text.format(file=file, count=format_number(int(changing.sum()))))
    odd = ~stated.isin(("", *_YES, *_BACK, *_NO, *_CHANGING))
    if odd.any():
        values = [f"{value}: {count}" for value, count in Counter(stated[odd]).most_common()]
        text = _("{file}: {layer}.{column}: no value taken from « {key} »: {count} ({values})")
        notes.append(
            text.format(file=file, layer="streets", column="oneway", key="oneway", count=int(odd.sum()),
                        values=shorten(values))
        )  # fmt: skip
    closed = {row["highway"] for row in rows("highways.csv") if row["closed"] == "yes"}
    access = first_of(ways, *ACCESS)
    shut = access.isin(CLOSED) | (ways["highway"].isin(closed) & access.isna())
    found[shut] = "closed"
    return found


def lanes_of(ways: pd.DataFrame, notes: list[str], file: str) -> pd.Series:
    """Return the lanes of both directions together, shape (n,): stated, else the sum of those by direction."""
    total = column_of(ways["lanes"], "streets", "lanes", COUNTS, notes, file)
    sides = [
        column_of(ways[key], "streets", "lanes", COUNTS, notes, file)
        for key in ("lanes:forward", "lanes:backward", "lanes:both_ways")
    ]
    summed = pd.concat(sides, axis=1).sum(axis=1, min_count=1)
    return total.where(total.notna(), summed)


def _speed_text(ways: pd.DataFrame) -> pd.Series:
    """Return what says the speed limit: of both directions, of each (the lowest counts), or its kind."""
    both = zip(ways["maxspeed:forward"], ways["maxspeed:backward"], strict=True)
    sides = [";".join(filter(None, texts)) or None for texts in both]
    told = ways.assign(sides=pd.Series(sides, index=ways.index, dtype=object))
    return first_of(told, "maxspeed", "sides", "zone:maxspeed", "maxspeed:type")


def levels_of(ways: pd.DataFrame) -> pd.Series:
    """Return the level above ground, shape (n,): `layer`, else 1 on a bridge and -1 in a tunnel."""
    stated = pd.to_numeric(ways["layer"], errors="coerce").astype("float64")
    stated = stated.where(stated.between(*_DRAWN_LEVELS))
    bridge = ways["bridge"].notna() & ~ways["bridge"].isin(_NO)
    tunnel = ways["tunnel"].notna() & ~ways["tunnel"].isin(_NO)
    return stated.fillna(bridge.astype("float64") - tunnel.astype("float64")).round()

"""Buildings: use, storeys, height and dwellings of areas with the tag `building`."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.errors import shorten
from jumeau.i18n import _, format_number
from jumeau.sources.osm.values import COUNTS, LENGTHS, column_of, rows

#: Tags that are read of areas, for buildings, their addresses, land, water and zones.
TAGS = (
    "osm_id", "osm_way_id", "name", "name:fr", "name:en", "building", "building:levels", "building:flats",
    "building:use", "height", "amenity", "shop", "office", "tourism", "healthcare", "craft", "leisure", "landuse",
    "natural", "water", "waterway", "access", "boundary", "admin_level", "place", "ref:INSEE", "addr:housenumber",
    "addr:housename", "addr:street", "addr:place",
)  # fmt: skip
#: Values of `building` that are none, or not any more, or not yet.
NONE = ("no", "construction", "ruins", "proposed", "demolished", "collapsed")


def buildings_of(areas: gpd.GeoDataFrame, ids: list[str], file: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the layer of buildings, in degrees, and what is to be told of it.

    Parameters
    ----------
    areas : GeoDataFrame, shape (n,)
        With the columns `TAGS`.
    ids : list of str, shape (n,)
    file : str
        For the notes.
    """
    notes: list[str] = []
    tagged = areas["building"].notna().to_numpy()
    gone = tagged & areas["building"].isin(NONE).to_numpy()
    if gone.any():
        values = [f"{value}: {count}" for value, count in areas["building"][gone].value_counts().items()]
        told = _("{file}: buildings left out, {reason}: {count} ({values})")
        reason = _("not there any more, or not yet")
        notes.append(
            told.format(file=file, reason=reason, count=format_number(int(gone.sum())), values=shorten(values))
        )
    found, names = areas[tagged & ~gone].reset_index(drop=True), np.array(ids, dtype=object)[tagged & ~gone]
    shapes, sound = whole_areas(found.geometry.to_numpy())
    if not sound.all():
        told = _("{file}: buildings without an area left out: {count} ({ids})")
        lost = [str(name) for name in names[~sound]]
        notes.append(told.format(file=file, count=format_number(len(lost)), ids=shorten(lost)))
    table = pd.DataFrame(
        {
            "building_id": names,
            "height": column_of(found["height"], "buildings", "height", LENGTHS, notes, file),
            "storeys": column_of(found["building:levels"], "buildings", "storeys", COUNTS, notes, file),
            "use": uses_of(found),
            "dwellings": column_of(found["building:flats"], "buildings", "dwellings", COUNTS, notes, file),
            "name": found["name"],
        }
    )
    buildings = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)[sound].reset_index(drop=True)
    return buildings, notes


def uses_of(areas: pd.DataFrame) -> NDArray[np.object_]:
    """Return the use of each building, shape (n,), None where no tag tells it.

    What the building was built as comes first, then what it holds; dwellings above a shop are mixed.
    """
    found = np.full(len(areas), None, dtype=object)
    trade = np.zeros(len(areas), dtype=bool)
    for key in dict.fromkeys(row["key"] for row in rows("uses.csv")):
        listed = {row["value"]: row["use"] for row in rows("uses.csv") if row["key"] == key}
        values = areas[key]
        held = values.notna() & (values != "no")
        known = values.map(listed).where(values.isin(list(listed)), listed.get("*"))
        use = known.where(held & known.notna(), None).to_numpy(dtype=object)
        trade |= use == "commercial"
        found = np.where(pd.isna(found), use, found)
    lived = found == "residential"
    found[lived & trade] = "mixed"
    found[pd.isna(found)] = None
    return found


def whole_areas(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return areas mended where their border crosses itself, single ones as polygons, and which of them are areas."""
    mended = shapes.copy()
    present = ~shapely.is_missing(shapes)
    bad = present & ~shapely.is_valid(shapes)
    mended[bad] = [_area_of(shapely.make_valid(shape)) for shape in shapes[bad]]
    single = (shapely.get_type_id(mended) == 6) & (shapely.get_num_geometries(mended) == 1)
    mended[single] = shapely.get_geometry(mended[single], 0)
    sound = np.isin(shapely.get_type_id(mended), (3, 6)) & ~shapely.is_empty(mended)
    return mended, sound


def _area_of(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return what is area of a shape: make_valid leaves lines beside it."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    areas = parts[shapely.get_type_id(parts) == 3]
    return shapely.union_all(areas) if len(areas) else None

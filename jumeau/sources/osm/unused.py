"""What a file holds that the territory's own layers do not take: told once each, with its number."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from jumeau.i18n import _, format_number
from jumeau.sources.osm.files import read_tagged


def unused(path: Path, points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, file: str) -> list[str]:
    """Return a note of each kind of thing that is left.

    Parameters
    ----------
    path : Path
        What `opened` yields.
    points, areas : GeoDataFrame
        As they were read.
    file : str
        For the notes.
    """
    relations = read_tagged(path, "other_relations", ("osm_id",), "type LIKE 'restriction%'")
    lines = read_tagged(path, "lines", ("osm_id", "waterway", "addr:interpolation"), _LINES)
    amenities = points["amenity"].value_counts() + 0
    amenities = amenities.add(areas["amenity"].value_counts(), fill_value=0)
    counted = {
        _("turn restrictions (not used yet)"): len(relations),
        _("street lamps (`format: osm_lamps` takes them)"): int((points["highway"] == "street_lamp").sum()),
        _("recycling and waste points (`format: osm_waste` takes them)"): int(
            amenities.get("recycling", 0) + amenities.get("waste_disposal", 0)
        ),
        _("car parks (`format: osm_parking` takes those with a capacity)"): int(amenities.get("parking", 0)),
        _("charging stations (`format: osm_parking` takes them)"): int(amenities.get("charging_station", 0)),
        _("trees (no layer holds them yet)"): int((points["natural"] == "tree").sum()),
        _("watercourses drawn as a line (surfaces alone are kept)"): int(lines["waterway"].notna().sum()),
        _("rows of house numbers, `addr:interpolation` (not used)"): int(lines["addr:interpolation"].notna().sum()),
        _("quarters drawn as a point (areas alone are zones)"): int(points["place"].isin(_DIVISIONS).sum()),
    }
    text = _("{file}: {things}: {count}")
    return [text.format(file=file, count=format_number(count), things=what) for what, count in counted.items() if count]


_LINES = 'waterway IS NOT NULL OR "addr:interpolation" IS NOT NULL'
_DIVISIONS = ("borough", "suburb", "quarter", "neighbourhood")

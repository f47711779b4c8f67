"""Recycling points of OpenStreetMap: `amenity` tags, in its files or what was exported of them (GeoJSON, GeoPackage).

`amenity=recycling` with `recycling_type=container` and `recycling:…=yes`; `amenity=waste_disposal` for residual waste.
Volumes are hardly ever tagged.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyproj
import shapely

from jumeau.i18n import _
from jumeau.networks.waste.formats.frames import Container, imported
from jumeau.sources.imported import Imported
from jumeau.sources.osm.files import features, is_osm, tags_of
from jumeau.vector_file import layer_names, read_layer

#: Tags of contents -> stream.
STREAMS = {
    "glass": "glass",
    "glass_bottles": "glass",
    "paper": "paper",
    "newspaper": "paper",
    "magazines": "paper",
    "cardboard": "paper",
    "plastic": "packaging",
    "plastic_packaging": "packaging",
    "plastic_bottles": "packaging",
    "cans": "packaging",
    "beverage_cartons": "packaging",
    "cartons": "packaging",
    "paper_packaging": "packaging",
    "packaging": "packaging",
    "organic": "biowaste",
    "food_waste": "biowaste",
    "waste": "residual",
}

_YES = ("yes", "designated")


def read_osm(path: Path, volume: float) -> Imported:
    """Read the recycling points of a file.

    Parameters
    ----------
    path : Path
    volume : float
        Of a container [l].

    Raises
    ------
    InputError
        When OGR cannot read the file, or it holds no container.
    """
    left: dict[str, list[str]] = {}
    found: list[Container] = []
    for name, tags, point in _features(path):
        if tags.get("amenity") == "waste_disposal":
            streams = {"residual"}
        elif tags.get("amenity") == "recycling":
            if tags.get("recycling_type") == "centre":
                left.setdefault(_("a recycling centre, where residents drive"), []).append(name)
                continue
            streams = {
                stream
                for tag, stream in STREAMS.items()
                if str(tags.get(f"recycling:{tag}") or "").strip().lower() in _YES
            }
            if not streams:
                left.setdefault(_("no content that rounds collect is tagged"), []).append(name)
                continue
        else:
            continue
        kind = "buried" if tags.get("location") == "underground" else "drop_off_column"
        found += [
            Container(f"{name}-{stream}", name, stream, kind, volume, point, name=str(tags.get("name") or ""))
            for stream in sorted(streams)
        ]
    return imported(found, pyproj.CRS.from_epsg(4326), path.name, left, imputed=("volume", "kind", "sensor", "count"))


def _features(path: Path) -> list[tuple[str, dict[str, str], shapely.Point]]:
    """Return identifier, tags and point of each feature that may be a container."""
    if is_osm(path):
        return features(path, "amenity IN ('recycling', 'waste_disposal')")
    tables = [read_layer(path, layer) for layer in layer_names(path)]
    found = []
    for frame in (table for table in tables if isinstance(table, gpd.GeoDataFrame)):
        geographic = frame.to_crs(4326) if frame.crs is not None and frame.crs != pyproj.CRS.from_epsg(4326) else frame
        records = geographic.drop(columns=geographic.geometry.name).to_dict("records")
        for row, (record, shape) in enumerate(zip(records, geographic.geometry, strict=True)):
            tags = tags_of(record)
            if "amenity" in tags and shape is not None and not shape.is_empty:
                name = str(record.get("osm_id") or record.get("@id") or record.get("id") or row)
                found.append((name, tags, shape.centroid))
    return found

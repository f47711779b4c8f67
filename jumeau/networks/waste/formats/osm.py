"""Recycling points of OpenStreetMap: `amenity` tags, in any file that OGR reads (.osm, .pbf, GeoJSON, GeoPackage).

`amenity=recycling` with `recycling_type=container` and `recycling:…=yes`; `amenity=waste_disposal` for residual waste.
Volumes are hardly ever tagged.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import shapely

from jumeau.i18n import _
from jumeau.networks.waste.formats.frames import Container, imported
from jumeau.sources.imported import Imported
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

_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
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


def _features(path: Path) -> list[tuple[str, dict[str, Any], shapely.Point]]:
    """Return identifier, tags and point of each feature that has an `amenity`."""
    wanted = ("points", "multipolygons", "lines")
    layers = layer_names(path)
    osm = [layer for layer in layers if layer in wanted] if set(wanted) & set(layers) else layers
    tables = [read_layer(path, layer) for layer in osm]
    frames = [table for table in tables if isinstance(table, gpd.GeoDataFrame)]
    found = []
    for frame in frames:
        geographic = frame.to_crs(4326) if frame.crs is not None and frame.crs != pyproj.CRS.from_epsg(4326) else frame
        for row, (record, shape) in enumerate(
            zip(geographic.drop(columns="geometry").to_dict("records"), geographic.geometry, strict=True)
        ):
            tags = {key: value for key, value in record.items() if isinstance(value, str) and value}
            tags |= dict(_PAIR.findall(tags.pop("other_tags", "")))
            if "amenity" in tags and shape is not None and not shape.is_empty:
                name = str(record.get("osm_id") or record.get("@id") or record.get("id") or row)
                found.append((name, tags, shape.centroid))
    return found

"""OpenStreetMap as a product: its place in `imports`."""

from __future__ import annotations

from pathlib import Path

import pyproj

from jumeau.sources.format import Format
from jumeau.sources.imported import Imported
from jumeau.territory.file import ImportOptions


class OsmOptions(ImportOptions):
    """A file of OpenStreetMap."""

    split: bool = True
    """Cut streets at the nodes that two of them share; levels that cross without one stay whole."""


def _read_osm(path: Path, options: OsmOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - always in degrees
    from jumeau.sources.osm.territory import read_osm_territory

    return read_osm_territory(path, split=options.split, only=options.only)


OSM = Format("osm", "OpenStreetMap (.osm, .osm.gz, .osm.bz2, .osm.pbf)", OsmOptions, _read_osm)

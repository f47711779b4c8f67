"""Other people's files, read into layers. What they need is imported when one is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyproj
from pydantic import Field

from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported
from jumeau.territory.file import ImportOptions


class EclextOptions(ImportOptions):
    """Lighting points of EclExt."""

    encoding: str | None = None
    """Text encoding, for instance `latin-1`; that of the file, or UTF-8 for CSV, by default."""
    profiles: Mapping[str, str] = Field(default_factory=dict)
    """Night profile by its name, as windows such as « 23:30-05:30=0.5 », where no table describes it."""


def _read_eclext(path: Path, options: EclextOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.lighting.formats.eclext import read_eclext

    return read_eclext(path, options.given_crs or crs, options.profiles, options.encoding)


def _write_eclext(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    from jumeau.networks.lighting.formats.eclext_writing import write_eclext

    return write_eclext(layers, path)


def _read_osm(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - always in degrees
    from jumeau.networks.lighting.formats.osm import read_osm_lamps

    return read_osm_lamps(path)


FORMATS = by_name(
    Format("eclext", "lighting points of CNIG EclExt 1.1", EclextOptions, _read_eclext, _write_eclext),
    Format("osm_lamps", "street lamps of OpenStreetMap", ImportOptions, _read_osm),
)

"""Other people's files: read into layers, and written from them. What they need is imported when one is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pyproj

from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported
from jumeau.territory.file import ImportOptions


class TntpOptions(ImportOptions):
    """A TNTP network."""

    length_unit: Literal["m", "km", "ft", "mile"] = "km"
    """Unit of the lengths, which the format does not tell."""


def _read_gmns(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.gmns import read_gmns

    return read_gmns(path, options.given_crs or crs)


def _write_gmns(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    from jumeau.networks.mobility.formats.gmns_writing import write_gmns

    return write_gmns(layers, path)


def _read_tntp(path: Path, options: TntpOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.tntp import read_tntp

    return read_tntp(path, options.given_crs or crs, options.length_unit)


FORMATS = by_name(
    Format("gmns", "folder of GMNS tables", read=_read_gmns, write=_write_gmns),
    Format("tntp", "TNTP network (X_net.tntp)", TntpOptions, _read_tntp),
)

"""RAEPA 1.2: the French geostandard of drinking-water and sewer networks (COVADIS, 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyproj

from jumeau.networks.water.formats.gis_reading import read_gis
from jumeau.networks.water.formats.gis_writing import write_gis
from jumeau.sources.imported import Imported

TITLE = "RAEPA 1.2"


def read_raepa(path: Path | str, crs: pyproj.CRS | None = None) -> Imported:
    """Read the drinking-water layers (AEP) of RAEPA; those of sewers are passed over.

    Parameters
    ----------
    path : Path or str
        A GeoPackage, or a folder of shapefiles.
    crs : pyproj.CRS, optional
        Where the files do not say it.

    Raises
    ------
    InputError
        When no layer of pipes can be read.
    """
    return read_gis("raepa", TITLE, Path(path), crs)


def write_raepa(layers: Mapping[str, gpd.GeoDataFrame], path: Path | str) -> list[Path]:
    """Write a GeoPackage with the layers and codes of RAEPA; see `write_gis` for what it has no place for."""
    return write_gis("raepa", layers, Path(path))

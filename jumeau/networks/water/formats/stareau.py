"""StaR-Eau V2024: the successor of RAEPA (CNIG and Astee, November 2024)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyproj

from jumeau.networks.water.formats.gis_reading import read_gis
from jumeau.networks.water.formats.gis_writing import write_gis
from jumeau.sources.imported import Imported

TITLE = "StaR-Eau V2024"


def read_stareau(path: Path | str, crs: pyproj.CRS | None = None) -> Imported:
    """Read the drinking-water layers (`aep_…`) of StaR-Eau; those of sewers are passed over.

    Parameters
    ----------
    path : Path or str
        A GeoPackage, or a folder of files.
    crs : pyproj.CRS, optional
        Where the files do not say it.

    Raises
    ------
    InputError
        When no layer of pipes can be read.
    """
    return read_gis("stareau", TITLE, Path(path), crs)


def write_stareau(layers: Mapping[str, gpd.GeoDataFrame], path: Path | str) -> list[Path]:
    """Write a GeoPackage with the layers and codes of StaR-Eau; see `write_gis` for what it has no place for."""
    return write_gis("stareau", layers, Path(path))

"""Reads relief rasters: ESRI ASCII grids by itself, GeoTIFF with the extra `raster`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

_KEYS = ("ncols", "nrows", "xllcorner", "xllcenter", "yllcorner", "yllcenter", "cellsize", "nodata_value")


def read_relief(path: Path, every: int = 1) -> pd.DataFrame:
    """Return the nodes of a raster as points with a column `z`, cells without data left out.

    Parameters
    ----------
    path : Path
        `.asc` or `.tif`.
    every : int
        One row and one column in so many is kept.

    Raises
    ------
    InputError
        When the file is damaged, or the reader is not installed.

    References
    ----------
    Esri, "Esri ASCII raster format": the first row of numbers is the northernmost.
    """
    if path.suffix.lower() == ".asc":
        x, y, z = _ascii_grid(path)
        crs = None
    else:
        x, y, z, crs = _geotiff(path)
    x, y, z = x[::every], y[::every], z[::every, ::every]
    east, north = np.meshgrid(x, y)
    known = np.isfinite(z)
    points = gpd.points_from_xy(east[known], north[known])
    grid: pd.DataFrame = gpd.GeoDataFrame({"z": z[known]}, geometry=points, crs=crs)
    return grid


def _ascii_grid(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return x of columns, y of rows [unit of the CRS] and z, shape (nrows, ncols), not-a-number where unknown."""
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    header: dict[str, float] = {}
    first = 0
    for first, line in enumerate(lines):
        words = line.split()
        if len(words) != 2 or words[0].lower() not in _KEYS:
            break
        header[words[0].lower()] = _number(words[1], path, first + 1)
    missing = [key for key in ("ncols", "nrows", "cellsize") if key not in header]
    missing += [
        f"{axis}llcorner" for axis in "xy" if f"{axis}llcorner" not in header and f"{axis}llcenter" not in header
    ]
    if missing:
        message = _("the header of the grid lacks: {names}").format(names=", ".join(missing))
        raise InputError(Problem(message, file=str(path), line=1))
    wrong = [key for key in ("ncols", "nrows") if not (header[key] >= 1 and header[key] % 1 == 0)]
    wrong += [key for key in header if not np.isfinite(header[key]) and key != "nodata_value"]
    wrong += ["cellsize"] if header["cellsize"] <= 0 else []
    if wrong:
        message = _("the header of the grid has values that cannot be: {names}")
        shown = ", ".join(f"{key} {header[key]:g}" for key in dict.fromkeys(wrong))
        raise InputError(Problem(message.format(names=shown), file=str(path), line=1))
    columns, rows, size = int(header["ncols"]), int(header["nrows"]), header["cellsize"]
    words = " ".join(lines[first:]).replace(",", ".").split()
    if len(words) != columns * rows:
        message = _("the grid has {found} values where {wanted} are announced").format(
            found=len(words), wanted=columns * rows
        )
        raise InputError(Problem(message, file=str(path)))
    try:
        z = np.array(words, dtype=np.float64).reshape(rows, columns)
    except ValueError as error:
        raise InputError(Problem(_("not a number"), file=str(path), value=str(error))) from None
    z[z == header.get("nodata_value", -9999.0)] = np.nan
    west = header.get("xllcenter", header.get("xllcorner", 0.0) + size / 2)
    south = header.get("yllcenter", header.get("yllcorner", 0.0) + size / 2)
    x = west + size * np.arange(columns, dtype=np.float64)
    y = south + size * np.arange(rows, dtype=np.float64)[::-1]
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), z


def _number(text: str, path: Path, line: int) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InputError(Problem(_("not a number"), file=str(path), line=line, value=text)) from None


def _geotiff(
    path: Path,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], object]:
    if find_spec("rasterio") is None:
        message = _("reading « {suffix} » files needs a package that is not installed").format(suffix=path.suffix)
        raise InputError(Problem(message, file=str(path), hint="pip install 'jumeau[raster]'"))
    import rasterio

    try:
        with rasterio.open(path.absolute(), driver="GTiff") as raster:
            z = raster.read(1, masked=True).astype(np.float64).filled(np.nan)
            transform, crs = raster.transform, raster.crs
    except rasterio.errors.RasterioError as error:
        raise InputError(
            Problem(_("the raster cannot be read: {error}").format(error=error), file=str(path))
        ) from error
    if transform.b or transform.d:
        raise InputError(Problem(_("the raster is rotated"), file=str(path), hint=_("warp it to a north-up grid")))
    x = transform.c + transform.a * (np.arange(z.shape[1]) + 0.5)
    y = transform.f + transform.e * (np.arange(z.shape[0]) + 0.5)
    return x, y, z, crs.to_wkt() if crs else None

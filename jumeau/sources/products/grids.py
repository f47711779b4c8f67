"""Reads grids of heights as the layer `relief`: one file, or a folder of tiles that lie side by side."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.products.options import ReliefOptions
from jumeau.sources.products.recognition import recognised
from jumeau.sources.projection import project
from jumeau.sources.relief import read_relief
from jumeau.territory.mapping import LayerFile


def read_grids(path: Path, options: ReliefOptions, crs: pyproj.CRS) -> Imported:
    """Return the heights of a grid, or of a folder of grids.

    Parameters
    ----------
    path : Path
    options : ReliefOptions
    crs : CRS
        The territory's: that of grids that state none, unless `crs` is stated.

    Raises
    ------
    InputError
        When there is no grid, or one cannot be read.
    """
    known, _left = recognised(path)
    files = [item.held.file for item in known if item.product.structure == "relief"]
    if not files:
        raise InputError(
            Problem(_("no grid of heights"), file=str(path), hint=_("give a .asc or .tif file, or a folder"))
        )
    frames = []
    for file in files:
        frame = read_relief(file, options.every)
        own = frame.crs if isinstance(frame, gpd.GeoDataFrame) else None
        placed = gpd.GeoDataFrame(frame, geometry="geometry", crs=own or options.given_crs or crs)
        frames.append(project(placed, LayerFile(file=str(file), columns={}), crs, str(file), "relief")[0])
    whole = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=crs)
    layers = {"relief": whole}
    note = _("relief: {count} heights of {files} grid(s)").format(count=format_number(len(whole)), files=len(files))
    return Imported(layers, observed_columns(layers, path.name), (note,))

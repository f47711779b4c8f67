"""Reads whatever OGR reads: zipped shapefiles, GeoPackages, GeoJSON, and more."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _
from jumeau.vector_file import layer_names, read_layer


def read_ogr(path: Path, layer: str | None = None, encoding: str | None = None) -> pd.DataFrame:
    """Return a layer of a file, with its geometry where it has one.

    Parameters
    ----------
    path : Path
    layer : str, optional
        Needed where the file has several.
    encoding : str, optional
        Overrides the file's own.

    Raises
    ------
    InputError
        When the file cannot be opened, or the layer is not stated or does not exist (those that do are listed).
    """
    names = layer_names(path)
    if layer is None and len(names) != 1:
        hint = _("state `layer:`, one of: {names}").format(names=", ".join(names))
        raise InputError(Problem(_("the file has several layers"), file=str(path), hint=hint))
    if layer is not None and layer not in names:
        near = nearest(layer, names)
        hint = _("its layers: {layers}").format(layers=", ".join(names))
        hint = (_("did you mean « {near} »?").format(near=near) + " " if near else "") + hint
        message = _("the file has no layer « {layer} »").format(layer=layer)
        raise InputError(Problem(message, file=str(path), hint=hint))
    # A shape that cannot be, such as a ring of two points, is told with its feature, as one without geometry.
    try:
        frame = read_layer(path, layer or names[0], encoding=encoding, on_invalid="ignore")
    except (UnicodeDecodeError, LookupError) as error:
        hint = _("state `encoding:`, for instance « latin-1 »")
        raise InputError(Problem(_("the text cannot be decoded"), file=str(path), hint=hint)) from error
    if isinstance(frame, gpd.GeoDataFrame) and frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    return pd.DataFrame(frame) if not isinstance(frame, gpd.GeoDataFrame) else frame

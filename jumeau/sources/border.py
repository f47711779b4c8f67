"""The border that a territory file states: an area of a file, or one of its own limits or zones, by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _, format_number
from jumeau.sources.projection import project
from jumeau.sources.reading import open_source
from jumeau.territory.file import TerritoryFile
from jumeau.territory.mapping import LayerFile
from jumeau.territory.model import column_rows
from jumeau.territory.within import Within

#: Areas that differ by less than this share of the larger one are the same.
SAME = 0.01
#: Where a name is looked for: layer, and its columns.
NAMED = {"limits": ("limit_id", "code", "name"), "zones": ("zone_id", "name")}


def border_of(
    whole: TerritoryFile, layers: Mapping[str, gpd.GeoDataFrame], folder: Path, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the layer `limits` with the one area in which the territory lies, and where its columns come from.

    Parameters
    ----------
    whole : TerritoryFile
        With `within`.
    layers : mapping of str to GeoDataFrame
        What was read, in the territory's CRS.
    folder : Path
        What a relative path starts from.
    crs : pyproj.CRS

    Raises
    ------
    InputError
        When no area, or several different ones, answer.
    """
    if isinstance(whole.within, Within):
        return _of_file(whole.within, whole, folder, crs)
    return _by_name(str(whole.within), layers)


def _of_file(
    within: Within, whole: TerritoryFile, folder: Path, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    opened = open_source(within, folder)
    file, frame = str(opened.file), opened.frame
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(Problem(_("the file has no geometry"), file=file))
    if not len(frame):
        hint = _("check `where`: values are compared as texts")
        raise InputError(Problem(_("`within`: no area of the file answers"), file=file, hint=hint))
    stated = LayerFile(file=within.file, crs=within.crs, columns={})
    frame, _note = project(frame, stated, crs, file, "limits")
    shapes = frame.geometry.to_numpy()
    shapes = shapes[np.isin(shapely.get_type_id(shapes), (3, 6))]
    if not len(shapes):
        hint = _("give the file of areas, not of their lines or points")
        raise InputError(Problem(_("`within`: what the file holds there is no area"), file=file, hint=hint))
    area = shapely.union_all(shapely.make_valid(shapes))
    name = within.name or whole.titles()["fr"]
    table = gpd.GeoDataFrame({"limit_id": ["limit"], "name": [name], "own": [True]}, geometry=[area], crs=crs)
    return table, column_rows(
        "limits", list(table.columns), "observed", rule="the area that the territory file states",
        source=within.source or whole.source, licence=within.licence or whole.licence, date=whole.date,
    )  # fmt: skip


def _by_name(text: str, layers: Mapping[str, gpd.GeoDataFrame]) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the limit or zone of that id, code or name."""
    for plain in (str, _plain):
        for layer, columns in NAMED.items():
            for column in columns:
                if layer not in layers or column not in layers[layer]:
                    continue
                frame = layers[layer]
                found = frame[frame[column].map(lambda value: plain(str(value)) == plain(text)).to_numpy(dtype=bool)]  # noqa: B023
                if len(found):
                    return _chosen(text, found, layer, columns[0])
    known = sorted(
        {
            str(value)
            for layer, columns in NAMED.items()
            for value in (layers[layer]["name"] if layer in layers and "name" in layers[layer] else ())
            if isinstance(value, str)
        }
    )
    near = nearest(text, known)
    hint = _("did you mean « {near} »?").format(near=near) if near else ""
    hint = hint or _("areas that have a name: {names}").format(names=shorten(known) if known else "—")
    raise InputError(Problem(_("`within`: no limit or zone is called « {name} »").format(name=text), hint=hint))


def _chosen(text: str, found: gpd.GeoDataFrame, layer: str, key: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the one area found; several are one where they are the same."""
    shapes = found.geometry.to_numpy()
    areas = shapely.area(shapes)
    first = int(np.argmin(areas))
    apart = shapely.area(shapely.symmetric_difference(shapes, shapes[first])) > SAME * areas.max()
    if apart.any():
        kinds = found["kind"] if "kind" in found else pd.Series([""] * len(found), index=found.index)
        told = [
            f"{name} ({kind}, {format_number(area / 1e6, 2)} km²)"
            for name, kind, area in zip(found[key], kinds, areas, strict=True)
        ]
        message = _("`within`: several areas are called « {name} »").format(name=text)
        raise InputError(Problem(message, value=", ".join(told), hint=_("write the identifier of the one meant")))
    row: Any = found.iloc[first]
    table = gpd.GeoDataFrame(
        {
            "limit_id": [str(row[key])],
            "name": [str(row["name"])],
            "kind": [row.get("kind")],
            "own": [True],
        },
        geometry=[shapes[first]],
        crs=found.crs,
    )
    return table, column_rows("limits", ["own"], "observed", rule=f"the area of « within », from the layer: {layer}")


def _plain(text: str) -> str:
    """Return a text without case and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))

"""Features of layers as rows, whose values may be absent: what the model of EPANET is made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

Layers = Mapping[str, gpd.GeoDataFrame]
Row = dict[str, Any]


def rows_in(layers: Layers, layer: str) -> Iterator[Row]:
    """Yield the features of a layer as mappings, missing values as None; nothing where the layer is absent."""
    frame = layers.get(layer)
    if frame is None or not len(frame):
        return
    names = [str(name) for name in frame.columns]
    columns = []
    for name in names:
        column = frame[name]
        columns.append(
            column.astype(object).where(column.notna(), None).tolist() if name != "geometry" else list(column)
        )
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def number(row: Mapping[str, Any], name: str, default: float) -> float:
    """Return a number of a row, the default where it is absent."""
    value = row.get(name)
    return default if value is None or value == "" else float(value)


def text(row: Mapping[str, Any], name: str, default: str = "") -> str:
    """Return a text of a row, the default where it is absent."""
    value = row.get(name)
    return default if value is None or value == "" else str(value)


def absent(layer: str, column: str, ids: list[str]) -> InputError:
    """Return the error of features that lack a value which EPANET needs."""
    hint = _("build the territory with « jumeau territory build », which fills it in by a stated rule")
    return InputError(
        Problem(_("a required value is missing"), layer=layer, column=column, features=tuple(ids), hint=hint)
    )

"""Columns of layers as arrays, whether or not the layer has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def no_value(values: pd.Series[Any]) -> Bools:
    """Tell which values say nothing, shape (n,): an empty string says no more than an absent one."""
    absent = values.isna().to_numpy(dtype=bool)
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "fiub":
        return absent
    return _silent(values.to_numpy(dtype=object), absent)


def _silent(values: NDArray[np.object_], absent: Bools) -> Bools:
    # Where nothing is said, pandas' own marks answer no comparison by yes or no.
    empty = np.zeros(len(values), dtype=bool)
    empty[~absent] = values[~absent] == ""
    return absent | empty


def numbers(layer: gpd.GeoDataFrame, column: str, missing: float | Floats = np.nan) -> Floats:
    """Return a numeric column, shape (n,), with `missing` where it says nothing."""
    if column not in layer.columns:
        return np.array(np.broadcast_to(missing, len(layer)), dtype=np.float64)
    values = pd.to_numeric(layer[column], errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isnan(values), missing, values)


def texts(layer: gpd.GeoDataFrame, column: str, missing: str = "") -> NDArray[np.object_]:
    """Return a text column, shape (n,), with `missing` where it says nothing."""
    if column not in layer.columns:
        return np.full(len(layer), missing, dtype=object)
    values: NDArray[np.object_] = layer[column].to_numpy(dtype=object, copy=True)
    values[no_value(layer[column])] = missing
    return values


def flags(layer: gpd.GeoDataFrame, column: str) -> Bools:
    """Return a truth column, shape (n,), false where it says nothing."""
    if column not in layer.columns:
        return np.zeros(len(layer), dtype=bool)
    return np.array([value is not None and value == True for value in layer[column]], dtype=bool)  # noqa: E712 - also numpy's


def totals(rows: NDArray[np.int64], weights: Any, size: int) -> Floats:
    """Return the sum of the weights that fall on each row, shape (size,)."""
    return np.asarray(np.bincount(rows, np.asarray(weights, dtype=np.float64), minlength=size), dtype=np.float64)


def rows_of(known: Any, names: Any) -> NDArray[np.int64]:
    """Return the row of each name among known ones, -1 where it is not known, shape (k,)."""
    return np.asarray(pd.Index(known).get_indexer(pd.Index(names)), dtype=np.int64)


def changed(
    layers: Mapping[str, gpd.GeoDataFrame], name: str, selected: Bools, measure: str, values: Mapping[str, Any]
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with new values in the selected rows of one of them, marked with the measure's name."""
    layer = layers[name].copy()
    # A measure that comes twice is named once.
    known = [[part for part in str(mark).split(" + ") if part] for mark in texts(layer, "measures")]
    marks = [" + ".join(dict.fromkeys([*parts, measure])) for parts in known]
    for column, value in {**values, "measures": np.array(marks, dtype=object)}.items():
        layer[column] = np.where(selected, value, _before(layer, column, value))
    return {**layers, name: layer}


def _before(layer: gpd.GeoDataFrame, column: str, value: Any) -> NDArray[Any]:
    kind = np.asarray(value).dtype.kind
    if kind == "b":
        return flags(layer, column)
    return texts(layer, column) if kind in "UO" else numbers(layer, column)

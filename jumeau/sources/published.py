"""What readers of published indicators share: rows with their lines, numbers as they are written, the layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, local
from jumeau.sources.cells import as_numbers, as_text
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.products.catalogue import catalogue
from jumeau.sources.products.recognition import recognised
from jumeau.sources.products.tables import rows_of
from jumeau.sources.reading import ROW
from jumeau.yardsticks import COLUMNS

#: Column of the rows that tells the line of the file, and the one that tells the file.
LINE, FILE = "__line__", "__file__"

#: What stands for « not told » in such tables.
UNTOLD = ("", "-", "NC", "N.C.", "ND", "N.D.", "NR", "NS", "N/A", "#N/A")


def published_rows(product: str, layer: str, path: Path) -> pd.DataFrame:
    """Return the rows of the tables of a product that give a layer, columns by their keys, with file and line.

    Raises
    ------
    InputError
        When no table is of the product, with what is there instead and the columns that it lacks.
    """
    known, left = recognised(path)
    found = []
    for item in known:
        for table in item.tables:
            if item.product.name == product and table.layer == layer:
                for part in rows_of(item.held, table, item.names(table), None):
                    rows = pd.DataFrame(part).drop(columns="geometry", errors="ignore")
                    # The header takes a line of its own.
                    rows[LINE], rows[FILE] = rows[ROW] + item.held.skip + 1, item.held.name
                    found.append(rows)
    if not found:
        label = local(catalogue()[product].label)
        message = _("no table of {product} that tells values per inhabitant or service").format(product=label)
        told = [f"{item.held.name}: {item.reason}" for item in left]
        told += [f"{item.held.name}: {local(item.product.label)}" for item in known]
        lacking = _("columns needed: {columns}")
        names = [
            " / ".join(name.strip("/") for name in table.keys[key])
            for table in catalogue()[product].tables[:1]
            for key in table.required
        ]
        raise InputError(
            Problem(message, file=str(path), value="; ".join(told[:5]), hint=lacking.format(columns=", ".join(names)))
        )
    return pd.concat(found, ignore_index=True)


def published_numbers(rows: pd.DataFrame, key: str, path: Path, name: str) -> np.ndarray:
    """Return the numbers of a column, decimal comma or point, not a number where none is told; shape (n,).

    Raises
    ------
    InputError
        With file, line, column and value of each cell that is no number.
    """
    if key not in rows:
        return np.full(len(rows), np.nan)
    texts = as_text(rows[key])
    texts = texts.where(~texts.fillna("").str.upper().isin(UNTOLD), None)
    values, unread = as_numbers(texts.map(lambda cell: cell.replace(",", ".") if isinstance(cell, str) else cell), ".")
    if unread.any():
        hint = _("correct the cell, or leave it empty where the value is not known")
        bad = zip(rows[LINE][unread], rows[key][unread], strict=True)
        told = [(int(line), str(cell)) for line, cell in bad]
        text, file = _("not a number"), str(path)
        raise InputError(
            *(Problem(text, hint=hint, file=file, line=line, column=name, value=cell) for line, cell in told)
        )
    return np.asarray(values.to_numpy(), dtype=np.float64)


def published_layer(
    name: str, framework: str, body: str, year: int | None, values: Iterable[tuple[str, float, str]], crs: pyproj.CRS
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layer of published values, by its name.

    Parameters
    ----------
    name, framework, body : str
        Layer; key of the publisher; who the values are of.
    year : int or None
    values : iterable of (str, float, str)
        Code of the indicator, value, unit.
    crs : CRS
        The territory's.
    """
    rows = [(f"{framework}:{code}", framework, code, body, year, float(value), unit) for code, value, unit in values]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["year"] = frame["year"].astype("Int64" if year is None else "int64")
    return {name: gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=crs)}


def published(
    layers: dict[str, gpd.GeoDataFrame],
    source: str,
    licence: str,
    notes: Sequence[str],
    warnings: Sequence[Problem] = (),
) -> Imported:
    """Return published values as a reader returns them: observed, under a source."""
    return Imported(layers, observed_columns(layers, source, licence), tuple(notes), tuple(warnings))

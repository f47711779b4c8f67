"""Cells of foreign tables: texts to compare, numbers to compute with, conditions on rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _
from jumeau.territory.mapping import Conditions, Filter

Mask = NDArray[np.bool_]

# Spaces that group digits: plain, no-break, narrow no-break, thin.
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009")


def text_of(value: object) -> str:
    """Return a cell as the text that conditions and value maps compare: 5, 5.0 and "5" are the same."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def as_text(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return the texts of a column, None where a cell is empty."""
    present = series.notna()
    texts = pd.Series([None] * len(series), index=series.index, dtype=object)
    texts[present] = [text_of(value) for value in series[present]]
    return texts.where(texts != "", None)


def as_numbers(series: pd.Series[Any], decimal: str) -> tuple[pd.Series[Any], Mask]:
    """Return the numbers of a column, and which cells could not be read.

    Parameters
    ----------
    series : Series, shape (n,)
        Numbers, or texts with the decimal sign `decimal` and digits grouped by spaces.
    decimal : str
        `.` or `,`.

    Returns
    -------
    numbers : Series of float
    unread : ndarray of bool, shape (n,)
    """
    if pd.api.types.is_numeric_dtype(series):
        return series.astype("float64"), np.zeros(len(series), dtype=bool)
    texts = as_text(series)
    present = texts.notna().to_numpy()
    written = pd.Series(["" if text is None else text.translate(_SPACES) for text in texts], index=series.index)
    if decimal == ",":
        # A point next to a decimal comma could group digits or not: such a cell is refused.
        written = written.where(~written.str.contains(".", regex=False), "?").str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(written.where(present, None), errors="coerce").astype("float64")
    return numbers, present & numbers.isna().to_numpy()


def unread_numbers(
    series: pd.Series[Any], unread: Any, decimal: str, file: str, column: str, layer: str = "", ids: Any = None
) -> Problem:
    """Return the problem of cells that are no numbers, with the advice on the decimal sign."""
    bad = np.flatnonzero(unread)
    values = [str(series.iloc[row]) for row in bad]
    names = tuple(str(ids[row]) if ids is not None else str(row + 1) for row in bad)
    hint = ""
    if decimal == "." and any("," in value for value in values):
        hint = _('these numbers have a decimal comma: state `decimal: ","`')
    elif decimal == "," and any("." in value for value in values):
        hint = _('these numbers have a decimal point: state `decimal: "."`')
    hint = hint or _("correct the file, or list the values that mean « unknown » under `missing`")
    shown = shorten(list(dict.fromkeys(values)))
    return Problem(_("not a number"), hint=hint, file=file, layer=layer, column=column, features=names, value=shown)


def select(frame: pd.DataFrame, conditions: Conditions, decimal: str = ".", file: str = "") -> Mask:
    """Return the rows on which all conditions hold.

    Raises
    ------
    InputError
        When a column does not exist.
    """
    kept = np.ones(len(frame), dtype=bool)
    for column, condition in conditions.items():
        need_column(frame, column, file)
        kept &= _holds(frame[column], condition, decimal)
    return kept


def _holds(series: pd.Series[Any], condition: Any, decimal: str) -> Mask:
    texts = as_text(series)
    if not isinstance(condition, Filter):
        wanted = condition if isinstance(condition, tuple) else (condition,)
        return texts.isin([text_of(item) for item in wanted]).to_numpy()
    kept = np.ones(len(series), dtype=bool)
    if condition.in_ is not None:
        kept &= texts.isin([text_of(item) for item in condition.in_]).to_numpy()
    if condition.not_in is not None:
        kept &= ~texts.isin([text_of(item) for item in condition.not_in]).to_numpy()
    if condition.missing is not None:
        kept &= texts.isna().to_numpy() == condition.missing
    if condition.min is not None or condition.max is not None:
        numbers = as_numbers(series, decimal)[0].to_numpy()
        low = -np.inf if condition.min is None else condition.min
        high = np.inf if condition.max is None else condition.max
        kept &= (numbers >= low) & (numbers <= high)
    return kept


def need_column(frame: pd.DataFrame, column: str, file: str, layer: str = "") -> None:
    """Refuse a column that the table does not have, with those that it has and the nearest.

    Raises
    ------
    InputError
    """
    if column in frame.columns:
        return
    names = [str(name) for name in frame.columns if name != "geometry"]
    near = nearest(column, names)
    hint = _("its columns: {names}").format(names=", ".join(names))
    if not [name for name in names if not name.startswith("__")] and Path(file).suffix.lower() in (".shp", ".zip"):
        hint = _("it has none: the .dbf that goes with the .shp is missing or empty; ask for the whole delivery")
    hint = (_("did you mean « {near} »?").format(near=near) + " " if near else "") + hint
    message = _("the file has no column « {column} »").format(column=column)
    raise InputError(Problem(message, file=file, layer=layer, column=column, hint=hint))


def blank(frame: pd.DataFrame, missing: Mapping[str, Any] | tuple[Any, ...]) -> pd.DataFrame:
    """Return the table with the values that stand for "unknown" emptied."""
    if not missing:
        return frame
    words = [text_of(item) for item in missing]
    emptied = frame.copy()
    for column in emptied.columns:
        if column != "geometry":
            unknown = as_text(emptied[column]).isin(words)
            if unknown.any():
                emptied[column] = emptied[column].astype(object).where(~unknown, None)
    return emptied

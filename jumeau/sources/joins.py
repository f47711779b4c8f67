"""Joins a second table to the rows of a layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jumeau.attributes import ORIGIN_SUFFIX
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text, need_column, unread_numbers
from jumeau.sources.reading import open_source
from jumeau.territory.mapping import Join


def joined(frame: pd.DataFrame, join: Join, folder: Path, file: str) -> pd.DataFrame:
    """Return the table with the columns of another one, matched on texts.

    Parameters
    ----------
    frame : DataFrame
    join : Join
    folder : Path
        What a relative path starts from.
    file : str
        File of `frame`, for messages.

    Raises
    ------
    InputError
        When a file or column is missing, a column exists already, several rows have the same key and the join does not
        say what they give, or a cell is no number.
    """
    opened = open_source(join, folder)
    other = pd.DataFrame(opened.frame.drop(columns="geometry", errors="ignore"))
    need_column(frame, join.left, file)
    wanted = join.columns if not isinstance(join.columns, tuple) else {name: name for name in join.columns}
    for column in (join.right, *wanted.values()):
        need_column(other, column, str(opened.file))
    taken = [name for name in wanted if name in frame.columns]
    if taken:
        message = _("the joined columns exist already: {names}").format(names=", ".join(taken))
        hint = _("rename them: `columns: {new_name: column}`")
        raise InputError(Problem(message, file=str(opened.file), hint=hint))
    keys = as_text(other[join.right])
    table = pd.DataFrame({name: other[column] for name, column in wanted.items()})[keys.notna()]
    keys = keys[keys.notna()]
    if keys.duplicated().any():
        table, keys = _combined(table, keys, join, str(opened.file))
    table.index = pd.Index(keys)
    matched = table.reindex(as_text(frame[join.left]).to_numpy())
    matched.index = frame.index
    if join.fill_by is not None:
        matched = _filled(matched, frame, join, file)
    whole = frame.copy()
    for name in matched.columns:
        whole[name] = matched[name]
    return whole


def _combined(table: pd.DataFrame, keys: pd.Series[Any], join: Join, file: str) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return one row per key, by the rule that the join states."""
    if join.combine == "refuse":
        twice = keys[keys.duplicated(keep=False)]
        raise InputError(
            Problem(
                _("several rows have the same key"),
                file=file,
                column=join.right,
                features=tuple(dict.fromkeys(twice)),
                hint=_("state `combine:`, one of: first, mean, median, sum, max, min"),
            )
        )
    if join.combine == "first":
        first = ~keys.duplicated()
        return table[first], keys[first]
    numbers = _numbers(table, join, file)
    grouped = numbers.groupby(keys.to_numpy()).agg(join.combine)
    return grouped, pd.Series(grouped.index, index=grouped.index)


def _numbers(table: pd.DataFrame, join: Join, file: str) -> pd.DataFrame:
    numbers = {}
    for name in table.columns:
        numbers[name], unread = as_numbers(table[name], join.decimal)
        if unread.any():
            raise InputError(unread_numbers(table[name], unread, join.decimal, file, str(name)))
    return pd.DataFrame(numbers)


def _filled(matched: pd.DataFrame, frame: pd.DataFrame, join: Join, file: str) -> pd.DataFrame:
    """Return joined numbers, the median of the rows with the same `fill_by` where a row has none."""
    need_column(frame, str(join.fill_by), file)
    numbers = _numbers(matched, join, file)
    groups = as_text(frame[str(join.fill_by)])
    filled = numbers.fillna(numbers.groupby(groups.to_numpy(), dropna=True).transform("median"))
    for name in numbers.columns:
        guessed = (numbers[name].isna() & filled[name].notna()).to_numpy()
        if guessed.any():
            filled[f"{name}{ORIGIN_SUFFIX}"] = np.where(guessed, "imputed", "observed").astype(object)
    return filled

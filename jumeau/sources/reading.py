"""Opens the file that a block of the territory file names: right reader, rows kept, tables joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text, blank, need_column, select
from jumeau.sources.delimited import read_delimited
from jumeau.sources.excel import ENGINES, read_excel
from jumeau.sources.ogr import read_ogr
from jumeau.sources.paths import expand
from jumeau.sources.relief import read_relief
from jumeau.tables import ORIGIN_SUFFIX
from jumeau.territory.mapping import Join, LayerFile, Source
from jumeau.yaml_file import missing_file

DELIMITED = (".csv", ".txt", ".tsv")
RASTERS = (".asc", ".tif", ".tiff")

#: Column that keeps the row number in the source file, counted from 1.
ROW = "__row__"


@dataclass(frozen=True)
class Opened:
    """A table read from a file.

    Attributes
    ----------
    frame : DataFrame
        With a column `__row__`, and a geometry where the file has one.
    file : Path
    read : int
        Rows in the file.
    """

    frame: pd.DataFrame
    file: Path
    read: int


def open_source(source: Source, folder: Path) -> Opened:
    """Read a file, empty its unknown values and keep the rows wanted.

    Parameters
    ----------
    source : Source
    folder : Path
        What a relative path starts from.

    Raises
    ------
    InputError
        When the file, a layer or a column is missing, or the file cannot be read.
    """
    file = expand(source.file, folder)
    if not file.exists():
        raise InputError(missing_file(file))
    frame = _read(source, file).reset_index(drop=True)
    frame = blank(frame, source.missing)
    frame[ROW] = np.arange(1, len(frame) + 1)
    kept = select(frame, source.where, source.decimal, str(file))
    return Opened(frame[kept].reset_index(drop=True), file, len(frame))


def open_layer(layer: LayerFile, folder: Path) -> Opened:
    """Read a layer's file and the tables joined to it.

    The rows wanted are chosen after the joins, so that conditions can use joined columns.
    """
    opened = open_source(layer.model_copy(update={"where": {}}), folder)
    frame = opened.frame
    for join in layer.joins:
        frame = _join(frame, join, folder, str(opened.file))
    kept = select(frame, layer.where, layer.decimal, str(opened.file))
    return replace(opened, frame=frame[kept].reset_index(drop=True))


def _read(source: Source, file: Path) -> pd.DataFrame:
    suffix = file.suffix.lower()
    if suffix in RASTERS:
        return read_relief(file, source.every if isinstance(source, LayerFile) else 1)
    if suffix in DELIMITED:
        frame = read_delimited(file, source.encoding, source.separator, source.skip_rows)
    elif suffix in ENGINES:
        frame = read_excel(file, source.layer, source.skip_rows)
    else:
        frame = read_ogr(file, source.layer, source.encoding)
    if isinstance(source, LayerFile) and source.x is not None and source.y is not None:
        frame = _points(frame, source, file)
    return frame


def _points(frame: pd.DataFrame, source: LayerFile, file: Path) -> pd.DataFrame:
    """Return a table with points made of two columns; unreadable coordinates are refused, empty ones kept empty."""
    axes = []
    for column in (str(source.x), str(source.y)):
        need_column(frame, column, str(file))
        numbers, unread = as_numbers(frame[column], source.decimal)
        if unread.any():
            raise InputError(unread_numbers(frame[column], unread, source.decimal, str(file), column))
        axes.append(numbers.to_numpy())
    points = gpd.points_from_xy(*axes).to_numpy()
    points[np.isnan(axes[0]) | np.isnan(axes[1])] = None
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=points)
    return placed


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
    shown = ", ".join(dict.fromkeys(values[:5]))
    return Problem(_("not a number"), hint=hint, file=file, layer=layer, column=column, features=names, value=shown)


def _join(frame: pd.DataFrame, join: Join, folder: Path, file: str) -> pd.DataFrame:
    """Return the table with the columns of another one, matched on texts."""
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
    joined = frame.copy()
    for name in matched.columns:
        joined[name] = matched[name]
    return joined


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

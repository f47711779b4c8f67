"""Opens the file that a block of the territory file names: the right reader, the rows kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.input_file import regular_file
from jumeau.sources.cells import as_numbers, blank, need_column, select, unread_numbers
from jumeau.sources.delimited import read_delimited
from jumeau.sources.encodings import as_utf8
from jumeau.sources.excel import ENGINES, read_excel
from jumeau.sources.ogr import read_ogr
from jumeau.sources.paths import expand
from jumeau.sources.relief import read_relief
from jumeau.sources.zipped import unzipped
from jumeau.territory.mapping import LayerFile, Source

DELIMITED = (".csv", ".txt", ".tsv")
#: Files that may leave their encoding unsaid.
SHAPEFILES = (".shp", ".dbf", ".zip")
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
    notes : tuple of str
        What was guessed on the way.
    """

    frame: pd.DataFrame
    file: Path
    read: int
    notes: tuple[str, ...] = ()


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
    file = regular_file(expand(source.file, folder))
    frame = _read(source, file).reset_index(drop=True)
    notes: tuple[str, ...] = ()
    if source.encoding is None and file.suffix.lower() in SHAPEFILES:
        frame, guessed = as_utf8(frame)
        if guessed:
            text = _("{file}: the texts are UTF-8, which the file does not say; state `encoding:` if they look wrong")
            notes = (text.format(file=file.name),)
    frame = blank(frame, source.missing)
    frame[ROW] = np.arange(1, len(frame) + 1)
    kept = select(frame, source.where, source.decimal, str(file))
    return Opened(frame[kept].reset_index(drop=True), file, len(frame), notes)


def _read(source: Source, file: Path) -> pd.DataFrame:
    suffix = file.suffix.lower()
    if suffix in RASTERS:
        return read_relief(file, source.every if isinstance(source, LayerFile) else 1)
    if suffix in DELIMITED:
        frame = read_delimited(file, source.encoding, source.separator, source.skip_rows)
    elif suffix in ENGINES:
        frame = read_excel(file, source.layer, source.skip_rows)
    else:
        with unzipped(file, source.layer) as (inside, layer):
            frame = read_ogr(inside, layer, source.encoding)
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

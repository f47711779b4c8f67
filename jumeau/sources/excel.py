"""Reads workbooks (.xls, .xlsx), with the extra `excel`."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pandas as pd

from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _

#: File name ending -> package that pandas needs.
ENGINES = {".xls": "xlrd", ".xlsx": "openpyxl"}


def read_excel(path: Path, sheet: str | None = None, skip_rows: int = 0) -> pd.DataFrame:
    """Return a sheet; empty cells are missing.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        The first one by default.
    skip_rows : int
        Rows above the header.

    Raises
    ------
    InputError
        When the reader is not installed, the file is no workbook, or the sheet does not exist.
    """
    engine = ENGINES[path.suffix.lower()]
    if find_spec(engine) is None:
        message = _("reading « {suffix} » files needs a package that is not installed").format(suffix=path.suffix)
        raise InputError(Problem(message, file=str(path), hint="pip install 'jumeau[excel]'"))
    try:
        with warnings.catch_warnings(), _book(path, engine) as book:
            names = [str(name) for name in book.sheet_names]
            if sheet is not None and sheet not in names:
                _refuse_sheet(path, sheet, names)
            frame = pd.read_excel(book, sheet_name=sheet or names[0], skiprows=skip_rows, dtype=object)
    except InputError:
        raise
    except Exception as error:  # every engine has its own exceptions for a damaged file
        message = _("the workbook cannot be read: {error}").format(error=error)
        raise InputError(Problem(message, file=str(path))) from error
    frame.columns = pd.Index([str(name).strip() for name in frame.columns])
    return frame


def _book(path: Path, engine: str) -> pd.ExcelFile:
    # pandas will drop xlrd one day; its successor is not among what people have installed.
    warnings.filterwarnings("ignore", message="The xlrd engine is deprecated")
    return pd.ExcelFile(path, engine=engine)  # type: ignore[arg-type]


def _refuse_sheet(path: Path, sheet: str, names: list[str]) -> NoReturn:
    near = nearest(sheet, names)
    hint = _("its sheets: {names}").format(names=", ".join(names))
    hint = (_("did you mean « {near} »?").format(near=near) + " " if near else "") + hint
    message = _("the workbook has no sheet « {name} »").format(name=sheet)
    raise InputError(Problem(message, file=str(path), hint=hint))

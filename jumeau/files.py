"""Files that are whole or absent, and folders that can be written to."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio

from jumeau.errors import InputError, Problem
from jumeau.i18n import _


def atomic(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a temporary name, then move it in place: a file is whole or absent.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        temporary.replace(path)
    except (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise InputError(
            Problem(
                _("cannot write: {error}").format(error=error),
                file=str(path),
                hint=_("choose a writable folder"),
            )
        ) from error
    finally:
        if temporary.exists():  # where the folder is a file, `unlink` would raise anew
            temporary.unlink()
    return path


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written to, before anything long begins.

    Raises
    ------
    InputError
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            Problem(
                _("cannot write: {error}").format(error=error),
                file=str(folder),
                hint=_("choose a writable folder"),
            )
        ) from error


@contextmanager
def fixed_date() -> Iterator[None]:
    """Let GeoPackages written inside the block carry a fixed date, so that the same content gives the same bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2025-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

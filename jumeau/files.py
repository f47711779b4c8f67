"""Files that are whole or absent, folders that can be written to, and that one campaign at a time works in."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

#: Of the folders in which files are made; what a killed process left bears the same name (see `sweep`).
PREFIX, SUFFIX = ".jumeau-", ".tmp"

#: What libraries raise when the system refuses to write; GDAL's errors and HDF5's are no `OSError`.
REFUSALS = (OSError, DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def atomic(path: Path, write: Callable[[Path], object]) -> Path:
    """Let `write` fill a file of the same name in a folder of its own, then move it in place: whole or absent.

    The folder is new, whatever another process or an earlier one left: nothing is ever appended to.

    Parameters
    ----------
    path : Path
        File to write; its folder is made if absent.
    write : callable
        Given the path to fill.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        When the system refuses: read-only folder, full disk, a folder of that name.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(dir=path.parent, prefix=PREFIX, suffix=SUFFIX))
        try:
            made = room / path.name
            write(made)
            made.replace(path)
        finally:
            shutil.rmtree(room, ignore_errors=True)
    return path


def write_text(path: Path, text: str) -> Path:
    r"""Write a text as it is (UTF-8, `\n`), whole or not at all; see `atomic`."""
    return atomic(path, lambda target: target.write_text(text, encoding="utf-8", newline="\n"))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusals inside the block into a message about `path`.

    Raises
    ------
    InputError
    """
    try:
        yield
    except REFUSALS as error:
        raise InputError(refusal(error, path)) from error
    except RuntimeError as error:
        # The netCDF library says no more of what HDF5 could not write.
        if not str(error).startswith("NetCDF: "):
            raise
        raise InputError(refusal(error, path)) from error


def refusal(error: Exception, path: Path | str) -> Problem:
    """Return what to tell of an error of the system: what it says, and what to do."""
    number = getattr(error, "errno", None)
    if number is None and not room_left(Path(path)):
        number = errno.ENOSPC  # libraries keep the reason to themselves
    reason = _reasons().get(number or 0) or getattr(error, "strerror", None) or str(error)
    return Problem(
        _("cannot write: {error}").format(error=reason),
        file=str(path),
        hint=_("make room on this disk, then run the same command again")
        if number in _FULL or number is None
        else _("choose a writable folder"),
    )


def _reasons() -> dict[int, str]:
    """Return the system's commonest refusals in the current language, by number."""
    return {
        errno.ENOSPC: _("the disk is full"),
        errno.EDQUOT: _("the disk quota is used up"),
        errno.EFBIG: _("the file would be larger than is allowed"),
        errno.EACCES: _("permission denied"),
        errno.EPERM: _("permission denied"),
        errno.EROFS: _("this disk can only be read"),
        errno.ENOTDIR: _("a part of the path is a file, not a folder"),
        errno.EISDIR: _("a folder of that name stands there"),
        errno.EEXIST: _("a file of that name stands there"),
        errno.ENAMETOOLONG: _("the name is too long"),
    }


def room_left(path: Path) -> bool:
    """Return whether the disk of a file still takes a few kilobytes."""
    try:
        with tempfile.TemporaryFile(dir=path if path.is_dir() else path.parent) as file:
            file.write(bytes(65536))
            file.flush()
    except OSError as error:
        return error.errno not in _FULL
    return True


def sweep(folder: Path) -> None:
    """Remove what processes that were killed left half written; only for who holds the folder's lock."""
    with suppress(OSError):
        for left in [*folder.glob(f"{PREFIX}*{SUFFIX}"), *folder.glob(f"*{SUFFIX}")]:
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written to, before anything long begins.

    Raises
    ------
    InputError
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()


@contextmanager
def fixed_date() -> Iterator[None]:
    """Let GeoPackages written inside the block carry a fixed date, so that the same content gives the same bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2025-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})

"""Files that a user names as input: regular ones, or folders of regular ones.

A named pipe waits for ever for somebody to write, `/dev/zero` never ends: neither is opened.
"""

from __future__ import annotations

import stat
from pathlib import Path

from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _


def regular_file(path: Path) -> Path:
    """Return the path of a regular file, or refuse it before anything opens it.

    Parameters
    ----------
    path : Path
        Links are followed.

    Raises
    ------
    InputError
        When there is nothing, a folder, or a device, pipe or socket; or when the system refuses to look.
    """
    kind = _kind(path)
    if stat.S_ISDIR(kind):
        raise InputError(Problem(_("this is a folder, not a file"), file=str(path), hint=_("name the file inside it")))
    if not stat.S_ISREG(kind):
        raise InputError(_special(path))
    return path


def regular_file_or_folder(path: Path) -> Path:
    """Return the path of a regular file, or of a folder that holds nothing but regular files and folders.

    Raises
    ------
    InputError
        See `regular_file`.
    """
    kind = _kind(path)
    if not stat.S_ISDIR(kind):
        return regular_file(path)
    try:
        inside = sorted(path.iterdir())
    except OSError as error:
        raise InputError(_refused(path, error)) from error
    # A link that leads nowhere is as good as absent: what reads the folder says which file it misses.
    special = [item for item in inside if item.exists() and not (item.is_file() or item.is_dir())]
    if special:
        raise InputError(*(_special(item) for item in special))
    return path


def missing_file(file: Path) -> Problem:
    """Return the problem of a file that does not exist, with the nearest name of its folder."""
    folder = file.parent
    if not folder.is_dir():
        return Problem(_("the folder does not exist: {folder}").format(folder=folder), file=str(file))
    try:
        names = sorted(item.name for item in folder.iterdir())
    except OSError:
        names = []
    near = nearest(file.name, names)
    hint = _("did you mean « {near} »?").format(near=near) if near else ""
    return Problem(_("the file does not exist"), file=str(file), hint=hint or _("check the path"))


def _kind(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        raise InputError(missing_file(path)) from None
    except (OSError, ValueError) as error:  # too long a name, a loop of links, a null character
        raise InputError(_refused(path, error)) from error


def _special(path: Path) -> Problem:
    message = _("not a regular file (a pipe, a device or a socket)")
    return Problem(message, file=str(path), hint=_("save the data to a file first"))


def _refused(path: Path, error: Exception) -> Problem:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Problem(_("cannot be read: {error}").format(error=reason), file=str(path), hint=_("check the path"))

"""One campaign at a time in a folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from jumeau.errors import InputError, Problem
from jumeau.files import writing
from jumeau.i18n import _

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

NAME = ".jumeau.lock"


@contextmanager
def only_campaign(folder: Path) -> Iterator[None]:
    """Hold a folder for the block.

    The lock is the system's: it ends with the process that holds it, however that one ends, so that a campaign that was
    killed never stands in the way of its resumption.

    Raises
    ------
    InputError
        When another campaign works there; it is named.
    """
    path = folder / NAME
    with _opened(path) as file:
        if not _taken(file):
            raise InputError(
                Problem(
                    _("another campaign works in this folder ({who})").format(who=_holder(path)),
                    file=str(folder),
                    hint=_("wait until it is done, stop it, or choose another folder"),
                )
            )
        with writing(path):
            file.seek(_WORDS)
            file.truncate()
            began = datetime.now().astimezone().isoformat(timespec="seconds")
            file.write(f"process {os.getpid()}, {socket.gethostname()}, {began}".encode())
            file.flush()
        yield


#: The words begin after the byte that is locked: on Windows, what is locked cannot be read.
_WORDS = 1


def _opened(path: Path) -> BinaryIO:
    with writing(path):
        # Never truncated before the lock is held, nor removed after: another may be reading who holds it.
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")


def _taken(file: BinaryIO) -> bool:
    """Take the lock, and return whether nobody else has it."""
    if fcntl is None:
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, _WORDS)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network drives know no locks: there, one campaign at a time is the user's care
    return True


def _holder(path: Path) -> str:
    try:
        return path.read_bytes()[_WORDS:].decode("utf-8", "replace").strip("\0 ") or "?"
    except OSError:
        return "?"

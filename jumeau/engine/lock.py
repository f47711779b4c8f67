"""One campaign at a time in a folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from jumeau.errors import InputError, Problem
from jumeau.files import write_text, writing
from jumeau.i18n import _

#: The lock itself, and who holds it: what is locked may be emptied by whoever asks for it.
LOCK, HOLDER = ".jumeau.lock", ".jumeau.holder"


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
    lock = FileLock(folder / LOCK, timeout=0)
    holder = folder / HOLDER
    with writing(folder):
        try:
            lock.acquire()
        except Timeout:
            raise InputError(
                Problem(
                    _("another campaign works in this folder ({who})").format(who=_words(holder)),
                    file=str(folder),
                    hint=_("wait until it is done, stop it, or choose another folder"),
                )
            ) from None
    try:
        began = datetime.now().astimezone().isoformat(timespec="seconds")
        write_text(holder, f"process {os.getpid()}, {socket.gethostname()}, {began}\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _words(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8").strip()
    except OSError:
        return "?"

"""Long computations kept on disk, for whoever asks for the same ones again: the next run of a scenario that changed."""

from __future__ import annotations

import os
import pickle
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import platformdirs

from jumeau.errors import InputError
from jumeau.files import atomic

#: Names the folder, or says that nothing is to be kept.
VARIABLE, OFF = "JUMEAU_CACHE", "off"

#: Room for what is kept [bytes]; what was not asked for longest goes first.
ROOM = 4e9

_SUFFIX = ".pickle"


class Shelf:
    """Results on disk, by key.

    The folder is the user's cache, or the one that the environment variable `JUMEAU_CACHE` names; `off` keeps nothing.
    Each process finds it by itself: it may run on another machine. What cannot be read or written is as if it were not
    there.

    Parameters
    ----------
    identity : str
        Of all that keys do not tell: the place, the period, the code and the libraries.
    """

    def __init__(self, identity: str) -> None:
        self.identity = identity

    def read(self, key: object) -> tuple[Any] | None:
        """Return what was kept under a key; None where nothing was."""
        path = self._path(key)
        if path is None:
            return None
        # Whatever is damaged is computed again.
        with suppress(Exception):
            found = pickle.loads(path.read_bytes())  # noqa: S301 - from a folder that nobody else writes to
            os.utime(path)
            return (found,)
        return None

    def write(self, key: object, found: object) -> None:
        """Keep a result."""
        path = self._path(key)
        if path is None:
            return
        with suppress(OSError, InputError, pickle.PicklingError):
            atomic(path, lambda target: target.write_bytes(pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL)))
            self._make_room(path.parent)

    def _path(self, key: object) -> Path | None:
        folder = kept_in()
        if folder is None:
            return None
        return folder / (sha256(f"{self.identity}|{key!r}".encode()).hexdigest() + _SUFFIX)

    def _make_room(self, folder: Path) -> None:
        """Remove what was not asked for longest, where there is too much."""
        there = sorted(((path.stat(), path) for path in folder.glob(f"*{_SUFFIX}")), key=lambda item: item[0].st_mtime)
        size = sum(info.st_size for info, _path in there)
        for info, path in there:
            if size <= ROOM:
                return
            path.unlink(missing_ok=True)
            size -= info.st_size


def kept_in() -> Path | None:
    """Return the folder of what is kept; None where nothing is, or where others could write to it."""
    named = os.environ.get(VARIABLE, "")
    if named == OFF:
        return None
    folder = Path(named) if named else platformdirs.user_cache_path("jumeau") / "prepared"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        info = folder.stat()
        # What is read from there is run as code: it has to be the user's own.
        if not hasattr(os, "getuid") or (
            info.st_uid == os.getuid() and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        ):
            return folder
    return None

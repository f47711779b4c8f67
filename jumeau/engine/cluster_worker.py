"""What is executed on a worker of a Dask cluster; `cluster.py` asks for it.

What a worker prepared is a result that the scheduler knows of: it goes when whoever asked for it leaves, however that
happens, and a scheduler that lives long keeps nothing of earlier campaigns.
"""

from __future__ import annotations

import pickle
import signal
import threading
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jumeau.engine.executors import Done, Task, Worker
from jumeau.engine.plan import code_digest
from jumeau.engine.versions import library_versions
from jumeau.errors import JumeauError
from jumeau.i18n import _, language
from jumeau.processors import keep_to_one
from jumeau.simulation.board import Post

#: Threads of a worker would only hinder each other in pure Python, and models are not made for it.
_ONE_AT_A_TIME = threading.Lock()


def identity() -> dict[str, str]:
    """Return what figures rest on in this process: versions, and a digest of Jumeau's code and tables."""
    found = dict(library_versions())
    for name in ("dask", "distributed"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "?"
    # Jumeau's own number does not tell a mended copy from another.
    return found | {"jumeau": f"{found['jumeau']}, code {code_digest()[:12]}"}


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Return what differs between two identities, such as `numpy 2.4.1 / 2.3.0`; empty where nothing does."""
    names = sorted({*here, *there})
    return "; ".join(
        f"{name} {here.get(name, '-')} / {there.get(name, '-')}" for name in names if here.get(name) != there.get(name)
    )


class Seat:
    """What a worker keeps of a campaign.

    Parameters
    ----------
    data : bytes
        Pickled language and `Shared`.
    """

    def __init__(self, data: bytes) -> None:
        # Comes from the client that runs the campaign, by Dask's own protocol, which executes what it is sent anyway.
        self.language, shared = pickle.loads(data)  # noqa: S301
        keep_to_one()
        self._worker = Worker(shared)

    def execute(self, task: Task, told: Mapping[str, tuple[Post, ...]]) -> Done | JumeauError:
        """Run a task; an error that concerns all runs is returned, as others would not cross in one piece."""
        with _ONE_AT_A_TIME, language(self.language):
            try:
                return self._worker.execute(task, told)
            except JumeauError as error:
                return error


def install(data: bytes, expected: Mapping[str, str], lang: str) -> Seat | str:
    """Return what a worker keeps of a campaign, or why it must not take part.

    Parameters
    ----------
    data : bytes
        See `Seat`.
    expected : mapping of str to str
        Identity of who asks.
    lang : str
    """
    with language(lang):
        differing = differences(expected, identity())
        if differing:
            return _("other versions (here / there): {differences}").format(differences=differing)
        try:
            return Seat(data)
        except Exception as error:  # noqa: BLE001 - whoever asked tells of it
            return f"{type(error).__name__}: {error}"


def ready(seat: Seat | str) -> str:
    """Return why a worker must not take part; empty where it is ready."""
    return seat if isinstance(seat, str) else ""


def execute(seat: Seat, task: Task, told: Mapping[str, tuple[Post, ...]]) -> Done | JumeauError:
    """Run a task."""
    return seat.execute(task, told)


def dask_setup(_worker: Any) -> None:
    """Let a worker of this machine ignore Ctrl-C: the process that started it alone answers to it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

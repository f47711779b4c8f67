"""Reaching a Dask cluster: by the address of its scheduler, by the file that it writes, or one of this machine.

What stands in the way is told before anything is written.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import re
import signal
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from jumeau.engine import cluster_worker
from jumeau.errors import InputError, JumeauError, Problem
from jumeau.i18n import _

#: Wait for a scheduler to answer [s].
REACH = 10.0

#: Wait for workers to say what they are [s]: each of them loads Jumeau for it.
TELL = 60.0

#: Wait for a cluster of this machine to stop [s]; what it does then is lost anyway.
LEAVE = 2.0

LOCAL = re.compile(r"local:(\d+)")
ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^/]+:\d+/?")


class Cluster:
    """A Dask cluster that was reached; left by `close`.

    Parameters
    ----------
    where : str
        `local:N` (N processes of this machine), `tcp://HOST:PORT` or `tls://HOST:PORT` of a scheduler, or the JSON
        file that a scheduler writes (`dask scheduler --scheduler-file`).

    Raises
    ------
    InputError
        When Dask is not installed, `where` is none of these, nobody answers there, or scheduler or workers have not
        the versions that are used here: figures could differ.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.local = LOCAL.fullmatch(where) is not None
        with ExitStack() as stack:
            client = _distributed(where)
            stack.enter_context(_quiet())
            address = stack.enter_context(_processes(where)) if self.local else _address(where)
            self.client = _connected(client, address, where)
            # Its own wait is for the tasks that it asked for.
            stack.callback(self.client.close, timeout=LEAVE)
            self.identity = cluster_worker.identity()
            self._check()
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Leave the cluster; one of this machine ends."""
        # All is done or lost by now: a cluster that does not answer is left all the same.
        with suppress(Exception):
            self._stack.close()

    def _check(self) -> None:
        """Refuse a cluster whose figures could differ from those that would be found here."""
        try:
            found = self.client.run(cluster_worker.identity, on_error="return", callback_timeout=TELL)
            found["scheduler"] = self.client.run_on_scheduler(cluster_worker.identity)
        except TimeoutError:
            return  # each worker is asked again before it gets its first run
        except Exception as error:
            raise self._unlike(f"{type(error).__name__}: {error}") from error
        for there in found.values():
            if isinstance(there, Exception):
                raise self._unlike(f"{type(there).__name__}: {there}")
            differing = cluster_worker.differences(self.identity, there)
            if differing:
                raise self._unlike(differing)

    def _unlike(self, differing: str) -> InputError:
        return InputError(
            Problem(
                _("the cluster has not the versions that are used here: figures could differ"),
                value=differing,
                hint=_("install the same on the scheduler and on all workers: « pip install -r requirements.lock »"),
            )
        )


def check_where(where: str) -> None:
    """Refuse what names no cluster, without reaching for it.

    Raises
    ------
    InputError
    """
    counted = LOCAL.fullmatch(where)
    if counted and int(counted[1]) >= 1:
        return
    if ADDRESS.fullmatch(where) or where.endswith(".json"):
        return
    raise InputError(
        Problem(
            _("this names no cluster"),
            value=where,
            hint=_("write local:4, tcp://HOST:8786, or the .json file that the scheduler writes"),
        )
    )


def _distributed(where: str) -> Any:
    """Return Dask's client, once what is asked of it makes sense."""
    check_where(where)
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            Problem(
                _("a cluster needs Dask, which is not installed"),
                value=where,
                hint='pip install "jumeau[cluster]"',
            )
        ) from error
    return Client


def _address(where: str) -> str:
    """Return the address of a scheduler."""
    if not where.endswith(".json"):
        return where
    path = Path(where)
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            Problem(
                _("this is no file of a scheduler that runs: {error}").format(error=error),
                file=str(path),
                hint=_("start one with « dask scheduler --scheduler-file {file} »").format(file=path),
            )
        ) from error


def _connected(client: Any, address: str, where: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ: these are refused
            return client(address, timeout=REACH, set_as_default=False, name="jumeau")
    except Exception as error:
        raise InputError(
            Problem(
                _("no scheduler answers within {seconds} s: {error}").format(
                    seconds=f"{REACH:g}", error=str(error).splitlines()[0] if str(error) else type(error).__name__
                ),
                value=where,
                hint=_("check that « dask scheduler » runs there, and that its port can be reached from here"),
            )
        ) from error


@contextmanager
def _processes(where: str) -> Iterator[str]:
    """Run a cluster in processes of this machine; yield its address."""
    from distributed import LocalCluster

    if multiprocessing.parent_process() is not None:
        raise JumeauError(
            _("a script that uses « local:N » needs « if __name__ == '__main__': » around it: workers read it too")
        )

    def start() -> Any:
        # Threads and processes that are made from here inherit it: Ctrl-C is for the process that began alone. Whoever
        # starts the tracker of shared resources lets signals through afterwards: it has to be there before.
        resource_tracker.ensure_running()
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        return LocalCluster(
            n_workers=int(where.removeprefix("local:")),
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            # It opens a port for its health all the same: one that is free, and for this machine alone.
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            # As in `processes.py`: the workers already fill the processors.
            env={"OMP_NUM_THREADS": "1"},
            preload=[cluster_worker.__name__],
        )

    try:
        with ThreadPoolExecutor(1) as pool:
            starting = pool.submit(start)
            try:
                cluster = starting.result()
            except KeyboardInterrupt:
                # Dask cannot be stopped in the midst of starting.
                with suppress(Exception):
                    starting.result().close(timeout=LEAVE)
                raise
    except Exception as error:
        raise JumeauError(
            _(
                "worker processes cannot be started: {error} A script that uses « local:N » needs "
                "« if __name__ == '__main__': » around it."
            ).format(error=error)
        ) from error
    try:
        yield cluster.scheduler_address
    finally:
        cluster.close(timeout=LEAVE)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Dask logs off the terminal: what concerns the user is told in words."""
    handlers = [
        handler
        for name in ("distributed", "distributed.client", "tornado", "tornado.application")
        for handler in logging.getLogger(name).handlers
    ]
    # Not by their level, which clusters that end set back.
    for handler in handlers:
        handler.addFilter(_nothing)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False

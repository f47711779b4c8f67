"""Where runs are executed: here, or in a pool of processes.

An executor takes tasks and yields their outcomes as they come; the campaign puts them in order. A cluster needs one
more class with the same two methods.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

from jumeau.engine.parts import PartStore
from jumeau.engine.plan import CENTRAL, Run, run_key
from jumeau.engine.resolve import Draw, Situation
from jumeau.engine.run import Stage, prepare, simulate
from jumeau.errors import JumeauError
from jumeau.factors import FactorTable
from jumeau.i18n import _, current_language, set_language
from jumeau.network import Prepared
from jumeau.redaction import redacted


@dataclass(frozen=True)
class Shared:
    """What every task needs: it is sent to a worker once.

    Attributes
    ----------
    situations : tuple of Situation
    prepared : tuple of dict
        By situation, for the central assumptions.
    fingerprints : tuple of str
        By situation.
    draws : tuple of mapping
        Factor values of draws 1, 2, … that runs read.
    stage : Stage
    folder : Path or None
        Of the parts.
    """

    situations: tuple[Situation, ...]
    prepared: tuple[dict[str, Prepared], ...]
    fingerprints: tuple[str, ...]
    draws: tuple[Draw, ...]
    stage: Stage
    folder: Path | None

    def values(self, draw: int) -> Draw:
        """Return the factor values of a draw; empty for the central one."""
        return self.draws[draw - 1] if draw != CENTRAL else {}

    def same(self, run: Run) -> Run:
        """Return the run that finds the same: that of central assumptions where a draw only changes prices."""
        return run if self.values(run.draw) else replace(run, draw=CENTRAL)

    def key(self, run: Run) -> str:
        """Return the key of a run's content."""
        return run_key(self.fingerprints[run.situation], self.values(run.draw), run.replication)


@dataclass(frozen=True)
class Done:
    """The outcome of one run: its encoded part is in the store, or an error report."""

    run: Run
    error: str = ""
    data: bytes | None = None


class Worker:
    """Runs tasks one after the other, keeping what the last situation and draw prepared."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.store = PartStore(shared.folder)
        self._ready: tuple[tuple[int, int], dict[str, Prepared], FactorTable] | None = None

    def _prepared(self, run: Run) -> tuple[dict[str, Prepared], FactorTable]:
        place = (run.situation, run.draw)
        if self._ready is None or self._ready[0] != place:
            situation = self.shared.situations[run.situation]
            if run.draw == CENTRAL:
                self._ready = (place, self.shared.prepared[run.situation], situation.shared_for_runs)
            else:
                drawn = situation.with_factors(self.shared.values(run.draw), _("draw of an uncertain assumption"))
                self._ready = (place, prepare(drawn, self.shared.stage), drawn.shared_for_runs)
        return self._ready[1], self._ready[2]

    def execute(self, run: Run) -> Done:
        """Run one task; an error is reported with its seed, never lost, never fatal to the others."""
        from jumeau.engine.parts import encode

        key = self.shared.key(run)
        try:
            prepared, factors = self._prepared(run)
            central = run.draw == CENTRAL
            part = simulate(
                prepared,
                factors,
                self.shared.stage,
                run.replication,
                assets=central,
                events=central and run.replication == 0,
            )
        except JumeauError:
            raise
        except Exception:  # noqa: BLE001 - whatever fails in a model is quarantined with its seed
            situation = self.shared.situations[run.situation].name
            report = (
                f"situation {situation}, draw {run.draw}, replication {run.replication}, "
                f"seed {self.shared.stage.seed}\n{redacted(traceback.format_exc())}"
            )
            self.store.quarantine(key, report)
            return Done(run, error=report)
        if self.store.folder is None:
            return Done(run, data=encode(part))
        self.store.write(key, part)
        return Done(run)


class Executor(Protocol):
    """Something that executes runs."""

    def execute(self, shared: Shared, runs: Sequence[Run]) -> Generator[Done, None, None]:
        """Yield the outcome of each run, in any order; closing the generator stops what is under way."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class SerialExecutor:
    """Executes runs one after the other, in this process."""

    def execute(self, shared: Shared, runs: Sequence[Run]) -> Generator[Done, None, None]:
        """Yield the outcome of each run, in order."""
        worker = Worker(shared)
        for run in runs:
            yield worker.execute(run)

    def close(self) -> None:
        """Hold nothing."""


@contextmanager
def _shielded() -> Iterator[None]:
    """Let Ctrl-C wait until the block is over.

    A process that is half started when the signal strikes would be left behind. The signal is blocked too, which
    processes started here inherit: the parent alone answers to Ctrl-C, and then stops them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted
        return
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: caught.append(number))
    blockable = hasattr(signal, "pthread_sigmask")  # not on Windows
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blockable else set()
    try:
        yield
    finally:
        if blockable:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if caught:
        raise KeyboardInterrupt


_worker: Worker | None = None


def _start(shared: Shared, lang: str) -> None:
    global _worker  # noqa: PLW0603 - a worker process lives for one campaign
    # The parent alone answers to Ctrl-C; it then stops its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_language(lang)
    _worker = Worker(shared)


def _work(runs: Sequence[Run]) -> list[Done]:
    if _worker is None:
        raise RuntimeError("the worker was not started")
    return [_worker.execute(run) for run in runs]


class ProcessExecutor:
    """Executes runs in a pool of processes.

    Processes are spawned, which works alike on every system; a script that uses more than one worker needs the usual
    `if __name__ == "__main__":`.

    Parameters
    ----------
    workers : int
        Processes. They start with the first call, and keep what it gave them.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._threads: str | None = None

    def execute(self, shared: Shared, runs: Sequence[Run]) -> Generator[Done, None, None]:
        """Yield the outcome of each run as it comes; the processes stay for the next call, until `close`."""
        # Small batches of the same situation and draw: little to send, little to lose, little to prepare.
        batches = batch(runs, size=4)
        pool = self._pool or self._opened(shared)
        pending: set[Future[list[Done]]] = set()
        whole = False
        try:
            for runs_of_batch in batches:
                with _shielded():
                    pending.add(pool.submit(_work, runs_of_batch))
                if len(pending) < 2 * self.workers:
                    continue
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield from future.result()
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield from future.result()
            whole = True
        except BrokenProcessPool as error:
            raise JumeauError(
                _("a worker process stopped abruptly (out of memory?). What was finished is kept: use --resume.")
            ) from error
        finally:
            for future in pending:
                future.cancel()
            if not whole:
                self.close()

    def _opened(self, shared: Shared) -> ProcessPoolExecutor:
        self._threads = os.environ.get("OMP_NUM_THREADS")
        os.environ["OMP_NUM_THREADS"] = "1"  # one thread per process: the pool already fills the processors
        self._pool = ProcessPoolExecutor(
            self.workers,
            mp_context=get_context("spawn"),
            initializer=_start,
            initargs=(shared, current_language()),
        )
        return self._pool

    def close(self) -> None:
        """Stop the processes."""
        if self._pool is None:
            return
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None
        if self._threads is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = self._threads


def batch(runs: Sequence[Run], size: int) -> list[tuple[Run, ...]]:
    """Group consecutive runs of the same situation and draw by at most `size`."""
    groups: list[list[Run]] = []
    for run in runs:
        last = groups[-1] if groups else None
        if last and len(last) < size and (last[0].situation, last[0].draw) == (run.situation, run.draw):
            last.append(run)
        else:
            groups.append([run])
    return [tuple(group) for group in groups]

"""Runs in several processes: the death of one is noticed, its run is done again, and none is left behind."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import IO

from jumeau.engine import worker
from jumeau.engine.backlog import Backlog, Place, place_of
from jumeau.engine.child import Child, Inbox, bury_all, next_message
from jumeau.engine.executors import DEATHS_OF_A_RUN, Done, Shared, Task, set_aside
from jumeau.engine.parts import PartStore
from jumeau.engine.preparation import Groundwork
from jumeau.errors import InputError, JumeauError
from jumeau.files import PREFIX, SUFFIX, refusal
from jumeau.i18n import _, current_language

#: Workers that die one after the other as they start, before it is given up.
STILLBORN = 6


def _messages(stream: IO[bytes]) -> Iterator[object]:
    """Yield what a worker pickles."""
    while True:
        yield pickle.load(stream)  # noqa: S301 - comes from our own process


class _Process(Child):
    """A worker process as its parent sees it.

    Attributes
    ----------
    task : Task or None
        What it is executing.
    place : Place or None
        What it has prepared.
    file : Path or None
        What it was told to read.
    """

    def __init__(self, inbox: Inbox, label: str) -> None:
        super().__init__([worker.__file__, label], inbox, _messages)
        self.task: Task | None = None
        self.place: Place | None = None
        self.file: Path | None = None
        self.send(pickle.dumps(list(sys.path)))

    def read(self, file: Path) -> None:
        """Have it read what orders share, unless it did."""
        if file != self.file:
            self.file, self.ready = file, False
            self.order(worker.READ, str(file))

    def give(self, task: Task) -> None:
        """Ask for a task."""
        self.task, self.place = task, place_of(task)
        self.order(worker.EXECUTE, task)

    def order(self, name: str, content: object) -> None:
        """Send an order."""
        self.send(pickle.dumps((name, content)))


class ProcessExecutor:
    """Executes runs in processes of their own.

    A worker that dies (out of memory, killed) is replaced and its run done again; a run during which three died is set
    aside as failed. Workers do not import the user's script.

    Parameters
    ----------
    workers : int
        Processes. They start with the first call, unless `start` was called before, and keep what it gave them.
    say : callable, optional
        Told of workers that died.
    label : str
        On the command line of the processes, for whoever looks at what a machine is doing.
    """

    def __init__(self, workers: int, say: Callable[[str], None] | None = None, label: str = "") -> None:
        self.workers = workers
        self.label = label
        self._say = say or (lambda _message: None)
        self._processes: list[_Process] = []
        self._inbox: Inbox = Inbox()
        self._file: Path | None = None
        self._stillborn = 0

    def start(self, tasks: int) -> None:
        """Start the processes: they load what takes seconds to load while this one reads what there is to do.

        Parameters
        ----------
        tasks : int
            How many there will be at least: no more processes are started.
        """
        # Who cannot start one now says so when there is something to do.
        with contextlib.suppress(OSError):
            while len(self._processes) < min(self.workers, tasks):
                self._processes.append(_Process(self._inbox, self.label))

    def prepare(self, ground: Groundwork, folder: Path | None) -> None:
        """Compute what networks leave in the memo of their place, side by side, in the processes that were started.

        What fails, or dies, is left to who prepares in this process: it says what is wrong.

        Parameters
        ----------
        ground : Groundwork
        folder : Path or None
            For the file that the processes read; that of temporary files where there is none.
        """
        if not self._processes:
            return
        left, given = deque(ground.networks), set[_Process]()
        file = self._written(ground, folder)
        try:
            while left or given:
                for process in [item for item in self._processes if item not in given]:
                    if left:
                        process.read(file)
                        process.order(worker.PREPARE, left.popleft())
                        given.add(process)
                if not given:
                    return
                process, message = next_message(self._inbox)
                if message is None and process in self._processes:
                    self._processes.remove(process)
                    process.bury()
                elif isinstance(message, dict):
                    ground.stage.place.memo.learn(message)
                if message != worker.READY:
                    given.discard(process)
        finally:
            file.unlink(missing_ok=True)

    def execute(self, shared: Shared, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Yield the outcome of each task as it comes; the processes stay for the next call, until `close`.

        Raises
        ------
        JumeauError
            When processes cannot start at all, or one met an error that concerns all runs (a full disk).
        """
        backlog = Backlog(tasks)
        deaths: Counter[Task] = Counter()
        whole = False
        try:
            if self._file is None:
                self._file = self._written(shared, shared.folder)
            file = self._file
            while len(backlog) or any(process.task for process in self._processes):
                self._employ(backlog, file)
                process, message = next_message(self._inbox)
                if process not in self._processes:
                    continue  # of a worker that was buried
                if message is None:
                    failed = self._bury(process, backlog, deaths)
                    if failed is not None:
                        yield self._set_aside(failed, shared)
                elif message == worker.READY:
                    process.ready, self._stillborn = True, 0
                elif isinstance(message, Done):
                    process.task = None
                    yield message
                elif isinstance(message, JumeauError):
                    raise message
            whole = True
        finally:
            if not whole:
                self.close()

    def _written(self, common: Shared | Groundwork, folder: Path | None) -> Path:
        """Write what the workers read."""
        room = folder or Path(tempfile.gettempdir())
        try:
            room.mkdir(parents=True, exist_ok=True)
            # Beside the parts, the next campaign removes what a kill left.
            number, name = tempfile.mkstemp(dir=room, prefix=PREFIX, suffix=SUFFIX)
            with os.fdopen(number, "wb") as file:
                pickle.dump((current_language(), common), file, protocol=pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise InputError(refusal(error, room)) from error
        return Path(name)

    def _employ(self, backlog: Backlog, file: Path) -> None:
        """Give every idle worker a task; start those that are missing."""
        idle = [process for process in self._processes if process.task is None]
        while True:
            process = idle.pop() if idle else None
            if process is None and len(self._processes) >= self.workers:
                return
            taken = {item.place for item in self._processes if item.task is not None}
            task = backlog.next(process.place if process else None, taken)
            if task is None:
                return
            if process is None:
                try:
                    process = _Process(self._inbox, self.label)
                except OSError as error:
                    backlog.give_back(task)
                    raise JumeauError(_("worker processes cannot be started: {error}").format(error=error)) from error
                self._processes.append(process)
            process.read(file)
            process.give(task)

    def _bury(self, process: _Process, backlog: Backlog, deaths: Counter[Task]) -> Task | None:
        """Take note of a death; return the task that is to be set aside, if any."""
        self._processes.remove(process)
        status, task = process.bury(), process.task
        if not process.ready:
            self._stillborn += 1
            if self._stillborn >= STILLBORN:
                raise JumeauError(
                    _(
                        "worker processes stop as they start (exit status {status}); is there memory enough? "
                        "Use « --workers 1 » or fewer workers. What was finished is kept: use --resume."
                    ).format(status=status)
                )
        elif task is not None:
            deaths[task] += 1
            if deaths[task] >= DEATHS_OF_A_RUN:
                return task
        if task is not None:
            backlog.give_back(task)
            self._say(
                _(
                    "a worker process stopped abruptly (exit status {status}, out of memory?): its run is done again"
                ).format(status=status)
            )
        return None

    def _set_aside(self, task: Task, shared: Shared) -> Done:
        done = set_aside(task, shared, DEATHS_OF_A_RUN)
        for key, report in done.failed.items():
            PartStore(shared.folder).quarantine(key, report)
        return done

    def close(self) -> None:
        """Stop the processes; what they were doing is lost."""
        bury_all(self._processes)
        self._processes = []
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None

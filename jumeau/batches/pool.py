"""Rows in processes of their own, several at once: the death of one costs its row a second try, never the batch.

Territories are spread over processes, and each is run serially in one: with many small territories nothing is shared,
nothing waits, and there is one start of Python for tens of them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from jumeau.batches import worker
from jumeau.batches.listing import Row
from jumeau.batches.model import Checked, Setting
from jumeau.batches.worker import CHECK, READY, RUN
from jumeau.engine.child import Child, Inbox, bury_all, next_message
from jumeau.errors import JumeauError
from jumeau.i18n import _

#: A row during which this many processes died is set aside: it is tried again once.
DEATHS_OF_A_ROW = 2
#: Processes that die one after the other as they start, before it is given up.
STILLBORN = 4
#: A process is replaced after so many runs: what libraries keep of one territory is not to add up.
RUNS_OF_A_PROCESS = 25


@dataclass(frozen=True)
class Task:
    """What is asked about a row: to check it, or to run it once it is checked."""

    row: Row
    checked: Checked | None = None

    def line(self) -> str:
        """Return the task as a line of JSON."""
        known = {} if self.checked is None else {"checked": asdict(self.checked)}
        return json.dumps({"do": CHECK if self.checked is None else RUN, "row": asdict(self.row), **known})


def _messages(stream: IO[bytes]) -> Iterator[object]:
    """Yield what a worker writes, a line of JSON each."""
    for line in stream:
        yield json.loads(line)


class _Process(Child):
    """A worker as its parent sees it."""

    def __init__(self, setting: Setting, inbox: Inbox) -> None:
        super().__init__([worker.__file__], inbox, _messages)
        self.task: Task | None = None
        self.runs = 0
        self._tell(json.dumps(sys.path))
        self._tell(json.dumps(setting.to_dict()))

    def _tell(self, line: str) -> None:
        self.send(f"{line}\n".encode())

    def give(self, task: Task) -> None:
        """Ask for a task."""
        self.task = task
        self.runs += task.checked is not None
        self._tell(task.line())


class Pool:
    """Processes that work on rows.

    Parameters
    ----------
    workers : int
        Territories at once; each of them takes the memory of one run.
    setting : Setting
    say : callable
        Told of processes that died.
    """

    def __init__(self, workers: int, setting: Setting, say: Callable[[str], None]) -> None:
        self._workers = workers
        self.setting = setting
        self._say = say
        self._processes: list[_Process] = []
        self._inbox: Inbox = Inbox()
        self._stillborn = 0

    def do(self, tasks: Sequence[Task]) -> Generator[tuple[Task, dict[str, Any]], None, None]:
        """Yield each task with its answer as it comes; the processes stay for the next call, until `close`.

        Raises
        ------
        JumeauError
            When processes cannot start at all.
        """
        left = deque(tasks)
        deaths: Counter[int] = Counter()
        while left or any(process.task for process in self._processes):
            self._employ(left)
            process, message = next_message(self._inbox)
            if process not in self._processes:
                continue  # of a worker that was buried
            if message is None:
                failed = self._bury(process, left, deaths)
                if failed is not None:
                    text = _("its process stopped abruptly, twice (out of memory?): try it alone, with « jumeau run »")
                    yield failed, {"reason": text}
            elif message == READY:
                process.ready, self._stillborn = True, 0
            elif process.task is not None and isinstance(message, dict):
                task, process.task = process.task, None
                yield task, message

    def _employ(self, left: deque[Task]) -> None:
        """Give every idle worker a task; start those that are missing, replace those that are worn."""
        for process in [item for item in self._processes if item.task is None and item.runs >= RUNS_OF_A_PROCESS]:
            self._processes.remove(process)
            process.bury()
        idle = [process for process in self._processes if process.task is None]
        while left and (idle or len(self._processes) < self._workers):
            if idle:
                process = idle.pop()
            else:
                try:
                    process = _Process(self.setting, self._inbox)
                except OSError as error:
                    raise JumeauError(_("worker processes cannot be started: {error}").format(error=error)) from error
                self._processes.append(process)
            process.give(left.popleft())

    def _bury(self, process: _Process, left: deque[Task], deaths: Counter[int]) -> Task | None:
        """Take note of a death; return the task whose row is to be set aside, if any."""
        self._processes.remove(process)
        status, task = process.bury(), process.task
        if not process.ready:
            self._stillborn += 1
            if self._stillborn >= STILLBORN:
                text = _("worker processes stop as they start (exit status {status}); is there memory enough?")
                raise JumeauError(text.format(status=status))
        elif task is not None:
            deaths[task.row.line] += 1
            if deaths[task.row.line] >= DEATHS_OF_A_ROW:
                return task
            text = _("{name}: its process stopped abruptly (exit status {status}, out of memory?); once more")
            self._say(text.format(name=task.row.name, status=status))
        if task is not None:
            left.appendleft(task)
        return None

    def close(self) -> None:
        """Stop the processes; what they were doing is lost."""
        bury_all(self._processes)
        self._processes = []

"""Runs on a Dask cluster: its workers need not see the campaign's folder, and may come and go.

Each worker is given its runs by name, so that it keeps to what it prepared and that the one run during which it died is
known; Dask carries messages, says who is there, and forgets everything when its client leaves.
"""

from __future__ import annotations

import asyncio
import pickle
import queue
import time
import uuid
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jumeau.engine import cluster_worker
from jumeau.engine.backlog import Backlog, Place, place_of
from jumeau.engine.child import GLANCE
from jumeau.engine.cluster_client import Cluster
from jumeau.engine.executors import DEATHS_OF_A_RUN, Done, Shared, Task, set_aside
from jumeau.engine.parts import PartStore
from jumeau.engine.preparation import Groundwork
from jumeau.engine.processes import STILLBORN
from jumeau.errors import JumeauError
from jumeau.i18n import _, current_language
from jumeau.simulation.board import Post

#: Runs that a worker has before it, so that it does not wait for the network between two.
AHEAD = 2

#: Who is there is asked for at least that often [s]; who comes and goes is told at once.
ROLL_CALL = 2.0

#: Wait for an answer to it [s].
PATIENCE = 30.0

#: A cluster without workers is told of after that long [s].
ALONE = 10.0

#: What the scheduler tells of workers that come and go.
_TOPIC = "all"


@dataclass
class _Seat:
    """A worker of the cluster as its client sees it."""

    address: str
    futures: tuple[Any, ...]
    ready: bool = False
    refused: bool = False
    place: Place | None = None
    given: dict[str, Task] = field(default_factory=dict)  # by key of the task, in the order that they are done


@dataclass(frozen=True)
class _Lost:
    """A worker is gone, with what it was doing (None: not known); or it left as it was asked to.

    Another may have taken its address since: whoever does not hear it from the scheduler says which one is meant.
    """

    address: str
    doing: Collection[str] | None = None
    expected: bool = False
    seat: _Seat | None = None


@dataclass(frozen=True)
class _Joined:
    address: str


@dataclass(frozen=True)
class _Answer:
    """What came of a future, by its key."""

    key: str
    content: object


class ClusterExecutor:
    """Executes runs on the workers of a Dask cluster.

    A worker that dies costs its runs, which are done again elsewhere; a run during which three died is set aside as
    failed. Parts come back to this process, which alone writes to the campaign's folder.

    Parameters
    ----------
    cluster : Cluster
        Stays open after `close`.
    say : callable, optional
        Told of workers that are lost or cannot be used, and of a cluster without any.
    """

    def __init__(self, cluster: Cluster, say: Callable[[str], None] | None = None) -> None:
        self._cluster = cluster
        self._client = cluster.client
        self._say = say or (lambda _message: None)
        self._name = f"jumeau-{uuid.uuid4().hex[:12]}"
        self._inbox: queue.SimpleQueue[_Lost | _Joined | _Answer] = queue.SimpleQueue()
        self._seats: dict[str, _Seat] = {}
        self._tasks: dict[str, tuple[_Seat, Any]] = {}
        self._carried: Any = None
        self._number = 0
        self._stillborn = 0
        self._asked = float("-inf")
        self._alone: float | None = None

    def prepare(self, ground: Groundwork, folder: Path | None) -> None:
        """Leave it to who prepares."""

    def execute(self, shared: Shared, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Yield the outcome of each task as it comes; workers keep what they were given for the next call.

        Raises
        ------
        JumeauError
            When the scheduler is lost, workers die as they start, or one met an error that concerns all runs.
        """
        backlog, deaths, store = Backlog(tasks), Counter[Task](), PartStore(shared.folder)
        whole = False
        try:
            self._open(shared)
            while len(backlog) or self._tasks:
                self._employ(backlog, shared, store)
                message = self._next_message()
                if isinstance(message, _Joined):
                    self._take_on(message.address)
                elif isinstance(message, _Lost):
                    failed = self._let_go(message, backlog, deaths)
                    if failed is not None:
                        yield _kept(set_aside(failed, shared, DEATHS_OF_A_RUN), store)
                elif message.key in self._tasks:
                    done = self._outcome(message)
                    if done is not None:
                        yield _kept(done, store)
                else:
                    self._seated(message)
            whole = True
        finally:
            if not whole:
                self.close()

    def close(self) -> None:
        """Give the workers back; what they were doing is lost, and forgotten by the scheduler."""
        futures = [future for _seat, future in self._tasks.values()]
        futures += [future for seat in self._seats.values() for future in seat.futures]
        if self._carried is not None:
            futures.append(self._carried)
            self._client.unsubscribe_topic(_TOPIC)
        self._cancel(futures)
        self._tasks, self._seats, self._carried = {}, {}, None

    def _open(self, shared: Shared) -> None:
        """Send what tasks share, once, and learn who is there."""
        if self._carried is not None:
            return
        # The workers write nothing: whether they see the folder is not known.
        data = pickle.dumps((current_language(), replace(shared, folder=None)), protocol=pickle.HIGHEST_PROTOCOL)
        # A task that returns what it was given: workers fetch it from each other, and any of them can do it again.
        self._carried = self._submit(bytes, data, key=f"{self._name}-shared")
        self._client.subscribe_topic(_TOPIC, self._hear)
        self._roll_call()

    def _submit(self, function: Callable[..., object], *content: object, key: str, **where: object) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what tasks share is large, and sent once
            return self._client.submit(function, *content, key=key, pure=False, retries=0, **where)

    def _cancel(self, futures: Sequence[Any]) -> None:
        try:
            self._client.cancel(list(futures), asynchronous=False)
        except Exception:  # noqa: BLE001 - a scheduler that is gone has forgotten them
            for future in futures:
                future.release()

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Take what the scheduler tells, in the thread of Dask."""
        _when, told = event
        if told.get("action") == "add-worker":
            self._inbox.put(_Joined(told["worker"]))
        elif told.get("action") == "remove-worker":
            self._inbox.put(
                _Lost(told["worker"], told.get("processing-tasks"), expected=bool(told.get("expected", False)))
            )

    def _roll_call(self) -> None:
        """Ask who is there, for what was missed; this also tells whether the scheduler is."""
        # Once it is cut off, the scheduler has forgotten what it was asked, even if it can be reached again.
        if self._client.status != "running":
            raise self._scheduler_lost()
        try:
            there = set(self._client.nthreads(callback_timeout=PATIENCE))
        except Exception as error:
            raise self._scheduler_lost() from error
        for address in sorted(there - set(self._seats)):
            self._inbox.put(_Joined(address))
        for address in sorted(set(self._seats) - there):
            self._inbox.put(_Lost(address, seat=self._seats[address]))
        self._asked = time.monotonic()
        if there:
            self._alone = None
        elif self._alone is None:
            self._alone = self._asked
        elif 0 < self._alone < self._asked - ALONE:
            self._alone = float("inf")  # told once
            self._say(_("the cluster has no worker: waiting for one (Ctrl-C keeps what was finished)"))

    def _scheduler_lost(self) -> JumeauError:
        return JumeauError(
            _("the scheduler of the cluster is lost ({where}); what was finished is kept: use --resume").format(
                where=self._cluster.where
            )
        )

    def _take_on(self, address: str) -> None:
        """Have a worker prepare itself."""
        if address in self._seats:
            return
        self._number += 1
        there = {"workers": [address], "allow_other_workers": False}
        keys = [f"{self._name}-{word}-{self._number}" for word in ("seat", "ready")]
        seat = self._submit(
            cluster_worker.install, self._carried, self._cluster.identity, current_language(), key=keys[0], **there
        )
        told = self._submit(cluster_worker.ready, seat, key=keys[1], **there)
        self._seats[address] = _Seat(address, (seat, told))
        self._await(keys[1], told)

    def _await(self, key: str, future: Any) -> None:
        """Have what comes of a future put in the inbox."""

        async def answer() -> None:
            try:
                content: object = await self._client.gather(future, asynchronous=True)
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - read by who takes it from the inbox
                content = error
            self._inbox.put(_Answer(key, content))

        self._client.loop.add_callback(answer)

    def _seated(self, message: _Answer) -> None:
        """Take note that a worker is ready, or why it cannot be."""
        seat = next((item for item in self._seats.values() if item.futures[1].key == message.key), None)
        if seat is None:
            return  # of a worker that was lost
        content = message.content
        if content == "":
            seat.ready, self._stillborn = True, 0
            return
        if _is_lost(content):
            self._inbox.put(_Lost(seat.address, seat=seat))
            return
        seat.refused = True
        reason = content if isinstance(content, str) else f"{type(content).__name__}: {content}"
        self._say(_("worker {address} is not used: {reason}").format(address=seat.address, reason=reason))
        if all(item.refused for item in self._seats.values()):
            raise JumeauError(_("no worker of the cluster can be used: {reason}").format(reason=reason))

    def _employ(self, backlog: Backlog, shared: Shared, store: PartStore) -> None:
        """Give every worker that is ready its next runs; the second one only where there are enough for all."""
        for ahead in range(AHEAD):
            ready = [seat for seat in self._seats.values() if seat.ready and len(seat.given) == ahead]
            for seat in ready:
                if ahead and len(backlog) <= len(self._seats):
                    return
                taken = {item.place for item in self._seats.values() if item is not seat and item.given}
                task = backlog.next(seat.place, taken)
                if task is None:
                    break
                self._give(seat, task, _known(task, shared, store))

    def _give(self, seat: _Seat, task: Task, told: Mapping[str, tuple[Post, ...]]) -> None:
        self._number += 1
        # A name of its own each time: what Dask remembers of an earlier attempt does not count.
        key = f"{self._name}-run-{self._number}"
        future = self._submit(
            cluster_worker.execute,
            seat.futures[0],
            task,
            told,
            key=key,
            workers=[seat.address],
            allow_other_workers=False,
        )
        seat.given[key], seat.place = task, place_of(task)
        self._tasks[key] = seat, future
        self._await(key, future)

    def _next_message(self) -> _Lost | _Joined | _Answer:
        while True:
            if time.monotonic() - self._asked > ROLL_CALL:
                self._roll_call()
            try:
                return self._inbox.get(timeout=GLANCE)
            except queue.Empty:
                continue

    def _outcome(self, message: _Answer) -> Done | None:
        """Return what came of a task, if anything did."""
        content = message.content
        if _is_lost(content):
            # Its worker is gone; the scheduler has already noticed.
            seat = self._tasks[message.key][0]
            self._inbox.put(_Lost(seat.address, {message.key}, seat=seat))
            return None
        seat, _future = self._tasks.pop(message.key)
        del seat.given[message.key]
        if isinstance(content, Done):
            return content
        if isinstance(content, JumeauError):
            raise content
        if isinstance(content, asyncio.CancelledError) or "Cancelled" in type(content).__name__:
            raise self._scheduler_lost()
        reason = f"{type(content).__name__}: {content}"
        raise JumeauError(_("the cluster cannot execute runs: {reason}").format(reason=reason))

    def _let_go(self, lost: _Lost, backlog: Backlog, deaths: Counter[Task]) -> Task | None:
        """Take note that a worker is gone; return the task that is to be set aside, if any."""
        seat = self._seats.get(lost.address)
        if seat is None or (lost.seat is not None and lost.seat is not seat):
            return None
        del self._seats[lost.address]
        futures = [self._tasks.pop(key)[1] for key in seat.given]
        self._cancel([*futures, *seat.futures])
        if not seat.ready and not seat.refused and not lost.expected:
            self._stillborn += 1
            if self._stillborn >= STILLBORN:
                raise JumeauError(
                    _(
                        "workers of the cluster stop as they start; is there memory enough? "
                        "What was finished is kept: use --resume."
                    )
                )
        doing = [task for key, task in seat.given.items() if lost.doing is None or key in lost.doing]
        failed = None
        if doing and not lost.expected:
            deaths[doing[0]] += 1  # the others waited for it
            failed = doing[0] if deaths[doing[0]] >= DEATHS_OF_A_RUN else None
        for task in reversed(seat.given.values()):
            if task is not failed:
                backlog.give_back(task)
        if seat.given:
            self._say(
                _("a worker of the cluster is lost ({address}): its runs are done again").format(address=seat.address)
            )
        return failed


def _is_lost(content: object) -> bool:
    """Return whether Dask gave up a task because its worker died, sooner than Jumeau does."""
    return type(content).__name__ == "KilledWorker"


def _known(task: Task, shared: Shared, store: PartStore) -> dict[str, tuple[Post, ...]]:
    """Return what is posted by the components that those of a task hear, where others simulated them."""
    keys = shared.keys(task.run)
    heard = {place for number in task.components for place in shared.components[number].hears}
    parts = {keys[place]: store.read(keys[place]) for place in sorted(heard - set(task.components))}
    return {key: part.posts for key, part in parts.items() if part is not None}


def _kept(done: Done, store: PartStore) -> Done:
    """Write what came of a task to the campaign's folder, as a worker of this machine does."""
    for key, data in done.data.items():
        store.put(key, data)
    for key, report in done.failed.items():
        store.quarantine(key, report)
    return done

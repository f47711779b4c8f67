"""Where runs are executed: here, in processes of this machine (`processes.py`), or on a cluster (`cluster.py`).

An executor takes tasks and yields their outcomes as they come, with their parts in the campaign's folder where there is
one; the campaign puts them in order.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from jumeau.engine.components import Component
from jumeau.engine.parts import Part, PartStore, encode
from jumeau.engine.plan import CENTRAL, Fingerprints, Run, component_keys
from jumeau.engine.preparation import Alike, Drawn, Groundwork
from jumeau.engine.resolve import Draw, Situation
from jumeau.engine.run import Stage, announced, simulate
from jumeau.errors import InputError, JumeauError
from jumeau.factors import FactorTable
from jumeau.files import refusal
from jumeau.network import Prepared, ordered
from jumeau.redaction import redacted
from jumeau.simulation.board import Post, Schedules

#: A run during which this many workers died is set aside.
DEATHS_OF_A_RUN = 3


@dataclass(frozen=True)
class Task:
    """What is left to do of a run.

    Attributes
    ----------
    run : Run
    components : tuple of int
        Positions of the components to simulate; the others of the run are those of another one.
    """

    run: Run
    components: tuple[int, ...]


@dataclass(frozen=True)
class Shared:
    """What every task needs: it is sent to a worker once.

    Attributes
    ----------
    situations : tuple of Situation
    prepared : tuple of dict
        By situation, for the central assumptions.
    alike : tuple of mapping
        By situation: network -> the first situation that is the same in it.
    components : tuple of Component
        Of the networks, the same in all situations.
    fingerprints : tuple of Fingerprints
        By situation.
    draws : tuple of mapping
        Factor values of draws 1, 2, … that runs read.
    stage : Stage
    folder : Path or None
        Of the parts.
    """

    situations: tuple[Situation, ...]
    prepared: tuple[dict[str, Prepared], ...]
    alike: tuple[Alike, ...]
    components: tuple[Component, ...]
    fingerprints: tuple[Fingerprints, ...]
    draws: tuple[Draw, ...]
    stage: Stage
    folder: Path | None

    def values(self, draw: int) -> Draw:
        """Return the factor values of a draw; empty for the central one."""
        return self.draws[draw - 1] if draw != CENTRAL else {}

    def same(self, run: Run) -> Run:
        """Return the run that finds the same: that of central assumptions where a draw only changes prices."""
        return run if self.values(run.draw) else replace(run, draw=CENTRAL)

    def keys(self, run: Run) -> tuple[str, ...]:
        """Return the key of the content of each component of a run."""
        return component_keys(self.components, self.fingerprints[run.situation], self.values(run.draw), run.replication)


@dataclass(frozen=True)
class Done:
    """The outcome of a task.

    Attributes
    ----------
    task : Task
    failed : mapping of str to str
        Report by the key of what failed.
    data : mapping of str to bytes
        Parts by key, encoded, where who simulated them could not write them to the campaign's folder.
    """

    task: Task
    failed: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """What went wrong, in full; empty where nothing did."""
        return "\n".join(self.failed.values())


def set_aside(task: Task, shared: Shared, deaths: int) -> Done:
    """Return the outcome of a task during which so many workers died."""
    run = task.run
    report = (
        f"situation {shared.situations[run.situation].name}, draw {run.draw}, replication {run.replication}, "
        f"seed {shared.stage.seed}: {deaths} worker processes stopped abruptly during this run"
    )
    return Done(task, {shared.keys(run)[task.components[0]]: report})


class Worker:
    """Runs tasks one after the other, keeping what the last draw prepared."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.store = PartStore(shared.folder)
        self._drawn: tuple[int, Drawn] | None = None
        self._schedules: tuple[tuple[int, ...], Schedules] | None = None
        self._posts: dict[str, tuple[Post, ...]] = {}

    def _prepared(self, run: Run) -> tuple[Mapping[str, Prepared], FactorTable]:
        shared = self.shared
        if run.draw == CENTRAL:
            return shared.prepared[run.situation], shared.situations[run.situation].shared_for_runs
        if self._drawn is None or self._drawn[0] != run.draw:
            values = shared.values(run.draw)
            self._drawn = run.draw, Drawn(shared.situations, shared.alike, shared.prepared, shared.stage, values)
        return self._drawn[1].of(run.situation)

    def execute(self, task: Task, told: Mapping[str, tuple[Post, ...]] | None = None) -> Done:
        """Run one task; an error is reported with its seed, never lost, never fatal to the others.

        Parameters
        ----------
        task : Task
        told : mapping of str to tuple of Post, optional
            What components post, by the key of their content, where it is known: they are not simulated for it.
        """
        keys = self.shared.keys(task.run)
        found: dict[str, bytes] = {}
        failed: dict[str, str] = {}
        self._posts |= told or {}
        for place in task.components:
            try:
                part = self._part(task.run, place, keys)
                self._posts[keys[place]] = part.posts
                if self.store.folder is None:
                    found[keys[place]] = encode(part, keys[place])
                else:
                    self.store.write(keys[place], part)
            except JumeauError:
                raise
            except OSError as error:
                # A full disk is no fault of this run: the others would meet it too.
                raise InputError(refusal(error, error.filename or tempfile.gettempdir())) from error
            except Exception:  # noqa: BLE001 - whatever fails in a model is quarantined with its seed
                # The other components go on: runs of other situations may wait for them.
                failed[keys[place]] = f"{self._named(task.run)}\n{redacted(traceback.format_exc())}"
                self.store.quarantine(keys[place], failed[keys[place]])
        return Done(task, failed, found)

    def _named(self, run: Run) -> str:
        situation = self.shared.situations[run.situation].name
        return f"situation {situation}, draw {run.draw}, replication {run.replication}, seed {self.shared.stage.seed}"

    def _part(self, run: Run, place: int, keys: Sequence[str]) -> Part:
        """Simulate a component of a run, after those that it hears."""
        component = self.shared.components[place]
        prepared, factors = self._prepared(run)
        posts = [post for before in component.hears for post in self._heard(run, before, keys)]
        central = run.draw == CENTRAL
        return simulate(
            component,
            prepared,
            factors,
            self.shared.stage,
            run.replication,
            schedules=self._announced(run, prepared, factors),
            heard=component.heard(posts),
            assets=central,
            events=central and run.replication == 0,
        )

    def _heard(self, run: Run, place: int, keys: Sequence[str]) -> tuple[Post, ...]:
        """Return what a component posts; it is simulated where nobody has done so yet, or tells of it."""
        key = keys[place]
        if key not in self._posts:
            part = self.store.read(key) or self._part(run, place, keys)
            self._posts[key] = part.posts
        return self._posts[key]

    def _announced(self, run: Run, prepared: Mapping[str, Prepared], factors: FactorTable) -> Schedules:
        """Return what is announced in a run; situations that are alike in it share the last one's."""
        networks = [network for network in ordered(prepared) if network.announce is not None]
        key = (run.draw, run.replication, *(self.shared.alike[run.situation][network.name] for network in networks))
        if self._schedules is None or self._schedules[0] != key:
            self._schedules = key, announced(networks, prepared, factors, self.shared.stage, run.replication)
        return self._schedules[1]


class Executor(Protocol):
    """Something that executes tasks."""

    def prepare(self, ground: Groundwork, folder: Path | None) -> None:
        """Compute ahead, where that is quicker elsewhere, what networks leave in the memo of their place."""
        ...

    def execute(self, shared: Shared, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Yield the outcome of each task, in any order; closing the generator stops what is under way."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class SerialExecutor:
    """Executes tasks one after the other, in this process."""

    def prepare(self, ground: Groundwork, folder: Path | None) -> None:
        """Leave it to who prepares."""

    def execute(self, shared: Shared, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Yield the outcome of each task, in order."""
        worker = Worker(shared)
        for task in tasks:
            yield worker.execute(task)

    def close(self) -> None:
        """Hold nothing."""

"""Where runs are executed: here, or elsewhere (`processes.py`).

An executor takes tasks and yields their outcomes as they come; the campaign puts them in order. A cluster needs one
more class with the same two methods.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from jumeau.engine.parts import PartStore
from jumeau.engine.plan import CENTRAL, Run, run_key
from jumeau.engine.preparation import Alike, Drawn
from jumeau.engine.resolve import Draw, Situation
from jumeau.engine.run import Stage, simulate
from jumeau.errors import InputError, JumeauError
from jumeau.factors import FactorTable
from jumeau.files import refusal
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
    alike : tuple of mapping
        By situation: network -> the first situation that is the same in it.
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
    alike: tuple[Alike, ...]
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
    """Runs tasks one after the other, keeping what the last draw prepared."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.store = PartStore(shared.folder)
        self._drawn: tuple[int, Drawn] | None = None

    def _prepared(self, run: Run) -> tuple[Mapping[str, Prepared], FactorTable]:
        shared = self.shared
        if run.draw == CENTRAL:
            return shared.prepared[run.situation], shared.situations[run.situation].shared_for_runs
        if self._drawn is None or self._drawn[0] != run.draw:
            values = shared.values(run.draw)
            self._drawn = run.draw, Drawn(shared.situations, shared.alike, shared.prepared, shared.stage, values)
        return self._drawn[1].of(run.situation)

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
        except OSError as error:
            # A full disk is no fault of this run: the others would meet it too.
            raise InputError(refusal(error, error.filename or tempfile.gettempdir())) from error
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

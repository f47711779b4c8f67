"""Progress of a whole job, from its first second: how far it is, what is being done, the time left if known."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TextIO

from jumeau.i18n import _, format_number
from jumeau.redaction import visible


@dataclass(frozen=True)
class Phase:
    """A part of a job.

    Attributes
    ----------
    label : str
        What is being done, in English.
    weight : float
        About how long it lasts in the demonstration, on two cores [s]; it only places the bar.
    steps : str
        How its steps are told, in English, where it has some.
    """

    label: str
    weight: float
    steps: str = ""


READING = Phase("reading scenario and territory", 8.0)
PREPARING = Phase("preparing networks", 15.0)
SIMULATING = Phase("simulating", 150.0, "simulating: {done} of {total} runs")
EVALUATING = Phase("evaluating, writing results", 35.0)
LOADING = Phase("reading results", 10.0)
REPORTING = Phase("writing the report", 15.0)
DRAWING = Phase("drawing pictures and 3D page", 50.0)
FILMING = Phase("filming the tour", 100.0, "filming the tour: {done} of {total} pictures")

#: The phases that `jumeau.run` goes through.
CAMPAIGN = (READING, PREPARING, SIMULATING, EVALUATING)

#: Length of the bar, where the text beside it leaves as much.
BAR, TEXT = 20, 50

#: Where lines are kept, a long simulation gives a sign of life a tenth, no sooner than that after the last one [s].
QUIET = 60.0


class Progress(Protocol):
    """Something that is told how far the work is."""

    def phase(self, phase: Phase) -> None:
        """Begin a part of the job."""
        ...

    def expect(self, total: int) -> None:
        """Be told how many runs there are in all, as far as it is known."""
        ...

    def start(self, total: int, done: int) -> None:
        """Begin a batch of so many runs, some of which were already done before."""
        ...

    def step(self) -> None:
        """One more run is done."""
        ...

    def say(self, message: str) -> None:
        """Tell the user something."""
        ...


class Silent:
    """Says nothing (the default in scripts)."""

    def phase(self, phase: Phase) -> None:
        """Do nothing."""

    def expect(self, total: int) -> None:
        """Do nothing."""

    def start(self, total: int, done: int) -> None:
        """Do nothing."""

    def step(self) -> None:
        """Do nothing."""

    def say(self, message: str) -> None:
        """Do nothing."""


class TerminalProgress:
    """One line that rewrites itself on a terminal, a line per phase elsewhere; left by `with`, or `finish`.

    Parameters
    ----------
    phases : sequence of Phase
        Of the job, in order.
    stream : text stream, optional
        Standard error by default, so that figures on standard output stay clean.
    """

    def __init__(self, phases: Sequence[Phase] = CAMPAIGN, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        # A line that rewrites itself is not for terminals that only know how to go on.
        self._live = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._phases = tuple(phases)
        self._phase: Phase | None = None
        self._expected = self._batches = self._done = self._new = 0
        self._began = self._last = time.monotonic()
        self._reached = 0.0
        self._tenth = 0
        self._length = 0
        self._held = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def plan(self, phases: Sequence[Phase]) -> None:
        """Be told of the phases of the job, where they were not known as it began."""
        self._phases = tuple(phases)

    def phase(self, phase: Phase) -> None:
        """Begin a part of the job; a command may have begun it already."""
        if phase is self._phase:
            return
        self._phase = phase
        self._expected = self._batches = self._done = self._new = self._tenth = 0
        self._began = time.monotonic()
        self._show(_(phase.label), line=True)

    def expect(self, total: int) -> None:
        """Be told how many runs there are in all."""
        self._expected = total

    def start(self, total: int, done: int) -> None:
        """Begin a batch of runs."""
        self._batches += total
        self._done += done
        if not self._new:
            self._began = time.monotonic()
        if done:
            self.say(_("{done} of {total} runs were already done").format(done=done, total=total))
        self._show(self._runs())

    def step(self) -> None:
        """Count one more run and show the time left."""
        self._done += 1
        self._new += 1
        left = (time.monotonic() - self._began) / self._new * (self._total() - self._done)
        tenth = 10 * self._done // max(self._total(), 1)
        text = _("{runs}, {left} left").format(runs=self._runs(), left=_duration(left))
        self._show(text, line=tenth > self._tenth and time.monotonic() - self._last > QUIET)
        self._tenth = tenth

    def say(self, message: str) -> None:
        """Write a line."""
        self._clear()
        self._stream.write(visible(message) + "\n")
        self._stream.flush()

    def finish(self) -> None:
        """Leave the line, nothing of which stays."""
        self._clear()
        self._stream.flush()

    def _total(self) -> int:
        """Return the number of runs: as many as was thought, or more where a precision asks for them."""
        return max(self._expected, self._batches)

    def _runs(self) -> str:
        told = (self._phase and self._phase.steps) or SIMULATING.steps
        return _(told).format(done=format_number(self._done), total=format_number(self._total()))

    def _fraction(self) -> float:
        """Return how much of the job is done; it never falls, as where runs turn out to be more than was thought."""
        whole = sum(phase.weight for phase in self._phases)
        if self._phase in self._phases:
            before = self._phases[: self._phases.index(self._phase)]
            inside = self._phase.weight * self._done / max(self._total(), 1)
            self._reached = max(self._reached, (sum(phase.weight for phase in before) + inside) / whole)
        return self._reached

    def _show(self, text: str, *, line: bool = False) -> None:
        share = self._fraction()
        percent = _("{value}%").format(value=format_number(100 * share)).rjust(5)
        if self._live:
            # The last column stays free: terminals that fill it go to the next line.
            room = shutil.get_terminal_size((80, 24)).columns - 1
            size = min(BAR, max(room - TEXT, 0))
            full = round(size * share)
            shown = f"{'█' * full}{'░' * (size - full)} {percent}  {text}"[: max(room, 1)]
            self._stream.write("\r" + shown.ljust(self._length))
            self._length = len(shown)
        elif line:
            told = f"{percent}  {text}\n"
            # A file that is refused while it is read has nothing to do with progress: the first line waits.
            if self._phase is self._phases[0] and not self._done:
                self._held = told
            else:
                self._stream.write(self._held + told)
                self._held = ""
                self._last = time.monotonic()
        self._stream.flush()

    def _clear(self) -> None:
        if self._live and self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._length = 0


def _duration(seconds: float) -> str:
    """Return a time left, in the unit that suits it."""
    if seconds < 100:
        return _("{count} s").format(count=format_number(seconds))
    if seconds < 6000:
        return _("{count} min").format(count=format_number(seconds / 60))
    return _("{count} h").format(count=format_number(seconds / 3600, 1))

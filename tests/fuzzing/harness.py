"""What the fuzzers share: a command in this process under a time limit, and what a folder holds before and after.

A case is a seed. It ends well when the command succeeds or says what is wrong (status 2); any other exception, a
warning of a library, a hang, and a file left by a command that failed are faults.
"""

from __future__ import annotations

import contextlib
import io
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jumeau.cli import main

DONE, REFUSED = 0, 2


@dataclass(frozen=True)
class Verdict:
    """How a command ended: its exit status and what it said on the two channels."""

    status: int
    out: str
    err: str

    @property
    def refused(self) -> bool:
        return self.status == REFUSED


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` in this thread when the block takes longer (where signals exist, in the main thread)."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def late(_number: int, _frame: object) -> None:
        raise TimeoutError(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def command(words: Sequence[object], seconds: float) -> Verdict:
    """Run a command of the command line in this process; its exceptions are those of the case."""
    out, err = io.StringIO(), io.StringIO()
    with time_limit(seconds), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:  # of the parser of words
            status = end.code if isinstance(end.code, int) else 1
    return Verdict(status, out.getvalue(), err.getvalue())


def files(folder: Path) -> set[str]:
    """Return all that a folder holds, folders included."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def ends_well(words: Sequence[object], folder: Path, seconds: float) -> Verdict:
    """Run a command and require that it succeeds, or says in a few words what is wrong and leaves nothing behind.

    Parameters
    ----------
    words : sequence
        Of the command line.
    folder : Path
        Where it might write.
    seconds : float
        That it may take.
    """
    before = files(folder)
    verdict = command(words, seconds)
    assert verdict.status in (DONE, REFUSED), f"status {verdict.status}: {verdict.err[:2000]}"
    assert "Traceback" not in verdict.err
    if verdict.refused:
        assert verdict.err.strip(), "refused without a word"
        assert files(folder) == before, f"left behind: {sorted(files(folder) - before)}"
    return verdict


def survey(seeds: Sequence[int], case: Callable[[int], None]) -> list[str]:
    """Run many cases and return one line for each that failed: for a hunt by hand rather than for tests."""
    found = []
    for seed in seeds:
        try:
            case(seed)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - all that a case may raise is what is looked for
            found.append(f"{seed}: {type(error).__name__}: {str(error)[:300]}")
    return found

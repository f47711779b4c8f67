"""How many runs a scenario asks for, and how long they take: told before anything is started."""

from __future__ import annotations

import time

from jumeau.engine.ready import Ready
from jumeau.engine.run import prepare, simulate
from jumeau.engine.scenario import Draws, Replications


def run_counts(ready: Ready) -> tuple[int, int]:
    """Return the runs of a campaign, those of the same content counted once: the fewest, and the most.

    They differ where a precision, or the curve of a sweep, may ask for more replications.
    """
    different = len({situation.fingerprint() for situation in ready.situations})
    fewest, most = _replications(ready)
    many = ready.scenario.data.draw_replications
    # Draws of prices alone are valued, not run.
    moved = sum(bool(ready.situations[0].simulated(draw)) for draw in ready.draws)
    few, all_ = (min(count, moved) for count in _draws(ready))
    return different * (fewest + few * min(many, fewest)), different * (most + all_ * min(many, most))


def timed(ready: Ready, counts: tuple[int, int], processes: int) -> tuple[float, float]:
    """Return what some numbers of runs take [s]: the baseline is prepared and run once, timed, and thrown away.

    Parameters
    ----------
    ready : Ready
    counts : (int, int)
    processes : int
        That share the runs.
    """
    different = len({situation.fingerprint() for situation in ready.situations})
    began = time.perf_counter()
    prepared = prepare(ready.situations[0], ready.stage)
    middle = time.perf_counter()
    simulate(prepared, ready.situations[0].shared_for_runs, ready.stage, 0, assets=True, events=False)
    once, each = middle - began, time.perf_counter() - middle
    # Situations are prepared one after the other; each run is written as well.
    low, high = (different * once + 1.3 * each * count / processes for count in counts)
    return low, high


def _replications(ready: Ready) -> tuple[int, int]:
    asked = ready.scenario.data.replications
    if ready.swept is not None and ready.swept.until is not None:
        return ready.swept.until.minimum, ready.swept.until.maximum
    if isinstance(asked, Replications):
        return asked.minimum, asked.maximum
    return asked, asked


def _draws(ready: Ready) -> tuple[int, int]:
    asked = ready.scenario.data.draws
    return (asked.minimum, asked.maximum) if isinstance(asked, Draws) else (asked, asked)

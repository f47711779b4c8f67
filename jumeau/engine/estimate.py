"""How many runs a scenario asks for, and how long they take: told before anything is started."""

from __future__ import annotations

import time
from collections.abc import Mapping

from jumeau.engine.components import components
from jumeau.engine.plan import component_keys, fingerprints
from jumeau.engine.preparation import alike
from jumeau.engine.ready import Ready
from jumeau.engine.run import announced, prepare, simulate
from jumeau.engine.scenario_blocks import Draws, Replications
from jumeau.network import Prepared, ordered
from jumeau.simulation.board import Post


def run_counts(ready: Ready) -> tuple[int, int]:
    """Return the runs of a campaign, those of the same content counted once: the fewest, and the most.

    They differ where a precision, or the curve of a sweep, may ask for more replications.
    """
    different = len(set(_contents(ready)))
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
    baseline, stage = ready.situations[0], ready.stage
    made: dict[str, Prepared] = {}
    seconds: dict[str, float] = {}
    for network in ordered(baseline.networks):
        began = time.perf_counter()
        made |= prepare(baseline, stage, names=[network.name])
        seconds[network.name] = time.perf_counter() - began
    same = alike(ready.situations, stage.place.digests)
    # Situations are prepared one after the other, what is alike in them once.
    once = sum(seconds[name] for number, item in enumerate(same) for name, first in item.items() if first == number)
    contents = _contents(ready)
    low = high = once
    for place, each in enumerate(_each(ready, made)):
        different = len({content[place] for content in contents})
        low, high = (
            total + 1.3 * each * different * count / len(set(contents)) / processes
            for total, count in zip((low, high), counts, strict=True)
        )
    return low, high


def _contents(ready: Ready) -> list[tuple[str, ...]]:
    """Return what decides the runs of each situation, by component."""
    parts, digests = components(ordered(ready.situations[0].networks), ready.stage.crews), ready.stage.place.digests
    return [component_keys(parts, fingerprints(item, "", digests), {}, 0) for item in ready.situations]


def _each(ready: Ready, prepared: Mapping[str, Prepared]) -> list[float]:
    """Return what one run of each component takes [s]."""
    baseline, stage = ready.situations[0], ready.stage
    networks = ordered(baseline.networks)
    schedules = announced(networks, prepared, baseline.shared_for_runs, stage, 0)
    stage.place.distances()
    posts: list[Post] = []
    found = []
    for part in components(networks, stage.crews):
        began = time.perf_counter()
        done = simulate(
            part,
            prepared,
            baseline.shared_for_runs,
            stage,
            0,
            schedules=schedules,
            heard=part.heard(posts),
            assets=True,
            events=False,
        )
        posts += done.posts
        found.append(time.perf_counter() - began)
    return found


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

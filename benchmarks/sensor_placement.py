"""Placement of sensors: lazy greedy beside plain greedy, exact answers and gaps, growth with the size of the problem.

Run it alone: `python benchmarks/sensor_placement.py [--large]`. Times are those of one run: read the ratios.
`--large` adds 12,000 candidates and events. With `JUMEAU_DATA`, Net3's published instance comes first.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.sizing.bounds import lagrangian_bound
from jumeau.sizing.cover import growing
from jumeau.sizing.exact import exact
from jumeau.sizing.exchange import exchanged
from jumeau.sizing.impact_file import read_impact
from jumeau.sizing.lazy_greedy import lazy_greedy
from jumeau.sizing.limits import Limit

#: Sites that see each event.
NEAR = 50


def instance(size: int, *, seed: int = 1, near: int = NEAR, cover: bool = False) -> PlacementProblem:
    """Return sites and events on a square: each event is seen by the nearest sites, the sooner the nearer."""
    draw = np.random.Generator(np.random.PCG64(seed))
    places, events = draw.random((size, 2)), draw.random((size, 2))
    away, site = cKDTree(places).query(events, near)
    row = np.repeat(np.arange(size), near)
    saving = np.ones(size * near) if cover else 1.0 - away.ravel() / away.max() + 1e-9
    names = np.arange(size).astype(str)
    matrix = sparse.csr_matrix((saving, (row, site.ravel())), shape=(size, size))
    return PlacementProblem.of_savings(Sites.of(names), Events.of(names, draw.random(size)), matrix)


def timed(work):
    """Return what a function returns, and how long it took [s]."""
    begin = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begin


def plain_greedy(problem: PlacementProblem, count: int) -> tuple[list[int], int]:
    """Return the greedy choice with every gain computed at every step, and how many gains that takes."""
    cover, chosen, computed = growing(problem, failing=False), [], 0
    while len(chosen) < count:
        left = [site for site in range(len(problem.sites)) if site not in chosen]
        gains = [cover.gain(site) for site in left]
        computed += len(gains)
        chosen.append(left[int(np.argmax(gains))])
        cover.add(chosen[-1])
    return chosen, computed


def greedy_rows(sizes: list[int], count: int) -> None:
    """Print lazy against plain greedy as problems grow, and the slopes of the growth."""
    print(f"{count} sensors, each event seen by {NEAR} sites")
    print(f"{'size':>7} {'lazy s':>8} {'plain s':>8} {'ratio':>7} {'gains lazy':>11} {'gains plain':>12} {'same':>5}")
    lazy_times, plain_times, lazy_gains, plain_gains = [], [], [], []
    for size in sizes:
        problem = instance(size)
        lazy, quick = timed(lambda problem=problem: lazy_greedy(problem, Limit(count=count)))
        (plain, computed), slow = timed(lambda problem=problem: plain_greedy(problem, count))
        same = "yes" if lazy.chosen.tolist() == plain else "no"
        print(f"{size:7d} {quick:8.3f} {slow:8.3f} {slow / quick:7.1f} {lazy.evaluations:11d} {computed:12d} {same:>5}")
        lazy_times.append(quick)
        plain_times.append(slow)
        lazy_gains.append(lazy.evaluations)
        plain_gains.append(computed)
    for name, times in (("lazy", lazy_times), ("plain", plain_times)):
        slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
        gains = lazy_gains if name == "lazy" else plain_gains
        often = np.polyfit(np.log(sizes), np.log(gains), 1)[0]
        print(f"growth of {name} greedy: time ~ size^{slope:.2f}, gains ~ size^{often:.2f}")


def exact_row(name: str, problem: PlacementProblem, count: int, seconds: float) -> None:
    """Print both answers to one problem, the bound and the gap."""
    limit = Limit(count=count)
    quick, first = timed(lambda: lazy_greedy(problem, limit))
    start, second = timed(lambda: exchanged(problem, limit, quick.chosen, seconds=seconds / 5.0))
    best, third = timed(lambda: exact(problem, limit, start, seconds=0.7 * seconds))
    told = "optimum proved" if best.proved else f"gap {100.0 * best.gap:.2f} %"
    # Sums in another order differ by dust.
    short = 100.0 * max(best.benefit - quick.benefit, 0.0) / best.benefit
    print(
        f"{name:28} k={count:<3d} greedy -{short:5.2f} %  {told:16} in {first + second + third:5.1f} s "
        f"({best.variables} variables, {best.merged} of {best.steps} steps merged, {best.dropped} sites dropped)"
    )


def large() -> None:
    """Print lazy greedy on 12,000 candidates and events, its bound, and the memory of the process."""
    problem = instance(12_000)
    for count in (100, 500):
        found, seconds = timed(lambda count=count: lazy_greedy(problem, Limit(count=count)))
        bound, spent = timed(
            lambda count=count, found=found: lagrangian_bound(problem, Limit(count=count), found.benefit, seconds=20.0)
        )
        gap = 100.0 * (bound[0] - found.benefit) / bound[0]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"12,000 x 12,000, {problem.saving.nnz} savings, k={count}: lazy greedy {seconds:.2f} s, "
            f"at most {gap:.1f} % below the best (bound in {spent:.1f} s), {memory:.2f} GB"
        )


def main() -> None:
    """Print all."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--large", action="store_true")
    words.add_argument("--seconds", type=float, default=10.0)
    given = words.parse_args()
    greedy_rows([250, 500, 1000, 2000, 4000], 30)
    file = Path(os.environ.get("JUMEAU_DATA", "")) / "water" / "Net3_ec.impact"
    if file.is_file():
        for count in (1, 2, 3, 5):
            exact_row("Net3, 236 events, 91 sites", read_impact(file), count, given.seconds)
    exact_row("800 x 800, cover", instance(800, cover=True), 33, given.seconds)
    exact_row("800 x 800, time to detection", instance(800), 33, given.seconds)
    exact_row("800 x 800, all see all", instance(800, near=800), 20, given.seconds)
    if given.large:
        large()


if __name__ == "__main__":
    main()

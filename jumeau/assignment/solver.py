"""The course of the equilibrium: bushes are planted, balanced and grown until the gap is met.

What is done at costs that stand still (trees, growth, loading) is shared among threads by blocks of origins, which do
not depend on the number of threads, and summed in their order: results are the same to the last bit. Shifts change
costs for the next origin at once, which is what makes them few; they run on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment.bushes import Bushes, bushes_of, plant, refill_block, roads_of, share_out
from jumeau.assignment.contraction import Contraction
from jumeau.assignment.curves import curves_of, evaluate
from jumeau.assignment.demand import Demand
from jumeau.assignment.growth import grow
from jumeau.assignment.links import Links
from jumeau.assignment.shifting import balance

Floats = NDArray[np.float64]

#: Origins in a block.
_BLOCK = 32

#: Rounds of shifts between two growths, at most.
_PASSES = 50

#: An origin is balanced when its ways differ by less than this share of the mean excess cost of a trip.
_ENOUGH = 0.1


class NoWayError(Exception):
    """Two zones exchange trips that no way joins."""

    def __init__(self, pair: tuple[int, int]) -> None:
        super().__init__(pair)
        self.pair = pair


def paid(extra: Floats) -> Floats:
    """Return what classes pay beyond the time, zero where they may not go."""
    return np.where(np.isfinite(extra), extra, 0.0)


class Solver:
    """One problem. Classes that pay the same go the same ways: they share their bushes."""

    def __init__(self, links: Links, chains: Contraction, demand: Demand, ahead: Floats, threads: int) -> None:
        self.chains = chains
        self.demand = demand
        self.roads = roads_of(chains, links.through)
        self.curves = curves_of(links, chains, ahead)
        trips = demand.trips.copy()
        trips[:, np.arange(demand.zones), np.arange(demand.zones)] = 0.0
        self.trips = trips
        if demand.extra is None:
            self.wanted, self.extra = trips.sum(axis=0)[None], np.zeros((1, len(chains)))
        else:
            self.wanted, self.extra = trips, chains.summed(demand.extra)
        self.bushes: list[Bushes] = [bushes_of(demand.zones, self.roads) for _row in self.wanted]
        self.flow = np.zeros((len(self.wanted), len(chains)))
        self.total, self.time, self.slope = (np.zeros(len(chains)) for _item in range(3))
        self.blocks = [(low, min(low + _BLOCK, demand.zones)) for low in range(0, demand.zones, _BLOCK)]
        # Threads of Python around compiled code that lets go of the interpreter: Numba's own parallel loops may not be
        # entered from several threads at once, which hours that are solved beside each other would do.
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def __enter__(self) -> Self:
        """Return the solver itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the threads go."""
        if self.pool is not None:
            self.pool.shutdown()

    def run(self, gap: float, limit: int, start: Floats | None, *, fits: bool) -> tuple[Floats, float, int]:
        """Return the flows by class and link at which the gap is met, or the last ones; the gap; how many rounds.

        Parameters
        ----------
        gap : float
        limit : int
            Rounds, at most.
        start : ndarray, shape (classes, m), optional
        fits : bool
            Whether `start` serves the demand.

        Raises
        ------
        NoWayError
        """
        before = self._first(start)
        if start is not None and fits and before <= gap:
            return np.array(start, dtype=np.float64), before, 0
        reached = self._grow()
        rounds = 0
        while reached > gap and rounds < limit:
            self._balance(reached)
            reached = self._grow()
            rounds += 1
        return self.chains.spread(self._by_class()), reached, rounds

    def _first(self, start: Floats | None) -> float:
        """Load the trips on the cheapest ways, parting as in `start`; return the gap of `start`."""
        shares = np.zeros_like(self.flow)
        if start is not None:
            flows = np.asarray(start, dtype=np.float64)
            shares = self.chains.gathered(flows.sum(axis=0)[None] if self.demand.extra is None else flows)
        self.total[:] = shares.sum(axis=0)
        evaluate(self.curves, self.total, self.time, self.slope)
        cost = self._cost(shares)
        lost = np.full((len(self.blocks), 2), -1, dtype=np.int64)
        cheapest = 0.0
        for row, bushes in enumerate(self.bushes):
            weight, flow = self.time + self.extra[row], np.zeros((len(self.blocks), len(self.chains)))
            cheapest += sum(
                self._shared(
                    lambda at, low, high, row=row, bushes=bushes, weight=weight, flow=flow: plant(
                        self.roads, bushes, low, high, self.wanted[row], weight, shares[row], flow[at], lost[at]
                    )
                )
            )
            self.flow[row] = flow.sum(axis=0)
        for pair in lost:
            if pair[0] >= 0:
                raise NoWayError((int(pair[0]), int(pair[1])))
        self._summed()
        return max((cost - cheapest) / cost, 0.0) if cost > 0.0 else np.inf

    def _shared(self, work: Callable[..., Any]) -> list[Any]:
        """Return what each block of origins gives, in their order."""
        tasks = [(at, low, high) for at, (low, high) in enumerate(self.blocks)]
        if self.pool is None:
            return [work(*task) for task in tasks]
        return list(self.pool.map(lambda task: work(*task), tasks))

    def _summed(self) -> None:
        """Bring the times up to date with the flows of the classes."""
        self.total[:] = self.flow.sum(axis=0)
        evaluate(self.curves, self.total, self.time, self.slope)

    def _cost(self, flow: Floats) -> float:
        """Return the cost of the trips."""
        return float(self.time @ flow.sum(axis=0)) + float((paid(self.extra) * flow).sum())

    def _grow(self) -> float:
        """Bring the bushes up to date; return the gap."""
        cheapest = 0.0
        for row, bushes in enumerate(self.bushes):
            weight = self.time + self.extra[row]
            cheapest += sum(
                self._shared(
                    lambda _at, low, high, row=row, bushes=bushes, weight=weight: grow(
                        self.roads, bushes, low, high, weight, self.wanted[row]
                    )
                )
            )
        cost = self._cost(self.flow)
        return max((cost - cheapest) / cost, 0.0) if cost > 0.0 else 0.0

    def _balance(self, gap: float) -> None:
        """Shift flows until the ways in each bush cost nearly the same."""
        enough = _ENOUGH * gap * self._cost(self.flow) / float(self.wanted.sum())
        active = np.ones((len(self.bushes), self.demand.zones), dtype=np.bool_)
        for _pass in range(_PASSES):
            left = 0
            for row, bushes in enumerate(self.bushes):
                left += balance(
                    self.curves, bushes, self.extra[row], self.total, self.time, self.slope, enough, active[row]
                )
            if left == 0:
                break
        for row, bushes in enumerate(self.bushes):
            flow = np.zeros((len(self.blocks), len(self.chains)))
            self._shared(
                lambda at, low, high, row=row, bushes=bushes, flow=flow: refill_block(
                    bushes, low, high, self.wanted[row], flow[at]
                )
            )
            self.flow[row] = flow.sum(axis=0)
        self._summed()

    def _by_class(self) -> Floats:
        """Return the flow of each class on each chain."""
        if self.demand.extra is not None or self.demand.classes == 1:
            return self.flow
        found = np.zeros((len(self.blocks), self.demand.classes, len(self.chains)))
        self._shared(lambda at, low, high: share_out(self.bushes[0], low, high, self.trips, found[at]))
        return np.asarray(found.sum(axis=0))

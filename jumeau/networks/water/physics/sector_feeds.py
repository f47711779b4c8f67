"""Which crossings of sectors are metered, and which are closed: the cheapest ones that leave enough pressure."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.sector_topology import parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Crossings of the most flow that are tried where a sector lacks pressure.
TRIED = 8

#: Up to so many parts that lack it are looked at one by one.
FEW = 2

#: Sets of crossings looked at, the cheapest first, for one that does as well.
SETS = 20_000

#: Cheaper crossings that each metered one is exchanged for, at most.
EXCHANGES = 4


@dataclass(frozen=True)
class Choice:
    """The crossings of a network, and what each would cost.

    Attributes
    ----------
    near, far : ndarray of int, shape (k,)
        Parts on either side.
    closable : ndarray of bool, shape (k,)
        Whether a valve may close it; it is metered otherwise.
    meter, valve : ndarray, shape (k,)
        Cost of a meter, and of a closed valve [EUR].
    worth : ndarray, shape (k,)
        What speaks for keeping it open: the flow that passes there today.
    sector : ndarray of int, shape (parts,)
        Sector of each part, negative for none.
    supplied : ndarray of bool, shape (parts,)
        Parts that hold a source.
    most : int
        Metered links that a sector should not exceed.
    runs : int
        Of EPANET, that may be spent on exchanges for cheaper crossings, and again on proving that nothing cheaper does.
    """

    near: Ints
    far: Ints
    closable: Bools
    meter: Floats
    valve: Floats
    worth: Floats
    sector: Ints
    supplied: Bools
    most: int
    runs: int = 60

    def cost(self, metered: Bools) -> float:
        """Return the cost of metering some crossings and closing the others [EUR]."""
        return float(np.where(metered, self.meter, self.valve).sum())

    def excess(self, metered: Bools) -> int:
        """Return the metered links that sectors have beyond the most they should, summed."""
        return int(np.maximum(self.meters(metered) - self.most, 0).sum())

    def meters(self, metered: Bools) -> Ints:
        """Return the metered links of each sector, in and out, shape (sectors,)."""
        count = np.zeros(int(self.sector.max(initial=-1)) + 1, dtype=np.int64)
        for row in np.flatnonzero(metered).tolist():
            for sector in {int(self.sector[self.near[row]]), int(self.sector[self.far[row]])} - {-1}:
                count[sector] += 1
        return count

    def fed(self, metered: Bools) -> bool:
        """Tell whether water reaches every sector."""
        label = parts(len(self.sector), self.near[metered], self.far[metered])
        return bool(np.isin(label[self.sector >= 0], label[self.supplied]).all())


@dataclass(frozen=True)
class Feeds:
    """What was chosen.

    Attributes
    ----------
    metered : ndarray of bool, shape (k,)
        The others are closed.
    missing : ndarray, shape (parts,)
        Pressure that a part lacks, zero where it has enough [m].
    proven : bool
        Whether every cheaper set was looked at.
    runs : int
        Of EPANET.
    """

    metered: Bools
    missing: Floats
    proven: bool
    runs: int


@dataclass
class _Search:
    """A search, with what it has tried already."""

    choice: Choice
    check: Callable[[Bools], Floats]
    known: dict[bytes, Floats] = field(default_factory=dict)

    def missing(self, metered: Bools) -> Floats:
        key = np.packbits(metered).tobytes()
        if key not in self.known:
            self.known[key] = self.check(metered)
        return self.known[key]

    def rank(self, metered: Bools) -> tuple[float, int, float]:
        """Return what makes a set better: pressure, then few meters in each sector, then cost."""
        lack = float(self.missing(metered).max(initial=0.0))
        return round(lack, 6), self.choice.excess(metered), self.choice.cost(metered)


def choose_feeds(choice: Choice, check: Callable[[Bools], Floats]) -> Feeds:
    """Return the crossings to meter.

    As few as it takes for water to reach every sector, where most of it passes today; then, while a sector lacks
    pressure, the one that helps most; then those that can be spared or exchanged for cheaper ones go. At the end, sets
    that cost less are looked at, the cheapest first, as long as `runs` allows.

    Parameters
    ----------
    choice : Choice
    check : callable
        From the crossings that are metered, the others closed, to what each part lacks, shape (parts,): pressure [m],
        or room in its feeds.
    """
    search = _Search(choice, check)
    metered = _repaired(search, _tree(choice))
    metered = _exchanged(search, _pruned(search, metered))
    metered, proven = _cheapest(search, metered)
    return Feeds(metered, search.missing(metered), proven, len(search.known))


def _tree(choice: Choice) -> Bools:
    """Return the crossings that cannot be closed, and the fewest others by which water reaches every sector."""
    metered = ~choice.closable
    order = np.lexsort((np.arange(len(choice.near)), choice.meter - choice.valve, -choice.worth))
    for row in order[choice.closable[order]].tolist():
        if choice.fed(metered):
            break
        label = parts(len(choice.sector), choice.near[metered], choice.far[metered])
        wet = np.isin(label, label[choice.supplied])
        one, other = choice.near[row], choice.far[row]
        # Two dry parts are joined as well: a later crossing feeds both.
        if label[one] != label[other] and not (wet[one] and wet[other]):
            metered[row] = True
    return _spared(choice, metered)


def _spared(choice: Choice, metered: Bools) -> Bools:
    """Return a set without the crossings that are of no use to bring water, the least worth first."""
    for row in np.argsort(choice.worth, kind="stable").tolist():
        if metered[row] and choice.closable[row]:
            tried = metered.copy()
            tried[row] = False
            if choice.fed(tried):
                metered = tried
    return metered


def _repaired(search: _Search, metered: Bools) -> Bools:
    """Return a set with more crossings, until no sector lacks pressure or nothing helps.

    While many parts lack it, each gets the crossing of the most flow; of the last ones, several crossings are tried.
    """
    choice = search.choice
    while (lack := search.missing(metered)).max(initial=0.0) > 0.0 and not metered.all():
        dry = np.flatnonzero(lack > 0.0)
        if len(dry) > FEW:
            more = [_largest(choice, metered, part) for part in dry.tolist()]
            opened = metered.copy()
            opened[[row for row in more if row is not None]] = True
            if not np.array_equal(opened, metered):
                metered = opened
                continue
        touching = np.isin(choice.near, dry) | np.isin(choice.far, dry)
        best = metered
        for pool in (touching, ~touching):
            rows = np.flatnonzero(~metered & pool)
            rows = rows[np.argsort(-choice.worth[rows], kind="stable")][:TRIED]
            tried = [_with(metered, row) for row in rows.tolist()]
            best = min([metered, *tried], key=search.rank)
            if search.rank(best)[0] < search.rank(metered)[0]:
                break
        if search.rank(best)[0] >= search.rank(metered)[0]:
            # No single crossing helps: all together may, and what is not needed is closed again.
            return np.ones(len(metered), dtype=bool)
        metered = best
    return metered


def _largest(choice: Choice, metered: Bools, part: int) -> int | None:
    """Return the closed crossing of a part through which most flows today, none where all are open."""
    rows = np.flatnonzero(~metered & ((choice.near == part) | (choice.far == part)))
    return int(rows[np.argmax(choice.worth[rows])]) if len(rows) else None


def _with(metered: Bools, row: int, *, without: int | None = None) -> Bools:
    found = metered.copy()
    found[row] = True
    if without is not None:
        found[without] = False
    return found


def _pruned(search: _Search, metered: Bools) -> Bools:
    """Return a set without the crossings that can be spared, the dearest first."""
    choice = search.choice
    dear = np.argsort(choice.valve - choice.meter, kind="stable")
    for row in dear.tolist():
        if not metered[row] or not choice.closable[row]:
            continue
        tried = metered.copy()
        tried[row] = False
        if choice.fed(tried) and search.rank(tried) <= search.rank(metered):
            metered = tried
    return metered


def _exchanged(search: _Search, metered: Bools) -> Bools:
    """Return a set in which crossings are exchanged for cheaper ones between the same parts."""
    choice = search.choice
    pair = np.sort(np.stack([choice.near, choice.far], axis=1), axis=1)
    extra = choice.meter - choice.valve
    spent = len(search.known)
    for row in np.argsort(-extra, kind="stable").tolist():
        if not metered[row] or not choice.closable[row]:
            continue
        if len(search.known) - spent >= choice.runs:
            break
        same = (pair == pair[row]).all(axis=1) & ~metered & (extra < extra[row])
        others = np.flatnonzero(same)
        others = others[np.lexsort((-choice.worth[others], extra[others]))][:EXCHANGES]
        for other in others.tolist():
            tried = _with(metered, other, without=row)
            if choice.fed(tried) and search.rank(tried) < search.rank(metered):
                metered = tried
                break
    return metered


def _cheapest(search: _Search, metered: Bools) -> tuple[Bools, bool]:
    """Return the cheapest set that does as well, and whether all cheaper ones were looked at."""
    choice = search.choice
    lack, excess, cost = search.rank(metered)
    spent, looked = len(search.known), 0
    for tried in _by_cost(choice):
        if choice.cost(tried) >= cost - 1e-9:
            return metered, True
        looked += 1
        if looked > SETS:
            return metered, False
        if choice.excess(tried) > excess or not choice.fed(tried):
            continue
        if len(search.known) - spent >= choice.runs:
            return metered, False
        if search.rank(tried)[0] <= lack:
            return tried, True
    return metered, True


def _by_cost(choice: Choice) -> Iterator[Bools]:
    """Yield all sets of metered crossings, the cheapest first."""
    extra = choice.meter - choice.valve
    # What costs no more to meter than to close is metered.
    base = ~choice.closable | (extra <= 0.0)
    free = np.flatnonzero(~base)
    free = free[np.lexsort((-choice.worth[free], extra[free]))]
    yield base.copy()
    heap: list[tuple[float, tuple[int, ...]]] = []
    if len(free):
        heap.append((float(extra[free[0]]), (0,)))
    while heap:
        total, taken = heapq.heappop(heap)
        found = base.copy()
        found[free[list(taken)]] = True
        yield found
        last = taken[-1]
        if last + 1 < len(free):
            following = float(extra[free[last + 1]])
            heapq.heappush(heap, (total + following, (*taken, last + 1)))
            heapq.heappush(heap, (total - float(extra[free[last]]) + following, (*taken[:-1], last + 1)))

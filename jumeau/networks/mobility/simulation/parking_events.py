"""The events of a day of parking, in their order. Compiled: a city's drivers meet some hundred thousand of them.

Nothing else of a run acts on the drivers of a day, so that no environment is needed between them: a queue of events by
time, those of one time in the order in which they were asked for, as SimPy does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jumeau.compiled import inner

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: What happens: one looking for a space reaches a block, or a car park; one who is guided does; one leaves; one comes.
#: NumPy's integers, since functions are compiled anew for each of Python's that they are called with.
LOOKS, TURNS_TO, FOLLOWS, LEAVES, COMES = (np.int64(kind) for kind in range(5))

#: Places of what is added up: metres, metres, euros, euros; then seconds and numbers of searches, first of those who do
#: not follow the guidance, then of those who do; drivers.
CRUISED, WALKED, RECEIPTS, FINES, TIME, SEARCHES, AWAY = 0, 1, 2, 3, 4, 6, 8
SUMS = 9


class Drivers(NamedTuple):
    """Drivers of a day, shapes (k,); see `drivers.Drivers`. `follows` tells who follows the guidance."""

    time: Floats
    block: Ints
    dwell: Floats
    follows: Bools
    pays: Floats
    caught: Floats
    turns: Floats


class Town(NamedTuple):
    """Blocks, shapes (n,); see `parking_supply.Blocks`.

    The neighbours of block i are `near[near_from[i]:near_from[i + 1]]`; `parks` are the car parks from each block, the
    nearest first, shape (n, p); `watched` are blocks with sensors, of which `turned` moves the draws and `error` is the
    share of spaces shown wrongly.
    """

    spaces: Ints
    distance: Floats
    near: Ints
    near_from: Ints
    parks: Ints
    watched: Ints
    turned: Floats
    error: Floats
    car_park: Bools
    price: Floats
    payment: Floats
    paid_from: Floats
    paid_to: Floats
    dwell: Floats


class Rules(NamedTuple):
    """Single numbers: cruising speed [m/s], weight of a metre on foot [s/m], patience, midnight [s], what is paid."""

    speed: float
    walk: float
    patience: float
    alike: float
    midnight: float
    fine: float
    control: float
    charged: float
    busy_from: float
    busy_to: float


class Found(NamedTuple):
    """What a day fills; see `ParkingDay`. `sums` holds what is added up, at the places named above."""

    searches: Floats
    arrived: Floats
    passes: Floats
    parked: Floats
    occupied: Floats
    busy: Floats
    sums: Floats


class Search(NamedTuple):
    """Where drivers are in their search, shapes (k,), and the lists of what each has seen or tried, in one pool.

    `counts` holds the length of the queue, the turn of the next event and what is used of the pool.
    """

    free: Ints
    here: Ints
    there: Ints
    base: Ints
    step: Ints
    spent: Floats
    first: Ints
    seen: Ints
    after: Ints
    tried: Bools
    queue: Floats
    counts: Ints


def found_of(blocks: int) -> Found:
    """Return a day of which nothing is known yet."""
    searches, arrived, passes = (np.zeros((blocks, 24)) for _item in range(3))
    parked, occupied, busy = (np.zeros(blocks) for _item in range(3))
    return Found(searches, arrived, passes, parked, occupied, busy, np.zeros(SUMS))


def search_of(drivers: int, spaces: Ints, watched: int, pool: int) -> Search:
    """Return drivers who have not come yet, at blocks that are empty."""
    here, there, base, step = (np.zeros(drivers, dtype=np.int64) for _item in range(4))
    seen, after = np.zeros(pool, dtype=np.int64), np.zeros(pool, dtype=np.int64)
    return Search(
        spaces.copy(), here, there, base, step, np.zeros(drivers), np.full(drivers, -1, dtype=np.int64), seen, after,
        np.zeros(watched, dtype=np.bool_), np.zeros((drivers + 2, 4)), np.zeros(3, dtype=np.int64),
    )  # fmt: skip


@inner
def _schedule(search: Any, time: float, kind: Any, driver: int) -> None:
    """Put an event into the queue; a driver never waits for two."""
    queue, place, turn = search.queue, search.counts[0], search.counts[1]
    while place > 0:
        above = (place - 1) // 2
        if queue[above, 0] < time or (queue[above, 0] == time and queue[above, 1] < turn):
            break
        queue[place] = queue[above]
        place = above
    queue[place, 0], queue[place, 1], queue[place, 2], queue[place, 3] = time, turn, kind, driver
    search.counts[0] += 1
    search.counts[1] += 1


@inner
def _drop_first(search: Any) -> None:
    """Take the first event out of the queue; it is read before."""
    queue, last, place = search.queue, search.counts[0] - 1, 0
    while True:
        below = 2 * place + 1
        if below >= last:
            break
        right = below + 1
        if right < last and (
            queue[right, 0] < queue[below, 0]
            or (queue[right, 0] == queue[below, 0] and queue[right, 1] < queue[below, 1])
        ):
            below = right
        if queue[last, 0] < queue[below, 0] or (queue[last, 0] == queue[below, 0] and queue[last, 1] < queue[below, 1]):
            break
        queue[place] = queue[below]
        place = below
    queue[place] = queue[last]
    search.counts[0] = last


@inner
def _remember(search: Any, driver: int, block: int) -> None:
    """Add a block, or a row of the watched ones, to a driver's list."""
    used = search.counts[2]
    search.seen[used], search.after[used] = block, search.first[driver]
    search.first[driver] = used
    search.counts[2] += 1


@inner
def _knows(search: Any, driver: int, block: int) -> bool:
    """Tell whether a driver's list holds a block."""
    place = search.first[driver]
    while place >= 0:
        if search.seen[place] == block:
            return True
        place = search.after[place]
    return False


@inner
def _drive(search: Any, town: Any, rules: Any, found: Any, now: float, driver: int, block: int, kind: Any) -> None:
    """Send a driver to a block, and account for the drive."""
    metres = town.distance[search.here[driver], block]
    found.sums[CRUISED] += metres
    found.passes[block, int((now - rules.midnight) // 3600.0) % 24] += 1.0
    took = metres / rules.speed
    if kind == LOOKS:
        took = max(took, 1.0)
    search.spent[driver] += took
    search.there[driver] = block
    _schedule(search, now + took, kind, driver)


@inner
def _ends(search: Any, drivers: Any, found: Any, driver: int) -> None:
    """Account for the time of a search that ends."""
    kept = 1 if drivers.follows[driver] else 0
    found.searches[drivers.block[driver], int(drivers.time[driver] // 3600.0) % 24] += search.spent[driver]
    found.sums[TIME + kept] += search.spent[driver]
    found.sums[SEARCHES + kept] += 1.0


@inner
def _park(search: Any, drivers: Any, town: Any, rules: Any, found: Any, now: float, driver: int) -> None:
    """Take a space of the block where a driver is."""
    block = search.here[driver]
    search.there[driver] = block
    _ends(search, drivers, found, driver)
    search.free[block] -= 1
    found.parked[block] += 1.0
    dwell = drivers.dwell[driver] * town.dwell[block]
    since = now - rules.midnight
    last = min(since + dwell, max(86400.0, since))
    found.occupied[block] += last - since
    found.busy[block] += max(min(last, rules.busy_to) - max(since, rules.busy_from), 0.0)
    found.sums[WALKED] += town.distance[drivers.block[driver], block]
    _schedule(search, now + dwell, LEAVES, driver)
    if rules.charged == 0.0 and not town.car_park[block]:
        return
    due = min(last, town.paid_to[block] * 3600.0) - max(since, town.paid_from[block] * 3600.0)
    amount = town.price[block] * max(due, 0.0) / 3600.0
    if amount > 0.0:
        # Nobody leaves a car park without paying.
        if town.car_park[block] or drivers.pays[driver] < town.payment[block]:
            found.sums[RECEIPTS] += amount
        elif drivers.caught[driver] < rules.control:
            found.sums[FINES] += rules.fine


@inner
def _look(search: Any, drivers: Any, town: Any, rules: Any, found: Any, now: float, driver: int) -> bool:
    """Go on to a block nearby, not seen yet, the likelier the nearer the destination; tell whether there is one."""
    goal, at = drivers.block[driver], search.here[driver]
    begin, end = town.near_from[at], town.near_from[at + 1]
    if not search.spent[driver] < rules.patience or begin == end:
        return False
    fresh = False
    for row in range(begin, end):
        fresh = fresh or not _knows(search, driver, town.near[row])
    total = 0.0
    for row in range(begin, end):
        if not fresh or not _knows(search, driver, town.near[row]):
            total += 1.0 / (town.distance[goal, town.near[row]] + rules.alike)
    left = drivers.turns[driver, search.step[driver] % drivers.turns.shape[1]] * total
    block = at
    for row in range(begin, end):
        if not fresh or not _knows(search, driver, town.near[row]):
            block = town.near[row]
            left -= 1.0 / (town.distance[goal, block] + rules.alike)
            if left <= 0.0:
                break
    if fresh:
        _remember(search, driver, block)
    search.step[driver] += 1
    _drive(search, town, rules, found, now, driver, block, LOOKS)
    return True


@inner
def _turn_to(search: Any, drivers: Any, town: Any, rules: Any, found: Any, now: float, driver: int) -> None:
    """Go to the nearest car park that shows room, the next ones afterwards; away where there is none."""
    parks = town.parks[search.base[driver]]
    while search.step[driver] < len(parks):
        block = parks[search.step[driver]]
        search.step[driver] += 1
        if search.free[block] > 0:
            _drive(search, town, rules, found, now, driver, block, TURNS_TO)
            return
    _ends(search, drivers, found, driver)
    found.sums[AWAY] += 1.0


@inner
def _shown(search: Any, drivers: Any, town: Any, rules: Any, driver: int) -> int:
    """Return the watched block that costs least in driving and walking among those that show room; -1 for none."""
    goal, here = drivers.block[driver], search.here[driver]
    # A sensor that is wrong now is wrong for everybody who looks at this block with the same draw.
    draw = drivers.turns[driver, search.step[driver] % drivers.turns.shape[1]]
    place = search.first[driver]
    while place >= 0:
        search.tried[search.seen[place]] = True
        place = search.after[place]
    best, least = -1, np.inf
    for row in range(len(town.watched)):
        block = town.watched[row]
        wrong = ((draw + town.turned[row]) % 1.0) < town.error[row]
        if (search.free[block] > 0) != wrong and not search.tried[row]:
            cost = town.distance[here, block] / rules.speed + rules.walk * town.distance[goal, block]
            if best < 0 or cost < least:
                best, least = row, cost
    place = search.first[driver]
    while place >= 0:
        search.tried[search.seen[place]] = False
        place = search.after[place]
    return best


@inner
def _follow(search: Any, drivers: Any, town: Any, rules: Any, found: Any, now: float, driver: int) -> bool:
    """Go where sensors show room, and look again when somebody was quicker; tell whether the driver is on its way."""
    while search.spent[driver] < rules.patience:
        best = _shown(search, drivers, town, rules, driver)
        if best < 0:
            break
        search.base[driver] = best
        block = town.watched[best]
        if block != search.here[driver]:
            _drive(search, town, rules, found, now, driver, block, FOLLOWS)
            return True
        if search.free[block] > 0:
            break
        _remember(search, driver, best)
        search.step[driver] += 1
    return False


@inner
def _act(search: Any, drivers: Any, town: Any, rules: Any, found: Any, now: float, driver: int, kind: Any) -> None:
    """Let a driver do what comes next, at the block where it is; `COMES` begins a search."""
    free, here = search.free, search.here
    if kind == COMES:
        kind = FOLLOWS if drivers.follows[driver] else LOOKS
        if kind == LOOKS:
            _remember(search, driver, here[driver])
    elif free[here[driver]] > 0:
        _park(search, drivers, town, rules, found, now, driver)
        return
    elif kind == FOLLOWS:
        # The block was full all the same.
        _remember(search, driver, search.base[driver])
        search.step[driver] += 1
    if kind == FOLLOWS:
        if _follow(search, drivers, town, rules, found, now, driver):
            return
        if free[here[driver]] > 0:
            _park(search, drivers, town, rules, found, now, driver)
            return
        # From here on as everybody else.
        kind, search.step[driver], search.first[driver] = LOOKS, 0, -1
        _remember(search, driver, drivers.block[driver])
        _remember(search, driver, here[driver])
    if kind == LOOKS:
        if _look(search, drivers, town, rules, found, now, driver):
            return
        search.base[driver], search.step[driver] = here[driver], 0
    _turn_to(search, drivers, town, rules, found, now, driver)


@njit(cache=True, nogil=True)
def follow(search: Any, drivers: Any, town: Any, rules: Any, found: Any, until: float) -> bool:
    """Follow the drivers of a day until a time [s]; tell whether the pool of lists held."""
    coming: Any = np.int64(0)
    count = len(drivers.time)
    waiting = np.empty(count, np.int64)
    _schedule(search, rules.midnight, COMES, coming)
    while search.counts[0] > 0 and search.queue[0, 0] < until:
        now, kind, driver = search.queue[0, 0], int(search.queue[0, 2]), int(search.queue[0, 3])
        _drop_first(search)
        # A driver adds three entries and the blocks with sensors at most before the next look.
        if search.counts[2] + len(town.watched) + 3 > len(search.seen):
            return False
        if kind == LEAVES:
            search.free[search.there[driver]] += 1
        elif kind != COMES:
            search.here[driver] = search.there[driver]
            _act(search, drivers, town, rules, found, now, driver, kind)
        else:
            waits = 0
            while coming < count:
                late = rules.midnight + drivers.time[coming] - now
                if late > 0.0:
                    _schedule(search, now + late, COMES, coming)
                    break
                goal = drivers.block[coming]
                search.here[coming] = goal
                found.arrived[goal, int(drivers.time[coming] // 3600.0) % 24] += 1.0
                if not drivers.follows[coming] and search.free[goal] > 0:
                    # Taken at once, ahead of whoever came at the same time and has to look.
                    _park(search, drivers, town, rules, found, now, coming)
                else:
                    waiting[waits] = coming
                    waits += 1
                coming += 1
            for place in range(waits):
                if search.counts[2] + len(town.watched) + 3 > len(search.seen):
                    return False
                _act(search, drivers, town, rules, found, now, waiting[place], COMES)
    return True

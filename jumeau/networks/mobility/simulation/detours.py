"""Streets that close for a while: their drivers take the quickest route round, among the traffic that is there.

The equilibrium is not computed again for a closure of some hours: drivers do not know the town anew within a morning.
The flow of a closed link goes round it on the quickest route of the hour, and what that adds there, its delay to the
others included, is counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment.trees import tree
from jumeau.networks.mobility.physics.state import Day, State
from jumeau.networks.mobility.physics.totals import QUANTITIES, Meter, level, with_signals
from jumeau.simulation.clock import HOUR
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Detours:
    """Closures of one run: each records what it took when the street opens again, or when the run ends."""

    def __init__(self, state: State, world: World, scales: Floats) -> None:
        self.state = state
        self.world = world
        self.scales = scales
        self.journal = world.journals["mobility"]
        self.open: dict[str, float] = {}
        supply = state.supply
        if supply is None:
            raise ValueError("no links")
        self.supply = supply
        self.by_street: dict[str, list[int]] = {}
        for number, name in enumerate(supply.street):
            if name and not supply.connector[number]:
                self.by_street.setdefault(str(name), []).append(number)
        self.meter = Meter(supply, state.rates, state.values)

    def on_closure(self, time: float, street: str, closed: Any) -> None:
        """Take note of a street that closes or opens."""
        if closed and street not in self.open:
            self.open[street] = time
        elif not closed and street in self.open:
            self._account(street, self.open.pop(street), time)

    def _account(self, street: str, since: float, until: float) -> None:
        members = self.by_street.get(street, [])
        since = max(since, 0.0)
        if not members or until <= since:
            return
        clock, state = self.world.clock, self.state
        total = np.zeros(len(QUANTITIES))
        now = since
        while now < until:
            local = clock.local(now)
            following = min(until, now + HOUR - (local.minute * 60.0 + local.second))
            day = min(max(clock.day_of(now), 0), len(self.scales) - 1)
            hours = (following - now) / HOUR
            total += self._taken(street, members, local.hour) * hours * level(self.scales[day] / state.workday)
            now = following
        taken = dict(zip(QUANTITIES, total.tolist(), strict=True))
        self.journal.record(until, "detour", link=int(self.supply.row[members[0]]), **taken)

    def finish(self, time: float) -> None:
        """Account for the streets that are still closed."""
        for street, since in sorted(self.open.items()):
            self._account(street, since, time)
        self.open.clear()

    def _taken(self, street: str, members: list[int], hour: int) -> Floats:
        day = self.state.day
        if day is None:
            return np.zeros(len(QUANTITIES))
        key = (street, hour)
        if key not in day.detours:
            day.detours[key] = self._hour(day, members, hour)
        return day.detours[key]

    def _hour(self, day: Day, members: list[int], hour: int) -> Floats:
        """Return what an hour of closure takes more, at the traffic of a mean working day."""
        before = day.flow[hour]
        after = before.copy()
        closed = np.array(members, dtype=np.int64)
        for link in members:
            route = self._round(link, closed, day.time[hour])
            if route is None:
                continue  # nothing leads round: those who live there are let through
            after[:, route] += before[:, link : link + 1]
            after[:, link] -= before[:, link]
        rows = np.flatnonzero((after != before).any(axis=0))
        if not len(rows):
            return np.zeros(len(QUANTITIES))
        links = with_signals(self.supply.links, day.signals[hour])
        times = [links.time(flow.sum(axis=0) + day.cruising[hour]) for flow in (before, after)]
        return self.meter.measure(after, times[1], rows) - self.meter.measure(before, times[0], rows)

    def _round(self, link: int, closed: Ints, time: Floats) -> Ints | None:
        """Return the links of the quickest route round a link, None where there is none."""
        links = self.supply.links
        weight = time.copy()
        weight[closed] = np.inf
        size = links.nodes
        tail, head = int(links.tail[link]), int(links.head[link])
        wanted = np.zeros(size, dtype=np.bool_)
        wanted[head] = True
        cost, by = np.empty(size), np.empty(size, dtype=np.int64)
        settled, heap, place = (np.empty(size, dtype=np.int64) for _item in range(3))
        tree(
            tail, links.head, links.order, links.first, weight, links.through, wanted, 1, cost, by, settled, heap, place
        )
        if not np.isfinite(cost[head]):
            return None
        found = []
        node = head
        while node != tail:
            found.append(int(by[node]))
            node = int(links.tail[by[node]])
        return np.array(found, dtype=np.int64)

"""A day of parking as SimPy processes: what the compiled one is held against, to the last bit."""

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
import simpy

from jumeau.networks.mobility.physics.parking_supply import Blocks
from jumeau.networks.mobility.simulation.drivers import STEPS, Drivers
from jumeau.networks.mobility.simulation.parking import ALIKE, BUSY
from jumeau.simulation.clock import HOUR

Floats = np.ndarray
Event = Generator[simpy.Event, Any, None]


class SimpyDay:
    """One day, driver by driver; attributes as those of `ParkingDay`."""

    def __init__(
        self,
        env: simpy.Environment,
        blocks: Blocks,
        drivers: Drivers,
        values: Mapping[str, float],
        *,
        charged: bool,
        error: Floats | None = None,
    ) -> None:
        self.env = env
        self.blocks = blocks
        self.drivers = drivers
        self.charged = charged
        self.midnight = env.now
        self.speed = values["cruise_speed"] / 3.6
        self.walk = values["walk_weight"] / (values["walk_speed"] / 3.6)
        self.patience = values["give_up"] * 60.0
        self.fine = values["fine"]
        self.control = values["control_share"]
        self.free = blocks.spaces.tolist()
        self.near: list[list[int]] = [row.tolist() for row in blocks.near]
        self.distance = blocks.distance
        self.parks = np.flatnonzero(blocks.car_park)
        self.open = blocks.spaces > 0  # who is guided looks at all blocks at once
        self.watched = np.flatnonzero(blocks.sensor)
        self.turned = self.watched * 0.6180339887
        self.error = values["sensor_error"] if error is None else error[self.watched]
        count = len(blocks)
        self.searches, self.arrived, self.passes = (np.zeros((count, 24)) for _item in range(3))
        self.parked, self.occupied, self.busy = (np.zeros(count) for _item in range(3))
        self.cruised = self.walked = self.receipts = self.fines = 0.0
        self.unguided, self.guided = [0.0, 0.0], [0.0, 0.0]
        self.turned_away = 0

    def run(self) -> Event:
        """Let the drivers arrive, one after the other."""
        env, free = self.env, self.free
        times, wanted = self.drivers.time.tolist(), self.drivers.block.tolist()
        follows = (self.drivers.follows < self.blocks.guided[self.drivers.block]).tolist()
        for number, (time, block) in enumerate(zip(times, wanted, strict=True)):
            late = self.midnight + time - env.now
            if late > 0.0:
                yield env.timeout(late)
            self.arrived[block, int(time // HOUR) % 24] += 1.0
            if follows[number]:
                env.process(self._guided(number, block))
            elif free[block] > 0:
                self._park(number, block, block, 0.0, guided=False)
            else:
                env.process(self._search(number, block, block, 0.0, guided=False))

    def _hour(self) -> int:
        return int((self.env.now - self.midnight) // HOUR) % 24

    def _move(self, here: int, there: int) -> float:
        """Account for the drive to a block; return its time [s]."""
        metres = float(self.distance[here, there])
        self.cruised += metres
        self.passes[there, self._hour()] += 1.0
        return metres / self.speed

    def _search(self, number: int, goal: int, here: int, spent: float, *, guided: bool) -> Event:
        """Go from block to block near the destination until one has room."""
        turns, blocks = self.drivers.turns[number], self.blocks
        step = 0
        seen = {goal, here}
        while spent < self.patience and len(blocks.near[here]):
            there = self._next(goal, here, seen, float(turns[step % STEPS]))
            seen.add(there)
            step += 1
            took = max(self._move(here, there), 1.0)
            yield self.env.timeout(took)
            spent += took
            here = there
            if self.free[here] > 0:
                self._park(number, goal, here, spent, guided=guided)
                return
        for there in self.parks[np.argsort(self.distance[here, self.parks], kind="stable")]:
            if self.free[there] > 0:
                took = self._move(here, int(there))
                yield self.env.timeout(took)
                spent += took
                here = int(there)
                if self.free[here] > 0:
                    self._park(number, goal, here, spent, guided=guided)
                    return
        self._note_search(number, goal, spent, guided=guided)
        self.turned_away += 1

    def _next(self, goal: int, here: int, seen: set[int], turn: float) -> int:
        """Return the block to try next: a near one that was not seen yet, the likelier the nearer the destination."""
        near = self.near[here]
        fresh = [row for row in near if row not in seen] or near
        away = self.distance[goal]
        weights = [1.0 / (float(away[row]) + ALIKE) for row in fresh]
        left = turn * sum(weights)
        for row, weight in zip(fresh, weights, strict=True):
            left -= weight
            if left <= 0.0:
                return row
        return fresh[-1]

    def _guided(self, number: int, goal: int) -> Event:
        """Go where sensors show room, and look again when somebody was quicker."""
        turns = self.drivers.turns[number]
        here, spent, step = goal, 0.0, 0
        watched = self.watched
        feet = self.walk * self.distance[goal, watched]
        untried = np.ones(len(watched), dtype=bool)
        while spent < self.patience:
            # A sensor that is wrong now is wrong for everybody who looks at this block with the same draw.
            wrong = ((turns[step % STEPS] + self.turned) % 1.0) < self.error
            shown = (self.open[watched] ^ wrong) & untried
            if not shown.any():
                break
            total = np.where(shown, self.distance[here, watched] / self.speed + feet, np.inf)
            place = int(np.argmin(total))
            there = int(watched[place])
            if there != here:
                took = self._move(here, there)
                yield self.env.timeout(took)
                spent += took
            here = there
            if self.free[here] > 0:
                self._park(number, goal, here, spent, guided=True)
                return
            untried[place] = False
            step += 1
        if self.free[here] > 0:
            self._park(number, goal, here, spent, guided=True)
            return
        yield from self._search(number, goal, here, spent, guided=True)

    def _note_search(self, number: int, goal: int, spent: float, *, guided: bool) -> None:
        self.searches[goal, int(self.drivers.time[number] // HOUR) % 24] += spent
        kept = self.guided if guided else self.unguided
        kept[0] += spent
        kept[1] += 1.0

    def _park(self, number: int, goal: int, block: int, spent: float, *, guided: bool) -> None:
        self._note_search(number, goal, spent, guided=guided)
        blocks, now = self.blocks, self.env.now
        self.walked += float(self.distance[goal, block])
        self.free[block] -= 1
        self.open[block] = self.free[block] > 0
        self.parked[block] += 1.0
        dwell = float(self.drivers.dwell[number] * blocks.dwell[block])
        since = now - self.midnight
        until = min(since + dwell, max(24 * HOUR, since))
        self.occupied[block] += until - since
        self.busy[block] += max(min(until, BUSY[1] * HOUR) - max(since, BUSY[0] * HOUR), 0.0)
        self._charge(number, block, since, until)
        leave = self.env.timeout(dwell)
        leave.callbacks.append(lambda _event: self._leave(block))

    def _leave(self, block: int) -> None:
        self.free[block] += 1
        self.open[block] = True

    def _charge(self, number: int, block: int, since: float, until: float) -> None:
        blocks = self.blocks
        if not self.charged and not blocks.car_park[block]:
            return
        due = min(until, blocks.paid_to[block] * HOUR) - max(since, blocks.paid_from[block] * HOUR)
        amount = float(blocks.price[block]) * max(due, 0.0) / HOUR
        if amount <= 0.0:
            return
        # Nobody leaves a car park without paying.
        if blocks.car_park[block] or self.drivers.pays[number] < blocks.payment[block]:
            self.receipts += amount
        elif self.drivers.caught[number] < self.control:
            self.fines += self.fine

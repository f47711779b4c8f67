"""Leaks after the meter: they run until a reading or an alert tells the customer, who then mends them.

They meet neither crews nor pressure, so a run draws them all at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.leaks import YEAR
from jumeau.networks.water.physics.state import State
from jumeau.randomness import Streams, poisson_numbers
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.delivery import MESSAGE, PLACE
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class CustomerLeaks:
    """The leaks after the meter of one run; the journal gets a `customer_leak` for each."""

    state: State
    world: World
    streams: Streams

    def record(self) -> None:
        """Draw them, and write them to the journal."""
        state, rates = self.state, self.state.rates
        begin = -(rates["reading_interval"] + 5.0 * rates["customer_delay"]) * DAY  # older ones have been mended
        end = self.world.clock.duration
        journal = self.world.journals["water"]
        expected = state.customer_rate * (end - begin) / YEAR
        counts = self._counts(expected)
        for rank in range(int(counts.max(initial=0))):
            pipes = np.flatnonzero(counts > rank)

            def draw(purpose: str, rank: int = rank, pipes: Ints = pipes) -> Floats:
                return self.streams.column("customer", purpose, state.count, rank)[pipes]

            start = begin + draw("start") * (end - begin)
            remote = draw("meter") < state.remote[pipes]
            alert = -np.log(draw("alert")) * rates["alert_delay"] * DAY
            reading = draw("reading") * rates["reading_interval"] * DAY
            if state.radio is not None:
                place = self.streams.column("customer", PLACE, state.count)[pipes]
                late = alert + state.radio.wait(pipes, start + alert, place, draw(MESSAGE))
                # A meter that is not heard is read on foot, as before.
                alert = np.minimum(late, np.maximum(alert, reading))
            mended = -np.log(draw("mending")) * rates["customer_delay"] * DAY
            flow = -np.log(draw("flow")) * rates["customer_leak_flow"]
            time = np.where(remote, alert, reading) + mended
            lasts = np.clip(np.minimum(start + time, end) - np.maximum(start, 0.0), 0.0, None)
            for pipe, first, volume, length in zip(
                pipes, np.maximum(start, 0.0), flow * lasts / HOUR, time, strict=True
            ):
                journal.record(
                    float(first), "customer_leak", pipe=int(pipe), volume=float(volume), duration=float(length)
                )

    def _counts(self, expected: Floats) -> Ints:
        """Return Poisson numbers by inversion, one uniform draw per pipe."""
        draw = self.streams.column("customer", "count", self.state.count)
        return poisson_numbers(draw, expected)

"""How visits are to be valued: chosen by rehearsals, before any run."""

from __future__ import annotations

import math

from jumeau.networks.waste.physics.state import CollectionArea, Prize, Service, State
from jumeau.networks.waste.simulation.rehearsal import Rehearsal, Rehearsed
from jumeau.simulation.clock import Clock

#: Weights of an avoided overflow, each half as much again as the one before, from what hardly avoids any.
CAUTION = tuple(0.02 * 1.5**step for step in range(17))

#: Weights of the detour that a visit spares later on, and the first one tried.
SPARED, MIDDLE = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0), 2


class Search:
    """A search for the cheapest way to value visits that gives the service asked for.

    Parameters
    ----------
    rehearsal : Rehearsal
    target : float
        Share of the waste that has to find room.
    """

    def __init__(self, rehearsal: Rehearsal, target: float) -> None:
        self.rehearsal = rehearsal
        self.target = target
        self._known: dict[tuple[int, int], Rehearsed] = {}

    def best(self) -> Prize:
        """Return the way that was found; where none gives the service, the one that gives most.

        For each weight of the detour the least caution is looked for that gives the service; weights are tried from the
        middle one, downwards and upwards as long as they cost less.
        """
        first = self._near(MIDDLE, self._halved(MIDDLE))
        for way in (-1, 1):
            place, step = MIDDLE, first
            while 0 <= place + way < len(SPARED):
                before = self._look(place, step).price
                place += way
                step = self._near(place, step)
                if self._look(place, step).price >= before:
                    break
        place, step = self._cheapest()
        return Prize(SPARED[place], CAUTION[step])

    def _look(self, place: int, step: int) -> Rehearsed:
        if (place, step) not in self._known:
            self._known[place, step] = self.rehearsal.run(Prize(SPARED[place], CAUTION[step]), self.target)
        return self._known[place, step]

    def _serves(self, place: int, step: int) -> bool:
        return self._look(place, step).service >= self.target

    def _halved(self, place: int) -> int:
        """Return the least caution that gives the service, found by halves."""
        low, high = 0, len(CAUTION) - 1
        while low < high:
            middle = (low + high) // 2
            if self._serves(place, middle):
                high = middle
            else:
                low = middle + 1
        return high

    def _near(self, place: int, step: int) -> int:
        """Return the least caution that gives the service, looked for from a step that did elsewhere."""
        while step < len(CAUTION) - 1 and not self._serves(place, step):
            step += 1
        while step > 0 and self._serves(place, step - 1):
            step -= 1
        return step

    def _cheapest(self) -> tuple[int, int]:
        enough = [key for key, found in self._known.items() if found.service >= self.target]
        if enough:
            return min(enough, key=lambda key: (self._known[key].price, key))
        # Rehearsals that failed were not led to their end: those of the greatest caution are, to be compared.
        last = len(CAUTION) - 1
        most = {key: self.rehearsal.run(Prize(SPARED[key[0]], CAUTION[last])) for key in self._known if key[1] == last}
        return max(most, key=lambda key: (most[key].service, -most[key].price))


def chosen(state: State, service: Service, area: CollectionArea, clock: Clock) -> Prize:
    """Return how visits are to be valued.

    Parameters
    ----------
    state : State
    service : Service
        Where it has a target, the cheapest rounds are looked for that give this service; else those that cost least
        with its overflows at their value.
    area : CollectionArea
    clock : Clock
    """
    rehearsal = Rehearsal(state, service, area, clock)
    if math.isfinite(service.target):
        return Search(rehearsal, service.target).best()

    def cost(spared: float) -> float:
        found = rehearsal.run(Prize(spared))
        return found.price + found.overflows * service.overflow_value / max(found.volume, 1.0)

    return Prize(min(SPARED, key=cost))

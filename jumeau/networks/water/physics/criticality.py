"""How much a part of the network matters: the water that customers miss while it is shut off.

What a customer gets follows the pressure below what is required, q = D (p / required)^e. EPANET 2.2 has that law, but
its solver may stay at the full demand where the pressure does not allow it (its report then says « unbalanced »). Here,
EPANET solves demands and emitters, which it does well: a junction is served in full, through an emitter, or not at all,
and changes from one to the other until its pressure fits.

References
----------
J. Wagner, U. Shamir and D. Marks, Journal of Water Resources Planning and Management 114(3), 1988: e = 1/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: How a junction is served.
FULL, PART, NONE, DRY = 0, 1, 2, 3

#: A pressure this near to a limit is at it [m].
NEAR = 0.01

#: Rounds after which a junction that still changes is served through its emitter.
ROUNDS = 15


class Network(Protocol):
    """A network of which parts can be closed at one instant; see `physics.held.Held`."""

    exponent: float

    def solve(self) -> None:
        """Solve the network as it now is."""
        ...

    def pressures(self, nodes: Sequence[str]) -> Floats:
        """Return the pressure at some nodes [m]."""
        ...

    def demands(self, nodes: Sequence[str]) -> Floats:
        """Return what some junctions get [m3/h]."""
        ...

    def draw(self, node: str, flow: float) -> None:
        """Draw a flow at a junction on top of its demand [m3/h]."""
        ...

    def emit(self, node: str, coefficient: float) -> None:
        """Give a junction an emitter [m3/h at 1 m]."""
        ...

    def closed(self, links: Sequence[str]) -> AbstractContextManager[None]:
        """Close some links for as long as a block lasts."""
        ...


@dataclass(frozen=True)
class Shortage:
    """What customers lack.

    Attributes
    ----------
    missing : ndarray, shape (n,)
        Demand that each junction does not get, that it got before [m3/h].
    below : ndarray of bool, shape (n,)
        Junctions whose pressure falls below the minimum, that it was not below before.
    """

    missing: Floats
    below: NDArray[np.bool_]


class Judge:
    """Tells what customers lack while parts of a network are closed.

    Parameters
    ----------
    network : Network
        All its junctions can be drawn on, and those with a demand have no emitter of their own.
    junctions : sequence of str, shape (n,)
    required : float
        Pressure below which a customer no longer gets all that is asked for [m].
    """

    def __init__(self, network: Network, junctions: Sequence[str], required: float) -> None:
        self._network, self._junctions, self._required = network, list(junctions), required
        network.solve()
        self.demand = network.demands(junctions)
        self._asks = np.flatnonzero(self.demand > 0.0)
        self._served = np.zeros(len(self._junctions), dtype=np.int64)
        self.given, self.pressure = self._delivered(np.zeros(len(self._junctions), dtype=bool))

    def shortage(self, links: Sequence[str], dry: Bools) -> Shortage:
        """Return what is lacking while some links are closed.

        Parameters
        ----------
        links : sequence of str
        dry : ndarray of bool, shape (n,)
            Junctions that no water reaches then.
        """
        with self._network.closed(links):
            given, pressure = self._delivered(dry)
        missing = np.clip(self.given - given, 0.0, None)
        return Shortage(missing, (pressure < self._required - NEAR) & (self.pressure >= self._required - NEAR))

    def _delivered(self, dry: Bools) -> tuple[Floats, Floats]:
        """Return what each junction gets [m3/h] and its pressure [m], those that are dry at none."""
        state = np.where(dry, DRY, FULL)
        pressure = np.zeros(len(state))
        for turn in range(2 * ROUNDS):
            self._serve(state)
            self._network.solve()
            pressure = np.where(dry, 0.0, self._network.pressures(self._junctions))
            new = self._fitting(state, pressure, dry, settled=turn >= ROUNDS)
            if (new == state).all():
                break
            state = new
        part = self.demand * np.clip(pressure / self._required, 0.0, 1.0) ** self._network.exponent
        given = np.select([state == FULL, state == PART], [self.demand, part], 0.0)
        return np.where(self.demand > 0.0, given, self.demand), pressure

    def _fitting(self, state: Ints, pressure: Floats, dry: Bools, *, settled: bool) -> Ints:
        """Return how each junction is to be served at a pressure; once settled, none goes back to its full demand."""
        new = state.copy()
        new[(state == FULL) & (pressure < self._required - NEAR)] = PART
        if not settled:
            new[(state == PART) & (pressure > self._required + NEAR)] = FULL
            new[(state == NONE) & (pressure > NEAR)] = PART
        new[(state == PART) & (pressure < 0.0)] = NONE
        return np.where(dry, DRY, new)

    def _serve(self, state: Ints) -> None:
        for row in self._asks[state[self._asks] != self._served[self._asks]]:
            demand, kind = float(self.demand[row]), state[row]
            self._network.draw(self._junctions[row], 0.0 if kind == FULL else -demand)
            # Emitters where no water comes hold the heads there, which nothing else would.
            open_ = kind in (PART, DRY)
            coefficient = demand / self._required**self._network.exponent if open_ else 0.0
            self._network.emit(self._junctions[row], coefficient)
        self._served = state.copy()

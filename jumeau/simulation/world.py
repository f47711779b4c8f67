"""The world of one run: networks in one SimPy environment, so that they can meet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import simpy

from jumeau.factors import FactorTable
from jumeau.simulation.board import Board
from jumeau.simulation.clock import Clock
from jumeau.simulation.crews import CrewPool, CrewSpec
from jumeau.simulation.delivery import Delivery
from jumeau.simulation.events import EventTable
from jumeau.simulation.journal import Journal
from jumeau.simulation.place import Place


class World:
    """What the processes of one run share.

    Parameters
    ----------
    place : Place
        Where it happens.
    events : mapping of str to EventTable
        By network simulated, the kinds of events of its journal.
    crews : mapping of str to CrewSpec
        Pools by network: networks that name the same specification share the pool.
    warmup : float
        Time simulated ahead of the period, so that it starts in a settled state [s].
    factors : FactorTable
        Shared factors that runs may read, overrides included.
    unheard : collection of str
        See `Board`.

    Attributes
    ----------
    env : simpy.Environment
        Time in seconds; 0 is the period's start.
    board : Board
    journals : dict of str to Journal
    audited : bool
        Whether networks also make the costly checks of their own models, once per situation.
    central : mapping of str to object
        What networks prepared under central values, by name, while a draw of uncertain assumptions is prepared: what
        planners decided beforehand, by what they believed, stands whatever the world turns out to be.
    delivery : mapping of str to Delivery
        What becomes of the messages of devices, by `network.kind`, while networks are prepared; empty where the
        scenario says nothing of radio.
    """

    def __init__(
        self,
        place: Place,
        events: Mapping[str, EventTable],
        crews: Mapping[str, CrewSpec],
        warmup: float,
        factors: FactorTable,
        unheard: Collection[str] = (),
    ) -> None:
        self.place = place
        self.clock: Clock = place.clock
        self.warmup = warmup
        self.factors = factors
        self.env = simpy.Environment(initial_time=-warmup)
        self.board = Board(self.env, unheard)
        self.journals: dict[str, Journal] = {name: Journal(kinds) for name, kinds in events.items()}
        self.audited = False
        self.central: Mapping[str, Any] = {}
        self.delivery: Mapping[str, Delivery] = {}
        self._specs = dict(crews)
        self._pools: dict[str, CrewPool] = {}

    def crew(self, network: str) -> CrewPool:
        """Return the crews that serve a network, at work."""
        spec = self._specs[network]
        if spec.name not in self._pools:
            pool = CrewPool(self.env, self.place, spec, self.factors.value("crew_speed"), self.journals, self.board)
            pool.start()
            self._pools[spec.name] = pool
        return self._pools[spec.name]

    def crew_spec(self, network: str) -> CrewSpec:
        """Return the specification of the crews that serve a network."""
        return self._specs[network]

    def run(self) -> None:
        """Run to the end of the period."""
        self.env.run(until=self.clock.duration)

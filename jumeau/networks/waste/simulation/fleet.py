"""The trucks of a run as they wait in their depots, disposal bays and charging points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import simpy

from jumeau.networks.waste.physics.delay import Delay
from jumeau.networks.waste.physics.fuel import consumption
from jumeau.networks.waste.physics.knowledge import Knowledge
from jumeau.networks.waste.physics.state import CollectionArea, State
from jumeau.networks.waste.simulation.allowance import Allowance
from jumeau.networks.waste.simulation.truck import TruckAtWork
from jumeau.simulation.journal import Journal
from jumeau.simulation.world import World


class Fleet:
    """The trucks of one run, their disposal bays and chargers.

    Parameters
    ----------
    state : State
    world : World
    knowledge : Knowledge
        Told of each collection.
    delay : Delay
    missed : callable
        Told of sites that a truck could not serve: area, places.
    detour : callable
        Area and two places -> distance [m] and time [s] round what is closed now; None where nothing is.
    allowance : Allowance
        What caps leave of each day.
    """

    def __init__(
        self,
        state: State,
        world: World,
        knowledge: Knowledge,
        delay: Delay,
        missed: Callable[[CollectionArea, list[int]], None],
        detour: Callable[[CollectionArea, int, int], tuple[float, float] | None],
        allowance: Allowance,
    ) -> None:
        self.state = state
        self.env = world.env
        self.clock = world.clock
        self.knowledge = knowledge
        self.journal: Journal = world.journals["waste"]
        self.delay = delay
        self.missed = missed
        self.detour = detour
        self.allowance = allowance
        self.bays = [simpy.Resource(self.env, item.bays) for item in state.disposal]
        self.chargers = [simpy.Resource(self.env, max(item.chargers, 1)) for item in state.depots]
        self.free: list[simpy.PriorityStore] = []
        for row, kind in enumerate(state.trucks):
            store = simpy.PriorityStore(self.env)
            use = consumption(kind.energy, state.rates)
            for number in range(kind.first, kind.first + kind.count):
                truck = TruckAtWork(number, row, kind, use, battery=kind.battery, place=kind.depot)
                store.put(simpy.PriorityItem(number, truck))
            self.free.append(store)
        owned = state.containers
        # Plain numbers: a truck reads them container by container.
        self.density = owned.density.tolist()
        self.wheeled = owned.wheeled.tolist()
        self.volume = owned.volume.tolist()
        self.count = np.maximum(np.round(owned.capacity / owned.volume), 1.0).tolist()

    def idle(self, row: int) -> int:
        """Return how many trucks of a kind stand in the depot."""
        return len(self.free[row].items)

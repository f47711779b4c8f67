"""Public fountains: water that runs by the clock, pumps, and the crew that cleans their basins."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jumeau.errors import Problem
from jumeau.network import Layers, Measure, Network, Outcome, Prepared
from jumeau.randomness import Streams
from jumeau.simulation.world import World
from jumeau.factors import FactorTable
from jumeau.territory.model import Territory
from jumeau_fountains.formats import FORMATS
from jumeau_fountains.measures import TIMER
from jumeau_fountains.outcome import outcome
from jumeau_fountains.parameters import Assumptions
from jumeau_fountains.processes import clean
from jumeau_fountains.state import State, state_of


class FountainBehaviour:
    """What fountains do, for the engine."""

    def check(self, territory: Territory, factors: FactorTable, assumptions: Assumptions) -> list[Problem]:
        """Return nothing: `attributes.csv` says all that can be wrong."""
        return []

    def complete(self, territory: Territory, factors: FactorTable, seed: int) -> Territory:  # noqa: ARG002
        """Return the territory as it is: nobody invents fountains."""
        return territory

    def prepare(self, layers: Layers, assumptions: Assumptions, factors: FactorTable, world: World) -> Prepared:
        """Turn the layer into arrays."""
        return Prepared(state_of(layers["fountains"], assumptions, factors, world.place))

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:  # noqa: ARG002 - no chance here
        """Send the crews who clean the basins."""
        state: State = prepared.state
        for fountain in np.arange(len(state.flow)):
            world.env.process(clean(state, int(fountain), world))

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Add up water, electricity and work."""
        return outcome(prepared.state, world)


MEASURES: tuple[Measure, ...] = (TIMER,)

NETWORK = Network.read(
    Path(__file__).parent,
    "Public fountains",
    Assumptions,
    MEASURES,
    FountainBehaviour(),
    name="fountains",
    formats=FORMATS,
    posts=(),
)

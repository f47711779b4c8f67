"""Mobility: traffic at equilibrium, choice of mode, parking space by space, signals, charging, energy, emissions."""

from __future__ import annotations

from typing import Any

from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.network import Layers, Network, Outcome, Prepared
from jumeau.networks.mobility.formats import FORMATS
from jumeau.networks.mobility.layout.rules import SYNTHESIS
from jumeau.networks.mobility.loops_sizing import SIZINGS as LOOPS
from jumeau.networks.mobility.measures import MEASURES
from jumeau.networks.mobility.parameters import Assumptions
from jumeau.networks.mobility.parking_sizing import SIZINGS as PARKING
from jumeau.networks.mobility.tables import FOLDER
from jumeau.randomness import Streams
from jumeau.simulation.board import CLOSED
from jumeau.simulation.world import World
from jumeau.territory.model import Territory


class MobilityBehaviour:
    """What the mobility network does, for the engine. Compiled code is slow to import: only what is used is."""

    def check(
        self,
        territory: Territory,
        factors: FactorTable,
        assumptions: Any,  # noqa: ARG002 - no assumption makes layers wrong
    ) -> list[Problem]:
        """Return what is wrong with the traffic: zones that hang on nothing, absurd counts."""
        from jumeau.networks.mobility.check import check

        return check(territory, factors)

    def complete(
        self,
        territory: Territory,
        factors: FactorTable,
        seed: int,
    ) -> Territory:
        """Lay out links, zones, demand, signals, spaces and vehicles where there are none; all flagged."""
        from jumeau.networks.mobility.layout.synthesis import complete

        return complete(territory, factors, seed)

    def prepare(self, layers: Layers, assumptions: Any, factors: FactorTable, world: World) -> Prepared:
        """Compute the traffic of a working day, and what else does not depend on chance."""
        from jumeau.networks.mobility.preparation import prepare

        return prepare(layers, Assumptions.model_validate(assumptions), factors, world)

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Register the hours, closures, parking and charging."""
        from jumeau.networks.mobility.processes import Mobility

        Mobility(prepared.state, world, streams).start()

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Compute indicators and per-asset figures."""
        from jumeau.networks.mobility.outcome import outcome

        return outcome(prepared, world)


def announce(prepared: Prepared, world: World, streams: Streams) -> None:
    """Say how long travel takes, hour by hour: closures of streets are no part of it."""
    from jumeau.networks.mobility.processes import Mobility

    Mobility(prepared.state, world, streams).announce()


# Who chooses how to go weighs money against time.
NETWORK = Network.read(
    FOLDER,
    "Mobility",
    Assumptions,
    MEASURES,
    MobilityBehaviour(),
    decides_on=("value_of_time",),
    formats=FORMATS,
    layout_factors=SYNTHESIS.shipped,
    posts=(),
    listens=(CLOSED,),
    announce=announce,
    sizings=(*LOOPS, *PARKING),
)

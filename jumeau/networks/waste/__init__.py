"""Waste collection: containers that fill, sensors, rounds along the streets, trucks, energy and overflows."""

from __future__ import annotations

from typing import Any

from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.network import Layers, Network, Outcome, Prepared
from jumeau.networks.waste.check import check
from jumeau.networks.waste.formats import FORMATS
from jumeau.networks.waste.layout.rules import SYNTHESIS
from jumeau.networks.waste.measures import MEASURES
from jumeau.networks.waste.outcome import outcome
from jumeau.networks.waste.parameters import Assumptions
from jumeau.networks.waste.preparation import DECIDES_ON, prepare
from jumeau.networks.waste.round_lines import round_lines
from jumeau.networks.waste.sizing import SIZINGS
from jumeau.networks.waste.tables import FOLDER
from jumeau.randomness import Streams
from jumeau.simulation.board import CLOSED
from jumeau.simulation.world import World
from jumeau.territory.model import Territory


class WasteBehaviour:
    """What the waste network does, for the engine."""

    def check(
        self,
        territory: Territory,
        factors: FactorTable,
        assumptions: Any,
    ) -> list[Problem]:
        """Return what is wrong with the collection: places off the network, loads, hours, missing services."""
        return check(territory, factors, Assumptions.model_validate(assumptions))

    def complete(
        self,
        territory: Territory,
        factors: FactorTable,
        seed: int,  # noqa: ARG002 - nothing is drawn
    ) -> Territory:
        """Lay out bins, columns, trucks and rounds where there are none, and fill gaps; all flagged."""
        from jumeau.networks.waste.layout.synthesis import complete  # only a territory with gaps needs it

        return complete(territory, factors)

    def prepare(self, layers: Layers, assumptions: Any, factors: FactorTable, world: World) -> Prepared:
        """Compute travel and what else does not depend on chance."""
        return prepare(layers, Assumptions.model_validate(assumptions), factors, world)

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Register the days of collection."""
        if len(prepared.state.containers):
            from jumeau.networks.waste.simulation.collection import Collection  # the router is slow to import

            if prepared.state.containers.radio is not None:
                prepared.state.containers.radio.announce(world.board, "waste.fill_sensor")
            Collection(prepared.state, world, streams).start()

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Compute indicators and per-asset figures."""
        return outcome(prepared, world)


NETWORK = Network.read(
    FOLDER,
    "Waste collection",
    Assumptions,
    MEASURES,
    WasteBehaviour(),
    decides_on=DECIDES_ON,
    traces=round_lines,
    formats=FORMATS,
    layout_factors=SYNTHESIS.shipped,
    posts=(),
    listens=(CLOSED,),
    sizings=SIZINGS,
)

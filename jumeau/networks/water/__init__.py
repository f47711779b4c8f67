"""Drinking water: hydraulics by EPANET, leaks and their life, search and repair, volumes, energy."""

from __future__ import annotations

from typing import Any

from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.network import Layers, Network, Outcome, Prepared
from jumeau.networks.water.check import check
from jumeau.networks.water.formats import FORMATS
from jumeau.networks.water.layout.rules import SYNTHESIS
from jumeau.networks.water.measures import MEASURES
from jumeau.networks.water.outcome import outcome
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.preparation import prepare
from jumeau.networks.water.processes import LifeOfLeaks
from jumeau.networks.water.sector_sizing import SIZINGS as SECTORS
from jumeau.networks.water.simulation.customers import CustomerLeaks
from jumeau.networks.water.sizing import SIZINGS
from jumeau.networks.water.studies import STUDIES
from jumeau.networks.water.tables import FOLDER
from jumeau.randomness import Streams
from jumeau.simulation.board import CLOSED
from jumeau.simulation.world import World
from jumeau.territory.model import Territory


class WaterBehaviour:
    """What the water network does, for the engine."""

    def check(
        self,
        territory: Territory,
        factors: FactorTable,  # noqa: ARG002 - no factor makes layers wrong
        assumptions: Any,
    ) -> list[Problem]:
        """Return what is wrong with the network: names that layers share, patterns that cannot be read, unfed parts."""
        return check(territory, Assumptions.model_validate(assumptions))

    def complete(self, territory: Territory, factors: FactorTable, seed: int) -> Territory:
        """Lay out a network where there is none, and fill its gaps; all flagged."""
        from jumeau.networks.water.layout.synthesis import complete  # only a territory with gaps needs it

        return complete(territory, factors, seed)

    def prepare(self, layers: Layers, assumptions: Any, factors: FactorTable, world: World) -> Prepared:
        """Solve the hydraulics and compute what does not depend on chance."""
        return prepare(layers, assumptions, factors, world)

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Register the leaks."""
        state = prepared.state
        for kind, radio in (("acoustic_logger", state.search.radio), ("remote_meter", state.radio)):
            if radio is not None:
                radio.announce(world.board, f"water.{kind}")
        if prepared.state.count:
            LifeOfLeaks(prepared.state, world, streams).start()
            CustomerLeaks(prepared.state, world, streams).record()

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Compute indicators, quantities and per-asset figures."""
        return outcome(prepared, world)


NETWORK = Network.read(
    FOLDER,
    "Drinking water",
    Assumptions,
    MEASURES,
    WaterBehaviour(),
    formats=FORMATS,
    layout_factors=SYNTHESIS.shipped,
    studies=STUDIES,
    posts=(CLOSED,),
    sizings=(*SIZINGS, *SECTORS),
)

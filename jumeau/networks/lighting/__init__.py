"""Public lighting: lamps and cabinets, night profiles, failures and their repair, energy, cost and compliance."""

from __future__ import annotations

from typing import Any

from jumeau.accounts.delivery import FACTORS as DELIVERY
from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.network import Layers, Network, Outcome, Prepared
from jumeau.networks.lighting.check import check
from jumeau.networks.lighting.formats import FORMATS
from jumeau.networks.lighting.hours import hours
from jumeau.networks.lighting.layout.rules import SYNTHESIS
from jumeau.networks.lighting.measures import MEASURES
from jumeau.networks.lighting.outcome import outcome
from jumeau.networks.lighting.parameters import Assumptions
from jumeau.networks.lighting.preparation import prepare
from jumeau.networks.lighting.processes import Breakdowns
from jumeau.networks.lighting.sizing import SIZINGS
from jumeau.networks.lighting.tables import FOLDER
from jumeau.randomness import Streams
from jumeau.simulation.world import World
from jumeau.territory.model import Territory


class LightingBehaviour:
    """What lighting does, for the engine."""

    def check(
        self,
        territory: Territory,
        factors: FactorTable,  # noqa: ARG002 - no factor makes layers wrong
        assumptions: Any,
    ) -> list[Problem]:
        """Return what is wrong with the lamps: night profiles that cannot be read."""
        return check(territory, Assumptions.model_validate(assumptions))

    def complete(self, territory: Territory, factors: FactorTable, seed: int) -> Territory:
        """Lay out lamps and cabinets where there are none, and fill their gaps; all flagged."""
        from jumeau.networks.lighting.layout.synthesis import complete  # only a territory with gaps needs it

        return complete(territory, factors, seed)

    def prepare(self, layers: Layers, assumptions: Any, factors: FactorTable, world: World) -> Prepared:
        """Compute what does not depend on chance."""
        return prepare(layers, assumptions, factors, world)

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Register failures, detection and patrols."""
        if prepared.state.count:
            Breakdowns(prepared.state, world, streams).start()

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Compute indicators and per-asset figures."""
        return outcome(prepared, world)


NETWORK = Network.read(
    FOLDER,
    "Public lighting",
    Assumptions,
    MEASURES,
    LightingBehaviour(),
    # The cheapest delivery option of a cabinet is chosen while it is simulated.
    decides_on=DELIVERY,
    formats=FORMATS,
    layout_factors=SYNTHESIS.shipped,
    hours=hours,
    posts=(),
    sizings=SIZINGS,
)

"""Public lighting: lamps and cabinets, night profiles, failures and their repair, energy, cost and compliance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from jumeau.columns import texts
from jumeau.errors import Problem
from jumeau.i18n import _
from jumeau.network import Layers, Network, Outcome, Prepared
from jumeau.networks.lighting.measures import MEASURES
from jumeau.networks.lighting.outcome import outcome
from jumeau.networks.lighting.parameters import Assumptions
from jumeau.networks.lighting.preparation import prepare
from jumeau.networks.lighting.processes import Breakdowns
from jumeau.randomness import Streams
from jumeau.simulation.world import World
from jumeau.tables import FactorTable
from jumeau.territory.model import Territory

FOLDER = Path(__file__).parent


class LightingBehaviour:
    """What lighting does, for the engine."""

    def check(self, territory: Territory) -> list[Problem]:
        """Return lamps that name a cabinet or a street that does not exist."""
        found = []
        for column, layer, hint in (
            ("cabinet_id", "cabinets", _("correct the identifier, or leave it empty: the nearest cabinet is taken")),
            ("street_id", "streets", _("correct the identifier, or leave it empty: the nearest street is taken")),
        ):
            if not (territory.has("lamps") and territory.has(layer)):
                continue
            lamps, known = territory.layers["lamps"], set(texts(territory.layers[layer], column))
            named = pd.Series(texts(lamps, column))
            lost = ((named != "") & ~named.isin(known)).to_numpy()
            if lost.any():
                message = _("the layer {layer} has no feature of that identifier").format(layer=layer)
                ids = tuple(str(item) for item in texts(lamps, "lamp_id")[lost])
                value = str(named[lost].iloc[0])
                found.append(Problem(message, hint=hint, layer="lamps", column=column, features=ids, value=value))
        return found

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
    layout_factors=FactorTable.read(FOLDER / "layout" / "synthesis_factors.csv"),
)

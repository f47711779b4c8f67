"""A bench: one network on one territory, without scenario, campaign or files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.accounts import Installed, value
from jumeau.attributes import typed_layer
from jumeau.bill import Bill
from jumeau.factors import FactorTable
from jumeau.network import Layers, MeasureContext, Measured, Network, Outcome, Prepared
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.territory.model import Territory

#: Two crews on weekdays, from 8 to 16 h.
CREW = CrewSpec("all", 2, (8.0, 16.0), (0, 1, 2, 3, 4))


@dataclass(frozen=True)
class Ran:
    """One run on the bench.

    Attributes
    ----------
    prepared : Prepared
    world : World
    outcome : Outcome
    """

    prepared: Prepared
    world: World
    outcome: Outcome

    def events(self, network: str) -> dict[str, pd.DataFrame]:
        """Return the events of a network by kind, rows of assets as they are; see `Journal.tables`."""
        return self.world.journals[network].tables()


@dataclass(frozen=True)
class Bench:
    """One network on one territory.

    Attributes
    ----------
    network : Network
    territory : Territory
    clock : Clock
        The period; January 2025 by default.
    warmup : float
        [s].
    crew : CrewSpec
    factors : FactorTable, optional
        The network's own by default.
    shared : FactorTable, optional
        The shipped ones by default.
    assumptions : mapping
        Of the network's model.
    """

    network: Network
    territory: Territory
    clock: Clock = field(default_factory=lambda: Clock(date(2025, 1, 1), date(2025, 1, 31)))
    warmup: float = 10 * DAY
    crew: CrewSpec = CREW
    factors: FactorTable | None = None
    shared: FactorTable | None = None
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict, init=False, compare=False, repr=False)

    def having(self, **values: float) -> Bench:
        """Return the bench with other factors of the network."""
        return replace(self, factors=self.own.override(values, "test"))

    @property
    def own(self) -> FactorTable:
        """The network's factors."""
        return self.network.factors if self.factors is None else self.factors

    @property
    def common(self) -> FactorTable:
        """The shared factors, the price list among them."""
        return shared_factors() if self.shared is None else self.shared

    @property
    def place(self) -> Place:
        """Where it happens, made once."""
        if "place" not in self._places:
            self._places["place"] = Place(self.territory, self.clock, self.common.value("detour"))
        return self._places["place"]

    @property
    def layers(self) -> dict[str, Any]:
        """The network's layers of the territory, defaults applied."""
        return self.network.layers(self.territory)

    def typed(self, layers: Layers) -> dict[str, Any]:
        """Return layers made by hand with all that the network's table declares; those left out are empty."""
        table = self.network.attributes
        return {
            name: typed_layer(layers[name], table, name) if name in layers else table.empty(name, self.territory.crs)
            for name in table.layers
        }

    def world(self, *others: Network) -> World:
        """Return a fresh world with the network, and others beside it."""
        networks = (self.network, *others)
        decisions = [name for network in networks for name in network.decides_on]
        return World(
            self.place,
            {network.name: network.events for network in networks},
            {network.name: self.crew for network in networks},
            self.warmup,
            self.common.for_runs(decisions),
        )

    def apply(
        self, layers: Layers, measure: str, selected: NDArray[np.bool_] | None = None, **parameters: Any
    ) -> Measured:
        """Apply a measure; every feature is selected by default, parameters are read as YAML would give them."""
        item = self.network.measures[measure]
        if selected is None:
            selected = np.ones(len(layers[item.layer]), dtype=bool)
        context = MeasureContext(self.own, self.territory)
        return item.apply(layers, selected, item.parameters.model_validate(parameters), context)

    def prepare(self, layers: Layers | None = None, world: World | None = None) -> Prepared:
        """Prepare the network on some layers; on the territory's by default."""
        return self.network.behaviour.prepare(
            self.layers if layers is None else layers,
            self.network.assumptions.model_validate(dict(self.assumptions)),
            self.own.for_runs(),
            self.world() if world is None else world,
        )

    def run(
        self,
        layers: Layers | None = None,
        *,
        replication: int = 0,
        seed: int = 1,
        world: World | None = None,
        meanwhile: Callable[[World], None] | None = None,
    ) -> Ran:
        """Prepare and simulate; `meanwhile` may add processes to the world before it runs."""
        world = self.world() if world is None else world
        prepared = self.prepare(layers, world)
        if self.network.announce is not None:
            self.network.announce(prepared, world, Streams(seed, replication, self.network.name))
        self.network.behaviour.install(prepared, world, Streams(seed, replication, self.network.name))
        if meanwhile is not None:
            meanwhile(world)
        world.run()
        return Ran(prepared, world, self.network.behaviour.outcome(prepared, world))

    def account(self, outcome: Outcome, bill: Bill = ()) -> dict[str, float]:
        """Return the lines of the account of a run."""
        lines = value(
            outcome.quantities,
            self.network.quantities,
            Installed.of(bill, self.clock.years),
            self.common.replaced(dict(self.own)),
        )
        return {name: float(amount) for name, amount in lines.items()}

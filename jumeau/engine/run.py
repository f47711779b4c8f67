"""One run: a fresh world with every network in it, run to the end of the period, read once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from jumeau.engine.parts import Part
from jumeau.engine.resolve import Situation
from jumeau.factors import FactorTable
from jumeau.network import Network, Prepared, ordered
from jumeau.randomness import Streams
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.world import World


@dataclass(frozen=True)
class Stage:
    """What every run of a campaign shares.

    Attributes
    ----------
    place : Place
    crews : mapping of str to CrewSpec
        By network.
    warmup : float
        [s].
    seed : int
    """

    place: Place
    crews: Mapping[str, CrewSpec]
    warmup: float
    seed: int

    def world(self, networks: list[Network], shared: FactorTable) -> World:
        """Return a fresh world; `shared` holds the shared factors that runs read."""
        events = {network.name: network.events for network in networks}
        return World(self.place, events, self.crews, self.warmup, shared)


def prepare(
    situation: Situation,
    stage: Stage,
    central: Mapping[str, Prepared] | None = None,
    names: Collection[str] | None = None,
) -> dict[str, Prepared]:
    """Compute what does not depend on chance, for the networks of a situation.

    Parameters
    ----------
    situation : Situation
    stage : Stage
    central : mapping of str to Prepared, optional
        The same situation prepared under central values, where this is a draw of uncertain assumptions.
    names : collection of str, optional
        Of the networks to prepare; all by default.
    """
    networks = ordered(situation.networks)
    world = stage.world(networks, situation.shared_for_runs)
    world.central = central or {}
    world.delivery = {
        f"{network.name}.{kind}": found
        for network in networks
        for kind, found in situation.networks[network.name].delivery.items()
    }
    return {
        network.name: network.behaviour.prepare(
            situation.networks[network.name].layers,
            situation.networks[network.name].assumptions,
            situation.networks[network.name].factors.for_runs(),
            world,
        )
        for network in networks
        if names is None or network.name in names
    }


def simulate(
    prepared: Mapping[str, Prepared],
    shared: FactorTable,
    stage: Stage,
    replication: int,
    *,
    assets: bool,
    events: bool,
) -> Part:
    """Simulate one replication and return its part.

    Parameters
    ----------
    prepared : mapping of str to Prepared
        By network.
    shared : FactorTable
        Shared factors of the situation and draw that runs read.
    stage : Stage
    replication : int
    assets : bool
        Whether to keep per-asset figures.
    events : bool
        Whether to keep the journal, and to let networks check their own models.
    """
    networks = ordered(prepared)
    world = stage.world(networks, shared)
    world.audited = events
    for network in networks:
        streams = Streams(stage.seed, replication, network.name)
        network.behaviour.install(prepared[network.name], world, streams)
    world.run()
    indicators: dict[str, float] = {}
    quantities: dict[str, float] = {}
    figures: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for network in networks:
        outcome = network.behaviour.outcome(prepared[network.name], world)
        indicators |= {
            f"{network.name}_{item.name}": float(outcome.indicators[item.name]) for item in network.indicators
        }
        quantities |= {f"{network.name}_{name}": float(outcome.quantities[name]) for name in network.quantities}
        for layer, frame in outcome.assets.items() if assets else ():
            for column in frame.columns:
                figures[f"{network.name}/{layer}/{column}"] = frame[column].to_numpy(dtype=np.float64)
    journal = {
        (network.name, kind): table
        for network in networks
        for kind, table in world.journals[network.name].tables().items()
    }
    return Part(indicators, quantities, figures, journal if events else None)

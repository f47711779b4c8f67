"""One run: fresh worlds with its networks in them, run to the end of the period, read once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jumeau.engine.components import Component
from jumeau.engine.parts import Part
from jumeau.engine.resolve import Situation
from jumeau.factors import FactorTable
from jumeau.network import Network, Prepared, ordered
from jumeau.randomness import Streams
from jumeau.simulation.board import Post, Schedules
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

    def world(self, networks: list[Network], shared: FactorTable, unheard: Collection[str] = ()) -> World:
        """Return a fresh world of some networks; `shared` holds the shared factors that runs read."""
        events = {network.name: network.events for network in networks}
        return World(self.place, events, self.crews, self.warmup, shared, unheard)


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


def announced(
    networks: Sequence[Network], prepared: Mapping[str, Prepared], shared: FactorTable, stage: Stage, replication: int
) -> Schedules:
    """Return what networks announce on the board ahead of a run, for whoever is simulated.

    Parameters
    ----------
    networks : sequence of Network
        Those that announce something.
    prepared : mapping of str to Prepared
    shared : FactorTable
    stage : Stage
    replication : int
    """
    world = stage.world(list(networks), shared)
    for network in networks:
        if network.announce is not None:
            network.announce(prepared[network.name], world, Streams(stage.seed, replication, network.name))
    return world.board.schedules


def simulate(
    component: Component,
    prepared: Mapping[str, Prepared],
    shared: FactorTable,
    stage: Stage,
    replication: int,
    *,
    schedules: Schedules,
    heard: Sequence[Post],
    assets: bool,
    events: bool,
) -> Part:
    """Simulate one replication of the networks of a component and return its part.

    Parameters
    ----------
    component : Component
    prepared : mapping of str to Prepared
        By network.
    shared : FactorTable
        Shared factors of the situation and draw that runs read.
    stage : Stage
    replication : int
    schedules : mapping
        What all networks announce.
    heard : sequence of Post
        What those that were simulated before posted and this one hears, in ascending order of time.
    assets : bool
        Whether to keep per-asset figures.
    events : bool
        Whether to keep the journal, and to let networks check their own models.

    Raises
    ------
    KeyError
        When a network posts, or reads, a topic of the board that it does not declare.
    """
    networks = ordered(component.networks)
    world = stage.world(networks, shared, component.unheard)
    world.audited = events
    world.board.repeat(schedules, heard)
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
    return Part(indicators, quantities, figures, journal if events else None, _posted(component, world))


def _posted(component: Component, world: World) -> tuple[Post, ...]:
    """Return what the networks of a component posted themselves."""
    own = tuple(world.board.own)
    undeclared = {topic for _time, topic, _key, _value in own} - (component.posts or set())
    if component.posts is not None and undeclared:
        raise KeyError(f"{sorted(undeclared)}: posted on the board without being declared in `posts`")
    return own

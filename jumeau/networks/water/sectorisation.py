"""Sectors with closed borders and few metered links: what the measure plans, before it changes any layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, rows_of, texts
from jumeau.factors import FactorTable
from jumeau.networks.water.formats.epanet_sections import moved_links
from jumeau.networks.water.parameters import SectorMeters
from jumeau.networks.water.physics.sector_border import (
    Crossings,
    Zoning,
    crossings,
    shut_borders,
    zoning_of_nodes,
    zoning_of_pipes,
)
from jumeau.networks.water.physics.sector_check import Bench, Pressures, bench
from jumeau.networks.water.physics.sector_drawing import Size, drawn, places
from jumeau.networks.water.physics.sector_feeds import Choice, Feeds, choose_feeds
from jumeau.networks.water.physics.sector_prices import METERS, STATION, VALVES, Prices
from jumeau.networks.water.physics.sector_topology import NONE, Topology
from jumeau.networks.water.physics.served import served
from jumeau.territory.model import layer_digest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Names = NDArray[np.object_]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Times that borders are tried again with more margin, where the whole cycle asks for more than its busiest day.
ATTEMPTS = 3

#: Nodes times runs of EPANET that the proof that nothing cheaper does may take: large networks take longer.
PROOF = 50_000

#: Further margin that each of them takes [m].
MARGIN = 0.2


@dataclass(frozen=True)
class Plan:
    """Sectors, and what stands at their borders.

    Attributes
    ----------
    names : ndarray of str, shape (sectors,)
    topology : Topology
    zoning : Zoning
    crossings : Crossings
    metered, planned, known : ndarray of bool, shape (k,)
        Crossings that are metered, that the measure decides on, and that bear a meter already.
    feeds : Feeds
    shut : tuple of ndarray of int
        Pipes closed ahead of the measure where sectors meet, and the nodes at which they are.
    before, after : Pressures or None
        At customers, on the day for which borders are tried; none where they are not tried.
    meters : ndarray of int, shape (sectors,)
        Metered links of each sector.
    chosen : ndarray of bool, shape (sectors,)
        Sectors that the measure is about.
    """

    names: Names
    topology: Topology
    zoning: Zoning
    crossings: Crossings
    metered: Bools
    planned: Bools
    known: Bools
    feeds: Feeds
    shut: tuple[Ints, Ints]
    before: Pressures | None
    after: Pressures | None
    meters: Ints
    chosen: Bools

    def in_pieces(self) -> list[str]:
        """Return the sectors that do not hang together, since only mains outside of them join their pieces."""
        sector = self.crossings.part_sector
        used = np.unique(self.crossings.part_of_node)
        count = np.bincount(sector[used][sector[used] >= 0], minlength=len(self.names))
        return [str(name) for name in self.names[(count > 1) & self.chosen]]


@dataclass
class _Plans:
    """Plans made before: several variants often ask for the same."""

    known: dict[bytes, Plan] = field(default_factory=dict)

    def get(self, key: bytes, make: Callable[[], Plan]) -> Plan:
        if key not in self.known:
            while len(self.known) >= 8:
                self.known.pop(next(iter(self.known)))
            self.known[key] = make()
        return self.known[key]


_PLANS = _Plans()


def _or(given: float | None, factors: FactorTable, name: str) -> float:
    return factors.value(name) if given is None else given


def plan_of(layers: Layers, selected: Bools, parameters: SectorMeters, factors: FactorTable) -> Plan:
    """Return the sectors, and what is metered and closed at their borders.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    selected : ndarray of bool, shape (sectors,)
        Sectors to watch, or whose pipes are divided anew.
    parameters : SectorMeters
    factors : FactorTable

    Raises
    ------
    InputError
        When EPANET cannot read the network.
    """
    key = sha256(parameters.model_dump_json().encode() + selected.tobytes())
    for name in sorted(layers):
        if name.startswith("water_"):
            key.update(name.encode() + layer_digest(layers[name]))
    read = [*(name for _limit, name in (*METERS, *VALVES)), STATION, *_READ]
    key.update(repr([factors.value(name) for name in read]).encode())
    return _PLANS.get(key.digest(), lambda: _planned(layers, selected, parameters, factors))


_READ = (
    "minimum_service_pressure", "subscribers_density", "sector_closable_diameter", "sector_allowed_drop",
    "sector_peak_factor", "sector_smallest", "sector_feed_velocity",
)  # fmt: skip


def _planned(layers: Layers, selected: Bools, parameters: SectorMeters, factors: FactorTable) -> Plan:
    topology = Topology.of(layers, moved_links(layers))
    prices = Prices.of(
        topology, factors, meter=parameters.unit_cost, valve=parameters.valve_cost, largest=parameters.closable_diameter
    )
    names, zoning, chosen = _sectors(layers, topology, prices, selected, parameters, factors)
    found = crossings(topology, zoning)
    # Sectors that keep their name have what they have already; the first ones, where others are drawn anew.
    metered = flags(layers["water_sectors"], "metered")
    metered = metered[~selected] if parameters.anew else metered & ~chosen
    already = np.concatenate([metered, np.zeros(len(names) - len(metered), dtype=bool)])
    known = _known(layers, found) & (_touching(found, already) | (not parameters.anew))
    planned = _touching(found, chosen) & ~known & ~_touching(found, already)
    choice = _choice(topology, found, prices, planned, parameters)
    before: Pressures | None = None
    after: Pressures | None = None
    if choice.closable.any():
        feeds, before, after = _tried(layers, topology, found, choice, parameters, factors)
    else:
        open_ = np.ones(len(found.link), dtype=bool)
        feeds = Feeds(open_, np.zeros(len(found.part_sector)), proven=True, runs=0)
    return Plan(
        names=names,
        topology=topology,
        zoning=zoning,
        crossings=found,
        metered=feeds.metered,
        planned=planned,
        known=known,
        feeds=feeds,
        shut=shut_borders(topology, zoning),
        before=before,
        after=after,
        meters=choice.meters(feeds.metered),
        chosen=chosen,
    )


def _sectors(
    layers: Layers, topology: Topology, prices: Prices, selected: Bools, parameters: SectorMeters, factors: FactorTable
) -> tuple[Names, Zoning, Bools]:
    """Return the names of sectors, the zoning, and which sectors are to be watched."""
    sectors, pipes = layers["water_sectors"], layers["water_pipes"]
    names = texts(sectors, "sector_id")
    worth = prices.worth
    given = zoning_of_pipes(topology, rows_of(names, texts(pipes, "sector_id")), worth[: topology.pipes])
    if not parameters.anew:
        return names, given, selected & ~flags(sectors, "metered")
    kept = np.flatnonzero(~selected)
    domain = ~np.isin(given.node, kept)
    connections = served(layers, numbers(pipes, "length") / 1000.0, factors).connections
    size = _size(topology, pipes, connections, parameters, factors)
    anew = drawn(topology, worth, places(topology, pipes.geometry.to_numpy()), size, domain, parameters.trunk_diameter)
    row = np.full(len(names), NONE)
    row[kept] = np.arange(len(kept))
    # The last row stands for no sector.
    elsewhere = np.concatenate([row, [NONE]])[given.node]
    node = np.where(domain, np.where(anew >= 0, anew + len(kept), NONE), elsewhere)
    fresh = _fresh(set(names[kept].tolist()), int(anew.max(initial=NONE)) + 1)
    chosen = np.concatenate([np.zeros(len(kept), dtype=bool), np.ones(len(fresh), dtype=bool)])
    found = zoning_of_nodes(topology, node, worth[: topology.pipes])
    return np.concatenate([names[kept], fresh]).astype(object), found, chosen


def _fresh(taken: set[str], count: int) -> Names:
    """Return names that no other sector has."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        number += 1
        if f"S{number:03d}" not in taken:
            found.append(f"S{number:03d}")
    return np.array(found, dtype=object)


def _size(
    topology: Topology, pipes: gpd.GeoDataFrame, connections: Floats, parameters: SectorMeters, factors: FactorTable
) -> Size:
    """Return the size that is asked for; what a pipe counts is halved between its ends."""
    value = numbers(pipes, "length", 0.0) if parameters.length is not None or not connections.any() else connections
    weight = np.zeros(len(topology.nodes))
    for ends in (topology.start, topology.end):
        np.add.at(weight, ends[: topology.pipes], value / 2.0)
    each = 1000.0 * parameters.length if parameters.length is not None else float(parameters.connections or 0)
    return Size(weight, each, parameters.sectors, factors.value("sector_smallest"))


def _touching(found: Crossings, chosen: Bools) -> Bools:
    """Tell the crossings of some sectors, shape (k,)."""
    both = found.sectors()
    padded = np.concatenate([chosen, [False]])  # the last one stands for no sector
    return np.asarray(padded[both].any(axis=1), dtype=bool) if len(both) else np.zeros(0, dtype=bool)


def _known(layers: Layers, found: Crossings) -> Bools:
    """Tell the crossings that bear a meter already."""
    bears = np.concatenate([
        texts(layers["water_pipes"], "sector_boundary") == "metered",
        flags(layers["water_pumps"], "metered"),
        flags(layers["water_valves"], "metered"),
    ])  # fmt: skip
    return np.asarray(bears[found.link], dtype=bool)


def stations(topology: Topology, found: Crossings) -> Bools:
    """Tell the crossings at a pump, a valve, a tank or a source, where a chamber stands."""
    beside = topology.held[topology.start] | topology.held[topology.end]
    return np.asarray((found.link >= topology.pipes) | beside[found.link], dtype=bool)


def _choice(topology: Topology, found: Crossings, prices: Prices, planned: Bools, parameters: SectorMeters) -> Choice:
    """Return what there is to choose from; what the measure does not decide on stays open, and costs nothing."""
    station = stations(topology, found)
    meter = np.where(station, prices.station, prices.meter[found.link])
    supplied = np.zeros(len(found.part_sector), dtype=bool)
    supplied[found.part_of_node[topology.supplied()]] = True
    return Choice(
        near=found.near,
        far=found.far,
        closable=planned & ~station & prices.closable[found.link] & (parameters.boundaries == "closed"),
        meter=np.where(planned, meter, 0.0),
        valve=np.where(planned, prices.valve[found.link], 0.0),
        worth=topology.diameter[found.link] / 1e6,
        sector=found.part_sector,
        supplied=supplied,
        most=parameters.max_feeds,
        runs=min(max(PROOF // len(topology.nodes), 5), 60),
    )


def _tried(
    layers: Layers,
    topology: Topology,
    found: Crossings,
    choice: Choice,
    parameters: SectorMeters,
    factors: FactorTable,
) -> tuple[Feeds, Pressures, Pressures]:
    """Choose with EPANET; see `choose_feeds`."""
    nodes = _customers(topology, found)
    part = found.part_of_node[nodes]
    link = topology.name[found.link].astype(str)
    closable = {str(name) for name in link[choice.closable]}
    least = _or(parameters.minimum_pressure, factors, "minimum_service_pressure")
    drop = _or(parameters.allowed_drop, factors, "sector_allowed_drop")
    peak = _or(parameters.peak_factor, factors, "sector_peak_factor")
    section = np.pi / 4.0 * (np.maximum(topology.diameter[found.link], 1e-3) / 1000.0) ** 2
    fastest = 3600.0 * section * factors.value("sector_feed_velocity")

    def asked(run: Pressures) -> Floats:
        # Where pressure is below the minimum today, it may not fall much further.
        return np.where(run.lowest >= least, least, run.lowest - drop)

    def lacks(run: Pressures, wanted: Floats) -> Floats:
        missing = np.zeros(len(found.part_sector))
        np.maximum.at(missing, part, np.minimum(wanted - run.lowest, 1e6))
        return np.where(missing > 1e-3, missing, 0.0)

    def hurries(run: Pressures, metered: Bools, most: Floats) -> Floats:
        """Return by how much the flow of feeds exceeds what they can carry, as a share of it, in each part."""
        over = np.where(metered & choice.closable, np.maximum(run.forward, run.backward) / most - 1.0, 0.0)
        found_over = np.zeros(len(found.part_sector))
        for side in (found.near, found.far):
            np.maximum.at(found_over, side, np.where(over > 1e-3, over, 0.0))
        return found_over

    with bench(layers, topology.nodes[nodes].tolist(), link.tolist(), sorted(closable), peak) as model:
        quick, whole = _today(model)
        choice = _worth(choice, quick)
        wanted = asked(quick)
        # A feed may be as fast as it is today.
        most = np.maximum(fastest, np.maximum(quick.forward, quick.backward))
        for _attempt in range(ATTEMPTS):

            def check(metered: Bools, wanted: Floats = wanted) -> Floats:
                run = model.run(set(link[~metered & choice.closable]))
                return lacks(run, wanted) + hurries(run, metered, most)

            feeds = choose_feeds(choice, check)
            after = model.run(set(link[~feeds.metered & choice.closable]), whole=True)
            gap = lacks(after, asked(whole))
            if not gap.any() or feeds.metered.all() or feeds.missing.any():
                break
            wanted = wanted + gap[part] + MARGIN * (gap[part] > 0.0)
    return Feeds(feeds.metered, gap, feeds.proven, feeds.runs), whole, after


def _today(model: Bench) -> tuple[Pressures, Pressures]:
    """Return the busiest day, and the whole cycle, with all borders open."""
    return model.run((), first=True), model.run((), whole=True, first=True)


def _worth(choice: Choice, run: Pressures) -> Choice:
    """Return the choice in which a crossing is worth the flow that passes there, then its diameter."""
    passing = np.maximum(run.forward, run.backward)
    return replace(choice, worth=passing + choice.worth)


def _customers(topology: Topology, found: Crossings) -> Ints:
    """Return the rows of the nodes whose pressure counts: those with a demand, else all junctions of sectors."""
    inside = topology.asking & ~topology.held
    if not inside.any():
        inside = (found.part_sector[found.part_of_node] >= 0) & ~topology.held
    return np.flatnonzero(inside)

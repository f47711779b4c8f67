"""How long the traffic equilibrium takes beside AequilibraE: same problem, same gap, in one run.

Cases: those of TransportationNetworks in the folder that JUMEAU_DATA names; the networks that come with AequilibraE
(Sioux Falls with its demand; Nauru and Coquimbo, streets of OpenStreetMap, with a demand drawn from a seed); grown
towns as large as Winnipeg and Berlin-Center. Gap and conservation of both are computed by the same function, on the
graph as it is given, with SciPy's shortest paths. Processor time stands beside the time that passed, for machines that
are busy.

AequilibraE comes with `pip install 'jumeau[benchmark]'`; reference to it: Pedro Camargo and others,
https://www.aequilibrae.com. Its preparation of the graph is not counted; ours is.

python benchmarks/traffic_equilibrium.py [--cases berlin-like coquimbo] [--gaps 1e-4 1e-6] [--threads 1 2] [--repeats 3]
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass
from grown_towns import SIZES, town
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from streets_of_aequilibrae import CASES as SHIPPED
from streets_of_aequilibrae import shipped

from jumeau.assignment import Demand, Links, equilibrium
from jumeau.networks.mobility.formats import tntp_files as tntp

DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[2] / "shared" / "data")) / "mobility"
PUBLISHED = ("SiouxFalls", "Anaheim")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Solved:
    """What one program gave: processor time and time passed [s], rounds, and what the judge says."""

    busy: float
    passed: float
    rounds: int
    gap: float
    imbalance: float
    objective: float


def case(name: str) -> tuple[Links, Demand]:
    """Return links and demand of a case."""
    if name in SIZES:
        return town(SIZES[name])
    if name in SHIPPED:
        return shipped(name)
    net, trips = tntp.read_network(DATA / f"{name}_net.tntp"), tntp.read_trips(DATA / f"{name}_trips.tntp")
    frame = net.links
    columns = (frame[column].to_numpy() for column in ("free_time", "capacity", "b", "power"))
    ends = (frame[column].to_numpy() - 1 for column in ("tail", "head"))
    return Links(*ends, *columns, net.nodes, net.through - 1), Demand.of(trips)


def judged(links: Links, demand: Demand, flow: Floats) -> tuple[float, float, float]:
    """Return relative gap, largest imbalance at a node as a share of the demand, and Beckmann's objective."""
    cost, trips = links.time(flow), demand.trips[0]
    # Whoever starts at a node that is not passed leaves from a copy of it, which nothing enters.
    tail = np.where(links.tail < links.through, links.tail + links.nodes, links.tail)
    order = np.lexsort((cost, links.head, tail))
    tails, heads, costs = tail[order], links.head[order], cost[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    size = links.nodes + links.through
    graph = csr_array((np.maximum(costs[first], 1e-12), (tails[first], heads[first])), shape=(size, size))
    zones = np.arange(demand.zones)
    starts = np.where(zones < links.through, zones + links.nodes, zones)
    ways = dijkstra(graph, indices=starts)[:, : demand.zones]
    inside = (trips > 0.0) & ~np.eye(demand.zones, dtype=np.bool_)
    total = float(cost @ flow)
    out = np.bincount(links.tail, flow, links.nodes) - np.bincount(links.head, flow, links.nodes)
    imbalance = float(np.abs(out - demand.balance(links.nodes)[0]).max() / demand.total)
    return (total - float((trips[inside] * ways[inside]).sum())) / total, imbalance, float(links.integral(flow).sum())


def timed(work: Callable[[], tuple[Floats, int]], links: Links, demand: Demand) -> Solved:
    passed, busy = time.perf_counter(), time.process_time()
    flow, rounds = work()
    busy, passed = time.process_time() - busy, time.perf_counter() - passed
    return Solved(busy, passed, rounds, *judged(links, demand, flow))


def ours(links: Links, demand: Demand, gap: float, threads: int) -> Solved:
    def work() -> tuple[Floats, int]:
        found = equilibrium(links, demand, gap=gap, threads=threads)
        return found.total, found.iterations

    return timed(work, links, demand)


def theirs(links: Links, demand: Demand, gap: float, threads: int, limit: int) -> Solved:
    graph = Graph()
    graph.network = pd.DataFrame(
        {
            "link_id": np.arange(1, len(links) + 1), "a_node": links.tail + 1, "b_node": links.head + 1, "direction": 1,
            "capacity": links.capacity, "free_flow_time": links.free_time, "b": links.b,
            "power": np.maximum(links.power, 1.0),
        }
    )  # fmt: skip
    zones = np.arange(1, demand.zones + 1)
    graph.prepare_graph(zones)
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(links.through > 0)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=demand.zones, matrix_names=["car"], memory_only=True)
    matrix.index[:] = zones
    matrix.matrix["car"][:, :] = demand.trips[0]
    matrix.computational_view(["car"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("car", graph, matrix)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_cores(threads)
    assignment.max_iter = limit
    assignment.rgap_target = gap
    assignment.set_algorithm("bfw")

    def work() -> tuple[Floats, int]:
        assignment.execute()
        flow = assignment.results()["PCE_AB"].reindex(np.arange(1, len(links) + 1)).to_numpy()
        return np.nan_to_num(flow), len(assignment.report())

    return timed(work, links, demand)


def rows(asked: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each case, gap and number of threads."""
    for name in asked.cases:
        links, demand = case(name)
        yield f"{name}: {demand.zones} zones, {links.nodes} nodes, {len(links)} links, {demand.total:,.0f} trips"
        ours(links, demand, 0.5, 1)  # compiles
        for gap in asked.gaps:
            for threads in asked.threads:
                # In turns, so that a busy moment of the machine strikes both.
                pairs = [
                    (ours(links, demand, gap, threads), theirs(links, demand, gap, threads, asked.limit))
                    for _repeat in range(asked.repeats)
                ]
                one, two = (min((pair[side] for pair in pairs), key=lambda item: item.passed) for side in (0, 1))
                busy = [min(pair[side].busy for pair in pairs) for side in (0, 1)]
                yield (
                    f"  {gap:6.0e} {threads:3} | {one.passed:8.2f} {two.passed:8.2f} {two.passed / one.passed:7.1f} |"
                    f" {busy[0]:8.2f} {busy[1]:8.2f} {busy[1] / busy[0]:7.1f} | {one.rounds:4} {two.rounds:5} |"
                    f" {one.gap:8.1e} {two.gap:8.1e} | {one.imbalance:8.1e} {two.imbalance:8.1e} |"
                    f" {one.objective / two.objective - 1:+.1e}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", default=[*PUBLISHED, *SHIPPED, *SIZES])
    parser.add_argument("--gaps", type=float, nargs="+", default=[1e-4])
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, os.cpu_count() or 1}))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--limit", type=int, default=2_000, help="iterations of AequilibraE, at most")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print("each pair: ours, theirs (and theirs / ours for times)")
    print("     gap threads |     passed [s]    ratio |  processor [s]    ratio | iterations |  gap of the flows |"
          "     imbalance     | objective, ours / theirs - 1")  # fmt: skip
    for row in rows(asked):
        print(row, flush=True)


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()

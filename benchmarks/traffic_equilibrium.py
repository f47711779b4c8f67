"""How long the traffic equilibrium takes beside AequilibraE: same problem, same gap, one thread each, in one run.

The instances are those of TransportationNetworks, read from the folder that JUMEAU_DATA names. AequilibraE comes with
`pip install 'jumeau[benchmark]'`; reference to it: Pedro Camargo and others, https://www.aequilibrae.com.

python benchmarks/traffic_equilibrium.py [--gaps 1e-4 1e-6] [--repeats 3]
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from pathlib import Path

os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

from jumeau.assignment import Demand, Links, equilibrium
from jumeau.networks.mobility.formats import tntp_files as tntp

DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[2] / "shared" / "data")) / "mobility"


def ours(net: tntp.TntpNetwork, trips: np.ndarray, gap: float) -> tuple[float, float, int]:
    frame = net.links
    links = Links(
        frame["tail"].to_numpy() - 1, frame["head"].to_numpy() - 1, frame["free_time"].to_numpy(),
        frame["capacity"].to_numpy(), frame["b"].to_numpy(), frame["power"].to_numpy(), net.nodes, net.through - 1,
    )  # fmt: skip
    start = time.perf_counter()
    found = equilibrium(links, Demand.of(trips), gap=gap)
    return time.perf_counter() - start, found.objective, found.iterations


def theirs(net: tntp.TntpNetwork, trips: np.ndarray, gap: float) -> tuple[float, float, int]:
    frame = net.links
    graph = Graph()
    graph.network = pd.DataFrame(
        {
            "link_id": np.arange(1, len(frame) + 1), "a_node": frame["tail"], "b_node": frame["head"], "direction": 1,
            "capacity": frame["capacity"], "free_flow_time": frame["free_time"], "b": frame["b"],
            "power": np.maximum(frame["power"], 1.0),
        }
    )  # fmt: skip
    zones = np.arange(1, net.zones + 1)
    graph.prepare_graph(zones)
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(net.through > 1)
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=net.zones, matrix_names=["car"], memory_only=True)
    matrix.index[:] = zones
    matrix.matrix["car"][:, :] = trips
    matrix.computational_view(["car"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("car", graph, matrix)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_cores(1)
    assignment.max_iter = 10_000
    assignment.rgap_target = gap
    assignment.set_algorithm("bfw")
    start = time.perf_counter()
    assignment.execute()
    spent = time.perf_counter() - start
    flow = assignment.results()["PCE_AB"].to_numpy()
    free, part = frame["free_time"], frame["b"] / (frame["power"] + 1)
    objective = float((free * flow * (1 + part * (flow / frame["capacity"]) ** frame["power"])).sum())
    return spent, objective, len(assignment.report())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gaps", type=float, nargs="+", default=[1e-4, 1e-6])
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print(f"{'case':12} {'gap':>6} {'ours':>9} {'theirs':>9} {'ratio':>6}   iterations   objective, ours - theirs")
    for name in ("SiouxFalls", "Anaheim"):
        net, trips = tntp.read_network(DATA / f"{name}_net.tntp"), tntp.read_trips(DATA / f"{name}_trips.tntp")
        ours(net, trips, 0.1)  # compiles
        for gap in asked.gaps:
            # In turns, so that a busy moment of the machine strikes both.
            pairs = [(ours(net, trips, gap), theirs(net, trips, gap)) for _repeat in range(asked.repeats)]
            one, two = (min(pair[side] for pair in pairs) for side in (0, 1))
            print(
                f"{name:12} {gap:6.0e} {one[0]:8.3f}s {two[0]:8.3f}s {two[0] / one[0]:6.1f}   {one[2]:4} {two[2]:4}"
                f"    {one[1] / two[1] - 1:+.1e}"
            )


if __name__ == "__main__":
    main()

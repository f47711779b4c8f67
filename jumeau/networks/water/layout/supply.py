"""Where water comes from in a network that is laid out: sources, pumps, rising mains and tanks."""

from __future__ import annotations

from math import ceil, pi, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.factors import FactorTable
from jumeau.networks.water.layout.draft import Draft, Node, Pipe
from jumeau.networks.water.layout.mains import Mains
from jumeau.networks.water.layout.sizing import SIZES
from jumeau.networks.water.layout.zones import Zones
from jumeau.networks.water.physics.head_loss import hazen_williams
from jumeau.networks.water.tables import ATTRIBUTES
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Place of a tank beside its node [m], so that both can be seen on a map.
BESIDE = 12.0

#: Share of the height of water in a tank at which its pump starts and stops.
PUMP_ON, PUMP_OFF, START = 0.35, 0.92, 0.65


def add_supply(
    draft: Draft, mains: Mains, zones: Zones, factors: FactorTable
) -> tuple[list[str], list[tuple[str, str]]]:
    """Add tanks that feed the first zone, each filled by a source, a pump and a rising main of its own.

    Returns
    -------
    controls : list of str
        In EPANET's words.
    curves : list of tuple of str
        Name and points of the pumps' head curves.
    """
    demand = np.array([node.resident + node.job for node in draft.nodes[: len(mains.nodes)]])
    height = np.array([node.height for node in draft.nodes[: len(mains.nodes)]])
    top = np.flatnonzero(zones.zone == 0)
    daily = 24.0 * float(demand.sum())
    number = max(ceil(daily / factors.value("layout_tank_demand")), 1)
    controls, curves = [], []
    for place, members in enumerate(_areas(mains.xy, demand, top, number), start=1):
        inside = top[np.isin(top, members)]
        centre = mains.xy[members].mean(axis=0)
        near = np.hypot(*(mains.xy - centre).T)
        tank = int(inside[np.lexsort((near[inside], -np.round(height[inside], 1)))[0]])
        source = int(members[np.lexsort((-near[members], np.round(height[members], 1)))[0]])
        # What is lost on the way has to be pumped and stored too.
        drawn = 24.0 * float(demand[members].sum()) / (1.0 - factors.value("layout_losses"))
        control, curve = _add(draft, mains, zones, tank, source, place, drawn, factors)
        controls += control
        curves.append(curve)
    return controls, curves


def _areas(xy: Floats, demand: Floats, top: Ints, number: int) -> list[Ints]:
    """Return the nodes of each tank's area: the nearest of middles that settle where the water is used."""
    from jumeau.networks.water.layout.sectors import _spread

    middles = xy[top][_spread(xy[top], min(number, len(top)))]
    owner = np.zeros(len(xy), dtype=np.int64)
    for _round in range(20):
        owner = np.argmin(np.hypot(*(xy[:, None] - middles[None]).transpose(2, 0, 1)), axis=1)
        middles = np.array(
            [
                np.average(xy[owner == row], axis=0, weights=demand[owner == row] + 1e-9)
                if (owner == row).any()
                else middles[row]
                for row in range(len(middles))
            ]
        )
    areas = [np.flatnonzero(owner == row) for row in range(len(middles))]
    fed = [area for area in areas if np.isin(area, top).any()]
    return fed or [np.arange(len(xy))]


def _add(
    draft: Draft, mains: Mains, zones: Zones, tank: int, source: int, number: int, daily: float, factors: FactorTable
) -> tuple[list[str], tuple[str, str]]:
    depth = factors.value("layout_level_range")
    head = zones.head[0]
    volume = daily * factors.value("layout_storage")
    x, y = mains.xy[tank]
    name = f"TANK{number}"
    spot = shapely.Point(x + BESIDE, y + BESIDE)
    draft.tanks.append(
        {
            "node_id": name, "elevation": round(head - 0.5, 2), "initial_level": round(0.5 + START * depth, 2),
            "minimum_level": 0.5, "maximum_level": round(0.5 + depth, 2),
            "diameter": round(sqrt(4.0 * volume / (pi * depth)), 2),
            **ATTRIBUTES.defaults("water_tanks", "minimum_volume"), "geometry": spot,
        }
    )  # fmt: skip
    outlet = draft.add(Node(name, (spot.x, spot.y), 0.0, -1))
    line = shapely.LineString([(spot.x, spot.y), (x, y)])
    draft.pipes.append(Pipe(outlet, tank, line, "", "", "transport"))
    flow = daily / factors.value("layout_pumping_hours")
    first, low = _rising_main(draft, mains, source, tank, outlet, number)
    length = sum(item.line.length for item in draft.pipes[first:])
    bore = _bore(flow)
    for item in draft.pipes[first:]:
        item.diameter = bore
    loss = float(
        hazen_williams(np.array([flow / HOUR]), np.array([length]), np.array([bore / 1000.0]), np.array([130.0]))[0]
    )
    ground = draft.nodes[low].height
    well = f"SOURCE{number}"
    place = shapely.Point(draft.nodes[low].xy[0] - BESIDE, draft.nodes[low].xy[1] - BESIDE)
    draft.sources.append({"node_id": well, "head": round(ground, 2), "geometry": place})
    lift = head + depth - ground + loss
    pump = f"PUMP{number}"
    draft.pumps.append(
        {
            "pump_id": pump, "from_node": well, "to_node": draft.nodes[low].name, "curve_id": f"HEAD{number}",
            **ATTRIBUTES.defaults("water_pumps", "speed", "status"),
            "geometry": shapely.LineString([(place.x, place.y), draft.nodes[low].xy]),
        }
    )  # fmt: skip
    controls = [
        f"PUMP {pump} OPEN IF NODE {name} BELOW {0.5 + PUMP_ON * depth:.2f}",
        f"PUMP {pump} CLOSED IF NODE {name} ABOVE {0.5 + PUMP_OFF * depth:.2f}",
    ]
    return controls, (f"HEAD{number}", f"{flow:.3f},{lift:.2f}")


def _bore(flow: float) -> float:
    """Return the nominal diameter of a rising main: a metre per second [mm]."""
    needed = 1000.0 * sqrt(4.0 * flow / HOUR / pi)
    return float(SIZES[min(int(np.searchsorted(SIZES, needed)), len(SIZES) - 1)])


def _rising_main(draft: Draft, mains: Mains, source: int, tank: int, outlet: int, number: int) -> tuple[int, int]:
    """Lay the main from the source to the tank along streets; return its first pipe and the node at the pump."""
    size = len(mains.nodes)
    graph = sparse.coo_matrix((mains.length, (mains.start, mains.end)), shape=(size, size)).tocsr()
    _distance, before = csgraph.dijkstra(
        graph, directed=False, indices=np.array([tank]), return_predecessors=True, min_only=True
    )[:2]
    way = [source]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    first = len(draft.pipes)
    x, y = mains.xy[source]
    low = draft.add(Node(f"R{number}", (float(x), float(y)), draft.nodes[source].height, -1))
    if len(way) == 1:
        line = shapely.LineString([(x, y), draft.nodes[outlet].xy])
        draft.pipes.append(Pipe(low, outlet, line, "", "", "transport"))
        return first, low
    _start, _end = draft.transport(way, mains, name=f"R{number}-")
    # Beside the network, not in it: the rising main has ends of its own.
    draft.pipes[first].start = low
    last = draft.pipes[-1]
    high = draft.add(Node(f"R{number}-E", mains_xy(mains, tank), draft.nodes[tank].height, -1))
    last.end = high
    draft.pipes.append(
        Pipe(high, outlet, shapely.LineString([mains_xy(mains, tank), draft.nodes[outlet].xy]), "", "", "transport")
    )
    return first, low


def mains_xy(mains: Mains, node: int) -> tuple[float, float]:
    """Return the coordinates of a node."""
    return float(mains.xy[node, 0]), float(mains.xy[node, 1])

"""Reads networks and demand in the TNTP format: `X_net.tntp`, with `X_node.tntp` and `X_trips.tntp` beside it.

What these files do not tell is asked for: of what period trips and capacities are, and where nodes lie. Times are taken
as minutes, and kept: the speed of a link is its length over its time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.formats.frames import LENGTHS, demand, layer, lines
from jumeau.networks.mobility.formats.period import Period, unknown_period
from jumeau.networks.mobility.formats.schematic import schematic
from jumeau.networks.mobility.formats.tntp_files import TntpNetwork, read_network, read_nodes, read_trips
from jumeau.sources.imported import Imported, observed_columns

Floats = NDArray[np.float64]

#: Where nodes lie without a file that says it.
_DRAWN = "places drawn from the lengths of the links: no file says where nodes lie"

#: Hours of the units of capacity that heads of files write.
_PER_HOUR = {"veh/h": 1.0, "veh/hr": 1.0, "veh/hour": 1.0, "vph": 1.0, "vehicles/hour": 1.0}


@dataclass(frozen=True)
class Told:
    """What the territory file says of a TNTP network beyond its files; None for what it leaves to them.

    Attributes
    ----------
    length_unit : str or None
        One of `LENGTHS`.
    capacity_hours : float or None
        Hours that capacities are those of.
    demand : Period or None
    drawn : bool
        Whether nodes are to be drawn from the lengths of the links where no file says where they lie.
    """

    length_unit: str | None = None
    capacity_hours: float | None = None
    demand: Period | None = None
    drawn: bool = False


def read_tntp(path: Path, crs: pyproj.CRS, told: Told) -> Imported:
    """Read a network, its nodes and its trips as layers.

    Parameters
    ----------
    path : Path
        The file of the network.
    crs : pyproj.CRS
        Of the coordinates.
    told : Told

    Raises
    ------
    InputError
        On whatever is wrong with the files, and on what neither they nor the territory file tell.
    """
    net = read_network(path)
    stem = path.name.removesuffix("_net.tntp")
    nodes, trips = (path.with_name(f"{stem}_{name}.tntp") for name in ("node", "trips"))
    unit = told.length_unit or {"feet": "ft", "miles": "mile"}.get(net.units.get("length", ""), net.units.get("length"))
    unit = unit if unit in LENGTHS else None
    hours = told.capacity_hours or _PER_HOUR.get(net.units.get("capacity", ""))
    problems = []
    if hours is None:
        problems.append(_unknown_capacity(path))
    if trips.is_file() and told.demand is None:
        problems.append(unknown_period(trips))
    if not nodes.is_file() and not told.drawn:
        problems.append(_unknown_places(nodes))
    if problems:
        raise InputError(*problems)
    length = np.maximum(net.links["length"].to_numpy(dtype=np.float64) * LENGTHS[unit or "km"], 1.0)
    there = nodes.is_file()
    xy = read_nodes(nodes, net.nodes) if there else schematic(*_ends(net), length, net.nodes, crs, path)
    layers = {
        "traffic_links": _links(net, xy, length, hours or 1.0, crs),
        "traffic_zones": _zones(net, xy, crs),
    }
    notes = [] if unit else [_("{file}: lengths are taken as kilometres (`length_unit`)").format(file=path.name)]
    if trips.is_file() and told.demand is not None:
        table = read_trips(trips)
        origin, destination = np.indices(table.shape) + 1
        names = [ends.ravel().astype(str).astype(object) for ends in (origin, destination)]
        layers["traffic_demand"] = demand(names[0], names[1], table.ravel(), told.demand, crs)
        message = _("{file}: {count} trips, of {period}")
        notes.append(message.format(file=trips.name, count=format_number(float(table.sum())), period=told.demand.title))
    columns = observed_columns(layers, "TNTP")
    if not there:
        columns.loc[columns["column"] == "geometry", ["origin", "rule"]] = ["synthetic", _DRAWN]
        notes.append(f"{nodes.name}: {_(_DRAWN)}")
    return Imported(layers, columns, tuple(notes))


def _ends(net: TntpNetwork) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the nodes where links start and end."""
    tail, head = (net.links[name].to_numpy(dtype=np.int64) - 1 for name in ("tail", "head"))
    return tail, head


def _links(net: TntpNetwork, xy: Floats, length: Floats, hours: float, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    links, (tail, head) = net.links, _ends(net)
    taken = np.maximum(links["free_time"].to_numpy(dtype=np.float64), 1e-3) / 60.0
    table: Mapping[str, object] = {
        "link_id": [f"L{row}" for row in range(1, len(links) + 1)],
        "from_node": (tail + 1).astype(str).astype(object),
        "to_node": (head + 1).astype(str).astype(object),
        "kind": "street",
        "length": length,
        "speed": length / 1000.0 / taken,
        "capacity": links["capacity"].to_numpy() / hours,
        "b": links["b"].to_numpy(),
        "power": links["power"].to_numpy(),
    }
    return layer(dict(table), lines(xy[tail], xy[head], crs), crs)


def _zones(net: TntpNetwork, xy: Floats, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    table: dict[str, object] = {
        "zone_id": [str(zone) for zone in range(1, net.zones + 1)],
        "through": [zone >= net.through for zone in range(1, net.zones + 1)],
    }
    return layer(table, shapely.points(xy[: net.zones]), crs)


def _unknown_capacity(path: Path) -> Problem:
    return Problem(
        _("nothing says of what period the capacities are: an hour, a peak, a day"),
        hint=_("state `capacity_period` in the import, for instance « 1 h »"),
        file=str(path),
        column="capacity_period",
    )


def _unknown_places(path: Path) -> Problem:
    return Problem(
        _("no such file or folder"),
        hint=_(
            "put the file of nodes beside that of the network, so that the territory knows where they lie; or state "
            "`nodes: drawn` in the import, and they are drawn from the lengths of the links"
        ),
        file=str(path),
    )

"""Reads networks and demand in the General Modeling Network Specification: node.csv, link.csv, demand.csv.

Of the specification (https://github.com/zephyr-data-specs/GMNS) the columns node_id, x_coord, y_coord, zone_id;
link_id, from_node_id, to_node_id, directed, length, free_speed, lanes, capacity, geometry; o_zone_id, d_zone_id,
volume.
Units come from config.csv (long_length, speed), kilometres and km/h without it; capacity is per hour and lane.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.mobility.formats.frames import LENGTHS, connectors, demand, layer, lines
from jumeau.sources.delimited import read_delimited
from jumeau.sources.imported import Imported, observed_columns

Floats = NDArray[np.float64]

#: Kilometres per hour of the units of speed.
_SPEEDS = {"kph": 1.0, "km/h": 1.0, "kmh": 1.0, "mph": 1.609344, "mile/h": 1.609344}


def read_gmns(folder: Path, crs: pyproj.CRS) -> Imported:
    """Read the folder of a network.

    Parameters
    ----------
    folder : Path
    crs : pyproj.CRS
        Of the coordinates.

    Raises
    ------
    InputError
        On missing files or columns, numbers that cannot be read, links to nodes that do not exist, links without
        capacity, negative trips and trips of unknown zones.
    """
    nodes = _table(folder / "node.csv", ("node_id", "x_coord", "y_coord"))
    links = _table(folder / "link.csv", ("link_id", "from_node_id", "to_node_id"))
    metres, speed_unit = _units(folder / "config.csv")
    xy = np.stack([_numbers(nodes, name, folder / "node.csv") for name in ("x_coord", "y_coord")], axis=1)
    names = nodes["node_id"].astype(str).to_numpy(dtype=object)
    place = {name: row for row, name in enumerate(names)}
    made = _links(links, place, xy, metres, speed_unit, folder / "link.csv", crs)
    told = nodes["zone_id"] if "zone_id" in nodes.columns else pd.Series([None] * len(nodes), dtype=object)
    zone = told.astype(object).where(told.notna(), "").astype(str).to_numpy(dtype=object)
    member = np.flatnonzero((zone != "") & (zone != "0"))
    if not len(member):
        raise _fault(
            folder / "node.csv", _("no node belongs to a zone"), "zone_id", _("fill the column for some nodes")
        )
    zones, of = np.unique(zone[member].astype(str), return_inverse=True)
    middle = np.stack([np.bincount(of, xy[member, axis]) / np.bincount(of) for axis in (0, 1)], axis=1)
    ids = np.array([f"zone {name}" for name in zones], dtype=object)
    joins = connectors(ids[of], names[member], middle[of], xy[member])
    whole = gpd.GeoDataFrame(pd.concat([made, joins], ignore_index=True), geometry="geometry", crs=crs)
    layers = {
        "traffic_links": whole,
        "traffic_zones": layer({"zone_id": ids, "name": zones.astype(object)}, shapely.points(middle), crs),
    }
    if (folder / "demand.csv").is_file():
        layers["traffic_demand"] = _demand(folder / "demand.csv", set(zones), crs)
    return Imported(layers, observed_columns(layers, "GMNS"))


def _fault(
    path: Path, message: str, column: str = "", hint: str = "", value: str = "", line: int | None = None
) -> InputError:
    return InputError(Problem(message, hint=hint, file=str(path), column=column, value=value, line=line))


def _table(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    if not path.is_file():
        raise _fault(path, _("no such file or folder"), hint=_("correct the path"))
    table = read_delimited(path)
    for name in needed:
        if name not in table.columns:
            raise _fault(path, _("the column is missing"), name, _("add it, as the specification names it"))
    return table


def _numbers(table: pd.DataFrame, name: str, path: Path, missing: float = np.nan, *, need: bool = True) -> Floats:
    """Return a column of numbers, the missing ones replaced."""
    if name not in table.columns:
        return np.full(len(table), missing)
    values = pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64)
    blank = table[name].isna().to_numpy()
    bad = np.isnan(values) & (~blank | need)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        text = "" if blank[row] else str(table[name].iloc[row])
        raise _fault(path, _("not a number"), name, _("correct it"), text, row + 2)
    return np.where(blank, missing, values)


def _units(path: Path) -> tuple[float, float]:
    """Return the metres of a unit of length and the km/h of one of speed."""
    if not path.is_file():
        return LENGTHS["km"], 1.0
    row = read_delimited(path).iloc[0]
    length, speed = (
        str(row.get(name) or default).strip() for name, default in (("long_length", "km"), ("speed", "kph"))
    )
    for name, known, word in (("long_length", LENGTHS, length), ("speed", _SPEEDS, speed)):
        if word not in known:
            raise _fault(
                path, _("an unknown unit"), name, _("known ones: {names}").format(names=", ".join(known)), word
            )
    return LENGTHS[length], _SPEEDS[speed]


def _links(
    table: pd.DataFrame,
    place: dict[str, int],
    xy: Floats,
    metres: float,
    speed_unit: float,
    path: Path,
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame:
    ends = []
    for column in ("from_node_id", "to_node_id"):
        named = table[column].astype(str)
        lost = ~named.isin(list(place)).to_numpy()
        if lost.any():
            row = int(np.flatnonzero(lost)[0])
            message = _("the link names a node that does not exist")
            raise _fault(path, message, column, _("correct it"), str(named.iloc[row]), row + 2)
        ends.append(named.map(place).to_numpy(dtype=np.int64))
    lanes = _numbers(table, "lanes", path, 1.0, need=False)
    capacity = _numbers(table, "capacity", path, need=False)
    if (capacity <= 0.0).any():
        row = int(np.flatnonzero(capacity <= 0.0)[0])
        hint = _("state a capacity above zero, or take the link away")
        raise _fault(path, _("the link has no capacity"), "capacity", hint, str(capacity[row]), row + 2)
    drawn = lines(xy[ends[0]], xy[ends[1]])
    if "geometry" in table.columns:
        told = table["geometry"].notna().to_numpy()
        drawn[told] = shapely.from_wkt(table["geometry"][told].to_numpy(dtype=object))
    names = table["link_id"].astype(str).to_numpy(dtype=object)
    nodes = np.array(list(place), dtype=object)
    frame = layer(
        {
            "link_id": names,
            "from_node": nodes[ends[0]],
            "to_node": nodes[ends[1]],
            "kind": "street",
            "length": _numbers(table, "length", path, need=False) * metres,
            "lanes": lanes,
            "speed": _numbers(table, "free_speed", path, need=False) * speed_unit,
            "capacity": capacity * lanes,
        },
        drawn,
        crs,
    )
    if "directed" not in table.columns:
        return frame
    both = ~table["directed"].astype(str).str.lower().isin(("1", "true", "yes", "1.0")).to_numpy()
    back = frame[both].rename(columns={"from_node": "to_node", "to_node": "from_node"})
    back = back.assign(link_id=back["link_id"] + "-").set_geometry(shapely.reverse(back.geometry.to_numpy()), crs=crs)
    return gpd.GeoDataFrame(pd.concat([frame, back[frame.columns]], ignore_index=True), crs=crs)


def _demand(path: Path, zones: set[str], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    table = _table(path, ("o_zone_id", "d_zone_id", "volume"))
    trips = _numbers(table, "volume", path)
    if (trips < 0.0).any():
        row = int(np.flatnonzero(trips < 0.0)[0])
        raise _fault(path, _("trips are negative"), "volume", _("state zero or more"), str(trips[row]), row + 2)
    ends = []
    for column in ("o_zone_id", "d_zone_id"):
        named = table[column].astype(str)
        lost = ~named.isin(zones).to_numpy()
        if lost.any():
            row = int(np.flatnonzero(lost)[0])
            hint = _("name a zone of « node.csv »")
            raise _fault(path, _("trips of a zone that does not exist"), column, hint, str(named.iloc[row]), row + 2)
        ends.append(("zone " + named).to_numpy(dtype=object))
    return demand(ends[0], ends[1], trips, crs)

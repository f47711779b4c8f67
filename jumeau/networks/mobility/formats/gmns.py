"""Reads networks and demand in the General Modeling Network Specification: node.csv, link.csv, demand.csv.

Of the specification (https://github.com/zephyr-data-specs/GMNS) the columns node_id, name, x_coord, y_coord, node_type,
zone_id; link_id, from_node_id, to_node_id, directed, length, facility_type, free_speed, lanes, capacity, geometry; of
common use, o_zone_id, d_zone_id, volume for demand and vdf_alpha, vdf_beta for the volume-delay function.
Units and CRS come from config.csv (long_length, speed, crs), kilometres and km/h without it; capacity is per hour and
lane. A node of type `centroid` is its zone, and the links that touch it are its connectors; where no link does, and in
zones without a centroid, connectors are made to the nodes of the zone.
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
from jumeau.territory.crs import parse_crs

Floats = NDArray[np.float64]

#: Type of the node that stands for its zone.
CENTROID = "centroid"
#: Types of the links between zones and streets, and of a street of no known class.
CONNECTORS = ("centroid_connector", "connector")
STREET = "street"
#: Columns of the volume-delay function: ours and those in common use.
DELAY = {"b": "vdf_alpha", "power": "vdf_beta"}

#: Kilometres per hour of the units of speed.
_SPEEDS = {"kph": 1.0, "km/h": 1.0, "kmh": 1.0, "mph": 1.609344, "mile/h": 1.609344}


def read_gmns(folder: Path, crs: pyproj.CRS) -> Imported:
    """Read the folder of a network.

    Parameters
    ----------
    folder : Path
    crs : pyproj.CRS
        Of the coordinates, where `config.csv` states none.

    Raises
    ------
    InputError
        On missing files or columns, numbers that cannot be read, links to nodes that do not exist, links without
        capacity, negative trips and trips of unknown zones.
    """
    config = _config(folder / "config.csv")
    nodes = _table(folder / "node.csv", ("node_id", "x_coord", "y_coord"))
    links = _table(folder / "link.csv", ("link_id", "from_node_id", "to_node_id"))
    metres, speed_unit = _units(config, folder / "config.csv")
    crs = _crs(config, folder / "config.csv") or crs
    xy = np.stack([_numbers(nodes, name, folder / "node.csv") for name in ("x_coord", "y_coord")], axis=1)
    names = nodes["node_id"].astype(str).to_numpy(dtype=object)
    place = {name: row for row, name in enumerate(names)}
    made = _links(links, place, xy, metres, speed_unit, folder / "link.csv", crs)
    zones = _zones(nodes, names, xy, folder / "node.csv", crs)
    made = _classified(made, set(zones["zone_id"]) & set(names))
    joins = _joins(nodes, names, xy, zones, set(made["from_node"]) | set(made["to_node"]))
    layers = {
        "traffic_links": gpd.GeoDataFrame(pd.concat([made, joins], ignore_index=True), geometry="geometry", crs=crs),
        "traffic_zones": zones.drop(columns="label"),
    }
    if (folder / "demand.csv").is_file():
        known = dict(zip(zones["label"], zones["zone_id"], strict=True))
        layers["traffic_demand"] = _demand(folder / "demand.csv", known, crs)
    return Imported(layers, observed_columns(layers, "GMNS"))


def _classified(links: gpd.GeoDataFrame, hubs: set[str]) -> gpd.GeoDataFrame:
    """Return the links with their kind and class by their type; those without one that touch a centroid join it."""
    said = links["facility_type"]
    touching = links["from_node"].isin(hubs) | links["to_node"].isin(hubs)
    joining = said.isin(CONNECTORS) | ((said == "") & touching)
    found = links.drop(columns="facility_type")
    found.insert(found.columns.get_loc("to_node") + 1, "kind", np.where(joining, "connector", STREET))
    classes = said.where(~joining & ~said.isin(("", STREET)), None)
    return found.assign(road_class=classes) if classes.notna().any() else found


def _zones(
    nodes: pd.DataFrame, names: NDArray[np.object_], xy: Floats, path: Path, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the zones, with their `label` in the files: their centroids, else the middle of their nodes."""
    label = _zone_labels(nodes)
    member = np.flatnonzero(label != "")
    if not len(member):
        raise _fault(path, _("no node belongs to a zone"), "zone_id", _("fill the column for some nodes"))
    labels, of = np.unique(label[member].astype(str), return_inverse=True)
    middle = np.stack([np.bincount(of, xy[member, axis]) / np.bincount(of) for axis in (0, 1)], axis=1)
    ids = np.array([f"zone {name}" for name in labels], dtype=object)
    told = labels.astype(object)
    central = _texts(nodes, "node_type")[member] == CENTROID
    # The first centroid of a zone is its middle; a second one would be a node like any other.
    zone, first = np.unique(of[central], return_index=True)
    hub = member[central][first]
    ids[zone], middle[zone] = names[hub], xy[hub]
    title = _texts(nodes, "name")[hub]
    told[zone] = np.where(title != "", title, told[zone])
    return layer({"zone_id": ids, "name": told, "label": labels.astype(object)}, shapely.points(middle), crs)


def _joins(
    nodes: pd.DataFrame, names: NDArray[np.object_], xy: Floats, zones: gpd.GeoDataFrame, linked: set[str]
) -> pd.DataFrame:
    """Return connectors between the zones that no link touches and their nodes."""
    of = zones.reset_index().set_index("label")["index"].reindex(_zone_labels(nodes), fill_value=-1).to_numpy()
    ids = zones["zone_id"].to_numpy(dtype=object)
    apart = ~zones["zone_id"].isin(linked).to_numpy()
    rows = np.flatnonzero((of >= 0) & apart[of] & (names != ids[of]))
    at = shapely.get_coordinates(zones.geometry.to_numpy())
    return connectors(ids[of[rows]], names[rows], at[of[rows]], xy[rows], pyproj.CRS(zones.crs))


def _zone_labels(nodes: pd.DataFrame) -> NDArray[np.object_]:
    """Return the zone of each node, empty where it has none."""
    label = _texts(nodes, "zone_id")
    return np.where(label == "0", "", label)


def _texts(table: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a column of texts, empty where the table has none."""
    if name not in table.columns:
        return np.full(len(table), "", dtype=object)
    told = table[name].astype(object)
    return told.where(told.notna(), "").astype(str).to_numpy(dtype=object)


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


def _config(path: Path) -> dict[str, str]:
    """Return what the configuration states."""
    if not path.is_file():
        return {}
    rows = read_delimited(path).head(1).to_dict("records")
    return {str(name): str(value).strip() for row in rows for name, value in row.items() if value}


def _units(config: dict[str, str], path: Path) -> tuple[float, float]:
    """Return the metres of a unit of length and the km/h of one of speed."""
    length, speed = config.get("long_length", "km"), config.get("speed", "kph")
    for name, known, word in (("long_length", LENGTHS, length), ("speed", _SPEEDS, speed)):
        if word not in known:
            raise _fault(
                path, _("an unknown unit"), name, _("known ones: {names}").format(names=", ".join(known)), word
            )
    return LENGTHS[length], _SPEEDS[speed]


def _crs(config: dict[str, str], path: Path) -> pyproj.CRS | None:
    if "crs" not in config:
        return None
    try:
        return parse_crs(config["crs"])
    except ValueError as error:
        raise _fault(path, str(error), "crs") from None


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
    drawn = lines(xy[ends[0]], xy[ends[1]], crs)
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
            "facility_type": _texts(table, "facility_type"),
            "length": _numbers(table, "length", path, need=False) * metres,
            "lanes": lanes,
            "speed": _numbers(table, "free_speed", path, need=False) * speed_unit,
            "capacity": capacity * lanes,
        },
        drawn,
        crs,
    )
    for ours, theirs in DELAY.items():
        if theirs in table.columns:
            frame[ours] = _numbers(table, theirs, path, need=False)
    if "directed" not in table.columns:
        return frame
    both = ~table["directed"].astype(str).str.lower().isin(("1", "true", "yes", "1.0")).to_numpy()
    back = frame[both].rename(columns={"from_node": "to_node", "to_node": "from_node"})
    back = back.assign(link_id=back["link_id"] + "-").set_geometry(shapely.reverse(back.geometry.to_numpy()), crs=crs)
    return gpd.GeoDataFrame(pd.concat([frame, back[frame.columns]], ignore_index=True), crs=crs)


def _demand(path: Path, zones: dict[str, str], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    table = _table(path, ("o_zone_id", "d_zone_id", "volume"))
    trips = _numbers(table, "volume", path)
    if (trips < 0.0).any():
        row = int(np.flatnonzero(trips < 0.0)[0])
        raise _fault(path, _("trips are negative"), "volume", _("state zero or more"), str(trips[row]), row + 2)
    ends = []
    for column in ("o_zone_id", "d_zone_id"):
        named = table[column].astype(str)
        lost = ~named.isin(list(zones)).to_numpy()
        if lost.any():
            row = int(np.flatnonzero(lost)[0])
            hint = _("name a zone of « node.csv »")
            raise _fault(path, _("trips of a zone that does not exist"), column, hint, str(named.iloc[row]), row + 2)
        ends.append(named.map(zones).to_numpy(dtype=object))
    return demand(ends[0], ends[1], trips, crs)

"""Reads networks and demand in the General Modeling Network Specification: node.csv, link.csv, demand.csv.

Of the specification (https://github.com/zephyr-data-specs/GMNS) the columns node_id, name, x_coord, y_coord, node_type,
zone_id; link_id, from_node_id, to_node_id, directed, geometry, geometry_id, dir_flag, length, facility_type,
free_speed, lanes, capacity, allowed_uses; of common use, o_zone_id, d_zone_id, volume for demand and vdf_alpha,
vdf_beta for the volume-delay function. Units and CRS come from config.csv; capacity is per hour and lane. Links where
no car may go are left out. The specification says nothing of demand: of what hours its trips are is stated, never
guessed. A node of type `centroid` is its zone, and the links that touch it are its connectors; where no link does, and
in zones without a centroid, connectors are made to the nodes of the zone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.errors import Problem
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.formats.frames import connectors, demand, layer
from jumeau.networks.mobility.formats.gmns_config import read_config
from jumeau.networks.mobility.formats.gmns_links import links_of
from jumeau.networks.mobility.formats.gmns_table import Faults, Table
from jumeau.networks.mobility.formats.period import DAY, Period, unknown_period
from jumeau.sources.imported import Imported, observed_columns

Floats = NDArray[np.float64]

#: Type of the node that stands for its zone.
CENTROID = "centroid"
#: Types of the links between zones and streets, and of a street of no known class.
CONNECTORS = ("centroid_connector", "connector")
STREET = "street"


def read_gmns(folder: Path, crs: pyproj.CRS, period: Period | None = None, encoding: str | None = None) -> Imported:
    """Read the folder of a network.

    Parameters
    ----------
    folder : Path
    crs : pyproj.CRS
        Of the coordinates, where `config.csv` states none.
    period : Period, optional
        That the trips are those of, where no file states it.
    encoding : str, optional
        Of the tables; UTF-8 by default.

    Raises
    ------
    InputError
        With all that is wrong: missing files or columns, identifiers given twice, numbers that cannot be read, links to
        nodes that do not exist, links without capacity, negative trips, trips of unknown zones or of unknown hours.
    """
    faults = Faults()
    config = read_config(folder, faults, encoding)
    nodes = Table.read(folder / "node.csv", ("node_id", "x_coord", "y_coord"), faults, encoding)
    links = Table.read(folder / "link.csv", ("link_id", "from_node_id", "to_node_id"), faults, encoding)
    told = config.crs is not None
    crs = config.crs or crs
    names = nodes.identifiers("node_id")
    xy = np.stack([nodes.numbers(name, needed=True) for name in ("x_coord", "y_coord")], axis=1)
    if not told:
        _check_degrees(nodes, xy, crs)
    if len(nodes):
        made = links_of(links, names, xy, config, crs, encoding)
    zones = _zones(nodes, names, xy, crs)
    trips = None
    if (folder / "demand.csv").is_file():
        trips = _demand(folder / "demand.csv", zones, config.period or period, faults, encoding, crs)
    else:
        faults.notes.append(_("no « demand.csv »: nobody drives until « traffic_demand » is given"))
    faults.stop()
    made = _classified(made, set(zones["zone_id"]) & set(names))
    joins = _joins(nodes, names, xy, zones, set(made["from_node"]) | set(made["to_node"]))
    layers = {
        "traffic_links": gpd.GeoDataFrame(pd.concat([made, joins], ignore_index=True), geometry="geometry", crs=crs),
        "traffic_zones": zones.drop(columns="label"),
    }
    if trips is not None:
        layers["traffic_demand"] = trips
    return Imported(layers, observed_columns(layers, "GMNS"), tuple(faults.notes), tuple(faults.warnings))


def _check_degrees(nodes: Table, xy: Floats, crs: pyproj.CRS) -> None:
    """Warn where coordinates that are taken as metres are most probably degrees."""
    if crs.is_geographic or not len(xy) or np.isnan(xy).any():
        return
    if np.abs(xy[:, 0]).max() <= 180.0 and np.abs(xy[:, 1]).max() <= 90.0 and np.ptp(xy, axis=0).max() < 5.0:
        message = _("the coordinates look like degrees, and are taken as {crs}").format(crs=crs.to_string())
        hint = _("state « crs » in config.csv, or in the import: EPSG:4326 for degrees")
        nodes.faults.warnings.append(
            Problem(message, hint=hint, file=str(nodes.path), column="x_coord", value=f"{xy[0, 0]:g}", warning=True)
        )


def _classified(links: gpd.GeoDataFrame, hubs: set[str]) -> gpd.GeoDataFrame:
    """Return the links with their kind and class by their type; those without one that touch a centroid join it."""
    said = links["facility_type"]
    touching = links["from_node"].isin(hubs) | links["to_node"].isin(hubs)
    joining = said.isin(CONNECTORS) | ((said == "") & touching)
    found = links.drop(columns="facility_type")
    found.insert(found.columns.get_loc("to_node") + 1, "kind", np.where(joining, "connector", STREET))
    classes = said.where(~joining & ~said.isin(("", STREET)), None)
    return found.assign(road_class=classes) if classes.notna().any() else found


def _zones(nodes: Table, names: NDArray[np.object_], xy: Floats, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the zones, with their `label` in the files: their centroids, else the middle of their nodes."""
    label = _zone_labels(nodes)
    member = np.flatnonzero(label != "")
    if not len(member):
        nodes.faults.problems.append(
            Problem(
                _("no node belongs to a zone: trips have nowhere to start or end"),
                hint=_("fill the column for some nodes"),
                file=str(nodes.path),
                column="zone_id",
            )
        )
    labels, of = np.unique(label[member].astype(str), return_inverse=True)
    middle = np.stack([np.bincount(of, xy[member, axis]) / np.bincount(of) for axis in (0, 1)], axis=1)
    ids = np.array([f"zone {name}" for name in labels], dtype=object)
    told = labels.astype(object)
    central = nodes.texts("node_type")[member] == CENTROID
    # The first centroid of a zone is its middle; a second one would be a node like any other.
    zone, first = np.unique(of[central], return_index=True)
    hub = member[central][first]
    ids[zone], middle[zone] = names[hub], xy[hub]
    title = nodes.texts("name")[hub]
    told[zone] = np.where(title != "", title, told[zone])
    return layer({"zone_id": ids, "name": told, "label": labels.astype(object)}, shapely.points(middle), crs)


def _joins(
    nodes: Table, names: NDArray[np.object_], xy: Floats, zones: gpd.GeoDataFrame, linked: set[str]
) -> pd.DataFrame:
    """Return connectors between the zones that no link touches and their nodes."""
    of = zones.reset_index().set_index("label")["index"].reindex(_zone_labels(nodes), fill_value=-1).to_numpy()
    ids = zones["zone_id"].to_numpy(dtype=object)
    apart = ~zones["zone_id"].isin(linked).to_numpy()
    # A node that no road touches joins its zone to nothing.
    touched = np.isin(names.astype(str), np.array(sorted(linked), dtype=str))
    rows = np.flatnonzero((of >= 0) & apart[of] & (names != ids[of]) & touched)
    at = shapely.get_coordinates(zones.geometry.to_numpy())
    return connectors(ids[of[rows]], names[rows], at[of[rows]], xy[rows], pyproj.CRS(zones.crs))


def _zone_labels(nodes: Table) -> NDArray[np.object_]:
    """Return the zone of each node, empty where it has none."""
    label = nodes.texts("zone_id")
    return np.where(label == "0", "", label)


def _demand(
    path: Path,
    zones: gpd.GeoDataFrame,
    period: Period | None,
    faults: Faults,
    encoding: str | None,
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame | None:
    """Return the trips of a period; None where anything is wrong, which is noted."""
    before = len(faults.problems)
    table = Table.read(path, ("o_zone_id", "d_zone_id", "volume"), faults, encoding)
    trips = table.numbers("volume", needed=True)
    table.tell(trips < 0.0, "volume", _("trips are negative"), _("state zero or more"))
    known = dict(zip(zones["label"], zones["zone_id"], strict=True))
    ends = []
    for column in ("o_zone_id", "d_zone_id") if known else ():
        hint = _("name a zone of « node.csv »")
        ends.append(table.references(column, known, _("trips of a zone that does not exist"), hint))
    if period is None:
        # The specification leaves it open; capacities are those of an hour whatever it is.
        period = Period(DAY, None)
        message = _("nothing says of what period the trips are: taken as those of a mean day")
        faults.warnings.append(replace(unknown_period(path), message=message, warning=True))
    if len(faults.problems) > before or not ends:
        return None
    message = _("{file}: {count} trips, of {period}")
    faults.notes.append(message.format(file=path.name, count=format_number(float(trips.sum())), period=period.title))
    named = [np.array([known[name] for name in end], dtype=object) for end in ends]
    return demand(named[0], named[1], trips, period, crs)

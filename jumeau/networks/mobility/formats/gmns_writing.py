"""Writes networks and demand in the General Modeling Network Specification; see `gmns` for what is read back.

Lanes are written whole, as the specification wants them, and capacities per lane so that the total stays. Trips there
and back are written as one-way trips, half each way, and trucks among the vehicles. What the specification has no place
for (residents, jobs, cycleways, roads closed to trucks) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.files import atomic
from jumeau.i18n import _
from jumeau.networks.mobility.formats.gmns import CENTROID, CONNECTORS, STREET
from jumeau.networks.mobility.formats.gmns_config import PERIOD
from jumeau.networks.mobility.formats.gmns_links import DELAY
from jumeau.networks.mobility.formats.period import DAY, Period

#: Kinds of demand whose trips go there and back.
_BOTH_WAYS = ("commute", "other")

#: Decimals of coordinates in metres.
_DECIMALS = 3


def write_gmns(layers: Mapping[str, gpd.GeoDataFrame], folder: Path) -> list[Path]:
    """Write a network, and its demand where there is one; the same layers give the same bytes.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        `traffic_links`, `traffic_zones` and, where it exists, `traffic_demand`, in metres.
    folder : Path
        Made where it does not exist; files of the same names are replaced.

    Raises
    ------
    InputError
        When the folder cannot be written to, or trips name a zone that does not exist, or are of different hours.
    """
    links, zones = layers["traffic_links"], layers["traffic_zones"]
    labels = _labels(texts(zones, "zone_id"))
    period = _period(layers["traffic_demand"]) if "traffic_demand" in layers else None
    tables = {"config.csv": _config(links, period), "node.csv": _nodes(links, zones, labels), "link.csv": _links(links)}
    if "traffic_demand" in layers:
        known = dict(zip(texts(zones, "zone_id"), labels, strict=True))
        tables["demand.csv"] = _demand(layers["traffic_demand"], known)
    written = [_written(table, folder / name) for name, table in tables.items()]
    if "demand.csv" not in tables:
        # That of another network would be taken for this one's.
        (folder / "demand.csv").unlink(missing_ok=True)
    return written


def _written(table: pd.DataFrame, path: Path) -> Path:
    return atomic(path, lambda target: table.to_csv(target, index=False, lineterminator="\n", float_format="%.12g"))


def _labels(ids: NDArray[np.object_]) -> list[str]:
    """Return what zones are called in the files: without the word that reading puts before, where that is plain."""
    bare = [str(name).removeprefix("zone ") for name in ids]
    plain = len(set(bare)) == len(bare) and not {"", "0"} & set(bare)
    return bare if plain else [f"zone {name}" for name in ids]


def _config(links: gpd.GeoDataFrame, period: Period | None) -> pd.DataFrame:
    crs = links.crs.to_string()
    units = {"short_length": "m", "long_length": "km", "speed": "kph"}
    told = {} if period is None else {PERIOD: str(period)}
    return pd.DataFrame([{"dataset_name": "Jumeau", **units, "crs": crs, "geometry_field_format": "WKT", **told}])


def _period(demand: gpd.GeoDataFrame) -> Period:
    """Return the hours that all trips are those of; one table of GMNS has no others."""
    hours = numbers(demand, "hours", DAY)
    first = np.where(hours < DAY, numbers(demand, "first_hour", -1.0), -1.0)
    told = np.unique(np.stack([hours, first], axis=1), axis=0)
    if len(told) > 1:
        hint = _("one table of GMNS holds trips of the same hours: write them apart")
        raise InputError(Problem(_("trips of different hours"), hint, layer="traffic_demand", column="hours"))
    length, start = told[0] if len(told) else (DAY, -1.0)
    return Period(float(length), None if start < 0.0 else float(start))


def _nodes(links: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, labels: list[str]) -> pd.DataFrame:
    """Return the zones, then the other nodes: where their streets end, or their connectors where they have none."""
    shapes = links.geometry.to_numpy()
    ends = pd.concat(
        [
            pd.DataFrame({"node_id": texts(links, column), "x_coord": shapely.get_x(at), "y_coord": shapely.get_y(at)})
            for column, at in (
                ("from_node", shapely.get_point(shapes, 0)),
                ("to_node", shapely.get_point(shapes, -1)),
            )
        ]
    )
    street = np.tile(texts(links, "kind", STREET) != "connector", 2)
    ends = ends[street | ~ends["node_id"].isin(ends["node_id"][street]).to_numpy()]
    others = ends[~ends["node_id"].isin(texts(zones, "zone_id"))].groupby("node_id", sort=False).mean()
    points = zones.geometry.to_numpy()
    own = pd.DataFrame(
        {
            "node_id": texts(zones, "zone_id"),
            "name": texts(zones, "name"),
            "x_coord": shapely.get_x(points),
            "y_coord": shapely.get_y(points),
            # What may be passed is a node like any other: a centroid is none.
            "node_type": np.where(flags(zones, "through"), "", CENTROID),
            "zone_id": labels,
        }
    )
    return pd.concat([own, others.reset_index()], ignore_index=True).round(_DECIMALS)


def _links(links: gpd.GeoDataFrame) -> pd.DataFrame:
    lanes = np.ceil(numbers(links, "lanes"))
    street = texts(links, "kind", STREET) != "connector"
    road = texts(links, "road_class")
    return pd.DataFrame(
        {
            "link_id": texts(links, "link_id"),
            "from_node_id": texts(links, "from_node"),
            "to_node_id": texts(links, "to_node"),
            "directed": 1,
            "dir_flag": 1,
            "length": numbers(links, "length") / 1000.0,
            "facility_type": np.where(street, np.where(road == "", STREET, road), CONNECTORS[0]),
            "capacity": numbers(links, "capacity") / np.where(np.isnan(lanes), 1.0, lanes),
            "free_speed": numbers(links, "speed"),
            "lanes": pd.array(lanes, dtype="Int64"),
            **{theirs: numbers(links, ours) for ours, theirs in DELAY.items()},
            "geometry": shapely.to_wkt(links.geometry.to_numpy(), rounding_precision=_DECIMALS),
        }
    )


def _demand(demand: gpd.GeoDataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return one-way vehicles of the hours that the layer holds."""
    ends = []
    for column in ("origin", "destination"):
        named = pd.Series(texts(demand, column))
        lost = ~named.isin(list(labels)).to_numpy()
        if lost.any():
            ids = tuple(texts(demand, "demand_id")[lost].astype(str))
            hint = _("name a zone of « traffic_zones », or add it there")
            problem = Problem(_("trips of a zone that does not exist"), hint, layer="traffic_demand", column=column,
                              features=ids, value=str(named[lost].iloc[0]))  # fmt: skip
            raise InputError(problem)
        ends.append(named.map(labels).to_numpy(dtype=object))
    trips = numbers(demand, "trips", 0.0)
    both = np.isin(texts(demand, "kind", "direct"), _BOTH_WAYS)
    there = pd.DataFrame({"o_zone_id": ends[0], "d_zone_id": ends[1], "volume": np.where(both, trips / 2.0, trips)})
    back = there[both].rename(columns={"o_zone_id": "d_zone_id", "d_zone_id": "o_zone_id"})
    return pd.concat([there, back]).groupby(["o_zone_id", "d_zone_id"], sort=False).sum().reset_index()

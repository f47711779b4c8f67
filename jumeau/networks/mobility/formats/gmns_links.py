"""The links of a GMNS network as the layer of traffic holds them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.i18n import _, format_significant
from jumeau.networks.mobility.formats.frames import layer, lines
from jumeau.networks.mobility.formats.gmns_config import GEOJSON, Config
from jumeau.networks.mobility.formats.gmns_table import Table
from jumeau.networks.mobility.formats.gmns_uses import for_cars

Floats = NDArray[np.float64]

#: Columns of the volume-delay function: ours and those in common use.
DELAY = {"b": "vdf_alpha", "power": "vdf_beta"}

_YES, _NO = ("1", "true", "yes", "t", "y", "1.0"), ("0", "false", "no", "f", "n", "0.0")


def links_of(
    table: Table, names: NDArray[np.object_], xy: Floats, config: Config, crs: pyproj.CRS, encoding: str | None
) -> gpd.GeoDataFrame:
    """Return the links that cars may use, with the column `facility_type`; what is wrong goes to the table's faults.

    Parameters
    ----------
    table : Table
        `link.csv`.
    names : ndarray of str, shape (n,)
        Of the nodes.
    xy : ndarray, shape (n, 2)
    config : Config
    crs : pyproj.CRS
    encoding : str or None
        Of the tables beside it.
    """
    table.identifiers("link_id")
    table = table.only(for_cars(table, table.path.with_name("use_group.csv"), encoding))
    known = set(names)
    message = _("the link names a node that does not exist")
    ends = [table.references(name, known, message) for name in ("from_node_id", "to_node_id")]
    place = {name: row for row, name in enumerate(names)}
    there = [np.array([place.get(name, -1) for name in end], dtype=np.int64) for end in ends]
    drawn = _geometries(table, there, xy, config, crs, encoding)
    length = table.numbers("length", least=0.0) * config.metres
    lanes, capacity = _room(table)
    speed = table.numbers("free_speed", least=0.0) * config.speed
    message = _("the speed without traffic is missing: the default is taken")
    table.tell(table.texts("free_speed") == "", "free_speed", message, warning=True)
    frame = layer(
        {
            "link_id": table.texts("link_id"),
            "from_node": ends[0],
            "to_node": ends[1],
            "facility_type": table.texts("facility_type"),
            "length": length,
            "lanes": lanes,
            "speed": speed,
            "capacity": capacity,
        },
        drawn,
        crs,
    )
    for ours, theirs in DELAY.items():
        if table.has(theirs):
            frame[ours] = table.numbers(theirs, least=0.0)
    _doubtful_units(table, length, drawn, crs)
    return _both_ways(frame, table, crs)


def _room(table: Table) -> tuple[Floats, Floats]:
    """Return the lanes of each link, and its capacity over all of them [pcu/h].

    The specification states capacities per hour and lane. A link without one gets its lanes times the flow of a lane
    during green when it is simulated, which is told.
    """
    lanes, capacity = table.numbers("lanes", least=0.0), table.numbers("capacity")
    message = _("the number of lanes is missing: one is taken")
    table.tell(table.texts("lanes") == "", "lanes", message, warning=True)
    hint = _("state a capacity above zero, or take the link away")
    table.tell(capacity <= 0.0, "capacity", _("the link has no capacity"), hint)
    table.tell(
        table.texts("capacity") == "",
        "capacity",
        _("the capacity is missing: lanes times the saturation flow are taken, far more than most streets carry"),
        _("fill the column (vehicles per hour and lane), or set the factor `saturation_flow`"),
        warning=True,
    )
    lanes = np.where(np.isnan(lanes), 1.0, lanes)
    return lanes, capacity * lanes


def _geometries(
    table: Table, there: list[NDArray[np.int64]], xy: Floats, config: Config, crs: pyproj.CRS, encoding: str | None
) -> NDArray[np.object_]:
    """Return the line of each link, along its way: its own, else that of `geometry.csv`, else a straight one."""
    points = np.concatenate([xy, np.zeros((1, 2))])  # the row -1 is a node that does not exist, and told elsewhere
    drawn = lines(points[there[0]], points[there[1]], crs)
    read = shapely.from_geojson if config.geometry == GEOJSON else shapely.from_wkt
    for column, told in (("geometry_id", _apart(table, encoding)), ("geometry", table.texts("geometry"))):
        rows = np.flatnonzero(told != "")
        shapes = np.asarray(read(told[rows], on_invalid="ignore"), dtype=object)
        pieces = shapely.get_type_id(shapes) == shapely.GeometryType.MULTILINESTRING
        shapes[pieces] = shapely.line_merge(shapes[pieces])
        fit = (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING) & (shapely.get_num_points(shapes) > 1)
        bad = np.zeros(len(table), dtype=bool)
        bad[rows[~fit]] = True
        table.tell(bad, column, _("not a line, in {format}").format(format=config.geometry.upper()))
        drawn[rows[fit]] = shapes[fit]
    back = np.isin(table.texts("dir_flag").astype(str), ("-1", "-1.0"))
    drawn[back] = shapely.reverse(drawn[back])
    return drawn


def _apart(table: Table, encoding: str | None) -> NDArray[np.object_]:
    """Return the text of each link's geometry in `geometry.csv`, empty where it has its own or none."""
    path = table.path.with_name("geometry.csv")
    if not path.is_file() or not table.has("geometry_id"):
        return np.full(len(table), "", dtype=object)
    shapes = Table.read(path, ("geometry_id", "geometry"), table.faults, encoding)
    known = dict(zip(shapes.texts("geometry_id"), shapes.texts("geometry"), strict=True))
    wanted = np.where(table.texts("geometry") == "", table.texts("geometry_id"), "")
    message = _("the link names a geometry that does not exist: a straight line is drawn")
    table.tell(np.array([name not in known and name != "" for name in wanted]), "geometry_id", message, warning=True)
    return np.array([known.get(name, "") for name in wanted], dtype=object)


def _doubtful_units(table: Table, length: Floats, drawn: NDArray[np.object_], crs: pyproj.CRS) -> None:
    """Warn where lengths are not those of the drawing: their unit is probably another one."""
    if crs.is_geographic:
        geod = crs.get_geod()
        along = np.array([geod.geometry_length(shape) for shape in drawn]) if geod is not None else np.zeros(len(drawn))
    else:
        along = shapely.length(drawn) * crs.axis_info[0].unit_conversion_factor
    known = (length > 0.0) & (along > 1.0)
    if not known.any():
        return
    times = float(np.median(length[known] / along[known]))
    if not 1.0 / 3.0 <= times <= 3.0:
        message = _("links are {times} times as long as they are drawn: the unit of length is probably another one")
        message = message.format(times=format_significant(times, 2))
        table.tell(known, "length", message, _("correct `long_length` of config.csv"), warning=True)


def _both_ways(frame: gpd.GeoDataFrame, table: Table, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the links, those that are not directed both ways; the way back has a `-` behind its name."""
    if not table.has("directed"):
        table.faults.notes.append(_("{file}: no column « directed », links run one way").format(file=table.path.name))
        return frame
    said = np.array([text.lower() for text in table.texts("directed")], dtype=object)
    both = np.isin(said.astype(str), _NO)
    table.tell(~both & ~np.isin(said.astype(str), _YES), "directed", _("neither true nor false"))
    back = frame[both].rename(columns={"from_node": "to_node", "to_node": "from_node"})
    taken = set(frame["link_id"])
    ids = []
    for name in back["link_id"]:
        other = f"{name}-"
        while other in taken:
            other += "-"
        taken.add(other)
        ids.append(other)
    back = back.assign(link_id=ids).set_geometry(shapely.reverse(back.geometry.to_numpy()), crs=crs)
    return gpd.GeoDataFrame(pd.concat([frame, back[frame.columns]], ignore_index=True), crs=crs)

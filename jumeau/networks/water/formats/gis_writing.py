"""Writes our layers in the form of RAEPA or StaR-Eau: the standard's layers, columns and codes, and an extension."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.geopackage import write_geopackage
from jumeau.networks.water.formats.gis_tables import EXTENSION, EXTRA_TABLE, Mapped, codes, mapped

#: Columns that are the standard's alone and the same for every feature.
CONSTANTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "raepa": {
        "RAEPA_CANALAEP_L": {"enservice": "O", "branchemnt": "N", "modecirc": "02", "contcanaep": "02"},
    },
    "stareau": {"aep_canalisation": {"etat_service": "en_service", "contenu_canalisation": "eau_potable"}},
}

_TABLES = ("water_demands", "water_patterns", "water_curves", "water_controls", "water_settings", "water_file")

#: Whole numbers in the standards.
_WHOLE = {"diametre", "longcana", "nbranche", "anfinpose", "diametre_equivalent", "an_pose_sup", "an_pose_inf"}


def write_gis(standard: str, layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    """Write a GeoPackage in the form of a standard.

    What the standard has no column for stands in columns whose names start with an underscore and in plain tables
    `_hydraulique_…`, so that a network read back has the same hydraulics.

    Parameters
    ----------
    standard : str
        `raepa` or `stareau`.
    layers : mapping of str to GeoDataFrame
    path : Path
        GeoPackage to write.
    """
    layers = {**layers, **_beside(layers)}
    frames: dict[str, list[gpd.GeoDataFrame]] = {}
    done: set[str] = set()
    for item in mapped(standard):
        frame = layers.get(item.ours)
        # A layer of ours goes to the first layer of the standard that may hold it.
        if frame is None or not len(frame) or item.ours in done:
            continue
        done.add(item.ours)
        frames.setdefault(item.layer, []).append(_written(standard, frame, item))
    tables = {
        EXTRA_TABLE + name.removeprefix("water_"): pd.DataFrame(layers[name].drop(columns="geometry"))
        for name in _TABLES
        if name in layers and len(layers[name])
    }

    whole = {
        name: gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs) for name, parts in frames.items()
    }
    return [write_geopackage(path, whole | tables)]


def _beside(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return pumps and valves with a pipe ahead of and one behind each of them, where there is one, and a height."""
    pipes = layers.get("water_pipes")
    if pipes is None:
        return {}
    at: dict[str, str] = {}
    for column in ("from_node", "to_node"):
        at |= dict(zip(pipes[column].astype(str), pipes["pipe_id"].astype(str), strict=True))
    junctions = layers.get("water_junctions")
    heights: dict[str, float] = {}
    if junctions is not None and "elevation" in junctions:
        heights = dict(zip(junctions["node_id"].astype(str), junctions["elevation"], strict=True))
    found = {}
    # What a valve is set to is the pressure behind it.
    for name, end in (("water_pumps", "from_node"), ("water_valves", "to_node")):
        if name in layers and len(layers[name]):
            frame = layers[name]
            first, last = (frame[column].astype(str) for column in ("from_node", "to_node"))
            height = pd.to_numeric(frame[end].astype(str).map(heights))
            found[name] = frame.assign(_upstream=first.map(at), _downstream=last.map(at), _height=height)
    return found


def _written(standard: str, frame: gpd.GeoDataFrame, item: Mapped) -> gpd.GeoDataFrame:
    """Return the features with the standard's columns, then those of the extension."""
    found: dict[str, Any] = {}
    for column in item.columns:
        if column.ours in frame:
            found[column.column] = _coded(standard, frame[column.ours] / column.factor, column.codes) if (
                column.factor != 1.0
            ) else _coded(standard, frame[column.ours], column.codes)  # fmt: skip
    if item.selector.columns:
        found[item.selector.columns[0]] = item.selector.codes[0]
    found |= CONSTANTS.get(standard, {}).get(item.layer, {})
    for name in _WHOLE & set(found):
        found[name] = pd.to_numeric(pd.Series(found[name])).round().astype("Int64").to_numpy()
    exact = {column.ours for column in item.columns if not column.codes and column.column not in _WHOLE} - {"setting"}
    table = pd.DataFrame(found, index=frame.index)
    for name in frame.columns:
        own = str(name).startswith(EXTENSION) or str(name).endswith("_origin")
        if name != "geometry" and name not in exact and not own and frame[name].notna().any():
            table[EXTENSION + str(name)] = frame[name]
    shapes = frame.geometry.to_numpy()
    if item.ours in ("water_pumps", "water_valves"):
        # The standards draw them as points on the network.
        shapes = shapely.line_interpolate_point(shapes, 0.5, normalized=True)
    if item.layer == "RAEPA_REPARAEP_P" or item.layer.startswith(("RAEPA_APPAR", "RAEPA_OUVR")):
        xy = shapely.get_coordinates(shapes)
        table["x"], table["y"] = np.round(xy[:, 0], 3), np.round(xy[:, 1], 3)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=frame.crs)


def _coded(standard: str, values: pd.Series[Any], name: str) -> Any:
    if not name:
        return values.to_numpy()
    table = codes(standard, name).written
    unknown = table.get("", table.get("other"))
    return values.map(lambda value: table.get(str(value), unknown) if pd.notna(value) else unknown).to_numpy(
        dtype=object
    )

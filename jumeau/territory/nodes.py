"""End nodes of streets: ids that the source gives are kept where the geometry agrees with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import no_value
from jumeau.territory.completion import Rule, fill, lay_out
from jumeau.territory.graph import end_nodes
from jumeau.territory.model import Territory

Names = NDArray[np.object_]
ENDS = ("from_node", "to_node")

#: End points closer than this are one crossing [m].
TOLERANCE = 0.5


@dataclass(frozen=True)
class NodesReport:
    """What the end nodes of the source were worth.

    Attributes
    ----------
    nodes : int
        Crossings and ends found.
    given : int
        Street ends that came with a node id.
    refused : tuple of str
        Streets of which a given node id contradicts the geometry; it was replaced.
    """

    nodes: int
    given: int
    refused: tuple[str, ...]


def with_nodes(territory: Territory) -> tuple[Territory, NodesReport]:
    """Return the territory with end nodes for all streets and the layer `street_nodes`.

    End points within 0.5 m are one node. It takes the id that most of its streets give it, if no place with more
    street ends has taken it; else an id is made. So one id is one place, and one place has one id: ids of files
    are known to be exchanged between the two ends of a street, or given twice. Directions are those of the
    geometry, never those of the ids.
    """
    streets = territory.layer("streets")
    bare = streets.drop(columns=list(ENDS), errors="ignore")
    ends = end_nodes(bare, TOLERANCE)
    places = np.concatenate([ends.start, ends.end])
    given = np.concatenate([_column(streets, name) for name in ENDS])
    names = _names(places, given)
    taken = pd.notna(given)
    agrees = taken & (names == given)
    contradicted = (taken & ~agrees).reshape(2, -1).any(axis=0)
    before = territory.columns.query("layer == 'streets' and column == 'geometry'")
    said = {key: str(before[key].iloc[0]) if len(before) else "" for key in ("source", "licence", "date")}
    given[~agrees] = None
    kept = dict(zip(ENDS, given.reshape(2, -1), strict=True))
    territory = territory.with_layers({"streets": streets.assign(**kept)})
    for name, found in zip(ENDS, names.reshape(2, -1), strict=True):
        territory = fill(territory, "streets", name, found, Rule(f"end points within: {TOLERANCE:g} m", **said))
    shapes = streets.geometry.to_numpy()
    points = shapely.get_coordinates(np.concatenate([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)]))
    unique, first = np.unique(names.astype(str), return_index=True)
    nodes = gpd.GeoDataFrame(
        {"node_id": unique.astype(object)}, geometry=gpd.points_from_xy(*points[first].T), crs=territory.crs
    )
    text = f"read from the source where the geometry agrees; elsewhere end points within: {TOLERANCE:g} m"
    rules = {
        "node_id": Rule(text, **said),
        "geometry": Rule("end points of the streets", "observed", **said),
    }
    territory = lay_out(territory, {"street_nodes": nodes}, {"street_nodes": rules})
    refused = tuple(streets.loc[contradicted, "street_id"].astype(str))
    return territory, NodesReport(len(nodes), int(taken.sum()), refused)


def _column(streets: gpd.GeoDataFrame, name: str) -> Names:
    if name not in streets.columns:
        return np.full(len(streets), None, dtype=object)
    return np.asarray(streets[name].where(~no_value(streets[name]), None), dtype=object)


def _names(places: Names, given: Names) -> Names:
    """Return one id per place: pairs of place and given id are matched, those of most street ends first."""
    pairs = pd.DataFrame({"place": places, "given": given}).dropna()
    chosen: dict[Any, Any] = {}
    if len(pairs):
        counts = pairs.groupby(["place", "given"], sort=True).size().rename("ends").reset_index()
        counts = counts.sort_values(["ends", "place", "given"], ascending=[False, True, True])
        taken: set[Any] = set()
        for place, name in zip(counts["place"], counts["given"], strict=True):
            if place not in chosen and name not in taken:
                chosen[place] = name
                taken.add(name)
    used = set(chosen.values())
    for place in dict.fromkeys(places):
        if place not in chosen:
            name = str(place)
            while name in used:
                name += "_"
            chosen[place] = name
            used.add(name)
    return np.array([chosen[place] for place in places], dtype=object)

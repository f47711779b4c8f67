"""Fills what follows from what a territory has: street nodes, widths by class, heights by use, nearest streets.

Everything is flagged as imputed, with its rule; figures come from `defaults.csv`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.territory.completion import Rule, fill
from jumeau.territory.graph import street_parts
from jumeau.territory.model import Territory
from jumeau.territory.nodes import with_nodes
from jumeau.territory.noding import without_node

Notes = tuple[str, ...]
Warnings = tuple[Problem, ...]

DEFAULTS = Path(__file__).with_name("defaults.csv")


def derive(territory: Territory) -> tuple[Territory, Notes, Warnings]:
    """Return the territory with what follows from its layers, notes, and warnings.

    Parameters
    ----------
    territory : Territory
        With any of the layers `streets`, `buildings`, `addresses`.
    """
    factors = FactorTable.read(DEFAULTS)
    notes: list[str] = []
    warnings: list[Problem] = []
    if territory.has("streets"):
        territory, report = with_nodes(territory)
        notes.append(
            _("streets: {nodes} nodes, {given} street ends with an id of the source").format(
                nodes=format_number(report.nodes), given=format_number(report.given)
            )
        )
        notes += _parts(territory)
        if report.refused:
            warnings.append(
                Problem(
                    _("node ids of the source contradict the geometry; they were rebuilt"),
                    layer="streets",
                    column="from_node, to_node",
                    features=report.refused,
                    hint=_("nothing to do, unless the source can be corrected"),
                )
            )
        warnings += without_node(territory.layers["streets"])
        territory = street_defaults(territory, factors)
    if territory.has("buildings"):
        territory = building_heights(territory, factors)
    if territory.has("addresses") and territory.has("streets"):
        territory = address_streets(territory, factors.value("address_reach"))
    return territory, tuple(notes), tuple(warnings)


def _parts(territory: Territory) -> list[str]:
    """Return what is to be told of streets that hang apart."""
    streets = territory.layers["streets"]
    parts = street_parts(streets)
    length = np.bincount(parts, shapely.length(streets.geometry.to_numpy()))
    if len(length) < 2 or not np.isfinite(length).all() or not length.sum() > 0.0:
        return []
    text = _("streets: {parts} parts hang apart; the largest holds {share} % of the length")
    share = format_number(100.0 * length.max() / length.sum(), 1)
    return [text.format(parts=format_number(len(length)), share=share)]


def street_defaults(territory: Territory, factors: FactorTable) -> Territory:
    """Return the territory with lanes, speed [km/h] and width [m] of each street, by class where unknown."""
    streets = territory.layer("streets")
    classes = streets["road_class"]
    single = streets["oneway"].isin(("forward", "backward")).to_numpy()
    lanes = classes.map(lambda name: factors.value(f"lanes_{name}"))
    # A one-way street is the half of a two-way one, never less than one lane.
    lanes = lanes.where(~single, np.maximum(np.ceil(lanes / 2), 1.0))
    speed = classes.map(lambda name: factors.value(f"speed_{name}"))
    width = classes.map(lambda name: factors.value(f"width_{name}"))
    width = width.where(~single, width * factors.value("oneway_width_share"))
    for column, values in (("lanes", lanes), ("speed", speed), ("width", width)):
        rule = Rule("usual value of the road class and direction", source=factors[f"{column}_residential"].source)
        territory = fill(territory, "streets", column, values.astype("float64"), rule)
    filled = territory.layer("streets")
    if filled["lanes"].notna().all():
        filled["lanes"] = filled["lanes"].astype("int64")
    return territory.with_layers({"streets": filled})


def building_heights(territory: Territory, factors: FactorTable) -> Territory:
    """Return the territory with storeys and heights [m] of buildings, by use and footprint where unknown."""
    buildings = territory.layer("buildings")
    count = len(buildings)
    storey = factors.value("storey_height")
    empty = pd.Series([None] * count, dtype="float64")
    height = pd.to_numeric(buildings.get("height", empty)).reset_index(drop=True)
    storeys = pd.to_numeric(buildings.get("storeys", empty)).reset_index(drop=True)
    use = buildings["use"] if "use" in buildings.columns else pd.Series([None] * count, dtype=object)
    usual = use.map(lambda name: factors.value(f"storeys_{name if isinstance(name, str) else 'unknown'}"))
    small = shapely.area(buildings.geometry.to_numpy()) < factors.value("hut_area")
    usual = usual.astype("float64").reset_index(drop=True).where(~small, 1.0)
    by_height = (height / storey).round().clip(lower=1.0)
    source = factors["storey_height"].source
    rule = Rule("height divided by the height of a storey, else by use and footprint", source=source)
    territory = fill(territory, "buildings", "storeys", by_height.fillna(usual), rule)
    rule = Rule("storeys times the height of a storey", source=source)
    territory = fill(territory, "buildings", "height", storeys.fillna(usual) * storey, rule)
    filled = territory.layer("buildings")
    if filled["storeys"].notna().all():
        filled["storeys"] = filled["storeys"].astype("int64")
    return territory.with_layers({"buildings": filled})


def address_streets(territory: Territory, reach: float) -> Territory:
    """Return the territory with the street of each address: of its name if near, else the nearest.

    Parameters
    ----------
    territory : Territory
    reach : float
        Farthest distance [m]; an address without a street that near keeps none.
    """
    addresses, streets = territory.layer("addresses"), territory.layer("streets")
    points, lines = addresses.geometry.to_numpy(), streets.geometry.to_numpy()
    row, street = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach)
    pairs = pd.DataFrame({"row": row, "street": street})
    pairs["distance"] = shapely.distance(points[row], lines[street])
    empty = pd.Series([None] * len(addresses), dtype=object)
    labels = addresses.get("label", empty).fillna("").astype(str).str.casefold().to_numpy()
    names = streets["name"].fillna("").astype(str).str.casefold().to_numpy() if "name" in streets else None
    pairs["other"] = True
    if names is not None:
        same = [
            bool(names[there]) and labels[here].endswith(names[there]) for here, there in zip(row, street, strict=True)
        ]
        pairs["other"] = ~np.array(same, dtype=bool)
    best = pairs.sort_values(["row", "other", "distance", "street"]).drop_duplicates("row").set_index("row")
    ids = streets["street_id"].to_numpy(dtype=object)
    found = pd.Series([None] * len(addresses), dtype=object)
    found.loc[best.index] = ids[best["street"]]
    rule = Rule(f"street of the same name, else the nearest, within: {reach:g} m")
    return fill(territory, "addresses", "street_id", found, rule)

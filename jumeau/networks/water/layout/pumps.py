"""Head curves of pumps of which only the place is known: what the network asks of them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.networks.water.layout.rules import SYNTHESIS
from jumeau.territory.completion import lay_out
from jumeau.territory.model import Territory

#: Least lift of a pump [m].
LEAST_LIFT = 5.0

RULE = "head curve from the demand and the lift to the tanks, or to the highest junction"


def impute_pumps(territory: Territory, factors: FactorTable) -> Territory:
    """Return the territory in which each pump without a curve or a power has a head curve of one point.

    The pumps share the mean demand, in the hours of pumping of a mean day; they lift it from the head of their suction
    node to the highest tank, or to what serves the highest junction.

    Parameters
    ----------
    territory : Territory
        With demands, heights and levels filled in.
    factors : FactorTable
        `layout_pumping_hours`, `layout_pressure_least`, `layout_loss_allowance`, `layout_losses`.
    """
    if not territory.has("water_pumps"):
        return territory
    pumps = territory.layer("water_pumps")
    idle = (texts(pumps, "curve_id") == "") & ~(numbers(pumps, "power", 0.0) > 0.0)
    if not idle.any():
        return territory
    allowance = factors.value("layout_loss_allowance")
    junctions = territory.layer("water_junctions")
    heights = numbers(junctions, "elevation", 0.0)
    heads = dict(zip(texts(junctions, "node_id"), heights, strict=True))
    goal = float(heights.max(initial=0.0)) + factors.value("layout_pressure_least")
    if territory.has("water_tanks"):
        tanks = territory.layer("water_tanks")
        tops = numbers(tanks, "elevation", 0.0) + numbers(tanks, "maximum_level", 0.0)
        heads |= dict(zip(texts(tanks, "node_id"), numbers(tanks, "elevation", 0.0), strict=True))
        goal = float(tops.max())
    if territory.has("water_reservoirs"):
        sources = territory.layer("water_reservoirs")
        heads |= dict(zip(texts(sources, "node_id"), numbers(sources, "head", 0.0), strict=True))
    flow = _demand(territory) / (1.0 - factors.value("layout_losses"))
    flow *= 24.0 / factors.value("layout_pumping_hours") / len(pumps)
    lifts = [max(goal + allowance - heads.get(name, 0.0), LEAST_LIFT) for name in texts(pumps, "from_node")]
    names = np.array([f"HEAD-{name}" for name in texts(pumps, "pump_id")], dtype=object)
    rows = pd.DataFrame(
        {
            "curve_id": names[idle],
            "kind": "head",
            "points": [f"{max(flow, 0.1):.6g},{lift:.6g}" for lift, wanted in zip(lifts, idle, strict=True) if wanted],
        }
    )
    known = territory.layers.get("water_curves")
    table = rows if known is None else pd.concat([pd.DataFrame(known.drop(columns="geometry")), rows])
    table = table.reset_index(drop=True)
    nowhere = gpd.GeoSeries([None] * len(table), crs=territory.crs)
    curves = gpd.GeoDataFrame(table, geometry=nowhere, crs=territory.crs)
    rule = SYNTHESIS.rule(RULE)
    told = lay_out(territory, {"water_curves": curves}, {"water_curves": rule if known is None else {}})
    return SYNTHESIS.fill(told, "water_pumps", "curve_id", np.where(idle, names, ""), RULE)


def _demand(territory: Territory) -> float:
    """Return the mean demand [m3/h]."""
    total = float(np.nansum(numbers(territory.layer("water_junctions"), "demand", 0.0)))
    if territory.has("water_demands"):
        total += float(territory.layers["water_demands"]["demand"].sum())
    return total

"""What sized gateways say: tables of gateways and devices, coverage by setting, the record that scripts read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.factors import FactorTable
from jumeau.radio.coverage import LORAWAN
from jumeau.radio.gateways import Sized
from jumeau.radio.places import Devices
from jumeau.radio.plan import radio_plan
from jumeau.radio.tables import FACTORS, SETTINGS, SPREADING, entry_loss

SQUARE_KM = 1e6


def gateway_table(sized: Sized, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the gateways, one row each, with what they carry.

    Columns `gateway_id`, `kind`, `height` [m], `devices` (those nearest to it), `messages_per_day`, `load` (G of the
    busiest spreading factor [erlang]), `lost` (share in collisions), `acknowledgements_per_hour`.
    """
    gateways, loads = sized.gateways, sized.plan.loads
    return gpd.GeoDataFrame(
        {
            "gateway_id": gateways.ids.astype(object),
            "kind": gateways.kind.astype(object),
            "height": gateways.height,
            "devices": np.bincount(sized.plan.best[sized.plan.best >= 0], minlength=len(gateways)),
            "messages_per_day": loads.messages,
            "load": loads.load.max(axis=1),
            "lost": loads.lost,
            "acknowledgements_per_hour": loads.acknowledgements,
        },
        geometry=gpd.points_from_xy(*gateways.xy.T),
        crs=crs,
    )


def device_table(sized: Sized, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the devices, one row each, with their coverage.

    Columns `device_id`, `setting`, `delivery` (chance that a message arrives), `reach`, `gateways` (that hear it with
    the chance asked for), `best_gateway`, `loss` [dB], `spreading`, `battery` [year], `covered`.
    """
    plan, names = sized.plan, sized.gateways.ids
    best = np.array([names[row] if row >= 0 else "" for row in plan.best], dtype=object)
    return gpd.GeoDataFrame(
        {
            "device_id": sized.devices.ids.astype(object),
            "setting": sized.devices.setting.astype(object),
            "delivery": plan.delivery,
            "reach": plan.reach,
            "gateways": plan.gateways,
            "best_gateway": best,
            "loss": np.where(np.isfinite(plan.loss), plan.loss, np.nan),
            "spreading": plan.spreading,
            "battery": plan.battery,
            "covered": sized.covered,
        },
        geometry=gpd.points_from_xy(*sized.devices.xy.T),
        crs=crs,
    )


def by_setting(sized: Sized, factors: FactorTable = FACTORS) -> dict[str, dict[str, float]]:
    """Return what the same gateways would give if all devices stood in each setting.

    Returns
    -------
    dict of str to dict
        By setting: `covered` (share of the devices heard as asked for) and `delivery` (mean chance that a message
        arrives).
    """
    near = sized.links.of(sized.cover.chosen)
    own, found = sized.devices.entry(factors), {}
    for setting in SETTINGS:
        moved = near.loss.copy()
        rows = np.repeat(np.arange(len(own)), np.diff(moved.indptr))
        moved.data = moved.data + entry_loss(setting, factors) - own[rows]
        links = replace(near, loss=moved)
        devices = _in(sized.devices, setting)
        plan = radio_plan(devices, links, LORAWAN, sized.wanted.spreading, factors, sized.wanted.chance)
        found[setting] = {
            "covered": float((plan.gateways >= sized.wanted.redundancy).mean()),
            "delivery": float(plan.delivery.mean()),
        }
    return found


def _in(devices: Devices, setting: str) -> Devices:
    return replace(devices, setting=np.full(len(devices), setting, dtype=object))


def area_of(sized: Sized) -> float:
    """Return the area of the convex hull of the devices [km2]."""
    import shapely

    return float(shapely.convex_hull(shapely.multipoints(sized.devices.xy)).area) / SQUARE_KM


def record(sized: Sized, crs: pyproj.CRS, factors: FactorTable = FACTORS) -> dict[str, Any]:
    """Return what was found, as plain values that JSON holds; shares from 0 to 1, EUR, km2."""
    plan, cover, count = sized.plan, sized.cover, len(sized.cover.chosen)
    table = gateway_table(sized, crs)
    area = area_of(sized)
    places = table.to_crs(4326).geometry
    gateways = [
        {key: (float(value) if isinstance(value, float | np.floating) else value) for key, value in row.items()}
        | {"x": float(x), "y": float(y), "longitude": float(place.x), "latitude": float(place.y)}
        for row, (x, y), place in zip(
            pd.DataFrame(table.drop(columns="geometry")).to_dict("records"), sized.gateways.xy, places, strict=True
        )
    ]
    return {
        "what": "gateways",
        "technology": LORAWAN,
        "devices": len(sized.devices),
        "candidates": len(sized.sites),
        "target": sized.wanted.share,
        "chance": sized.wanted.chance,
        "redundancy": sized.wanted.redundancy,
        "count": count,
        "bound": cover.bound,
        "gap": cover.gap,
        "proved": bool(cover.proved),
        "greedy_count": len(cover.greedy),
        "greedy_order": [str(sized.sites.ids[row]) for row in cover.greedy],
        "reachable": sized.reachable,
        "covered": float(sized.covered.mean()),
        "delivery": float(plan.delivery.mean()),
        "by_setting": by_setting(sized, factors),
        "spreading": {str(item): float((plan.spreading == item).mean()) for item in SPREADING},
        "battery_years": float(np.median(plan.battery)),
        "area_km2": area,
        "km2_per_gateway": area / count if count else None,
        "investment_eur": sized.costs.investment,
        "annual_eur": sized.costs.annual,
        "gateways": gateways,
    }

"""Where the devices of a variant stand: one layer per network, from the bill and the assets that carry its items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
import pyproj

from jumeau.bill import BillItem
from jumeau.engine.carriers import device_rows
from jumeau.engine.resolve import NetworkSituation, Situation
from jumeau.results.model import DEVICES, asset_table
from jumeau.shapes import middles


def device_layers(situations: Sequence[Situation]) -> dict[str, gpd.GeoDataFrame]:
    """Return the devices of each situation as points, by name of table: `lighting_devices__led`.

    What no asset with a place carries (a vehicle of a fleet, a software) has no point.

    Parameters
    ----------
    situations : sequence of Situation

    Returns
    -------
    dict of str to GeoDataFrame
        Columns `device_id`, `kind`, `label` and `observes` (English message ids), `measure`, `layer`, `asset_id`,
        `messages_per_day` [message/device/day] and `power` [W/device].
    """
    found: dict[str, gpd.GeoDataFrame] = {}
    for situation in situations:
        for network, item in situation.networks.items():
            devices = _of_network(network, item, situation.territory.crs)
            if len(devices):
                found[asset_table(network, DEVICES, situation.name)] = devices
    return found


def _of_network(network: str, item: NetworkSituation, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    tables = [table for bought in item.bill if len(table := _of_item(network, bought, item.layers))]
    if not tables:
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs=crs), crs=crs)
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=crs)


def _of_item(network: str, bought: BillItem, layers: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Return the devices of one item of the bill."""
    places = device_rows(network, bought, layers)
    if not len(places):
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "device_id": [f"{bought.kind}:{asset}" for asset in places.index],
            "kind": bought.kind,
            "label": bought.label,
            "observes": bought.observes,
            "measure": bought.measure,
            "layer": bought.layer,
            "asset_id": places.index.to_numpy(dtype=object),
            "messages_per_day": bought.messages_per_day,
            "power": bought.power,
            "geometry": middles(places),
        }
    )

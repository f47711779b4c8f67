"""Which assets carry an item of the bill, and where they are."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from jumeau.bill import BillItem
from jumeau.network import discover


def device_rows(network: str, bought: BillItem, layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoSeries:
    """Return the shapes of the assets that carry an item of the bill, by id; without those that are nowhere."""
    frame = layers.get(bought.layer)
    if frame is None or not isinstance(frame, gpd.GeoDataFrame) or not bought.assets:
        return gpd.GeoSeries([])
    carriers = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    places = carriers.set_index(carriers[discover()[network].attributes.identifier(bought.layer)].astype(str)).geometry
    return places[~places.index.duplicated()].reindex(list(bought.assets)).dropna()

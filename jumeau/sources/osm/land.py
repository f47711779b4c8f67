"""Green areas and water, by the tags of a table."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.sources.osm.buildings import whole_areas
from jumeau.sources.osm.streets import CLOSED
from jumeau.sources.osm.values import first_of, rows


def land_of(areas: gpd.GeoDataFrame, ids: list[str], layer: str) -> gpd.GeoDataFrame:
    """Return the layer `green` or `water`, in degrees.

    Private gardens are no green areas of a commune.
    """
    kind = pd.Series([None] * len(areas), dtype=object)
    for row in rows("areas.csv"):
        if row["layer"] == layer:
            kind = kind.where(kind.notna() | (areas[row["key"]] != row["value"]), row["value"])
    wanted = (kind.notna() & areas["building"].isna()).to_numpy()
    if layer == "green":
        wanted = wanted & ~((kind == "garden") & areas["access"].isin(CLOSED)).to_numpy()
    found = areas[wanted].reset_index(drop=True)
    shapes, sound = whole_areas(found.geometry.to_numpy())
    table = pd.DataFrame(
        {
            f"{layer}_id": np.array(ids, dtype=object)[wanted],
            "name": first_of(found, "name", "name:fr", "name:en"),
            "kind": kind[wanted].to_numpy(),
        }
    )
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)[sound].reset_index(drop=True)

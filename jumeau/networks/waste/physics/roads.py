"""The streets as trucks meet them."""

from __future__ import annotations

import geopandas as gpd

from jumeau.routing import Roads

#: Classes of roads on which trucks have a speed of their own.
CLASSES = ("motorway", "primary", "secondary", "tertiary")


def roads_of(streets: gpd.GeoDataFrame, rates: dict[str, float], narrowest: float) -> Roads:
    """Return the streets as trucks meet them.

    Parameters
    ----------
    streets : GeoDataFrame
    rates : mapping of str to float
        Speeds [km/h].
    narrowest : float
        Streets of less width are closed to the trucks [m].
    """
    speeds = {name: rates[f"speed_{name}"] for name in CLASSES}
    return Roads.of(streets, speeds, usual=rates["speed_other"], narrowest=narrowest)

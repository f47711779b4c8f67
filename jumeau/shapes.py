"""Places of shapes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray


def middles(shapes: gpd.GeoSeries) -> NDArray[np.object_]:
    """Return one point per shape, that lies on it: of a line the middle along it, of an area a point inside."""
    items = np.asarray(shapes.to_numpy(), dtype=object)
    points = np.asarray(shapely.point_on_surface(items), dtype=object)
    lines = shapely.get_type_id(items) == shapely.GeometryType.LINESTRING
    points[lines] = shapely.line_interpolate_point(items[lines], 0.5, normalized=True)
    return points

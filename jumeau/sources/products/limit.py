"""The limit that a product is cut by: the commune's, in the same files or in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.products.communes import of_commune
from jumeau.sources.products.recognition import Recognised, recognised
from jumeau.sources.products.tables import placed, rows_of

#: Around a limit, so that what lies on it is read [m].
MARGIN = 1.0


@dataclass(frozen=True)
class Limit:
    """An area in the territory's CRS.

    Attributes
    ----------
    area : Polygon or MultiPolygon
    crs : CRS
    """

    area: shapely.Geometry
    crs: pyproj.CRS

    def box_in(self, crs: pyproj.CRS | None) -> tuple[float, ...] | None:
        """Return bounds that hold the area in another CRS; None where it is not known."""
        if crs is None:
            return None
        outline = gpd.GeoSeries(
            [shapely.segmentize(shapely.box(*self.area.buffer(MARGIN).bounds), 1000.0)], crs=self.crs
        )
        bounds = outline.to_crs(crs).total_bounds
        return tuple(float(value) for value in bounds) if np.isfinite(bounds).all() else None

    def holds(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Tell which shapes belong to the area: lines that touch it, areas and points whose middle lies in it."""
        shapely.prepare(self.area)
        lines = np.char.endswith(
            np.array([getattr(shape, "geom_type", "") for shape in shapes], dtype=str), "LineString"
        )
        inside = np.zeros(len(shapes), dtype=bool)
        inside[lines] = shapely.intersects(self.area, shapes[lines])
        inside[~lines] = shapely.intersects(self.area, shapely.centroid(shapes[~lines]))
        return inside


def limit_of(found: Sequence[Recognised], commune: str, crs: pyproj.CRS) -> Limit | None:
    """Return the limit of a commune from tables that hold limits; None where none does."""
    for item in found:
        for table in item.tables:
            if not table.limit:
                continue
            parts = []
            for rows in rows_of(item.held, table, item.names(table), None):
                kept = of_commune(rows[table.commune], commune)
                parts += list(placed(rows[kept], table, None, crs).to_crs(crs).geometry)
            areas = [part for part in parts if part is not None and not part.is_empty]
            if areas:
                return Limit(shapely.union_all(shapely.make_valid(np.array(areas, dtype=object))), crs)
    return None


def stated_limit(path: Path, commune: str, crs: pyproj.CRS) -> Limit:
    """Return the limit that a file holds: of the commune, or all its areas where no commune is stated.

    Raises
    ------
    InputError
        When the file holds no area, or not that commune.
    """
    found, _left = recognised(path)
    if commune:
        limit = limit_of(found, commune, crs)
        if limit is not None:
            return limit
        hint = _("give a file that holds limits of communes: ADMIN EXPRESS, BD TOPO or geo.api.gouv.fr")
        message = _("the file holds no limit of the commune {code}").format(code=commune)
        raise InputError(Problem(message, file=str(path), hint=hint))
    from jumeau.sources.ogr import read_ogr

    frame = read_ogr(path)
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        shapes = frame.to_crs(crs).geometry
        areas = shapes[shapes.geom_type.isin(("Polygon", "MultiPolygon"))]
        if len(areas):
            return Limit(shapely.union_all(shapely.make_valid(areas.to_numpy())), crs)
    hint = _("give a file of polygons that states its CRS")
    raise InputError(Problem(_("the file holds no area to cut by"), file=str(path), hint=hint))

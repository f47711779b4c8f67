"""A guided tour: the whole town, then its quarters, each with a viewpoint and one figure before and after."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.i18n import _, format_number, local
from jumeau_viz.appearance import Indicator
from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.captions import Captions, with_unit
from jumeau_viz.figures import several
from jumeau_viz.frame import Floats
from jumeau_viz.pictures import ASPECT, frame_camera
from jumeau_viz.scene import Scene

MOST_STOPS = 8
FEWEST_ASSETS = 5
ELEVATION = 42.0


@dataclass(frozen=True)
class Stop:
    """One stop of the tour.

    Attributes
    ----------
    title, text : str
        Name of the place, and its figures, in the current language.
    camera : Camera
        Viewpoint.
    """

    title: str
    text: str
    camera: Camera


def build_tour(
    zones: gpd.GeoDataFrame | None, assets: AssetLayer, indicator: Indicator, scene: Scene, captions: Captions
) -> list[Stop]:
    """Return the stops: the whole town, then the quarters where the indicator changes most.

    Parameters
    ----------
    zones : GeoDataFrame or None
        Layer `zones` with a column `name`; without it there is only the whole town.
    assets : AssetLayer
    indicator : Indicator
    scene : Scene
    captions : Captions
    """
    everything = np.ones(len(assets.ids), dtype=bool)
    whole = Stop(_("Whole town"), _figures(assets, indicator, everything, captions), frame_camera(assets))
    if zones is None or "name" not in zones or not len(zones):
        return [whole]
    places = scene.frame.to_world(assets.feet)[:, :2]
    inside = [(str(row["name"]), _within(places, row.geometry)) for _index, row in zones.iterrows()]
    inside = [(name, chosen) for name, chosen in inside if chosen.sum() >= FEWEST_ASSETS]
    inside.sort(key=lambda item: -_change(assets, indicator, item[1]))
    stops = []
    for name, chosen in inside[: MOST_STOPS - 1]:
        camera = Camera.framing(assets.heads[chosen], ASPECT, elevation=ELEVATION, fill=0.85)
        stops.append(Stop(name, _figures(assets, indicator, chosen, captions), camera))
    return [whole, *stops]


def summed_up(values: Floats, statistic: str) -> float:
    """Return the mean, sum or maximum of the known values, not-a-number when there is none."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return float("nan")
    if statistic == "sum":
        return float(known.sum())
    return float(known.max() if statistic == "max" else known.mean())


def _figures(assets: AssetLayer, indicator: Indicator, chosen: NDArray[np.bool_], captions: Captions) -> str:
    values = [summed_up(row[chosen], indicator.statistic) for row in assets.values[indicator.name]]
    written = several(values)
    after = [
        _("{variant}: {value}").format(variant=captions.variant(name), value=value)
        for name, value in zip(assets.variants, written[1:], strict=True)
    ]
    return _("{layer}: {count}. {indicator}, {statistic}. Before: {before}. {after}.").format(
        layer=local(assets.appearance.label or assets.appearance.layer),
        count=format_number(int(chosen.sum())),
        indicator=with_unit(indicator),
        statistic=_statistics()[indicator.statistic],
        before=written[0],
        after=". ".join(after),
    )


def _statistics() -> dict[str, str]:
    return {"mean": _("mean"), "sum": _("sum"), "max": _("maximum")}


def _change(assets: AssetLayer, indicator: Indicator, chosen: NDArray[np.bool_]) -> float:
    gaps = [assets.difference(indicator.name, variant)[chosen] for variant in assets.variants]
    return float(np.nansum(np.abs(gaps))) if gaps else 0.0


def _within(places: Floats, area: shapely.Geometry) -> NDArray[np.bool_]:
    shapely.prepare(area)
    return np.asarray(shapely.contains_xy(area, places[:, 0], places[:, 1]))

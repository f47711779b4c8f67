"""A stop of the guided tour: where to look, at what, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from jumeau.engine.places import Spot
from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.captions import BASELINE
from jumeau_viz.frame import Floats
from jumeau_viz.pictures import ASPECT, frame_camera
from jumeau_viz.scene import Scene

ELEVATION = 42.0
#: Half the side of what is shown around a single point [m]: the street and its neighbours.
AROUND = 90.0


@dataclass(frozen=True)
class Stop:
    """One stop of the tour.

    Attributes
    ----------
    title, text : str
        Name of the stop, and one sentence.
    camera : Camera
        Viewpoint.
    figure, figure_label : str
        One large figure, and what it is; empty where there is none.
    note : str
        For who presents.
    layer, indicator : int
        Place of the layer in the page's list, and of what its colours show among the layer's indicators.
    scenario : str
        `baseline`, or a variant.
    change : bool
        Whether the change from before is shown.
    hour : int or None
        Hour of the day of the view; None leaves it as it is.
    """

    title: str
    text: str
    camera: Camera
    figure: str = ""
    figure_label: str = ""
    note: str = ""
    layer: int = 0
    indicator: int = 0
    scenario: str = BASELINE
    change: bool = False
    hour: int | None = None


def whole_town(layers: Sequence[AssetLayer], place: int = 0) -> Camera:
    """Return the viewpoint of the whole town, as its assets of one layer spread."""
    return frame_camera(layers[place] if len(layers[place].ids) else layers[0])


def looking_at(spot: Spot, scene: Scene) -> Camera:
    """Return the viewpoint of a place."""
    corners = shapely.get_coordinates(spot.geometry)
    if len(corners) == 0:
        corners = scene.frame.to_world(np.zeros((1, 2)))
    plane = scene.frame.to_local(corners)
    if float(np.ptp(plane, axis=0).max()) < AROUND:
        corner = np.array([[east, north] for east in (-AROUND, AROUND) for north in (-AROUND, AROUND)])
        plane = (plane[:, None, :] + corner).reshape(-1, 2)
    return framed(np.column_stack([plane, scene.ground.altitude(plane)]))


def framed(points: Floats) -> Camera:
    """Return a viewpoint from which all points (n, 3) are seen, with some room."""
    return Camera.framing(points, ASPECT, elevation=ELEVATION, fill=0.85)

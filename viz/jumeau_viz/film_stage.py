"""The stage of a film: the town is built once, then only the camera and what is shown of the assets change."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image as Pillow

from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.palettes import DAY, NIGHT
from jumeau_viz.scene import Scene
from jumeau_viz.stage import (
    Image,
    View,
    add_assets,
    add_markers,
    add_town,
    look_from,
    marker_size,
    open_stage,
    take,
)

#: A still picture is drawn finer by so much on each side, then averaged; a moving one is drawn as it is.
FINER = 2
#: Diameter of a marker in the town [m], where that is more than its least size on the picture; as on the page.
MARKER_METRES = 5.0
#: Height of the picture for which least sizes of markers are meant [pixel].
USUAL_HEIGHT = 776
#: Strength of a marker hidden by a building.
BEHIND = 0.4
#: Brings what a building hides before it: more than the whole depth of the picture, in VTK's units of depth.
FORWARD = -70_000.0
#: A marker stands before its rim, and both before the wall that they touch.
MARKER_FORWARD, RIM_FORWARD = -300.0, -150.0
#: Width of the rim [pixel], and its colours by night and by day, as on the page.
RIM = 1.5
RIMS = {False: (4, 5, 10), True: (255, 255, 255)}


class FilmStage:
    """A town that waits for what is shown and from where.

    Parameters
    ----------
    scene : Scene
    camera : Camera
        The first viewpoint.
    size : (int, int)
        Width and height of the pictures [pixel].
    """

    def __init__(self, scene: Scene, camera: Camera, size: tuple[int, int]) -> None:
        self._size = size
        self._plotter = open_stage(camera, size)
        # PyVista's own smoothing costs more than a finer picture where stills want one.
        self._plotter.disable_anti_aliasing()
        self._town = add_town(self._plotter, scene)
        self._assets: list[Any] = []
        self._markers: list[Any] = []
        self._least = 0.0
        self._aimed = camera

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the window back."""
        self._plotter.close()

    @property
    def window(self) -> Any:
        """VTK's window, for who shows it elsewhere."""
        return self._plotter.render_window

    def show(self, assets: AssetLayer, view: View, *, day: bool) -> None:
        """Show a view of a layer, by day or by night."""
        for actor in self._assets:
            self._plotter.remove_actor(actor, render=False)
        tones = DAY if day else NIGHT
        self._plotter.set_background(tones["sky"])
        for name, actor in self._town.items():
            actor.prop.color = tones[name]
        self._assets = add_assets(self._plotter, assets, view, 1.0, day=day)
        self._markers = []
        if self._assets and assets.appearance.geometry != "line":
            faint, rim = (add_markers(self._plotter, assets, view, 1.0, day=day) for _copy in range(2))
            faint.prop.opacity = BEHIND
            rim.mapper.scalar_visibility = False
            rim.prop.color = RIMS[day]
            self._markers = [self._assets[-1], faint, rim]
            for actor, forward in zip(self._markers, (MARKER_FORWARD, FORWARD, RIM_FORWARD), strict=True):
                actor.mapper.SetResolveCoincidentTopologyToPolygonOffset()
                actor.mapper.SetRelativeCoincidentTopologyPointOffsetParameter(forward)
            self._assets += [faint, rim]
        self._least = marker_size(int(view.shown.sum())) * self._size[1] / USUAL_HEIGHT
        self._size_markers(1)

    def look(self, camera: Camera, *, still: bool) -> Image:
        """Return what is seen from a viewpoint, shape (height, width, 3)."""
        finer = FINER if still else 1
        width, height = self._size
        self._plotter.window_size = (width * finer, height * finer)
        self.aim(camera, finer)
        picture = take(self._plotter)
        if finer == 1:
            return picture
        return np.asarray(Pillow.fromarray(picture).reduce(finer), dtype=np.uint8)

    def aim(self, camera: Camera, finer: int = 1) -> None:
        """Look from a viewpoint, without drawing."""
        look_from(self._plotter, camera)
        self._aimed = camera
        self._size_markers(finer)

    def _size_markers(self, finer: int) -> None:
        camera, height = self._aimed, self._size[1]
        near = MARKER_METRES * height / (2 * camera.distance * np.tan(np.radians(camera.view_angle / 2)))
        for actor, rim in zip(self._markers, (0.0, 0.0, 2 * RIM), strict=False):
            actor.prop.point_size = (max(self._least, near) + rim) * finer

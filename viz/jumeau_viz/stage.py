"""The stage: what PyVista draws of a town, its layers and its light, off-screen and without a word."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.frame import Floats
from jumeau_viz.meshes import Mesh
from jumeau_viz.palettes import NIGHT, Colours, Scale
from jumeau_viz.probe import WINDOW_VARIABLE, headless_environment
from jumeau_viz.scene import Scene

Image = NDArray[np.uint8]

POOL_SIDES = 14
POOL_REACH = 1.6  # radius of the drawn pool of light, in heights of the pole
QUIETLY = {"render": False, "reset_camera": False}  # else each addition costs one full picture


@dataclass(frozen=True)
class View:
    """One picture to draw: its name, the value of each asset and the scale of the values."""

    name: str
    values: Floats
    shown: NDArray[np.bool_]
    scale: Scale

    @property
    def gaps(self) -> bool:
        """Whether an asset that is shown has no value."""
        return bool(np.isnan(self.values[self.shown]).any())


def open_stage(camera: Camera, size: tuple[int, int]) -> Any:
    """Return an empty plotter of a size in pixels, lit for a town; the sky is that of night."""
    wanted = headless_environment().get(WINDOW_VARIABLE)
    if wanted is not None:
        os.environ.setdefault(WINDOW_VARIABLE, wanted)
    pv = pyvista_module()

    plotter = pv.Plotter(off_screen=True, window_size=size, lighting="none")
    plotter.set_background(NIGHT["sky"])
    plotter.add_light(pv.Light(position=(-2, -3, 4), focal_point=(0, 0, 0), intensity=0.85, light_type="scene light"))
    plotter.add_light(pv.Light(position=(3, -1, 1), focal_point=(0, 0, 0), intensity=0.35, light_type="scene light"))
    look_from(plotter, camera)
    return plotter


def look_from(plotter: Any, camera: Camera) -> None:
    """Move the camera of a plotter."""
    plotter.camera.position = tuple(camera.position)
    plotter.camera.focal_point = tuple(camera.target)
    plotter.camera.up = tuple(camera.axes[1])
    plotter.camera.view_angle = camera.view_angle
    plotter.reset_camera_clipping_range()


def pyvista_module() -> Any:
    """Import PyVista at the first picture only: it is an extra, and its types differ from one version to the next."""
    import pyvista

    return pyvista


def add_town(plotter: Any, scene: Scene, colours: dict[str, tuple[int, int, int]] | None = None) -> dict[str, Any]:
    """Add the town; return its actors by the names of the meshes."""
    tones = colours or NIGHT
    return {
        name: plotter.add_mesh(poly(mesh), color=tones[name], **QUIETLY, **_look(name))
        for name, mesh in scene.meshes.items()
    }


def _look(name: str) -> dict[str, Any]:
    flat = name not in ("walls", "roofs", "slopes")
    return {"ambient": 0.35 if flat else 0.2, "diffuse": 0.75, "specular": 0.0, "smooth_shading": False}


def marker_size(count: int) -> float:
    """Return the diameter of a marker [pixel]: smaller as more of them share the picture."""
    return float(np.clip(6.2 * np.sqrt(4000 / max(count, 1)), 3.0, 14.0))


def light_pools(feet: Floats, heads: Floats, colours: Colours) -> tuple[Mesh, Colours]:
    """Return soft discs under lamps, opaque in the middle and clear at the rim.

    Parameters
    ----------
    feet, heads : ndarray, shapes (n, 3)
    colours : ndarray of uint8, shape (n, 3)

    Returns
    -------
    Mesh
        Fans of triangles.
    ndarray of uint8, shape (points, 4)
        Colour and opacity of each vertex.
    """
    angle = np.linspace(0.0, 2 * np.pi, POOL_SIDES, endpoint=False)
    rim = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(POOL_SIDES)])
    radius = (heads - feet)[:, 2] * POOL_REACH
    centre = feet + np.array([0.0, 0.0, 1.0])
    circle = centre[:, None, :] + rim[None] * radius[:, None, None]
    points = np.concatenate([centre[:, None, :], circle], axis=1).reshape(-1, 3)
    first = np.arange(len(feet))[:, None] * (POOL_SIDES + 1)
    turn = np.arange(POOL_SIDES)
    fan = np.stack([np.zeros(POOL_SIDES, dtype=int), turn + 1, (turn + 1) % POOL_SIDES + 1], axis=1)
    triangles = (first[:, :, None] + fan[None]).reshape(-1, 3).astype(np.int32)
    opacity = np.zeros((len(feet), POOL_SIDES + 1), dtype=np.uint8)
    opacity[:, 0] = 130
    shades = np.column_stack([np.repeat(colours, POOL_SIDES + 1, axis=0), opacity.ravel()])
    return Mesh(points, triangles), shades.astype(np.uint8)


def take(plotter: Any) -> Image:
    """Return the picture of a plotter, shape (height, width, 3)."""
    plotter.reset_camera_clipping_range()
    plotter.render()
    return np.asarray(plotter.screenshot(return_img=True), dtype=np.uint8)[..., :3]


def add_assets(plotter: Any, assets: AssetLayer, view: View, size: float, *, day: bool = False) -> list[Any]:
    """Add the assets of a view; return their actors, markers last.

    Parameters
    ----------
    plotter : Plotter
    assets : AssetLayer
    view : View
    size : float
        Diameter of a marker [pixel].
    day : bool
        Whether colours are those by day; lamps then light no ground.
    """
    shown = np.flatnonzero(view.shown)
    colours = view.scale.colours(view.values, day=day)
    if len(shown) == 0:
        return []
    if assets.appearance.geometry == "line":
        keep = view.shown[assets.ribbon_owner][assets.ribbon.triangles[:, 0]]
        ribbon = poly(Mesh(assets.ribbon.points, assets.ribbon.triangles[keep]))
        ribbon.point_data["colour"] = colours[assets.ribbon_owner]
        return [plotter.add_mesh(ribbon, scalars="colour", rgb=True, lighting=False, **QUIETLY)]
    actors = []
    if assets.appearance.geometry == "pole" and not day:
        pools, shades = light_pools(assets.feet[shown], assets.heads[shown], colours[shown])
        glow = poly(pools)
        glow.point_data["shade"] = shades
        actors.append(plotter.add_mesh(glow, scalars="shade", rgb=True, lighting=False, **QUIETLY))
    actors.append(add_markers(plotter, assets, view, size, day=day))
    return actors


def add_markers(plotter: Any, assets: AssetLayer, view: View, size: float, *, day: bool = False) -> Any:
    """Add the markers alone; see `add_assets`."""
    shown = np.flatnonzero(view.shown)
    cloud = pyvista_module().PolyData(assets.heads[shown])
    cloud.point_data["colour"] = view.scale.colours(view.values, day=day)[shown]
    return plotter.add_mesh(
        cloud,
        scalars="colour",
        rgb=True,
        style="points",
        point_size=size,
        render_points_as_spheres=True,
        lighting=False,
        **QUIETLY,
    )


def poly(mesh: Mesh) -> Any:
    """Return a mesh as PyVista has it."""
    return pyvista_module().PolyData.from_regular_faces(mesh.points, mesh.triangles)

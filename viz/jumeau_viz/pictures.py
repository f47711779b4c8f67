"""Pictures: before, after and difference, with one camera and one scale.

PyVista draws the town at night, without a word in it; titles and legends are set by Matplotlib in bands of their
own above and below, where they cannot cover anything and where French accents are safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from jumeau.files import atomic
from jumeau.i18n import _, current_language
from jumeau_viz.appearance import Indicator
from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.captions import Captions, with_unit
from jumeau_viz.palettes import NIGHT, Scale, palette
from jumeau_viz.scene import Scene
from jumeau_viz.stage import Image, View, add_assets, add_markers, add_town, marker_size, open_stage, take

WIDTH, HEIGHT = 1600, 1000
TOP_BAND, BOTTOM_BAND = 96, 128
SCENE_HEIGHT = HEIGHT - TOP_BAND - BOTTOM_BAND
ASPECT = WIDTH / SCENE_HEIGHT
DPI = 100
BEHIND = 0.45  # strength of a marker hidden behind a building
OVERSAMPLING = 2.0  # markers are sized in pixels of the finer picture that anti-aliasing averages
INK, QUIET_INK = "#f4f6fa", "#c3c9d6"


def views(assets: AssetLayer, indicator: Indicator) -> list[View]:
    """Return the pictures of one indicator: `before`, then `after_…` and `difference_…` of each variant."""
    scale = assets.scale(indicator)
    values = assets.values[indicator.name]
    found = [View("before", values[0], assets.present[0], scale)]
    for row, variant in enumerate(assets.variants, start=1):
        found.append(View(f"after_{variant}", values[row], assets.present[row], scale))
    if assets.variants:
        change = assets.difference_scale(indicator)
        for row, variant in enumerate(assets.variants, start=1):
            both = assets.present[0] | assets.present[row]
            found.append(View(f"difference_{variant}", assets.difference(indicator.name, variant), both, change))
    return found


def frame_camera(assets: AssetLayer, aspect: float = ASPECT) -> Camera:
    """Return the one camera of a comparison, framing all assets but the few that lie far out."""
    low, high = np.quantile(assets.heads, [0.005, 0.995], axis=0)
    inside = np.all((assets.heads >= low) & (assets.heads <= high), axis=1)
    points = assets.heads[inside] if inside.sum() > 1 else assets.heads
    return Camera.framing(points, aspect)


def draw(scene: Scene, assets: AssetLayer, indicator: Indicator, camera: Camera) -> dict[str, Image]:
    """Draw all pictures of one indicator, without words.

    Returns
    -------
    dict of str to ndarray of uint8, shape (SCENE_HEIGHT, WIDTH, 3)
        By the names of `views`.
    """
    plotter = _plotter(camera)
    add_town(plotter, scene)
    images: dict[str, Image] = {}
    for view in views(assets, indicator):
        actors = add_assets(plotter, assets, view, _marker(view))
        visible = take(plotter)
        for actor in actors:
            plotter.remove_actor(actor, render=False)
        images[view.name] = visible
    plotter.close()
    return _shine_through(images, assets, indicator, camera)


def compose(
    image: Image, captions: Captions, subtitle: str, indicator: Indicator, view: View
) -> tuple[Image, dict[str, str]]:
    """Return one picture with its title and legend, in the current language, and what its file tells beside.

    Parameters
    ----------
    image : ndarray
        Picture without words.
    captions : Captions
    subtitle : str
        What the picture shows.
    indicator : Indicator
    view : View
        What was drawn.

    Returns
    -------
    ndarray of uint8, shape (HEIGHT, WIDTH, 3)
    dict of str to str
        Title, description and software.
    """
    red, green, blue = (part / 255 for part in NIGHT["sky"])
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=(red, green, blue))
    canvas: Any = FigureCanvasAgg(figure)
    _write(figure, 32, HEIGHT - 40, _clip(captions.heading(), 88), size=19, weight="bold")
    _write(figure, 32, HEIGHT - 78, _clip(subtitle, 110), size=15)
    _legend(figure, indicator, view)
    notes = captions.notes()
    for row, line in enumerate(notes):
        _write(
            figure,
            WIDTH - 32,
            BOTTOM_BAND - 34 - row * 33,
            _clip(line, 72),
            size=13,
            weight="bold" if row == 0 else "normal",
            ha="right",
            color=INK if row == 0 else QUIET_INK,
        )
    description = " — ".join([subtitle, legend_title(indicator, view.scale), *notes])
    canvas.draw()
    whole = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    whole[TOP_BAND : TOP_BAND + SCENE_HEIGHT] = image
    return whole, {"Title": captions.heading(), "Description": description, "Software": "Jumeau"}


def _save(whole: Image, path: Path, metadata: Mapping[str, str]) -> None:
    """Write a PNG; a lighter compression than usual, five times faster for a tenth more bytes."""
    notes = PngInfo()
    for key, text in metadata.items():
        notes.add_itxt(key, text)
    picture = Pillow.fromarray(whole)
    atomic(path, lambda target: picture.save(target, format="PNG", compress_level=4, pnginfo=notes))


def legend_title(indicator: Indicator, scale: Scale) -> str:
    """Return the legend's title with its unit, in the current language."""
    name, note = legend_name(indicator, scale), legend_note(scale)
    return f"{name} ({note})" if note else name


def legend_name(indicator: Indicator, scale: Scale) -> str:
    """Return what the colours of a scale show, with its unit."""
    name = with_unit(indicator)
    return _("Change: {indicator}").format(indicator=name) if scale.change else name


def legend_note(scale: Scale) -> str:
    """Return how the colours of a scale are to be read: which side is better, or that they tell nothing."""
    if scale.alike:
        return _("no difference anywhere") if scale.change else _("the same everywhere")
    if not scale.change:
        return ""
    said = {
        "lower": _("blue: lower, better; orange: higher, worse"),
        "higher": _("blue: higher, better; orange: lower, worse"),
    }
    return said.get(scale.better, _("blue: lower, orange: higher; neither is better"))


def subtitles(captions: Captions, variants: tuple[str, ...]) -> dict[str, str]:
    """Return what each picture of `views` shows, in the current language."""
    texts = {"before": captions.before()}
    for name in variants:
        texts[f"after_{name}"] = captions.after(name)
        texts[f"difference_{name}"] = captions.difference(name)
    return texts


def write_pictures(
    images: Mapping[str, Image], assets: AssetLayer, indicator: Indicator, captions: Captions, folder: Path
) -> list[Path]:
    """Write all pictures of one indicator in the current language, as `<network>_<name>_<language>.png`."""
    texts = subtitles(captions, assets.variants)
    paths = []
    # One thread compresses, which does not hold the interpreter, while this one sets the words of the next picture.
    with ThreadPoolExecutor(1) as pool:
        writing = []
        for view in views(assets, indicator):
            paths.append(folder / f"{assets.network}_{view.name}_{current_language()}.png")
            whole, told = compose(images[view.name], captions, texts[view.name], indicator, view)
            writing.append(pool.submit(_save, whole, paths[-1], told))
        for one in writing:
            one.result()
    return paths


def _plotter(camera: Camera) -> Any:
    plotter = open_stage(camera, (WIDTH, SCENE_HEIGHT))
    plotter.enable_anti_aliasing("ssaa")
    return plotter


def _marker(view: View) -> float:
    return marker_size(int(view.shown.sum())) * OVERSAMPLING


def _shine_through(
    images: dict[str, Image], assets: AssetLayer, indicator: Indicator, camera: Camera
) -> dict[str, Image]:
    """Add, faintly, the markers that buildings hide: a lamp behind a house must not look as if it were missing."""
    if assets.appearance.geometry == "line":
        return images
    plotter = _plotter(camera)
    empty = take(plotter)
    for view in views(assets, indicator):
        if not view.shown.any():
            continue
        add_markers(plotter, assets, view, _marker(view))
        alone = take(plotter)
        plotter.clear_actors()
        marked = np.any(alone != empty, axis=2)
        hidden = marked & (np.abs(images[view.name].astype(int) - alone).max(axis=2) > 40)
        blend = (1 - BEHIND) * images[view.name][hidden] + BEHIND * alone[hidden]
        images[view.name][hidden] = np.round(blend).astype(np.uint8)
    plotter.close()
    return images


def _legend(figure: Figure, indicator: Indicator, view: View) -> None:
    """Draw the colour bar at the bottom left, with its title above and its figures below."""
    scale = view.scale
    left, bottom, width, height = 40, 44, 640, 22
    axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))
    axes.imshow(palette(scale.palette)[None, :, :], aspect="auto", extent=(scale.low, scale.high, 0, 1))
    axes.set_yticks([])
    axes.set_xticks(list(scale.ticks), list(scale.tick_labels()))
    axes.tick_params(axis="x", colors=INK, labelsize=13, length=5)
    for side in axes.spines.values():
        side.set_edgecolor(QUIET_INK)
    note = legend_note(scale)
    above = bottom + height + (40 if note else 22)
    _write(figure, left, above, _clip(legend_name(indicator, scale), 78), size=14, weight="bold")
    if note:
        _write(figure, left, bottom + height + 17, note, size=12)
    if view.gaps:
        _write(figure, left + width + 28, bottom + height / 2, _("White: no figure"), size=13)


def _write(figure: Figure, x: float, y: float, text: str, *, size: float, **style: Any) -> None:
    style = {"ha": "left", "color": INK, **style}
    figure.text(x / WIDTH, y / HEIGHT, text, fontsize=size, va="center", parse_math=False, **style)


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"

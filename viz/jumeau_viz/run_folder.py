"""From a run's folder to its pictures, pages, map and exchange files: the one door of this package."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jumeau.engine.progress import Progress
from jumeau.files import check_writable, write_text
from jumeau.i18n import LANGUAGES, current_language, language
from jumeau.remarks import count_remarks
from jumeau.results.run_id import RUN_ID
from jumeau.territory.model import Territory
from jumeau_viz.assets import AssetLayer
from jumeau_viz.captions import Captions
from jumeau_viz.exports import write_gltf, write_tiles
from jumeau_viz.facts import Facts
from jumeau_viz.figures import build_tables
from jumeau_viz.film import check_film, write_film
from jumeau_viz.open_run import Story, open_run
from jumeau_viz.page import Place, build_page, data_uri
from jumeau_viz.pictures import draw, frame_camera, write_pictures
from jumeau_viz.places import find_addresses, find_names
from jumeau_viz.probe import probe
from jumeau_viz.qgis import write_map
from jumeau_viz.scene import Scene
from jumeau_viz.stage import Image
from jumeau_viz.sunlight import Sunlight
from jumeau_viz.tour import build_tour

LOG = logging.getLogger(__name__)


def render(
    results_dir: Path,
    languages: Sequence[str] = LANGUAGES,
    out: Path | None = None,
    *,
    gltf: bool = False,
    tiles: bool = False,
    film: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Draw the pictures, and write the pages and the map of a run.

    Parameters
    ----------
    results_dir : Path
        Folder of a run: `assets.gpkg`, `summary.json`, `provenance.json`.
    languages : sequence of str
        Languages to write, `fr` and `en`.
    out : Path, optional
        Where to write; by default the folder `3d` of the run.
    gltf, tiles : bool
        Whether to write the scene as glTF and as 3D Tiles too.
    film : bool
        Whether to film the tour too, in the current language.
    progress : Progress, optional
        Told of each picture of the film.

    Returns
    -------
    list of Path
        The files written: pictures `<network>_before_…`, `_after_…`, `_difference_…` (unless this machine cannot draw,
        which is logged as a warning), one page per language, then what was asked for besides. Where the run's own
        folder is written in, the map for QGIS comes last: `map.gpkg` and `jumeau.qgs`, in the current language.

    Raises
    ------
    InputError
        When the folder is not one of a run of this version, or holds nothing that can be drawn; when a film is asked
        for and this machine makes none.
    """
    if film:
        check_film()
    run = open_run(results_dir)
    folder = out or results_dir / "3d"
    written = write_all(run.scene, run.layers, run.captions, run.summary, run.territory, languages, folder, run.story)
    if gltf:
        written.append(write_gltf(run, folder / "town.glb"))
    if tiles:
        written += write_tiles(run, folder / "tiles")
    if film:
        written.append(write_film(run, folder / f"film_{current_language()}.mp4", progress))
    if out is None:
        written += write_map(run)
    return written


def write_all(
    scene: Scene,
    layers: Sequence[AssetLayer],
    captions: Captions,
    summary: Mapping[str, Any],
    territory: Territory,
    languages: Sequence[str],
    folder: Path,
    story: Story | None = None,
) -> list[Path]:
    """Write the pictures of each layer's first indicator, and the pages of all layers; see `render`."""
    check_writable(folder)
    story = story or Story()
    drawing = probe()
    images: list[tuple[AssetLayer, dict[str, Image]]] = []
    if drawing.works:
        shown = [layer.of_changed() for layer in layers if layer.appearance.pictures]
        images = [(layer, draw(scene, layer, layer.indicators[0], frame_camera(layer))) for layer in shown]
    else:
        LOG.warning(drawing.message)
    with ThreadPoolExecutor() as pool:
        # Compression does not hold the interpreter.
        still = [
            (layer, {name: pool.submit(data_uri, image) for name, image in made.items() if not _is_difference(name)})
            for layer, made in images
        ]
    pictures = [(layer, {name: coded.result() for name, coded in made.items()}) for layer, made in still]
    place = _place(territory, scene, captions)
    written: list[Path] = []
    for lang in languages:
        with language(lang):
            for layer, made in images:
                written += write_pictures(made, layer, layer.indicators[0], captions, folder)
            facts = Facts(summary, captions, story.evaluation)
            page = build_page(
                scene,
                layers,
                captions,
                place=place,
                pictures=pictures,
                tables=build_tables(summary, captions),
                tour=build_tour(layers, scene, facts, territory=territory, stops=story.stops),
                facts=facts,
                languages=languages,
                message=drawing.message,
                remarks=count_remarks(story.remarks, story.provenance) if story.remarks is not None else None,
                run=str(summary.get(RUN_ID, "")),
            )
        written.append(write_text(folder / f"scene_{lang}.html", page))
    return written


def _is_difference(name: str) -> bool:
    """Return whether a picture shows a difference: the page computes its own."""
    return name.startswith("difference_")


def _place(territory: Territory, scene: Scene, captions: Captions) -> Place:
    """Return names, addresses and the sun of a territory."""
    return Place(
        find_names(territory.layers, scene),
        find_addresses(territory.layers, scene),
        Sunlight.of(territory, captions),
    )

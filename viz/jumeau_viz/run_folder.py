"""From a run's folder to its pictures and pages: the one door of this package."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd

from jumeau.engine.tour import TourStop
from jumeau.errors import InputError
from jumeau.evaluation.storage import VERSION as EVALUATION_VERSION
from jumeau.files import check_writable, write_text
from jumeau.i18n import LANGUAGES, _, language
from jumeau.network import Network, discover
from jumeau.remarks import Collection, count_remarks, read_remarks
from jumeau.results.model import asset_table
from jumeau.results.run_id import RUN_ID, check_one_run
from jumeau.results.storage import SUMMARY_VERSION, check_version
from jumeau.territory.model import Territory
from jumeau.territory.of_run import territory_of_run
from jumeau.vector_file import layer_names, read_layer
from jumeau_viz.appearance import Appearance, read_appearance
from jumeau_viz.assets import AssetLayer, build_assets
from jumeau_viz.captions import BASELINE, Captions
from jumeau_viz.facts import Facts
from jumeau_viz.figures import build_tables
from jumeau_viz.page import Place, build_page, data_uri
from jumeau_viz.pictures import Image, draw, frame_camera, write_pictures
from jumeau_viz.places import find_addresses, find_names
from jumeau_viz.probe import probe
from jumeau_viz.scene import Scene, build_scene
from jumeau_viz.sunlight import Sunlight
from jumeau_viz.timeline import read_journal
from jumeau_viz.tour import build_tour, stops_of

#: Days whose hours the page can show.
MOST_DAYS = 3 * 366

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Story:
    """What goes with the figures of a run.

    Attributes
    ----------
    stops : tuple of TourStop
        The tour that the scenario writes; none lets the results speak.
    remarks : Collection or None
        What residents said.
    provenance, evaluation : mapping
        Content of `provenance.json` and `evaluation.json`.
    """

    stops: tuple[TourStop, ...] = ()
    remarks: Collection | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] = field(default_factory=dict)


def render(results_dir: Path, languages: Sequence[str] = LANGUAGES, out: Path | None = None) -> list[Path]:
    """Draw the pictures and write the pages of a run.

    Parameters
    ----------
    results_dir : Path
        Folder of a run: `assets.gpkg`, `summary.json`, `provenance.json`.
    languages : sequence of str
        Languages to write, `fr` and `en`.
    out : Path, optional
        Where to write; by default the folder `3d` of the run.

    Returns
    -------
    list of Path
        The files written: pictures `<network>_before_…`, `_after_…`, `_difference_…` (unless this machine cannot draw,
        which is logged as a warning), then one page per language.

    Raises
    ------
    InputError
        When the folder is not one of a run of this version, or holds nothing that can be drawn.
    """
    provenance = _read_json(results_dir / "provenance.json")
    summary = _read_json(results_dir / "summary.json")
    check_version(summary.get("version"), SUMMARY_VERSION, results_dir / "summary.json")
    check_one_run(results_dir)
    territory = territory_of_run(provenance, results_dir)
    found = _asset_frames(results_dir / "assets.gpkg")
    frames = tuple(frame for _network, _appearance, scenarios in found for frame in scenarios.values())
    scene = build_scene(territory.layers, frames)
    captions = captions_of(provenance, territory)
    journal = read_journal(results_dir / "journal.csv", captions.start)
    layers = [
        build_assets(
            network.name, appearance, scenarios, scene, hours=network.hours, journal=journal, first=captions.start
        )
        for network, appearance, scenarios in found
    ]
    story = Story(
        tuple(stops_of(provenance)), read_remarks(results_dir), provenance, _evaluation(results_dir / "evaluation.json")
    )
    return write_all(scene, layers, captions, summary, territory, languages, out or results_dir / "3d", story)


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
    still = [
        (layer, {name: data_uri(image) for name, image in made.items() if not name.startswith("difference_")})
        for layer, made in images
    ]
    place = _place(territory, scene, captions)
    written: list[Path] = []
    for lang in languages:
        with language(lang):
            for layer, pictures in images:
                written += write_pictures(pictures, layer, layer.indicators[0], captions, folder)
            page = build_page(
                scene,
                layers,
                captions,
                place=place,
                pictures=still,
                tables=build_tables(summary, captions),
                tour=build_tour(
                    layers,
                    scene,
                    Facts(summary, captions, story.evaluation),
                    territory=territory,
                    stops=story.stops,
                ),
                languages=languages,
                message=drawing.message,
                remarks=count_remarks(story.remarks, story.provenance) if story.remarks is not None else None,
                run=str(summary.get(RUN_ID, "")),
            )
        written.append(write_text(folder / f"scene_{lang}.html", page))
    return written


def _place(territory: Territory, scene: Scene, captions: Captions) -> Place:
    """Return names, addresses and the sun of a territory over the period; over an ordinary year where none is known."""
    start = date.fromisoformat(captions.start[:10]) if captions.start else date(2025, 1, 1)
    end = date.fromisoformat(captions.end[:10]) if captions.end else start + timedelta(days=364)
    shown = min((end - start).days + 1, MOST_DAYS)
    return Place(
        find_names(territory.layers, scene),
        find_addresses(territory.layers, scene),
        Sunlight.over(territory.location, territory.timezone, start, max(shown, 1)),
    )


def captions_of(provenance: Mapping[str, Any], territory: Territory) -> Captions:
    """Return the captions of a run, the territory speaking for itself where provenance is silent."""
    place = dict(provenance.get("territory", {}))
    place.setdefault("synthetic", territory.synthetic)
    return Captions.from_provenance({**provenance, "territory": {**place, "name": territory.title()}})


def _asset_frames(path: Path) -> list[tuple[Network, Appearance, dict[str, gpd.GeoDataFrame]]]:
    """Return the layers that a network wants drawn, by scenario; those without an appearance are passed over."""
    if not path.is_file() or path.stat().st_size == 0:
        raise InputError(_("the run has no figures by asset, hence nothing to draw"), file=path)
    names = layer_names(path)
    found = []
    for network in discover().values():
        description = network.folder / "appearance.yaml"
        if not description.is_file():
            continue
        for appearance in read_appearance(description, network.attributes):
            start = asset_table(network.name, appearance.layer, "")
            scenarios = {name.removeprefix(start): read_layer(path, name) for name in names if name.startswith(start)}
            if not appearance.pictures and scenarios:
                # What happens on some days may happen in variants only.
                scenarios.setdefault(BASELINE, next(iter(scenarios.values())).iloc[:0])
                found.append((network, appearance, scenarios))
            elif len(scenarios.get(BASELINE, ())):
                found.append((network, appearance, scenarios))
    if not found:
        raise InputError(_("the run has no figures by asset, hence nothing to draw"), file=path)
    return found


def _evaluation(path: Path) -> dict[str, Any]:
    """Return the evaluation of a run; none where what is there is of another version."""
    found = _read_json(path) if path.is_file() else {}
    return found if found.get("version") == EVALUATION_VERSION else {}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            _("this folder is not one of a finished run: {name} cannot be read").format(name=path.name),
            hint=_("give the folder that `jumeau run` wrote"),
            file=path,
        ) from error
    except json.JSONDecodeError as error:
        raise InputError(_("the file is not valid JSON: {reason}").format(reason=error), file=path) from error
    return content

"""A run's folder, read and placed in a scene: what pictures, pages, maps and exchange files are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd

from jumeau.engine.tour import TourStop
from jumeau.errors import InputError
from jumeau.evaluation.storage import VERSION as EVALUATION_VERSION
from jumeau.i18n import _
from jumeau.network import Network, discover
from jumeau.remarks import Collection, read_remarks
from jumeau.results.model import asset_table
from jumeau.results.run_id import check_one_run
from jumeau.results.storage import SUMMARY_VERSION, check_version
from jumeau.territory.model import Territory
from jumeau.territory.of_run import territory_of_run
from jumeau.vector_file import layer_names, read_layers
from jumeau_viz.appearance import Appearance, read_appearance
from jumeau_viz.assets import AssetLayer, build_assets
from jumeau_viz.captions import BASELINE, Captions
from jumeau_viz.scene import Scene, build_scene
from jumeau_viz.timeline import read_journal
from jumeau_viz.tour import stops_of

ASSETS = "assets.gpkg"


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


@dataclass(frozen=True)
class OpenRun:
    """A run's folder, read and placed in a scene.

    Attributes
    ----------
    folder : Path
    summary : mapping
        Content of `summary.json`.
    territory : Territory
    captions : Captions
    tables : tuple of str
        Names of the tables of `assets.gpkg`.
    scene : Scene
    layers : tuple of AssetLayer
        What the networks want drawn.
    story : Story
    """

    folder: Path
    summary: Mapping[str, Any]
    territory: Territory
    captions: Captions
    tables: tuple[str, ...]
    scene: Scene
    layers: tuple[AssetLayer, ...]
    story: Story

    @property
    def assets(self) -> Path:
        """The figures by asset."""
        return self.folder / ASSETS


def open_run(folder: Path) -> OpenRun:
    """Read a run's folder: `assets.gpkg`, `summary.json`, `provenance.json` and the territory that they name.

    Raises
    ------
    InputError
        When the folder is not one of a run of this version, or holds nothing that can be drawn.
    """
    provenance = _read_json(folder / "provenance.json")
    summary = _read_json(folder / "summary.json")
    check_version(summary.get("version"), SUMMARY_VERSION, folder / "summary.json")
    check_one_run(folder)
    territory = territory_of_run(provenance, folder)
    captions = captions_of(provenance, territory)
    journal = read_journal(folder / "journal.csv", captions.start)
    found = _asset_frames(folder / ASSETS)
    frames = tuple(frame for _network, _appearance, scenarios in found for frame in scenarios.values())
    scene = build_scene(territory.layers, frames)
    return OpenRun(
        folder=folder,
        summary=summary,
        territory=territory,
        captions=captions,
        tables=tuple(layer_names(folder / ASSETS)),
        scene=scene,
        layers=tuple(
            build_assets(
                network.name, appearance, scenarios, scene, hours=network.hours, journal=journal, first=captions.start
            )
            for network, appearance, scenarios in found
        ),
        story=Story(
            tuple(stops_of(provenance)), read_remarks(folder), provenance, _evaluation(folder / "evaluation.json")
        ),
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
            wanted = [name for name in names if name.startswith(start)]
            scenarios = {name.removeprefix(start): frame for name, frame in read_layers(path, wanted).items()}
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

"""The run that remarks are about: its id, variants, networks, and where they may lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj

from jumeau.engine.places import box_of
from jumeau.errors import InputError, Problem
from jumeau.i18n import LANGUAGES, _, language
from jumeau.results.comparison import BASELINE
from jumeau.results.run_id import RUN_ID, check_one_run
from jumeau.results.storage import SUMMARY_VERSION, check_version
from jumeau.results.titles import variant_title
from jumeau.territory.model import Territory
from jumeau.territory.of_run import territory_of_run
from jumeau.vector_file import layer_names, read_layer


@dataclass(frozen=True)
class Subject:
    """What a run's folder says of the run.

    Attributes
    ----------
    folder : Path
    run : str
        Its id.
    provenance : mapping
    territory : Territory or None
        None where its file is not at hand.
    crs : CRS or None
        Of coordinates.
    box : (float, float, float, float) or None
        Within which they lie.
    """

    folder: Path
    run: str
    provenance: Mapping[str, Any]
    territory: Territory | None
    crs: pyproj.CRS | None
    box: tuple[float, float, float, float] | None

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the situations, the baseline first."""
        return tuple(dict.fromkeys((BASELINE, *self.provenance.get("variants", {}))))

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks."""
        return tuple(self.provenance.get("networks", {}))

    def variant_of(self, written: str) -> str | None:
        """Return a variant by its name, or by its title in any language; None where there is none."""
        wanted = written.strip().casefold()
        for name in self.variants:
            titles = {name}
            for lang in LANGUAGES:
                with language(lang):
                    titles.add(variant_title(self.provenance, name))
            if wanted in {title.casefold() for title in titles}:
                return name
        return None


def subject_of(folder: Path) -> Subject:
    """Read what a run's folder says of the run.

    Raises
    ------
    InputError
        When the folder is not one of a finished run of this version.
    """
    summary, provenance = (_read(folder / name) for name in ("summary.json", "provenance.json"))
    check_version(summary.get("version"), SUMMARY_VERSION, folder / "summary.json")
    check_one_run(folder)
    try:
        territory: Territory | None = territory_of_run(provenance, folder)
    except InputError:
        territory = None
    layers = territory.layers if territory is not None else _assets(folder / "assets.gpkg")
    known = (layer.crs for layer in layers.values() if layer.crs is not None)
    crs = territory.crs if territory is not None else next(known, None)
    return Subject(folder, str(summary.get(RUN_ID, "")), provenance, territory, crs, box_of(layers))


def _assets(path: Path) -> dict[str, gpd.GeoDataFrame]:
    """Return the assets of a run, which tell where the territory lies when its file is elsewhere."""
    if not path.is_file() or path.stat().st_size == 0:
        return {}
    layers = {name: read_layer(path, name) for name in layer_names(path)}
    return {name: layer for name, layer in layers.items() if isinstance(layer, gpd.GeoDataFrame)}


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            Problem(
                _("this folder is not one of a finished run: {name} cannot be read").format(name=path.name),
                file=str(path),
                hint=_("give the folder that `jumeau run` wrote"),
            )
        ) from error
    return content if isinstance(content, dict) else {}

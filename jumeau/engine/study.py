"""Studies of a territory as it stands: asked for by name, done by their network, written as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel

from jumeau.engine.checks import check_layers
from jumeau.engine.request import check_needs, read_request, unknown
from jumeau.engine.versions import library_versions
from jumeau.factors import FactorTable
from jumeau.files import check_writable, write_text
from jumeau.geopackage import write_geopackage
from jumeau.i18n import _
from jumeau.network import Network, discover
from jumeau.results.storage import write_json
from jumeau.study import SUMMARY, Studied, Study, StudyColumn, StudyContext
from jumeau.territory.model import Territory

#: Digits that tables are written with: more says nothing of a network.
FORMAT = "%.7g"


@dataclass(frozen=True)
class Done:
    """A study that was done.

    Attributes
    ----------
    network : Network
    study : Study
    territory : Territory
    parameters : BaseModel
        What it was asked with.
    factors : FactorTable
        What it assumed.
    studied : Studied
    """

    network: Network
    study: Study
    territory: Territory
    parameters: BaseModel
    factors: FactorTable
    studied: Studied

    def columns(self, table: str) -> tuple[StudyColumn, ...]:
        """Return the columns declared of a table."""
        return self.network.study_tables.get(self.study.name, {}).get(table, ())

    def summary(self) -> list[tuple[StudyColumn, Any]]:
        """Return what the study says in short, as declared."""
        return [(column, self.studied.summary[column.column]) for column in self.columns(SUMMARY)]


def all_studies() -> Mapping[str, tuple[Network, Study]]:
    """Return the studies of all networks, each with its network, by `network.study`."""
    return {
        f"{network.name}.{name}": (network, study)
        for network in discover().values()
        for name, study in network.studies.items()
    }


def run_study(
    territory: Territory, name: str, *, file: Path | None = None, values: Sequence[tuple[str, str]] = ()
) -> Done:
    """Do a study.

    Parameters
    ----------
    territory : Territory
    name : str
        `network.study`.
    file : Path, optional
        YAML file of parameters, and of factors that stand instead of those shipped.
    values : sequence of (str, str)
        The same as keys and values; they stand over those of the file.

    Raises
    ------
    InputError
        When no network has the study, a parameter is wrong, the territory lacks what it needs, or the study refuses.
    """
    network, study = _found(name)
    asked = read_request(study.name, study.parameters, network.factors, file, values)
    factors = network.factors.override(asked.stated, _("stated by the user"))
    message = _("the study « {study} » needs the layer « {layer} », that the territory lacks")
    check_needs(territory, study.needs, message.replace("{study}", name))
    check_layers(territory, [network])
    studied = study.run(network.layers(territory), asked.parameters, StudyContext(factors, territory, asked.folder))
    return Done(network, study, territory, asked.parameters, factors, _ordered(network, study, studied))


def write_study(done: Done, folder: Path) -> list[Path]:
    """Write the tables of a study (CSV), those on the map (`study.gpkg`), and what they are (`study.json`).

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    check_writable(folder)
    written = []
    for name, table in done.studied.tables.items():
        plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
        text = plain.to_csv(index=False, lineterminator="\n", float_format=FORMAT)
        written.append(write_text(folder / f"{name}.csv", text))
    shapes = {
        name: table for name, table in done.studied.tables.items() if isinstance(table, gpd.GeoDataFrame) and len(table)
    }
    if shapes:
        written.append(write_geopackage(folder / "study.gpkg", shapes, _(done.study.label)))
    return [*written, write_json(_told(done), folder / "study.json")]


def _found(name: str) -> tuple[Network, Study]:
    known = all_studies()
    if name not in known:
        labels = {key: study.label for key, (_network, study) in known.items()}
        raise unknown(name, labels, _("no network has the study « {name} »; the studies: {names}"))
    return known[name]


def _ordered(network: Network, study: Study, studied: Studied) -> Studied:
    """Return what was found with the columns declared, in their order."""
    declared = network.study_tables.get(study.name, {})
    tables: dict[str, pd.DataFrame] = {}
    for name, table in studied.tables.items():
        columns = [item.column for item in declared[name]]
        shape = [table.geometry.name] if isinstance(table, gpd.GeoDataFrame) else []
        tables[name] = table[[*columns, *shape]]
    return replace(studied, tables=tables)


def _told(done: Done) -> dict[str, Any]:
    from jumeau import __version__

    return {
        "study": f"{done.network.name}.{done.study.name}",
        "title": _(done.study.label),
        "jumeau": __version__,
        "libraries": library_versions(),
        "territory": {"name": done.territory.name, "checksum": done.territory.checksum},
        "parameters": done.parameters.model_dump(mode="json", by_alias=True),
        "factors": {name: item.value for name, item in done.factors.items() if item.overridden},
        "summary": {
            column.column: {"value": _plain(value), "unit": column.unit, "description": _(column.description)}
            for column, value in done.summary()
        },
        "tables": {
            name: {
                item.column: {"unit": item.unit, "type": item.type, "description": _(item.description)}
                for item in done.columns(name)
            }
            for name in done.studied.tables
        },
        "notes": list(done.studied.notes),
    }


def _plain(value: Any) -> Any:
    """Return a value that JSON has; no number where there is none."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and not np.isfinite(plain) else plain

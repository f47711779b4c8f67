"""What a network can work out about a territory as it stands, without a scenario: its studies.

A run compares situations over a period; a study answers a question of those who run the network today (does each
hydrant give enough, whom does a repair cut off), and leaves tables. Their columns are declared in the network's
`studies.csv`, so that files, messages and documents say the same of them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel

from jumeau.factors import FactorTable
from jumeau.territory.model import Territory

NUMBER, WHOLE, TEXT, TRUTH = "number", "whole", "text", "truth"
TYPES = (NUMBER, WHOLE, TEXT, TRUTH)

#: The table that holds one value per column: what a study says in short.
SUMMARY = "summary"


@dataclass(frozen=True)
class StudyColumn:
    """One column of a table that a study gives.

    Attributes
    ----------
    study, table, column : str
        The table `summary` holds one value per column.
    type : str
        `number`, `whole`, `text` or `truth`.
    unit : str
        Of a number.
    description : str
        What a person reads (English message id).
    """

    study: str
    table: str
    column: str
    type: str
    unit: str
    description: str


#: Columns by study and table.
StudyTables = Mapping[str, Mapping[str, tuple[StudyColumn, ...]]]


def read_study_tables(path: Path) -> dict[str, dict[str, tuple[StudyColumn, ...]]]:
    """Return the tables of a network's studies, read from its `studies.csv`; none where it has none.

    The file has the columns `study, table, column, type, unit, description`.

    Raises
    ------
    ValueError
        When a type is unknown, or a column is declared twice.
    """
    found: dict[str, dict[str, tuple[StudyColumn, ...]]] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            item = StudyColumn(**row)
            tables = found.setdefault(item.study, {})
            before = tables.get(item.table, ())
            if item.type not in TYPES or item.column in {column.column for column in before}:
                raise ValueError(f"{path}: {item.study}.{item.table}.{item.column}: type {item.type!r}, or twice")
            tables[item.table] = (*before, item)
    return found


@dataclass(frozen=True)
class StudyContext:
    """What a study may look at, beside its network's layers.

    Attributes
    ----------
    factors : FactorTable
        The network's, what the user states included.
    territory : Territory
        Read only.
    folder : Path
        What relative paths of its parameters start from.
    """

    factors: FactorTable
    territory: Territory
    folder: Path = field(default_factory=Path)


@dataclass(frozen=True)
class Studied:
    """What a study finds.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        By name, with the columns declared, in their order; those with a geometry as GeoDataFrames.
    summary : mapping of str to float, int, str or bool
        One value per column declared of the table `summary`.
    notes : tuple of str
        What was assumed or left out, in the current language.
    """

    tables: Mapping[str, pd.DataFrame]
    summary: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class StudyFunction(Protocol):
    """A pure function: the network's typed layers and parameters -> tables."""

    def __call__(self, layers: Mapping[str, gpd.GeoDataFrame], parameters: Any, context: StudyContext) -> Studied:
        """Do the study."""
        ...


@dataclass(frozen=True)
class Study:
    """One study of a network.

    Attributes
    ----------
    name : str
        After the network's name on the command line: `water.fire_flow`.
    label : str
        What a person reads (English message id).
    parameters : type of BaseModel
        Frozen pydantic model; every key has a default unless nothing can be done without it.
    run : StudyFunction
    needs : tuple of str
        Layers without which there is nothing to study.
    """

    name: str
    label: str
    parameters: type[BaseModel]
    run: StudyFunction
    needs: tuple[str, ...] = ()

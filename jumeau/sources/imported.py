"""What a reader of a foreign network returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from jumeau.errors import Problem
from jumeau.territory.model import COLUMN_FIELDS, Territory, column_rows


@dataclass(frozen=True)
class Imported:
    """The layers of a foreign network, where each column comes from, and what happened on the way.

    Attributes
    ----------
    layers : mapping of str to GeoDataFrame
    columns : DataFrame
        Rows of the territory's columns table.
    notes : tuple of str
        What was left out, rebuilt or guessed.
    warnings : tuple of Problem
        What looks wrong but does not prevent anything.
    later : callable, optional
        What can only be read once the streets are known: given the territory, returns it with more, and notes.
    """

    layers: Mapping[str, gpd.GeoDataFrame]
    columns: pd.DataFrame
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    later: Callable[[Territory], tuple[Territory, tuple[str, ...]]] | None = None


def observed_columns(layers: Mapping[str, gpd.GeoDataFrame], source: str, licence: str = "") -> pd.DataFrame:
    """Return the rows of a columns table that say that all columns of some layers were read from a source."""
    rows = [
        column_rows(name, [str(column) for column in frame.columns], "observed", source=source, licence=licence)
        for name, frame in layers.items()
    ]
    return pd.concat([pd.DataFrame(columns=list(COLUMN_FIELDS)), *rows], ignore_index=True)

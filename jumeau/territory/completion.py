"""Completion: gives what a territory lacks, flags it feature by feature, and records the rule.

No value of a source is ever replaced. What is filled in beside values of a source is `imputed`; what belongs to
invented features is `synthetic`. Everything that lays out or imputes goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from jumeau.attributes import ORIGIN_SUFFIX
from jumeau.columns import no_value
from jumeau.territory.model import Territory, column_rows


@dataclass(frozen=True)
class Rule:
    """How values are found.

    Attributes
    ----------
    text : str
        The rule, as `sentence` or `sentence: details`, parts joined by `; `; sentences are message ids.
    origin : str
        Origin of what is found by it.
    source, licence, date : str
        Of the figures that the rule uses.
    """

    text: str
    origin: str = "imputed"
    source: str = ""
    licence: str = ""
    date: str = ""

    def rows(self, layer: str, columns: Iterable[str]) -> pd.DataFrame:
        """Return the rows of a columns table that say it of whole columns."""
        return column_rows(
            layer, columns, self.origin, rule=self.text, source=self.source, licence=self.licence, date=self.date
        )


def missing(frame: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    """Tell which features have no value in a column, which need not exist; shape (n,)."""
    return no_value(frame[column]) if column in frame else np.ones(len(frame), dtype=bool)


def fill(territory: Territory, layer: str, column: str, values: ArrayLike, rule: Rule) -> Territory:
    """Return the territory with values for the features of a layer that have none in a column.

    A column that gets all its values is the rule's: its origin, its source. In one that had some, the features' origins
    stand in the companion column, and the columns table tells the rule and its source after what it told already.

    Parameters
    ----------
    territory : Territory
    layer, column : str
        The column need not exist.
    values : array_like, shape (n,)
        One per feature, in the layer's order; those of features that have one are ignored, and so are missing ones.
    rule : Rule
    """
    frame = territory.layer(layer)
    given = pd.Series(np.asarray(values)).set_axis(frame.index)
    gap = missing(frame, column)
    filled = gap & ~no_value(given)
    if not filled.any():
        return territory
    companion = f"{column}{ORIGIN_SUFFIX}"
    if gap.all():
        frame = frame.drop(columns=companion, errors="ignore").assign(**{column: given})
        return territory.with_layers({layer: _geometry_last(frame)}, rule.rows(layer, [column]))
    before = _said(territory, layer, column)
    origins = frame[companion].to_numpy(dtype=object) if companion in frame else np.full(len(frame), before.origin)
    origins = np.where(filled, rule.origin, origins).astype(object)
    frame = frame.drop(columns=companion, errors="ignore").assign(**{column: _joined(frame[column], given, filled)})
    if len(set(origins[~gap | filled])) > 1:
        frame[companion] = origins
    told = Rule(
        _after(before.text, rule.text, "; elsewhere: "),
        before.origin,
        _after(before.source, rule.source, "; "),
        before.licence,
        before.date,
    )
    return territory.with_layers({layer: _geometry_last(frame)}, told.rows(layer, [column]))


def lay_out(
    territory: Territory, layers: Mapping[str, gpd.GeoDataFrame], rules: Mapping[str, Rule | Mapping[str, Rule]]
) -> Territory:
    """Return the territory with whole layers that a rule made.

    Parameters
    ----------
    territory : Territory
    layers : mapping of str to GeoDataFrame
    rules : mapping
        The rule of each layer, or those of its columns by their names; columns without a rule are not told of.
    """
    rows: list[pd.DataFrame] = []
    for name, frame in layers.items():
        rule = rules[name]
        if isinstance(rule, Rule):
            rows.append(rule.rows(name, [str(column) for column in frame.columns]))
        else:
            rows += [item.rows(name, [column]) for column, item in rule.items()]
    return territory.with_layers(layers, pd.concat(rows, ignore_index=True) if rows else None)


def _said(territory: Territory, layer: str, column: str) -> Rule:
    """Return what the columns table says of a column; a value of which it says nothing was given by somebody."""
    table = territory.columns
    rows = table[(table["layer"] == layer) & (table["column"] == column)].tail(1).to_dict("records")
    if not rows:
        return Rule("", "observed")
    return Rule(*(str(rows[0][name] or "") for name in ("rule", "origin", "source", "licence", "date")))


def _after(before: str, text: str, joint: str) -> str:
    """Return a text after the one before it, once."""
    if not text or before == text or before.endswith(joint + text):
        return before
    return f"{before}{joint}{text}" if before else text


def _joined(current: pd.Series, given: pd.Series, filled: NDArray[np.bool_]) -> pd.Series:
    """Return a column with some values given; numbers stay numbers."""
    joined = current.where(~filled, given)
    if joined.dtype == object and pd.api.types.is_numeric_dtype(given) and not pd.api.types.is_bool_dtype(given):
        return pd.to_numeric(joined).astype("float64")
    return joined


def _geometry_last(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    geometry = frame.geometry.name
    return frame[[*(name for name in frame.columns if name != geometry), geometry]]

"""What is filled in, by which rule: no observed value is ever replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from jumeau.tables import ORIGIN_SUFFIX
from jumeau.territory.model import Territory, column_rows

SOURCE = "Jumeau, lighting/synthesis_factors.csv"
LICENCE = "Apache-2.0"


@dataclass
class Ledger:
    """A layer being completed, in the order of its identifiers, and the record of what was added.

    Attributes
    ----------
    layer : str
    frame : GeoDataFrame
        Rows sorted by identifier.
    origin : str
        Origin of what is added: `imputed` beside observed features, `synthetic` on invented ones.
    known : DataFrame
        The territory's columns table.
    rows : list of DataFrame
        Rows of the columns table for what was added.
    """

    layer: str
    frame: gpd.GeoDataFrame
    origin: str
    known: pd.DataFrame
    rows: list[pd.DataFrame] = field(default_factory=list)

    @classmethod
    def open(cls, territory: Territory, layer: str, identifier: str, origin: str) -> Ledger:
        """Start from a territory's layer; rows are sorted by `identifier`, labelled by their place in the layer."""
        frame = territory.layer(layer).reset_index(drop=True)
        order = np.argsort(frame[identifier].astype(str).to_numpy(dtype=str), kind="stable")
        return cls(layer, frame.iloc[order], origin, territory.columns)

    def missing(self, column: str) -> NDArray[np.bool_]:
        """Tell which features have no value, shape (n,)."""
        if column not in self.frame:
            return np.ones(len(self.frame), dtype=bool)
        values = self.frame[column]
        return np.asarray((values.isna() | (values.astype(object) == "")).to_numpy(), dtype=bool)

    def fill(self, column: str, values: ArrayLike, rule: str, *, origin: str = "") -> None:
        """Give features without a value theirs, and record it.

        Parameters
        ----------
        column : str
        values : array_like, shape (n,)
            One per feature; those of features that have a value, and missing ones, are ignored.
        rule : str
            How the values were found (English message id).
        origin : str
            Origin, where it is not the ledger's.
        """
        added = pd.Series(np.asarray(values), index=self.frame.index)
        gap = self.missing(column) & added.notna().to_numpy()
        whole = bool(self.missing(column).all())
        if not gap.any() and column in self.frame:
            return
        if whole:
            # A column that is all missing has the dtype of nothing.
            self.frame = self.frame.assign(**{column: added})
        else:
            current = self.frame[column]
            if pd.api.types.is_numeric_dtype(added.dtype) and current.dtype != added.dtype:
                current = pd.to_numeric(current).astype("float64")
            self.frame = self.frame.assign(**{column: current.where(~gap, added)})
        self._record(column, gap, rule, origin or self.origin, whole=whole)

    def _record(self, column: str, gap: NDArray[np.bool_], rule: str, origin: str, *, whole: bool) -> None:
        said = self.known[(self.known["layer"] == self.layer) & (self.known["column"] == column)]
        if whole or said.empty:
            before: dict[str, Any] = {"origin": "observed", "source": "", "licence": "", "date": ""}
        else:
            before = {name: said.iloc[-1][name] for name in ("origin", "source", "licence", "date")}
        if whole:
            self.rows.append(column_rows(self.layer, [column], origin, rule=rule, source=SOURCE, licence=LICENCE))
            self.frame = self.frame.drop(columns=f"{column}{ORIGIN_SUFFIX}", errors="ignore")
            return
        companion = f"{column}{ORIGIN_SUFFIX}"
        origins = (
            self.frame[companion] if companion in self.frame else pd.Series(None, index=self.frame.index, dtype=object)
        )
        origins = origins.astype(object).where(origins.notna(), before["origin"]).where(~gap, origin)
        if len(origins.unique()) > 1:
            self.frame = self.frame.assign(**{companion: origins})
        told = {key: str(before[key] or "") for key in ("source", "licence", "date")}
        self.rows.append(column_rows(self.layer, [column], str(before["origin"]), rule=rule, **told))

    def most_frequent(self, column: str, keys: Sequence[NDArray[np.object_]]) -> NDArray[np.object_]:
        """Return for each feature the value most often met among those of the same keys, None where there is none.

        Of two values as frequent, the smaller one in alphabetical or numerical order is taken.
        """
        nothing = np.full(len(self.frame), None, dtype=object)
        gap = self.missing(column)
        if gap.all() or not gap.any():
            return nothing
        group = pd.MultiIndex.from_arrays([pd.Series(key).astype(str) for key in keys])
        values = pd.Series(self.frame[column].to_numpy(dtype=object), index=group)
        if self.companion_origin(column) is not None:
            gap = gap | (self.companion_origin(column) != "observed")
        seen = values[~gap]
        if seen.empty:
            return nothing
        table = seen.rename("value").rename_axis([f"k{rank}" for rank in range(len(keys))]).reset_index()
        names = [name for name in table.columns if name != "value"]
        counts = table.groupby([*names, "value"]).size().rename("count").reset_index()
        counts = counts.sort_values([*names, "count", "value"], ascending=[True] * len(names) + [False, True])
        best = counts.drop_duplicates(names).set_index(names)["value"]
        best.index = pd.MultiIndex.from_tuples([key if isinstance(key, tuple) else (key,) for key in best.index])
        found = best.reindex(group)
        return np.asarray(found.astype(object).where(found.notna(), None).to_numpy(), dtype=object)

    def companion_origin(self, column: str) -> NDArray[np.object_] | None:
        """Return the origin of each feature's value, None where the column has one origin only."""
        companion = f"{column}{ORIGIN_SUFFIX}"
        return self.frame[companion].to_numpy(dtype=object) if companion in self.frame else None

    def close(self) -> gpd.GeoDataFrame:
        """Return the layer in its own row order."""
        return gpd.GeoDataFrame(self.frame.sort_index())

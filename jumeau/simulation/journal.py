"""The append-only record of a run's events, kept as columns."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.simulation.events import ASSET, TEXT, EventTable

#: Gives the events of a kind as a table: `time` [s], then the columns that the kind declares.
Take = Callable[[str], pd.DataFrame]

_CODES: Mapping[str, str] = {ASSET: "q", TEXT: "i"}


class Journal:
    """Events of one network in one run.

    Parameters
    ----------
    kinds : mapping
        The kinds of events that the network declares, with their columns (`read_events`).

    Notes
    -----
    Numbers and rows of assets are kept as arrays, texts as codes, so that a year of a city's repairs takes a few
    hundred kilobytes.
    """

    def __init__(self, kinds: EventTable) -> None:
        self._kinds = kinds
        self._time = {kind: array("d") for kind in kinds}
        self._columns = {
            kind: {item.column: array(_CODES.get(item.type, "d")) for item in columns}
            for kind, columns in kinds.items()
        }
        self._texts: dict[str, int] = {}
        self._coded = {
            kind: frozenset(item.column for item in columns if item.type == TEXT) for kind, columns in kinds.items()
        }

    def record(self, time: float, kind: str, **values: float | str) -> None:
        """Append one event, with a value for each column that its kind declares.

        Raises
        ------
        KeyError
            On a kind, or a column, that is not declared.
        """
        columns, coded = self._columns[kind], self._coded[kind]
        if len(values) != len(columns):
            raise KeyError(f"{kind}: {sorted(values)} instead of {sorted(columns)}")
        self._time[kind].append(time)
        for name, value in values.items():
            if name in coded:
                columns[name].append(self._texts.setdefault(str(value), len(self._texts)))
            else:
                columns[name].append(value)  # type: ignore[arg-type]

    def __len__(self) -> int:
        """Return the number of events."""
        return sum(len(times) for times in self._time.values())

    def table(self, kind: str) -> pd.DataFrame:
        """Return the events of a kind, in the order of their record.

        Returns
        -------
        DataFrame
            `time` [s], then the columns of the kind: numbers as float64, rows of assets as int64, texts.
        """
        texts = np.array([*self._texts, ""], dtype=object)
        found: dict[str, NDArray[np.generic]] = {"time": np.array(self._time[kind], dtype=np.float64)}
        for item in self._kinds[kind]:
            values = self._columns[kind][item.column]
            if item.type == TEXT:
                found[item.column] = texts[np.array(values, dtype=np.int64)]
            else:
                found[item.column] = np.array(values, dtype=np.int64 if item.type == ASSET else np.float64)
        return pd.DataFrame(found)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the events by kind; kinds of which nothing happened are left out."""
        return {kind: self.table(kind) for kind, times in self._time.items() if len(times)}

    def within(self, duration: float) -> Take:
        """Return a function that gives the events of a kind inside the period.

        Those of the warm-up and of the last instant are left out.
        """

        @cache
        def take(kind: str) -> pd.DataFrame:
            events = self.table(kind)
            time = events["time"].to_numpy()
            return events[(time >= 0.0) & (time < duration)].reset_index(drop=True)

        return take

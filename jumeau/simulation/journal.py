"""The append-only record of a run's events, kept as columns."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np
import pandas as pd

#: Gives the events of a kind.
Take = Callable[[str], pd.DataFrame]


class Journal:
    """Events of one network in one run.

    Each event has a time [s], a kind, an asset (its row in the layer, -1 for none) and two numbers whose meaning the
    kind defines. Kinds are coded, so that a year of a city's repairs takes a few hundred kilobytes.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, int] = {}
        self._time = array("d")
        self._kind = array("i")
        self._asset = array("q")
        self._first = array("d")
        self._second = array("d")

    def record(self, time: float, kind: str, asset: int = -1, first: float = 0.0, second: float = 0.0) -> None:
        """Append one event."""
        self._time.append(time)
        self._kind.append(self._kinds.setdefault(kind, len(self._kinds)))
        self._asset.append(asset)
        self._first.append(first)
        self._second.append(second)

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self._time)

    def events(self, kind: str | None = None) -> pd.DataFrame:
        """Return the events as a table, in the order of their record.

        Parameters
        ----------
        kind : str, optional
            Only this kind.

        Returns
        -------
        DataFrame
            Columns `time` [s], `kind`, `asset`, `first`, `second`.
        """
        codes = np.frombuffer(self._kind, dtype=np.int32) if self._kind else np.empty(0, dtype=np.int32)
        keep = slice(None) if kind is None else codes == self._kinds.get(kind, -1)
        names = np.array(list(self._kinds) or [""], dtype=object)

        def column(values: array[float] | array[int], dtype: str) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
            return np.array(values, dtype=dtype)[keep]

        return pd.DataFrame(
            {
                "time": column(self._time, "float64"),
                "kind": names[codes[keep]] if len(codes) else np.empty(0, dtype=object),
                "asset": column(self._asset, "int64"),
                "first": column(self._first, "float64"),
                "second": column(self._second, "float64"),
            }
        )


def in_period(events: pd.DataFrame, duration: float) -> pd.DataFrame:
    """Return the events of the period: those of the warm-up and of the last instant are left out."""
    return events[(events["time"] >= 0.0) & (events["time"] < duration)]


def by_kind(events: pd.DataFrame) -> Take:
    """Return a function that gives the events of a kind, empty where there are none."""
    found = {str(kind): frame for kind, frame in events.groupby("kind")}
    nothing = events.iloc[:0]
    return lambda kind: found.get(kind, nothing)

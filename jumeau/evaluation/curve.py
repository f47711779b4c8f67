"""The curve of a sweep: knee, marginal value of the next device, regret, what a budget affords; with intervals.

All values meet the same replications, so that differences along the curve are paired, and known far better than its
levels. Intervals are Student's 95 % intervals of a mean, each taken alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.evaluation.curve_row import Interval, Row, flat
from jumeau.i18n import local
from jumeau.randomness import stable_hash
from jumeau.results.comparison import paired

Floats = NDArray[np.float64]

#: Resamples of the replications that the interval of the knee rests on.
RESAMPLES = 2000


@dataclass(frozen=True)
class Beside:
    """An indicator that is told along the curve.

    Attributes
    ----------
    name, label, unit : str
        `network.indicator`, its label (message id) and unit.
    changes : ndarray, shape (points, replications)
        After minus before.
    """

    name: str
    label: str
    unit: str
    changes: Floats


@dataclass(frozen=True)
class Ranges:
    """What uncertain prices and assumptions do to a curve, chance included.

    Attributes
    ----------
    quantiles : ndarray, shape (points, 3)
        P10, P50 and P90.
    best : ndarray, shape (points,)
        Share of the samples in which a value is the best of all, doing nothing included.
    payback : ndarray, shape (points,)
        Median simple payback [year]; infinite where it is never repaid.
    """

    quantiles: Floats
    best: Floats
    payback: Floats


@dataclass(frozen=True)
class Curve:
    """The curve of a sweep.

    Attributes
    ----------
    spec : mapping
        What was asked for, as the provenance keeps it.
    label, unit : str
        Of the figure (message id).
    devices : ndarray, shape (points,)
        Installed beyond the situation before.
    device : str
        What they are (message id); empty where their number does not vary.
    investment : ndarray, shape (points,)
        [EUR].
    gains : ndarray, shape (points, replications)
        The figure by replication, counted so that more is better.
    bought : ndarray or None, shape (points,)
        Share of it that purchases make, below zero; None where an indicator is judged, which has no cost.
    sign : float
        -1 where less of the indicator is better: its values are told with their own sign.
    others : tuple of Beside
    ranges : Ranges or None
    """

    spec: Mapping[str, Any]
    label: str
    unit: str
    devices: Floats
    device: str
    investment: Floats
    gains: Floats
    bought: Floats | None
    sign: float = 1.0
    others: tuple[Beside, ...] = ()
    ranges: Ranges | None = None

    @property
    def criterion(self) -> bool:
        """Whether it is of a criterion of the evaluation, net of costs, and not of an indicator."""
        return self.bought is not None

    @property
    def values(self) -> Floats:
        """The values, shape (points,)."""
        return np.array(self.spec["values"], dtype=np.float64)

    @property
    def parameter(self) -> str:
        """What varies, in the current language."""
        return local(self.spec["label"])

    @property
    def budget(self) -> float | None:
        """What may be invested [EUR]."""
        return None if self.spec.get("budget") is None else float(self.spec["budget"])

    @cached_property
    def finished(self) -> Floats:
        """Gains of the replications that no run lacks, shape (points, replications)."""
        return self.gains[:, np.isfinite(self.gains).all(axis=0)]

    @property
    def from_nothing(self) -> bool:
        """Whether the curve starts at nothing installed, which is then one of the choices."""
        return bool(self.device)

    @cached_property
    def choices(self) -> Floats:
        """What may be chosen by replication: nothing, where that is a choice, then the values."""
        nothing = np.zeros((1, self.finished.shape[1]))
        return np.vstack([nothing, self.finished]) if self.from_nothing else self.finished

    def _point(self, choice: int) -> int | None:
        """Return the point that a choice is; None for nothing."""
        return choice - 1 if self.from_nothing and choice else None if self.from_nothing else choice

    @cached_property
    def knee(self) -> int | None:
        """The point of the highest mean: up to it devices bring more than they cost, beyond it less.

        None where an indicator is judged, which has no cost to be held against, or where nothing is worth its cost.
        """
        if not self.criterion or not self.finished.shape[1]:
            return None
        return self._point(int(self.choices.mean(axis=1).argmax()))

    @property
    def worthless(self) -> bool:
        """Whether nothing at all is the best choice."""
        return self.criterion and self.knee is None

    @property
    def open_end(self) -> bool:
        """Whether the curve still rises at its last value: the knee may lie beyond."""
        return self.knee == len(self.values) - 1

    @cached_property
    def knees(self) -> Interval | None:
        """95 % interval of the knee, by resampling the replications; in the values, nothing being zero.

        None with fewer than two replications.
        """
        size = self.finished.shape[1]
        if not self.criterion or size < 2:
            return None
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(int(self.spec["seed"]), spawn_key=(stable_hash("knee"),)))
        )
        picks = rng.multinomial(size, np.full(size, 1.0 / size), RESAMPLES)
        best = (self.choices @ picks.T).argmax(axis=0)
        scale = np.concatenate([[0.0], self.values]) if self.from_nothing else self.values
        low, high = np.quantile(scale[best], [0.025, 0.975], method="inverted_cdf")
        return float(low), float(high)

    @cached_property
    def established(self) -> int | None:
        """The point past which no further gain is established; None where not even the first one's is."""
        size = len(self.choices)
        for choice in range(size):
            later = [paired(self.choices[choice], self.choices[other]).interval for other in range(choice + 1, size)]
            if not any(interval is not None and interval[0] > 0.0 for interval in later):
                return self._point(choice)
        return None

    @cached_property
    def affordable(self) -> int | None:
        """The best point that the budget pays for; None without a budget."""
        if self.budget is None or not self.finished.shape[1]:
            return None
        within = np.where(self._paid, self.finished.mean(axis=1), -np.inf)
        return int(within.argmax()) if np.isfinite(within).any() else None

    @property
    def _paid(self) -> NDArray[np.bool_]:
        return np.asarray(self.investment <= (self.budget or 0.0) * (1 + 1e-9), dtype=bool)

    @property
    def height(self) -> float:
        """By how much the curve rises or falls in all."""
        return float(np.ptp(self.choices.mean(axis=1))) if self.choices.shape[1] else 0.0

    @cached_property
    def undecided(self) -> tuple[tuple[float, float, float], ...]:
        """Pairs of values whose difference is not decided, with half its interval.

        A difference is decided where its interval does not hold zero, or half of it is below `tolerance` times the
        height of the curve. Looked at are steps from one value to the next, and the knee against all others.
        """
        size = len(self.choices)
        if self.choices.shape[1] < 2:
            return tuple((float("nan"), float(value), float("inf")) for value in self.values)
        pairs = {(place, place + 1) for place in range(size - 1)}
        if self.criterion:
            top = int(self.choices.mean(axis=1).argmax())
            pairs |= {(min(top, other), max(top, other)) for other in range(size) if other != top}
        scale = np.concatenate([[0.0], self.values]) if self.from_nothing else self.values
        enough = float(self.spec["tolerance"]) * self.height
        found = []
        for first, last in sorted(pairs):
            interval = paired(self.choices[first], self.choices[last]).interval
            half = (interval[1] - interval[0]) / 2 if interval else float("inf")
            open_ = interval is None or interval[0] <= 0.0 <= interval[1]
            if open_ and half > enough:
                found.append((float(scale[first]), float(scale[last]), float(half)))
        return tuple(found)

    @property
    def decided(self) -> bool:
        """Whether more replications would change nothing of what the curve says."""
        return not self.undecided

    def wanted(self) -> int:
        """Return how many replications would decide the curve: half-widths fall with the root of their number."""
        enough = float(self.spec["tolerance"]) * self.height
        worst = max((half for _first, _last, half in self.undecided), default=0.0)
        size = self.choices.shape[1]
        return int(min(np.ceil(size * (worst / enough) ** 2), 1e6)) if enough > 0.0 and np.isfinite(worst) else 2 * size

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is told of each value, in order: table, figure and summary all read these."""
        best = self.choices.max(axis=0) if self.choices.shape[1] else np.zeros(0)
        rows = []
        for place, name in enumerate(self.spec["names"]):
            own = self.finished[place]
            level = paired(np.zeros_like(own), own)
            before = self._before(place)
            step = None if before is None else paired(before, own)
            regret = paired(np.zeros_like(own), best - own)
            rows.append(
                Row(
                    name=str(name),
                    value=float(self.values[place]),
                    devices=float(self.devices[place]),
                    investment=float(self.investment[place]),
                    worth=self.sign * level.difference,
                    interval=_signed(level.interval, self.sign),
                    quantiles=None if self.ranges is None else _three(self.ranges.quantiles[place]),
                    gain=None if step is None else step.difference,
                    gain_interval=None if step is None else step.interval,
                    added=self._added(place),
                    cost=self._cost(place),
                    regret=regret.difference,
                    regret_interval=_from_zero(regret.interval),
                    best=None if self.ranges is None else float(self.ranges.best[place]),
                    payback=None if self.ranges is None else float(self.ranges.payback[place]),
                    affordable=None if self.budget is None else bool(self._paid[place]),
                    beside={item.name: _mean(item.changes[place]) for item in self.others},
                )
            )  # fmt: skip
        return tuple(rows)

    def _before(self, place: int) -> Floats | None:
        if place:
            return np.asarray(self.finished[place - 1])
        return np.zeros_like(self.finished[0]) if self.from_nothing else None

    def _added(self, place: int) -> float:
        scale = self.devices if self.device else self.values
        if place:
            return float(scale[place] - scale[place - 1])
        return float(scale[0]) if self.from_nothing else 0.0

    def _cost(self, place: int) -> float | None:
        if self.bought is None:
            return None
        return -float(self.bought[place] - (self.bought[place - 1] if place else 0.0))

    def to_frame(self) -> pd.DataFrame:
        """Return the curve as a table, one row per value.

        Returns
        -------
        DataFrame
            Index: the value. Columns: `variant`, `devices`, `investment` [EUR]; `worth`, `low`, `high` (95 %), `p10`,
            `p50`, `p90`; `gain`, `gain_low`, `gain_high` over the value before; `marginal`, `marginal_low`,
            `marginal_high`, `gross` and `unit_cost` of the next device; `regret`, `regret_low`, `regret_high`; `best`,
            `payback` [year], `affordable`; each indicator told beside with its `_low` and `_high`.
        """
        table = pd.DataFrame([flat(row) for row in self.rows])
        return table.set_index(pd.Index(self.values, name=str(self.spec["parameter"])))

    def summary(self) -> dict[str, Any]:
        """Return the curve as plain data, for `summary.json` (see docs/summary.md)."""
        knee, past, within = (
            None if place is None else float(self.values[place])
            for place in (self.knee, self.established, self.affordable)
        )
        return {
            **{key: self.spec[key] for key in ("variant", "measure", "parameter", "label", "unit")},
            "judge": {"name": self.spec["judge"], "label": self.label, "unit": self.unit},
            "device": self.device,
            "beside": [{"name": item.name, "label": item.label, "unit": item.unit} for item in self.others],
            "replications": int(self.finished.shape[1]),
            "shown": self.ending,
            "knee": knee,
            "knee_ci95": self.knees,
            "knee_beyond_last": self.open_end,
            "worth_nothing": self.worthless,
            "gain_established_to": past,
            "budget": self.budget,
            "within_budget": within,
            "decided": self.decided,
            "stopped": self.stopped,
            "undecided": [list(item) for item in self.undecided],
            "rows": [{"value": row.value, **flat(row)} for row in self.rows],
        }

    @property
    def ending(self) -> str:
        """Name of the situation that the sweep ends on, empty for none: what others than its curve tell of."""
        chosen = self.affordable if self.affordable is not None and not self.worthless else self.knee
        chosen = self.established if chosen is None and not self.criterion else chosen
        return "" if chosen is None else str(self.spec["names"][chosen])

    @property
    def stopped(self) -> str:
        """Why replications stopped: `decided`, `maximum`, or `given` where their number was stated."""
        if self.spec.get("maximum") is None:
            return "given"
        return "decided" if self.decided else "maximum"


def _signed(interval: Interval | None, sign: float) -> Interval | None:
    if interval is None:
        return None
    low, high = sorted((sign * interval[0], sign * interval[1]))
    return low, high


def _from_zero(interval: Interval | None) -> Interval | None:
    """Return the interval of what cannot be below zero."""
    return None if interval is None else (max(interval[0], 0.0), interval[1])


def _three(values: Floats) -> tuple[float, float, float] | None:
    if not np.isfinite(values).all():
        return None
    return float(values[0]), float(values[1]), float(values[2])


def _mean(values: Floats) -> tuple[float, Interval | None]:
    found = paired(np.zeros_like(values), values)
    return found.difference, found.interval

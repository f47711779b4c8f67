"""One value of a sweep, and its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Interval = tuple[float, float]


@dataclass(frozen=True)
class Row:
    """One value of a sweep.

    Attributes
    ----------
    name : str
        Of its variant.
    value : float
        What is varied, in the sweep's unit.
    devices, investment : float
        What is installed beyond the situation before, and its price [EUR].
    worth : float
        Mean of the figure that the sweep is judged by.
    interval : (float, float) or None
        Its 95 % interval.
    quantiles : (float, float, float) or None
        P10, P50 and P90 of it, chance and assumptions together.
    gain : float or None
        What it adds to the value before it in the list; of the first, to nothing at all.
    gain_interval : (float, float) or None
    added : float
        Devices that this takes; steps of the value where devices do not vary.
    cost : float or None
        What these devices cost over the horizon, in the unit of the figure; None where it is an indicator.
    regret : float
        By how much it falls short of the best value of each replication, on average.
    regret_interval : (float, float) or None
    best : float or None
        Share of the samples of assumptions in which it is the best.
    payback : float or None
        Median simple payback [year].
    affordable : bool or None
        Whether the budget pays for it.
    beside : mapping of str to (float, (float, float) or None)
        Mean difference of other indicators, and its interval.
    """

    name: str
    value: float
    devices: float
    investment: float
    worth: float
    interval: Interval | None
    quantiles: tuple[float, float, float] | None
    gain: float | None
    gain_interval: Interval | None
    added: float
    cost: float | None
    regret: float
    regret_interval: Interval | None
    best: float | None
    payback: float | None
    affordable: bool | None
    beside: Mapping[str, tuple[float, Interval | None]] = field(default_factory=dict)

    @property
    def marginal(self) -> float | None:
        """What the next device brings on this stretch, net of its cost."""
        return self.gain / self.added if self.gain is not None and self.added > 0.0 else None

    @property
    def marginal_interval(self) -> Interval | None:
        """Its 95 % interval."""
        if self.gain_interval is None or self.added <= 0.0:
            return None
        return self.gain_interval[0] / self.added, self.gain_interval[1] / self.added

    @property
    def unit_cost(self) -> float | None:
        """What one device costs over the horizon on this stretch."""
        return self.cost / self.added if self.cost is not None and self.added > 0.0 else None

    @property
    def gross(self) -> float | None:
        """What the next device brings on this stretch, its cost not taken off."""
        if self.marginal is None or self.unit_cost is None:
            return None
        return self.marginal + self.unit_cost


def flat(row: Row) -> dict[str, Any]:
    """Return the columns of a value: means and the ends of their intervals, not a number where there is none."""

    def ends(name: str, interval: Sequence[float] | None) -> dict[str, float]:
        low, high = interval or (np.nan, np.nan)
        return {f"{name}low": low, f"{name}high": high}

    nan = float("nan")
    found: dict[str, Any] = {"variant": row.name, "devices": row.devices, "investment": row.investment}
    found |= {"worth": row.worth, **ends("", row.interval)}
    found |= dict(zip(("p10", "p50", "p90"), row.quantiles or (nan, nan, nan), strict=True))
    found |= {"gain": nan if row.gain is None else row.gain, **ends("gain_", row.gain_interval)}
    found |= {"marginal": nan if row.marginal is None else row.marginal, **ends("marginal_", row.marginal_interval)}
    found |= {name: nan if getattr(row, name) is None else getattr(row, name) for name in ("gross", "unit_cost")}
    found |= {"regret": row.regret, **ends("regret_", row.regret_interval)}
    found |= {name: nan if getattr(row, name) is None else getattr(row, name) for name in ("best", "payback")}
    found["affordable"] = row.affordable
    for name, (mean, interval) in row.beside.items():
        found |= {name: mean, **ends(f"{name}_", interval)}
    return found

"""Traffic counts, and how well flows meet them.

References
----------
GEH statistic: sqrt(2 (m - c)^2 / (m + c)) of hourly flows; UK Highways Agency, Design Manual for Roads and Bridges,
volume 12a: a model is usually accepted with 85 % of the links below 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.randomness import stable_hash

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Fewer vehicles a day are a yard, or an error.
LEAST = 50.0


@dataclass(frozen=True)
class Counts:
    """Counts that can be compared; shapes (k,).

    Attributes
    ----------
    row : ndarray of int
        Row of the layer.
    first, second : ndarray of int
        Links counted; -1 where there is no second one.
    mean : ndarray of bool
        Whether the count is of one direction, which is not known: the mean of both is compared.
    vehicles : ndarray
        A mean day [vehicle/day].
    morning, evening : ndarray
        Busiest hours, missing where not counted [vehicle/h].
    held_out : ndarray of bool
        Whether the count judges rather than fits.
    """

    row: Ints
    first: Ints
    second: Ints
    mean: Bools
    vehicles: Floats
    morning: Floats
    evening: Floats
    held_out: Bools

    def __len__(self) -> int:
        """Return the number of counts."""
        return len(self.row)

    def modelled(self, flow: Floats) -> Floats:
        """Return the modelled value of each count, shape (k,), from flows on links, shape (m,)."""
        other = np.where(self.second >= 0, flow[self.second], 0.0)
        both = flow[self.first] + other
        two = self.mean & (self.second >= 0)
        return np.asarray(np.where(two, 0.5 * both, both))


def screened(frame: gpd.GeoDataFrame) -> Bools:
    """Return which counts can be believed: those that state a day's traffic, and peaks that are part of it."""
    day = numbers(frame, "vehicles")
    fine = np.nan_to_num(day) >= LEAST
    for name in ("morning_peak", "evening_peak"):
        peak = numbers(frame, name)
        fine &= np.isnan(peak) | ((peak <= 0.35 * day) & (peak >= 0.01 * day))
    return np.asarray(fine)


def counts_of(frame: gpd.GeoDataFrame, links: gpd.GeoDataFrame, supply: Supply) -> Counts:
    """Return the counts that lie on links in use, those of the last year of each street and direction.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_counts`.
    links : GeoDataFrame
        The layer `traffic_links`.
    supply : Supply
    """
    by_street: dict[str, dict[str, int]] = {}
    names = texts(links, "link_id")[supply.row]
    for number, street in enumerate(supply.street):
        if not supply.connector[number]:
            by_street.setdefault(str(street), {})["backward" if str(names[number]).endswith("-") else "forward"] = (
                number
            )
    direction, street = texts(frame, "direction"), texts(frame, "street_id").astype(str)
    year = np.nan_to_num(numbers(frame, "year"))
    rows_of_key: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(screened(frame)).tolist():
        if street[row] in by_street:
            rows_of_key.setdefault((str(street[row]), str(direction[row])), []).append(row)
    kept: list[tuple[int, int, int, bool]] = []
    groups: list[list[int]] = []
    for (name, counted), members in sorted(rows_of_key.items()):
        # The last year counted; both directions of it where none is stated.
        last = max(float(year[row]) for row in members)
        group = [row for row in members if year[row] == last]
        found = by_street[name]
        if counted in ("forward", "backward"):
            both = [found[counted]] if counted in found else []
        else:
            both = [found[key] for key in ("forward", "backward") if key in found]
        if both:
            kept.append((group[0], both[0], both[1] if len(both) > 1 else -1, counted == "one"))
            groups.append(group)
    table = np.array(kept, dtype=np.int64).reshape(-1, 4)
    rows = table[:, 0]

    def mean(column: str) -> Floats:
        values = numbers(frame, column)
        return np.array([values[group].mean() for group in groups], dtype=np.float64)

    return Counts(
        rows,
        table[:, 1],
        table[:, 2],
        table[:, 3] == 1,
        mean("vehicles"),
        mean("morning_peak"),
        mean("evening_peak"),
        # Half of the streets, by their names: the same half on every machine.
        np.array([stable_hash(f"count of {street[row]}") % 2 == 1 for row in rows], dtype=bool),
    )


def geh(model: Floats, count: Floats) -> Floats:
    """Return the GEH statistic of hourly flows, shape of the inputs."""
    both = np.maximum(model + count, 1e-9)
    return np.asarray(np.sqrt(2.0 * (model - count) ** 2 / both))


def r_squared(model: Floats, count: Floats) -> float:
    """Return the share of the variance of the counts that the model explains, as it stands: it may be below zero."""
    spread = float(((count - count.mean()) ** 2).sum()) if len(count) else 0.0
    return 1.0 - float(((model - count) ** 2).sum()) / spread if spread > 0.0 else float("nan")


@dataclass(frozen=True)
class Fit:
    """How well flows meet counts.

    Attributes
    ----------
    count : int
    r2 : float
        Of the flows as they stand.
    correlation : float
        Squared: what a factor for each place could reach.
    geh5 : float
        Share of the counts whose GEH, on hourly flows, is below 5.
    ratio : float
        Sum of the flows over that of the counts.
    """

    count: int
    r2: float
    correlation: float
    geh5: float
    ratio: float

    @classmethod
    def of(cls, model: Floats, count: Floats, hours: float = 1.0) -> Fit:
        """Return the fit of flows that last some hours."""
        if len(count) < 3:
            return cls(len(count), float("nan"), float("nan"), float("nan"), float("nan"))
        return cls(
            len(count),
            r_squared(model, count),
            float(np.corrcoef(model, count)[0, 1] ** 2),
            float((geh(model / hours, count / hours) < 5.0).mean()),
            float(model.sum() / count.sum()),
        )

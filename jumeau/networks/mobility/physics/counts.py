"""Traffic counts, and how well flows meet them.

References
----------
GEH statistic: sqrt(2 (m - c)^2 / (m + c)) of hourly flows; UK Highways Agency, Design Manual for Roads and Bridges,
volume 12a: a model is usually accepted with 85 % of the links below 5.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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
    road : ndarray of str
        Road counted.
    held_out : ndarray of bool
        Whether the count judges rather than fits: all counts of a road do the same.
    """

    row: Ints
    first: Ints
    second: Ints
    mean: Bools
    vehicles: Floats
    morning: Floats
    evening: Floats
    road: NDArray[np.object_]
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

    def part(self, chosen: Bools) -> Counts:
        """Return some of the counts."""
        return Counts(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def seen(self) -> tuple[Ints, sparse.csr_matrix]:
        """Return the links counted, each once, and what their flows say of each count, shape (k, links counted)."""
        two = self.second >= 0
        marked = np.unique(np.concatenate([self.first, self.second[two]]))
        share = np.where(self.mean & two, 0.5, 1.0)
        row = np.concatenate([np.arange(len(self)), np.flatnonzero(two)])
        column = np.searchsorted(marked, np.concatenate([self.first, self.second[two]]))
        shape = (len(self), len(marked))
        return marked, sparse.csr_matrix((np.concatenate([share, share[two]]), (row, column)), shape=shape)


def screened(frame: gpd.GeoDataFrame) -> Bools:
    """Return which counts can be believed: those that state a day's traffic, and peaks that are part of it."""
    day = numbers(frame, "vehicles")
    fine = np.nan_to_num(day) >= LEAST
    for name in ("morning_peak", "evening_peak"):
        peak = numbers(frame, name)
        fine &= np.isnan(peak) | ((peak <= 0.35 * day) & (peak >= 0.01 * day))
    return np.asarray(fine)


def counts_of(frame: gpd.GeoDataFrame, supply: Supply, years: float = np.inf) -> Counts:
    """Return the counts that lie on links in use, one for each street and direction, whatever the order of the layer.

    What was counted there in several years is their mean, of each year the mean of its counts.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_counts`.
    supply : Supply
    years : float
        How many years older than the newest count of all a count may be.
    """
    by_street: dict[str, dict[str, int]] = {}
    for number, street in enumerate(supply.street):
        if street and not supply.connector[number]:
            ahead = "backward" if str(supply.name[number]).endswith("-") else "forward"
            by_street.setdefault(str(street), {})[ahead] = number
    grouped = _grouped(frame, years)
    kept: list[tuple[int, int, int, bool]] = []
    groups: list[list[int]] = []
    for (name, counted), members in sorted(grouped.items()):
        found = by_street.get(name, {})
        if counted in ("forward", "backward"):
            both = [found[counted]] if counted in found else []
        else:
            both = [found[key] for key in ("forward", "backward") if key in found]
        if both:
            kept.append((members[-1], both[0], both[1] if len(both) > 1 else -1, counted == "one"))
            groups.append(members)
    table = np.array(kept, dtype=np.int64).reshape(-1, 4)
    roads = supply.road[table[:, 1]]
    means = {name: _means(frame, name, groups) for name in ("vehicles", "morning_peak", "evening_peak")}
    return Counts(
        table[:, 0],
        table[:, 1],
        table[:, 2],
        table[:, 3] == 1,
        means["vehicles"],
        means["morning_peak"],
        means["evening_peak"],
        roads,
        held_out(roads),
    )


def held_out(roads: NDArray[np.object_]) -> Bools:
    """Return which roads judge rather than fit: half of them, by their names, the same on every machine."""
    return np.array([stable_hash(f"count of {road}") % 2 == 1 for road in roads], dtype=bool)


def _grouped(frame: gpd.GeoDataFrame, years: float = np.inf) -> dict[tuple[str, str], list[int]]:
    """Return the rows of the counts that can be believed, by street and direction, from the oldest to the newest."""
    street, direction = texts(frame, "street_id").astype(str), texts(frame, "direction").astype(str)
    year, vehicles = np.nan_to_num(numbers(frame, "year")), numbers(frame, "vehicles")
    names = texts(frame, "count_id").astype(str)
    sound = screened(frame)
    newest = float(year[sound].max(initial=0.0))
    found: dict[tuple[str, str], list[int]] = {}
    rows = np.flatnonzero(sound & (year >= newest - years)).tolist()
    # Sums depend on the order of what is summed, to the last bit: the layer's own order does not count.
    for row in sorted(rows, key=lambda item: (year[item], vehicles[item], names[item])):
        found.setdefault((street[row], direction[row]), []).append(row)
    return found


def _means(frame: gpd.GeoDataFrame, column: str, groups: list[list[int]]) -> Floats:
    """Return the mean over years of the mean of each year, shape (groups,); missing where nothing was counted."""
    values, year = numbers(frame, column), np.nan_to_num(numbers(frame, "year"))
    found = np.full(len(groups), np.nan)
    for number, members in enumerate(groups):
        known = np.sort(np.array([row for row in members if not np.isnan(values[row])], dtype=np.int64))
        known = np.array(sorted(known.tolist(), key=lambda row: (year[row], values[row])), dtype=np.int64)
        if len(known):
            each = [float(values[known[year[known] == one]].mean()) for one in np.unique(year[known])]
            found[number] = float(np.mean(each))
    return found


def repeated(frame: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return the last count but one and the last one of each street and direction counted in several years.

    Each is the mean of what was counted in its year. How well the former tells the latter is what no model can be
    expected to pass.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_counts`.

    Returns
    -------
    before, last : ndarray, shape (k,)
        [vehicle/day].
    """
    year, vehicles = np.nan_to_num(numbers(frame, "year")), numbers(frame, "vehicles")
    pairs = []
    for _key, members in sorted(_grouped(frame).items()):
        known = sorted({float(year[row]) for row in members})
        if len(known) > 1:
            pairs.append([float(np.mean([vehicles[row] for row in members if year[row] == one])) for one in known[-2:]])
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


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
    log_correlation : float
        Squared, of the logarithms: large roads weigh no more than small ones.
    """

    count: int
    r2: float
    correlation: float
    geh5: float
    ratio: float
    log_correlation: float = float("nan")

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
            # What carries nothing in the model carries as little as counts that are left out.
            float(np.corrcoef(np.log(np.maximum(model, LEAST / hours)), np.log(count))[0, 1] ** 2),
        )

"""Before and after: paired differences, their 95 % interval, what pairing achieved, and a verdict in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from jumeau.results.sampled import Sampled

BASELINE = "baseline"

#: Share of the value before below which a difference is negligible where the user says nothing: networks that share
#: crews and streets leave traces of that size in each other.
TRACE = 1e-4

#: A first table speaks of a difference from this share of the value before on.
SEEN = 2e-3

DROP, RISE, UNDECIDED, NEGLIGIBLE = "drop established", "rise established", "undecided", "negligible"
#: What lies outside what its model means, before or after, is not judged.
OUTSIDE = "no verdict"

#: Attribute of a variable: the situations in which it lies outside what its model means, in JSON.
OUTSIDE_OF = "outside_of"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Record:
    """One indicator of one network in one variant, against the baseline: a row of `summary.json`.

    Attributes
    ----------
    network, indicator, label, group, unit, better : str
        What is compared (see `IndicatorSpec`).
    key : bool
        Whether it belongs to the short table.
    variant : str
        Name of the variant.
    baseline, variant_value, difference : float
        Means over replications, and mean of the paired differences (variant minus baseline), in `unit`.
    relative_difference : float or None
        Difference over baseline; None where the baseline is zero.
    ci95 : (float, float) or None
        Student's 95 % interval of the mean paired difference; None with fewer than two replications.
    variance_ratio : float or None
        Variance of the difference of independent runs over that of paired runs: what sharing the same world gained.
        None where the paired difference does not vary (nothing is left to chance).
    correlation : float or None
        Between baseline and variant over replications.
    p_holm : float or None
        p-value of "no difference", corrected for the number of rows (Holm).
    verdict : str
        `drop established`, `rise established`, `undecided` or `negligible`, whatever chance (`ci95`) and, where they
        were drawn, uncertain assumptions (`range80`) do; `no verdict` where the model does not mean anything there.
    threshold : float
        Differences inside plus or minus this are negligible.
    replications : int
        Number of pairs.
    range80 : (float, float) or None
        P10-P90 of the difference over the draws of uncertain assumptions.
    quantiles : (float, float, float) or None
        P10, P50 and P90 of the difference, chance and uncertain assumptions together; None where nothing is known.
    stated : bool
        Whether the user stated the threshold; else it is `TRACE` of the value before.
    """

    network: str
    indicator: str
    label: str
    group: str
    unit: str
    better: str
    key: bool
    variant: str
    baseline: float
    variant_value: float
    difference: float
    relative_difference: float | None
    ci95: tuple[float, float] | None
    variance_ratio: float | None
    correlation: float | None
    p_holm: float | None
    verdict: str
    threshold: float
    replications: int
    range80: tuple[float, float] | None
    stated: bool = True
    quantiles: tuple[float, float, float] | None = None

    @property
    def median(self) -> float:
        """P50 of the difference, chance and assumptions together; the difference where these are not known."""
        return self.quantiles[1] if self.quantiles else self.difference

    @property
    def share(self) -> float | None:
        """The median over the value before; None where there is nothing before."""
        return self.median / self.baseline if self.baseline else None

    @property
    def moves(self) -> bool:
        """Whether it changes by more than the trace that networks leave in each other, be it in some draws only."""
        return any(abs(value) > TRACE * abs(self.baseline) for value in (self.difference, *(self.range80 or ())))

    @property
    def seen(self) -> bool:
        """Whether a first table should speak of it; ranges of few draws are rough, and count tenfold."""
        least = SEEN * abs(self.baseline)
        return abs(self.difference) > least or any(abs(end) > 10 * least for end in self.range80 or ())

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Paired:
    """Statistics of paired samples.

    Attributes
    ----------
    difference : float
        Mean of `after - before`.
    interval : (float, float) or None
        95 % interval.
    variance_ratio, correlation : float or None
    p_value : float or None
        Two-sided.
    """

    difference: float
    interval: tuple[float, float] | None
    variance_ratio: float | None
    correlation: float | None
    p_value: float | None


def paired(before: Floats, after: Floats) -> Paired:
    """Compare paired samples.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same replications in the same order; pairs with a missing value are left out.

    Returns
    -------
    Paired

    Notes
    -----
    With fewer than two pairs there is no interval. Where the differences are all equal the interval is that value:
    chance plays no part.
    """
    known = np.isfinite(before) & np.isfinite(after)
    before, after = before[known], after[known]
    size = len(before)
    if size == 0:
        return Paired(float("nan"), None, None, None, None)
    gaps = after - before
    mean = float(np.mean(gaps))
    if size < 2:
        return Paired(mean, None, None, None, None)
    spread = float(np.std(gaps, ddof=1))
    # Sums of thousands of floats leave a dust that is not a variance.
    dust = 1e-12 * float(max(np.abs(before).max(), np.abs(after).max(), 0.0))
    if spread <= dust:
        return Paired(mean, (mean, mean), None, None, 0.0 if abs(mean) > dust else 1.0)
    from scipy import stats  # takes most of a second, which not every command has a use for

    half = float(stats.t.ppf(0.975, size - 1)) * spread / np.sqrt(size)
    variances = float(np.var(before, ddof=1) + np.var(after, ddof=1))
    varied = float(np.std(before)) > 0 and float(np.std(after)) > 0
    correlation = float(np.corrcoef(before, after)[0, 1]) if varied else None
    p_value = float(2 * stats.t.sf(abs(mean) / (spread / np.sqrt(size)), size - 1))
    return Paired(mean, (mean - half, mean + half), variances / spread**2, correlation, p_value)


def verdict(interval: tuple[float, float] | None, threshold: float, assumed: tuple[float, float] | None = None) -> str:
    """Return what may be said of a difference, given its interval and what is negligible to the user.

    Where assumptions were drawn, their range has to agree: what they may turn round is undecided.
    """
    if interval is None:
        return UNDECIDED
    found = _side(interval, threshold)
    if assumed is None:
        return found
    low, high = assumed
    holds = {
        NEGLIGIBLE: _side(assumed, threshold) == NEGLIGIBLE,
        DROP: high < 0,
        RISE: low > 0,
    }
    return found if holds.get(found, False) else UNDECIDED


def _side(interval: tuple[float, float], threshold: float) -> str:
    low, high = interval
    if -threshold <= low and high <= threshold:
        return NEGLIGIBLE
    if high < 0:
        return DROP
    return RISE if low > 0 else UNDECIDED


def holm(p_values: list[float | None]) -> list[float | None]:
    """Return Holm's step-down correction of p-values; None stays None."""
    known = sorted((value, place) for place, value in enumerate(p_values) if value is not None)
    corrected: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, (value, place) in enumerate(known):
        running = max(running, min(1.0, (len(known) - rank) * value))
        corrected[place] = running
    return corrected


def compare(
    dataset: xr.Dataset,
    draws: xr.Dataset | None = None,
    thresholds: Mapping[str, float] | None = None,
    sampled: Sampled | None = None,
) -> list[Record]:
    """Compare every variant with the baseline, indicator by indicator.

    Parameters
    ----------
    dataset : Dataset
        Variables with dims (scenario, replication) and attrs `network`, `indicator`, `long_name`, `units`, `group`,
        `better`, `key`.
    draws : Dataset, optional
        The same variables with dims (scenario, draw, replication), for uncertain assumptions.
    thresholds : mapping, optional
        Variable name -> difference that is negligible to the user.
    sampled : Sampled, optional
        Samples of the account, in which prices and emission factors are uncertain too: ranges of its lines are theirs.

    Returns
    -------
    list of Record
        Ordered by variant, then as in the dataset.
    """
    thresholds = thresholds or {}
    names = [str(name) for name in dataset["scenario"].values]
    first = names.index(BASELINE)
    values = {
        str(name): array.transpose("scenario", "replication").to_numpy() for name, array in dataset.data_vars.items()
    }
    found: list[tuple[int, str, Paired]] = [
        (row, name, paired(array[first], array[row]))
        for row in range(len(names))
        if row != first
        for name, array in values.items()
    ]
    corrected = holm([pair.p_value for _row, _name, pair in found])
    drawn = _drawn(draws, names)
    priced = {names[row]: sampled.ranges(names[row]) for row in range(len(names)) if row != first} if sampled else {}
    records = []
    for (row, name, pair), p_holm in zip(found, corrected, strict=True):
        attrs, variant = dataset[name].attrs, names[row]
        # Means over the very pairs that the difference is taken over, so that the three figures agree.
        both = np.isfinite(values[name][[first, row]]).all(axis=0)
        before = _mean(values[name][first, both])
        threshold = float(thresholds.get(name, TRACE * abs(before) if np.isfinite(before) else 0.0))
        central = values[name][row] - values[name][first]
        range80 = _range80(drawn.get(name), central, row, first)
        quantiles = _quantiles(drawn.get(name), central, row, first)
        if name in priced.get(variant, {}):
            told = priced[variant][name]
            range80, quantiles = told.assumed, told.quantiles if quantiles is not None else None
        unfit = {BASELINE, variant} & set(json.loads(attrs.get(OUTSIDE_OF, "[]")))
        records.append(
            Record(
                network=attrs["network"],
                indicator=attrs["indicator"],
                label=attrs["long_name"],
                group=attrs["group"],
                unit=attrs["units"],
                better=attrs["better"],
                key=bool(attrs["key"]),
                variant=variant,
                baseline=before,
                variant_value=_mean(values[name][row, both]),
                difference=pair.difference,
                relative_difference=pair.difference / before if before else None,
                ci95=pair.interval,
                variance_ratio=pair.variance_ratio,
                correlation=pair.correlation,
                p_holm=p_holm,
                verdict=OUTSIDE if unfit else verdict(pair.interval, threshold, range80),
                threshold=threshold,
                stated=name in thresholds,
                replications=values[name].shape[1],
                range80=range80,
                quantiles=quantiles,
            )
        )
    return records


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.mean(known)) if len(known) else float("nan")


def _drawn(draws: xr.Dataset | None, scenarios: list[str]) -> dict[str, Floats]:
    """Return each variable, shape (scenario, draw, replication); nothing for a single draw."""
    if draws is None or draws.sizes["draw"] < 2:
        return {}
    rows = [[str(name) for name in draws["scenario"].values].index(name) for name in scenarios]
    found = {}
    for name, array in draws.data_vars.items():
        found[str(name)] = array.transpose("scenario", "draw", "replication").to_numpy()[rows]
    return found


def _range80(values: Floats | None, central: Floats, row: int, first: int) -> tuple[float, float] | None:
    """Return where differences lie over the draws of assumptions, P10 to P90, chance left out.

    Parameters
    ----------
    values : ndarray or None, shape (scenario, draw, replication)
    central : ndarray, shape (replications,)
        Differences with central assumptions.
    row, first : int
        Variant and baseline.
    """
    moved = _moved(values, central, row, first)
    if len(moved) < 2:
        return None
    low, high = np.quantile(moved + _mean(central), [0.1, 0.9])
    return float(low), float(high)


def _quantiles(values: Floats | None, central: Floats, row: int, first: int) -> tuple[float, float, float] | None:
    """Return P10, P50 and P90 of the difference that a period will show, chance and assumptions together.

    Each draw moves the difference by so much, whatever chance does: every move is set beside every replication.
    """
    known = central[np.isfinite(central)]
    if len(known) < 2:
        return None
    moved = _moved(values, central, row, first)
    both = known if len(moved) < 2 else (known[:, None] + moved[None, :]).ravel()
    low, middle, high = np.quantile(both, [0.1, 0.5, 0.9])
    return float(low), float(middle), float(high)


def _moved(values: Floats | None, central: Floats, row: int, first: int) -> Floats:
    """Return by how much each draw of assumptions moves the difference, shape (draws,); empty without draws.

    Draws are run for the first replications only. What chance does in these is known from the same replications with
    central assumptions, and is taken off (a control variate): else the range of a noisy indicator would lie beside its
    difference.
    """
    if values is None:
        return np.zeros(0)
    gaps = values[row] - values[first]
    alike = central[: gaps.shape[1]]
    known = np.isfinite(gaps) & np.isfinite(alike)
    some = known.any(axis=1)
    away = np.where(known, gaps - np.where(np.isfinite(alike), alike, 0.0), 0.0)
    return np.asarray(away.sum(axis=1)[some] / known.sum(axis=1)[some], dtype=np.float64)

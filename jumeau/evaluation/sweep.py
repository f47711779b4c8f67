"""What a finished run says of its sweep: its `Curve`, made of results and their evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.accounts import TOTAL
from jumeau.errors import InputError
from jumeau.evaluation.criteria import CRITERIA
from jumeau.evaluation.curve import Beside, Curve, Ranges
from jumeau.evaluation.replicated import worth_by_replication
from jumeau.i18n import _
from jumeau.results.comparison import BASELINE
from jumeau.results.model import Results

Floats = NDArray[np.float64]

#: Key of the provenance under which a campaign keeps its sweep.
SWEEP = "sweep"

#: Criteria that a curve may be of: sums of flows, costs included, of which more is better.
NET = ("collective_value", "financial_benefit", "net_present_socio_economic_value", "net_public_value", "carbon_net")


def read_sweep(results: Results, *, ranged: bool = True) -> Curve:
    """Return the curve of the sweep that a scenario asked for.

    Parameters
    ----------
    results : Results
    ranged : bool
        Whether uncertain prices and assumptions are told too, from the evaluation of the results.

    Raises
    ------
    InputError
        When the scenario has no sweep.
    """
    spec = results.provenance.get(SWEEP)
    if not spec:
        raise InputError(_("the scenario has no sweep"), hint=_("write a block « sweep: » in it"))
    names, before = [str(name) for name in spec["names"]], [str(name) for name in spec["before"]]
    devices, device = _devices(results, spec)
    investment = np.array(
        [_invested(results, own) - _invested(results, first) for own, first in zip(names, before, strict=True)]
    )
    others = tuple(_beside(results, str(name), names, before) for name in spec["beside"])
    judge = str(spec["judge"])
    if judge not in CRITERIA:
        told = _beside(results, judge, names, before)
        better = next(array for array in _arrays(results, judge)).attrs["better"]
        sign = 1.0 if better == "higher" else -1.0
        return Curve(
            spec, told.label, told.unit, devices, device, investment, sign * told.changes, None, sign, others,
            _ranges_of_payback(results, names) if ranged else None,
        )  # fmt: skip
    apart = [name for name in dict.fromkeys(before) if name != BASELINE]
    worth = worth_by_replication(results, [*names, *apart], judge)
    nothing = np.zeros(results.replications)
    gains = np.stack(
        [
            worth[own].net - (worth[first].net if first != BASELINE else nothing)
            for own, first in zip(names, before, strict=True)
        ]
    )
    bought = np.array(
        [
            worth[own].bought - (worth[first].bought if first != BASELINE else 0.0)
            for own, first in zip(names, before, strict=True)
        ]
    )
    item = CRITERIA[judge]
    ranges = _ranges(results, judge, names, before, nothing=bool(device)) if ranged else None
    return Curve(spec, item.label, item.unit, devices, device, investment, gains, bought, 1.0, others, ranges)


def _arrays(results: Results, name: str) -> list[Any]:
    owner, _dot, indicator = name.partition(".")
    return [
        array
        for array in results.dataset.data_vars.values()
        if (array.attrs["network"], array.attrs["indicator"]) == (owner, indicator)
    ]


def _beside(results: Results, name: str, names: Sequence[str], before: Sequence[str]) -> Beside:
    """Return an indicator along the curve."""
    array = _arrays(results, name)[0]
    changes = np.stack(
        [
            array.sel(scenario=own).to_numpy() - array.sel(scenario=first).to_numpy()
            for own, first in zip(names, before, strict=True)
        ]
    )
    return Beside(name, str(array.attrs["long_name"]), str(array.attrs["units"]), changes)


def _invested(results: Results, situation: str) -> float:
    bill = results.bill[results.bill["variant"] == situation]
    return float((bill["count"] * bill["unit_cost"]).sum())


def _devices(results: Results, spec: Mapping[str, Any]) -> tuple[Floats, str]:
    """Return how many devices of the measure each point has, and what they are; no name where all have the same.

    A measure may buy several kinds: the one is counted whose number varies most.
    """
    network, _dot, measure = str(spec["measure"]).partition(".")
    bill = results.bill
    own = bill[(bill["network"] == network) & (bill["measure"] == measure)] if measure else bill.iloc[:0]
    names = [str(name) for name in spec["names"]]
    table = own.pivot_table("count", "kind", "variant", aggfunc="sum", fill_value=0) if len(own) else pd.DataFrame()
    table = table.reindex(columns=names, fill_value=0.0)
    spreads = np.ptp(table.to_numpy(dtype=np.float64), axis=1) if len(table) else np.zeros(0)
    if not len(spreads) or spreads.max() <= 0.0:
        return np.zeros(len(names)), ""
    kind = table.index[int(spreads.argmax())]
    counts = table.loc[kind].to_numpy(dtype=np.float64)
    return counts, str(own[own["kind"] == kind]["label"].iloc[0])


def _ranges(results: Results, judge: str, names: Sequence[str], before: Sequence[str], *, nothing: bool) -> Ranges:
    """Return what the samples of the evaluation say along the curve."""
    samples = results.evaluation.samples[judge].sel(network=TOTAL)

    def of(name: str) -> Floats:
        values: Floats = samples.sel(variant=name).to_numpy()
        return values

    worth = np.stack(
        [of(own) - (of(first) if first != BASELINE else 0.0) for own, first in zip(names, before, strict=True)]
    )
    full = np.vstack([np.zeros((1, worth.shape[1])), worth]) if nothing else worth
    known = np.isfinite(full).all(axis=0)
    wins = np.bincount(full[:, known].argmax(axis=0), minlength=len(full)) / max(int(known.sum()), 1)
    quantiles = np.nanquantile(worth, [0.1, 0.5, 0.9], axis=1).T
    return Ranges(quantiles, wins[1:] if nothing else wins, _paybacks(results, names))


def _ranges_of_payback(results: Results, names: Sequence[str]) -> Ranges | None:
    """Return no ranges of an indicator but the payback of what it takes."""
    if results.sampled is None:
        return None
    missing = np.full((len(names), 3), np.nan)
    return Ranges(missing, np.full(len(names), np.nan), _paybacks(results, names))


def _paybacks(results: Results, names: Sequence[str]) -> Floats:
    return np.array([results.evaluation.estimate("simple_payback", name).p50 for name in names])

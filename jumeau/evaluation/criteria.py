"""The five criteria and what goes with them, each as an array over samples.

References
----------
Citizing, OpenCitiz, *Smart City : gadget ou création de valeur collective ?*, 2017 (the five criteria); France
Stratégie, DG Trésor, SGPI, *Guide de l'évaluation socioéconomique des investissements publics*, 2023 (socio-economic
net present value, cost of public funds).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumeau.evaluation import finance
from jumeau.evaluation.flows import PER_TONNE, Ledger

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Criterion:
    """One figure of an evaluation.

    Attributes
    ----------
    name, label, unit, description : str
        `label` and `description` are English message ids.
    rank : str
        `1` to `5` of the five criteria; empty for the rest.
    better : str
        `higher`, `lower` or `neutral`.
    group : str
        `criteria`, `money`, `carbon` or `budget`.
    unbounded : bool
        Whether infinity has a meaning: never repaid.
    """

    name: str
    label: str
    unit: str
    rank: str
    better: str
    group: str
    unbounded: bool
    description: str


def _read(path: Path) -> dict[str, Criterion]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["name"]: Criterion(**{**row, "unbounded": row["unbounded"] == "yes"})  # type: ignore[arg-type]
            for row in csv.DictReader(stream)
        }


CRITERIA: Mapping[str, Criterion] = _read(Path(__file__).with_name("criteria.csv"))

#: The five criteria, in their order.
FIVE: tuple[str, ...] = tuple(item.name for item in sorted(CRITERIA.values(), key=lambda item: item.rank) if item.rank)


@dataclass(frozen=True)
class Rules:
    """What criteria are computed with, each of shape (samples,).

    Attributes
    ----------
    rate : ndarray
        Real discount rate [1/year].
    public_funds_cost : ndarray
        Multiplier of net public flows.
    carbon_value : ndarray, shape (samples, years)
        By year [EUR/tCO2e].
    """

    rate: Floats
    public_funds_cost: Floats
    carbon_value: Floats


def _over(part: Floats, whole: Floats) -> Floats:
    """Return a ratio, not a number where there is nothing to divide by."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0.0))


def financial_benefit(ledger: Ledger, networks: Iterable[str], rules: Rules) -> Floats:
    """Return the net present value for the authority of some networks together, shape (samples,) [EUR]."""
    own = np.sum([ledger.sum(network, "authority") for network in networks], axis=0)
    return finance.present_value(own, rules.rate)


def criteria(ledger: Ledger, networks: Iterable[str], rules: Rules) -> dict[str, Floats]:
    """Return every criterion of some networks together.

    Parameters
    ----------
    ledger : Ledger
    networks : iterable of str
    rules : Rules

    Returns
    -------
    dict of str to ndarray, shape (samples,)
        One for each of `CRITERIA`.
    """
    named = list(networks)

    def whole(name: str) -> Floats:
        return np.asarray(np.sum([ledger.sum(network, name) for network in named], axis=0) + np.zeros(ledger.shape))

    own, public, others = whole("authority"), whole("other_public"), whole("others")
    invested, financing = whole("investment"), whole("financing")
    # What things are still worth at the horizon repays nobody.
    earned = own - whole("residual")
    avoided = np.sum([ledger.avoided[network] for network in named], axis=0) + np.zeros(ledger.shape)
    embodied = np.sum([ledger.embodied[network] for network in named], axis=0) + np.zeros(ledger.shape)
    net = avoided - embodied
    rate, years = rules.rate, ledger.shape[1] - 1

    def worth(flows: Floats) -> Floats:
        return finance.present_value(flows, rate)

    investment, benefit = worth(invested), worth(own)
    social = worth(public) + worth(others)
    collective = benefit + social
    public_net = benefit + worth(public)
    socio_economic = worth(others) + rules.public_funds_cost * public_net
    carbon_worth = worth(net * PER_TONNE * rules.carbon_value)
    without_carbon = collective - carbon_worth
    weighted = worth(net * PER_TONNE * (rules.carbon_value / rules.carbon_value[:, :1]))
    tonnes = net.sum(axis=1) * PER_TONNE
    cash = own + financing
    return {
        "investment": investment,
        "financial_benefit": benefit,
        "socio_economic_benefit": social,
        "collective_value": collective,
        "collective_value_per_euro": _over(collective, investment),
        "undiscounted_investment": invested.sum(axis=1),
        "undiscounted_benefit": own.sum(axis=1),
        "gross_ratio": _over(collective, investment) + 1.0,
        "internal_rate": finance.internal_rate(own),
        "modified_rate": finance.modified_rate(own, rate),
        "sign_changes": finance.sign_changes(own).astype(np.float64),
        "simple_payback": finance.payback(earned),
        "discounted_payback": finance.payback(earned, rate),
        "annual_equivalent": finance.annual_equivalent(benefit, rate, years),
        "net_present_socio_economic_value": socio_economic,
        "socio_economic_value_per_public_euro": _over(socio_economic, investment),
        "socio_economic_value_per_net_public_euro": _over(socio_economic, -public_net),
        "net_public_value": public_net,
        "cash_value": worth(cash),
        "cash_payback": finance.payback(earned + financing, rate),
        "carbon_avoided": avoided.sum(axis=1) * PER_TONNE,
        "carbon_embodied": embodied.sum(axis=1) * PER_TONNE,
        "carbon_net": tonnes,
        "carbon_value": carbon_worth,
        "carbon_payback": np.where(embodied.any(axis=1), finance.payback(net), 0.0),
        # The cost of a tonne to all together, carbon itself left out; worth doing below the value of a tonne.
        "abatement_cost": np.where(tonnes > 0.0, _over(-without_carbon, weighted), np.nan),
        "cost_per_tonne": _over(-benefit, tonnes),
    }

"""Where the money comes from: VAT and its compensation, grants, certificates, loans; no part of a project's value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jumeau.evaluation import finance
from jumeau.evaluation.flows import Ledger
from jumeau.evaluation.parameters import ALL, Financing, Grant
from jumeau.evaluation.project import AUTHORITY, OTHER_PUBLIC, THIRD_PARTIES, Project

Floats = NDArray[np.float64]


def shifted(flows: Floats, years: int) -> Floats:
    """Return flows that come some years later; what would come after the horizon comes in its last year."""
    if years <= 0:
        return flows
    found = np.zeros_like(flows)
    found[..., years:] = flows[..., : flows.shape[-1] - years]
    found[..., -1] += flows[..., max(flows.shape[-1] - years, 0) :].sum(axis=-1)
    return found


def finance_project(
    ledger: Ledger,
    project: Project,
    given: Financing,
    *,
    vat: float,
    fctva: float,
    cee_price: Floats,
    inflation: Floats,
    own_share: float = 0.0,
    rates: Mapping[str, Floats] | None = None,
) -> None:
    """Book a project's financing, network by network.

    Parameters
    ----------
    ledger : Ledger
        With the project laid out.
    project : Project
    given : Financing
    vat, fctva : float
        Rate of VAT, and share of the expense, VAT included, that is compensated.
    cee_price : ndarray, shape (samples,)
        [EUR/kWh cumac].
    inflation : ndarray, shape (samples,)
        Turns nominal payments into constant euros [1/year].
    own_share : float
        Share of the first investment that grants together leave to the authority at least.
    rates : mapping of str to ndarray, shape (samples,)
        Rates of the programmes that grants name.
    """
    invested = {name: ledger.sum(name, "investment") for name in (*project.networks,)}
    if given.fctva:
        for name, amount in invested.items():
            ledger.book(name, "vat_paid", AUTHORITY, -vat * amount, OTHER_PUBLIC)
            back = shifted(fctva * (1.0 + vat) * amount, given.fctva_delay)
            ledger.book(name, "fctva", AUTHORITY, back, OTHER_PUBLIC)
    firsts = {name: _first_investment(ledger, project, name) for name in invested}
    granted = {name: np.zeros(ledger.shape[0]) for name in firsts}
    most = {name: (1.0 - own_share) * amount.sum(axis=1) for name, amount in firsts.items()}
    for grant in given.grants:
        rate = (rates or {})[grant.programme] if grant.programme else (grant.share or 0.0)
        _grant(ledger, firsts, granted, most, grant, rate)
    for network, kind, count in _added(project):
        if kind in given.cee:
            first, _renewed, _left = project.schedules[network].purchases(np.ones(1))
            energy = given.cee[kind] * count * first
            ledger.book(network, "cee", AUTHORITY, cee_price[:, None] * energy, THIRD_PARTIES)
    if given.cee_sheets:
        for network, granted_energy in _by_sheets(project, given).items():
            first, _renewed, _left = project.schedules[network].purchases(np.ones(1))
            ledger.book(network, "cee", AUTHORITY, cee_price[:, None] * granted_energy * first, THIRD_PARTIES)
    if given.loan is not None:
        for name in invested:
            _loan(ledger, name, firsts[name], given, inflation)


def _added(project: Project) -> list[tuple[str, str, float]]:
    """Return how many devices of each kind a project has beyond those of the baseline: certificates are for these."""
    counts: dict[tuple[str, str], float] = {}
    for purchase in project.purchases:
        place = purchase.network, purchase.kind
        counts[place] = counts.get(place, 0.0) + purchase.sign * purchase.count
    return [(network, kind, count) for (network, kind), count in counts.items() if count > 0.0]


def _by_sheets(project: Project, given: Financing) -> dict[str, float]:
    """Return the certificates of a project by network [kWh cumac], kinds whose certificates are stated left out."""
    found: dict[str, float] = {}
    for purchase in project.purchases:
        if purchase.kind not in given.cee:
            found[purchase.network] = found.get(purchase.network, 0.0) + purchase.sign * purchase.certificates
    return {network: energy for network, energy in found.items() if energy > 0.0}


def _grant(
    ledger: Ledger,
    invested: dict[str, Floats],
    granted: dict[str, Floats],
    most: dict[str, Floats],
    grant: Grant,
    rate: Floats | float,
) -> None:
    """Book a grant: one amount, in one year, shared between networks by what they first invest; renewals get none.

    Grants together, in `granted` by network, never pay more than `most`.
    """
    eligible = {name: amount.sum(axis=1) for name, amount in invested.items() if grant.network in (ALL, name)}
    whole = np.sum(list(eligible.values()), axis=0)
    amount = np.minimum(grant.amount, np.maximum(whole, 0.0)) if grant.amount is not None else rate * whole
    if grant.ceiling is not None:
        amount = np.minimum(amount, grant.ceiling)
    year = np.zeros(ledger.shape[1])
    year[min(grant.year, ledger.shape[1] - 1)] = 1.0
    for name, part in eligible.items():
        share = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
        paid = np.minimum(amount * share, np.maximum(most[name] - granted[name], 0.0))
        granted[name] = granted[name] + paid
        ledger.book(name, "grants", AUTHORITY, paid[:, None] * year, OTHER_PUBLIC)


def _first_investment(ledger: Ledger, project: Project, network: str) -> Floats:
    """Return the first investment of a network by year: what a loan may pay."""
    found = np.zeros(ledger.shape)
    for purchase in project.purchases:
        if purchase.network == network:
            first, _renewed, _left = project.schedules[network].purchases(np.ones(1))
            price = (purchase.sign * np.broadcast_to(purchase.price, (project.samples,)))[:, None]
            found += price * first * purchase.growth
    for flow in project.dated:
        if flow.network == network and flow.item in ("initial_investment", "studies") and flow.actor == AUTHORITY:
            found -= flow.amount
    return np.maximum(found, 0.0)


def _loan(ledger: Ledger, network: str, invested: Floats, given: Financing, inflation: Floats) -> None:
    """Book a loan: drawn as the money is spent, repaid by constant nominal payments.

    What is owed at the horizon is repaid then, so that no debt is forgotten.
    """
    loan = given.loan
    if loan is None:
        return
    years = ledger.shape[1]
    drawn = loan.share * invested
    repaid = np.zeros(ledger.shape)
    deflator = finance.discount_factors(inflation, years)
    for year in (int(place) for place in np.flatnonzero(drawn.any(axis=0))):
        payment = finance.annuity(drawn[:, year], loan.rate, loan.years)
        last = min(year + loan.years, years - 1)
        for paid in range(year + 1, last + 1):
            # Nominal euros of the year of the loan, brought to constant ones.
            repaid[:, paid] += payment * deflator[:, paid] / deflator[:, year]
        left = year + loan.years - last
        if left > 0:
            owed = finance.present_value(np.repeat(payment[:, None], left, axis=1), loan.rate) / (1.0 + loan.rate)
            repaid[:, last] += owed * deflator[:, last] / deflator[:, year]
    ledger.book(network, "loan_drawn", AUTHORITY, drawn, THIRD_PARTIES)
    ledger.book(network, "loan_repaid", AUTHORITY, -repaid, THIRD_PARTIES)

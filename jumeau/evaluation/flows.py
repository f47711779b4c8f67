"""Flows by year: a project's purchases, effects and tonnes laid out over the horizon."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumeau.evaluation.items import FINANCING, INVESTMENT, ITEMS, RESIDUAL
from jumeau.evaluation.project import AUTHORITY, ENVIRONMENT, OTHER_PUBLIC, Project, Purchase

Floats = NDArray[np.float64]

PER_TONNE = 1e-3


@dataclass
class Ledger:
    """What each network's flows come to, by what criteria ask for; amounts of shape (samples, years).

    Attributes
    ----------
    shape : (int, int)
        Samples and years.
    booked : dict
        By (network, item, actor) [EUR]; kept where `detailed`.
    sums : dict
        By (network, class): `authority` (the project's own flows of the authority), `residual` (part of these),
        `investment` (positive),
        `other_public`, `others` (users, third parties, environment, carbon left out), `financing` (of the authority)
        [EUR].
    avoided, embodied : dict
        By network [kgCO2e].
    """

    shape: tuple[int, int]
    detailed: bool = False
    booked: dict[tuple[str, str, str], Floats] = field(default_factory=dict)
    sums: dict[tuple[str, str], Floats] = field(default_factory=dict)
    avoided: dict[str, Floats] = field(default_factory=dict)
    embodied: dict[str, Floats] = field(default_factory=dict)

    def book(self, network: str, item: str, actor: str, amount: Floats, mirror: str = "") -> None:
        """Book an amount for an actor, and the opposite for whom it comes from."""
        self._one(network, item, actor, amount)
        if mirror:
            self._one(network, item, mirror, -amount)

    def _one(self, network: str, item: str, actor: str, amount: Floats) -> None:
        kind = ITEMS[item].kind
        if self.detailed:
            self._add(self.booked, (network, item, actor), amount)
        if kind == FINANCING:
            if actor == AUTHORITY:
                self._add(self.sums, (network, "financing"), amount)
            return
        if actor == AUTHORITY:
            self._add(self.sums, (network, "authority"), amount)
            if kind == RESIDUAL:
                self._add(self.sums, (network, "residual"), amount)
            if kind == INVESTMENT:
                self._add(self.sums, (network, "investment"), -amount)
        elif actor == OTHER_PUBLIC:
            self._add(self.sums, (network, "other_public"), amount)
        else:
            self._add(self.sums, (network, "others"), amount)

    def _add(self, where: dict, key: object, amount: Floats) -> None:  # type: ignore[type-arg]
        if key not in where:
            where[key] = np.zeros(self.shape)
        where[key] += amount

    def sum(self, network: str, name: str) -> Floats:
        """Return a class of flows of a network, zeros where it has none."""
        found = self.sums.get((network, name))
        return np.zeros(self.shape) if found is None else found


def lay_out(project: Project, carbon_value: Floats, *, delay: int = 0, detailed: bool = False) -> Ledger:
    """Lay a project out over its horizon.

    Parameters
    ----------
    project : Project
    carbon_value : ndarray, shape (samples, years) or (years,)
        Value of a tonne by year [EUR/tCO2e].
    delay : int
        Years by which effects come late.
    detailed : bool
        Whether to keep flows by item and actor.

    Returns
    -------
    Ledger
    """
    years = project.horizon + 1
    ledger = Ledger((project.samples, years), detailed)
    for network in project.networks:
        ledger.avoided[network] = np.zeros(ledger.shape)
        ledger.embodied[network] = np.zeros(ledger.shape)
    for purchase in project.purchases:
        _buy(ledger, project, purchase, carbon_value)
    shares = {network: schedule.effect(delay, project.ramp_scale) for network, schedule in project.schedules.items()}
    for effect in project.effects:
        ledger.book(effect.network, effect.item, effect.actor, effect.amount * shares[effect.network], effect.mirror)
    for dated in project.dated:
        ledger.book(dated.network, dated.item, dated.actor, dated.amount, dated.mirror)
    for emission in project.emissions:
        tonnes = emission.avoided * shares[emission.network]
        ledger.avoided[emission.network] += tonnes
        ledger.book(emission.network, "carbon", ENVIRONMENT, tonnes * PER_TONNE * carbon_value)
    return ledger


def _buy(ledger: Ledger, project: Project, purchase: Purchase, carbon_value: Floats) -> None:
    schedule = project.schedules[purchase.network]
    life = np.broadcast_to(purchase.life, (project.samples,))
    first, renewed, _left = schedule.purchases(life)
    price = (purchase.sign * np.broadcast_to(purchase.price, (project.samples,)))[:, None]
    last = np.zeros(schedule.years)
    last[-1] = 1.0
    network = purchase.network
    ledger.book(network, purchase.item, AUTHORITY, -price * first * purchase.growth)
    if renewed.any():
        ledger.book(network, "renewal", AUTHORITY, -price * renewed * purchase.growth)
    # What is left is a part of what was paid, at the price of the year of the purchase.
    left = (schedule.left(life) * purchase.growth).sum(axis=1)
    ledger.book(network, "residual_value", AUTHORITY, price * left[:, None] * last)
    if np.any(purchase.fee):
        fee = (purchase.sign * np.broadcast_to(purchase.fee, (project.samples,)))[:, None]
        ledger.book(network, "fees", AUTHORITY, -fee * schedule.installed() * purchase.fee_growth)
    if np.any(purchase.embodied):
        tonnes = (purchase.sign * np.broadcast_to(purchase.embodied, (project.samples,)))[:, None] * (first + renewed)
        ledger.embodied[network] += tonnes
        ledger.book(network, "digital_footprint", ENVIRONMENT, -tonnes * PER_TONNE * carbon_value)

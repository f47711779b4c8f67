"""A project as evaluation sees it, whatever it comes from: purchases, yearly effects, dated flows, tonnes.

Effects are those of a full year once everything is deployed; the calendar says when they come. All is after minus
before, from the point of view of the actor named: received or gained is positive, paid or lost negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumeau.evaluation.schedule import Schedule

Floats = NDArray[np.float64]

AUTHORITY, OTHER_PUBLIC, USERS, THIRD_PARTIES, ENVIRONMENT = (
    "authority",
    "other_public",
    "users",
    "third_parties",
    "environment",
)
ACTORS = (AUTHORITY, OTHER_PUBLIC, USERS, THIRD_PARTIES, ENVIRONMENT)


@dataclass(frozen=True)
class Purchase:
    """Devices or works that are bought, renewed at the end of their life, and kept up.

    Attributes
    ----------
    network, kind, label : str
    price : ndarray, shape (samples,)
        Of all of them [EUR].
    life : ndarray, shape (samples,)
        [year].
    fee : ndarray, shape (samples,)
        [EUR/year].
    embodied : ndarray, shape (samples,)
        Manufacture and end of life [kgCO2e].
    sign : float
        1; -1 for what the baseline buys and the variant does not.
    eligible : bool
        Whether VAT compensation covers it.
    item : str
        Item that the first purchase is booked under.
    growth : ndarray, shape (years,) or ()
        Real price of each year over that of the base year.
    count : float
        How many.
    fee_growth : ndarray, shape (years,) or ()
        The same of the fee.
    certificates : float
        Energy saving certificates of all of them, by their standard sheets [kWh cumac].
    """

    network: str
    kind: str
    label: str
    price: Floats
    life: Floats
    fee: Floats
    embodied: Floats
    sign: float = 1.0
    eligible: bool = True
    item: str = "initial_investment"
    growth: Floats = field(default_factory=lambda: np.ones(()))
    count: float = 0.0
    fee_growth: Floats = field(default_factory=lambda: np.ones(()))
    certificates: float = 0.0


@dataclass(frozen=True)
class Effect:
    """What changes every year.

    Attributes
    ----------
    network, item, actor : str
    amount : ndarray, shape (samples, years) or (samples, 1)
        Of a full year, at the prices of each year [EUR/year].
    mirror : str
        Actor to whom the same amount goes with the opposite sign; empty for none.
    """

    network: str
    item: str
    actor: str
    amount: Floats
    mirror: str = ""


@dataclass(frozen=True)
class Dated(Effect):
    """Flows that a scenario states year by year, shape (samples, years) [EUR]; the calendar does not move them."""


@dataclass(frozen=True)
class Emission:
    """Emissions avoided every year once all is deployed.

    Attributes
    ----------
    network : str
    avoided : ndarray, shape (samples, years) or (samples, 1)
        [kgCO2e/year]; negative for more emissions.
    """

    network: str
    avoided: Floats


@dataclass(frozen=True)
class Project:
    """One variant against the baseline.

    Attributes
    ----------
    name : str
    samples : int
    schedules : mapping of str to Schedule
        By network.
    purchases, effects, dated, emissions
        Of all networks.
    ramp_scale : ndarray, shape (samples, 1)
        Stretches ramp-ups: how fast people take to things is uncertain.
    """

    name: str
    samples: int
    schedules: Mapping[str, Schedule]
    purchases: tuple[Purchase, ...] = ()
    effects: tuple[Effect, ...] = ()
    dated: tuple[Dated, ...] = ()
    emissions: tuple[Emission, ...] = ()
    ramp_scale: Floats = field(default_factory=lambda: np.ones((1, 1)))

    @property
    def networks(self) -> tuple[str, ...]:
        """Networks that something changes in, or may."""
        return tuple(self.schedules)

    @property
    def horizon(self) -> int:
        """[year]."""
        return next(iter(self.schedules.values())).horizon

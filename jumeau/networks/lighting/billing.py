"""What delivery points are charged: electricity by class of hours, delivery by option, and the cheapest there is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.accounts.delivery import CLASSES, delivery
from jumeau.factors import FactorTable
from jumeau.networks.lighting.physics.state import State
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Quantities of a bill by tariff, in the order of `Billed.quantities`.
QUANTITIES = (
    *(f"electricity_{name}" for name in CLASSES),
    "taxed_electricity",
    "delivery_fixed",
    "delivery_variable",
    "plain_electricity",
    "plain_subscription",
)


@dataclass(frozen=True)
class Billed:
    """What the delivery points of a run are charged.

    Attributes
    ----------
    quantities : dict of str to float
        See `QUANTITIES`; all zero where the account keeps to plain prices.
    cabinets : DataFrame
        `delivery_cost`, `optimal_power`, `optimal_delivery_cost`, rows of the layer.
    """

    quantities: dict[str, float]
    cabinets: pd.DataFrame


def class_energy(state: State, lamp: Ints, start: Floats, end: Floats) -> Floats:
    """Return the electricity of each lamp by class of hours [kWh], shape (n, 4).

    Parameters
    ----------
    state : State
    lamp : ndarray of int, shape (k,)
        Lamps that gave no light ...
    start, end : ndarray, shape (k,)
        ... between these instants [s].
    """
    classes = state.contract.classes
    first, last = classes.edges[:1], classes.edges[-1:]
    hours = np.zeros((state.count, len(CLASSES)))
    for number in range(len(state.classes)):
        members = state.load == number
        at = state.hours(number).at
        hours[members] = classes.split(at, first, last)
        if not state.failed_consume and len(lamp):
            dark = np.flatnonzero(members[lamp])
            np.subtract.at(hours, lamp[dark], classes.split(at, start[dark], end[dark]))
    found = state.power[:, None] * hours + state.standby[:, None] * classes.seconds() / HOUR
    return np.asarray(found / 1000.0)


def billed(state: State, energy: Floats, years: float, factors: FactorTable) -> Billed:
    """Return what delivery points are charged.

    Parameters
    ----------
    state : State
    energy : ndarray, shape (n, 4)
        Of each lamp by class of hours [kWh].
    years : float
        [year].
    factors : FactorTable
        Shared ones, those of delivery among them.
    """
    contract, fed = state.contract, state.cabinet >= 0
    metered = np.zeros((len(state.subscribed), len(CLASSES)))
    np.add.at(metered, state.cabinet[fed], energy[fed])
    now = delivery(metered, state.subscribed, contract.option, years, factors)
    free = np.full(len(metered), "", dtype=object)
    best = delivery(metered, contract.optimal, free, years, factors)
    total = metered.sum(axis=0)
    amounts = (
        *total,
        total.sum(),
        now.fixed.sum(),
        now.variable.sum(),
        # What the plain prices book for these points is taken back.
        -total.sum(),
        -float(state.subscribed.sum()) * years,
    )
    quantities = {
        name: float(amount) if contract.in_account else 0.0 for name, amount in zip(QUANTITIES, amounts, strict=True)
    }
    cabinets = pd.DataFrame(
        {
            "delivery_cost": now.total,
            "optimal_power": contract.optimal,
            "optimal_delivery_cost": best.total,
        }
    )
    return Billed(quantities, cabinets)

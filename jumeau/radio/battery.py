"""How long a battery feeds a device, by its messages and its spreading factor."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jumeau.factors import FactorTable
from jumeau.radio.airtime import message_airtime
from jumeau.radio.tables import FACTORS

Floats = NDArray[np.float64]

HOURS, DAYS = 24.0, 365.25


def daily_charge(messages: ArrayLike, time: ArrayLike, factors: FactorTable = FACTORS) -> Floats:
    """Return what a device draws in a day [mAh]: sending, both windows of reception, its own work, sleep.

    Parameters
    ----------
    messages : array_like
        [message/day].
    time : array_like
        On air of a message [s].
    """
    value = factors.value
    each = np.asarray(time, dtype=np.float64) * value("transmit_current")
    each = each + value("receive_time") * value("receive_current") + value("processing_charge")
    return np.asarray(messages, dtype=np.float64) * each / 3600.0 + HOURS * value("sleep_current")


def battery_life(
    messages: ArrayLike, spreading: ArrayLike, payload: ArrayLike = 20, factors: FactorTable = FACTORS, *, capped: bool
) -> Floats:
    """Return the life of a battery [year].

    Parameters
    ----------
    messages : array_like
        [message/day].
    spreading : array_like
    payload : array_like
        Of the application [byte].
    capped : bool
        Whether cell, seals and clock end it at `battery_longest` at the latest.

    Notes
    -----
    life = usable capacity / (daily charge + self-discharge). What a message draws beside sending (`receive_time`,
    `processing_charge`) was set on a table of lives, so that reproducing it shows consistency, not truth.
    """
    capacity = factors.value("battery_capacity")
    drawn = daily_charge(messages, message_airtime(payload, spreading, factors.value("bandwidth")), factors)
    life = factors.value("battery_usable") * capacity / (DAYS * drawn + factors.value("self_discharge") * capacity)
    return np.minimum(life, factors.value("battery_longest")) if capped else life

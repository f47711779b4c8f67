"""How long a LoRa message is in the air, and how long its sender has to be silent after it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: What LoRaWAN adds to the application's payload [byte]: MHDR 1, FHDR 7, FPort 1, MIC 4.
OVERHEAD = 13

#: Duration of a symbol from which the low data rate optimisation is on [s].
SLOW_SYMBOL = 0.016


def airtime(
    payload: ArrayLike,
    spreading: ArrayLike,
    *,
    bandwidth: float = 125_000.0,
    coding: int = 1,
    preamble: int = 8,
    header: bool = True,
    check: bool = True,
    slow: bool | None = None,
) -> Floats:
    """Return the time on air of a packet [s].

    Parameters
    ----------
    payload : array_like
        Of the physical layer [byte]: the application's and `OVERHEAD`.
    spreading : array_like
        7 to 12; shapes broadcast.
    bandwidth : float
        [Hz].
    coding : int
        1 to 4, for rates 4/5 to 4/8.
    preamble : int
        Programmed symbols of the preamble.
    header, check : bool
        Explicit header; checksum of 16 bits.
    slow : bool, optional
        Low data rate optimisation; by the duration of a symbol where absent.

    References
    ----------
    Semtech, "LoRa Modem Designer's Guide", AN1200.13, 2013.

    Examples
    --------
    >>> float(airtime(10, 7).round(6))
    0.041216
    """
    size, factor = np.asarray(payload, dtype=np.float64), np.asarray(spreading, dtype=np.float64)
    symbol = 2.0**factor / bandwidth
    lowered = symbol > SLOW_SYMBOL if slow is None else np.asarray(slow)
    bits = 8.0 * size - 4.0 * factor + 28.0 + 16.0 * check - 20.0 * (not header)
    coded = np.maximum(np.ceil(bits / (4.0 * (factor - 2.0 * lowered))) * (coding + 4), 0.0)
    return np.asarray((preamble + 4.25 + 8.0 + coded) * symbol, dtype=np.float64)


def message_airtime(payload: ArrayLike, spreading: ArrayLike, bandwidth: float = 125_000.0) -> Floats:
    """Return the time on air of an uplink of LoRaWAN [s], given the application's payload [byte]."""
    return airtime(np.asarray(payload, dtype=np.float64) + OVERHEAD, spreading, bandwidth=bandwidth)


def silence(time: ArrayLike, duty: float) -> Floats:
    """Return how long a sender is silent after a message [s], by the rule of a duty cycle: T (1 / duty - 1).

    Parameters
    ----------
    time : array_like
        Time on air [s].
    duty : float
        Share of the time that may be sent, such as 0.01.
    """
    return np.asarray(time, dtype=np.float64) * (1.0 / duty - 1.0)


def most_messages(time: ArrayLike, duty: float) -> Floats:
    """Return the most messages a day that a duty cycle allows [message/day]."""
    return 86_400.0 * duty / np.asarray(time, dtype=np.float64)

"""Messages that meet in the air: Aloha, capture, and how many devices a gateway carries."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jumeau.radio.tables import SPREADING, rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def offered_load(devices: ArrayLike, rate: ArrayLike, time: ArrayLike, channels: float = 1.0) -> Floats:
    """Return the load G of a channel [erlang]: devices x rate x time on air, spread over the channels.

    Parameters
    ----------
    devices : array_like
        Of one spreading factor.
    rate : array_like
        [message/s].
    time : array_like
        On air [s].
    channels : float
    """
    number = np.asarray(devices, dtype=np.float64)
    return np.asarray(number * np.asarray(rate) * np.asarray(time) / channels, dtype=np.float64)


def aloha(load: ArrayLike) -> Floats:
    """Return the share of messages that meet no other in pure Aloha: exp(-2 G).

    References
    ----------
    N. Abramson, "The ALOHA system", AFIPS 1970.
    """
    return np.asarray(np.exp(-2.0 * np.asarray(load, dtype=np.float64)), dtype=np.float64)


def capacity(success: float, rate: float, time: float, channels: float = 1.0) -> float:
    """Return how many devices of one spreading factor a gateway carries while a share of messages gets through.

    Parameters
    ----------
    success : float
        Wanted share.
    rate : float
        Of a device [message/s].
    time : float
        On air [s].
    channels : float
    """
    return float(-np.log(success) * channels / (2.0 * rate * time))


@cache
def isolation() -> Floats:
    """Return the ratio to interference [dB] at which a message survives, shape (6, 6): rows wanted, columns meeting it.

    References
    ----------
    C. Goursaud and J.-M. Gorce, "Dedicated networks for IoT: PHY/MAC state of the art and challenges", 2015, as coded
    in signetlabdei/lorawan.
    """
    return np.array([[float(row[f"sf{item}"]) for item in SPREADING] for row in rows("isolation.csv")])


def captured(start: Floats, time: Floats, power: Floats, spreading: Ints) -> Bools:
    """Tell which messages of one channel survive those that they meet, shape (k,).

    A message survives when, for each spreading factor, its power over the energy that it meets, spread over its own
    duration, reaches the isolation of the pair.

    Parameters
    ----------
    start, time : ndarray, shape (k,)
        Instants and durations [s].
    power : ndarray, shape (k,)
        Received [dBm].
    spreading : ndarray of int, shape (k,)
    """
    order = np.argsort(start, kind="stable")
    begin, last, energy = start[order], (start + time)[order], 10.0 ** (power[order] / 10.0)
    kind = spreading[order] - SPREADING[0]
    longest = float(time.max(initial=0.0))
    survives = np.ones(len(start), dtype=bool)
    matrix = isolation()
    first = np.searchsorted(begin, begin - longest, side="left")
    beyond = np.searchsorted(begin, last, side="left")
    for place in range(len(start)):
        near = np.arange(first[place], beyond[place])
        near = near[near != place]
        overlap = np.minimum(last[near], last[place]) - np.maximum(begin[near], begin[place])
        near, overlap = near[overlap > 0.0], overlap[overlap > 0.0]
        if not len(near):
            continue
        met = np.bincount(kind[near], energy[near] * overlap, minlength=len(SPREADING))
        met = np.asarray(met, dtype=np.float64) / (last[place] - begin[place])
        there = met > 0.0
        ratio = 10.0 * np.log10(energy[place] / met[there])
        survives[place] = bool((ratio >= matrix[kind[place]][there]).all())
    kept = np.empty(len(start), dtype=bool)
    kept[order] = survives
    return kept

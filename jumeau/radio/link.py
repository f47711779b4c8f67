"""One link: its budget, the spreading factor that adaptive data rate gives it, the chance that it closes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from jumeau.factors import FactorTable
from jumeau.radio.tables import FACTORS, SPREADING, spreading_column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Nodes and weights by which a normal variable is integrated out.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(25)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def largest_loss(spreading: ArrayLike, factors: FactorTable = FACTORS) -> Floats:
    """Return the loss that a link of a spreading factor bears [dB], by the sensitivity for planning."""
    row = np.asarray(spreading, dtype=np.int64) - SPREADING[0]
    sent = factors.value("transmit_power") + factors.value("gateway_gain")
    return np.asarray(sent - spreading_column("planning_sensitivity")[row], dtype=np.float64)


def settled_spreading(loss: ArrayLike, margin: float, most: int = 12, factors: FactorTable = FACTORS) -> Ints:
    """Return the spreading factor on which adaptive data rate settles: the fastest with the margin, else the slowest.

    Parameters
    ----------
    loss : array_like
        Median loss towards the best gateway [dB].
    margin : float
        [dB].
    most : int
        Slowest spreading factor that is allowed.
    """
    given = np.asarray(loss, dtype=np.float64)
    found = np.full(given.shape, most, dtype=np.int64)
    for spreading in range(most, SPREADING[0] - 1, -1):
        found = np.where(given + margin <= largest_loss(spreading, factors), spreading, found)
    return found


def closing(loss: ArrayLike, largest: ArrayLike, scatter: float) -> Floats:
    """Return the chance that a link closes over lognormal shadowing: the share of places where it does.

    Parameters
    ----------
    loss : array_like
        Median [dB].
    largest : array_like
        Loss that it bears [dB].
    scatter : float
        Standard deviation of the shadowing [dB].
    """
    margin = np.asarray(largest, dtype=np.float64) - np.asarray(loss, dtype=np.float64)
    return np.asarray(ndtr(margin / scatter), dtype=np.float64)


def diversity(rows: Ints, margin: Floats, weight: Floats, count: int, scatter: float, correlation: float) -> Floats:
    """Return the chance that at least one gateway hears each device, shape (count,).

    Shadowing towards two gateways is correlated, since part of it is around the device: X = sigma (sqrt(r) Z +
    sqrt(1 - r) E). Given Z, gateways are independent; Z is integrated out by Gauss-Hermite.

    Parameters
    ----------
    rows : ndarray of int, shape (k,)
        Device of each link.
    margin : ndarray, shape (k,)
        Loss that the link bears less its median loss [dB].
    weight : ndarray, shape (k,)
        Chance that a message that closes the link is not lost in a collision.
    count : int
        Devices.
    scatter : float
        sigma [dB].
    correlation : float
        r, below 1.

    Notes
    -----
    Without correlation this is 1 - prod(1 - p_i), with r towards 1 the best single link.
    """
    heard = np.zeros(count)
    own, common = scatter * np.sqrt(1.0 - correlation), scatter * np.sqrt(correlation)
    for node, share in zip(_NODES, _WEIGHTS, strict=True):
        closed = ndtr((margin - common * node) / own) * weight
        missed = np.bincount(rows, np.log1p(-np.minimum(closed, 1.0 - 1e-15)), minlength=count)
        heard += share * -np.expm1(missed)
    return heard

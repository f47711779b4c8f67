"""One link: its budget, the spreading factor that adaptive data rate gives it, the chance that it closes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from jumeau.factors import FactorTable
from jumeau.radio.tables import FACTORS, SPREADING, spreading_column

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Thermal noise at 290 K [dBm/Hz].
THERMAL = -174.0

#: What a step of adaptive data rate is worth, and by how much it lowers the power [dB].
STEP, POWER_STEP = 3.0, 2.0

#: Powers between which it moves [dBm].
LEAST_POWER, MOST_POWER = 2.0, 14.0

#: Nodes and weights by which a normal variable is integrated out.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(25)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def noise_floor(bandwidth: float = 125_000.0, figure: float = 6.0) -> float:
    """Return the noise of a receiver [dBm], given its bandwidth [Hz] and its noise figure [dB]."""
    return float(THERMAL + 10.0 * np.log10(bandwidth) + figure)


def median_power(loss: ArrayLike, factors: FactorTable = FACTORS) -> Floats:
    """Return the median received power [dBm], given the whole loss [dB]."""
    sent = factors.value("transmit_power") + factors.value("gateway_gain")
    return sent - np.asarray(loss, dtype=np.float64)


def median_snr(loss: ArrayLike, factors: FactorTable = FACTORS) -> Floats:
    """Return the median ratio of signal to noise [dB], given the whole loss [dB]."""
    floor = noise_floor(factors.value("bandwidth"), factors.value("noise_figure"))
    return median_power(loss, factors) - floor


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


def adapted(
    snr: ArrayLike, spreading: ArrayLike, power: ArrayLike, installation_margin: float = 0.0
) -> tuple[Ints, Floats]:
    """Return spreading factor and power [dBm] after one command of adaptive data rate.

    Each step of 3 dB of margin over the SNR limit makes the data rate one faster, then takes 2 dB of power away;
    negative steps give power back.

    Parameters
    ----------
    snr : array_like
        Measured [dB]: the largest of the last ones.
    spreading, power : array_like
        In use; power in [dBm].
    installation_margin : float
        [dB]; ns-3 takes none.

    References
    ----------
    signetlabdei/lorawan, model/adr-component.cc.
    """
    now, sent = np.array(spreading, dtype=np.int64), np.array(power, dtype=np.float64)
    limit = spreading_column("snr_limit")[now - SPREADING[0]]
    steps = np.floor((np.asarray(snr, dtype=np.float64) - limit - installation_margin) / STEP).astype(np.int64)
    faster = np.clip(np.minimum(steps, now - SPREADING[0]), 0, None)
    left = steps - faster
    lowered = np.clip(np.minimum(left, np.ceil((sent - LEAST_POWER) / POWER_STEP)), 0, None)
    raised = np.clip(np.minimum(-steps, np.ceil((MOST_POWER - sent) / POWER_STEP)), 0, None)
    powers = np.clip(sent - POWER_STEP * lowered + POWER_STEP * raised, LEAST_POWER, MOST_POWER)
    return now - faster, powers


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

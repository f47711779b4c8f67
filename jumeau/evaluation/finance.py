"""Discounting: present value, internal rate, payback, annual equivalent. Arrays over samples, one formula each.

Flows are yearly, in constant euros; the first one, of year 0, is not discounted. The last axis is that of years, all
others are carried along.

References
----------
France Stratégie, DG Trésor, SGPI, *Guide de l'évaluation socioéconomique des investissements publics*, 2023.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Rates between which an internal rate is looked for: a project that loses nine tenths a year, or returns elevenfold.
LOWEST_RATE, HIGHEST_RATE = -0.9, 10.0

#: Never repaid within the horizon.
NEVER = np.inf


def discount_factors(rate: ArrayLike, years: int) -> Floats:
    """Return what a euro of each year is worth in year 0.

    Parameters
    ----------
    rate : array_like, shape (...)
        Real discount rate [1/year].
    years : int
        Number of flows, year 0 included.

    Returns
    -------
    ndarray, shape (..., years)
    """
    return np.asarray((1.0 + np.asarray(rate, dtype=np.float64)[..., None]) ** -np.arange(years, dtype=np.float64))


def present_value(flows: ArrayLike, rate: ArrayLike) -> Floats:
    """Return the sum of flows discounted to year 0.

    Parameters
    ----------
    flows : array_like, shape (..., years)
    rate : array_like, broadcastable to (...)
        [1/year].

    Examples
    --------
    >>> round(float(present_value([-100.0, 39.0, 59.0, 55.0, 20.0], 0.281)), 7)
    -0.0084786
    """
    flows = np.asarray(flows, dtype=np.float64)
    return np.asarray((flows * discount_factors(rate, flows.shape[-1])).sum(axis=-1))


def sign_changes(flows: ArrayLike) -> NDArray[np.int64]:
    """Return how often flows change sign, years without a flow left out, shape (...)."""
    signs = np.sign(np.asarray(flows, dtype=np.float64))
    # A year without a flow takes the sign of the one before.
    places = np.where(signs != 0.0, np.arange(signs.shape[-1]), 0)
    held = np.take_along_axis(signs, np.maximum.accumulate(places, axis=-1), axis=-1)
    turned = (held[..., 1:] * held[..., :-1]) < 0.0
    return np.asarray(turned.sum(axis=-1), dtype=np.int64)


def internal_rate(flows: ArrayLike) -> Floats:
    """Return the rate at which flows are worth nothing in year 0.

    Parameters
    ----------
    flows : array_like, shape (..., years)

    Returns
    -------
    ndarray, shape (...)
        [1/year]; not a number where flows never change sign, or no rate between -90 % and 1,000 % answers. Where they
        change sign more than once (renewals) there may be several: the one nearest to zero is given, and
        `sign_changes` tells.
    """
    flows = np.asarray(flows, dtype=np.float64)
    flat = flows.reshape(-1, flows.shape[-1])
    found = np.full(len(flat), np.nan)
    some = sign_changes(flat) > 0
    if some.any():
        found[some] = _roots(flat[some])
    return found.reshape(flows.shape[:-1])


def _roots(flows: Floats) -> Floats:
    """Return for each row the root nearest to zero, by bracketing on a grid, then by halving."""
    # Fine around zero, where rates of public projects lie, and reaching far.
    low_side = np.linspace(LOWEST_RATE, 0.0, 46)
    high_side = np.concatenate([np.linspace(0.0, 1.0, 51)[1:], np.geomspace(1.0, HIGHEST_RATE, 20)[1:]])
    grid = np.concatenate([low_side, high_side])
    values = flows @ discount_factors(grid, flows.shape[-1]).T
    crossed = np.sign(values[:, 1:]) * np.sign(values[:, :-1]) <= 0.0
    crossed &= np.isfinite(values[:, 1:]) & np.isfinite(values[:, :-1])
    away = np.where(crossed, np.abs(0.5 * (grid[1:] + grid[:-1])), np.inf)
    place = away.argmin(axis=1)
    there = np.isfinite(away[np.arange(len(flows)), place])
    low, high = grid[place].copy(), grid[place + 1].copy()
    falling = values[np.arange(len(flows)), place]
    for _step in range(60):
        middle = 0.5 * (low + high)
        value = present_value(flows, middle)
        same = np.sign(value) == np.sign(falling)
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.where(there, 0.5 * (low + high), np.nan)


def modified_rate(flows: ArrayLike, rate: ArrayLike) -> Floats:
    """Return the modified internal rate: outlays financed and receipts reinvested at the discount rate.

    Unique, whatever the signs. Not a number where nothing is spent, or nothing received.
    """
    flows = np.asarray(flows, dtype=np.float64)
    years = flows.shape[-1] - 1
    rate = np.asarray(rate, dtype=np.float64)
    spent = -present_value(np.minimum(flows, 0.0), rate)
    received = present_value(np.maximum(flows, 0.0), rate) * (1.0 + rate) ** years
    known = (spent > 0.0) & (received > 0.0)
    found = np.divide(received, spent, out=np.full(np.shape(known), np.nan), where=known)
    return np.asarray(found ** (1.0 / years) - 1.0 if years else np.full(np.shape(known), np.nan))


def payback(flows: ArrayLike, rate: ArrayLike = 0.0) -> Floats:
    """Return the time after which cumulated flows are no longer negative, and stay so to the horizon.

    Parameters
    ----------
    flows : array_like, shape (..., years)
    rate : array_like, broadcastable to (...)
        0 for the simple payback, the discount rate for the discounted one [1/year].

    Returns
    -------
    ndarray, shape (...)
        [year], interpolated inside the year; 0 where nothing has to be repaid; `NEVER` where it is not repaid.
    """
    flows = np.asarray(flows, dtype=np.float64)
    summed = np.cumsum(flows * discount_factors(rate, flows.shape[-1]), axis=-1)
    # Sums of many floats leave a dust that is no debt.
    dust = 1e-12 * np.abs(flows).sum(axis=-1, keepdims=True)
    owing = summed < -dust
    years = flows.shape[-1]
    last = np.where(owing.any(axis=-1), years - 1 - owing[..., ::-1].argmax(axis=-1), -1)
    after = np.minimum(last + 1, years - 1)
    debt = np.take_along_axis(summed, np.maximum(last, 0)[..., None], axis=-1)[..., 0]
    step = np.take_along_axis(summed, after[..., None], axis=-1)[..., 0] - debt
    inside = np.divide(-debt, step, out=np.zeros_like(step), where=step > 0.0)
    found = np.where(last < 0, 0.0, last + inside)
    return np.asarray(np.where(last == years - 1, NEVER, found), dtype=np.float64)


def annual_equivalent(value: ArrayLike, rate: ArrayLike, years: int) -> Floats:
    """Return the constant yearly flow, years 1 to the last, of the same present value [per year].

    Parameters
    ----------
    value : array_like
        Present value.
    rate : array_like
        [1/year].
    years : int
        Horizon [year].
    """
    value, rate = np.broadcast_arrays(np.asarray(value, dtype=np.float64), np.asarray(rate, dtype=np.float64))
    # Near zero a difference of powers would lose all its digits.
    grown = -np.expm1(-float(years) * np.log1p(rate))
    share = np.divide(rate, grown, out=np.full(rate.shape, 1.0 / years), where=grown != 0.0)
    return np.asarray(value * share)


def annuity(amount: ArrayLike, rate: ArrayLike, years: int) -> Floats:
    """Return the constant yearly payment that repays a loan [per year]; see `annual_equivalent`."""
    return annual_equivalent(amount, rate, years)

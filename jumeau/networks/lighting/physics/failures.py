"""How long lamps last: Weibull lives in burning hours, with planned lamp changes, inverted in closed form.

Life is counted in burning hours, so that a lamp that is switched off at night lasts longer. Draws are unit
exponentials: one draw means the same luck before and after, whatever the law.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def unit_exponential(uniform: Floats) -> Floats:
    """Return unit exponential draws from uniform ones in (0, 1), same shape."""
    return -np.log(uniform)


def cumulated_hazard(age: Floats, shape: Floats, scale: Floats, renewal: Floats) -> Floats:
    """Return the cumulated hazard of a lamp position.

    Parameters
    ----------
    age : ndarray
        Burning hours since the first lamp was new [h].
    shape, scale : ndarray
        Weibull law of one lamp's life [1] and [h]; shape 1 is an exponential law.
    renewal : ndarray
        Burning hours between planned lamp changes [h], infinity for none.

    Returns
    -------
    ndarray
        `(age / scale) ** shape`, started again at each planned change.
    """
    cycles = np.floor(age / renewal)
    within = np.where(np.isfinite(renewal), age - cycles * np.where(np.isfinite(renewal), renewal, 0.0), age)
    return cycles * _per_cycle(shape, scale, renewal) + (within / scale) ** shape


def age_at_hazard(hazard: Floats, shape: Floats, scale: Floats, renewal: Floats) -> Floats:
    """Return the age at which the cumulated hazard reaches a value [h]: the inverse of `cumulated_hazard`."""
    each = _per_cycle(shape, scale, renewal)
    cycles = np.divide(hazard, each, out=np.zeros_like(hazard), where=each > 0)
    cycles = np.floor(cycles)
    within = scale * (hazard - cycles * each) ** (1.0 / shape)
    return cycles * np.where(np.isfinite(renewal), renewal, 0.0) + within


def hours_to_failure(draw: Floats, age: Floats, shape: Floats, scale: Floats, renewal: Floats) -> Floats:
    """Return the burning hours left before the next failure.

    Parameters
    ----------
    draw : ndarray
        Unit exponential draws.
    age : ndarray
        Burning hours of the present lamp [h].
    shape, scale, renewal : ndarray
        See `cumulated_hazard`.

    Returns
    -------
    ndarray
        [h]. Where the law is Weibull without renewal, it has survival
        `exp((age / scale) ** shape - ((age + x) / scale) ** shape)`.

    References
    ----------
    Inversion of the cumulated hazard: Devroye (1986), Non-Uniform Random Variate Generation, ch. VI.
    """
    reached = cumulated_hazard(age, shape, scale, renewal) + draw
    return np.maximum(age_at_hazard(reached, shape, scale, renewal) - age, 0.0)


def _per_cycle(shape: Floats, scale: Floats, renewal: Floats) -> Floats:
    # Without planned changes there is no cycle; 0 stands for "none" because infinity times no cycle is not a number.
    finite = np.isfinite(renewal)
    return np.where(finite, (np.where(finite, renewal, 0.0) / scale) ** shape, 0.0)


def starting_age(years: Floats, hours_per_year: Floats, renewal: Floats, phase: Floats) -> Floats:
    """Return the burning hours of the lamp that is in place at the start.

    Parameters
    ----------
    years : ndarray
        Age of the luminaire [year]; not-a-number where unknown.
    hours_per_year : ndarray
        Burning hours [h/year].
    renewal : ndarray
        Burning hours between planned lamp changes [h], infinity for none.
    phase : ndarray
        Uniform draws in (0, 1): a luminaire older than one cycle is anywhere in it.

    Returns
    -------
    ndarray
        [h]. Of unknown age: somewhere in the cycle, and new where there is none.
    """
    finite = np.isfinite(renewal)
    anywhere = np.where(finite, np.where(finite, renewal, 0.0) * phase, 0.0)
    known = np.nan_to_num(years) * hours_per_year
    return np.where(np.isnan(years) | (known > renewal), anywhere, known)

"""The flow of a leak under pressure, and the volume that it loses.

References
----------
J. E. van Zyl and A. M. Cassa, "Modeling elastically deforming leaks in water distribution pipes", Journal of Hydraulic
Engineering 140(2), 2014: an opening grows linearly with pressure (FAVAD), q = Cd sqrt(2 g) (A0 h^0.5 + m h^1.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]

GRAVITY = 9.80665  # [m/s2]

#: Newton's steps that find the pressure under a leak.
STEPS = 10

#: Gauss-Legendre points over the growth of a leak: its flow is nearly a parabola of time.
POINTS = 6


@dataclass(frozen=True)
class Openings:
    """Openings that water leaves by.

    Attributes
    ----------
    area : ndarray, shape (k,)
        Without pressure [m2].
    expansion : ndarray, shape (k,)
        Growth of the area per metre of pressure [m2/m].
    coefficient : float
        Discharge coefficient.
    """

    area: Floats
    expansion: Floats
    coefficient: float

    @classmethod
    def of_flow(cls, flow: Floats, exponent: Floats, pressure: float, coefficient: float) -> Openings:
        """Return the openings that leak a flow at a pressure.

        Parameters
        ----------
        flow : ndarray, shape (k,)
            [m3/h].
        exponent : ndarray, shape (k,)
            Pressure exponent N1 there, from 0.5 (rigid) to below 1.5. With the leakage number n = m h / A0, it is
            (0.5 + 1.5 n) / (1 + n).
        pressure : float
            [m].
        coefficient : float
        """
        number = (exponent - 0.5) / (1.5 - exponent)
        whole = flow / HOUR / (coefficient * np.sqrt(2.0 * GRAVITY * pressure))
        area = whole / (1.0 + number)
        return cls(area, area * number / pressure, coefficient)

    def flow(self, pressure: Floats) -> Floats:
        """Return the flow at pressures, shape (..., k) [m] -> [m3/h]; none below zero."""
        above = np.maximum(pressure, 0.0)
        velocity = self.coefficient * np.sqrt(2.0 * GRAVITY * above)
        return np.asarray(velocity * (self.area + self.expansion * above) * HOUR, dtype=np.float64)

    def scaled(self, factor: Floats) -> Openings:
        """Return the openings at a share of their size."""
        return Openings(self.area * factor, self.expansion * factor, self.coefficient)


@dataclass(frozen=True)
class Supply:
    """What the network gives where leaks are: pressure without them, and how it drops when water is drawn.

    Attributes
    ----------
    pressure : ndarray, shape (hours, k)
        Over one cycle [m].
    slope : ndarray, shape (levels, k)
        Drop per flow drawn, at the flows `levels` [m per m3/h].
    levels : ndarray, shape (levels,)
        [m3/h].
    """

    pressure: Floats
    slope: Floats
    levels: Floats

    def drop(self, flow: Floats) -> Floats:
        """Return the slopes at flows, linear between levels, shape (hours, k)."""
        place = np.clip(np.searchsorted(self.levels, flow) - 1, 0, max(len(self.levels) - 2, 0))
        if len(self.levels) == 1:
            return np.broadcast_to(self.slope[0], flow.shape)
        low, high = self.levels[place], self.levels[place + 1]
        share = np.clip((flow - low) / (high - low), 0.0, 1.0)
        column = np.arange(flow.shape[1])[None, :]
        return np.asarray(
            self.slope[place, column] * (1.0 - share) + self.slope[place + 1, column] * share, dtype=np.float64
        )


def leak_flow(openings: Openings, supply: Supply) -> Floats:
    """Return the flow of each leak at each hour of the cycle, the drop of pressure that it causes included [m3/h].

    With the pressure h0 without the leak and the slope R, the flow obeys q = f(h0 - R q). In the root s of the pressure
    this is R f(s2) + s2 = h0, an increasing and convex function of s: Newton's steps come down to its root, while the
    slope follows the flow.

    Parameters
    ----------
    openings : Openings, shape (k,)
    supply : Supply, shape (hours, k)

    Returns
    -------
    ndarray, shape (hours, k)
    """
    free = np.maximum(supply.pressure, 0.0)
    root = np.sqrt(free)
    speed = openings.coefficient * np.sqrt(2.0 * GRAVITY) * HOUR
    flow = openings.flow(free)
    for _step in range(STEPS):
        slope = supply.drop(flow)
        squared = root**2
        gap = slope * flow + squared - free
        steepness = slope * speed * (openings.area + 3.0 * openings.expansion * squared) + 2.0 * root
        root = np.maximum(root - np.divide(gap, steepness, out=np.zeros_like(gap), where=steepness > 0.0), 0.0)
        flow = openings.flow(root**2)
    return flow


@dataclass(frozen=True)
class RunTimes:
    """From when to when leaks run.

    Attributes
    ----------
    start, growth : ndarray, shape (k,)
        Start, and time over which the diameter grows from zero [s].
    begin, end : ndarray, shape (k,)
        What counts: from the later of `start` and `begin` to `end` [s].
    """

    start: Floats
    growth: Floats
    begin: Floats
    end: Floats


def volumes(openings: Openings, supply: Supply, running: RunTimes, offset: float) -> Floats:
    """Return the volume that each leak loses [m3], shape (k,).

    The cost does not depend on how long a leak runs: full-grown, its volume is a difference of cumulated hourly flows
    over the cycle; while it grows, the flow of the mean cycle is integrated at a few points (within a cycle of the
    growth's ends, the hour of the day is thus not seen).

    Parameters
    ----------
    openings : Openings, shape (k,)
    supply : Supply, shape (hours, k)
    running : RunTimes, shape (k,)
    offset : float
        Position of time zero in the cycle [s].
    """
    if not len(running.start):
        return np.zeros(0)
    full = running.start + running.growth
    begin = np.maximum(running.start, running.begin)
    end = np.maximum(running.end, begin)
    grown = _cumulated(leak_flow(openings, supply), np.clip(full, begin, end), end, offset)
    first, last = begin, np.clip(full, begin, end)
    growing = last > first
    if not growing.any():
        return grown
    some = Openings(openings.area[growing], openings.expansion[growing], openings.coefficient)
    there = Supply(supply.pressure[:, growing], supply.slope[:, growing], supply.levels)
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    for node, weight in zip(nodes, weights, strict=True):
        time = (first[growing] + last[growing]) / 2.0 + node * (last[growing] - first[growing]) / 2.0
        size = ((time - running.start[growing]) / running.growth[growing]) ** 2
        mean = leak_flow(some.scaled(size), there).mean(axis=0)
        grown[growing] += weight / 2.0 * mean * (last[growing] - first[growing]) / HOUR
    return grown


def _cumulated(flow: Floats, begin: Floats, end: Floats, offset: float) -> Floats:
    """Return the integral of hourly, cyclic flows between instants [m3], shape (k,)."""
    hours, count = flow.shape
    total = np.concatenate([np.zeros((1, count)), np.cumsum(flow, axis=0)])
    column = np.arange(count)

    def until(time: Floats) -> Floats:
        cycles, rest = np.divmod((time + offset) / HOUR, hours)
        hour = np.minimum(rest.astype(np.int64), hours - 1)
        return np.asarray(
            cycles * total[-1] + total[hour, column] + (rest - hour) * flow[hour, column], dtype=np.float64
        )

    return until(end) - until(begin)

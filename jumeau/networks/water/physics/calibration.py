"""Calibration of roughness and leaks on measured pressures and flows, and how far the measures settle each of them.

References
----------
Maximum a posteriori: A. Tarantola, Inverse Problem Theory, SIAM 2005, section 3.2. Each unknown has a prior; what the
measures say of it is the part of the prior's variance that they take away.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from jumeau.networks.water.formats.epanet_engine import Engine, opened
from jumeau.networks.water.formats.readings import Sensors
from jumeau.networks.water.physics.epanet_ready import Ready
from jumeau.networks.water.physics.hydraulics import overlaps
from jumeau.simulation.clock import DAY, HOUR

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

# Codes of EPANET's toolkit.
_PRESSURE, _FLOW, _ROUGHNESS, _EMITTER = 11, 8, 2, 3

#: Half of the width between the tenth and ninetieth percentiles of the normal law.
DECILE = 1.2815515655446004

#: Step of finite differences, in prior standard deviations: far above what EPANET's accuracy blurs.
STEP = 0.05


@dataclass(frozen=True)
class Cycle:
    """A file that EPANET runs for a whole cycle.

    Attributes
    ----------
    file : Ready
    ahead, days : int
        Days that settle tanks, and days that count.
    """

    file: Ready
    ahead: int
    days: int

    def run(self, pipes: Names, roughness: Floats, junctions: Names, leak: Floats, sensors: Sensors) -> Floats:
        """Return what sensors read, mean of each hour of the cycle, shape (hours, s) [m] or [m3/h].

        Parameters
        ----------
        pipes : ndarray of str, shape (m,)
        roughness : ndarray, shape (m,)
            In the unit of the layers.
        junctions : ndarray of str, shape (n,)
        leak : ndarray, shape (n,)
            Emitters on top of those of the file [m3/h at 1 m].
        sensors : Sensors
        """
        units = self.file.units
        with opened(self.file.text) as engine:
            for name, value in zip(pipes, roughness, strict=True):
                row = _row(engine, "getlinkindex", name)
                engine.must("setlinkvalue", row, _ROUGHNESS, ctypes.c_double(value / units.roughness))
            for name, value in zip(junctions, leak, strict=True):
                if value > 0.0:
                    row = _row(engine, "getnodeindex", name)
                    own = engine.number("getnodevalue", row, _EMITTER) or 0.0
                    engine.set_node(row, _EMITTER, own + value / units.emitter)
            reads = [
                ("getlinkvalue", _row(engine, "getlinkindex", place), _FLOW, units.flow)
                if flow
                else ("getnodevalue", _row(engine, "getnodeindex", place), _PRESSURE, units.pressure)
                for place, flow in zip(sensors.place, sensors.flow, strict=True)
            ]
            times, values = [], []
            for now, move in engine.moments():
                times.append(now)
                values.append([(engine.number(name, row, code) or 0.0) * unit for name, row, code, unit in reads])
                move()
        begin, end = self.ahead * DAY, (self.ahead + self.days) * DAY
        when = np.array(times, dtype=np.float64)
        kept = np.flatnonzero((when >= begin) & (when <= end))
        lasts = overlaps(when[kept] - begin, round((when[kept][-1] - begin) / HOUR), self.file.start)
        return np.asarray(lasts @ np.array(values)[kept[:-1]] / lasts.sum(axis=1)[:, None], dtype=np.float64)


def _row(engine: Engine, function: str, name: object) -> int:
    value = ctypes.c_int()
    engine.must(function, str(name).encode(), ctypes.byref(value))
    return int(value.value)


@dataclass(frozen=True)
class Fit:
    """What calibration finds.

    Attributes
    ----------
    value, deviation : ndarray, shape (k,)
        Of each unknown, and what remains uncertain of it, in prior standard deviations from the prior.
    informed : ndarray, shape (k,)
        Share of the prior's variance that the measures take away: 0 where they say nothing, 1 where they say all.
    runs : int
        Of the model.
    """

    value: Floats
    deviation: Floats
    informed: Floats
    runs: int


def fit(model: Callable[[Floats], Floats], measured: Floats, deviation: Floats, lower: Floats) -> Fit:
    """Return the most probable unknowns, each with a standard normal prior.

    Parameters
    ----------
    model : callable
        From unknowns, shape (k,), to what is measured, shape (m,).
    measured, deviation : ndarray, shape (m,)
        Measures, and the standard deviation of what they and the model miss; not a number where nothing was measured.
    lower : ndarray, shape (k,)
        Lowest value of each unknown.
    """
    known = ~np.isnan(measured)
    count = 0

    def residuals(unknown: Floats) -> Floats:
        nonlocal count
        count += 1
        return np.concatenate([((model(unknown) - measured) / deviation)[known], unknown])

    start = np.maximum(np.zeros(len(lower)), lower)

    def slopes(unknown: Floats, *_more: object) -> Floats:
        base = residuals(unknown)
        columns = []
        for row in range(len(unknown)):
            moved = unknown.copy()
            moved[row] += STEP
            columns.append((residuals(moved) - base) / STEP)
        return np.stack(columns, axis=1)

    found = least_squares(
        residuals, start, jac=slopes, bounds=(lower - 1e-9, np.inf), x_scale=1.0, xtol=1e-3, ftol=1e-4, max_nfev=15
    )
    jacobian = np.asarray(found.jac, dtype=np.float64)
    covariance = np.linalg.inv(jacobian.T @ jacobian)
    spread = np.sqrt(np.diag(covariance))
    return Fit(np.asarray(found.x), spread, np.clip(1.0 - spread**2, 0.0, 1.0), count)

"""What hearing a pipe is worth: the water that hidden leaks lose less there since they are known sooner."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import expi

from jumeau.networks.water.physics.leak_flow import Openings, leak_flow
from jumeau.networks.water.physics.loggers import Graph, hearing
from jumeau.networks.water.physics.state import State
from jumeau.networks.water.physics.volumes import REFERENCE, supply_at
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Days from the location of a hidden leak to its repair beside its notice: a team, then a crew.
WORKS = 2.0
#: Instants at which ages of leaks are looked at.
STEPS = 4000
#: Quantiles of the size of leaks: their flow is not proportional to it where pressure gives way.
SIZES = 9


def grown_share(age: Floats, growth: float) -> Floats:
    """Return the mean share of its full flow that a leak of some age has.

    The flow grows with the square of time over a time that is exponential [day]: with a = age / growth, the mean is
    1 - exp(-a), of the leaks that are full, and a^2 times the integral of exp(-x) / x^2 from a on, of the others.

    Parameters
    ----------
    age : ndarray
        [day].
    growth : float
        Mean time of growth [day]; zero for leaks that are full at once.
    """
    if growth <= 0.0:
        return np.ones_like(age)
    a = np.maximum(age / growth, 1e-12)
    # The integral of exp(-x) / x^2 from a on is exp(-a) / a - E1(a).
    return np.asarray(1.0 - np.exp(-a) + a**2 * (np.exp(-a) / a + expi(-a)), dtype=np.float64)


def unknown_share(age: Floats, interval: Floats, sensitivity: Floats, surfacing: float) -> Floats:
    """Return the probability that nobody knows of a hidden leak of some age, without loggers.

    Parameters
    ----------
    age : ndarray, shape (t, 1)
        [day].
    interval, sensitivity : ndarray, shape (k,)
        Of surveys [day], and the probability that a pass finds a leak.
    surfacing : float
        Mean time until it shows [day].
    """
    passes, part = np.divmod(age / interval, 1.0)
    return np.asarray(
        np.exp(-age / surfacing) * (1.0 - sensitivity) ** passes * (1.0 - part * sensitivity), dtype=np.float64
    )


def hearing_worth(state: State) -> tuple[Floats, Floats]:
    """Return the water that hidden leaks of each pipe lose, and what a logger that works saves of it.

    Parameters
    ----------
    state : State

    Returns
    -------
    (ndarray, ndarray), shape (pipes,) each
        [m3/year]; the second is for a logger in reach of the whole pipe.
    """
    search = state.search
    lost, saved = np.zeros(state.count), np.zeros(state.count)
    latest = 5.0 * search.surfacing + 3.0 * float(search.interval.max(initial=1.0))
    latest = min(latest, search.history / (24.0 * HOUR))
    age = (np.arange(STEPS) + 0.5) * latest / STEPS
    share = grown_share(age, state.orifices.growth)
    # Every leak runs on from its awareness to its repair: the age at which it runs is later by that.
    rest = search.notice_hidden + WORKS
    kinds, of_pipe = np.unique(
        np.stack([search.interval, search.sensitivity, search.listened], axis=1), axis=0, return_inverse=True
    )
    heard = 1.0 - np.exp(-age / search.logger_delay) if search.logger_delay > 0.0 else np.ones_like(age)
    later = np.interp(age + rest, age, share)
    before_repair = np.interp(np.linspace(0.0, rest, 200), age, share, left=0.0).mean() * rest
    days, fewer = np.zeros(len(kinds)), np.zeros(len(kinds))
    for row, (interval, sensitivity, listened) in enumerate(kinds):
        unknown = unknown_share(age, np.array(interval), np.array(sensitivity), search.surfacing)
        already = unknown * (1.0 - listened * heard)
        days[row] = before_repair + float((already * later).sum()) * latest / STEPS
        # A logger adds to those that are there, which may not hear it.
        fewer[row] = float((already * later * heard).sum()) * latest / STEPS
    of_pipe = of_pipe.ravel()
    for family in state.families:
        if family.hidden:
            flow = _mean_flow(state, family.flow) * family.rate * family.relative * 24.0
            lost += flow * days[of_pipe]
            saved += flow * fewer[of_pipe]
    return lost, saved


def _mean_flow(state: State, flow: float) -> Floats:
    """Return the mean flow of full-grown leaks at the middle of each pipe [m3/h], over their sizes."""
    pipe, middle = np.arange(state.count), np.full(state.count, 0.5)
    supply = supply_at(state, pipe, middle)
    spread, law = state.orifices.spread, state.orifices
    nodes, weights = np.polynomial.hermite_e.hermegauss(SIZES)
    total = np.zeros(state.count)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        size = np.full(state.count, flow * np.exp(spread * node - spread**2 / 2.0))
        openings = Openings.of_flow(size, law.exponent, REFERENCE, law.coefficient)
        total += weight * leak_flow(openings, supply).mean(axis=0)
    return total


def pieces(graph: Graph) -> tuple[Ints, Floats, Ints, Ints]:
    """Cut pipes where what hears them changes.

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    (ndarray, ndarray, ndarray, ndarray)
        The pipe of each piece, its share of the pipe; then, for each pair of a piece and a node that hears it, the two
        rows.
    """
    matrix = hearing(graph).tocsc()
    count = len(graph.length)
    pipe_of: list[int] = []
    share_of: list[float] = []
    piece_of: list[Ints] = []
    node_of: list[Ints] = []
    for pipe in range(count):
        near = slice(matrix.indptr[pipe], matrix.indptr[pipe + 1])
        far = slice(matrix.indptr[count + pipe], matrix.indptr[count + pipe + 1])
        until, since = matrix.data[near], 1.0 - matrix.data[far]
        cuts = np.unique(np.concatenate([[0.0, 1.0], until, since]).round(9))
        cuts = cuts[(cuts >= 0.0) & (cuts <= 1.0)]
        for low, high in pairwise(cuts):
            middle = (low + high) / 2.0
            nodes = np.union1d(matrix.indices[near][until > middle], matrix.indices[far][since < middle])
            piece_of.append(np.full(len(nodes), len(pipe_of), dtype=np.int64))
            node_of.append(nodes.astype(np.int64))
            pipe_of.append(pipe)
            share_of.append(float(high - low))
    none = [np.zeros(0, dtype=np.int64)]
    return (
        np.array(pipe_of, dtype=np.int64),
        np.array(share_of),
        np.concatenate(piece_of or none),
        np.concatenate(node_of or none),
    )

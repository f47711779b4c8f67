"""User equilibrium: nobody gains by another way (Wardrop's first principle), on the contracted graph, by bushes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment.contraction import contract, whole
from jumeau.assignment.demand import Demand
from jumeau.assignment.links import Links
from jumeau.assignment.solver import NoWayError, Solver, paid
from jumeau.errors import InputError, JumeauError, Problem
from jumeau.i18n import _

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Equilibrium:
    """Flows at which nobody gains by another way.

    Attributes
    ----------
    flow : ndarray, shape (classes, m)
        In the unit of the demand.
    time : ndarray, shape (m,)
        Time of each link at these flows.
    gap : float
        (cost of the trips - their cost by the cheapest ways) / cost of the trips.
    objective : float
        Beckmann's: the sum over links of the integral of the time, and of what classes pay beyond it.
    iterations : int
    imbalance : float
        Largest error of conservation at a node, as a share of the demand.
    """

    flow: Floats
    time: Floats
    gap: float
    objective: float
    iterations: int
    imbalance: float

    @property
    def total(self) -> Floats:
        """Flow of all classes, shape (m,)."""
        return np.asarray(self.flow.sum(axis=0))


def equilibrium(
    links: Links,
    demand: Demand,
    *,
    gap: float = 1e-5,
    iterations: int = 1_000,
    preload: Floats | None = None,
    start: Floats | None = None,
    served: Demand | None = None,
    names: list[str] | None = None,
    threads: int = 1,
    contracted: bool = True,
) -> Equilibrium:
    """Return the equilibrium flows.

    Parameters
    ----------
    links : Links
    demand : Demand
    gap : float
        Relative gap at which to stop.
    iterations : int
        At most.
    preload : ndarray, shape (m,), optional
        Flow that is there anyway.
    start : ndarray, shape (classes, m), optional
        Flows to start from, such as those of the baseline: trips part first as these did. They are returned as they
        are where they meet the gap.
    served : Demand, optional
        Demand of `start`; the same by default.
    names : list of str, optional
        Of the zones, for messages.
    threads : int
        Processors to use; what comes out is the same to the last bit.
    contracted : bool
        Whether chains of links are solved as one. The flows are the same, only the time that it takes is not.

    Raises
    ------
    InputError
        When no way joins two zones that exchange trips.
    JumeauError
        When the gap is not met, or flows are not conserved.
    """
    ahead = np.zeros(len(links)) if preload is None else np.asarray(preload, dtype=np.float64)
    if demand.total <= 0.0:
        nothing = np.zeros((demand.classes, len(links)))
        return Equilibrium(nothing, links.time(ahead), 0.0, 0.0, 0, 0.0)
    chains = contract(links, demand.zones) if contracted else whole(links)
    with Solver(links, chains, demand, ahead, threads) as solver:
        try:
            flow, reached, rounds = solver.run(gap, iterations, start, fits=served is None)
        except NoWayError as error:
            raise InputError(_no_way(error.pair, names)) from None
    total = flow.sum(axis=0) + ahead
    found = Equilibrium(
        flow, links.time(total), reached, _objective(links, demand, ahead, flow), rounds,
        _imbalance(links, demand, flow),
    )  # fmt: skip
    if found.imbalance > 1e-9:
        raise JumeauError(
            _("traffic is not conserved at a crossing: {share:.2g} of the demand").format(share=found.imbalance)
        )
    if found.gap > gap:
        raise JumeauError(
            _(
                "the traffic equilibrium was not reached: gap {found:.2g} after {count} iterations, {gap:.2g} wanted"
            ).format(found=found.gap, count=found.iterations, gap=gap)
        )
    return found


def _no_way(pair: tuple[int, int], names: list[str] | None) -> Problem:
    origin, destination = (names[zone] if names else str(zone + 1) for zone in pair)
    return Problem(
        _("no route leads from zone « {origin} » to zone « {destination} »").format(
            origin=origin, destination=destination
        ),
        hint=_("join the streets, or take the trips between these zones away"),
    )


def _objective(links: Links, demand: Demand, ahead: Floats, flow: Floats) -> float:
    """Return Beckmann's objective."""
    found = float((links.integral(flow.sum(axis=0) + ahead) - links.integral(ahead)).sum())
    return found if demand.extra is None else found + float((paid(demand.extra) * flow).sum())


def _imbalance(links: Links, demand: Demand, flow: Floats) -> float:
    """Return the largest error of conservation at a node, as a share of the demand."""
    out = np.zeros((demand.classes, links.nodes))
    for row in range(demand.classes):
        out[row] = np.bincount(links.tail, flow[row], links.nodes) - np.bincount(links.head, flow[row], links.nodes)
    return float(np.abs(out - demand.balance(links.nodes)).max() / demand.total)

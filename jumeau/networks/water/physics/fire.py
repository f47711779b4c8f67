"""What a fire hydrant gives: the flow at which the pressure left at its outlet is what firemen need.

References
----------
Order of 15 December 2015 (national reference of fire defence, INTE1522200A) and the order of 1 February 1978 before
it: the flow of a hydrant is told at 1 bar of dynamic pressure, on top of what customers take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]

#: Metres of water per bar.
METRES_PER_BAR = 1.0e5 / (1000.0 * 9.80665)

#: How near the flow is told [m3/h].
NEAR = 0.01

#: No hydrant gives more [m3/h]: where the network would, the hydrant is what limits.
MOST = 2000.0


class Network(Protocol):
    """A network that can be drawn on at one instant; see `physics.held.Held`."""

    def draw(self, node: str, flow: float) -> None:
        """Draw a flow at a junction on top of its demand [m3/h]."""
        ...

    def solve(self) -> None:
        """Solve the network as it now is."""
        ...

    def pressures(self, nodes: Sequence[str]) -> Floats:
        """Return the pressure at some nodes [m]."""
        ...


@dataclass(frozen=True)
class FireFlow:
    """What one hydrant gives.

    Attributes
    ----------
    rest : float
        Pressure with the hydrant shut [m].
    flow : float
        At the residual pressure [m3/h]; zero where the pressure is lower already.
    at_wanted : float
        Pressure at the outlet while the flow that is wanted is drawn [m]; below zero where it cannot be.
    elsewhere : ndarray, shape (n,)
        Pressure of all junctions while the hydrant gives the flow that is wanted, or all that it can [m].
    """

    rest: float
    flow: float
    at_wanted: float
    elsewhere: Floats


def hydrant_loss(flow: float, kv: float) -> float:
    """Return the head that a hydrant and its branch take [m].

    Parameters
    ----------
    flow : float
        [m3/h].
    kv : float
        Flow coefficient: flow at a loss of 1 bar [m3/h].
    """
    return METRES_PER_BAR * (flow / kv) ** 2


def fire_flow(
    network: Network, node: str, junctions: Sequence[str], *, wanted: float, residual: float, kv: float
) -> FireFlow:
    """Return what a hydrant at a junction gives; the network is left as it was.

    The pressure falls as the flow grows: the root is bracketed by doubling, then found by Brent's method, each step a
    solution of the whole network.

    Parameters
    ----------
    network : Network
    node : str
        Junction of the hydrant.
    junctions : sequence of str, shape (n,)
        All of them, for what becomes of the others.
    wanted : float
        Flow to be given [m3/h].
    residual : float
        Pressure to be left at the outlet [m].
    kv : float
        Of the hydrant and its branch [m3/h at 1 bar].
    """

    def left(flow: float) -> float:
        network.draw(node, flow)
        network.solve()
        return float(network.pressures([node])[0]) - hydrant_loss(flow, kv)

    try:
        rest = left(0.0)
        flow = 0.0
        if rest > residual:
            low, high = 0.0, max(wanted, 1.0)
            while high < MOST and left(high) > residual:
                low, high = high, 2.0 * high
            flow = float(brentq(lambda given: left(given) - residual, low, high, xtol=NEAR)) if high < MOST else MOST
        at_wanted = left(wanted)
        if flow < wanted:
            left(flow)
        elsewhere = network.pressures(junctions)
    finally:
        network.draw(node, 0.0)
    return FireFlow(rest, flow, at_wanted, elsewhere)

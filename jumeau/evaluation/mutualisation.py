"""Communes that share: who pays what, who gains, from how many on, and whether anybody is better alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from jumeau.evaluation.finance import annual_equivalent
from jumeau.units import Quantity
from jumeau.yaml_types import Block

#: Up to so many communes every coalition is looked at: 4,095 of them.
ALL_COALITIONS = 12

Euros = Annotated[float, Quantity("EUR", minimum=0.0)]


class CommuneBlock(Block):
    """One commune."""

    population: Annotated[float, Quantity("person", minimum=1)]
    """People."""
    points: Annotated[float, Quantity("1", minimum=0)] = 0.0
    """Devices that it would install: lamps, bins, meters."""
    yearly_gain: Annotated[float, Quantity("EUR", minimum=None)]
    """What its own devices bring it every year, running costs taken off."""


class MutualBlock(Block):
    """Communes that may share a fixed cost and buy together."""

    fixed_cost: Euros
    """Platform, gateways, team: paid once, however many share it."""
    fixed_annual: Euros = 0.0
    """Every year."""
    unit_price: Euros
    """Of a device, bought alone."""
    exponent: Annotated[float, Quantity("1", minimum=0, maximum=0.5)] = 0.1
    """Prices fall with the number of communes n as n to the power of minus this; a choice, 0 to 0.2."""
    key: Literal["population", "points", "equal"] = "population"
    """By what the fixed cost is shared."""
    members: dict[str, CommuneBlock] = Field(min_length=1, max_length=500)
    """Communes by name."""


@dataclass(frozen=True)
class Share:
    """What sharing does to one commune, over the horizon.

    Attributes
    ----------
    name : str
    alone, together : float
        Financial benefit on its own, and within the group of all [EUR].
    paid : float
        Its part of the fixed cost [EUR].
    needed : int or None
        Smallest number of like communes from which its benefit is not negative; None where there is none.
    """

    name: str
    alone: float
    together: float
    paid: float
    needed: int | None


@dataclass(frozen=True)
class Mutual:
    """What sharing does to communes.

    Attributes
    ----------
    shares : tuple of Share
    stable : bool
        Whether no coalition that was looked at would leave: none of it would give all its members more.
    leaving : tuple of str
        A coalition that would, where there is one.
    complete : bool
        Whether every coalition was looked at; single communes only, otherwise.
    """

    shares: tuple[Share, ...]
    stable: bool
    leaving: tuple[str, ...]
    complete: bool


class Sharing:
    """Benefits of communes in any group.

    Parameters
    ----------
    block : MutualBlock
    rate : float
        Real discount rate [1/year].
    horizon : int
        [year].
    """

    def __init__(self, block: MutualBlock, rate: float, horizon: int) -> None:
        self.block = block
        # Present value of a euro a year, years 1 to the horizon.
        self.annuity = float(1.0 / annual_equivalent(1.0, rate, horizon))
        self.fixed = block.fixed_cost + block.fixed_annual * self.annuity

    def weight(self, name: str) -> float:
        """Return what a commune counts for in the sharing key."""
        member = self.block.members[name]
        return {"population": member.population, "points": member.points, "equal": 1.0}[self.block.key]

    def paid(self, name: str, group: Sequence[str]) -> float:
        """Return a commune's part of the fixed cost in a group [EUR]."""
        whole = sum(self.weight(other) for other in group)
        return self.fixed * (self.weight(name) / whole if whole > 0.0 else 1.0 / len(group))

    def price(self, count: int) -> float:
        """Return the price of a device when so many communes buy together [EUR]."""
        return float(self.block.unit_price * count**-self.block.exponent)

    def benefit(self, name: str, group: Sequence[str]) -> float:
        """Return the financial benefit of a commune in a group [EUR]."""
        member = self.block.members[name]
        gain = member.yearly_gain * self.annuity - member.points * self.price(len(group))
        return gain - self.paid(name, group)

    def needed(self, name: str, most: int = 1000) -> int | None:
        """Return from how many like communes on a commune's benefit is not negative."""
        member = self.block.members[name]
        for count in range(1, most + 1):
            gain = member.yearly_gain * self.annuity - member.points * self.price(count)
            if gain - self.fixed / count >= 0.0:
                return count
        return None

    def all_together(self) -> Mutual:
        """Return what the group of all does to each, and whether it holds."""
        names = list(self.block.members)
        together = {name: self.benefit(name, names) for name in names}
        shares = tuple(
            Share(name, self.benefit(name, [name]), together[name], self.paid(name, names), self.needed(name))
            for name in names
        )
        complete = len(names) <= ALL_COALITIONS
        sizes = range(1, len(names)) if complete else range(1, 2)
        leaving: tuple[str, ...] = ()
        for size in sizes:
            for group in combinations(names, size):
                if all(self.benefit(name, group) > together[name] + 1e-9 * abs(self.fixed) for name in group):
                    leaving = group
                    break
            if leaving:
                break
        return Mutual(shares, not leaving, leaving, complete)


def curve(sharing: Sharing, name: str, counts: Sequence[int]) -> Mapping[int, float]:
    """Return a commune's benefit among so many communes like it, by their number [EUR]."""
    member = sharing.block.members[name]
    return {
        count: float(
            np.float64(member.yearly_gain * sharing.annuity - member.points * sharing.price(count))
            - sharing.fixed / count
        )
        for count in counts
    }

"""A truck at work, and what it is to do on a day."""

from __future__ import annotations

from dataclasses import dataclass, field

from jumeau.networks.waste.physics.fuel import PHASES, Consumption
from jumeau.networks.waste.physics.state import CollectionArea, Truck
from jumeau.routing import Travel


@dataclass(frozen=True)
class Task:
    """What a truck is to do on a day.

    Attributes
    ----------
    area : CollectionArea
    travel : Travel
        Between the area's locations, as streets are open.
    trips : tuple of tuple of int
        Places in the area's sites, between two unloadings.
    disposal : tuple of int
        Row of the disposal site at the end of each trip, -1 for none.
    start : float
        [s].
    day : int
    """

    area: CollectionArea
    travel: Travel
    trips: tuple[tuple[int, ...], ...]
    disposal: tuple[int, ...]
    start: float
    day: int


@dataclass
class TruckAtWork:
    """One truck: what it carries, and what it has used today."""

    number: int
    row: int
    kind: Truck
    use: Consumption
    load: float = 0.0
    mass: float = 0.0
    battery: float = 0.0
    place: int = 0
    km: float = 0.0
    rested: bool = False
    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))

    def leave(self) -> None:
        """Begin a day at the depot."""
        self.km, self.rested, self.place = 0.0, False, self.kind.depot
        self.spent = dict.fromkeys(PHASES, 0.0)

    def spend(self, phase: str, amount: float) -> None:
        """Count an energy use."""
        self.spent[phase] += amount
        self.battery -= amount

    @property
    def empty(self) -> bool:
        """Whether there is nothing on board."""
        return self.load <= 0.0

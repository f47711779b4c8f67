"""A lighting network made ready to run: arrays that a worker can receive and that chance does not touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.lighting.physics.power import Cumulated
from jumeau.simulation.delivery import Channel
from jumeau.simulation.installed import InstalledDevices
from jumeau.simulation.time_classes import TimeClasses

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Night:
    """The steps of the period, its warm-up included, and when each kind of cabinet is switched on.

    Attributes
    ----------
    start, step : float
        First border and length of the steps [s].
    slot : ndarray of int, shape (steps,)
        Ten-minute slot of the local day.
    dark : tuple of ndarray, each of shape (steps,)
        Share of each step during which cabinets are on, by kind of switching.
    """

    start: float
    step: float
    slot: NDArray[np.int16]
    dark: tuple[Floats, ...]


@dataclass(frozen=True)
class LoadClass:
    """Lamps that follow the same night.

    Attributes
    ----------
    switching : int
        Kind of switching, a position in `Night.dark`.
    power, burning : ndarray, shape (144,) or (steps,)
        Share of full power, and share of time alight, while the cabinet is on: by slot of the day, or by step of the
        period where nights differ by their date or by the sun.
    dated : bool
        Whether nights differ.
    """

    switching: int
    power: Floats
    burning: Floats
    dated: bool = False


@dataclass(frozen=True)
class Upkeep:
    """How lamps fail, are found and mended; arrays of shape (n,) unless said.

    Attributes
    ----------
    shape, scale, renewal : ndarray
        Law of life in burning hours [1], [h], [h]; see `failures`.
    years : ndarray
        Age of the luminaire at the period's start [year], not-a-number where unknown.
    managed : ndarray of bool
    alarm : ndarray
        Longest delay of an alarm [h].
    patrol, phase : ndarray of int
        Time between patrols and day of the first [day].
    dispatch : ndarray
        Time from report to work order [day].
    site : ndarray of int
    part : ndarray
        Spare parts of a repair [EUR].
    patrol_km : ndarray, shape (cabinets,)
        Distance of a patrol along the lamps that no node watches [km].
    cabinet_patrol, cabinet_phase : ndarray of int, shape (cabinets,)
        As `patrol` and `phase`.
    sighting : float
        Probability that a patrol sees a dark lamp.
    citizen_delay : float
        Mean time until a resident reports [day].
    patrol_hour : float
        Hour of the day at which patrols pass [h].
    patrol_speed : float
        [km/h].
    repair_duration : float
        [h].
    planned_hours, planned_parts : float
        Planned lamp changes and visits of the whole period [h] of crews and [EUR].
    radio : Channel, optional
        Links of the nodes, where the scenario says something of radio.
    nodes : InstalledDevices, optional
        The nodes of managed lamps, which may fail.
    """

    shape: Floats
    scale: Floats
    renewal: Floats
    years: Floats
    managed: Bools
    alarm: Floats
    patrol: Ints
    phase: Ints
    dispatch: Floats
    site: Ints
    part: Floats
    patrol_km: Floats
    cabinet_patrol: Ints
    cabinet_phase: Ints
    sighting: float
    citizen_delay: float
    patrol_hour: float
    patrol_speed: float
    repair_duration: float
    planned_hours: float
    planned_parts: float
    radio: Channel | None = None
    nodes: InstalledDevices | None = None


@dataclass(frozen=True)
class Contract:
    """How delivery points buy electricity, arrays of shape (cabinets,).

    Attributes
    ----------
    classes : TimeClasses
        Classes of hours of the period.
    option : ndarray of str
        Delivery option; empty for the cheapest.
    optimal : ndarray
        Smallest subscribed power that holds the peak [kVA].
    in_account : bool
        Whether the account bills by tariff; else at the plain prices.
    """

    classes: TimeClasses
    option: NDArray[np.object_]
    optimal: Floats
    in_account: bool


@dataclass(frozen=True)
class State:
    """A lighting network made ready.

    Attributes
    ----------
    night : Night
    classes : tuple of LoadClass
    load : ndarray of int, shape (n,)
        Class of each lamp.
    power : ndarray, shape (n,)
        Mean power at full output, gear and constant output included [W].
    standby : ndarray, shape (n,)
        Power of nodes and sensors, day and night [W].
    cabinet : ndarray of int, shape (n,)
        Row of the lamp's cabinet, -1 for none.
    subscribed : ndarray, shape (cabinets,)
        [kVA].
    upkeep : Upkeep
    failed_consume : bool
        Whether a lamp without light goes on drawing its power.
    fixed : dict of str to float
        Indicators that chance does not touch.
    area : float
        Area to be lit [m2].
    works : mapping of str to float
        Upkeep beside lamps over the period, by quantity; see `works.acts`.
    contract : Contract
    patrols_count : bool
        Whether what patrols cost is counted.
    """

    night: Night
    classes: tuple[LoadClass, ...]
    load: Ints
    power: Floats
    standby: Floats
    cabinet: Ints
    subscribed: Floats
    upkeep: Upkeep
    failed_consume: bool
    fixed: dict[str, float]
    area: float
    works: dict[str, float]
    contract: Contract
    patrols_count: bool = True

    @property
    def count(self) -> int:
        """Number of lamps."""
        return len(self.load)

    def hours(self, number: int) -> Cumulated:
        """Return the cumulated full-power hours of a class [h]."""
        item = self.classes[number]
        return cumulate(self.night, item, item.power)

    def burning(self, number: int) -> Cumulated:
        """Return the cumulated burning hours of a class [h]."""
        item = self.classes[number]
        return cumulate(self.night, item, item.burning)

    def by_class(self, hours: Callable[[int], Cumulated], start: float, end: float) -> Floats:
        """Return the cumulated hours of each lamp's class between two instants [h], shape (n,)."""
        each = np.array([float(hours(number).between(start, end)) for number in range(len(self.classes))])
        return each[self.load] if self.count else np.zeros(0)


def cumulate(night: Night, item: LoadClass, table: Floats) -> Cumulated:
    """Cumulate a table of a class over the dark part of each step [h].

    The table rather than its cumulation is kept: where nights do not differ it is 300 times smaller, and a millisecond
    rebuilds it.
    """
    rate = table if item.dated else table[night.slot]
    return Cumulated.of(night.start, night.step, night.dark[item.switching] * rate)

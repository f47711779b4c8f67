"""The arrays of a run of the water network: prepared once, read by many runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.hydraulics import Hydraulics
from jumeau.simulation.delivery import Channel
from jumeau.simulation.installed import InstalledDevices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Family:
    """One kind of leak.

    Attributes
    ----------
    name : str
        For instance `mains_hidden`.
    hidden : bool
        Whether it does not show at the surface.
    rate : ndarray, shape (pipes,)
        Leaks expected on each pipe [1/year].
    flow : float
        Mean flow at 50 m of pressure [m3/h].
    site_hours : float
        Work of the crew on site [h].
    mains : bool
        Whether the main itself is open, so that its customers are cut off during the repair.
    relative : ndarray, shape (pipes,)
        Leaks at the present pressure over those of `rate`: those that a lower pressure spares are left out of the same
        draw, those that a higher one brings come on top.
    """

    name: str
    hidden: bool
    rate: Floats
    flow: float
    site_hours: float
    mains: bool
    relative: Floats


@dataclass(frozen=True)
class Search:
    """How leaks are found.

    Attributes
    ----------
    interval : ndarray, shape (pipes,)
        Time between two surveys of a pipe [day].
    sensitivity : ndarray, shape (pipes,)
        Probability that a pass finds a leak.
    listened : ndarray, shape (pipes,)
        Share of the pipe that working loggers hear, times their sensitivity.
    report_delay, surfacing, logger_delay, sector_delay : float
        Mean delays [day].
    locate_hours : float
        [h].
    notice_visible, notice_hidden : float
        From location to work order [day].
    speed : float
        Length surveyed or searched per hour of work [km/h].
    finders : int
        Teams that locate leaks.
    sector : ndarray of int, shape (pipes,)
        Row of the sector of each pipe, -1 for none.
    metered : ndarray of bool, shape (sectors,)
    threshold : ndarray, shape (sectors,)
        Rise of the night flow that raises an alarm [m3/h].
    place : ndarray, shape (pipes,)
        Where a pipe starts in the walk through its sector, as a share of the sector's length.
    share : ndarray, shape (pipes,)
        Share of the sector's length that the pipe makes up.
    length : ndarray, shape (sectors,)
        [km].
    steps : ndarray of int, shape (sectors,)
        Parts that a step test tells apart; 0 where none is made.
    step_hours : ndarray, shape (sectors,)
        Work of a step test [h].
    step_resolution : float
        Smallest flow that a step shows [m3/h].
    history : float
        Time over which leaks are drawn ahead of the period [s].
    radio : Channel, optional
        Links of the logger nearest to each pipe, where the scenario says something of radio.
    loggers : InstalledDevices, optional
        The acoustic loggers, which may fail.
    hearers : tuple of ndarray of int, shape (pipes,)
        Numbers of the loggers that hear some of each pipe; empty where nothing is said of them.
    """

    interval: Floats
    sensitivity: Floats
    listened: Floats
    report_delay: float
    surfacing: float
    logger_delay: float
    sector_delay: float
    locate_hours: float
    notice_visible: float
    notice_hidden: float
    speed: float
    finders: int
    sector: Ints
    metered: Bools
    threshold: Floats
    place: Floats
    share: Floats
    length: Floats
    steps: Ints
    step_hours: Floats
    step_resolution: float
    history: float
    radio: Channel | None = None
    loggers: InstalledDevices | None = None
    hearers: tuple[Ints, ...] = ()

    @property
    def walk(self) -> Floats:
        """Work until a leak of a sector is located, its worst place taken [h], shape (sectors,)."""
        whole = self.length / self.speed
        return np.where(self.steps > 0, self.step_hours + whole / np.maximum(self.steps, 1), whole)


@dataclass(frozen=True)
class Orifices:
    """What tells the flow of a leak from the pressure.

    Attributes
    ----------
    exponent : ndarray, shape (pipes,)
        Pressure exponent N1 at 50 m of each pipe.
    coefficient : float
        Discharge coefficient.
    spread : float
        Standard deviation of the logarithm of flows.
    growth : float
        Mean time over which a hidden leak grows [day].
    """

    exponent: Floats
    coefficient: float
    spread: float
    growth: float


@dataclass(frozen=True)
class Known:
    """Leaks that are imposed rather than drawn.

    Attributes
    ----------
    pipe : ndarray of int, shape (k,)
    start, end, growth : ndarray, shape (k,)
        [s]; `growth` is the time over which the diameter grows.
    diameter : ndarray, shape (k,)
        [m].
    """

    pipe: Ints
    start: Floats
    end: Floats
    growth: Floats
    diameter: Floats


@dataclass(frozen=True)
class State:
    """The water network of one situation and draw.

    Attributes
    ----------
    hydraulics : Hydraulics
        One extended-period run of EPANET, over the cycle of the demand patterns.
    ends : ndarray of int, shape (pipes, 2)
        Rows of the junctions at the ends of each pipe in the hydraulics; where an end is a tank or a source, the other
        end stands for both.
    street : ndarray of str, shape (pipes,)
        Street above each pipe, empty for none.
    site : ndarray of int, shape (pipes,)
        Where crews go.
    length : ndarray, shape (pipes,)
        [km].
    connections, customers : ndarray, shape (pipes,)
        Service connections, and customers behind them.
    remote : ndarray, shape (pipes,)
        Share of the connections whose meter is read remotely.
    families : tuple of Family
    search : Search
    orifices : Orifices
    known : Known
    background : ndarray, shape (pipes,)
        Background leakage at 50 m of pressure [m3/h].
    background_exponent : float
    emitted : ndarray, shape (pipes,)
        What the emitters of the EPANET file at the ends of each pipe leak, where they stand for leaks [m3/h].
    offset : float
        Position of the period's start in the cycle of the hydraulics [s].
    rates : dict of str to float
        Single numbers that runs and outcomes need, by factor name.
    consumption : float
        Demand of customers over the period, their own leaks left out [m3].
    customer_rate : ndarray, shape (pipes,)
        Leaks after the meter expected on each pipe's connections [1/year].
    pipe_pressure : ndarray, shape (pipes,)
        Mean pressure along each pipe [m].
    junction_mean, junction_minimum : ndarray, shape (junctions,)
        Mean and lowest pressure of the cycle [m].
    mean_pressure : float
        At connections [m].
    low_pressure_customers : float
        Customers below the minimum pressure at some hour.
    radio : Channel, optional
        Links of the meter read remotely that is nearest to each pipe, where the scenario says something of radio.
    """

    hydraulics: Hydraulics | None
    ends: Ints
    street: NDArray[np.object_]
    site: Ints
    length: Floats
    connections: Floats
    customers: Floats
    remote: Floats
    families: tuple[Family, ...]
    search: Search
    orifices: Orifices
    known: Known
    background: Floats
    background_exponent: float
    emitted: Floats
    offset: float
    rates: dict[str, float]
    consumption: float
    customer_rate: Floats
    pipe_pressure: Floats
    junction_mean: Floats
    junction_minimum: Floats
    mean_pressure: float
    low_pressure_customers: float
    radio: Channel | None = None

    @property
    def count(self) -> int:
        """Number of pipes."""
        return len(self.length)

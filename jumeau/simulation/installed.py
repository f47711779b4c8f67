"""The devices of one kind that stand in a network: where, how old, how they fail, how soon somebody comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.device import Device, Reliability
from jumeau.factors import FactorTable
from jumeau.simulation.clock import DAY
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Days of the year by which yearly rates are meant.
YEAR = 365.0 * DAY

FAILURE, VANDALISM, FOULING, BATTERY = "failure", "vandalism", "fouling", "battery"


@dataclass(frozen=True)
class Hazard:
    """Rates at which a device of some age stops to work [1/year].

    Attributes
    ----------
    first_year, later : float
        Failures of the device itself, in its first year and after.
    vandalism, fouling : float
        At any age.
    """

    first_year: float
    later: float
    vandalism: float = 0.0
    fouling: float = 0.0

    @classmethod
    def of(cls, reliability: Reliability, factors: FactorTable) -> Hazard:
        """Return the rates that factors state."""

        def value(name: str, otherwise: float = 0.0) -> float:
            return factors.value(name) if name else otherwise

        later = value(reliability.failures)
        return cls(
            value(reliability.first_year, later),
            later,
            value(reliability.vandalism),
            value(reliability.fouling),
        )

    @property
    def outside(self) -> float:
        """Rate that does not depend on age [1/year]."""
        return self.vandalism + self.fouling

    def mean(self, renewal: float) -> float:
        """Return the mean rate of devices whose ages are spread evenly from zero to `renewal` [year]."""
        young = min(1.0 / renewal, 1.0)
        return young * self.first_year + (1.0 - young) * self.later + self.outside

    def left(self, age: Floats, draw: Floats) -> Floats:
        """Return the time that devices of some age still work [year], by inversion of the cumulated hazard.

        Parameters
        ----------
        age : ndarray, shape (k,)
            [year].
        draw : ndarray, shape (k,)
            Uniform in (0, 1).
        """
        young, old = self.first_year + self.outside, self.later + self.outside
        needed = -np.log(draw)
        rest = np.maximum(1.0 - age, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            early = np.where(young > 0.0, needed / young, np.inf)
            late = rest + np.where(old > 0.0, (needed - young * rest) / old, np.inf)
        return np.where(needed < young * rest, early, late)

    def cause(self, age: float, draw: float) -> str:
        """Return what silenced a device of some age [year], by a uniform draw."""
        own = self.first_year if age < 1.0 else self.later
        point = draw * (own + self.outside)
        if point < own:
            return FAILURE
        return VANDALISM if point < own + self.vandalism else FOULING


@dataclass(frozen=True)
class Service:
    """How a silent device gets its visit: factors that all networks share.

    Attributes
    ----------
    notice : float
        Until its silence is noticed [day].
    dispatch : float
        From there to the order of a crew, which waits for a spare device and for others to be done with it [day].
    hours : float
        Work at the device [h].
    low : float
        How long before the end of a battery its low voltage calls for a visit [day].
    renewal : float
        Age below which ages are spread evenly at the start [year].
    """

    notice: float
    dispatch: float
    hours: float
    low: float
    renewal: float

    @classmethod
    def of(cls, shared: FactorTable) -> Service:
        """Return what the shared factors state."""
        return cls(
            shared.value("device_notice"),
            shared.value("device_dispatch"),
            shared.value("device_visit_hours"),
            shared.value("device_low_battery"),
            shared.value("device_renewal"),
        )

    @property
    def silence(self) -> float:
        """Time from the silence of a device to the order of a crew [day]; its queue, drive and work come on top."""
        return self.notice + self.dispatch


def unavailability(device: Device, factors: FactorTable, shared: FactorTable) -> float:
    """Return the share of devices of a kind that are silent at any time, where crews do not queue.

    The availability of what is repaired is MTBF / (MTBF + MTTR).

    Parameters
    ----------
    device : Device
    factors, shared : FactorTable
        Those of its network, and those that all networks share.
    """
    if device.reliability is None:
        return 0.0
    service = Service.of(shared)
    rate = Hazard.of(device.reliability, factors).mean(service.renewal)
    repair = rate * (service.silence + service.hours / 24.0) / 365.0
    return repair / (1.0 + repair)


@dataclass(frozen=True)
class InstalledDevices:
    """The devices of one kind in one situation.

    Attributes
    ----------
    network, kind : str
    names : ndarray of str, shape (n,)
        Asset that carries each device.
    rows : ndarray of int, shape (n,)
        Its row in its layer.
    copies : ndarray of int, shape (n,)
        Number of the device among those of its asset, from 0.
    size : int
        Rows of the layer: draws are made for each, so that where others stand changes nothing.
    site : ndarray of int, shape (n,)
        Where crews go.
    hazard : Hazard
    battery : ndarray, shape (n,)
        Life of its battery [year]; infinite where it is never changed.
    false_alarms : float
        Of a device that works [1/year].
    service : Service
    """

    network: str
    kind: str
    names: NDArray[np.object_]
    rows: Ints
    copies: Ints
    size: int
    site: Ints
    hazard: Hazard
    battery: Floats
    false_alarms: float
    service: Service

    @classmethod
    def of(
        cls,
        device: Device,
        names: NDArray[np.object_],
        rows: Ints,
        site: Ints,
        factors: FactorTable,
        shared: FactorTable,
        *,
        counts: Ints | None = None,
        battery: Floats | None = None,
    ) -> InstalledDevices | None:
        """Return the devices of a kind; None where there is none, or where it never fails.

        Parameters
        ----------
        device : Device
        names : ndarray of str, shape (size,)
            Of the assets of the layer.
        rows : ndarray of int, shape (k,)
            Those that carry devices.
        site : ndarray of int, shape (k,)
        factors, shared : FactorTable
        counts : ndarray of int, shape (k,), optional
            Devices of each asset; one by default.
        battery : ndarray, shape (k,), optional
            Life of batteries by what the radio asks of them [year], in place of the factor where it is a number.
        """
        if device.reliability is None or not len(rows):
            return None
        each = np.ones(len(rows), dtype=np.int64) if counts is None else counts
        whole = np.repeat(np.arange(len(rows)), each)
        first = np.repeat(np.cumsum(each) - each, each)
        return cls(
            device.network,
            device.kind,
            names[rows][whole],
            rows[whole],
            np.arange(len(whole)) - first,
            len(names),
            site[whole],
            Hazard.of(device.reliability, factors),
            _batteries(device.reliability, factors, len(rows), battery)[whole],
            factors.value(device.reliability.false_alarms) if device.reliability.false_alarms else 0.0,
            Service.of(shared),
        )

    @classmethod
    def at(
        cls,
        device: Device,
        names: NDArray[np.object_],
        rows: Ints,
        shapes: NDArray[np.object_],
        factors: FactorTable,
        world: World,
        counts: Ints | None = None,
    ) -> InstalledDevices | None:
        """Return the devices of a kind at the middle of some shapes, which do not move the depot of their crews.

        Batteries last as the radio lets them, where a scenario says something of it.

        Parameters
        ----------
        device : Device
        names : ndarray of str, shape (size,)
        rows : ndarray of int, shape (k,)
        shapes : ndarray of geometry, shape (k,)
            Where each asset stands.
        factors : FactorTable
            Of the network.
        world : World
        counts : ndarray of int, shape (k,), optional
            Devices of each asset; one by default.
        """
        if not len(rows):
            return None
        delivery = world.delivery.get(f"{device.network}.{device.kind}")
        site = world.place.sites(shapely.get_coordinates(shapely.centroid(shapes)), apart=True)
        battery = None if delivery is None else delivery.battery_of(names[rows])
        return cls.of(device, names, rows, site, factors, world.factors, counts=counts, battery=battery)

    def __len__(self) -> int:
        """Return the number of devices."""
        return len(self.rows)


def _batteries(reliability: Reliability, factors: FactorTable, count: int, radio: Floats | None) -> Floats:
    """Return the life of batteries [year]; infinite where there is none to change."""
    if not reliability.battery:
        return np.full(count, np.inf)
    usual = np.full(count, factors.value(reliability.battery))
    return usual if radio is None else np.where(np.isfinite(radio), radio, usual)

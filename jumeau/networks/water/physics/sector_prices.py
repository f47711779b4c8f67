"""What the border of a sector costs across each link: a meter with its chamber, or a closed valve, by diameter."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from jumeau.factors import FactorTable
from jumeau.networks.water.physics.sector_topology import Topology

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Factors of the price of a meter in a chamber of its own, by the largest diameter that each is for [mm].
METERS = (
    (100.0, "sector_meter_price"),
    (150.0, "sector_meter_price_150"),
    (200.0, "sector_meter_price_200"),
    (300.0, "sector_meter_price_300"),
    (inf, "sector_meter_price_large"),
)
#: That of a meter where a chamber or a station stands.
STATION = "sector_meter_price_station"

#: Those of a closed valve, likewise.
VALVES = ((150.0, "sector_valve_price"), (inf, "sector_valve_price_large"))


@dataclass(frozen=True)
class Prices:
    """What borders cost, by the links across which they are.

    Attributes
    ----------
    meter, valve : ndarray, shape (m,)
        [EUR].
    station : float
        Of a meter where a chamber or a station stands [EUR].
    closable : ndarray of bool, shape (m,)
        Where a valve may close it.
    """

    meter: Floats
    valve: Floats
    station: float
    closable: Bools

    @classmethod
    def of(
        cls,
        topology: Topology,
        factors: FactorTable,
        *,
        meter: float | None = None,
        valve: float | None = None,
        largest: float | None = None,
    ) -> Prices:
        """Return the prices of a network's borders; given numbers stand over the factors.

        Parameters
        ----------
        topology : Topology
        factors : FactorTable
        meter, valve : float, optional
            Whatever the diameter [EUR].
        largest : float, optional
            Diameter of the largest main that a valve may close [mm].
        """

        def price(table: tuple[tuple[float, str], ...], given: float | None) -> Floats:
            if given is not None:
                return np.full(len(topology.name), given)
            limits = np.array([limit for limit, _name in table[:-1]])
            each = np.array([factors.value(name) for _limit, name in table])
            return np.asarray(each[np.searchsorted(limits, topology.diameter - 1e-6)], dtype=np.float64)

        limit = factors.value("sector_closable_diameter") if largest is None else largest
        return cls(
            meter=price(METERS, meter),
            valve=price(VALVES, valve),
            station=factors.value(STATION) if meter is None else meter,
            closable=~topology.fixed & (topology.diameter <= limit + 1e-6),
        )

    @property
    def worth(self) -> Floats:
        """What a border across each link costs, by valve where one may close it [EUR], shape (m,)."""
        return np.where(self.closable, self.valve, self.meter)

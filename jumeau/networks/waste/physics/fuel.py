"""Energy of trucks by phase: under way, between stops, lifts, idling.

References
----------
Structure: energy from distance and stops, 5-14 % of error (Waste Management & Research 18(2), 2000). Coefficients: TU
Berlin, Schmid et al. 2020 (parameters), see `factors.csv`.
"""

from __future__ import annotations

from dataclasses import dataclass

PHASES = ("haul", "collect", "lifts", "idle")

#: Quantity that each kind of truck uses, by its energy.
CARRIERS = {"diesel": "diesel", "cng": "gas", "electric": "electricity"}


@dataclass(frozen=True)
class Consumption:
    """What a kind of truck uses: litres of diesel, or kilowatt-hours of gas or of the battery.

    Attributes
    ----------
    haul : float
        Under way [/km].
    collect : float
        Between close stops [/km].
    stop : float
        Of a stop and the start after it.
    lift : float
    idle : float
        [/h].
    """

    haul: float
    collect: float
    stop: float
    lift: float
    idle: float

    def to_work(self, km: float) -> float:
        """Return the use of a drive to or from the place of work."""
        return self.haul * km

    def between_stops(self, km: float) -> float:
        """Return the use of a drive between two stops.

        On a short one the stop and the start count, on a long one the driving: the greater of the two, so that neither
        is counted twice. At 4.5 stops per kilometre the default factors give 0.36 l/km.
        """
        return max(self.collect * km + self.stop, self.haul * km)


def consumption(energy: str, rates: dict[str, float]) -> Consumption:
    """Return the consumption of a kind of truck, by its energy.

    Parameters
    ----------
    energy : str
        `diesel` [l], `cng` [kWh of gas] or `electric` [kWh of the battery].
    rates : mapping of str to float
        Factors; `diesel_energy` in kilowatt-hours per litre.
    """
    if energy == "electric":
        return Consumption(*(rates[f"power_{name}"] for name in ("haul", "collect", "stop", "lift", "idle")))
    scale = rates["gas_ratio"] * rates["diesel_energy"] if energy == "cng" else 1.0
    return Consumption(*(rates[f"fuel_{name}"] * scale for name in ("haul", "collect", "stop", "lift", "idle")))

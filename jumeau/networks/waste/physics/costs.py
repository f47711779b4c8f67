"""What trucks cost, as the planner of rounds sees it."""

from __future__ import annotations

from jumeau.networks.waste.physics.fuel import CARRIERS, consumption
from jumeau.networks.waste.physics.state import Truck


def hourly_cost(truck: Truck, rates: dict[str, float]) -> float:
    """Return what an hour of a truck's crew costs [EUR/h]."""
    return truck.crew * rates["crew_hourly_cost"]


def km_cost(truck: Truck, rates: dict[str, float]) -> float:
    """Return what a kilometre costs: energy under way and upkeep [EUR/km]."""
    used = consumption(truck.energy, rates).haul
    if truck.electric:
        used /= rates["charging_efficiency"]
    return (
        used * rates[f"{CARRIERS[truck.energy]}_price"] + rates[f"upkeep_{'electric' if truck.electric else 'diesel'}"]
    )

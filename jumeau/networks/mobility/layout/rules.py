"""By which rules traffic is laid out and completed, as the report tells them."""

from __future__ import annotations

from pathlib import Path

from jumeau.territory.synthesis import Synthesis

SYNTHESIS = Synthesis(
    "mobility",
    Path(__file__).with_name("synthesis_factors.csv"),
    {
        "traffic_zones": "parts of the town of about the same people; gates where main roads leave it",
        "traffic_links": "one per direction of a street; speed and capacity by class and lanes; largest connected part",
        "traffic_demand": "gravity model on residents and jobs; gates by the class of their road",
        "traffic_signals": "where two busy roads cross, by the traffic of a mean day",
        "parking": "along the streets of the zones densest in jobs, for the load of the busiest hour",
        "charge_points": "one station for so many electric cars, at the largest zones",
        "vehicle_fleets": "cars per resident, municipal vehicles per resident",
    },
)

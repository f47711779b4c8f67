"""By which rules a water network is laid out and completed, as the report tells them."""

from __future__ import annotations

from pathlib import Path

from jumeau.territory.synthesis import Synthesis

SYNTHESIS = Synthesis(
    "water",
    Path(__file__).with_name("synthesis_factors.csv"),
    {
        "water_pipes": "mains under the streets that serve addresses, sized by velocity and head loss at the peak "
        "hour, checked by EPANET",
        "water_junctions": "crossings of streets; demand of residents and jobs on the nearer end of the main",
        "water_demands": "jobs of the cells, spread on addresses",
        "water_tanks": "half a day of storage at the highest ground of each supply area",
        "water_reservoirs": "source at the lowest ground of each supply area",
        "water_pumps": "a pump that fills each tank in the pumping hours of a mean day",
        "water_valves": "reducing valves where the pressure of the zone above would be too high",
        "water_connections": "one service connection per address, on the nearest main",
        "water_sectors": "parts of the network of about the same number of connections, inside pressure zones",
        "water_patterns": "hourly use of residents and of jobs",
        "water_curves": "head curve of each pump from its flow and lift",
        "water_controls": "pumps follow the level of their tank",
        "water_settings": "Hazen-Williams, hourly steps",
    },
)

"""By which rules a collection is laid out and completed, as the report tells them."""

from __future__ import annotations

from pathlib import Path

from jumeau.territory.synthesis import Synthesis

SYNTHESIS = Synthesis(
    "waste",
    Path(__file__).with_name("synthesis_factors.csv"),
    {
        "waste_sites": "kerbside: pieces of the streets that serve addresses; drop-off: one per so many residents, in "
        "the middle of its catchment",
        "waste_containers": "bins and columns by residents, national tonnages and densities",
        "waste_depots": "at an industrial building, else at the edge of the territory",
        "waste_disposal": "beyond the exit road nearest to the depot, at a usual distance",
        "waste_trucks": "as many as the busiest day of the calendar asks for",
        "waste_services": "rounds of the calendar",
        "waste_rounds": "parts of the town of about the same work, spread over the week",
    },
)

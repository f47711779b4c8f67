"""By which rules public lighting is laid out and completed, as the report tells them."""

from __future__ import annotations

from pathlib import Path

from jumeau.territory.synthesis import Synthesis

SYNTHESIS = Synthesis(
    "lighting",
    Path(__file__).with_name("synthesis_factors.csv"),
    {
        "lamps": "lamps laid out along the streets of the built-up area, at a usual spacing by road class",
        "lamp_id": "numbered by coordinates",
        "cabinets": "lamps grouped along the shortest cable tree within limits of number and power; "
        "the cabinet stands at the lamp nearest to the middle",
        "named": "cabinets that lamps name: each stands at the lamp nearest to the middle of its lamps",
        "nearest": "nearest cabinet",
        "control": "photocell or astronomical clock, by a stated share",
        "street_id": "nearest street, within a stated distance",
        "road_class": "class of the street; residential where there is no street",
        "usage": "ambience lighting on pedestrian, living and cycle streets, road lighting elsewhere",
        "technology": "most frequent known technology of the street; else French stock by usage, one technology per "
        "street and usage, age correlated within a quarter",
        "power": "most frequent known power of the street for this technology; else usual powers by road class, usage "
        "and technology, one per street",
        "height": "most frequent known height of the street; else usual height by road class or usage, one per street",
        "installed_year": "most frequent known year of the street for this technology; else usual years of the "
        "technology, one per street",
        "flux": "power times the usual efficacy of the technology, better for newer lamps",
        "cct": "usual colour temperature of the technology, one per street",
        "ulr": "usual upward share by usage, lower for LED, better for newer lamps",
        "legal_category": "b in parks, for projectors and for recessed lamps, a elsewhere",
        "lit_area": "street length per lamp times the width of carriageway and pavements; a usual area for projectors, "
        "recessed lamps and bollards",
    },
)

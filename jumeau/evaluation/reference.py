"""Reference parameters of evaluation: discount rate, value of a tonne, of time, of life; dated tables with sources."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jumeau.accounts import brought_to
from jumeau.factors import FactorTable

FOLDER = Path(__file__).parent

#: Name under which these parameters stand among factors.
REFERENCE = "reference"

#: Shipped tables, by name.
TABLES: Mapping[str, str] = {"fr_2025": "fr_2025.csv"}
DEFAULT = "fr_2025"

#: Calendar year of the value of a tonne that the table states.
CARBON_VALUE_YEAR = 2025

#: What a unit of a quantity that nobody pays is worth: the parameter, its growth over the years, the item of flows.
WORTH: Mapping[str, tuple[str, str, str]] = {
    "nox": ("nox_value", "exhaust_growth", "air"),
    "particles": ("particles_value", "exhaust_growth", "air"),
    "fatalities": ("fatality_value", "shadow_growth", "accidents"),
    "serious_injuries": ("serious_injury_value", "shadow_growth", "accidents"),
    "slight_injuries": ("slight_injury_value", "shadow_growth", "accidents"),
    "damage_accidents": ("damage_accident_value", "", "accidents"),
}


@cache
def reference_table(name: str = DEFAULT) -> FactorTable:
    """Return a shipped table, each value in the euros of its own year."""
    return FactorTable.read(FOLDER / TABLES[name])


def reference_factors(name: str, year: int) -> FactorTable:
    """Return a shipped table in the euros of a year.

    Raises
    ------
    InputError
        When the index of prices does not know the year.
    """
    return brought_to(reference_table(name), year)

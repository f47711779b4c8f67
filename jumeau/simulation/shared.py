"""Factors that every network shares: crews' speed, fuel and cost."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jumeau.tables import FactorTable


@cache
def shared_factors() -> FactorTable:
    """Return `simulation/factors.csv`."""
    return FactorTable.read(Path(__file__).with_name("factors.csv"))

"""Factors that every network shares: how crews work, and the price list."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jumeau.accounts import BASE_YEAR, account_factors, brought_to
from jumeau.factors import FactorTable

#: Name under which shared factors stand in a scenario, beside the networks'.
SHARED = "shared"


@cache
def shared_factors(year: int = BASE_YEAR) -> FactorTable:
    """Return `simulation/factors.csv` and the price list, prices in the euros of a year.

    Raises
    ------
    InputError
        When the price index does not know the year.
    """
    return brought_to(account_factors().replaced(dict(FactorTable.read(Path(__file__).with_name("factors.csv")))), year)

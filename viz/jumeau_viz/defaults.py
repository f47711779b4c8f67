"""Sizes used to draw what the data leave out, read from `factors.csv`; they never enter a result."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jumeau.factors import FactorTable

FACTORS = Path(__file__).parent / "factors.csv"


@cache
def _table() -> FactorTable:
    return FactorTable.read(FACTORS)


def drawing_default(name: str, otherwise: str = "") -> float:
    """Return a drawing size [m].

    Parameters
    ----------
    name : str
        Name in `factors.csv`.
    otherwise : str
        Name to use when the first one is not in the table.
    """
    table = _table()
    return table.value(name if name in table else otherwise)

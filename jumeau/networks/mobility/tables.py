"""The tables that say what the network takes, read once: every room of its folder may use them."""

from __future__ import annotations

from pathlib import Path

from jumeau.attributes import AttributeTable
from jumeau.factors import FactorTable

FOLDER = Path(__file__).parent

ATTRIBUTES = AttributeTable.read(FOLDER / "attributes.csv")
FACTORS = FactorTable.read(FOLDER / "factors.csv")

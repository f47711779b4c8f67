"""What a network is laid out and completed by: its figures, its rules, and how both are cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
from numpy.typing import ArrayLike

from jumeau.factors import Factor, FactorTable
from jumeau.territory.completion import Rule, fill, lay_out
from jumeau.territory.model import Territory

LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class Synthesis:
    """The synthesis of one network.

    Attributes
    ----------
    network : str
    file : Path
        `synthesis_factors.csv`, the figures that only completion needs.
    rules : mapping of str to str
        Rule of each layer that it lays out, and of whatever else has one of its own: message ids of the catalogue.
    """

    network: str
    file: Path
    rules: Mapping[str, str]

    @cached_property
    def shipped(self) -> FactorTable:
        """Figures as shipped."""
        return FactorTable.read(self.file)

    def factors(self, given: Mapping[str, Factor]) -> FactorTable:
        """Return the figures as shipped save for those given, with the network's own factors beside them."""
        return FactorTable({**self.shipped, **given})

    def rule(self, text: str, origin: str = "imputed") -> Rule:
        """Return a rule that uses the figures."""
        return Rule(text, origin, f"Jumeau, {self.network}/{self.file.name}", LICENCE)

    def fill(
        self, territory: Territory, layer: str, column: str, values: ArrayLike, text: str, origin: str = "imputed"
    ) -> Territory:
        """Return the territory with values where a column has none, see `completion.fill`."""
        return fill(territory, layer, column, values, self.rule(text, origin))

    def lay_out(
        self,
        territory: Territory,
        layers: Mapping[str, gpd.GeoDataFrame],
        notes: Mapping[str, str] | None = None,
        origin: str = "synthetic",
    ) -> Territory:
        """Return the territory with new layers, each by its rule, followed by what is to be noted of it."""
        told = {name: (self.rules[name], (notes or {}).get(name, "")) for name in layers}
        rules = {name: self.rule("; ".join(filter(None, parts)), origin) for name, parts in told.items()}
        return lay_out(territory, layers, rules)

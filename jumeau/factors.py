"""The factors of formulas, declared in `factors.csv`: every number that is not the user's, with range and source."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jumeau.units import conversion_factor

CONFIDENCES = ("high", "medium", "low")
USES = ("run", "account")


@dataclass(frozen=True)
class Factor:
    """One number that is not the user's, with what one must know to trust it.

    Attributes
    ----------
    name : str
    value, low, high : float
        Central value and plausible range (P10-P90 where the source says so), in `unit`.
    unit, year, source, licence : str
    confidence : str
        `high`, `medium` or `low`.
    description : str
        What it is, for the report.
    use : str
        `run` where simulations read it; `account` where it only values what they found (prices, lives, emissions),
        so that another value asks for no other run.
    index : str
        Price index that brings it to another year; empty for none.
    vat : str
        `included`, `excluded` or `none` of a price; empty for the rest.
    overridden : bool
        Whether the scenario replaced the shipped value.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    year: str
    source: str
    licence: str
    confidence: str
    description: str
    use: str = "run"
    index: str = ""
    vat: str = ""
    overridden: bool = False

    def scaled(self, ratio: float, year: int) -> Factor:
        """Return the factor and its range times a ratio, as of another year."""
        return replace(self, value=self.value * ratio, low=self.low * ratio, high=self.high * ratio, year=str(year))


class FactorTable(Mapping[str, Factor]):
    """The factors of one network, read from `factors.csv`, then overridden by the scenario.

    The file has the columns `name, value, low, high, unit, year, source, licence, confidence, description`, and may
    have `use`, `index` and `vat` (see `Factor`).
    """

    def __init__(self, factors: Mapping[str, Factor]) -> None:
        self._factors = dict(factors)

    @classmethod
    def read(cls, path: Path) -> FactorTable:
        """Read the CSV file."""
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        numbers = ("value", "low", "high")
        return cls(
            {
                row["name"]: Factor(
                    **{key: float(text) if key in numbers else text for key, text in row.items()},  # type: ignore[arg-type]
                )
                for row in rows
            }
        )

    def __getitem__(self, name: str) -> Factor:
        """Return a factor by name."""
        return self._factors[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._factors)

    def __len__(self) -> int:
        """Return the number of factors."""
        return len(self._factors)

    def value(self, name: str) -> float:
        """Return a factor's value, in the unit that the table states."""
        return self[name].value

    def override(self, values: Mapping[str, float], source: str) -> FactorTable:
        """Return a table in which some values are the scenario's own."""
        changed = dict(self._factors)
        for name, value in values.items():
            changed[name] = replace(changed[name], value=value, source=source, overridden=True)
        return FactorTable(changed)

    def replaced(self, factors: Mapping[str, Factor]) -> FactorTable:
        """Return a table in which some factors are others, or are added."""
        return FactorTable({**self._factors, **factors})

    def for_runs(self, beside: Iterable[str] = ()) -> FactorTable:
        """Return what simulations may read: factors of use `run`, and those named beside."""
        kept = set(beside)
        return FactorTable({name: item for name, item in self._factors.items() if item.use == "run" or name in kept})

    def problems(self) -> list[str]:
        """Return what is wrong with the table itself (used by the contract tests)."""
        found = []
        for factor in self.values():
            conversion_factor(factor.unit, factor.unit)
            if not factor.low <= factor.value <= factor.high and not factor.overridden:
                found.append(f"{factor.name}: value outside its own range")
            found += [
                f"{factor.name}: no {field}"
                for field in ("year", "source", "licence", "description")
                if not getattr(factor, field)
            ]
            if factor.use not in USES:
                found.append(f"{factor.name}: use {factor.use!r}")
            if factor.confidence not in CONFIDENCES:
                found.append(f"{factor.name}: confidence {factor.confidence!r}")
        return found

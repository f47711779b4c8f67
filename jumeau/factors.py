"""The factors of formulas, declared in `factors.csv`: every number that is not the user's, with range and source."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from jumeau.units import conversion_factor

CONFIDENCES = ("high", "medium", "low")
USES = ("run", "account")

#: How much wider than its row's range a number may lie, by the grade of its data: A and B as stated, C half as wide
#: again, D (nobody has checked it) twice as wide.
WIDTHS = {"A": 1.0, "B": 1.0, "C": 1.5, "D": 2.0}
UNVERIFIED = "unverified"

#: How many times beyond the range of its row a value is no longer a choice but probably a slip (of unit, of digits).
FAR = 10.0


@dataclass(frozen=True)
class Domain:
    """The values that a factor can have at all, whatever a scenario says.

    The range of a row (`low`, `high`) says what is plausible; the domain says what has a meaning.

    Attributes
    ----------
    low, high : float
        Bounds, in the factor's unit; infinite where there is none.
    above : bool
        Whether `low` itself is left out: a speed or a service life is divided by.
    """

    low: float = 0.0
    high: float = math.inf
    above: bool = False

    def __contains__(self, value: float) -> bool:
        """Tell whether a value is one of them."""
        return self.low <= value <= self.high and not (self.above and value == self.low)

    @property
    def written(self) -> str:
        """Return the domain as rows write it, see `read_domain`."""
        low, high = ("" if math.isinf(bound) else repr(bound) for bound in (self.low, self.high))
        return f"{'>' if self.above else ''}{low}..{high}"

    def __str__(self) -> str:
        """Return the bounds as people write them: `0 … 1`, `> 0`, `≥ 0`."""
        if math.isfinite(self.high):
            return f"{'> ' if self.above else ''}{self.low:g} … {self.high:g}"
        return f"{'>' if self.above else '≥'} {self.low:g}"


@cache
def read_domain(text: str) -> Domain:
    """Read the `domain` of a row.

    Parameters
    ----------
    text : str
        Empty for numbers from zero on; `positive` for those above zero; `share` for 0 to 1; else `low..high`, either
        of which may be absent, `>low..high` where `low` itself is left out.

    Raises
    ------
    ValueError
        When it is none of these.

    Examples
    --------
    >>> str(read_domain("")), str(read_domain("positive")), str(read_domain("share")), str(read_domain("-18..10"))
    ('≥ 0', '> 0', '0 … 1', '-18 … 10')
    >>> str(read_domain(">0..1")), str(read_domain("1.."))
    ('> 0 … 1', '≥ 1')
    """
    named = {"": Domain(), "positive": Domain(above=True), "share": Domain(0.0, 1.0)}
    if text in named:
        return named[text]
    above = text.startswith(">")
    low, dots, high = text.removeprefix(">").partition("..")
    if not dots:
        raise ValueError(f"domain {text!r}")
    return Domain(float(low) if low else -math.inf, float(high) if high else math.inf, above)


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
    domain : Domain
        The values that it can have at all.
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
    domain: Domain = field(default_factory=Domain)
    overridden: bool = False

    @property
    def grade(self) -> str:
        """Grade of the data: `A` to `C` by confidence, `D` where its source says that nobody has checked it."""
        return "D" if UNVERIFIED in self.source else {"high": "A", "medium": "B"}.get(self.confidence, "C")

    def plausible(self, value: float) -> bool:
        """Tell whether a value lies in the range of the row."""
        return self.low <= value <= self.high

    def far(self, value: float) -> bool:
        """Tell whether a value lies so far beyond the range of the row that it is probably a slip.

        Zero, where the domain holds it, switches an effect off and is never far; a range that reaches zero or below has
        no scale on that side.
        """
        return value != 0.0 and (value > FAR * self.high > 0.0 or (self.low > 0.0 and value < self.low / FAR))

    def scaled(self, ratio: float, year: int) -> Factor:
        """Return the factor and its range times a ratio, as of another year."""
        return replace(self, value=self.value * ratio, low=self.low * ratio, high=self.high * ratio, year=str(year))


class FactorTable(Mapping[str, Factor]):
    """The factors of one network, read from `factors.csv`, then overridden by the scenario.

    The file has the columns `name, value, low, high, unit, year, source, licence, confidence, description`, and may
    have `use`, `index`, `vat` (see `Factor`) and `domain` (see `read_domain`).
    """

    def __init__(self, factors: Mapping[str, Factor]) -> None:
        self._factors = dict(factors)

    @classmethod
    def read(cls, path: Path) -> FactorTable:
        """Read the CSV file."""
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, restval=""))
        readers: dict[str, Callable[[str], Any]] = {"value": float, "low": float, "high": float, "domain": read_domain}
        return cls(
            {row["name"]: Factor(**{key: readers.get(key, str)(text) for key, text in row.items()}) for row in rows}
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
        changed = dict(self)
        for name, value in values.items():
            changed[name] = replace(changed[name], value=value, source=source, overridden=True)
        return FactorTable(changed)

    def replaced(self, factors: Mapping[str, Factor]) -> FactorTable:
        """Return a table in which some factors are others, or are added."""
        return FactorTable({**self, **factors})

    def for_runs(self, beside: Iterable[str] = ()) -> FactorTable:
        """Return what simulations may read: factors of use `run`, and those named beside."""
        kept = set(beside)
        return FactorTable({name: item for name, item in self.items() if item.use == "run" or name in kept})

    def problems(self) -> list[str]:
        """Return what is wrong with the table itself (used by the contract tests)."""
        found = []
        for factor in self.values():
            conversion_factor(factor.unit, factor.unit)
            if not factor.low <= factor.value <= factor.high and not factor.overridden:
                found.append(f"{factor.name}: value outside its own range")
            if factor.low not in factor.domain and not (factor.domain.above and factor.low == factor.domain.low):
                found.append(f"{factor.name}: range below its domain")
            if factor.high not in factor.domain:
                found.append(f"{factor.name}: range above its domain")
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

"""Indicators that communes already report, declared in `reported.csv`: ids of their frameworks, and what feeds them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jumeau.units import conversion_factor

#: What a figure is divided by, beside the network's own figures: people, or the features of a layer.
POPULATION, LAYER = "population", "layer:"

#: Frameworks by key.
FRAMEWORKS: Mapping[str, str] = {
    "territoire_engage": "Territoire Engagé Transition Écologique (ADEME)",
    "u4ssc": "U4SSC (ITU-T Y.4903)",
}


@dataclass(frozen=True)
class ReportedSpec:
    """One indicator of a framework, as a network can feed it.

    Attributes
    ----------
    framework, id : str
        Key of `FRAMEWORKS`; id in it.
    label, unit : str
        What a person reads (English message id); unit.
    numerator : str
        A figure of the network (quantity, line of the account or indicator), or several of one unit, joined by `+`.
    denominator : str
        `population`, `layer:<name>`, another figure of the network, or nothing.
    target, limit : float or None
        Of the framework, in `unit`.
    better, source, note : str
        `note` says what the figure leaves out (English message id).
    """

    framework: str
    id: str
    label: str
    unit: str
    numerator: str
    denominator: str
    target: float | None
    limit: float | None
    better: str
    source: str
    note: str

    @property
    def numerators(self) -> tuple[str, ...]:
        """Figures that are added up above the line."""
        return tuple(self.numerator.split("+"))

    def factor(self, numerator_unit: str, denominator_unit: str, *, yearly: bool) -> float:
        """Return what turns numerator over denominator into the indicator's unit.

        Raises
        ------
        QuantityError
            When the units do not fit.
        """
        above = f"{numerator_unit}/year" if yearly else numerator_unit
        if not self.denominator:
            return conversion_factor(above, self.unit)
        if denominator_unit == numerator_unit:
            return conversion_factor("1/year" if yearly else "1", self.unit)
        return conversion_factor(f"{above}/{denominator_unit}", self.unit)


def read_reported(path: Path) -> tuple[ReportedSpec, ...]:
    """Return the rows of a `reported.csv`; none where there is no such file.

    Raises
    ------
    ValueError
        With file and line, on a column that is missing or unknown, and on a target or limit that is no number.
    """
    if not path.is_file():
        return ()
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            try:
                numbers = {name: float(row[name]) if row[name] else None for name in ("target", "limit")}
                found.append(ReportedSpec(**{**row, **numbers}))  # type: ignore[arg-type]
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}:{line}: {error}") from error
    return tuple(found)

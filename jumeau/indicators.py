"""Indicators: what a network says of a period beside its quantities, declared in `indicators.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class IndicatorSpec:
    """What one indicator is.

    Attributes
    ----------
    name : str
        Short name inside its network, for instance `failures`.
    label : str
        What a person reads (English message id).
    unit : str
        Unit, in the vocabulary of `jumeau.units`.
    cell_methods : str
        CF cell methods, for instance `time: sum`.
    better : str
        `lower`, `higher` or `neutral`.
    group : str
        Heading in tables: `energy`, `carbon`, `money`, `service`, `work`, `compliance`.
    key : bool
        Whether it belongs to the short table that the command line prints.
    """

    name: str
    label: str
    unit: str
    cell_methods: str
    better: str = "lower"
    group: str = "service"
    key: bool = False


def read_indicators(path: Path) -> tuple[IndicatorSpec, ...]:
    """Return the rows of an `indicators.csv`: the attributes of `IndicatorSpec`, `key` being yes or no."""
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            IndicatorSpec(**{**row, "key": row["key"] == "yes"})  # type: ignore[arg-type]
            for row in csv.DictReader(stream)
        )

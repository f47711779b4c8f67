"""The lines of the account: what is said in energy, money and CO2 of each network and of all together."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes
    ----------
    name, label, unit, cell_methods, better, group : str
        See `IndicatorSpec`.
    part_of : str
        The line that it is a part of; empty for none.
    key : bool
        Whether it belongs to the short table.
    figure : bool
        Whether it is one of the four figures that come first.
    """

    name: str
    label: str
    unit: str
    part_of: str
    cell_methods: str
    better: str
    group: str
    key: bool
    figure: bool


def _read(path: Path) -> dict[str, Line]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["name"]: Line(**{**row, "key": row["key"] == "yes", "figure": row["figure"] == "yes"})  # type: ignore[arg-type]
            for row in csv.DictReader(stream)
        }


LINES: Mapping[str, Line] = _read(Path(__file__).with_name("lines.csv"))

#: The four figures: energy, fuel, carbon, cost.
FIGURES: tuple[str, ...] = tuple(line.name for line in LINES.values() if line.figure)

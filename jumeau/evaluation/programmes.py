"""Programmes of the State that give grants: their rate is a reference parameter, and they have their years."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Programme:
    """A programme of grants.

    Attributes
    ----------
    programme, label : str
        As scenarios name it; what people call it.
    rate : str
        Reference parameter: share of the eligible investment.
    network : str
        Network to which the years apply; empty for none, and then it is open.
    first, last : int
        Calendar years of the first investment between which it pays for that network.
    source : str
    """

    programme: str
    label: str
    rate: str
    network: str
    first: int
    last: int
    source: str

    def closed(self, network: str, year: int, every: str) -> bool:
        """Tell whether it pays nothing for a network, or for `every` one, whose first investment is of a year."""
        return bool(self.network) and network in (self.network, every) and not self.first <= year <= self.last


def _read(path: Path) -> dict[str, Programme]:
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["programme"]: Programme(
                row["programme"],
                row["label"],
                row["rate"],
                row["network"],
                int(row["first"] or 0),
                int(row["last"] or 0),
                row["source"],
            )
            for row in csv.DictReader(stream)
        }


PROGRAMMES: Mapping[str, Programme] = _read(Path(__file__).with_name("programmes.csv"))

"""Items of flows: what a euro is of, and which of the criteria it counts in."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Kinds of items. Those of `financing` move money between actors and are no part of the project's own value.
INVESTMENT, RESIDUAL, OPERATING, RECEIPT, SURPLUS, EXTERNALITY, FINANCING = (
    "investment",
    "residual",
    "operating",
    "receipt",
    "surplus",
    "externality",
    "financing",
)


@dataclass(frozen=True)
class Item:
    """One item of flows.

    Attributes
    ----------
    name, label, description : str
        Key; what a person reads (English message ids).
    kind : str
        `investment`, `residual`, `operating`, `receipt`, `surplus`, `externality` or `financing`.
    line : str
        Line of the account that feeds it; empty for none.
    carrier : str
        `fuel` where only fuels of that line feed it.
    """

    name: str
    label: str
    kind: str
    line: str
    carrier: str
    description: str


def _read(path: Path) -> dict[str, Item]:
    with path.open(encoding="utf-8", newline="") as stream:
        found = {row["item"]: row for row in csv.DictReader(stream)}
    return {
        name: Item(name, row["label"], row["kind"], row["line"], row["carrier"], row["description"])
        for name, row in found.items()
    }


ITEMS: Mapping[str, Item] = _read(Path(__file__).with_name("items.csv"))


def item_of_line(line: str, *, fuel: bool) -> str:
    """Return the item that a line of the account feeds; empty where it feeds none (parts of others)."""
    fed = [item for item in ITEMS.values() if item.line == line]
    named = [item for item in fed if (item.carrier == "fuel") == fuel] or fed
    return named[0].name if named else ""

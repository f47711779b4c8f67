"""Kinds of events: their named, typed columns, declared in `events.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NUMBER, TEXT, ASSET = "number", "text", "asset"
TYPES = (NUMBER, TEXT, ASSET)


@dataclass(frozen=True)
class EventColumn:
    """One column of a kind of event.

    Attributes
    ----------
    kind, column : str
    type : str
        `number`, `text`, or `asset`: the row of a feature in its layer while a run goes on, its identifier in the
        journal that people read.
    unit : str
        Of a number.
    layer : str
        Of an asset.
    description : str
    """

    kind: str
    column: str
    type: str
    unit: str
    layer: str
    description: str


#: Columns by kind of event.
EventTable = Mapping[str, tuple[EventColumn, ...]]


def _read(path: Path) -> dict[str, tuple[EventColumn, ...]]:
    found: dict[str, list[EventColumn]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            item = EventColumn(**row)
            if item.column and item.type not in TYPES:
                raise ValueError(f"{path}: {item.kind}.{item.column}: type {item.type!r}")
            found.setdefault(item.kind, []).extend([item] if item.column else [])
    return {kind: tuple(columns) for kind, columns in found.items()}


@cache
def crew_events() -> EventTable:
    """Return the kinds of events that crews record in the journal of the network that they work for."""
    return _read(Path(__file__).with_name("events.csv"))


def read_events(path: Path) -> EventTable:
    """Return the kinds of events of a network, read from its `events.csv`, and those of crews.

    The file has the columns `kind, column, type, unit, layer, description`; a kind without any column has one row.
    """
    return {**crew_events(), **(_read(path) if path.is_file() else {})}

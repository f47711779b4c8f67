"""The generator's own tables (styles, road classes, factors, plan), read once per call."""

from __future__ import annotations

import csv
from importlib import resources
from typing import Any

import yaml

__all__ = ["Table", "read_factors", "read_plan", "read_table"]

Table = dict[str, dict[str, Any]]


def _value(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def read_table(name: str) -> Table:
    """Return the rows of the CSV file `name`, keyed by their first column."""
    rows = list(csv.DictReader(_text(name).splitlines()))
    first = next(iter(rows[0]))
    return {row[first]: {key: _value(text) for key, text in row.items()} for row in rows}


def read_factors() -> dict[str, float]:
    """Return the numbers of `factors.csv` by name."""
    return {name: float(row["value"]) for name, row in read_table("factors.csv").items()}


def read_plan() -> dict[str, Any]:
    """Return the authored plan: river, main roads, plots, quarters."""
    plan: dict[str, Any] = yaml.safe_load(_text("plan.yaml"))
    return plan

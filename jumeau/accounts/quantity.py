"""Quantities: the declared vocabulary of what networks use and make, each with unit, actor, price and emission.

A quantity can be added up: over assets, over networks, over time. What cannot (a mean, a share) is an indicator.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jumeau.units import conversion_factor

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Actor:
    """Who uses, pays or bears.

    Attributes
    ----------
    name, label, description : str
    pays_vat : bool
        Whether prices hold VAT for them.
    """

    name: str
    label: str
    pays_vat: bool
    description: str


@dataclass(frozen=True)
class Carrier:
    """A carrier of energy.

    Attributes
    ----------
    name, label : str
    unit : str
        In which its quantities are given.
    content : str
        Name of the factor that says how much energy a unit holds; empty where the unit is one of energy.
    fuel : bool
        Whether it counts among the litres of fuel.
    """

    name: str
    label: str
    unit: str
    content: str
    fuel: bool


@dataclass(frozen=True)
class Quantity:
    """One thing that networks use, make or pay.

    Attributes
    ----------
    name : str
    label : str
        What a person reads (English message id).
    unit : str
        In the vocabulary of `jumeau.units`.
    carrier : str
        Carrier of energy, empty for none.
    actor : str
        Who uses or pays it.
    price : str
        Factor that prices a unit: of the price list, or of the network that owns the quantity. Empty where the
        quantity is money already, or has no price.
    cost_line, carbon_line : str
        Lines of the account that its money and its emissions go to; empty for none.
    emission : str
        Factor of its emissions, found as `price` is.
    better, group, description : str
        See `IndicatorSpec`.
    key : str
        `yes` where it belongs to the short table that the command line prints.
    """

    name: str
    label: str
    unit: str
    carrier: str
    actor: str
    price: str
    cost_line: str
    emission: str
    carbon_line: str
    better: str
    group: str
    description: str
    key: str = ""


#: Quantities by name.
Vocabulary = Mapping[str, Quantity]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


ACTORS: Mapping[str, Actor] = {
    row["actor"]: Actor(row["actor"], row["label"], row["pays_vat"] == "yes", row["description"])
    for row in _rows(FOLDER / "actors.csv")
}

CARRIERS: Mapping[str, Carrier] = {
    row["carrier"]: Carrier(row["carrier"], row["label"], row["unit"], row["content"], row["fuel"] == "yes")
    for row in _rows(FOLDER / "carriers.csv")
}

#: The quantities that any network may give.
VOCABULARY: Vocabulary = {row["name"]: Quantity(**row) for row in _rows(FOLDER / "quantities.csv")}


def read_quantities(path: Path) -> Vocabulary:
    """Return the quantities that a network gives, read from its `quantities.csv`.

    A row names a quantity of the shared vocabulary, of which it may replace the label and the description by the
    network's own words, and say that it is a key one, or declares one of its own in full.

    Raises
    ------
    ValueError
        When a row says otherwise what the shared vocabulary says, or a quantity of its own lacks something.
    """
    found: dict[str, Quantity] = {}
    for row in _rows(path):
        name = row["name"]
        given = {key: text for key, text in row.items() if text}
        if name not in VOCABULARY:
            found[name] = Quantity(**row)
            continue
        other = set(given) - {"name", "label", "description", "key"}
        if other:
            raise ValueError(f"{path}: {name} is a shared quantity, its {', '.join(sorted(other))} cannot be changed")
        found[name] = replace(VOCABULARY[name], **given)
    for quantity in found.values():
        problems = faults(quantity)
        if problems:
            raise ValueError(f"{path}: {'; '.join(problems)}")
    return found


def faults(quantity: Quantity) -> list[str]:
    """Return what is wrong with a quantity's declaration."""
    from jumeau.accounts.lines import LINES

    found = []
    if quantity.actor not in ACTORS:
        found.append(f"{quantity.name}: unknown actor {quantity.actor!r}")
    if quantity.carrier and quantity.carrier not in CARRIERS:
        found.append(f"{quantity.name}: unknown carrier {quantity.carrier!r}")
    found += [
        f"{quantity.name}: unknown line {line!r}"
        for line in (quantity.cost_line, quantity.carbon_line)
        if line and line not in LINES
    ]
    if quantity.price and not quantity.cost_line:
        found.append(f"{quantity.name}: a price without a line of cost")
    if quantity.emission and not quantity.carbon_line:
        found.append(f"{quantity.name}: emissions without a line")
    if quantity.cost_line and not quantity.price and quantity.unit != "EUR":
        found.append(f"{quantity.name}: neither money nor priced")
    if not quantity.label or not quantity.description:
        found.append(f"{quantity.name}: no label or no description")
    conversion_factor(quantity.unit, quantity.unit)
    if quantity.carrier in CARRIERS:
        conversion_factor(quantity.unit, CARRIERS[quantity.carrier].unit)
    return found

"""Values that others publish of a place, declared in `yardsticks.csv`: what of ours each can be held against.

A yardstick changes no figure: it tells how far a simulated one lies from what a service, or a département, published.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from jumeau.units import conversion_factor

#: Publishers by key.
PUBLISHERS = {"sispea": "SISPEA", "sinoe": "SINOE"}

#: How a sum over a layer, and people, are named.
LAYER, POPULATION = "layer:", "population"

#: Columns of the layer `<network>_yardsticks`.
COLUMNS = ("yardstick_id", "framework", "indicator", "body", "year", "value", "unit")


@dataclass(frozen=True)
class Yardstick:
    """One published value, and what of the network it is compared with.

    Attributes
    ----------
    framework, id : str
        Key of `PUBLISHERS`; code of the indicator there, or one code over another, `VP.077/D101.0`.
    label, unit : str
        What a person reads (English message id); unit of the comparison.
    published_unit : str
        Unit of the value as it is published, of the quotient where there is one.
    figure : str
        What a run says: a figure of the network; nothing where layers tell it.
    standing : str
        What layers tell without a run: a sum, `layer:LAYER.COLUMN?ATTRIBUTE=A+B`.
    scale : str
        Factor of the network that multiplies what layers tell; nothing for none.
    denominator : str
        `population` or nothing.
    source, note : str
        `note` says what to beware of (English message id).
    """

    framework: str
    id: str
    label: str
    unit: str
    published_unit: str
    figure: str
    standing: str
    scale: str
    denominator: str
    source: str
    note: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the indicators that are published: one, or those above and below the line."""
        return tuple(self.id.split("/"))

    def factor(self, unit: str, *, yearly: bool) -> float:
        """Return what turns a figure of the network, over its denominator, into the unit of the comparison.

        Raises
        ------
        QuantityError
            When the units do not fit.
        """
        above = f"{unit}/year" if yearly else unit
        return conversion_factor(f"{above}/person" if self.denominator == POPULATION else above, self.unit)


@dataclass(frozen=True)
class Sum:
    """A sum over a column of a layer.

    Attributes
    ----------
    layer, column : str
    attribute : str
        What rows are chosen by; nothing where all count.
    values : tuple of str
        Values of `attribute` that count.
    """

    layer: str
    column: str
    attribute: str
    values: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Sum:
        """Return the sum that `LAYER.COLUMN?ATTRIBUTE=A+B` tells, with `layer:` before it."""
        whole, _mark, chosen = text.removeprefix(LAYER).partition("?")
        layer, _dot, column = whole.partition(".")
        attribute, _sign, values = chosen.partition("=")
        return cls(layer, column, attribute, tuple(values.split("+")) if values else ())


def read_yardsticks(path: Path) -> tuple[Yardstick, ...]:
    """Return the rows of a `yardsticks.csv`; none where there is no such file.

    Raises
    ------
    ValueError
        With file and line, on a column that is missing or unknown.
    """
    if not path.is_file():
        return ()
    found = []
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            try:
                found.append(Yardstick(**row))
            except TypeError as error:
                raise ValueError(f"{path}:{line}: {error}") from error
    return tuple(found)


def yardstick_layer(network: str) -> str:
    """Return the layer of a territory that holds what is published of a network."""
    return f"{network}_yardsticks"

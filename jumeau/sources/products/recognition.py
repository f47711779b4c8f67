"""Tells which product a table is, by its columns and shapes; never by the name of its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jumeau.i18n import _, local
from jumeau.sources.products.catalogue import Product, Table, catalogue
from jumeau.sources.products.contents import Held, look
from jumeau.sources.products.names import found_names, plain

#: Share of the columns of a product from which a table looks like it, and how many at least.
LIKE, FEWEST = 0.6, 3

_SHAPES = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
    "none": ("",),
}


@dataclass(frozen=True)
class Recognised:
    """A table, or file, of a known product.

    Attributes
    ----------
    held : Held
    product : Product
    tables : tuple of Table
        What it is in the product: several where a table gives several layers, none where structure tells it.
    """

    held: Held
    product: Product
    tables: tuple[Table, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that it may give."""
        return tuple(table.layer for table in self.tables if table.layer) if self.tables else self.product.layers

    def names(self, table: Table) -> dict[str, str]:
        """Return the source column of each key of a table."""
        return found_names(self.held.columns, table.keys)


@dataclass(frozen=True)
class Left:
    """What is of no known product.

    Attributes
    ----------
    held : Held
    reason : str
    """

    held: Held
    reason: str


@dataclass(frozen=True)
class _Match:
    product: Product
    table: Table
    lacking: tuple[str, ...]

    @property
    def score(self) -> int:
        return len(self.table.required) - len(self.lacking)


def recognised(path: Path) -> tuple[list[Recognised], list[Left]]:
    """Return what is known in a file or folder, and what is not, with why.

    Parameters
    ----------
    path : Path
    """
    known: list[Recognised] = []
    left: list[Left] = []
    for held in look(path):
        found = recognise(held)
        if isinstance(found, Recognised):
            known.append(found)
        else:
            left.append(found)
    return known, left


def recognise(held: Held) -> Recognised | Left:
    """Return the product of a table, or why it has none."""
    if held.trouble:
        json_file = held.file.suffix.lower() == ".json" and not held.member
        return Left(held, described_json(held.file) if json_file else held.trouble)
    if held.kind not in ("text", "sheet", "vector"):
        product = next((item for item in catalogue().values() if item.structure == held.kind), None)
        return Recognised(held, product) if product else Left(held, _("of no known product"))
    first: Recognised | Left | None = None
    # The header is tried where it should be, then lower: titles may stand above it.
    for skip, columns in ((held.skip, held.columns), *held.headers):
        tried = replace(held, skip=skip, columns=columns)
        found = _matched(tried)
        if isinstance(found, Recognised):
            return found
        first = first or found
    return first or Left(held, _("of no known product"))


def _matched(held: Held) -> Recognised | Left:
    matches = [
        match
        for product in catalogue().values()
        for table in product.tables
        if (match := _match(held, product, table)) is not None
    ]
    whole = [match for match in matches if not match.lacking]
    if whole:
        best = max(match.score for match in whole)
        top = [match for match in whole if match.score == best]
        names = list(dict.fromkeys(match.product.name for match in top))
        if len(names) > 1:
            labels = ", ".join(local(catalogue()[name].label) for name in names)
            return Left(held, _("could be several products: {names}").format(names=labels))
        return Recognised(held, top[0].product, tuple(match.table for match in top))
    return Left(held, _resembled(matches) or _("its columns are those of no known product"))


def _match(held: Held, product: Product, table: Table) -> _Match | None:
    """Return how far a table is one of a product; None where its shapes or other columns forbid it."""
    shape = held.info.geometry if held.info is not None else ""
    if table.geometry != "any" and shape not in (*_SHAPES[table.geometry], "Unknown", "GeometryCollection"):
        return None
    known = {plain(column) for column in held.columns}
    if known & set(table.without):
        return None
    found = found_names(held.columns, table.keys)
    return _Match(product, table, tuple(key for key in table.required if key not in found))


def _resembled(matches: list[_Match]) -> str:
    """Return which product a table looks like and what it lacks to be it."""
    like = [match for match in matches if match.score >= FEWEST and match.score >= LIKE * len(match.table.required)]
    if not like:
        return ""
    match = max(like, key=lambda item: (item.score / len(item.table.required), item.score))
    lacking = ", ".join(" / ".join(name.strip("/") for name in match.table.keys[key]) for key in match.lacking)
    text = _("looks like « {product} » ({table}), but lacks the column(s): {columns}")
    return text.format(product=local(match.product.label), table=match.table.name, columns=lacking)


def described_json(path: Path) -> str:
    """Return what a JSON file is that holds no layer."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return _("cannot be read as JSON")
    if isinstance(content, Mapping) and ("fields" in content or "$schema" in content):
        return _("a schema, which describes a table: give the table itself")
    return _("JSON without a layer of features")

"""The products of public data that are known: how each is recognised, what it gives, where it is had. Data only.

They stand in `catalogue/*.yaml`, one file for a theme.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from jumeau.territory.mapping import ColumnRule, Conditions
from jumeau.yaml_file import read_yaml, validate
from jumeau.yaml_types import Block, Text

FOLDER = Path(__file__).with_name("catalogue")

#: What a file is by its structure rather than by columns.
Structure = Literal["osm", "gtfs", "gmns", "epanet", "tntp", "relief"]


class Coordinates(Block):
    """Where the points of a table without geometry lie: keys of its two columns, and their CRS."""

    x: str
    y: str
    crs: str = ""
    """That of the territory by default."""


class Table(Block):
    """One table of a product."""

    name: str
    """As its producer calls it."""
    keys: Mapping[str, tuple[str, ...]]
    """Our key -> the names that the column had, best first, as `names.plain` writes them."""
    required: tuple[str, ...]
    """Keys without which it is not that table."""
    without: tuple[str, ...] = ()
    """Columns that it never has: tables that hold all of its own and more are others."""
    geometry: Literal["point", "line", "polygon", "any", "none"] = "any"
    """Shapes; `none` is a plain table, `any` may be one."""
    layer: str = ""
    """Layer that it gives; none where it is not used yet."""
    limit: bool = False
    """Whether its shapes are those of communes, which others can be cut by."""
    commune: str = ""
    """Key of the INSEE code of the commune."""
    commune_name: str = ""
    """Key of its name."""
    coordinates: tuple[Coordinates, ...] = ()
    """Where the points lie, the best first."""
    wkt: str = ""
    """Key of a column of shapes in WKT."""
    codes: tuple[str, ...] = ()
    """Keys of columns of codes and labels, which are compared without case and accents."""
    blank: Mapping[str, tuple[str | int, ...]] = Field(default_factory=dict)
    """Key -> cells that stand for « unknown »."""
    where: Conditions = Field(default_factory=dict)
    """Rows to keep, by key."""
    prepare: str = ""
    """Name of what makes of the rows what no rule here can (see `preparing`)."""
    columns: Mapping[str, str | ColumnRule] = Field(default_factory=dict)
    """Attribute of the layer -> key, or a rule on keys."""
    keep: Mapping[str, str] = Field(default_factory=dict)
    """Further columns kept as they are: name -> key."""


class Product(Block):
    """One product: a set of tables, or files of one structure."""

    name: str
    label: Text
    producer: str
    licence: str
    format: str = ""
    """Format under which `imports` reads it; none where it is not used yet."""
    also: tuple[str, ...] = ()
    """Other formats that read something else of the same file, where there is any."""
    layers: tuple[str, ...] = ()
    """Layers that it may give, where no table tells it."""
    national: bool = True
    """Whether it is one of the products that any French commune can get."""
    world: bool = False
    """Whether it is had elsewhere too."""
    structure: Structure | None = None
    tables: tuple[Table, ...] = ()
    file: Text = ""
    """Exact name of the file, by `{commune}`, `{departement}`, `{departement3}`, `{projection}`."""
    address: Text = ""
    """Where it is had, by the same names."""
    unverified: bool = True
    """Whether file and address are recalled rather than tried."""
    improves: Mapping[str, Text] = Field(default_factory=dict)
    """Network, or `territory` -> what it would make better."""
    traps: Text = ""
    rank: int = 100
    """Place in the shopping list, the most useful first."""

    def gives(self) -> tuple[str, ...]:
        """Return the layers that it may give."""
        return tuple(dict.fromkeys([*(table.layer for table in self.tables if table.layer), *self.layers]))


class Theme(Block):
    """One file of the catalogue."""

    products: tuple[Product, ...]


class Preference(Block):
    """Which product gives a layer where several could."""

    order: Mapping[str, tuple[str, ...]]
    """Layer -> products, the best first."""


@cache
def catalogue() -> dict[str, Product]:
    """Return the products, by name, as the files of the catalogue have them."""
    found: dict[str, Product] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        found |= {product.name: product for product in _read(path, Theme).products}
    return found


@cache
def preference() -> Mapping[str, tuple[str, ...]]:
    """Return the order in which products are preferred, by layer."""
    order: Mapping[str, tuple[str, ...]] = _read(Path(__file__).with_name("preference.yaml"), Preference).order
    return order


def _read(path: Path, model: type[Any]) -> Any:
    return validate(model, read_yaml(path))

"""How a layer is read: which foreign column becomes which attribute, by which rule. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jumeau.i18n import _
from jumeau.yaml_types import Block

#: A value as it may be written in a filter or a value map; all are compared as texts ("5" is 5 is 5.0).
Scalar = bool | int | float | str


class Filter(Block):
    """A condition on a source column; all that is stated must hold."""

    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in")
    """One of these values."""
    not_in: tuple[Scalar, ...] | None = None
    """None of these values; a missing value passes."""
    min: float | None = None
    """At least; a missing value does not pass."""
    max: float | None = None
    """At most; a missing value does not pass."""
    missing: bool | None = None
    """Whether the value is missing."""


#: Source column -> a value, a list of values, or a filter.
Conditions = Mapping[str, Scalar | tuple[Scalar, ...] | Filter]


class Source(Block):
    """A foreign file and how to read it."""

    file: str
    """Path, relative to `data`; environment variables are expanded: `${NAME}`, `${NAME:-default}`."""
    layer: str | None = None
    """Layer of the file, or sheet of the workbook, where it has several."""
    encoding: str | None = None
    """Text encoding, for instance `latin-1`; UTF-8 by default for CSV, the file's own elsewhere."""
    separator: str | None = None
    """CSV separator; found from the header by default."""
    decimal: Literal[".", ","] = "."
    """Decimal sign of numbers written as text."""
    skip_rows: Annotated[int, Field(ge=0)] = 0
    """Rows above the header, for CSV and workbooks."""
    missing: tuple[Scalar, ...] = ()
    """Values that stand for « unknown » in every column."""
    where: Conditions = Field(default_factory=dict)
    """Rows to keep."""


class Join(Source):
    """A second table, joined to the layer's rows."""

    left: str
    """Column of the layer's source."""
    right: str
    """Column of the joined table."""
    columns: tuple[str, ...] | Mapping[str, str]
    """Columns to take, or new name -> column."""
    combine: Literal["refuse", "first", "mean", "median", "sum", "max", "min"] = "refuse"
    """What several joined rows give: an error, the first, or a statistic."""
    fill_by: str | None = None
    """Column of the layer's source: rows without a joined number take the median of the rows that share it."""


class Case(Block):
    """One line of a decision list."""

    where: Conditions
    """Conditions on source columns."""
    value: Scalar
    """The value where they hold."""
    origin: Literal["observed", "imputed"] = "imputed"
    """Whether the source says it, or a rule guesses it."""


class ColumnRule(Block):
    """How one attribute is obtained."""

    column: str | None = None
    """Source column."""
    constant: Scalar | None = None
    """The same value for all features."""
    row: str | None = None
    """Ids made of this prefix and the row number in the source file."""
    cases: tuple[Case, ...] | None = None
    """Decision list: the first case that holds gives the value."""
    missing: tuple[Scalar, ...] = ()
    """Values of this column that stand for « unknown », besides those of the file."""
    map: Mapping[str, Scalar] | None = None
    """Source value -> value. A value that is not listed takes the default, or is an error without one."""
    default: Scalar | None = None
    """Value where the source has none; flagged as imputed."""
    unit: str | None = None
    """Unit of the source's numbers; converted to the attribute's."""
    origin: Literal["observed", "imputed", "synthetic"] | None = None
    """What the values are, where it is not plain from the rule."""
    rule: str = ""
    """The rule in words, for the report."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [name for name in ("column", "constant", "row", "cases") if getattr(self, name) is not None]
        if len(ways) != 1:
            raise ValueError(_("state exactly one of: column, constant, row, cases"))
        if ways != ["column"] and (self.map is not None or self.unit is not None or self.missing):
            raise ValueError(_("`map`, `unit` and `missing` go with `column`"))
        return self


class LayerFile(Source):
    """One layer of the territory."""

    crs: str | None = None
    """CRS of the coordinates, where the file states none or a wrong one."""
    x: str | None = None
    """Column of the x coordinate or longitude, for a table without geometry."""
    y: str | None = None
    """Column of the y coordinate or latitude."""
    every: Annotated[int, Field(ge=1)] = 1
    """For a relief raster: keep one row and column in so many."""
    join: Join | tuple[Join, ...] = ()
    """Tables joined before the columns are made."""
    columns: Mapping[str, str | ColumnRule]
    """Attribute -> source column, or a rule."""
    keep: Mapping[str, str] = Field(default_factory=dict)
    """Further columns kept as they are: new name -> source column."""
    drop_invalid: bool = False
    """Leave out features without a valid geometry, and say so, instead of refusing them."""
    repair_invalid: bool = False
    """Mend invalid polygons (self-crossing borders) instead of refusing them."""
    split: bool | None = None
    """Cut streets where others end on them or cross them without a node. Where nothing is stated they are not cut, and
    refused if they hang apart for that alone; `false` takes them as they are."""
    level: str | None = None
    """With `split`: source column of the level above ground; streets of different levels that cross are not cut."""
    duplicates: Literal["refuse", "first", "agree"] = "refuse"
    """What to do with an id that stands twice: refuse it, keep the first, or take its rows for one feature (a sheet
    with one row per stop tells each round many times) and refuse what they do not agree in."""
    source: str = ""
    licence: str = ""
    date: str = ""

    @property
    def joins(self) -> tuple[Join, ...]:
        """The joined tables, in order."""
        return (self.join,) if isinstance(self.join, Join) else self.join

    @model_validator(mode="after")
    def _level_of_what_is_cut(self) -> Self:
        if self.level is not None and not self.split:
            raise ValueError(_("`level` goes with `split: true`"))
        return self

    @model_validator(mode="after")
    def _both_coordinates(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError(_("state both `x` and `y`, or neither"))
        return self

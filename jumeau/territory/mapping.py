"""The territory file: which foreign column becomes which attribute, by which rule. Data only."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

import pyproj
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from jumeau.errors import InputError, nearest
from jumeau.i18n import _
from jumeau.units import Quantity
from jumeau.yaml_file import LocatedMapping, read_yaml, validate

#: A value as it may be written in a filter or a value map; all are compared as texts ("5" is 5 is 5.0).
Scalar = bool | int | float | str

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


class Block(BaseModel):
    """A block of the territory file: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


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
        if ways != ["column"] and (self.map is not None or self.unit is not None):
            raise ValueError(_("`map` and `unit` go with `column`"))
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
    duplicates: Literal["refuse", "first"] = "refuse"
    """What to do with an id that stands twice."""
    source: str = ""
    licence: str = ""
    date: str = ""

    @property
    def joins(self) -> tuple[Join, ...]:
        """The joined tables, in order."""
        return (self.join,) if isinstance(self.join, Join) else self.join

    @model_validator(mode="after")
    def _both_coordinates(self) -> Self:
        if (self.x is None) != (self.y is None):
            raise ValueError(_("state both `x` and `y`, or neither"))
        return self


class Total(Source):
    """A total that is only known for the whole territory."""

    column: str
    """Column that is summed over the rows kept."""
    source: str = ""
    licence: str = ""
    date: str = ""


class Population(Block):
    """People and jobs spread over a grid, where only totals are known. Everything it gives is imputed."""

    spread_on: Literal["addresses", "buildings"] = "addresses"
    """Layer whose features carry the weights: dwellings where all are known, else one each."""
    cell: Annotated[float, Quantity("m", minimum=10)] = 200.0
    """Side of the square cells."""
    totals: Mapping[Literal["residents", "households", "jobs"], Total]
    """Attribute -> where its total is read."""


class NetworkImport(Block):
    """A whole network in somebody else's format: one file or folder gives several layers."""

    format: Literal["epanet", "raepa", "stareau", "fiware_waste", "compiegne_waste", "osm_waste", "gmns", "tntp"]
    """EPANET network (`.inp`), or GIS layers of RAEPA 1.2 or StaR-Eau V2024; FIWARE `WasteContainer` entities (JSON),
    drop-off sites of the GeoCompiegnois model, OpenStreetMap `amenity` tags of recycling points; a folder of GMNS
    tables, or a TNTP network (`X_net.tntp`)."""
    file: str
    """File or folder, relative to `data`; environment variables are expanded."""
    crs: str = ""
    """CRS of the coordinates where the file does not say it; the territory's by default."""
    offset: tuple[float, float] = (0.0, 0.0)
    """Added to the coordinates, once scaled [m]; for EPANET."""
    scale: Annotated[float, Field(gt=0)] = 1.0
    """The coordinates are multiplied by it; for EPANET."""
    volume: Annotated[float, Quantity("l", minimum=10.0, maximum=50_000.0)] = 4000.0
    """Volume of a container where the format tells none; for waste, marked as imputed."""
    length_unit: Literal["m", "km", "ft", "mile"] = "km"
    """Unit of the lengths, which the format does not tell; for TNTP."""
    source: str = ""
    licence: str = ""

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, text: str) -> str:
        if text:
            parse_crs(text)
        return text


class TerritoryFile(Block):
    """A whole territory."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    """Short name: lower-case letters, digits, underscores."""
    title: str | Mapping[Literal["fr", "en"], str] = ""
    """What people read."""
    crs: str = "EPSG:2154"
    """Projected CRS in metres."""
    timezone: str = "Europe/Paris"
    """IANA name of the local time."""
    country: str = "FR"
    """ISO 3166-1 code; holidays and factors depend on it."""
    subdivision: str = ""
    """ISO 3166-2 code without the country."""
    data: str = "."
    """Folder of the files, relative to this one."""
    source: str = ""
    licence: str = ""
    date: str = ""
    layers: Mapping[str, LayerFile] = Field(default_factory=dict)
    """Layer -> its file."""
    imports: tuple[NetworkImport, ...] = ()
    """Networks in a format of their own, each giving several layers."""
    population: Population | None = None
    """Population spread over a grid, instead of a `population` layer."""

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, text: str) -> str:
        parse_crs(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, text: str) -> str:
        zones = available_timezones()
        if text not in zones:
            near = nearest(text, sorted(zones))
            advice = " " + _("did you mean « {near} »?").format(near=near) if near else ""
            raise ValueError(_("unknown time zone « {name} »").format(name=text) + advice)
        return text

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.layers and not self.imports:
            raise ValueError(_("state at least one layer, or one import"))
        return self

    @model_validator(mode="after")
    def _one_population(self) -> Self:
        if self.population is not None and "population" in self.layers:
            raise ValueError(_("state the block `population` or the layer `population`, not both"))
        if self.population is not None and self.population.spread_on not in self.layers:
            raise ValueError(
                _("`population` is spread on the layer « {layer} », which is not declared").format(
                    layer=self.population.spread_on
                )
            )
        return self

    def titles(self) -> dict[str, str]:
        """Return the title by language, the name where there is none."""
        if isinstance(self.title, str):
            return dict.fromkeys(("fr", "en"), self.title or self.name)
        first = next(iter(self.title.values()), self.name)
        return {lang: self.title.get(lang, first) for lang in ("fr", "en")}


def read_territory_file(path: Path | str) -> tuple[TerritoryFile, LocatedMapping]:
    """Read a territory file.

    Returns
    -------
    file : TerritoryFile
    located : LocatedMapping
        For messages with lines.

    Raises
    ------
    InputError
        With one problem per mistake.
    """
    located = read_yaml(path)
    return validate(TerritoryFile, located), located


def parse_crs(text: str) -> pyproj.CRS:
    """Return a CRS by its code.

    Raises
    ------
    ValueError
        When the code is not known.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        raise ValueError(_("unknown CRS « {text} »: write for instance « EPSG:2154 »").format(text=text)) from None


def expand(text: str, base: Path) -> Path:
    """Return a path with its environment variables replaced, relative to `base`.

    A variable that holds a relative path means the current folder, as in a shell.

    Parameters
    ----------
    text : str
        With `${NAME}` or `${NAME:-default}`.
    base : Path
        Folder that a relative path starts from.

    Raises
    ------
    InputError
        When a variable is not set and has no default.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        found = os.environ.get(name)
        if found:
            return str(Path(found).absolute()) if match.start() == 0 else found
        if default is not None:
            return default
        raise InputError(
            _("the environment variable {name} is not set").format(name=name),
            hint=_("set it, or write a default: ${{{name}:-folder}}").format(name=name),
        )

    return base / _VARIABLE.sub(value, text)

"""The territory file: what it says of the whole, of each layer, and of the networks that it imports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, Union

import pyproj
from pydantic import Field, create_model, field_validator, model_validator

from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.territory.calendar import check_country, check_timezone
from jumeau.territory.crs import AUTO, parse_crs
from jumeau.territory.mapping import LayerFile
from jumeau.territory.population import Population
from jumeau.territory.within import Within
from jumeau.yaml_file import LocatedMapping, read_yaml, validate
from jumeau.yaml_types import Block, factor_fields


class ImportOptions(Block):
    """A whole network in somebody else's format: one file or folder gives several layers.

    A format adds the keys that are its own in a subclass.
    """

    format: str
    """Name of the format."""
    file: str
    """File or folder, relative to `data`; environment variables are expanded."""
    crs: str = ""
    """CRS of the coordinates where the file does not say it; the territory's by default."""
    only: tuple[str, ...] = ()
    """Layers to take; all that the file gives by default."""
    source: str = ""
    licence: str = ""

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, text: str) -> str:
        if text:
            parse_crs(text)
        return text

    @property
    def given_crs(self) -> pyproj.CRS | None:
        """The CRS that the territory file states, None where it states none."""
        return parse_crs(self.crs) if self.crs else None


class TerritoryFile(Block):
    """A whole territory."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=60)]
    """Short name: lower-case letters, digits, underscores."""
    title: str | Mapping[Literal["fr", "en"], str] = ""
    """What people read."""
    crs: str = "EPSG:2154"
    """Projected CRS in metres, or `auto`: the legal one of the country at that place, else the zone of UTM."""
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
    imports: tuple[ImportOptions, ...] = ()
    """Networks in a format of their own, each giving several layers."""
    within: str | Within | None = None
    """Where the territory ends: name, code or id of one of its `limits` or `zones`, or the area of a file."""
    population: Population | None = None
    """Totals of people, spread over a grid or over the cells of a `population` layer that lacks them."""
    assumptions: Any = None
    """Factors that replace the shipped ones where networks complete the territory, by network."""

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, text: str) -> str:
        if text != AUTO:
            parse_crs(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, text: str) -> str:
        return check_timezone(text)

    @field_validator("country")
    @classmethod
    def _known_country(cls, text: str) -> str:
        return check_country(text)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.layers and not self.imports:
            raise ValueError(_("state at least one layer, or one import"))
        return self

    @model_validator(mode="after")
    def _one_population(self) -> Self:
        if self.population is None:
            return self
        layer = self.layers.get("population")
        twice = [name for name in self.population.given() if layer is not None and name in layer.columns]
        if twice:
            message = _("the block `population` and the layer `population` both give: {names}")
            raise ValueError(message.format(names=", ".join(twice)))
        on = self.population.spread_on
        if on is not None and on not in self.layers and not self.imports:
            raise ValueError(
                _("`population` is spread on the layer « {layer} », which is not declared").format(layer=on)
            )
        return self

    def stated_factors(self) -> dict[str, dict[str, float]]:
        """Return the factors that the file states, by network, each in the unit of its table."""
        blocks = self.assumptions.model_dump(exclude_unset=True) if self.assumptions is not None else {}
        return {network: values for network, values in blocks.items() if values}

    def titles(self) -> dict[str, str]:
        """Return the title by language, the name where there is none."""
        if isinstance(self.title, str):
            return dict.fromkeys(("fr", "en"), self.title or self.name)
        first = next(iter(self.title.values()), self.name)
        return {lang: self.title.get(lang, first) for lang in ("fr", "en")}


def territory_model(
    options: Mapping[str, type[ImportOptions]], factors: Mapping[str, FactorTable]
) -> type[TerritoryFile]:
    """Return the model of territory files for the formats and networks that exist.

    Parameters
    ----------
    options : mapping of str to type of ImportOptions
        What an import may say, by format.
    factors : mapping of str to FactorTable
        What may be stated under `assumptions`, by network.
    """
    # Thousands of fields take a second: they are made once for the same formats and tables, which are held so that no
    # other table can take their place.
    key = (tuple(options.items()), tuple((name, id(table)) for name, table in factors.items()))
    if key not in _MODELS:
        _MODELS[key] = (_territory_model(options, factors), tuple(factors.values()))
    return _MODELS[key][0]


#: Formats and factor tables -> the model made of them, and the tables.
_MODELS: dict[Any, tuple[type[TerritoryFile], tuple[FactorTable, ...]]] = {}


def _territory_model(
    options: Mapping[str, type[ImportOptions]], factors: Mapping[str, FactorTable]
) -> type[TerritoryFile]:
    entries = tuple(_import_model(name, model) for name, model in options.items())
    entry: Any = Union[entries] if entries else ImportOptions  # noqa: UP007 - made at run time
    if len(entries) > 1:  # pydantic refuses to tell one from nothing
        entry = Annotated[entry, Field(discriminator="format")]
    blocks: dict[str, Any] = {
        name: (create_model(f"{name} assumptions", __base__=Block, **factor_fields(table)), None)
        for name, table in factors.items()
    }
    fields: dict[str, Any] = {
        "imports": (tuple[entry, ...], Field(default=(), max_length=None if entries else 0)),
        "assumptions": (create_model("Assumptions", __base__=Block, **blocks), None),
    }
    return create_model("TerritoryFile", __base__=TerritoryFile, **fields)


def _import_model(name: str, options: type[ImportOptions]) -> type[ImportOptions]:
    tag: Any = Literal[name]
    return create_model(name, __base__=options, format=(tag, ...))


def read_territory_file(
    path: Path | str,
    options: Mapping[str, type[ImportOptions]] | None = None,
    factors: Mapping[str, FactorTable] | None = None,
) -> tuple[TerritoryFile, LocatedMapping]:
    """Read a territory file.

    Parameters
    ----------
    path : Path or str
    options, factors : mapping, optional
        See `territory_model`; without them nothing can be imported or assumed.

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
    return validate(territory_model(options or {}, factors or {}), located), located

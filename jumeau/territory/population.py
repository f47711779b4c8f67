"""People known by a total only: the block `population` of a territory file, and what is read by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from jumeau.i18n import _
from jumeau.territory.mapping import Source
from jumeau.units import Quantity
from jumeau.yaml_types import Block


class Parts(Block):
    """Which rows are of which part of the territory, so that people of one part are not spread over another."""

    column: str
    """Column of the source that tells the part of a row."""
    first: Annotated[int, Field(ge=1, le=20)] | None = None
    """Only so many characters of it, where the rows of a part begin alike."""
    zones: Mapping[str, tuple[str, ...] | str]
    """Value of the column -> names of the `zones` of this part."""

    def names(self, value: str) -> tuple[str, ...]:
        """Return the names of the zones of a part."""
        found = self.zones[value]
        return (found,) if isinstance(found, str) else found


class Total(Source):
    """A total that is only known for the whole territory, or for parts of it."""

    column: str
    """Column that is summed over the rows kept."""
    parts: Parts | None = None
    """Parts whose people are kept apart; the whole territory is one by default."""
    source: str = ""
    licence: str = ""
    date: str = ""


#: A number of people, written as it is: 38000, or « 38 000 ».
Count = Annotated[float, Quantity("1", minimum=0, maximum=1e9)]

#: What a total may be of.
OF = ("residents", "households", "jobs")


class Population(Block):
    """People and jobs of whom only totals are known, spread over what carries them. All it gives is imputed."""

    residents: Count | Total | None = None
    """Residents of the whole territory: a number, or where it is read."""
    households: Count | Total | None = None
    """Households; from residents where nothing is said."""
    jobs: Count | Total | None = None
    """Jobs at the place of work; from establishments, else from residents, where nothing is said."""
    spread_on: Literal["addresses", "buildings", "streets"] | None = None
    """Layer that carries people: the first by default of buildings (where they are those of the whole town), addresses
    and streets that the territory has."""
    cell: Annotated[float, Quantity("m", minimum=10)] = 200.0
    """Side of the square cells."""
    totals: Mapping[Literal["residents", "households", "jobs"], Total] = Field(default_factory=dict)
    """Attribute -> where its total is read; the same as naming it above."""
    source: str = ""
    """Where the numbers come from."""
    licence: str = ""
    date: str = ""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in OF:
            if getattr(self, name) is not None and name in self.totals:
                raise ValueError(_("« {name} » is given twice").format(name=name))
        if not self.given():
            raise ValueError(_("state at least one of: {names}").format(names=", ".join(OF)))
        return self

    def given(self) -> dict[str, float | Total]:
        """Return what is told: a number, or where it is read, by name."""
        found: dict[str, float | Total] = dict(self.totals.items())
        found |= {name: value for name in OF if (value := getattr(self, name)) is not None}
        return found


@dataclass(frozen=True)
class KnownPart:
    """A total of some zones.

    Attributes
    ----------
    value : float
        Sum of the rows that have a value.
    rows, unknown : int
        Rows of the part, and those of them without a value.
    """

    value: float
    rows: int
    unknown: int


@dataclass(frozen=True)
class KnownTotal:
    """A total of the whole territory.

    Attributes
    ----------
    value : float
        Sum of the rows that have a value.
    rows, unknown : int
        Rows summed, and those of them without a value.
    source, licence, date : str
    parts : mapping of tuple of str to KnownPart
        Names of zones -> what is known of them; empty where the territory is one.
    """

    value: float
    rows: int
    unknown: int
    source: str = ""
    licence: str = ""
    date: str = ""
    parts: Mapping[tuple[str, ...], KnownPart] = field(default_factory=dict)

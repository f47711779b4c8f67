"""The file of projects stated by figures: frozen models that refuse what they do not know, units strict."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from jumeau.accounts import BASE_YEAR, TOTAL, VOCABULARY
from jumeau.evaluation.criteria import CRITERIA
from jumeau.evaluation.items import FINANCING, ITEMS
from jumeau.evaluation.parameters import ALL, COMMON, Years
from jumeau.i18n import LocalText, _
from jumeau.results.account import SHARED
from jumeau.results.comparison import BASELINE
from jumeau.sampling import Law
from jumeau.units import Quantity, parse_quantity
from jumeau.yaml_types import Block

Floats = NDArray[np.float64]

#: Network of what names none.
PROJECT = "project"

#: What a yearly change may also be: tonnes avoided, where nothing says by which carrier.
AVOIDED, AVOIDED_UNIT = "avoided_emissions", "kgCO2e"

#: Names that mean something else among networks.
RESERVED = (ALL, COMMON, SHARED, TOTAL)

Amount = str | float


class RangeBlock(Block):
    """A figure with its range and its source."""

    low: Amount | None = None
    """Lowest that it may be."""
    high: Amount | None = None
    """Highest that it may be."""
    law: Literal["triangular", "uniform", "lognormal"] = "triangular"
    """Law between them (P10 and P90 of a lognormal one)."""
    network: str = PROJECT
    """Network that it belongs to."""
    source: str = ""
    """Where the figure comes from."""

    @field_validator("network")
    @classmethod
    def _free(cls, value: str) -> str:
        # Counted once under its own name, and again in the whole.
        if not value or value in RESERVED:
            raise ValueError(_("« {name} » is no name for a network").format(name=value))
        return value

    def law_of(self, written: Amount, unit: str) -> Law | None:
        """Return the law of a figure; None where it has no range.

        Raises
        ------
        ValueError
            On a unit that is none of its own, and on a range that is no law.
        """
        value = parse_quantity(written, unit)
        if self.low is None and self.high is None:
            return None
        low = value if self.low is None else parse_quantity(self.low, unit)
        high = value if self.high is None else parse_quantity(self.high, unit)
        return Law(self.law, low, value, high)


class PurchaseBlock(RangeBlock):
    """What is bought."""

    kind: str
    """Key of the kind of device or works."""
    label: LocalText = ""
    """How it is called."""
    count: Annotated[float, Quantity("1", minimum=0)] = 1.0
    """How many."""
    price: Amount | None = None
    """Of each, VAT excluded; `low` and `high` are of it too."""
    total: Amount | None = None
    """Instead of `price`: of all of them."""
    life: Annotated[float, Quantity("year", minimum=0.1, maximum=200)]
    """Service life."""
    life_low: Annotated[float, Quantity("year", minimum=0.1, maximum=200)] | None = None
    """Shortest life."""
    life_high: Annotated[float, Quantity("year", minimum=0.1, maximum=200)] | None = None
    """Longest life."""
    fee: Annotated[float, Quantity("EUR/year")] = 0.0
    """Fee or upkeep of each."""
    embodied: Annotated[float, Quantity("kgCO2e")] = 0.0
    """Manufacture and end of life of each."""

    @model_validator(mode="after")
    def _priced(self) -> PurchaseBlock:
        if (self.price is None) == (self.total is None):
            raise ValueError(_("give either « price » or « total »"))
        # What is wrong with a range is found here, where its line is known.
        law = self.law_of(self.paid, "EUR")
        if min(parse_quantity(self.paid, "EUR"), 0.0 if law is None else law.low) < 0.0:
            raise ValueError(_("must be at least {limit}").format(limit="0 EUR"))
        self.life_law()
        return self

    @property
    def paid(self) -> Amount:
        """The amount that is stated: of each, or of all."""
        return self.price if self.price is not None else self.total if self.total is not None else 0.0

    @property
    def times(self) -> float:
        """How many times the amount stated is paid."""
        return self.count if self.total is None else 1.0

    def life_law(self) -> Law | None:
        """Return the law of the life; None where it has no range. `ValueError` on a range that is no law."""
        if self.life_low is None and self.life_high is None:
            return None
        low = self.life if self.life_low is None else self.life_low
        high = self.life if self.life_high is None else self.life_high
        return Law("triangular", low, self.life, high)


class YearlyBlock(RangeBlock):
    """What changes every year once all is deployed: after minus before of a quantity, or an amount of money."""

    quantity: str = ""
    """A quantity of the shared vocabulary, priced by the shared price list (`electricity`, `diesel` …), or
    `avoided_emissions`."""
    item: str = ""
    """Or an item of flows, whose amount is money: a gain of the actor is positive."""
    amount: Amount
    """In a year."""
    actor: Literal["authority", "other_public", "users", "third_parties", "environment"] = "authority"
    """Who gains or pays, of an item."""
    mirror: Literal["", "authority", "other_public", "users", "third_parties", "environment"] = ""
    """Who pays or gains the same in turn, of an item."""

    @model_validator(mode="after")
    def _one(self) -> YearlyBlock:
        if bool(self.quantity) == bool(self.item):
            raise ValueError(_("give either « quantity » or « item »"))
        if self.quantity and self.quantity not in (AVOIDED, *VOCABULARY):
            raise ValueError(_("unknown quantity « {name} »").format(name=self.quantity))
        if self.item and (self.item not in ITEMS or ITEMS[self.item].kind == FINANCING):
            raise ValueError(_("unknown item « {name} »").format(name=self.item))
        if self.quantity and (self.mirror or self.actor != "authority"):
            raise ValueError(_("« actor » and « mirror » are of an item: a quantity has its own"))
        if self.mirror == self.actor:
            raise ValueError(_("« mirror » must be another actor than « actor »"))
        self.law_of(self.amount, self.unit)
        return self

    @property
    def unit(self) -> str:
        """Unit of the amount, in a year."""
        if self.quantity == AVOIDED:
            return AVOIDED_UNIT
        return VOCABULARY[self.quantity].unit if self.quantity else "EUR"


class PublishedBlock(Block):
    """A figure that was published of the project, to be compared with."""

    criterion: str
    """Name of a criterion, such as `simple_payback`."""
    value: Amount | None = None
    """In the criterion's unit; the lower end where `to` is given."""
    sign: Literal["", "negative", "positive"] = ""
    """Instead of a value, where only the sign was published."""
    to: Amount | None = None
    """Upper end."""
    source: str
    """Who published it."""

    @model_validator(mode="after")
    def _known(self) -> PublishedBlock:
        if self.criterion not in CRITERIA:
            raise ValueError(
                _("unknown criterion « {name} »; one of: {names}").format(
                    name=self.criterion, names=", ".join(CRITERIA)
                )
            )
        if (self.value is None) == (not self.sign):
            raise ValueError(_("give either « value » or « sign »"))
        low, high = self.ends
        if high < low:
            raise ValueError(_("« to » must not be below « value »"))
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """Lower and upper end, in the criterion's unit."""
        if self.sign:
            return (-np.inf, 0.0) if self.sign == "negative" else (0.0, np.inf)
        unit = CRITERIA[self.criterion].unit
        low = parse_quantity(self.value, unit)
        return low, low if self.to is None else parse_quantity(self.to, unit)


class StatedVariant(Block):
    """One way to do the project."""

    title: LocalText = ""
    """How it is called."""
    purchases: list[PurchaseBlock] = Field(default_factory=list)
    """What is bought."""
    yearly: list[YearlyBlock] = Field(default_factory=list)
    """What changes every year."""
    published: list[PublishedBlock] = Field(default_factory=list)
    """What was published of it."""


class StatedFile(Block):
    """A project given by planned or published figures."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    """Short name."""
    title: LocalText = ""
    """Title, or titles by language."""
    question: LocalText = ""
    """What is asked."""
    base_year: Annotated[Years, Field(ge=2008, le=2100)] = BASE_YEAR
    """Year in whose euros money is stated."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Same seed, same figures."""
    evaluation: Any = None
    """Horizon, calendar, rates, financing; see `docs/evaluation.md`."""
    prices: dict[str, Amount] = Field(default_factory=dict)
    """Prices and emission factors of the shared list that are known: they are then certain."""
    variants: dict[str, StatedVariant] = Field(min_length=1)
    """Ways to do it."""
    caveats: list[LocalText] = Field(default_factory=list)
    """What a reader must know, causes that the figures do not tell apart among it."""

    @field_validator("variants")
    @classmethod
    def _after(cls, value: dict[str, StatedVariant]) -> dict[str, StatedVariant]:
        if BASELINE in value:
            raise ValueError(
                _("« {name} » is the situation before: give the variant another name").format(name=BASELINE)
            )
        return value

"""The `evaluation` block of a scenario: horizon, calendar, rates, stated flows, financing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model, field_validator, model_validator

from jumeau.evaluation.items import FINANCING, ITEMS
from jumeau.evaluation.project import ACTORS, AUTHORITY
from jumeau.evaluation.reference import DEFAULT, TABLES, reference_table
from jumeau.i18n import LocalText, _
from jumeau.units import Quantity, QuantityError
from jumeau.yaml_types import Block, Share, factor_fields

#: Of all networks together, and of what belongs to none: a platform, studies.
ALL, COMMON = "all", "common"

MOST_YEARS = 60

PROVEN, NEW, EXPERIMENTAL = "proven", "new", "experimental"

Rate = Annotated[float, Quantity("1", minimum=-0.5, maximum=0.5)]


def _whole_years(value: object) -> object:
    """Read `20`, `20 years` or `20 ans` as a whole number of years."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, str):
        read = Quantity("year", minimum=None)._validate(value)  # noqa: SLF001 - the one reader of quantities
        if abs(read - round(read)) > 1e-9:
            raise QuantityError(_("a whole number of years is wanted, not {value}.").format(value=value))
        return round(read)
    return value


Years = Annotated[
    int,
    BeforeValidator(_whole_years),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-unit": "year", "examples": ["20 years"]}),
]


class RampUpBlock(Block):
    """How users take to a service: a logistic curve."""

    midpoint: Annotated[float, Quantity("year", minimum=0)] = 2.0
    """Time at which about half have taken to it."""
    steepness: Annotated[float, Quantity("1", minimum=0.05, maximum=20)] = 1.5
    """Per year."""


class FlowBlock(Block):
    """A flow of money that no simulation gives: studies, a platform, training, an effect with its source."""

    item: str
    """Item that it is booked under, see `docs/evaluation.md`."""
    amount: Annotated[float, Quantity("EUR", minimum=None)]
    """Each time; a cost is negative, a gain positive, for the actor named."""
    low: Annotated[float, Quantity("EUR", minimum=None)] | None = None
    """Lowest that it may be."""
    high: Annotated[float, Quantity("EUR", minimum=None)] | None = None
    """Highest that it may be."""
    actor: Literal["authority", "other_public", "users", "third_parties", "environment"] = "authority"
    """Who pays or gains."""
    mirror: Literal["", "authority", "other_public", "users", "third_parties", "environment"] = ""
    """Who gains or pays the same amount in turn; nobody when empty."""
    network: str = COMMON
    """Network that it belongs to; none by default."""
    year: Annotated[Years, Field(ge=0, le=MOST_YEARS)] = 0
    """Years after the first one."""
    every: Annotated[Years, Field(ge=1, le=MOST_YEARS)] | None = None
    """Comes again every so many years, to the horizon."""
    until: Annotated[Years, Field(ge=0, le=MOST_YEARS)] | None = None
    """Last year in which it comes."""
    growth: Rate = 0.0
    """Real growth a year."""
    source: str = ""
    """Where the figure comes from."""

    @field_validator("item")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ITEMS or ITEMS[value].kind == FINANCING:
            known = ", ".join(name for name, item in ITEMS.items() if item.kind != FINANCING)
            raise ValueError(_("unknown item « {name} »; the items: {names}").format(name=value, names=known))
        return value

    @model_validator(mode="after")
    def _ordered(self) -> FlowBlock:
        low, high = self.bounds
        if not low <= self.amount <= high:
            raise ValueError(_("« amount » must lie between « low » and « high »"))
        if self.mirror == self.actor:
            raise ValueError(_("« mirror » must be another actor than « actor »"))
        if self.until is not None and (self.every is None or self.until < self.year):
            # Such a flow would come once, or never, whatever its author had in mind.
            raise ValueError(_("« until » goes with « every », and must not be before « year »"))
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest amount [EUR]."""
        return (
            self.amount if self.low is None else self.low,
            self.amount if self.high is None else self.high,
        )


class Grant(Block):
    """A grant on investment."""

    name: str
    """Who gives it: `DETR`, `Fonds vert` …"""
    share: Share | None = None
    """Share of the eligible investment, VAT excluded."""
    amount: Annotated[float, Quantity("EUR")] | None = None
    """Instead of a share."""
    programme: Literal["fonds_vert", "detr", "dsil"] | None = None
    """Instead of a share: the rate of a programme of the State, an uncertain reference parameter."""
    ceiling: Annotated[float, Quantity("EUR")] | None = None
    """Highest amount."""
    network: str = ALL
    """Network whose investment is eligible; all by default."""
    year: Annotated[Years, Field(ge=0, le=MOST_YEARS)] = 1
    """Years after the first one in which it is paid."""

    @model_validator(mode="after")
    def _one(self) -> Grant:
        if sum(given is not None for given in (self.share, self.amount, self.programme)) != 1:
            raise ValueError(_("give one of « share », « amount » and « programme »"))
        return self


class Loan(Block):
    """A loan with constant payments."""

    share: Share
    """Share of the first investment that it pays."""
    rate: Annotated[float, Quantity("1", minimum=0, maximum=0.3)]
    """Nominal yearly rate."""
    years: Annotated[Years, Field(ge=1, le=50)]
    """Length."""


class Financing(Block):
    """Where the money comes from; it moves no value of the project itself."""

    fctva: bool = False
    """Whether VAT on investment is paid, and compensated by the FCTVA."""
    fctva_delay: Annotated[Years, Field(ge=0, le=3)] = 1
    """Years after the expense in which it is compensated."""
    grants: list[Grant] = Field(default_factory=list)
    """Grants."""
    cee: dict[str, Annotated[float, Quantity("kWh")]] = Field(default_factory=dict)
    """Energy saving certificates [kWh cumac] per device, by kind of device of the bill."""
    cee_sheets: bool = False
    """Whether other devices bring the certificates of their standard sheets, as the networks declare them."""
    loan: Loan | None = None
    """Loan."""

    @model_validator(mode="after")
    def _bearable(self) -> Financing:
        names = {grant.network for grant in self.grants}
        for name in names:
            whole = sum(grant.share or 0.0 for grant in self.grants if grant.network in (ALL, name))
            if whole > 1.0 + 1e-9:
                raise ValueError(
                    _("the grants add up to {total:g} % of the investment, above 100 %").format(total=100 * whole)
                )
        return self


class CalendarBlock(Block):
    """What may be said for all variants, or for one."""

    deployment: dict[str, Annotated[dict[int, Share], BeforeValidator(_calendar_years)]] = Field(default_factory=dict)
    """Share installed by calendar year, by network (or `all`); all in the first year by default."""
    ramp_up: dict[str, RampUpBlock] = Field(default_factory=dict)
    """How users take to it, by network; at once by default."""
    ageing: dict[str, Annotated[float, Quantity("1", minimum=0, maximum=0.5)]] = Field(default_factory=dict)
    """Share of the effect lost with each year of service, by network."""
    flows: list[FlowBlock] = Field(default_factory=list)
    """Flows that no simulation gives."""
    financing: Financing | None = None
    """Where the money comes from."""

    @field_validator("deployment")
    @classmethod
    def _whole(cls, value: dict[str, dict[int, float]]) -> dict[str, dict[int, float]]:
        for name, shares in value.items():
            if abs(sum(shares.values()) - 1.0) > 1e-6:
                raise ValueError(
                    _("the shares of « {name} » add up to {total:g} %, not 100 %").format(
                        name=name, total=100 * sum(shares.values())
                    )
                )
        return value


#: What no money says, and a territory has to weigh.
QUALITIES = (
    "service",
    "inclusion",
    "privacy",
    "sovereignty",
    "reversibility",
    "resilience",
    "acceptance",
)


class QualityBlock(Block):
    """A judgement that somebody stands by."""

    score: Annotated[int, Field(ge=-2, le=2)]
    """From -2 (much worse) to +2 (much better)."""
    reason: Annotated[LocalText, Field(min_length=1)]
    """Why, in a sentence."""

    @field_validator("reason")
    @classmethod
    def _written(cls, value: LocalText) -> LocalText:
        texts = [value] if isinstance(value, str) else list(value.values())
        if not texts or not all(text.strip() for text in texts):
            raise ValueError(_("a score needs its reason"))
        return value


class VariantBlock(CalendarBlock):
    """What is special to one variant."""

    maturity: Literal["proven", "new", "experimental"] = "proven"
    """Whether others have done it; what is not proven costs more than planned."""
    lead_time: Annotated[float, Quantity("month", minimum=0, maximum=240)] = 12.0
    """From the decision to the service."""
    title: LocalText = ""
    """How it is called; as in the scenario when empty."""
    qualitative: dict[
        Literal["service", "inclusion", "privacy", "sovereignty", "reversibility", "resilience", "acceptance"],
        QualityBlock,
    ] = Field(default_factory=dict)
    """What no money says, scored from -2 to +2 with a reason; never added up."""


def _calendar_years(value: object) -> object:
    if isinstance(value, Mapping):
        for year in value:
            if not str(year).isdecimal() or not 1900 <= int(str(year)) <= 2200:
                raise ValueError(_("values are given by calendar year, not by « {year} »").format(year=year))
    return value


Trajectory = Annotated[dict[int, str | float], BeforeValidator(_calendar_years), Field(min_length=1)]


class UncertainBlock(Block):
    """Distribution of a reference parameter, in its own unit."""

    law: Literal["triangular", "uniform", "lognormal"] = "triangular"
    """Law."""
    low: str | float
    """Lowest (P10 of a lognormal law), in the parameter's unit."""
    mode: str | float | None = None
    """Likeliest; the table's value by default."""
    high: str | float
    """Highest (P90 of a lognormal law)."""


class EvaluationBlock(CalendarBlock):
    """From a simulated year to a horizon: money, carbon and value over the years, by the French method."""

    horizon: Annotated[Years, Field(ge=1, le=MOST_YEARS)] = 20
    """Years after the first one."""
    start: Annotated[int, Field(ge=2000, le=2100)] | None = None
    """Calendar year of the first investment; the first year of the period by default."""
    samples: Annotated[int, Field(ge=200, le=100_000)] = 5000
    """Draws of prices, factors and lives on top of the simulated ones."""
    table: str = DEFAULT
    """Reference parameters: a shipped table, or the path of a CSV file whose rows replace those of the shipped one."""
    reference: Any = None
    """Reference parameters that replace those of the table: discount rate, value of a tonne …"""
    uncertain: dict[str, UncertainBlock] = Field(default_factory=dict)
    """Distributions of reference parameters, such as the discount rate, which is certain by default."""
    drifts: dict[str, Rate] = Field(default_factory=dict)
    """Real growth a year of prices, by factor: `electricity_price: 1 %`."""
    trajectories: dict[str, Trajectory] = Field(default_factory=dict)
    """Values by calendar year, by factor: `electricity_carbon: {2025: 0.058 kgCO2e/kWh, 2040: 0.03 kgCO2e/kWh}`."""
    delays: list[Annotated[Years, Field(ge=0, le=10)]] = Field(default_factory=lambda: [0, 1, 2, 3])
    """Delays, in years, of which the cost is told."""
    variants: dict[str, VariantBlock] = Field(default_factory=dict)
    """What is special to a variant."""

    @field_validator("delays")
    @classmethod
    def _from_none(cls, value: list[int]) -> list[int]:
        # What a delay costs is told against no delay.
        return sorted({0, *value})

    @field_validator("horizon", mode="before")
    @classmethod
    def _some(cls, value: object) -> object:
        if _whole_years(value) == 0:
            raise ValueError(_("a horizon of 0 years holds no benefit: give 1 to {most} years").format(most=MOST_YEARS))
        return value

    def variant(self, name: str) -> VariantBlock:
        """Return what holds for a variant: its own, over what is said for all."""
        own = self.variants.get(name, VariantBlock())
        return own.model_copy(
            update={
                "deployment": {**self.deployment, **own.deployment},
                "ramp_up": {**self.ramp_up, **own.ramp_up},
                "ageing": {**self.ageing, **own.ageing},
                "flows": [*self.flows, *own.flows],
                "financing": own.financing or self.financing,
            }
        )


#: Keys whose entries stand one by one: to state a rate says nothing of the value of a tonne, a loan nothing of a grant.
BY_NAME = (
    "reference",
    "financing",
    "uncertain",
    "drifts",
    "trajectories",
    "deployment",
    "ramp_up",
    "ageing",
    "qualitative",
)


def over(*blocks: Mapping[str, Any]) -> dict[str, Any]:
    """Return evaluation blocks laid over each other, the last one on top: key by key, and by name inside `BY_NAME`.

    Variants are laid over each other likewise, one by one. A list (`flows`, `delays`) replaces a list.
    """
    found: dict[str, Any] = {}
    for block in blocks:
        for key, value in dict(block).items():
            before = found.get(key)
            if isinstance(before, Mapping) and isinstance(value, Mapping) and key in BY_NAME:
                found[key] = {**before, **value}
            elif isinstance(before, Mapping) and isinstance(value, Mapping) and key == "variants":
                names = dict.fromkeys([*before, *value])
                found[key] = {name: over(before.get(name) or {}, value.get(name) or {}) for name in names}
            else:
                found[key] = value
    return found


@cache
def evaluation_model() -> type[EvaluationBlock]:
    """Return the complete model, reference parameters among its keys."""
    fields: dict[str, Any] = factor_fields(reference_table(DEFAULT))
    reference = create_model(
        "Reference parameters",
        __base__=Block,
        __doc__="Reference parameters that replace those of the table.",
        **fields,
    )
    return create_model(
        "Evaluation",
        __base__=EvaluationBlock,
        __doc__=EvaluationBlock.__doc__,
        reference=(reference | None, Field(default=None, description="Reference parameters that replace the table's.")),
    )


__all__ = [
    "ACTORS",
    "ALL",
    "AUTHORITY",
    "COMMON",
    "TABLES",
    "EvaluationBlock",
    "Financing",
    "FlowBlock",
    "Grant",
    "Loan",
    "VariantBlock",
    "evaluation_model",
    "over",
]

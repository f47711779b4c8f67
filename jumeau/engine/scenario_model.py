"""The models of a scenario file: frozen, they refuse what they do not know.

Those of measures, assumptions, uncertainties and thresholds are made from the networks that exist, so that a new
network's keys are checked, documented in the JSON schema and offered by editors without an edit here.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    create_model,
    field_validator,
)

from jumeau.accounts import BASE_YEAR, LINES, TOTAL
from jumeau.effort import NORMAL, Effort
from jumeau.engine.radio_block import radio_model
from jumeau.engine.scenario_blocks import (
    FIRST_YEAR,
    LAST_YEAR,
    Correlation,
    Crew,
    Draws,
    Name,
    Period,
    Promise,
    Replications,
)
from jumeau.engine.sweep import Sweep
from jumeau.engine.tour import MOST_STOPS, TourStop
from jumeau.engine.where import Where as Filter
from jumeau.evaluation.parameters import evaluation_model
from jumeau.factors import Domain, Factor
from jumeau.i18n import _
from jumeau.network import Network, account_specs, discover
from jumeau.simulation.shared import SHARED, shared_factors
from jumeau.units import Quantity, QuantityError, percent_meant
from jumeau.yaml_types import Block, Text, factor_fields


class ScenarioBase(Block):
    """A question put to a territory: what would change, by how much, with what certainty."""

    name: Name
    """Short name: lower case letters, digits and underscores."""
    title: Text = ""
    """Title, or titles by language: `{fr: …, en: …}`."""
    question: Text = ""
    """The question that the scenario answers."""
    territory: str
    """A bundled territory, or the path of a GeoPackage, relative to this file."""
    period: Period
    """What is simulated."""
    warmup: Annotated[float, Quantity("day", minimum=0, maximum=3660)] = 60.0
    """Time simulated ahead of the period, so that it starts in a settled state."""
    base_year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)] = BASE_YEAR
    """Year in whose euros money is stated; prices of other years are brought to it by an index."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Same seed, same figures."""
    replications: Annotated[int, Field(ge=1, le=10_000)] | Replications = 20
    """A number, or a precision to reach."""
    draws: Annotated[int, Field(ge=0, le=10_000)] | Draws = 0
    """Draws of the uncertain assumptions, or a precision to reach; 0 keeps their central values."""
    draw_replications: Annotated[int, Field(ge=1, le=1000)] = 2
    """Replications of each draw."""
    effort: Effort = NORMAL
    """Work put into each run: `quick` trades precision for time, `thorough` the reverse; the report says what was
    traded. Assumptions that the scenario states stay as they are."""
    networks: list[str] = Field(default_factory=list)
    """Networks to simulate; all when empty."""
    crews: dict[Name, Crew] = Field(default_factory=dict)
    """Shared crews by name."""
    assumptions: Any = None
    """What replaces the shipped assumptions, by network."""
    baseline: Any = None
    """The situation before."""
    variants: Any = None
    """The situations after, by name."""
    uncertainties: Any = None
    """Distributions of assumptions, by network."""
    correlations: list[Correlation] = Field(default_factory=list)
    """Rank correlations between uncertain numbers."""
    thresholds: Any = None
    """Differences that are negligible to you, by network and indicator."""
    evaluation: Any = None
    """Horizon, calendar, rates and financing of the evaluation."""
    sweep: Sweep | None = None
    """One number of a variant over many values: its curve is told."""
    tour: Annotated[list[TourStop], Field(max_length=MOST_STOPS)] = Field(default_factory=list)
    """Stops of the guided tour of the page, in their order; made from the results when absent."""

    @field_validator("networks")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        for name in value:
            if name not in discover():
                raise ValueError(
                    _("unknown network « {name} »; the networks: {names}").format(
                        name=name, names=", ".join(discover())
                    )
                )
        return value

    @field_validator("variants", check_fields=False)
    @classmethod
    def _named(cls, value: Any) -> Any:
        if isinstance(value, dict) and "baseline" in value:
            raise ValueError(_("« baseline » is the name of the situation before; call the variant otherwise"))
        return value


#: Typed as Any: type checkers cannot follow fields that are made at run time.
_LAWS: Any = Literal["table", "triangular", "uniform", "lognormal"]


def _law_model(factor: Factor) -> type[BaseModel]:
    """Return the model of a factor's distribution."""
    return _law_in(factor.unit, factor.domain)


@cache
def _law_in(unit: str, domain: Domain) -> type[BaseModel]:
    """Return the model of a distribution in a unit, whose bounds lie in a domain."""

    def inside(number: float) -> float:
        if number not in domain:
            message = _("{value} is outside what it can be: {bounds} {unit}")
            told = message.format(value=f"{number:g}", bounds=domain, unit="" if unit == "1" else unit).strip()
            raise QuantityError(told + (percent_meant(number, number) if domain.high == 1.0 else ""))
        return number

    # Defaults are not validated: None means absent.
    amount = Annotated[float, Quantity(unit, minimum=None), AfterValidator(inside)]
    return create_model(
        f"Law in {unit}, {domain}",
        __base__=Block,
        __doc__="Distribution of an uncertain assumption; `table` takes the range of the shipped factor.",
        law=(_LAWS, "table"),
        low=(amount, None),
        mode=(amount, None),
        high=(amount, None),
        source=(str, ""),
    )


def _optional(fields: dict[str, tuple[Any, Any]], name: str, doc: str) -> type[BaseModel]:
    model: type[BaseModel] = create_model(name, __base__=Block, __doc__=doc, **fields)  # type: ignore[call-overload]
    return model


def _assumption_model(network: Network) -> type[BaseModel]:
    fields: dict[str, Any] = factor_fields(network.factors)
    return create_model(f"{network.name} assumptions", __base__=network.assumptions, **fields)


def _measure_model(network: Network, name: str) -> type[BaseModel]:
    measure = network.measures[name]
    tag: Any = Literal[f"{network.name}.{name}"]
    return create_model(
        f"{network.name}.{name}",
        __base__=measure.parameters,
        __doc__=measure.parameters.__doc__,
        measure=(tag, ...),
        where=(Filter | None, Field(default=None, description="Features concerned; all when absent")),
    )


@cache
def scenario_model() -> type[ScenarioBase]:
    """Return the complete scenario model for the networks that exist."""
    networks = discover()
    assumptions = _optional(
        {
            SHARED: (
                _optional(
                    factor_fields(shared_factors()),
                    "shared assumptions",
                    "Crews, prices, emissions: what all networks share.",
                ),
                None,
            )
        }
        | {name: (_assumption_model(network), None) for name, network in networks.items()},
        "Assumptions",
        "What replaces the shipped assumptions, by network.",
    )
    calls = tuple(_measure_model(network, name) for network in networks.values() for name in network.measures)
    call = Annotated[Union[calls], Field(discriminator="measure")]  # type: ignore[valid-type]  # noqa: UP007
    optional_radio: Any = radio_model() | None
    variant = create_model(
        "Variant",
        __base__=Block,
        __doc__="A situation: measures applied in order to the territory.",
        title=(Text, ""),
        measures=(list[call], Field(default_factory=list, description="Measures, applied in order.")),
        assumptions=(assumptions, Field(default=None, description="Assumptions of this situation only.")),
        radio=(
            optional_radio,
            Field(default=None, description="Radio network of this situation; that of the baseline when absent."),
        ),
        promise=(Promise | None, Field(default=None, description="What it was sized to bring, to be held against it.")),
    )
    tables = {SHARED: shared_factors()} | {name: network.factors for name, network in networks.items()}
    uncertainties = _optional(
        {
            name: (
                _optional(
                    {factor.name: (_law_model(factor), None) for factor in table.values()},
                    f"{name} uncertainties",
                    "Distributions by factor.",
                ),
                None,
            )
            for name, table in tables.items()
        },
        "Uncertainties",
        "Distributions of assumptions, by network.",
    )
    thresholds = _optional(
        {
            name: (
                _optional(
                    {item.name: (Annotated[float, Quantity(item.unit, minimum=0)], None) for item in specs},
                    f"{name} thresholds",
                    "Negligible differences by indicator.",
                ),
                None,
            )
            for name, specs in {
                **{name: network.said for name, network in networks.items()},
                TOTAL: account_specs(LINES),
            }.items()
        },
        "Thresholds",
        "Differences that are negligible to you.",
    )
    return create_model(
        "Scenario",
        __base__=ScenarioBase,
        __doc__=ScenarioBase.__doc__,
        assumptions=(assumptions, Field(default=None, description="What replaces the shipped assumptions.")),
        baseline=(variant, Field(default_factory=variant, description="The situation before.")),
        variants=(
            dict[Name, variant],
            Field(default_factory=dict, description="The situations after, by name."),
        ),
        uncertainties=(uncertainties, Field(default=None, description="Distributions of assumptions.")),
        thresholds=(thresholds, Field(default=None, description="Negligible differences.")),
        evaluation=(
            evaluation_model(),
            Field(default_factory=evaluation_model(), description="Horizon, calendar, rates and financing."),
        ),
    )

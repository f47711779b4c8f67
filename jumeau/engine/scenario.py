"""The scenario file: frozen pydantic models that refuse what they do not know.

The models of measures, assumptions, uncertainties and thresholds are made from the networks that exist, so that a new
network's keys are checked, documented in the JSON schema and offered by editors without an edit here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    create_model,
    field_validator,
    model_validator,
)

from jumeau.accounts import BASE_YEAR, LINES, TOTAL
from jumeau.accounts.place import Where, of_place
from jumeau.engine.radio_block import radio_model
from jumeau.engine.sweep import Sweep
from jumeau.engine.tour import MOST_STOPS, TourStop, check_tour
from jumeau.engine.where import Where as Filter
from jumeau.errors import InputError, Problem
from jumeau.evaluation.parameters import EvaluationBlock, evaluation_model
from jumeau.factors import Domain, Factor, FactorTable
from jumeau.i18n import _
from jumeau.network import Network, account_specs, discover
from jumeau.simulation.shared import SHARED, shared_factors
from jumeau.territory.model import Territory
from jumeau.territory.place import place_of
from jumeau.units import Quantity, QuantityError, parse_clock, parse_quantity, percent_meant
from jumeau.yaml_file import LocatedMapping, parse_yaml, read_yaml, validate
from jumeau.yaml_types import Block, Text, factor_fields

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


#: Years between which a period lies: those of price indices, and of holidays and clock changes that are known or follow
#: rules in force.
FIRST_YEAR, LAST_YEAR = 1950, 2100
#: Days of the longest period: the life of most equipment. What happens later asks for another scenario.
MOST_DAYS = 30 * 365 + 8


class Period(Block):
    """The simulated period, local time."""

    start: date
    """First day."""
    end: date
    """Last day, included."""

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.end < self.start:
            raise ValueError(_("the period ends before it starts"))
        if self.start.year < FIRST_YEAR or self.end.year > LAST_YEAR:
            message = _("the period must lie between {first} and {last}: calendars and the sun are not known beyond")
            raise ValueError(message.format(first=FIRST_YEAR, last=LAST_YEAR))
        if (self.end - self.start).days >= MOST_DAYS:
            raise ValueError(_("the period is longer than {years} years").format(years=MOST_DAYS // 365))
        return self


class Precision(Block):
    """How precise a result must be before replications stop."""

    indicator: str
    """Network and indicator, for instance `lighting.energy`."""
    half_width: str | float
    """Half of the 95 % interval of the paired difference, with its unit."""


class Replications(Block):
    """Replications until a precision is reached."""

    minimum: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Replications that are always run."""
    maximum: Annotated[int, Field(ge=2, le=10_000)] = 200
    """Replications after which the run stops whatever the precision."""
    precision: Precision
    """What is wanted."""

    @model_validator(mode="after")
    def _ordered(self) -> Replications:
        if self.maximum < self.minimum:
            raise ValueError(_("maximum is below minimum"))
        return self


class Draws(Replications):
    """Draws of uncertain assumptions until a precision is reached: that of the mean over them."""

    minimum: Annotated[int, Field(ge=4, le=10_000)] = 10
    """Draws that are always simulated."""
    maximum: Annotated[int, Field(ge=4, le=10_000)] = 100
    """Draws after which the run stops whatever the precision."""


class Shift(Block):
    """Working hours of a day, local clock time."""

    start: Annotated[str, Field(alias="from")] = "08:00"
    """Start of the day."""
    end: Annotated[str, Field(alias="to")] = "16:00"
    """End of the day."""

    @property
    def hours(self) -> tuple[float, float]:
        """Start and end [h]."""
        return parse_clock(self.start), parse_clock(self.end)

    @model_validator(mode="after")
    def _ordered(self) -> Shift:
        start, end = self.hours
        if end <= start:
            raise ValueError(_("the shift ends before it starts"))
        return self


class Crew(Block):
    """A pool of identical crews, possibly shared by several networks."""

    count: Annotated[int, Field(ge=1, le=1000)] = 2
    """Crews in the pool."""
    shift: Shift = Shift()
    """Working hours."""
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS[:5]
    """Working days; public holidays are off."""
    serves: list[str] = Field(min_length=1)
    """Networks that the crews work for."""
    depot: tuple[float, float] | None = None
    """Where they start from, in the territory's CRS [m]; a central place when absent."""

    @field_validator("serves")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        for name in value:
            if name not in discover():
                raise ValueError(_("unknown network « {name} »").format(name=name))
        return value


class Correlation(Block):
    """A rank correlation between two uncertain numbers."""

    between: tuple[str, str]
    """Their names, for instance `[shared.electricity_price, shared.gas_price]`."""
    rank: Annotated[float, Quantity("1", minimum=-0.999, maximum=0.999)]
    """Rank correlation (Spearman)."""


class Promise(Block):
    """What a variant was sized to bring, so that its simulation can be held against it (`jumeau size --run`)."""

    figure: str
    """Network and figure, for instance `water.real_losses`."""
    difference: str | float
    """Difference over the period, after less before, with its unit."""
    tolerance: str | float | None = None
    """What the model that promised does not know, with its unit."""
    reasons: tuple[Text, ...] = ()
    """Why the simulation may say something else."""

    @model_validator(mode="after")
    def _readable(self) -> Promise:
        network, _dot, name = self.figure.partition(".")
        known = {item.name: item.unit for item in discover()[network].said} if network in discover() else {}
        if name not in known:
            raise ValueError(_("no network gives the figure « {name} »").format(name=self.figure))
        for value in (self.difference, self.tolerance):
            if value is not None:
                parse_quantity(value, known[name])
        return self


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


class _Generated(Block):
    """What models made at run time derive from: they have no docstrings of attributes, and looking takes long."""

    model_config = ConfigDict(use_attribute_docstrings=False)


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
        __base__=_Generated,
        __doc__="Distribution of an uncertain assumption; `table` takes the range of the shipped factor.",
        law=(_LAWS, "table"),
        low=(amount, None),
        mode=(amount, None),
        high=(amount, None),
        source=(str, ""),
    )


def _optional(fields: dict[str, tuple[Any, Any]], name: str, doc: str) -> type[BaseModel]:
    model: type[BaseModel] = create_model(name, __base__=_Generated, __doc__=doc, **fields)  # type: ignore[call-overload]
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
        __base__=_Generated,
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


class Scenario:
    """A scenario read from a file: the validated model, and where it stood.

    Attributes
    ----------
    data : ScenarioBase
        The frozen model.
    file : Path
        Where it was read; paths in it are relative to its folder.
    text : str
        The file's own text.
    place : Where
        Of its territory, once it is told: prices and emissions depend on it.
    """

    def __init__(
        self,
        data: ScenarioBase,
        file: Path,
        text: str,
        found: Sequence[str] = (),
        lines: LocatedMapping | None = None,
        place: Where | None = None,
    ) -> None:
        self.data = data
        self.file = file
        self.text = text
        self._found = tuple(found)
        self._lines = lines or LocatedMapping({}, str(file))
        self.place = place or Where()

    def __repr__(self) -> str:
        period, variants = self.data.period, ", ".join(self.data.variants) or "none"
        return (
            f"<Scenario {self.data.name!r} on {self.data.territory}, {period.start} to {period.end}\n"
            f"  networks: {', '.join(self.networks())}\n  variants: {variants}>"
        )

    def problem(self, path: tuple[str | int, ...], message: str, hint: str = "", *, warning: bool = False) -> Problem:
        """Return what is wrong at a key path of the file, with its line."""
        return replace(self._lines.problem(path, message, hint), warning=warning)

    def written(self, path: tuple[str | int, ...]) -> Any:
        """Return what the file itself says at a key path; nothing where it says nothing."""
        found: Any = self._lines.data
        for key in path:
            if isinstance(found, Mapping):
                found = found.get(str(key))
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found = found[key]
            else:
                return {}
        return {} if found is None else found

    @property
    def folder(self) -> Path:
        """Folder that paths are relative to."""
        return self.file.parent

    def territory_path(self) -> Path | str:
        """Return the territory's file, or its bundled name."""
        from jumeau.territory.bundled import BUNDLED

        if self.data.territory in BUNDLED:
            return self.data.territory
        return self.folder / self.data.territory

    def shared_factors(self) -> FactorTable:
        """Return the factors that networks share: of the territory's place, prices in euros of the base year.

        Raises
        ------
        InputError
            When the index of prices does not know that year.
        """
        try:
            return of_place(shared_factors(self.data.base_year), self.place)
        except InputError as error:
            raise InputError(*(replace(item, file=str(self.file)) for item in error.problems)) from error

    def with_evaluation(self, block: EvaluationBlock) -> Scenario:
        """Return the scenario with another evaluation."""
        data = self.data.model_copy(update={"evaluation": block})
        return Scenario(data, self.file, self.text, self._found, self._lines, self.place)

    def networks(self) -> list[str]:
        """Return the names of the networks to simulate, sorted."""
        return sorted(set(self.data.networks) or set(self._found or discover()))

    def on(self, territory: Territory) -> Scenario:
        """Return the scenario as it applies to a territory.

        Where it names no networks, those are simulated that its measures speak of and those that the territory has
        layers for.
        """
        fed = {
            name
            for name, network in discover().items()
            if all(layer in territory.layers for layer in network.attributes.needed)
            and any(len(territory.layers[layer]) for layer in network.attributes.needed)
        }
        place = place_of(territory)
        return Scenario(self.data, self.file, self.text, sorted(self._spoken() | fed), self._lines, place)

    def _spoken(self) -> set[str]:
        """Return the networks that measures speak of."""
        situations = [self.data.baseline, *self.data.variants.values()]
        return {call.measure.split(".", 1)[0] for situation in situations for call in situation.measures}


def read_scenario(path: Path | str) -> Scenario:
    """Read and check a scenario file.

    Parameters
    ----------
    path : Path or str
        A YAML file, or the name of a bundled scenario (`demo`).

    Raises
    ------
    InputError
        With file, line, key, value and what to do, for every problem at once.
    """
    file = locate_scenario(path)
    data = read_yaml(file)
    return _read(data, file, file.read_text(encoding="utf-8"))


def read_scenario_text(text: str, file: Path) -> Scenario:
    """Read and check the text of a scenario, as if it stood in a file; see `read_scenario`."""
    return _read(parse_yaml(text, str(file)), file, text)


def _read(data: LocatedMapping, file: Path, text: str) -> Scenario:
    found = Scenario(validate(scenario_model(), data, file), file, text, lines=data)
    check_tour(found)
    return found


def locate_scenario(path: Path | str) -> Path:
    """Return the file of a scenario given by path or by bundled name."""
    from jumeau.territory.bundled import bundled_folder

    file = Path(path)
    if file.is_file():
        return file
    bundled = bundled_folder("scenarios") / f"{path}.yaml"
    if bundled.is_file() and file.suffix == "":
        return bundled
    names = ", ".join(sorted(item.stem for item in bundled_folder("scenarios").glob("*.yaml")))
    raise InputError(
        _("no such scenario: {path}").format(path=path),
        hint=_("give a YAML file, or one of: {names}").format(names=names),
    )

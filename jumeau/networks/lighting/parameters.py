"""What a scenario can say about lighting: structured assumptions and the parameters of each measure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from jumeau.i18n import _
from jumeau.networks.lighting.formats.moments import EVENTS, Moment, SunMoment, read_said
from jumeau.networks.lighting.formats.nights import DAYS, Dates, Nights
from jumeau.networks.lighting.formats.windows import Window
from jumeau.units import Quantity, QuantityError
from jumeau.yaml_types import Block, ClockTime, Money, Share, clock_text, read_clock


def _read_level(value: object) -> object:
    # YAML 1.1 reads `off` as the truth value `false`.
    return 0 if value is False or value == "off" else value


Level = Annotated[
    float,
    Quantity("1", minimum=0.0, maximum=1.0),
    BeforeValidator(_read_level),
    # Editors that follow YAML 1.1 take `off` for a truth value.
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}, {"const": False}], "examples": ["50 %", "off"]}),
]
Power = Annotated[float, Quantity("W", minimum=0.0, maximum=2500.0)]
Offset = Annotated[float, Quantity("min", minimum=-120.0, maximum=120.0)]


def _read_moment(value: object) -> object:
    if isinstance(value, SunMoment):
        return value
    if isinstance(value, str):
        sun = read_said(value)
        if sun is not None:
            return sun
        if any(sign.isalpha() for sign in value.replace("h", "").replace("H", "")):
            raise ValueError(
                _("« {text} » is neither a clock time nor counted from one of: {events}").format(
                    text=value, events=", ".join(EVENTS)
                )
            )
    return read_clock(value)


def _moment_json(moment: Moment) -> str:
    return moment.said if isinstance(moment, SunMoment) else clock_text(moment)


NightTime = Annotated[
    Any,
    BeforeValidator(_read_moment),
    PlainSerializer(_moment_json, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["22:30", "civil_dusk + 20 min", "midnight_point - 2 h"]}),
]


def _read_dates(value: object) -> object:
    # YAML reads an unquoted 2025-12-24 as a date.
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str):
        raise QuantityError(_("« {text} » is neither a date nor a range such as « 05-15..08-15 »").format(text=text))
    return Dates.read(text)


NightDates = Annotated[
    Any,
    BeforeValidator(lambda value: value if isinstance(value, Dates) else _read_dates(value)),
    PlainSerializer(lambda value: value.text, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["05-15..08-15", "12-24", "2025-12-20..2026-01-05"]}),
]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "holiday_eve"]


class NightRule(Block):
    """When a rule of the night is in force: between two moments, in some nights."""

    start: NightTime = Field(alias="from")
    """Start: a local clock time, or a moment such as `civil_dusk + 20 min` or `midnight_point - 2 h`."""
    end: NightTime = Field(alias="to")
    """End, written as the start; a clock time may lie after midnight."""
    weekdays: list[Day] = Field(default_factory=list)
    """Evenings: days of the week, `holiday` (public holidays) or `holiday_eve`; all where absent."""
    dates: list[NightDates] = Field(default_factory=list)
    """Dates of the evenings, such as `05-15..08-15` every year or `2025-12-24`; all where absent."""
    except_dates: list[NightDates] = Field(default_factory=list)
    """Dates of evenings that are left out."""

    @property
    def nights(self) -> Nights:
        """Nights in which it is in force."""
        days = tuple(day for day in DAYS if day in self.weekdays)
        return Nights(days, tuple(self.dates), tuple(self.except_dates))

    def window(self) -> Window:
        """Return the window without light that physics knows."""
        return Window(self.start, self.end, 0.0, self.nights)


class WindowBlock(NightRule):
    """A part of the night at reduced output."""

    level: Level = Field()
    """Luminous flux over full flux, in percent; `off` for none."""

    def window(self) -> Window:
        """Return the window that physics knows."""
        return Window(self.start, self.end, self.level, self.nights)


class UpkeepBlock(Block):
    """Lines of upkeep, each of which may be left out."""

    without: list[
        Literal[
            "cables",
            "thefts",
            "cabinets",
            "inspections",
            "location_requests",
            "accidents",
            "vandalism",
            "cleaning",
            "patrols",
        ]
    ] = Field(default_factory=list)
    """Lines whose cost is not counted; night patrols go on finding faults."""


class HoursBlock(Block):
    """Hours of the day, in local clock time."""

    start: ClockTime = Field(alias="from")
    """Clock time from which."""
    end: ClockTime = Field(alias="to")
    """Clock time until which; it may lie after midnight."""


class TariffBlock(Block):
    """How delivery points (one per cabinet) buy electricity: by delivery option, season and class of hours."""

    option: Literal["best", "LU", "MU4", "CU4"] = "best"
    """Delivery option of cabinets that name none; `best` is the cheapest of each."""
    off_peak: list[HoursBlock] = Field(
        default_factory=lambda: [HoursBlock.model_validate({"from": "22:00", "to": "06:00"})], min_length=1
    )
    """Off-peak hours, 8 a day by the rules up to 36 kVA; the operator of the network sets them place by place."""


class Assumptions(Block):
    """Structured assumptions on lighting; single numbers are factors."""

    profiles: dict[str, list[WindowBlock]] = Field(default_factory=dict)
    """Named night profiles, which the column `profile` of lamps may use."""
    control: Literal["photocell", "astronomical"] = "photocell"
    """What switches cabinets of which nothing is known."""
    failed_lamps_consume: bool = False
    """Whether a lamp that gives no light goes on drawing its power (a discharge lamp that cycles may)."""
    upkeep: UpkeepBlock = Field(default_factory=UpkeepBlock)
    """Lines of upkeep that are left out."""
    tariff: TariffBlock | None = None
    """Bill by tariff instead of the plain prices of a kWh and a kVA."""
    subscribe: Literal["known", "optimal"] = "known"
    """Whether cabinets keep their known subscribed power, or take the smallest that holds their peak."""

    @model_validator(mode="after")
    def _check_names(self) -> Assumptions:
        for name in self.profiles:
            if not name.strip() or any(sign in name for sign in "=+:@"):
                raise ValueError(_("« {name} » cannot name a night profile").format(name=name))
        return self

    def named_profiles(self) -> dict[str, tuple[Window, ...]]:
        """Return the named profiles that physics knows."""
        return {name: tuple(block.window() for block in blocks) for name, blocks in self.profiles.items()}


class Product(Block):
    """A luminaire of a range."""

    flux: Annotated[float, Quantity("lm", minimum=1.0, maximum=400_000.0)]
    """Flux that leaves it."""
    power: Annotated[float, Quantity("W", minimum=0.1, maximum=2500.0)]
    """Power, driver included."""


class LedRetrofit(Block):
    """Replace luminaires by LED ones, chosen by the flux that the street needs unless a power is imposed."""

    sizing: Literal["needed_flux", "power_ratio"] = "needed_flux"
    """`needed_flux`: the smallest product that lights the street as its class asks, below the order's flux density;
    `power_ratio`: a share of the old power by technology. A stated power stands over both."""
    illuminance: Annotated[float, Quantity("lx", minimum=0.1, maximum=200.0)] | None = None
    """Maintained illuminance wanted; by lighting class, or else by road class, where absent."""
    products: list[Product] = Field(default_factory=list)
    """Range to choose from; the shipped one where absent."""
    power: Power | None = None
    """Power of every new luminaire, driver included."""
    power_ratio: Share | None = None
    """New power over the nominal power of the old lamp, without its gear."""
    power_table: dict[Annotated[float, Quantity("W", minimum=0.0)], Power] = Field(default_factory=dict)
    """New power by nominal power of the old lamp; lamps of other powers follow `power_ratio` or the factors."""
    cct: Annotated[float, Quantity("K", minimum=1000.0, maximum=12000.0)] | None = None
    """Colour temperature of the new luminaires; the highest that the order allows at each place where absent, 3000 K on
    roads."""
    ulr: Share = 0.0
    """Upward light ratio of the new luminaires, as installed."""
    efficacy: Annotated[float, Quantity("lm/W", minimum=1.0, maximum=300.0)] | None = None
    """Flux per watt of the new luminaires; the factor, by colour temperature, where absent."""
    installed_year: int | None = Field(default=None, ge=1900, le=2100)
    """Year of installation; the start of the period where absent."""
    replace_led: bool = False
    """Whether LED luminaires among the selected ones are replaced too."""
    renegotiate_subscription: bool = True
    """Whether known subscribed powers fall with the load of their cabinet."""
    unit_cost: Money | None = None
    """Supply and installation of one luminaire; the factor where absent."""
    masts: Literal["keep", "older_than_life", "all"] = "keep"
    """Which masts are replaced with their lanterns; their age is that of `installed_year`."""
    mast_cost: Money | None = None
    """Supply and installation of one mast, lantern left out; the factor where absent."""
    brackets: Literal["keep", "older_than_life", "all"] = "keep"
    """Which brackets are replaced with their lanterns."""

    @model_validator(mode="after")
    def _check_ages(self) -> LedRetrofit:
        if "older_than_life" in (self.masts, self.brackets) and self.installed_year is None:
            raise ValueError(_("`older_than_life` needs `installed_year`, against which ages are counted"))
        return self

    @model_validator(mode="after")
    def _check_one_rule(self) -> LedRetrofit:
        if self.power is not None and (self.power_ratio is not None or self.power_table):
            raise ValueError(_("state either `power`, or `power_ratio` and `power_table`"))
        if not self.by_need and (self.illuminance is not None or self.products):
            raise ValueError(_("a power is imposed: `illuminance` and `products` would not be read"))
        return self

    @property
    def by_need(self) -> bool:
        """Whether luminaires are chosen by the flux needed."""
        imposed = self.power is not None or self.power_ratio is not None or self.power_table
        return self.sizing == "needed_flux" and not imposed


class Dimming(Block):
    """Reduce the flux in the middle of the night."""

    profile: list[WindowBlock] = Field(min_length=1)
    """Windows of reduced output; elsewhere output is full."""
    unit_cost: Money | None = None
    """Cost per lamp; the factor of its technology where absent."""


class SwitchOff(NightRule):
    """Switch lamps off in a part of the night, of every night or of some."""

    unit_cost: Money | None = None
    """Cost of a clock in each cabinet that has none; the factor where absent."""


class Relighting(Block):
    """Light again what is switched off in the middle of the night: undoes earlier measures and the lamps' profiles."""

    start: NightTime | None = Field(default=None, alias="from")
    """Start of the hours that are lit again; with `to` absent, all that is switched off is lit again."""
    end: NightTime | None = Field(default=None, alias="to")
    """End of these hours."""
    level: Level = 1.0
    """Flux while lit again; dimming stays where it asks for less."""
    weekdays: list[Day] = Field(default_factory=list)
    """Evenings that are lit again, as in `switch_off`; all where absent."""
    dates: list[NightDates] = Field(default_factory=list)
    """Dates of the evenings, as in `switch_off`; all where absent."""
    except_dates: list[NightDates] = Field(default_factory=list)
    """Dates of evenings that stay as they are."""
    unit_cost: Money | None = None
    """Setting of the clock of each cabinet concerned; the factor where absent."""

    @model_validator(mode="after")
    def _check_both(self) -> Relighting:
        if (self.start is None) != (self.end is None):
            raise ValueError(_("state `from` and `to`, or neither"))
        if self.level == 0.0:
            raise ValueError(_("lit again with no light: state a `level`, or leave it out"))
        return self

    def window(self) -> Window:
        """Return the window that physics knows; of the whole day where no hours are stated."""
        days = tuple(day for day in DAYS if day in self.weekdays)
        nights = Nights(days, tuple(self.dates), tuple(self.except_dates))
        whole_day: Moment = 0.0
        start: Moment = whole_day if self.start is None else self.start
        end: Moment = whole_day if self.end is None else self.end
        return Window(start, end, self.level, nights, relit=True)


class DarkCorridor(Block):
    """Make a dark corridor (trame noire): warm light, dimming or darkness for the lamps that stand on it."""

    cct: Annotated[float, Quantity("K", minimum=1000.0, maximum=12000.0)] | None = None
    """Colour temperature: luminaires of a colder light are replaced, LED ones too; none is replaced where absent."""
    illuminance: Annotated[float, Quantity("lx", minimum=0.1, maximum=200.0)] | None = None
    """Maintained illuminance that new luminaires are chosen for; by lighting or road class where absent."""
    dimming: list[WindowBlock] = Field(default_factory=list)
    """Windows of reduced output, as in `dimming`."""
    switch_off: NightRule | None = None
    """When lamps are off: `{from, to}`, and nights as in `switch_off`."""
    luminaire_cost: Money | None = None
    """Supply and installation of one luminaire; the factor where absent."""

    @model_validator(mode="after")
    def _check_something(self) -> DarkCorridor:
        if self.cct is None and not self.dimming and self.switch_off is None:
            raise ValueError(_("state `cct`, `switch_off` or `dimming`: a dark corridor changes something"))
        return self


class Curfew(Block):
    """Switch lamps off at the hours of the order of 27 December 2018, by category (heritage and parks, car parks)."""

    closing: ClockTime | None = None
    """Closing of the park, or end of the activity that a car park serves."""
    opening: ClockTime | None = None
    """Start of the activity that a car park serves, where it is early."""
    unit_cost: Money | None = None
    """Cost of a clock in each cabinet that has none; the factor where absent."""


class MotionDetection(Block):
    """Lower lamps while nobody passes (LED only)."""

    idle: Level = 0.1
    """Flux while nobody passes."""
    hold: Annotated[float, Quantity("s", minimum=1.0, maximum=3600.0)] = 60.0
    """Time at the high level after the last passage."""
    group: Annotated[float, Quantity("lamp", minimum=1.0, maximum=200.0)] = 3.0
    """Lamps that one detection brings to the high level."""
    start: ClockTime = Field(default=0.0, alias="from")
    """Clock time from which detection works; equal to `to`, it works all night."""
    end: ClockTime = Field(default=0.0, alias="to")
    """Clock time until which detection works."""
    unit_cost: Money | None = None
    """Supply and installation of one sensor; the factor where absent."""


class RemoteManagement(Block):
    """Fit a node on each lamp, which reports faults; night patrols leave these lamps out."""

    standby: Annotated[float, Quantity("W", minimum=0.0, maximum=20.0)] | None = None
    """Power of a node, day and night; the factor where absent."""
    annual_fee: Annotated[float, Quantity("EUR/year", minimum=0.0)] | None = None
    """Fee per node; the factor where absent."""
    alarm_delay: Annotated[float, Quantity("h", minimum=0.0, maximum=720.0)] | None = None
    """Longest delay of an alarm; the factor where absent."""
    unit_cost: Money | None = None
    """Supply and installation of one node; the factor where absent."""


class ConstantLightOutput(Block):
    """Let LED drivers keep the flux constant over life (LED only)."""

    unit_cost: Money | None = None
    """Cost per lamp; the factor where absent."""


class AstronomicalClock(Block):
    """Replace a cabinet's photocell by an astronomical clock."""

    evening_offset: Offset = 0.0
    """Delay of switching on after the sun's threshold; negative for earlier."""
    morning_offset: Offset = 0.0
    """Delay of switching off after the sun's threshold; negative for earlier."""
    unit_cost: Money | None = None
    """Cost per cabinet; the factor where absent."""


class Maintenance(Block):
    """Change how faults are looked for and handed on."""

    patrol_interval: Annotated[float, Quantity("day", minimum=1.0, maximum=3650.0)] | None = None
    """Time between two night patrols; unchanged where absent."""
    dispatch_delay: Annotated[float, Quantity("day", minimum=0.0, maximum=365.0)] | None = None
    """Time from the report of a fault to its work order; unchanged where absent."""

    @model_validator(mode="before")
    @classmethod
    def _check_something(cls, values: Any) -> Any:
        if isinstance(values, dict) and not values:
            raise ValueError(_("state `patrol_interval`, `dispatch_delay` or both"))
        return values


class ConnectedClock(Block):
    """Fit each cabinet with an astronomical clock that is set and read from afar."""

    evening_offset: Offset | None = None
    """Delay of switching on after the sun's threshold; unchanged where absent."""
    morning_offset: Offset | None = None
    """Delay of switching off after the sun's threshold; unchanged where absent."""
    unit_cost: Money | None = None
    """Supply and installation of one clock; the factor where absent."""
    annual_fee: Annotated[float, Quantity("EUR/year", minimum=0.0)] | None = None
    """Fee per clock; the factor where absent."""


class PartialLighting(Block):
    """Leave a part of the lamps dark: one feeder of each cabinet, or one lamp in so many along each street."""

    feeder: str | None = None
    """Feeder that goes dark; without it lamps are put out one by one, by their fuse."""
    one_in: Annotated[int, Field(ge=2, le=10)] = 2
    """Without `feeder`: one lamp in so many goes dark, all night."""
    start: ClockTime = Field(default=0.0, alias="from")
    """With `feeder`: clock time at which it goes dark; equal to `to`, all night."""
    end: ClockTime = Field(default=0.0, alias="to")
    """With `feeder`: clock time at which it comes back where it is still dark."""
    unit_cost: Money | None = None
    """Cost per cabinet (`feeder`) or per lamp put out; the factor where absent."""

    @model_validator(mode="after")
    def _check_fuses(self) -> PartialLighting:
        if self.feeder is None and self.start != self.end:
            raise ValueError(_("a fuse that is pulled darkens a lamp all night: `from` and `to` need a `feeder`"))
        return self

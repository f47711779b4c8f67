"""What a scenario can say about water: structured assumptions and the parameters of each measure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from jumeau.i18n import _
from jumeau.networks.water.physics.bursts import MATERIALS
from jumeau.units import Quantity
from jumeau.yaml_types import Block, ClockTime, Money, Share

Days = Annotated[float, Quantity("day", minimum=1.0, maximum=36500.0)]
Head = Annotated[float, Quantity("m", minimum=0.0, maximum=500.0)]
Drop = Annotated[float, Quantity("m", minimum=0.0, maximum=200.0)]


class KnownLeak(Block):
    """A leak that is imposed rather than drawn, as in a replayed year."""

    pipe: str
    """Identifier of the pipe; the leak lies at its middle."""
    start: datetime
    """Local time at which it starts."""
    end: datetime | None = None
    """Local time at which it is mended; it outlives the period where absent."""
    peak: datetime | None = None
    """Local time at which its diameter, that grows linearly from the start, is full; at once where absent."""
    diameter: Annotated[float, Quantity("mm", minimum=0.01, maximum=1000.0)]
    """Diameter of the opening, full-grown."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        for name in ("end", "peak"):
            moment = getattr(self, name)
            if moment is not None and moment.replace(tzinfo=None) < self.start.replace(tzinfo=None):
                text = _("the leak of the pipe « {pipe} »: `{name}` ({moment}) is before `start` ({start})")
                raise ValueError(text.format(pipe=self.pipe, name=name, moment=moment, start=self.start))
        return self


class Assumptions(Block):
    """Structured assumptions of the water network; single numbers are factors."""

    draw_leaks: bool = True
    """Whether leaks are drawn; without, only known leaks run and there is no background leakage."""
    known_leaks: tuple[KnownLeak, ...] = ()
    """Leaks that are imposed."""
    emitters: Literal["apart", "leaks", "customers"] = "apart"
    """What the water of EPANET's emitters is: neither sold nor lost (fire flow, sprinklers), leaks, or consumption."""
    leak_finders: Annotated[int, Field(ge=1, le=1000)] = 2
    """Teams that locate leaks; they keep the hours of the crews."""


class AcousticLoggers(Block):
    """Fix acoustic loggers on valves and hydrants, so that the selected pipes are heard every night."""

    coverage: Share = 0.95
    """Share of the selected length to be heard; loggers are placed until it is."""
    count: Annotated[int, Field(ge=1)] | None = None
    """Most loggers to place."""
    sites: tuple[str, ...] = ()
    """Junctions where loggers stand, such as `jumeau size loggers` chooses; placed by the measure where absent."""
    range_metal: Annotated[float, Quantity("m", minimum=1.0, maximum=2000.0)] | None = None
    """How far a logger hears along metal pipes; the factor where absent."""
    range_plastic: Annotated[float, Quantity("m", minimum=1.0, maximum=2000.0)] | None = None
    """How far a logger hears along plastic pipes; the factor where absent."""
    failing_share: Share | None = None
    """Share of the loggers that are out of order at any time; the factor where absent."""
    unit_cost: Money | None = None
    """Supply and installation of one logger; the factor where absent."""


class SectorMeters(Block):
    """Watch the night flow of the selected sectors: their borders are closed by valves, but for few metered links.

    EPANET tells which valves may be closed. The sectors are those that pipes name in `sector_id`, unless a size is
    asked for: they are then drawn anew along the cheapest borders.
    """

    sectors: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Sectors to draw anew in place of the selected ones."""
    connections: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Service connections of each sector to draw anew, about."""
    length: Annotated[float, Quantity("km", minimum=0.01, maximum=100_000.0)] | None = None
    """Length of mains of each sector to draw anew, about."""
    boundaries: Literal["closed", "metered"] = "closed"
    """Whether borders are closed by valves where pressure allows it, or metered wherever water crosses."""
    max_feeds: Annotated[int, Field(ge=1, le=100)] = 3
    """Metered links that a sector should not exceed, in and out; it does where no valve may be closed."""
    minimum_pressure: Head | None = None
    """Pressure that customers keep at least, on the busiest day; the factor where absent."""
    allowed_drop: Drop | None = None
    """Drop of pressure allowed where it is below that minimum already; the factor where absent."""
    peak_factor: Annotated[float, Field(ge=0.1, le=10.0)] | None = None
    """Demand of the day for which borders are tried, over that of the model; the factor where absent."""
    closable_diameter: Annotated[float, Quantity("mm", minimum=0.0, maximum=5000.0)] | None = None
    """Largest main that a valve may close; the factor where absent."""
    trunk_diameter: Annotated[float, Quantity("mm", minimum=1.0, maximum=5000.0)] | None = None
    """Mains from this diameter on stay outside all sectors that are drawn anew; none where absent."""
    unit_cost: Money | None = None
    """Supply and installation of one meter, whatever its diameter; the factors where absent."""
    valve_cost: Money | None = None
    """Cost of one closed valve, whatever its diameter; the factors where absent."""

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if sum(value is not None for value in (self.sectors, self.connections, self.length)) > 1:
            raise ValueError(_("state one of `sectors`, `connections` and `length` at most"))
        if self.trunk_diameter is not None and not self.anew:
            raise ValueError(_("`trunk_diameter` asks for `sectors`, `connections` or `length`"))
        return self

    @property
    def anew(self) -> bool:
        """Whether sectors are drawn anew."""
        return any(value is not None for value in (self.sectors, self.connections, self.length))


class StepTests(Block):
    """Cut off the selected sectors' parts by valves at night, one after another, before they are walked."""

    step_length: Annotated[float, Quantity("m", minimum=50.0, maximum=50_000.0)] | None = None
    """Length of main that one step cuts off; the factor where absent."""


class LeakSurvey(Block):
    """Survey the selected pipes with mobile listening devices (lift and shift)."""

    interval: Days = 365.0
    """Time between two passes."""


Modulation = Literal["fixed", "flow", "critical_point"]


class PressureReduction(Block):
    """Lower the setting of the selected reducing valves, all day or at night."""

    reduction: Drop | None = None
    """Metres taken from the present setting."""
    setting: Head | None = None
    """New setting."""
    minimum_pressure: Head | None = None
    """Pressure that the worst served customer behind the valve keeps: the setting is found by EPANET."""
    modulation: Modulation = "fixed"
    """With `minimum_pressure`: one setting, one that follows the flow, or one that follows the critical point."""
    night_reduction: Drop | None = None
    """Metres taken from the day's setting during the night window."""
    night_setting: Head | None = None
    """Setting during the night window."""
    start: ClockTime = Field(default=23.0, alias="from")
    """Clock time at which the night setting starts."""
    end: ClockTime = Field(default=5.0, alias="to")
    """Clock time at which it ends."""
    night_only: bool = False
    """With `minimum_pressure`: whether it is sought in the night window only, the present setting standing by day."""
    unit_cost: Money | None = None
    """Cost of one controller, where the setting changes over the day; the factor where absent."""

    @model_validator(mode="after")
    def _check_something(self) -> Self:
        day = (self.reduction, self.setting, self.minimum_pressure)
        if all(value is None for value in (*day, self.night_reduction, self.night_setting)):
            raise ValueError(
                _("state `reduction`, `setting`, `minimum_pressure`, `night_reduction` or `night_setting`")
            )
        if self.minimum_pressure is not None and (self.night_reduction, self.night_setting) != (None, None):
            raise ValueError(_("with `minimum_pressure`, state `night_only` rather than a night setting"))
        if sum(value is not None for value in day) > 1:
            raise ValueError(_("state one of `reduction`, `setting` and `minimum_pressure`"))
        if self.night_reduction is not None and self.night_setting is not None:
            raise ValueError(_("state `night_reduction` or `night_setting`, not both"))
        _check_modulation(self)
        return self


class PressureValve(Block):
    """Install reducing valves: one in each selected pipe, or at each entry of the zone that the selected pipes make."""

    entries: bool = False
    """Whether the selected pipes are a zone, and valves stand where water enters it; else in each selected pipe."""
    setting: Head | None = None
    """Pressure behind the valves."""
    minimum_pressure: Head | None = None
    """Pressure that the worst served customer behind the valves keeps: the setting is found by EPANET."""
    modulation: Modulation = "fixed"
    """With `minimum_pressure`: one setting, one that follows the flow, or one that follows the critical point."""
    night_only: bool = False
    """Whether the valves lower pressure in the night window only, and stand open by day."""
    start: ClockTime = Field(default=23.0, alias="from")
    """Clock time at which the night window starts."""
    end: ClockTime = Field(default=5.0, alias="to")
    """Clock time at which it ends."""
    valve_cost: Money | None = None
    """Supply and installation of one valve; the factor of its diameter where absent."""
    chamber_cost: Money | None = None
    """Chamber of one valve, civil works; the factor where absent."""
    controller_cost: Money | None = None
    """Cost of one controller, where the setting changes over the day; the factor where absent."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.setting is None) == (self.minimum_pressure is None):
            raise ValueError(_("state `setting` or `minimum_pressure`, one of them"))
        _check_modulation(self)
        return self


def _check_modulation(block: PressureReduction | PressureValve) -> None:
    if block.minimum_pressure is None and block.modulation != "fixed":
        raise ValueError(_("`modulation` by flow or critical point asks for `minimum_pressure`"))


class RemoteReading(Block):
    """Read the selected meters remotely: no more rounds, and leaks after the meter are told within days."""

    unit_cost: Money | None = None
    """Supply and installation of one meter with its radio; the factor where absent."""
    annual_fee: Annotated[float, Quantity("EUR/year", minimum=0.0)] | None = None
    """Fee per meter; the factor where absent."""


class PipeRenewal(Block):
    """Renew the pipes that burst the most, among the selected ones, up to a limit: the last one in part."""

    length: Annotated[float, Quantity("km", minimum=0.0)] | None = None
    """Length to renew."""
    share: Share | None = None
    """Share of the whole network's length to renew, once."""
    rate: Annotated[float, Quantity("1/year", minimum=0.0, maximum=1.0)] | None = None
    """Share of the whole network's length to renew in each year of the programme."""
    years: Annotated[int, Field(ge=1, le=100)] = 1
    """Years of the programme, with `rate`: the network is as it stands at its end."""
    budget: Money | None = None
    """Money to spend."""
    material: str = "ductile_iron"
    """Material of the new pipes."""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    """Year in which they are laid; as new during the whole period where absent."""
    cost: Annotated[float, Quantity("EUR/km", minimum=0.0)] | None = None
    """Cost of renewal; the factor where absent."""
    ranking: Literal["bursts", "risk"] = "bursts"
    """What is renewed first: the pipes that burst the most, or those whose bursts cost the most, customers without
    water weighed (as in the study `water.renewal`)."""

    @model_validator(mode="before")
    @classmethod
    def _check_one(cls, values: Any) -> Any:
        limits = ("length", "share", "rate", "budget")
        if isinstance(values, dict) and sum(values.get(key) is not None for key in limits) != 1:
            raise ValueError(_("state one of `length`, `share`, `rate` and `budget`"))
        if isinstance(values, dict) and values.get("years") is not None and values.get("rate") is None:
            raise ValueError(_("`years` goes with `rate`, as in `rate: 1 %/year`"))
        return values

    @model_validator(mode="after")
    def _check_material(self) -> Self:
        if self.material not in MATERIALS:
            raise ValueError(
                _("unknown material « {name} »; the materials: {names}").format(
                    name=self.material, names=", ".join(MATERIALS)
                )
            )
        return self

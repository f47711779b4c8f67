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
    range_metal: Annotated[float, Quantity("m", minimum=1.0, maximum=2000.0)] | None = None
    """How far a logger hears along metal pipes; the factor where absent."""
    range_plastic: Annotated[float, Quantity("m", minimum=1.0, maximum=2000.0)] | None = None
    """How far a logger hears along plastic pipes; the factor where absent."""
    failing_share: Share | None = None
    """Share of the loggers that are out of order at any time; the factor where absent."""
    unit_cost: Money | None = None
    """Supply and installation of one logger; the factor where absent."""


class SectorMeters(Block):
    """Measure the inflow of the selected sectors, and look at their night flow every day."""

    unit_cost: Money | None = None
    """Supply and installation of one meter; the factor where absent."""


class LeakSurvey(Block):
    """Survey the selected pipes with mobile listening devices (lift and shift)."""

    interval: Days = 365.0
    """Time between two passes."""


class PressureReduction(Block):
    """Lower the setting of the selected reducing valves, all day or at night."""

    reduction: Drop | None = None
    """Metres taken from the present setting."""
    setting: Head | None = None
    """New setting."""
    night_reduction: Drop | None = None
    """Metres taken from the day's setting during the night window."""
    night_setting: Head | None = None
    """Setting during the night window."""
    start: ClockTime = Field(default=23.0, alias="from")
    """Clock time at which the night setting starts."""
    end: ClockTime = Field(default=5.0, alias="to")
    """Clock time at which it ends."""
    unit_cost: Money | None = None
    """Cost of one controller, where a night setting is asked for; the factor where absent."""

    @model_validator(mode="after")
    def _check_something(self) -> Self:
        given = (self.reduction, self.setting, self.night_reduction, self.night_setting)
        if all(value is None for value in given):
            raise ValueError(_("state `reduction`, `setting`, `night_reduction` or `night_setting`"))
        if self.reduction is not None and self.setting is not None:
            raise ValueError(_("state `reduction` or `setting`, not both"))
        if self.night_reduction is not None and self.night_setting is not None:
            raise ValueError(_("state `night_reduction` or `night_setting`, not both"))
        return self


class RemoteReading(Block):
    """Read the selected meters remotely: no more rounds, and leaks after the meter are told within days."""

    unit_cost: Money | None = None
    """Supply and installation of one meter with its radio; the factor where absent."""
    annual_fee: Annotated[float, Quantity("EUR/year", minimum=0.0)] | None = None
    """Fee per meter; the factor where absent."""


class PipeRenewal(Block):
    """Renew the pipes that burst the most, among the selected ones, until a limit is reached."""

    length: Annotated[float, Quantity("km", minimum=0.0)] | None = None
    """Length to renew."""
    share: Share | None = None
    """Share of the whole network's length to renew."""
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
        if isinstance(values, dict) and sum(values.get(key) is not None for key in ("length", "share", "budget")) != 1:
            raise ValueError(_("state one of `length`, `share` and `budget`"))
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

"""What a scenario can say about mobility: structured assumptions and the parameters of each measure."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from jumeau.effort import ByEffort
from jumeau.i18n import _
from jumeau.units import Quantity
from jumeau.yaml_types import Block, Money, Share

YearlyFee = Annotated[float, Quantity("EUR/year", minimum=0.0)]
HourlyPrice = Annotated[float, Quantity("EUR/h", minimum=0.0, maximum=50.0)]
Speed = Annotated[float, Quantity("km/h", minimum=5.0, maximum=130.0)]


class Assumptions(Block):
    """Structured assumptions of the mobility network; single numbers are factors."""

    gap: Annotated[float, Field(ge=1e-8, le=1e-2), ByEffort(quick=1e-4, thorough=1e-6)] = 1e-5
    """Relative gap of the traffic equilibria."""
    trucks_apart: bool = True
    """Whether trucks keep off the streets that are not theirs. Their routes are then searched apart, which doubles the
    time of the equilibria: a large town may do without."""
    parking_days: Annotated[int, Field(ge=0, le=366), ByEffort(quick=1, thorough=12)] = 4
    """Days of the period, evenly spread, whose parking is followed driver by driver; the others are taken alike."""


class ParkingGuidance(Block):
    """Fit the selected blocks with sensors, and guide drivers to the free spaces."""

    adoption: Share
    """Share of the drivers who follow the guidance."""
    unit_cost: Money | None = None
    """Supply and installation of a sensor; the factor where absent."""
    annual_fee: YearlyFee | None = None
    """Fee per sensor; the factor where absent."""


class ParkingPrice(Block):
    """Charge the selected blocks otherwise."""

    price: HourlyPrice
    """Price of an hour."""


class ParkingControl(Block):
    """Control the selected blocks, so that more drivers pay."""

    payment: Share
    """Share of the time due that is paid under the controls: an input, not a result."""
    annual_fee: YearlyFee | None = None
    """Cost of the controls per space; the factor where absent."""


class AdaptiveSignals(Block):
    """Let the selected signals follow the traffic of every hour."""

    unit_cost: Money | None = None
    """Per crossing; the factor where absent."""
    annual_fee: YearlyFee | None = None
    """Upkeep per crossing; the factor where absent."""


class RetimeSignals(Block):
    """Make new timing plans for the selected signals."""

    unit_cost: Money | None = None
    """Per crossing; the factor where absent."""


class SpeedLimit(Block):
    """Lower the speed limit of the selected links."""

    limit: Speed
    """New limit; it never raises the speed of a street."""
    unit_cost: Annotated[float, Quantity("EUR/m", minimum=0.0)] | None = None
    """Per metre of street; the factor where absent."""


class CloseStreets(Block):
    """Close the selected links to motor traffic."""

    open_to_cyclists: bool = True
    """Whether they become cycleways."""


class BikeNetwork(Block):
    """Give cyclists a cycleway along the selected links."""

    unit_cost: Annotated[float, Quantity("EUR/m", minimum=0.0)] | None = None
    """Per metre of street; the factor where absent."""


class CarPooling(Block):
    """Support shared cars for the trips of the selected zones."""

    gain: Money
    """What a trip gains its persons: money, or time and comfort worth as much."""
    unit_cost: Money | None = None
    """Setting up the service; the factor where absent."""
    annual_fee: YearlyFee | None = None
    """Running it; the factor where absent."""


class ElectricVehicles(Block):
    """Replace vehicles of the selected fleets by electric ones."""

    share: Share
    """Share of the fleet that is electric afterwards; a fleet that is beyond stays as it is."""
    vehicles_per_charger: Annotated[float, Field(ge=1.0, le=1000.0)] = 3.0
    """Electric municipal vehicles that share a charge point of their depot."""
    public_points: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Public charge points added for private vehicles."""
    charger_power: Annotated[float, Quantity("kW", minimum=1.0, maximum=400.0)] = 22.0
    """Power of the charge points added."""

    @model_validator(mode="after")
    def _check_something(self) -> Self:
        if self.share <= 0.0 and self.public_points == 0:
            raise ValueError(_("state `share` above zero, or `public_points`"))
        return self

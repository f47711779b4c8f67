"""What a scenario can say about radio: technology, gateways, where devices stand, what fails and when."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import Field, create_model, model_validator

from jumeau.i18n import _
from jumeau.radio.coverage import TECHNOLOGIES
from jumeau.radio.path_loss import loss_models
from jumeau.radio.tables import FACTORS, SETTINGS, device_models
from jumeau.units import Quantity
from jumeau.yaml_types import Block, Share, factor_fields


class Gateway(Block):
    """A gateway of the radio network."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    """Name, by which failures speak of it."""
    x: float
    """East, in the territory's CRS [m]."""
    y: float
    """North, in the territory's CRS [m]."""
    height: Annotated[float, Quantity("m", minimum=1.0, maximum=400.0)] | None = None
    """Of the antenna above ground; the factor where absent."""


class Outage(Block):
    """Days on which a gateway is down."""

    gateway: str
    """Its name."""
    start: Annotated[date, Field(alias="from")]
    """First day."""
    end: Annotated[date | None, Field(alias="to")] = None
    """Last day, included; for good where absent."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError(_("the outage ends before it starts"))
        return self


class RadioBase(Block):
    """The radio network that carries the messages of devices; every message arrives where nothing is said of it."""

    technology: Literal["lorawan", "nbiot"] = "lorawan"
    """LoRaWAN, or NB-IoT of an operator."""
    gateways: list[Gateway] | str | None = None
    """Gateways (masts of the operator), as a list, or the path of a file of sites relative to this file."""
    coverage: Share | None = None
    """Share of the places where an operator is received, in place of its masts."""
    model: str = "hata_urban"
    """Model of path loss."""
    spreading: Annotated[int, Field(ge=7, le=12)] = 12
    """Slowest spreading factor of LoRaWAN."""
    settings: dict[str, str] = Field(default_factory=dict)
    """Where kinds of devices stand, in place of the shipped table: `{fill_sensor: indoor}`."""
    operated: bool | None = None
    """Whether an operator is paid by device, rather than gateways bought; NB-IoT always is."""
    outages: list[Outage] = Field(default_factory=list)
    """Gateways that fail."""
    end_of_service: date | None = None
    """First day without any service: the operator has stopped."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.gateways is None) == (self.coverage is None):
            raise ValueError(_("state `gateways` or `coverage`"))
        if self.gateways is not None and not self.gateways:
            raise ValueError(_("no candidate site"))
        if self.coverage is not None and self.outages:
            raise ValueError(_("`outages` are of gateways, and `coverage` has none"))
        if self.coverage is not None and not self.paid_by_device:
            raise ValueError(_("`coverage` is that of an operator: state `operated: true`"))
        names = ", ".join(loss_models())
        if self.model not in loss_models():
            raise ValueError(
                _("unknown model of path loss « {name} »; known are: {names}").format(name=self.model, names=names)
            )
        for setting in self.settings.values():
            if setting not in SETTINGS:
                message = _("unknown setting of a device « {name} »; known are: {names}")
                raise ValueError(message.format(name=setting, names=", ".join(SETTINGS)))
        for kind in self.settings:
            if kind not in device_models():
                message = _("unknown kind of device « {name} »; known are: {names}")
                raise ValueError(message.format(name=kind, names=", ".join(device_models())))
        return self

    @property
    def paid_by_device(self) -> bool:
        """Whether an operator is paid for each device."""
        return self.technology == TECHNOLOGIES[1] if self.operated is None else self.operated


@cache
def radio_model() -> type[RadioBase]:
    """Return the model of the block, with the factors of radio that it may replace."""
    made: type[RadioBase] = create_model("Radio", __base__=RadioBase, __doc__=RadioBase.__doc__, **_fields())
    return made


def _fields() -> dict[str, Any]:
    return {"assumptions": (create_model("Radio assumptions", __base__=Block, **factor_fields(FACTORS)), None)}

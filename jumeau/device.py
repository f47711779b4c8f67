"""Kinds of devices: what the bill says of them, by the names of factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jumeau.bill import BillItem
from jumeau.factors import FactorTable


@dataclass(frozen=True)
class Reliability:
    """How a kind of device fails, by the names of factors of its network; an empty name means never.

    Attributes
    ----------
    failures : str
        Failures after the first year [1/year].
    first_year : str
        Failures in the first year, when what was badly made or fitted shows [1/year]; those of later years where empty.
    vandalism : str
        Devices damaged or stolen, at any age [1/year].
    fouling : str
        Devices whose readings become useless until they are cleaned, at any age [1/year].
    battery : str
        Life of a battery that is changed on site [year]; empty where there is none, or it is sealed in for good.
    false_alarms : str
        Alarms without a cause of a device that works [1/year].
    """

    failures: str
    first_year: str = ""
    vandalism: str = ""
    fouling: str = ""
    battery: str = ""
    false_alarms: str = ""


@dataclass(frozen=True)
class Device:
    """What a kind of device is, by the names of its factors; an empty name means zero.

    Attributes
    ----------
    network : str
        Whose it is.
    kind, label : str
        Key, and English message id.
    price, life, power, fee, messages, carbon : str
        Names of factors.
    observes : str
        English message id: what it observes and why.
    reliability : Reliability, optional
        How it fails; None for what is no device, or is not simulated to fail.
    """

    network: str
    kind: str
    label: str
    price: str
    life: str
    power: str = ""
    fee: str = ""
    messages: str = ""
    carbon: str = ""
    observes: str = ""
    reliability: Reliability | None = None

    def bill(
        self,
        measure: str,
        layer: str,
        assets: Sequence[str],
        factors: FactorTable,
        *,
        price: float | None = None,
        fee: float | None = None,
        power: float | None = None,
        certificates: float = 0.0,
    ) -> tuple[BillItem, ...]:
        """Return the item for some assets, none where there are none; given numbers stand over the factors."""
        if not len(assets):
            return ()

        def value(name: str, given: float | None = None) -> float:
            if given is not None:
                return given
            return factors.value(name) if name else 0.0

        sources = [factors[name].source for name in (self.price, self.carbon) if name]
        if price is not None:
            sources[0] = "scenario"
        return (
            BillItem(
                network=self.network,
                measure=measure,
                kind=self.kind,
                label=self.label,
                count=float(len(assets)),
                unit_cost=value(self.price, price),
                annual_cost=value(self.fee, fee),
                life=value(self.life),
                power=value(self.power, power),
                messages_per_day=value(self.messages),
                embodied_carbon=value(self.carbon),
                observes=self.observes,
                assets=tuple(str(item) for item in assets),
                layer=layer,
                source="; ".join(dict.fromkeys(sources)),
                cost_factor="" if price is not None else self.price,
                fee_factor="" if fee is not None else self.fee,
                carbon_factor=self.carbon,
                life_factor=self.life,
                certificates=certificates,
            ),
        )

"""The bill items of lighting measures: what is installed, at which price, with which power and embodied carbon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jumeau.bill import BillItem
from jumeau.tables import FactorTable

NETWORK = "lighting"


@dataclass(frozen=True)
class Device:
    """What a kind of device is, by the names of its factors; an empty name means zero.

    Attributes
    ----------
    kind, label : str
        Key, and English message id.
    price, life, power, fee, messages, carbon : str
        Names of factors.
    observes : str
        English message id: what it observes and why.
    """

    kind: str
    label: str
    price: str
    life: str
    power: str = ""
    fee: str = ""
    messages: str = ""
    carbon: str = ""
    observes: str = ""

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
                network=NETWORK,
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
            ),
        )


# A luminaire draws what the lamps layer says: its power on the bill stays zero, so that nothing is counted twice.
LED = Device("led_luminaire", "LED luminaire", "led_price", "led_life", carbon="led_embodied_carbon")
NODE = Device(
    "lighting_node",
    "Remote management node",
    "node_price",
    "node_life",
    power="node_standby",
    fee="node_fee",
    messages="node_messages",
    carbon="node_embodied_carbon",
    observes="State and power of the lamp, so that a fault is known without a patrol",
)
MOTION = Device(
    "motion_sensor",
    "Motion sensor",
    "motion_price",
    "motion_life",
    power="motion_standby",
    messages="motion_messages",
    carbon="motion_embodied_carbon",
    observes="Passages under the lamp, so that light follows people and vehicles",
)
DRIVER_PROFILE = Device("driver_profile", "Dimming profile of an LED driver", "dimming_cost_led", "dimming_life")
BALLAST = Device(
    "bipower_ballast", "Bi-power ballast", "dimming_cost_discharge", "dimming_life", carbon="ballast_embodied_carbon"
)
CLOCK = Device("astronomical_clock", "Astronomical clock", "clock_price", "clock_life", carbon="clock_embodied_carbon")
CLO = Device("constant_light_output", "Constant light output of an LED driver", "clo_cost", "led_life")

"""The bill: what a deployment installs.

A measure returns, beside the new layers, a list of `BillItem`. Money, embodied carbon, the sensor register, radio
sizing and the pins of the 3D view all read it, so that a new device is declared once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from jumeau.factors import FactorTable


@dataclass(frozen=True)
class BillItem:
    """One kind of device or work that a measure installs.

    Attributes
    ----------
    network, measure : str
        Who asks for it.
    kind : str
        What it is, an English key such as `led_luminaire`; its label is in the catalogue.
    label : str
        What a person reads (English message id).
    count : float
        How many [item].
    unit_cost : float
        Supply and installation [EUR/item].
    annual_cost : float
        Fee or upkeep [EUR/item/year].
    life : float
        Service life [year].
    power : float
        Own electrical power, all year round [W/item]; for sizing only, since the network's energy already counts it.
    messages_per_day : float
        Radio messages sent [message/item/day].
    embodied_carbon : float
        Manufacture and end of life [kgCO2e/item].
    observes : str
        What it observes and why, in one sentence; empty when it observes nothing.
    assets : tuple of str
        Ids of the assets that carry it.
    layer : str
        Layer of these assets.
    source : str
        Where unit cost and carbon come from.
    certificates : float
        Energy saving certificates that its standard sheet grants [kWh/item], cumulated and discounted (kWh cumac).
    cost_factor, fee_factor, carbon_factor, life_factor : str
        Factors of the network that unit cost, yearly fee, embodied carbon and life are; empty where the scenario states
        them, or there is none.
    """

    network: str
    measure: str
    kind: str
    label: str
    count: float
    unit_cost: float
    annual_cost: float
    life: float
    power: float
    messages_per_day: float
    embodied_carbon: float
    observes: str
    assets: tuple[str, ...]
    layer: str
    source: str
    cost_factor: str = ""
    fee_factor: str = ""
    carbon_factor: str = ""
    life_factor: str = ""
    certificates: float = 0.0

    def priced(self, factors: FactorTable) -> BillItem:
        """Return the item at the prices, the life and the carbon of other factors."""

        def value(name: str, known: float) -> float:
            return factors.value(name) if name else known

        return replace(
            self,
            unit_cost=value(self.cost_factor, self.unit_cost),
            annual_cost=value(self.fee_factor, self.annual_cost),
            embodied_carbon=value(self.carbon_factor, self.embodied_carbon),
            life=value(self.life_factor, self.life),
        )

    @property
    def investment(self) -> float:
        """Investment [EUR]."""
        return self.count * self.unit_cost

    @property
    def embodied(self) -> float:
        """Embodied carbon [kgCO2e]."""
        return self.count * self.embodied_carbon

    @property
    def annual(self) -> float:
        """Yearly fee [EUR/year]."""
        return self.count * self.annual_cost


Bill = tuple[BillItem, ...]


def bill_table(bill: Iterable[BillItem]) -> pd.DataFrame:
    """Return the bill as a table, one row per item, assets left out."""
    fields = [name for name in BillItem.__dataclass_fields__ if name != "assets"]
    return pd.DataFrame([{name: getattr(item, name) for name in fields} for item in bill], columns=fields)

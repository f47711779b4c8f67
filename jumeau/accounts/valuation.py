"""From quantities and bills to the lines of the account: energy, fuel, CO2, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts.lines import LINES
from jumeau.accounts.price_list import VAT_RATE
from jumeau.accounts.quantity import ACTORS, CARRIERS, Quantity, Vocabulary
from jumeau.bill import BillItem
from jumeau.factors import FactorTable
from jumeau.units import conversion_factor

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Installed:
    """What a network's bill comes to.

    Attributes
    ----------
    investment : float
        [EUR].
    fees : float
        Fees and upkeep over the period [EUR].
    embodied : float
        [kgCO2e].
    """

    investment: float
    fees: float
    embodied: float

    @classmethod
    def of(cls, bill: Iterable[BillItem], years: float, factors: FactorTable | None = None) -> Installed:
        """Return the sums of a bill.

        Parameters
        ----------
        bill : iterable of BillItem
        years : float
            Length of the period [year].
        factors : FactorTable, optional
            The network's, where its prices are others than those that the bill was made with.
        """
        items = [item if factors is None else item.priced(factors) for item in bill]
        return cls(
            sum(item.investment for item in items),
            sum(item.annual for item in items) * years,
            sum(item.embodied for item in items),
        )


def energy_content(carrier: str, factors: FactorTable) -> float:
    """Return the energy of a unit of a carrier [kWh]."""
    known = CARRIERS[carrier]
    if not known.content:
        return conversion_factor(known.unit, "kWh")
    factor = factors[known.content]
    return factor.value * conversion_factor(factor.unit, f"kWh/{known.unit}")


def _per_unit(quantity: Quantity, name: str, measure: str, factors: FactorTable) -> float:
    """Return a factor as so much money, or CO2, per unit of the quantity, whatever unit it is stated in."""
    factor = factors[name]
    return factor.value * conversion_factor(factor.unit, f"{measure}/{quantity.unit.replace('*', '/')}")


def price_of(quantity: Quantity, factors: FactorTable) -> float:
    """Return what the quantity's actor pays for a unit [EUR]: with VAT or without, whichever way the list states it.

    Raises
    ------
    QuantityError
        When the price is not one of that kind of quantity.
    """
    if not quantity.price:
        return conversion_factor(quantity.unit, "EUR")
    price, vat = _per_unit(quantity, quantity.price, "EUR", factors), factors[quantity.price].vat
    rate = 1.0 + factors.value(VAT_RATE)
    without = price / rate if vat == "included" else price
    taxed = vat in ("included", "excluded") and ACTORS[quantity.actor].pays_vat
    return without * rate if taxed else without


def emission_of(quantity: Quantity, factors: FactorTable) -> float:
    """Return what a unit of the quantity emits [kgCO2e]; `QuantityError` as for `price_of`."""
    return _per_unit(quantity, quantity.emission, "kgCO2e", factors)


def lines_fed(vocabulary: Vocabulary) -> set[str]:
    """Return the names of the lines that the quantities themselves feed, and of those that hold these."""
    found = set()
    for quantity in vocabulary.values():
        carrier = CARRIERS[quantity.carrier] if quantity.carrier else None
        found |= {"energy"} if carrier else set()
        found |= {"fuel"} if carrier and carrier.fuel else set()
        found |= {line for line in (quantity.cost_line, quantity.carbon_line) if line}
    return _with_wholes(found)


def _with_wholes(names: Iterable[str]) -> set[str]:
    """Return lines of the account with all that they are part of."""
    found = set(names)
    for name in tuple(found):
        while name := LINES[name].part_of:
            found.add(name)
    return found


def lines_of(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the names of the lines that quantities feed, those of figures, bills and their sums included."""
    fed = _with_wholes({"energy", "fuel", "carbon", "cost", "fee_cost", "investment", "embodied_carbon"})
    fed |= lines_fed(vocabulary)
    return tuple(name for name in LINES if name in fed)


def value(
    quantities: Mapping[str, Any], vocabulary: Vocabulary, installed: Installed, factors: FactorTable
) -> dict[str, Floats]:
    """Return the lines of the account of one network.

    Parameters
    ----------
    quantities : mapping of str to array_like
        Of one shape, by name.
    vocabulary : mapping of str to Quantity
        Those of the network.
    installed : Installed
    factors : FactorTable
        The price list, and the network's own factors.

    Returns
    -------
    dict of str to ndarray
        See `lines_of`; each of the shape of the quantities.
    """
    arrays = {name: np.asarray(quantities[name], dtype=np.float64) for name in vocabulary}
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values())) if arrays else ()
    found = {name: np.zeros(shape) for name in lines_of(vocabulary)}

    def add(line: str, amount: Floats | float) -> None:
        # A part also counts in the whole that it belongs to.
        while line:
            found[line] = found[line] + amount
            line = LINES[line].part_of

    for name, quantity in vocabulary.items():
        if quantity.carrier:
            carrier = CARRIERS[quantity.carrier]
            amount = arrays[name] * conversion_factor(quantity.unit, carrier.unit)
            add("energy", amount * energy_content(quantity.carrier, factors))
            if carrier.fuel:
                add("fuel", amount * conversion_factor(carrier.unit, "l"))
        if quantity.cost_line:
            add(quantity.cost_line, arrays[name] * price_of(quantity, factors))
        if quantity.emission:
            add(quantity.carbon_line, arrays[name] * emission_of(quantity, factors))
    add("fee_cost", installed.fees)
    add("investment", installed.investment)
    add("embodied_carbon", installed.embodied)
    return found

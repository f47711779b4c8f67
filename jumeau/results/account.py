"""The account of finished runs, read back from their results: vocabulary, bills, factors, declared uncertainties.

Nothing here asks which networks there are: whatever a run gave can be valued anew from its folder alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pandas as pd
import xarray as xr

from jumeau.accounts import Quantity, Vocabulary
from jumeau.bill import BillItem
from jumeau.factors import Factor, FactorTable, read_domain

#: Attribute of a variable that is a quantity of a network: how it is priced, in JSON.
QUANTITY = "quantity"

#: Fields of a quantity that its variable does not say otherwise.
PRICED = ("carrier", "actor", "price", "cost_line", "emission", "carbon_line")

#: Name of the shared factors in the tables of results.
SHARED = "shared"

#: Columns that a table of factors has beside those of `Factor`.
SITUATION, SIMULATED, LAW = "situation", "simulated", "law"


def quantity_attribute(quantity: Quantity) -> str:
    """Return what a variable keeps of a quantity."""
    return json.dumps({name: getattr(quantity, name) for name in PRICED})


def vocabularies(dataset: xr.Dataset) -> dict[str, Vocabulary]:
    """Return the quantities of each network, by the attributes of their variables."""
    found: dict[str, dict[str, Quantity]] = {}
    for array in dataset.data_vars.values():
        attrs = array.attrs
        if QUANTITY not in attrs:
            continue
        name = str(attrs["indicator"])
        found.setdefault(str(attrs["network"]), {})[name] = Quantity(
            name=name,
            label=str(attrs["long_name"]),
            unit=str(attrs["units"]),
            better=str(attrs["better"]),
            group=str(attrs["group"]),
            description=str(attrs["long_name"]),
            **json.loads(attrs[QUANTITY]),
        )
    return dict(found)


def bill_items(bill: pd.DataFrame, variant: str, network: str) -> tuple[BillItem, ...]:
    """Return what a variant installs in a network; the assets that carry it are left out."""
    rows = bill[(bill["variant"] == variant) & (bill["network"] == network)]
    names = [item.name for item in fields(BillItem) if item.name in rows.columns]
    return tuple(
        BillItem(**{"assets": (), **{name: _typed(row[name]) for name in names}}) for row in rows.to_dict("records")
    )


def _typed(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else value


def factor_tables(factors: pd.DataFrame, situation: str) -> dict[str, FactorTable]:
    """Return the factors of a situation, by network (and `shared`); the baseline's where it has none of its own."""
    own = factors[factors[SITUATION].isin(["", situation])]
    names = [item.name for item in fields(Factor)]
    found: dict[str, dict[str, Factor]] = {}
    for row in own.to_dict("records"):
        values: dict[str, Any] = {name: row[name] for name in names}
        values |= {name: float(row[name]) for name in ("value", "low", "high")}
        values |= {"domain": read_domain(str(row["domain"])), "overridden": _true(row["overridden"])}
        values["year"] = str(row["year"])
        found.setdefault(str(row["network"]), {})[str(row["name"])] = Factor(**values)
    return {name: FactorTable(table) for name, table in found.items()}


def _true(value: object) -> bool:
    return str(value) in ("True", "1", "true")


def simulated(factors: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the factors that simulations read, as owner and name: another value asks for other runs."""
    return {(str(row["network"]), str(row["name"])) for row in factors.to_dict("records") if _true(row[SIMULATED])}


def declared_laws(factors: pd.DataFrame) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the distributions that the scenario declares, as owner and name -> `law`, `low`, `mode`, `high`."""
    return {
        (str(row["network"]), str(row["name"])): json.loads(row[LAW]) for row in factors.to_dict("records") if row[LAW]
    }

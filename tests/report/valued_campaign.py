"""A small campaign that can be valued: a network that no package ships, two variants, prices that are uncertain."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from report_campaign import origins, provenance

from jumeau.accounts import LINES, TOTAL, Installed, value
from jumeau.accounts.price_list import account_factors
from jumeau.accounts.quantity import VOCABULARY
from jumeau.bill import BillItem, bill_table
from jumeau.factors import Factor, FactorTable, read_domain
from jumeau.results import Results
from jumeau.results.account import LAW, QUANTITY, SIMULATED, SITUATION, quantity_attribute

NETWORK = "heat"
LABEL = {"fr": "Réseau de chaleur", "en": "District heating"}
VARIANTS = {
    "pumps": {"fr": "Pompes à vitesse variable", "en": "Variable speed pumps"},
    "panels": {"fr": "Écrans dans chaque sous-station", "en": "Screens in every substation"},
}
#: Electricity of the pumps, before and after [kWh].
USED = {"baseline": 400_000.0, "pumps": 250_000.0, "panels": 399_000.0}


def _factor(name, value, low, high, unit, domain="", description="", source="Price list of a syndicate, 2025"):
    return Factor(
        name, value, low, high, unit, "2025", source, "facts", "medium", description, "account",
        domain=read_domain(domain),
    )  # fmt: skip


OWN = FactorTable(
    {
        "pump_price": _factor("pump_price", 2_500.0, 1_500.0, 6_000.0, "EUR", description="Variable speed drive"),
        "pump_life": _factor("pump_life", 15.0, 10.0, 20.0, "year", "positive", "Service life of a drive"),
        "screen_price": _factor("screen_price", 900.0, 500.0, 1_800.0, "EUR", description="Screen, mounted"),
        "screen_life": _factor("screen_life", 8.0, 5.0, 12.0, "year", "positive", "Service life of a screen"),
        "pump_wear": _factor("pump_wear", 1.0, 0.8, 1.2, "1", description="Wear of pumps"),
    }
)


def _item(kind, label, count, unit_cost, life):
    return BillItem(
        NETWORK, kind, kind, label, count, unit_cost, 0.0, life, 0.0, 0.0, 20.0, "", (), "stations", "a price list",
        cost_factor=f"{kind}_price", life_factor=f"{kind}_life",
    )  # fmt: skip


BILLS = {
    "baseline": (),
    "pumps": (_item("pump", "Variable speed drive", 60.0, 2_500.0, 15.0),),
    "panels": (_item("screen", "Screen", 200.0, 900.0, 8.0),),
}


def _dataset(shape, dims, moved=1.0):
    rng = np.random.default_rng(3)
    luck = rng.normal(1.0, 0.02, shape)
    quantity = VOCABULARY["electricity"]
    own = {"electricity": quantity}
    used = np.stack([level * luck for level in USED.values()])
    used[1:] = used[:1] + (used[1:] - used[:1]) * moved
    found = {}
    lines = [
        value({"electricity": rows}, own, Installed.of(bill, 1.0, OWN), account_factors().replaced(dict(OWN)))
        for rows, bill in zip(used, BILLS.values(), strict=True)
    ]
    for name in lines[0]:
        line = LINES[name]
        attrs = {
            "network": NETWORK, "indicator": name, "long_name": line.label, "units": line.unit,
            "group": line.group, "better": line.better, "key": 1,
        }  # fmt: skip
        values = np.stack([np.broadcast_to(line[name], shape) for line in lines])
        found[f"{NETWORK}_{name}"] = (dims, values, attrs)
        found[f"{TOTAL}_{name}"] = (dims, values, attrs | {"network": TOTAL})
    attrs = {
        "network": NETWORK, "indicator": "electricity", "long_name": quantity.label, "units": quantity.unit,
        "group": quantity.group, "better": quantity.better, "key": 0, QUANTITY: quantity_attribute(quantity),
    }  # fmt: skip
    found[f"{NETWORK}_electricity"] = (dims, used, attrs)
    coords = {"scenario": list(USED)}
    return xr.Dataset(found, coords=coords, attrs={"title": "demo", "base_year": 2025, "years": 1.0})


def _factors():
    rows = []
    for owner, table in (("shared", account_factors()), (NETWORK, OWN)):
        for name, item in table.items():
            row = {"network": owner} | {field: getattr(item, field) for field in Factor.__dataclass_fields__}
            is_read = (owner, name) == (NETWORK, "pump_wear")
            rows.append(row | {"domain": item.domain.written, SITUATION: "", SIMULATED: is_read, LAW: ""})
    return pd.DataFrame(rows)


def valued_campaign(*, draws=0, replications=4, evaluation=None):
    """Return the campaign; `draws` of the wear of pumps, which simulations read."""
    drawn = None
    if draws:
        wear = np.linspace(0.8, 1.2, draws)
        drawn = _dataset((draws, 1), ("scenario", "draw", "replication"), wear[:, None])
        drawn = drawn.assign_coords({f"{NETWORK}.pump_wear": ("draw", wear)})
    known = provenance()
    known["scenario"] = known["scenario"] | {"resolved": {"evaluation": evaluation or {"samples": 400}}}
    return Results(
        dataset=_dataset((replications,), ("scenario", "replication")),
        draws=drawn,
        assets={"heat_stations__baseline": gpd.GeoDataFrame()},
        bill=pd.concat([bill_table(items).assign(variant=name) for name, items in BILLS.items()], ignore_index=True),
        factors=_factors(),
        origins=origins(),
        overrides={},
        journal=pd.DataFrame(columns=["variant", "network", "time", "kind", "asset"]),
        provenance=known
        | {
            "variants": {"baseline": {"title": {"fr": "Réseau actuel", "en": "Present network"}}}
            | {name: {"title": title} for name, title in VARIANTS.items()},
            "networks": {NETWORK: {"label": LABEL}},
        },
    )

"""A small invented campaign for the tests of the report: every awkward number that a real one can hold."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from jumeau.accounts import LINES, TOTAL
from jumeau.results import Results

FACTOR_FIELDS = (
    "network",
    "name",
    "value",
    "low",
    "high",
    "unit",
    "year",
    "source",
    "licence",
    "confidence",
    "description",
    "index",
    "vat",
    "use",
)
SCENARIOS = ("baseline", "led", "off")

# name, label, unit, better, group, key, baseline level, (led, off) change, spread of the change
INDICATORS = [
    ("energy", "Electricity used", "kWh", "lower", "energy", True, 184_532.7, (-0.652, -0.31), 0.004),
    ("subscribed_power", "Subscribed power", "kVA", "lower", "energy", True, 54.0, (-0.5, 0.0), 0.0),
    ("installed_power", "Installed power", "kW", "lower", "energy", False, 41.23, (-0.6, 0.0), 0.0),
    ("energy_density", "Energy density", "Wh/m2", "lower", "energy", False, 1234.5, (-0.6, -0.3), 0.01),
    ("energy_cost", "Electricity bill", "EUR", "lower", "money", False, 33_120.0, (-0.6, -0.28), 0.004),
    ("cost", "Running cost", "EUR", "lower", "money", True, 58_400.0, (-0.41, 0.02), 0.01),
    ("maintenance_cost", "Upkeep", "EUR", "lower", "money", False, 25_280.0, (-0.2, 0.3), 0.05),
    ("investment", "Investment made", "EUR", "neutral", "money", True, 0.0, (321_500.0, 1_200.0), 0.0),
    ("carbon", "Greenhouse gases", "kgCO2e", "lower", "carbon", True, 11_702.0, (-0.62, -0.3), 0.01),
    ("embodied_carbon", "Embodied carbon of devices", "kgCO2e", "lower", "carbon", False, 0.0, (48_200.0, 0.0), 0.0),
    ("failures", "Failures", "failure", "lower", "service", True, 63.4, (-0.7, -0.02), 0.2),
    ("dark_nights", "Nights without light", "lamp-nights", "lower", "service", True, 410.3, (-0.75, 9.5), 0.3),
    ("detection", "Days before a failure is known", "day", "lower", "service", False, 6.21, (-0.9, 0.001), 0.05),
    ("no_data", "Satisfaction of residents", "percent", "higher", "service", True, np.nan, (0.0, 0.0), 0.0),
    ("burning_hours", "Hours lit", "h", "neutral", "service", False, 4_094.0, (0.0, -0.3), 0.0),
    ("crew_hours", "Hours of crews", "h", "lower", "work", False, 512.0, (-0.3, 0.0), 0.1),
    ("crew_diesel", "Diesel of crews", "l", "lower", "work", False, 810.4, (-0.3, -0.001), 0.1),
    ("huge", "Photons sent to the sky", "1", "lower", "work", False, 6.3e14, (-0.5, -0.2), 0.01),
    ("tiny", "Share of a thing", "1", "lower", "work", False, 3.2e-9, (-0.5, -0.2), 0.01),
    ("unlawful", "Lamps over the legal flux", "lamp", "lower", "compliance", True, 120.0, (-1.0, 0.0), 0.0),
    ("fuel", "Fuel burnt", "l", "lower", "energy", True, 810.4, (-0.3, -0.001), 0.1),
]


def with_totals(found, networks=("lighting",)):
    """Add what all networks together say of the account, as the engine does."""
    for name in LINES:
        parts = [found[f"{network}_{name}"] for network in networks if f"{network}_{name}" in found]
        if parts:
            dims, _values, attrs = parts[0]
            found[f"{TOTAL}_{name}"] = (
                dims,
                sum(values for _dims, values, _attrs in parts),
                attrs | {"network": TOTAL},
            )
    return found


def _values(row, rng, replications, draw=1.0):
    *_rest, level, changes, spread = row
    luck = rng.normal(1.0, max(spread, 0.02 if spread else 0.0), replications)
    before = level * luck
    after = [
        (np.full(replications, change * 1.0) if level == 0 else before * (1 + change * draw))
        + level * spread * rng.normal(0.0, 0.3, replications)
        for change in changes
    ]
    return np.stack([before, *after])


def dataset(replications=12):
    rng = np.random.default_rng(7)
    found = {}
    for row in INDICATORS:
        name, label, unit, better, group, key, *_rest = row
        attrs = {"network": "lighting", "indicator": name, "long_name": label, "units": unit, "better": better}
        attrs |= {"group": group, "key": int(key)}
        found[f"lighting_{name}"] = (("scenario", "replication"), _values(row, rng, replications), attrs)
    coords = {"scenario": list(SCENARIOS), "replication": np.arange(replications)}
    return xr.Dataset(with_totals(found), coords=coords, attrs={"title": "demo", "period": "2025-01-01/2025-12-31"})


def draws(count=24, replications=3):
    rng = np.random.default_rng(11)
    price, loss = rng.uniform(0.12, 0.24, count), rng.uniform(0.05, 0.25, count)
    found = {}
    for row in INDICATORS:
        name, label, unit, better, group, key, *_rest = row
        attrs = {"network": "lighting", "indicator": name, "long_name": label, "units": unit, "better": better}
        scale = price / 0.16 if unit == "EUR" else 1 + loss - 0.15
        stack = [_values(row, np.random.default_rng(5), replications, factor) for factor in scale]
        values = np.stack(stack, axis=1)
        found[f"lighting_{name}"] = (
            ("scenario", "draw", "replication"),
            values,
            attrs | {"group": group, "key": int(key)},
        )
    coords = {"scenario": list(SCENARIOS), "draw": np.arange(count), "replication": np.arange(replications)}
    found = xr.Dataset(with_totals(found), coords=coords)
    return found.assign_coords({"lighting.electricity_price": ("draw", price), "lighting.gear_loss": ("draw", loss)})


def bill():
    base = {"network": "lighting", "messages_per_day": 0.0, "layer": "lamps"}
    return pd.DataFrame(
        [
            base
            | {
                "variant": "led",
                "measure": "led_retrofit",
                "kind": "led",
                "label": "LED luminaire",
                "count": 452.0,
                "unit_cost": 700.0,
                "annual_cost": 0.0,
                "life": 25.0,
                "power": 0.0,
                "embodied_carbon": 106.5,
                "observes": "",
                "source": "recalled, unverified; calls for tender 2023",
            },
            base
            | {
                "variant": "led",
                "measure": "remote_management",
                "kind": "node",
                "label": "Remote node",
                "count": 51.0,
                "unit_cost": 100.0,
                "annual_cost": 4.5,
                "life": 10.0,
                "power": 0.8,
                "embodied_carbon": 1.25,
                "observes": "Power of the lamp, so that a failure is known the same night.",
                "source": "Vendor leaflet 2024",
            },
            base
            | {
                "variant": "off",
                "measure": "switch_off",
                "kind": "clock",
                "label": "Astronomical clock",
                "count": 8.0,
                "unit_cost": 150.0,
                "annual_cost": 0.0,
                "life": 15.0,
                "power": 2.0,
                "embodied_carbon": 0.0,
                "observes": "",
                "source": "Price list of a syndicate, 2022",
            },
        ]
    )


def factors():
    columns = [*FACTOR_FIELDS, "overridden"]
    rows = [
        (
            "lighting",
            "electricity_price",
            0.16,
            0.12,
            0.24,
            "EUR/kWh",
            2025,
            "SDES, second half of 2024",
            "Licence Ouverte 2.0",
            "high",
            "Variable price of electricity",
            "cpi",
            "excluded",
            "account",
            False,
        ),
        (
            "lighting",
            "gear_loss",
            0.15,
            0.05,
            0.25,
            "1",
            "2012",
            "recalled, unverified; ballast makers",
            "not a quotation",
            "low",
            "Loss of the control gear",
            "",
            "",
            "run",
            False,
        ),
        (
            "lighting",
            "yearly_fee",
            4.5,
            2.0,
            8.0,
            "EUR/lamp/year",
            "2024",
            "scenario",
            "facts",
            "medium",
            "Yearly fee of a managed lamp",
            "",
            "",
            "account",
            True,
        ),
        (
            "lighting",
            "electricity_carbon",
            0.058,
            0.05,
            0.07,
            "kgCO2e/kWh",
            "2024",
            "ADEME Base Empreinte",
            "Licence Ouverte 2.0",
            "high",
            "Emissions of a kilowatt-hour",
            "",
            "",
            "account",
            False,
        ),
        (
            "lighting",
            "led_price",
            350.0,
            250.0,
            600.0,
            "EUR/lamp",
            "2015",
            "Calls for tender",
            "facts",
            "medium",
            "Price of a LED luminaire",
            "",
            "excluded",
            "account",
            False,
        ),
        (
            "shared",
            "crew_fuel",
            9.0,
            7.0,
            12.0,
            "l/100 km",
            "2025",
            "recalled, unverified",
            "not a quotation",
            "low",
            "Diesel use of a crew's vehicle",
            "",
            "",
            "run",
            False,
        ),
    ]
    return pd.DataFrame(rows, columns=columns)


def origins():
    columns = ["layer", "column", "count", "observed", "imputed", "synthetic", "source", "licence", "date", "rule"]
    rows = [
        ("streets", "name", 312, 1.0, 0.0, 0.0, "Open data of the town", "Licence Ouverte 2.0", "2024", ""),
        (
            "streets",
            "speed",
            312,
            0.4,
            0.6,
            0.0,
            "Open data of the town",
            "Licence Ouverte 2.0",
            "2024",
            "by road class where the source gives none",
        ),
        ("lamps", "power", 1500, 0.002, 0.25, 0.748, "synthesis", "CC0", "2025", "by road class"),
    ]
    return pd.DataFrame(rows, columns=columns)


def provenance(*, synthetic=True):
    return {
        "scenario": {
            "name": "demo",
            "title": {"fr": "Rénover l’éclairage du bourg", "en": "Renewing the town's lighting"},
            "question": {"fr": "Faut-il des LED, une extinction, ou rien ?", "en": "LED, switch-off, or nothing?"},
            "text": "name: demo\nseed: 42\n",
        },
        "territory": {
            "name": "bourg",
            "title": {"fr": "Bourg-Exemple", "en": "Sampletown"},
            "synthetic": synthetic,
            "checksum": "ab" * 32,
            "path": "donnees_exemple/bourg.gpkg",
        },
        "period": {"start": "2025-01-01", "end": "2025-12-31"},
        "seed": 42,
        "base_year": 2025,
        "variants": {
            "baseline": {"title": {"fr": "Situation actuelle", "en": "Today"}, "measures": []},
            "led": {
                "title": {"fr": "LED et gestion à distance", "en": "LED and remote management"},
                "measures": [{"fr": "452 luminaires LED", "en": "452 LED luminaires"}],
            },
            "off": {"title": {"fr": "Extinction de 23 h à 5 h", "en": "Switch-off from 11 pm to 5 am"}, "measures": []},
        },
        "networks": {"lighting": {"label": {"fr": "Éclairage public", "en": "Public lighting"}}},
        "versions": {"jumeau": "0.1.0", "python": "3.11.9"},
        "command": "jumeau demo",
        "run": {"duration_s": 12.34, "workers": 2, "runs": 36, "resumed": 0},
        "notes": [{"fr": "Les hauteurs des lampes sont imputées.", "en": "Lamp heights are imputed."}],
    }


def campaign(*, replications=12, with_draws=True, synthetic=True, failures=()):
    return Results(
        dataset=dataset(replications),
        draws=draws() if with_draws else None,
        assets={"lighting_lamps__baseline": gpd.GeoDataFrame()},
        bill=bill(),
        factors=factors(),
        origins=origins(),
        overrides={"led": ("lighting.yearly_fee: 3 EUR/lamp/year -> 4.5 EUR/lamp/year",), "off": ()},
        journal=pd.DataFrame(columns=["variant", "network", "time", "kind", "asset"]),
        provenance=provenance(synthetic=synthetic),
        thresholds={"lighting_crew_diesel": 5.0},
        failures=tuple(failures),
    )

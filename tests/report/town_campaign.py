"""A campaign of the demonstration's shape: variants that change one of four networks, and one that changes all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from report_campaign import bill, factors, origins, provenance, with_totals

from jumeau.accounts import LINES
from jumeau.results import Results

NETWORKS = {
    "lighting": "Éclairage public",
    "mobility": "Mobilité",
    "waste": "Collecte des déchets",
    "water": "Eau potable",
}
VARIANTS = {
    "smart": "LED, détection de présence et télégestion",
    "leaks": "Écoute des fuites et débits de nuit",
    "rounds": "Tournées de verre dynamiques",
    "sensors": "Tournées de verre dynamiques et sondes",
    "streets": "Guidage du stationnement, feux adaptatifs, flotte électrique",
    "connected": "Bourg connecté : éclairage, eau, verre et mobilité",
}
#: Before: energy [kWh], fuel [l], carbon [kgCO2e], cost [EUR].
LEVELS = {
    "lighting": (739_300.0, 68.7, 43_100.0, 172_300.0),
    "mobility": (8_146_700.0, 539_000.0, 2_533_900.0, 50_100.0),
    "waste": (4_411.0, 445.6, 1_381.0, 3_272.0),
    "water": (324_500.0, 19.9, 18_900.0, 269_200.0),
}
#: Relative changes of the four figures, by variant and network.
CHANGES = {
    ("smart", "lighting"): (-0.69, -0.98, -0.69, -0.62),
    ("leaks", "water"): (-0.10, 0.0, -0.10, 0.01),
    ("rounds", "waste"): (0.05, 0.05, 0.05, 0.38),
    ("sensors", "waste"): (0.11, 0.11, 0.11, 1.58),
    ("streets", "mobility"): (-0.016, -0.017, -0.021, 0.04),
    ("connected", "lighting"): (-0.65, -0.98, -0.65, -0.59),
    ("connected", "mobility"): (-0.002, -0.002, -0.002, 0.32),
    ("connected", "waste"): (0.05, 0.05, 0.05, 0.38),
    ("connected", "water"): (-0.11, -0.40, -0.11, 0.01),
    # A trace, such as a street that a repair closes leaves in another network.
    ("leaks", "mobility"): (-1e-7, -1e-7, -1e-7, 0.0),
}
FIGURES = ("energy", "fuel", "carbon", "cost")


def _dataset(shape, dims, seed, spread):
    rng = np.random.default_rng(seed)
    found = {}
    for network, levels in LEVELS.items():
        for name, level, place in zip(FIGURES, levels, range(4), strict=True):
            line = LINES[name]
            luck = rng.normal(1.0, 0.02, shape)
            drawn = rng.normal(1.0, spread, shape[:1] + (1,) * (len(shape) - 1))
            rows = [level * luck]
            for variant in VARIANTS:
                change = CHANGES.get((variant, network), (0.0,) * 4)[place]
                rows.append(level * luck * (1 + change * drawn * rng.normal(1.0, 0.01, shape)))
            attrs = {
                "network": network, "indicator": name, "long_name": line.label, "units": line.unit,
                "group": line.group, "better": line.better, "key": 1,
            }  # fmt: skip
            found[f"{network}_{name}"] = (dims, np.stack(rows), attrs)
        attrs = attrs | {"indicator": "calls", "long_name": "Calls", "units": "item", "group": "service"}
        found[f"{network}_calls"] = (dims, np.stack([np.full(shape, 10.0)] * 7), attrs)
    coords = {"scenario": ["baseline", *VARIANTS]}
    return xr.Dataset(with_totals(found, tuple(NETWORKS)), coords=coords, attrs={"title": "demo"})


def town_campaign(*, with_draws=True, replications=8):
    dims = ("scenario", "draw", "replication")
    return Results(
        dataset=_dataset((replications,), (dims[0], dims[2]), 1, 0.0),
        draws=_dataset((6, 1), dims, 2, 0.08) if with_draws else None,
        assets={},
        bill=bill().iloc[:0],
        factors=factors(),
        origins=origins(),
        overrides={},
        journal=pd.DataFrame(columns=["scenario", "network", "kind", "time"]),
        provenance=provenance()
        | {
            "variants": {"baseline": {"title": {"fr": "Réseaux actuels", "en": "Present networks"}}}
            | {name: {"title": {"fr": title, "en": title}} for name, title in VARIANTS.items()},
            "networks": {name: {"label": {"fr": label, "en": label}} for name, label in NETWORKS.items()},
        },
    )

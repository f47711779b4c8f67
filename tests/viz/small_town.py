"""A small regular town in Lambert-93 with lamps before and after, for the tests of the 3D package."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

import jumeau.networks
from jumeau.attributes import AttributeTable

LIGHTING = Path(jumeau.networks.__file__).parent / "lighting"
ATTRIBUTES = AttributeTable.read(LIGHTING / "attributes.csv")
CRS = "EPSG:2154"
WEST, SOUTH = 652_000.0, 6_780_000.0
BLOCK = 80.0


def slope(points):
    """A tilted plane with a hill: altitude [m] at (n, 2) projected coordinates."""
    x, y = points[:, 0] - WEST, points[:, 1] - SOUTH
    return 80 + 0.01 * x + 30 * np.exp(-((x - 300) ** 2 + (y - 300) ** 2) / 90_000)


def layers(blocks=6, relief=True):
    side = blocks * BLOCK
    lines = [
        shapely.LineString([(WEST + i * BLOCK, SOUTH), (WEST + i * BLOCK, SOUTH + side)]) for i in range(blocks + 1)
    ]
    lines += [
        shapely.LineString([(WEST, SOUTH + i * BLOCK), (WEST + side, SOUTH + i * BLOCK)]) for i in range(blocks + 1)
    ]
    classes = ["primary" if i == blocks // 2 else "residential" for i in range(blocks + 1)] * 2
    classes[0] = "pedestrian"
    streets = gpd.GeoDataFrame({"street_id": range(len(lines)), "road_class": classes}, geometry=lines, crs=CRS)
    footprints, heights = [], []
    rng = np.random.default_rng(1)
    for i in range(blocks):
        for j in range(blocks):
            if (i, j) == (1, 1):
                continue
            x, y = WEST + i * BLOCK, SOUTH + j * BLOCK
            for dx, dy in ((12, 12), (46, 12), (12, 46), (46, 46)):
                footprints.append(shapely.box(x + dx, y + dy, x + dx + 22, y + dy + 18))
                heights.append(float(rng.choice([6, 9, 12, 24], p=[0.5, 0.3, 0.15, 0.05])))
    buildings = gpd.GeoDataFrame(
        {"building_id": [f"b{i}" for i in range(len(footprints))], "height": heights}, geometry=footprints, crs=CRS
    )
    park = shapely.box(WEST + BLOCK + 8, SOUTH + BLOCK + 8, WEST + 2 * BLOCK - 8, SOUTH + 2 * BLOCK - 8)
    river = shapely.box(WEST - 60, SOUTH - 60, WEST + side + 60, SOUTH - 20)
    quarters = [
        shapely.box(WEST - 50, SOUTH - 50, WEST + side / 2, SOUTH + side + 50),
        shapely.box(WEST + side / 2, SOUTH - 50, WEST + side + 50, SOUTH + side + 50),
    ]
    found = {
        "streets": streets,
        "buildings": buildings,
        "green": gpd.GeoDataFrame({"green_id": ["g1"]}, geometry=[park], crs=CRS),
        "water": gpd.GeoDataFrame({"water_id": ["w1"]}, geometry=[river], crs=CRS),
        "zones": gpd.GeoDataFrame(
            {"zone_id": ["z1", "z2"], "name": ["Quartier du Moulin", "Quartier de l’Écluse"], "kind": "quarter"},
            geometry=quarters,
            crs=CRS,
        ),
    }
    if relief:
        xs, ys = np.arange(WEST - 100, WEST + side + 101, 50), np.arange(SOUTH - 100, SOUTH + side + 101, 50)
        grid = np.column_stack([a.ravel() for a in np.meshgrid(xs, ys)])
        found["relief"] = gpd.GeoDataFrame({"z": slope(grid)}, geometry=shapely.points(grid), crs=CRS)
    return found


def lamps(blocks=6, variant=False):
    side = blocks * BLOCK
    step = np.arange(10, side, 25)
    points = [(WEST + i * BLOCK + 4, SOUTH + s) for i in range(blocks + 1) for s in step]
    points += [(WEST + s, SOUTH + i * BLOCK + 4) for i in range(blocks + 1) for s in step]
    rng = np.random.default_rng(2)
    energy = rng.uniform(250, 620, len(points))
    nights = rng.poisson(3, len(points)).astype(float)
    if variant:
        west = np.array(points)[:, 0] < WEST + side * 0.7
        energy = np.where(west, energy * 0.3, energy)
        nights = np.where(west, nights * 0.4, nights)
    return gpd.GeoDataFrame(
        {
            "lamp_id": [f"L{i:04d}" for i in range(len(points))],
            "height": np.where(np.arange(len(points)) % 3 == 0, np.nan, 8.0),
            "technology": "LED" if variant else "HPS",
            "energy": energy,
            "dark_nights": nights,
        },
        geometry=shapely.points(np.array(points)),
        crs=CRS,
    )


def place(territory_layers, scene):
    """What the page knows of the territory beside its scene."""
    from datetime import date

    from jumeau_viz.page import Place
    from jumeau_viz.places import find_addresses, find_names
    from jumeau_viz.sunlight import Sunlight

    sun = Sunlight.over((48.1, 2.4), "Europe/Paris", date(2024, 1, 1), 366)
    return Place(find_names(territory_layers, scene), find_addresses(territory_layers, scene), sun)


PROVENANCE = {
    "scenario": {"title": {"fr": "Passage de l’éclairage aux LED", "en": "Moving street lighting to LED"}},
    "period": {"start": "2024-01-01", "end": "2024-12-31"},
    "territory": {"path": "town.gpkg", "name": "Val-sur-Lune", "synthetic": True},
    "variants": {
        "baseline": {"title": {"fr": "Éclairage actuel", "en": "Present lighting"}},
        "led": {"title": {"fr": "LED et abaissement nocturne", "en": "LED and night dimming"}},
    },
}

NETWORKS = {"lighting": {"label": {"fr": "Éclairage public", "en": "Public lighting"}}}
PROVENANCE |= {"networks": NETWORKS, "base_year": 2025}


def figure(name, unit, before, after, network="lighting"):
    gap = after - before
    return {
        "figure": name, "variant": "led", "network": network, "label": name, "unit": unit, "baseline": before,
        "variant_value": after, "difference": gap, "ci95": [gap * 1.01, gap * 0.99], "verdict": "drop established",
        "p10": gap * 1.1, "p50": gap, "p90": gap * 0.9,
    }  # fmt: skip


FIGURES = [
    figure("energy", "kWh", 120345.6, 61234.5),
    figure("fuel", "l", 95.0, 41.0),
    figure("carbon", "kgCO2e", 6980.0, 3551.6),
    figure("cost", "EUR", 31500.0, 18200.0),
]

SUMMARY = {
    "version": 3,
    "figures": [*FIGURES, *({**item, "network": "total"} for item in FIGURES)],
    "records": [
        {
            "network": "lighting",
            "indicator": "energy",
            "label": "Energy, all carriers",
            "variant": "led",
            "unit": "kWh",
            "baseline": 120345.6,
            "variant_value": 61234.5,
            "difference": -59111.1,
            "ci95": [-59300.0, -58920.0],
            "verdict": "drop established",
        },
        {
            "network": "lighting",
            "indicator": "dark_nights",
            "label": "Nights without light",
            "variant": "led",
            "unit": "nights",
            "baseline": 812.0,
            "variant_value": 640.0,
            "difference": -172.0,
            "ci95": [-380.0, 36.0],
            "verdict": "undecided",
        },
    ],
}


def frames(blocks=6):
    return {"baseline": lamps(blocks), "led": lamps(blocks, variant=True)}


def write_run(folder, blocks=4):
    """Write a run's folder, territory included, as the engine would."""
    import json

    import pyproj

    from jumeau.territory.model import Territory, column_rows
    from jumeau.territory.storage import write_territory

    for name, frame in frames(blocks).items():
        frame.to_file(folder / "assets.gpkg", layer=f"lighting_lamps__{name}", driver="GPKG")
    (folder / "summary.json").write_text(json.dumps(SUMMARY), encoding="utf-8")
    (folder / "provenance.json").write_text(json.dumps(PROVENANCE), encoding="utf-8")
    territory = Territory(
        name="val-sur-lune",
        crs=pyproj.CRS.from_user_input(CRS),
        layers=layers(blocks),
        columns=column_rows("streets", ["street_id"], "synthetic", source="tests"),
        meta={"title_fr": "Val-sur-Lune", "synthetic": "yes"},
    )
    write_territory(territory, folder / "town.gpkg")

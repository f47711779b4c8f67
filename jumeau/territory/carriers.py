"""What carries people: dwellings and floor area of buildings, addresses, establishments, streets where nothing else is.

A building is never one dwelling by itself: dwellings are those that are told, else floor area over that of a dwelling.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import numbers, rows_of, texts, totals
from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.territory.derive import DEFAULTS
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Uses of a building in which nobody lives.
NO_HOME = ("commercial", "public", "industrial", "annex")
#: Uses of a building in which people work.
WORK = ("commercial", "public", "industrial")

BANDS = Path(__file__).with_name("staff_bands.csv")


@dataclass(frozen=True)
class Carriers:
    """Where people can be, and with what weight.

    Attributes
    ----------
    points : ndarray, shape (k, 2)
        Coordinates [m].
    homes : ndarray, shape (k,)
        Dwellings, counted or estimated, for streets people along them over those of a dwelling.
    work : ndarray, shape (k,)
        Floor area where people work [m2], jobs of establishments, or what stands for them.
    home_rule, work_rule : str
        How both were found: message ids of the catalogue.
    """

    points: Floats
    homes: Floats
    work: Floats
    home_rule: str
    work_rule: str


@cache
def people_factors() -> FactorTable:
    """Return the figures that people are estimated and spread by (`defaults.csv`)."""
    return FactorTable.read(DEFAULTS)


def carriers_of(territory: Territory, on: str | None = None) -> Carriers:
    """Return what carries the people of a territory.

    Parameters
    ----------
    territory : Territory
    on : str, optional
        `buildings`, `addresses` or `streets`; by default the first of them that the territory has, buildings only where
        they are those of the whole town.

    Raises
    ------
    InputError
        When the territory has none of them.
    """
    layer = on or next((name for name in ("buildings", "addresses", "streets") if _serves(territory, name)), "")
    if not layer:
        message = _("nobody can be put in a territory without buildings, addresses and streets")
        raise InputError(message, hint=_("map one of these layers in the territory file"))
    frame = territory.layer(layer)
    frame = frame[np.asarray(frame.geometry.notna() & ~frame.geometry.is_empty, dtype=bool)]
    if layer == "streets":
        points, homes = _along(frame)
        return Carriers(points, homes, homes, "by length of streets", "by length of streets")
    if layer == "buildings":
        points = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
        homes, work, told = building_weights(frame)
        home_rule = "by dwellings of buildings" if told else "by floor area of buildings where people may live"
    else:
        points = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
        homes, work = weights_at(territory, frame)
        home_rule = "by dwellings of addresses"
        if np.isnan(numbers(frame, "dwellings")).any():
            home_rule = "evenly over addresses"
            if covers(territory):
                home_rule = "by floor area of buildings where people may live"
    work_rule = "by floor area of buildings where people work" if work.any() else home_rule
    if territory.has("establishments"):
        # They are the places of work, where buildings tell but how large they are.
        places, jobs = establishment_jobs(territory)
        work = _nearest_sums(places, jobs, points)
        work_rule = "by establishments"
    return Carriers(points, homes, work if work.any() else homes, home_rule, work_rule)


def covers(territory: Territory) -> bool:
    """Tell whether the buildings are those of the whole town rather than some, such as the public ones."""
    if not territory.has("buildings"):
        return False
    addresses = len(territory.layers["addresses"]) if territory.has("addresses") else 0
    return len(territory.layers["buildings"]) >= people_factors().value("buildings_per_address") * addresses


def building_weights(buildings: gpd.GeoDataFrame) -> tuple[Floats, Floats, bool]:
    """Return dwellings and floor area of work [m2] of buildings, shape (n,) each, and whether dwellings are told.

    Where they are told for most of the floors that are said to be lived in (for most of all, where nothing is said), a
    building of unknown use without any is no home.
    """
    factors = people_factors()
    area = np.nan_to_num(shapely.area(buildings.geometry.to_numpy()))
    use = texts(buildings, "use", "unknown")
    usual = np.array([factors.value(f"storeys_{name}") if f"storeys_{name}" in factors else 1.0 for name in use])
    by_height = np.maximum(np.round(numbers(buildings, "height") / factors.value("storey_height")), 1.0)
    storeys = numbers(buildings, "storeys", np.where(np.isnan(by_height), usual, by_height))
    # A building said to have no storey has its ground floor.
    floor = area * np.maximum(storeys, 1.0)
    lived = floor * np.where(use == "mixed", factors.value("mixed_home_share"), 1.0)
    lived[np.isin(use, NO_HOME) | (area < factors.value("home_footprint"))] = 0.0
    if not lived.any():  # a place of sheds, or of halls: people live somewhere
        lived = np.where(np.isin(use, NO_HOME), 0.0, floor)
        lived = lived if lived.any() else floor
    dwellings = numbers(buildings, "dwellings")
    counted = dwellings > 0.0
    said = np.isin(use, ("residential", "mixed"))
    asked = said if lived[said].any() else np.ones(len(use), dtype=bool)
    told = bool(counted.any()) and 2.0 * float(lived[counted & asked].sum()) >= float(lived[asked].sum())
    if told:
        lived = np.where(said, lived, 0.0)
    each = float(floor[counted].sum() / dwellings[counted].sum()) if told else factors.value("dwelling_floor")
    each = each if told and each > 0.0 else factors.value("dwelling_floor") / factors.value("floor_lived_share")
    homes = np.where(np.isnan(dwellings), lived / each, np.maximum(dwellings, 0.0))
    work = np.where(np.isin(use, WORK), floor, 0.0)
    work += np.where(use == "mixed", floor * (1.0 - factors.value("mixed_home_share")), 0.0)
    return homes, work, told


def weights_at(territory: Territory, points: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return the dwellings and the weight of work at each address, or at what stands for it; shape (k,) each.

    Dwellings are those told of the addresses, else of the buildings there: those that an address enters by name, and
    for each other building the address nearest to it. Work is that of establishments, else of buildings; zeros where
    nothing tells.
    """
    factors = people_factors()
    xy = shapely.get_coordinates(shapely.centroid(points.geometry.to_numpy()))
    homes, work = numbers(points, "dwellings"), np.zeros(len(points))
    unknown = np.isnan(homes)
    if covers(territory):
        buildings = territory.layer("buildings")
        buildings = buildings[np.asarray(buildings.geometry.notna() & ~buildings.geometry.is_empty, dtype=bool)]
        held, worked, _told = building_weights(buildings)
        building, address, share = _entered(points, xy, buildings)
        at = totals(address, held[building] * share, len(points))
        work = totals(address, worked[building] * share, len(points))
        homes = np.where(unknown, at, homes)
    elif unknown.any():
        known = homes[~unknown]
        usual = float(known.mean()) if len(known) and known.any() else factors.value("dwellings_per_address")
        homes = np.where(unknown, usual, homes)
    homes = np.maximum(homes, 0.0)
    if territory.has("establishments"):
        work = _nearest_sums(*establishment_jobs(territory), xy)
    return homes, work


def establishment_jobs(territory: Territory) -> tuple[Floats, Floats]:
    """Return where establishments are, shape (m, 2), and their jobs: told, of their band, or one each where none is."""
    frame = territory.layer("establishments")
    frame = frame[np.asarray(frame.geometry.notna() & ~frame.geometry.is_empty, dtype=bool)]
    jobs = known_jobs(frame)
    jobs = np.nan_to_num(jobs) if np.nansum(jobs) > 0.0 else np.ones(len(frame))
    return shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy())), jobs


def known_jobs(establishments: gpd.GeoDataFrame) -> Floats:
    """Return the jobs of establishments: told, else the middle of their band, not-a-number elsewhere; shape (m,)."""
    middle = staff_bands()
    by_band = np.array(
        [middle.get(str(band), np.nan) for band in texts(establishments, "staff_band")], dtype=np.float64
    )
    return numbers(establishments, "jobs", by_band)


@cache
def staff_bands() -> dict[str, float]:
    """Return the jobs of an establishment by size band of employees (`staff_bands.csv`)."""
    with BANDS.open(encoding="utf-8", newline="") as stream:
        return {row["band"]: float(row["jobs"]) for row in csv.DictReader(stream)}


def _serves(territory: Territory, layer: str) -> bool:
    return covers(territory) if layer == "buildings" else territory.has(layer)


def _entered(points: gpd.GeoDataFrame, xy: Floats, buildings: gpd.GeoDataFrame) -> tuple[Ints, Ints, Floats]:
    """Return pairs of a building and an address with the share of the one that the other gets, shape (p,) each.

    Addresses that name a building share it evenly; one that nobody names goes to the nearest address.
    """
    ids = texts(buildings, "building_id")
    row = rows_of(ids, texts(points, "building_id")) if pd.Index(ids).is_unique else np.full(len(points), -1)
    entrance = np.flatnonzero(row >= 0)
    doors = np.bincount(row[entrance], minlength=len(buildings))
    alone = np.flatnonzero(doors == 0)
    centres = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    near = cKDTree(xy).query(centres[alone])[1]
    share = np.concatenate([1.0 / doors[row[entrance]], np.ones(len(alone))])
    return np.concatenate([row[entrance], alone]), np.concatenate([entrance, near]).astype(np.int64), share


def _nearest_sums(places: Floats, values: Floats, points: Floats) -> Floats:
    """Return the sum of what lies nearest to each point, shape (k,)."""
    if not len(places) or not len(points):
        return np.zeros(len(points))
    return totals(cKDTree(points).query(places)[1], values, len(points))


def _along(streets: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return the middles of streets, and the dwellings that their length stands for."""
    factors = people_factors()
    lines = streets.geometry.to_numpy()
    people = np.nan_to_num(shapely.length(lines)) / 1000.0 * factors.value("residents_per_street_km")
    middle = shapely.get_coordinates(shapely.centroid(lines))
    return middle, people / (factors.value("persons_per_household") * factors.value("dwellings_occupied"))

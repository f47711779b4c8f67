"""Values that lamps lack: by the street that they light, by the neighbours that are known, by the French stock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.lighting.layout.ledger import Ledger
from jumeau.networks.lighting.layout.placement import street_width
from jumeau.networks.lighting.layout.stock import (
    TECHNOLOGIES,
    USAGES,
    StreetDraws,
    lookup,
    quantile,
    stratified_technology,
    technology_shares,
    three_points,
)
from jumeau.randomness import Streams
from jumeau.tables import Factor, FactorTable
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

#: Rules, as the report shows them: message ids of the catalogue.
RULES = {
    "street_id": "nearest street, within a stated distance",
    "road_class": "class of the street; residential where there is no street",
    "usage": "ambience lighting on pedestrian, living and cycle streets, road lighting elsewhere",
    "technology": "most frequent known technology of the street; else French stock by usage, one technology per street "
    "and usage, age correlated within a quarter",
    "power": "most frequent known power of the street for this technology; else usual powers by road class, usage and "
    "technology, one per street",
    "height": "most frequent known height of the street; else usual height by road class or usage, one per street",
    "installed_year": "most frequent known year of the street for this technology; else usual years of the technology, "
    "one per street",
    "flux": "power times the usual efficacy of the technology, better for newer lamps",
    "cct": "usual colour temperature of the technology, one per street",
    "ulr": "usual upward share by usage, lower for LED, better for newer lamps",
    "legal_category": "b in parks, for projectors and for recessed lamps, a elsewhere",
    "lit_area": "street length per lamp times the width of carriageway and pavements; a usual area for projectors, "
    "recessed lamps and bollards",
}

_AMBIENCE_CLASSES = ("pedestrian", "living_street", "cycleway")
_OWN_AREA = ("projector", "recessed", "bollard")


@dataclass(frozen=True)
class Setting:
    """What surrounds each lamp.

    Attributes
    ----------
    key : Series of str, shape (n,)
        Street name, or arc, or cell: what shares one equipment.
    quarter : Series of str, shape (n,)
    draws : StreetDraws
    """

    key: pd.Series
    quarter: pd.Series
    draws: StreetDraws


def impute_lamps(
    lamps: Ledger, territory: Territory, factors: FactorTable, streams: Streams, spacing: Floats | None
) -> None:
    """Fill in every column that lamps lack.

    Parameters
    ----------
    lamps : Ledger
        Changed in place.
    territory : Territory
        Streets, zones and green areas are looked at where they exist.
    factors : FactorTable
        Those of the synthesis.
    streams : Streams
    spacing : ndarray, shape (n,), optional
        Street length that each lamp lights [m], where it is known from the layout.

    Raises
    ------
    InputError
        When a lamp has a technology that no factor describes.
    """
    _check_technology(lamps)
    streets = _streets(territory)
    lamps.fill("street_id", _nearest_street(lamps.frame, streets, factors), RULES["street_id"])
    known = _of_street(lamps, streets, "road_class")
    lamps.fill("road_class", np.where(pd.isna(known), "residential", known), RULES["road_class"])
    quiet = lamps.frame["road_class"].isin(_AMBIENCE_CLASSES)
    lamps.fill("usage", np.where(quiet, "ambience", "road").astype(object), RULES["usage"])
    setting = _setting(lamps, territory, streets, factors, streams)
    _technology(lamps, setting, factors)
    _power(lamps, setting, factors)
    _year_and_height(lamps, setting, factors)
    _light(lamps, setting, factors)
    lamps.fill("legal_category", _legal(lamps, territory), RULES["legal_category"])
    lamps.fill("lit_area", _lit_area(lamps, setting, streets, factors, spacing), RULES["lit_area"])


def _check_technology(lamps: Ledger) -> None:
    if "technology" not in lamps.frame:
        return
    values = lamps.frame["technology"]
    strange = ~lamps.missing("technology") & ~values.isin(TECHNOLOGIES).to_numpy()
    if strange.any():
        raise InputError(
            Problem(
                _("a value that the table does not know"),
                layer=lamps.layer,
                column="technology",
                features=tuple(lamps.frame.loc[strange, "lamp_id"].astype(str)),
                value=", ".join(sorted(set(values[strange].astype(str)))),
                hint=_("use one of: {choices} (a mapping can translate)").format(choices=", ".join(TECHNOLOGIES)),
            )
        )


def _streets(territory: Territory) -> gpd.GeoDataFrame:
    """Return the streets by id, with name, class and width columns in any case."""
    if not territory.has("streets"):
        empty = {name: pd.Series(dtype=object) for name in ("street_id", "name", "road_class", "width")}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=territory.crs)).set_index("street_id")
    streets = territory.layer("streets")
    streets["street_id"] = streets["street_id"].astype(str)
    for name in ("name", "road_class", "width"):
        if name not in streets:
            streets[name] = None
    streets["road_class"] = streets["road_class"].fillna("residential")
    streets = streets[streets.geometry.notna()].sort_values("street_id")
    return streets.drop_duplicates("street_id").set_index("street_id")


def _nearest_street(lamps: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, factors: FactorTable) -> Names:
    found = np.full(len(lamps), None, dtype=object)
    if len(streets) and len(lamps):
        tree = shapely.STRtree(streets.geometry.to_numpy())
        reach = factors.value("layout_street_reach")
        lamp, street = tree.query_nearest(lamps.geometry.to_numpy(), max_distance=reach)
        # Several streets may be as near (at a crossing): the first id wins.
        order = np.lexsort((street, lamp))[::-1]
        found[lamp[order]] = streets.index.to_numpy(dtype=object)[street[order]]
    return found


def _of_street(lamps: Ledger, streets: gpd.GeoDataFrame, column: str) -> Names:
    ids = lamps.frame["street_id"]
    return np.asarray(streets[column].reindex(ids.astype(object)).astype(object).to_numpy(), dtype=object)


def _cells(lamps: gpd.GeoDataFrame, side: float) -> pd.Series:
    column = np.floor(lamps.geometry.x / side).astype(int).astype(str)
    row = np.floor(lamps.geometry.y / side).astype(int).astype(str)
    return pd.Series("cell " + column + " " + row, index=lamps.index)


def _setting(
    lamps: Ledger, territory: Territory, streets: gpd.GeoDataFrame, factors: FactorTable, streams: Streams
) -> Setting:
    frame = lamps.frame
    name = pd.Series(_of_street(lamps, streets, "name"), index=frame.index).fillna("")
    arc = frame["street_id"].astype(object).where(frame["street_id"].notna(), "")
    key = name.astype(str).where(name.astype(str) != "", arc.astype(str))
    key = key.where(key != "", _cells(frame, factors.value("layout_cell")))
    # A street belongs to the quarter where its lamps are centred, so that it is not cut by a border.
    centre = pd.DataFrame({"x": frame.geometry.x, "y": frame.geometry.y}).groupby(key).mean()
    places = gpd.GeoDataFrame(centre, geometry=gpd.points_from_xy(centre["x"], centre["y"]), crs=frame.crs)
    quarter = _cells(places, factors.value("layout_quarter"))
    if territory.has("zones"):
        zones = territory.layer("zones").sort_values("zone_id")
        inside = gpd.sjoin(places, zones[["zone_id", "geometry"]], predicate="within")
        inside = inside[~inside.index.duplicated()]
        quarter = inside["zone_id"].astype(str).reindex(places.index).fillna(quarter)
    draws = StreetDraws.draw(list(quarter.index), list(quarter), factors, streams)
    return Setting(key, pd.Series(quarter.loc[key].to_numpy(), index=frame.index), draws)


def _technology(lamps: Ledger, setting: Setting, factors: FactorTable) -> None:
    usage = lamps.frame["usage"].to_numpy(dtype=object)
    chosen = lamps.most_frequent("technology", [setting.key.to_numpy(dtype=object), usage]).copy()
    drawn = np.array([value is None for value in chosen], dtype=bool) & lamps.missing("technology")
    for name in sorted(set(usage[drawn])):
        rows = np.flatnonzero(drawn & (usage == name))
        shares = technology_shares(factors, name if name in USAGES else "road")
        chosen[rows] = stratified_technology(setting.key.iloc[rows], setting.draws, shares)
    lamps.fill("technology", chosen, RULES["technology"])


def _by_class(
    lamps: Ledger, names: tuple[str, ...], value: Callable[[tuple[str, ...], NDArray[np.int64]], Floats]
) -> Floats:
    """Return a value computed once per combination of the columns `names`, shape (n,)."""
    found = np.full(len(lamps.frame), np.nan)
    plain = lamps.frame.reset_index(drop=True)
    for key, rows in plain.groupby(list(names), sort=True).indices.items():
        words = tuple(str(word) for word in (key if isinstance(key, tuple) else (key,)))
        found[rows] = value(words, np.asarray(rows, dtype=np.int64))
    return found


def _else(first: Names, second: Floats) -> Floats:
    """Return the first where there is one, else the second."""
    numbers = np.asarray(pd.to_numeric(pd.Series(first), errors="coerce"), dtype=np.float64)
    return np.where(np.isnan(numbers), second, numbers)


def _power(lamps: Ledger, setting: Setting, factors: FactorTable) -> None:
    low, high = factors.value("stock_weight_low"), factors.value("stock_weight_high")
    draws = setting.draws.of("power", setting.key)

    def usual(words: tuple[str, ...], rows: NDArray[np.int64]) -> Floats:
        technology, usage, road_class = words
        place = road_class if usage == "road" else usage
        return three_points(lookup(factors, f"stock_power_{technology.lower()}", place, "any"), draws[rows], low, high)

    keys = [
        setting.key.to_numpy(dtype=object),
        *(lamps.frame[name].to_numpy(dtype=object) for name in ("usage", "technology")),
    ]
    values = _by_class(lamps, ("technology", "usage", "road_class"), usual)
    lamps.fill("power", _else(lamps.most_frequent("power", keys), values), RULES["power"])


def _year_and_height(lamps: Ledger, setting: Setting, factors: FactorTable) -> None:
    street, usage, technology = (
        setting.key.to_numpy(dtype=object),
        lamps.frame["usage"].to_numpy(dtype=object),
        lamps.frame["technology"].to_numpy(dtype=object),
    )
    draws = setting.draws.of("year", setting.key)
    years = _by_class(
        lamps, ("technology",), lambda words, rows: quantile(factors[f"stock_year_{words[0].lower()}"], draws[rows])
    )
    neighbours = lamps.most_frequent("installed_year", [street, usage, technology])
    lamps.fill("installed_year", np.round(_else(neighbours, years)).astype(np.int64), RULES["installed_year"])
    tall = setting.draws.of("height", setting.key)

    def usual(words: tuple[str, ...], rows: NDArray[np.int64]) -> Floats:
        place, road_class = words
        factor = lookup(factors, "stock_height", road_class if place == "road" else place, "residential")
        values = quantile(factor, tall[rows])
        # Masts are sold by the half metre; what is recessed or a bollard is not.
        return np.round(values * 2) / 2 if factor.low >= 2 else np.round(values, 1)

    heights = _by_class(lamps, ("usage", "road_class"), usual)
    lamps.fill("height", _else(lamps.most_frequent("height", [street, usage]), heights), RULES["height"])


def _light(lamps: Ledger, setting: Setting, factors: FactorTable) -> None:
    newness = setting.draws.of("year", setting.key)
    optics = setting.draws.of("optics", setting.key)

    def of(stem: str, draws: Floats, spread: Callable[[Factor, Floats], Floats]) -> Floats:
        return _by_class(
            lamps, ("technology",), lambda words, rows: spread(factors[f"{stem}_{words[0].lower()}"], draws[rows])
        )

    power = pd.to_numeric(lamps.frame["power"]).to_numpy(dtype=np.float64)
    lamps.fill("flux", np.round(power * of("stock_efficacy", newness, quantile), -1), RULES["flux"])
    low, high = factors.value("stock_weight_low"), factors.value("stock_weight_high")
    colour = of("stock_cct", optics, lambda factor, draws: three_points(factor, draws, low, high))
    lamps.fill("cct", colour, RULES["cct"])

    def upward(words: tuple[str, ...], rows: NDArray[np.int64]) -> Floats:
        usage, technology = words
        name = f"{usage}_led" if technology == "LED" else usage
        return quantile(lookup(factors, "stock_ulr", name, "road"), 1 - newness[rows])

    lamps.fill("ulr", np.round(_by_class(lamps, ("usage", "technology"), upward), 3), RULES["ulr"])


def _legal(lamps: Ledger, territory: Territory) -> Names:
    show = lamps.frame["usage"].isin(("projector", "recessed")).to_numpy()
    if territory.has("green"):
        green = shapely.STRtree(territory.layers["green"].geometry.to_numpy())
        show = show.copy()
        show[np.unique(green.query(lamps.frame.geometry.to_numpy(), predicate="within")[0])] = True
    return np.where(show, "b", "a").astype(object)


def _lit_area(
    lamps: Ledger, setting: Setting, streets: gpd.GeoDataFrame, factors: FactorTable, spacing: Floats | None
) -> Floats:
    frame = lamps.frame
    road_class = frame["road_class"].reset_index(drop=True)
    known = pd.Series(pd.to_numeric(pd.Series(_of_street(lamps, streets, "width")), errors="coerce"))
    width = street_width(road_class, known, factors)
    sides = {name: lookup(factors, "layout_pavement", name, "residential").value for name in road_class.unique()}
    pavement = road_class.map(sides)
    along = _street_length_per_lamp(lamps, setting, streets, factors) if spacing is None else spacing
    area = along * (width + 2 * pavement.to_numpy(dtype=np.float64))
    usage = frame["usage"].to_numpy(dtype=object)
    for name in _OWN_AREA:
        area[usage == name] = factors.value(f"stock_area_{name}")
    return np.asarray(np.round(area, 1), dtype=np.float64)


def _street_length_per_lamp(lamps: Ledger, setting: Setting, streets: gpd.GeoDataFrame, factors: FactorTable) -> Floats:
    """Return the length of the lit arcs of a lamp's street over their lamps [m], within bounds, shape (n,)."""
    usual = factors["stock_spacing"]
    frame = pd.DataFrame({"key": setting.key.to_numpy(), "arc": lamps.frame["street_id"].to_numpy(dtype=object)})
    frame["lights"] = ~lamps.frame["usage"].isin(_OWN_AREA).to_numpy()
    lit = frame[frame["lights"] & frame["arc"].notna()]
    arcs = lit.drop_duplicates("arc")
    length = streets.geometry.length.reindex(arcs["arc"]).to_numpy(dtype=np.float64)
    metres = pd.Series(length, index=arcs["key"].to_numpy()).groupby(level=0).sum()
    per_lamp = (metres / lit.groupby("key").size()).reindex(frame["key"]).to_numpy(dtype=np.float64)
    return np.clip(np.where(np.isfinite(per_lamp), per_lamp, usual.value), usual.low, usual.high)

"""Values that lamps lack: by the street that they light, by the neighbours that are known, by the French stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from jumeau.attributes import ORIGIN_SUFFIX, check_values
from jumeau.columns import numbers, texts
from jumeau.errors import InputError
from jumeau.factors import Factor, FactorTable
from jumeau.networks.lighting.layout.placement import street_width
from jumeau.networks.lighting.layout.rules import SYNTHESIS
from jumeau.networks.lighting.layout.stock import (
    USAGES,
    StreetDraws,
    lookup,
    quantile,
    stratified_technology,
    technology_shares,
    three_points,
)
from jumeau.networks.lighting.tables import ATTRIBUTES
from jumeau.randomness import Streams
from jumeau.territory.completion import missing
from jumeau.territory.graph import road_classes
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

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
    territory: Territory, factors: FactorTable, streams: Streams, spacing: Floats | None, origin: str
) -> Territory:
    """Return the territory with every column that lamps lack filled in.

    Parameters
    ----------
    territory : Territory
        Its lamps come in the order of their identifiers, in which draws are made. Streets, zones and green areas are
        looked at where they exist.
    factors : FactorTable
        Those of the synthesis.
    streams : Streams
    spacing : ndarray, shape (n,), optional
        Street length that each lamp lights [m], where it is known from the layout.
    origin : str
        Of what is filled in.

    Raises
    ------
    InputError
        When a lamp has a technology that no factor describes.
    """
    lamps = territory.layers["lamps"]
    if "technology" in lamps:
        strange = check_values(lamps["technology"], lamps["lamp_id"], ATTRIBUTES.get("lamps", "technology"))
        if strange:
            raise InputError(*strange)
    streets = _streets(territory)

    def filled(column: str, values: ArrayLike) -> gpd.GeoDataFrame:
        """Fill a column of the lamps, and return them."""
        nonlocal territory
        territory = SYNTHESIS.fill(territory, "lamps", column, values, SYNTHESIS.rules[column], origin)
        return territory.layers["lamps"]

    lamps = filled("street_id", _nearest_street(lamps, streets, factors))
    known = _of_street(lamps, streets, "road_class")
    lamps = filled("road_class", np.where(pd.isna(known), ATTRIBUTES.default("lamps", "road_class"), known))
    quiet = lamps["road_class"].isin(_AMBIENCE_CLASSES)
    lamps = filled("usage", np.where(quiet, "ambience", "road").astype(object))
    setting = _setting(lamps, territory, streets, factors, streams)
    lamps = filled("technology", _technology(lamps, setting, factors))
    lamps = filled("power", _power(lamps, setting, factors))
    lamps = filled("installed_year", _year(lamps, setting, factors))
    lamps = filled("height", _height(lamps, setting, factors))
    lamps = filled("flux", _flux(lamps, setting, factors))
    lamps = filled("cct", _colour(lamps, setting, factors))
    lamps = filled("ulr", _upward(lamps, setting, factors))
    lamps = filled("legal_category", _legal(lamps, territory))
    filled("lit_area", _lit_area(lamps, setting, streets, factors, spacing))
    return territory


def _streets(territory: Territory) -> gpd.GeoDataFrame:
    """Return the streets by id, with name, class and width columns in any case."""
    if not territory.has("streets"):
        empty = {name: pd.Series(dtype=object) for name in ("street_id", "name", "road_class", "width")}
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=territory.crs)).set_index("street_id")
    streets = territory.layer("streets")
    streets["street_id"] = streets["street_id"].astype(str)
    for name in ("name", "width"):
        if name not in streets:
            streets[name] = None
    streets["road_class"] = road_classes(streets)
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


def _of_street(lamps: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, column: str) -> Names:
    arcs = texts(lamps, "street_id")
    return np.asarray(streets[column].reindex(arcs).astype(object).to_numpy(), dtype=object)


def _cells(lamps: gpd.GeoDataFrame, side: float) -> pd.Series:
    column = np.floor(lamps.geometry.x / side).astype(int).astype(str)
    row = np.floor(lamps.geometry.y / side).astype(int).astype(str)
    return pd.Series("cell " + column + " " + row, index=lamps.index)


def _setting(
    lamps: gpd.GeoDataFrame, territory: Territory, streets: gpd.GeoDataFrame, factors: FactorTable, streams: Streams
) -> Setting:
    name = pd.Series(_of_street(lamps, streets, "name"), index=lamps.index).fillna("")
    arc = pd.Series(texts(lamps, "street_id"), index=lamps.index)
    key = name.astype(str).where(name.astype(str) != "", arc.astype(str))
    key = key.where(key != "", _cells(lamps, factors.value("layout_cell")))
    # A street belongs to the quarter where its lamps are centred, so that it is not cut by a border.
    centre = pd.DataFrame({"x": lamps.geometry.x, "y": lamps.geometry.y}).groupby(key).mean()
    places = gpd.GeoDataFrame(centre, geometry=gpd.points_from_xy(centre["x"], centre["y"]), crs=lamps.crs)
    quarter = _cells(places, factors.value("layout_quarter"))
    if territory.has("zones"):
        zones = territory.layer("zones").sort_values("zone_id")
        inside = gpd.sjoin(places, zones[["zone_id", "geometry"]], predicate="within")
        inside = inside[~inside.index.duplicated()]
        quarter = inside["zone_id"].astype(str).reindex(places.index).fillna(quarter)
    draws = StreetDraws.draw(list(quarter.index), list(quarter), factors, streams)
    return Setting(key, pd.Series(quarter.loc[key].to_numpy(), index=lamps.index), draws)


def most_frequent(lamps: gpd.GeoDataFrame, column: str, keys: Sequence[NDArray[np.object_]]) -> Names:
    """Return for each lamp the value most often met among those of the same keys, None where there is none.

    Only what was observed counts. Of two values as frequent, the smaller one in alphabetical or numerical order is
    taken.
    """
    nothing = np.full(len(lamps), None, dtype=object)
    gap = missing(lamps, column)
    if gap.all() or not gap.any():
        return nothing
    companion = f"{column}{ORIGIN_SUFFIX}"
    if companion in lamps:
        gap = gap | (lamps[companion].to_numpy(dtype=object) != "observed")
    group = pd.MultiIndex.from_arrays([pd.Series(key).astype(str) for key in keys])
    seen = pd.Series(lamps[column].to_numpy(dtype=object), index=group)[~gap]
    if seen.empty:
        return nothing
    table = seen.rename("value").rename_axis([f"k{rank}" for rank in range(len(keys))]).reset_index()
    names = [name for name in table.columns if name != "value"]
    counts = table.groupby([*names, "value"]).size().rename("count").reset_index()
    counts = counts.sort_values([*names, "count", "value"], ascending=[True] * len(names) + [False, True])
    best = counts.drop_duplicates(names).set_index(names)["value"]
    best.index = pd.MultiIndex.from_tuples([key if isinstance(key, tuple) else (key,) for key in best.index])
    found = best.reindex(group)
    return np.asarray(found.astype(object).where(found.notna(), None).to_numpy(), dtype=object)


def _keys(lamps: gpd.GeoDataFrame, setting: Setting, *columns: str) -> list[Names]:
    """Return what tells the neighbours of a lamp: its street, and some of its columns."""
    return [setting.key.to_numpy(dtype=object), *(lamps[name].to_numpy(dtype=object) for name in columns)]


def _technology(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> Names:
    usage = lamps["usage"].to_numpy(dtype=object)
    chosen = most_frequent(lamps, "technology", _keys(lamps, setting, "usage")).copy()
    drawn = np.array([value is None for value in chosen], dtype=bool) & missing(lamps, "technology")
    for name in sorted(set(usage[drawn])):
        rows = np.flatnonzero(drawn & (usage == name))
        shares = technology_shares(factors, name if name in USAGES else "road")
        chosen[rows] = stratified_technology(setting.key.iloc[rows], setting.draws, shares)
    return chosen


def _by_class(
    lamps: gpd.GeoDataFrame, names: tuple[str, ...], value: Callable[[tuple[str, ...], NDArray[np.int64]], Floats]
) -> Floats:
    """Return a value computed once per combination of the columns `names`, shape (n,)."""
    found = np.full(len(lamps), np.nan)
    plain = lamps.reset_index(drop=True)
    for key, rows in plain.groupby(list(names), sort=True).indices.items():
        words = tuple(str(word) for word in (key if isinstance(key, tuple) else (key,)))
        found[rows] = value(words, np.asarray(rows, dtype=np.int64))
    return found


def _else(first: Names, second: Floats) -> Floats:
    """Return the first where there is one, else the second."""
    numbers = np.asarray(pd.to_numeric(pd.Series(first), errors="coerce"), dtype=np.float64)
    return np.where(np.isnan(numbers), second, numbers)


def _power(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> Floats:
    low, high = factors.value("stock_weight_low"), factors.value("stock_weight_high")
    draws = setting.draws.of("power", setting.key)

    def usual(words: tuple[str, ...], rows: NDArray[np.int64]) -> Floats:
        technology, usage, road_class = words
        place = road_class if usage == "road" else usage
        return three_points(lookup(factors, f"stock_power_{technology.lower()}", place, "any"), draws[rows], low, high)

    values = _by_class(lamps, ("technology", "usage", "road_class"), usual)
    return _else(most_frequent(lamps, "power", _keys(lamps, setting, "usage", "technology")), values)


def _year(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> NDArray[np.int64]:
    years = _spread(lamps, factors, "stock_year", setting.draws.of("year", setting.key), quantile)
    neighbours = most_frequent(lamps, "installed_year", _keys(lamps, setting, "usage", "technology"))
    return np.round(_else(neighbours, years)).astype(np.int64)


def _height(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> Floats:
    tall = setting.draws.of("height", setting.key)

    def usual(words: tuple[str, ...], rows: NDArray[np.int64]) -> Floats:
        place, road_class = words
        factor = lookup(factors, "stock_height", road_class if place == "road" else place, "residential")
        values = quantile(factor, tall[rows])
        # Masts are sold by the half metre; what is recessed or a bollard is not.
        return np.round(values * 2) / 2 if factor.low >= 2 else np.round(values, 1)

    heights = _by_class(lamps, ("usage", "road_class"), usual)
    return _else(most_frequent(lamps, "height", _keys(lamps, setting, "usage")), heights)


def _spread(
    lamps: gpd.GeoDataFrame, factors: FactorTable, stem: str, draws: Floats, spread: Callable[[Factor, Floats], Floats]
) -> Floats:
    """Return the values at some draws of the factor of each lamp's technology, shape (n,)."""
    return _by_class(
        lamps, ("technology",), lambda words, rows: spread(factors[f"{stem}_{words[0].lower()}"], draws[rows])
    )


def _flux(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> Floats:
    efficacy = _spread(lamps, factors, "stock_efficacy", setting.draws.of("year", setting.key), quantile)
    return np.asarray(np.round(numbers(lamps, "power") * efficacy, -1), dtype=np.float64)


def _colour(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> Floats:
    low, high = factors.value("stock_weight_low"), factors.value("stock_weight_high")
    optics = setting.draws.of("optics", setting.key)
    return _spread(lamps, factors, "stock_cct", optics, lambda factor, draws: three_points(factor, draws, low, high))


def _upward(lamps: gpd.GeoDataFrame, setting: Setting, factors: FactorTable) -> Floats:
    newness = setting.draws.of("year", setting.key)

    def upward(words: tuple[str, ...], rows: NDArray[np.int64]) -> Floats:
        usage, technology = words
        name = f"{usage}_led" if technology == "LED" else usage
        return quantile(lookup(factors, "stock_ulr", name, "road"), 1 - newness[rows])

    return np.round(_by_class(lamps, ("usage", "technology"), upward), 3)


def _legal(lamps: gpd.GeoDataFrame, territory: Territory) -> Names:
    show = lamps["usage"].isin(("projector", "recessed")).to_numpy()
    if territory.has("green"):
        green = shapely.STRtree(territory.layers["green"].geometry.to_numpy())
        show = show.copy()
        show[np.unique(green.query(lamps.geometry.to_numpy(), predicate="within")[0])] = True
    return np.where(show, "b", "a").astype(object)


def _lit_area(
    lamps: gpd.GeoDataFrame, setting: Setting, streets: gpd.GeoDataFrame, factors: FactorTable, spacing: Floats | None
) -> Floats:
    road_class = lamps["road_class"].reset_index(drop=True)
    known = pd.Series(pd.to_numeric(pd.Series(_of_street(lamps, streets, "width")), errors="coerce"))
    width = street_width(road_class, known, factors)
    sides = {name: lookup(factors, "layout_pavement", name, "residential").value for name in road_class.unique()}
    pavement = road_class.map(sides)
    along = _street_length_per_lamp(lamps, setting, streets, factors) if spacing is None else spacing
    area = along * (width + 2 * pavement.to_numpy(dtype=np.float64))
    usage = lamps["usage"].to_numpy(dtype=object)
    for name in _OWN_AREA:
        area[usage == name] = factors.value(f"stock_area_{name}")
    return np.asarray(np.round(area, 1), dtype=np.float64)


def _street_length_per_lamp(
    lamps: gpd.GeoDataFrame, setting: Setting, streets: gpd.GeoDataFrame, factors: FactorTable
) -> Floats:
    """Return the length of the lit arcs of a lamp's street over their lamps [m], within bounds, shape (n,)."""
    usual = factors["stock_spacing"]
    frame = pd.DataFrame({"key": setting.key.to_numpy(), "arc": texts(lamps, "street_id")})
    frame["lights"] = ~lamps["usage"].isin(_OWN_AREA).to_numpy()
    lit = frame[frame["lights"] & (frame["arc"] != "")]
    arcs = lit.drop_duplicates("arc")
    length = streets.geometry.length.reindex(arcs["arc"]).to_numpy(dtype=np.float64)
    metres = pd.Series(length, index=arcs["key"].to_numpy()).groupby(level=0).sum()
    per_lamp = (metres / lit.groupby("key").size()).reindex(frame["key"]).to_numpy(dtype=np.float64)
    return np.clip(np.where(np.isfinite(per_lamp), per_lamp, usual.value), usual.low, usual.high)

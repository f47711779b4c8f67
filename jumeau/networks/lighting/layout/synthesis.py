"""A plausible lighting network where the territory has none, or only a part of one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.attributes import check_values
from jumeau.columns import numbers, texts
from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.networks.lighting.layout.grouping import group_lamps
from jumeau.networks.lighting.layout.imputation import impute_lamps
from jumeau.networks.lighting.layout.placement import place_lamps
from jumeau.networks.lighting.layout.rules import SYNTHESIS
from jumeau.networks.lighting.tables import ATTRIBUTES
from jumeau.randomness import Streams
from jumeau.territory.check import check_geometry
from jumeau.territory.completion import Rule, lay_out, missing
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
RULES = SYNTHESIS.rules


def complete(territory: Territory, factors: FactorTable, seed: int) -> Territory:
    """Return the territory with a whole lighting network; what is added is flagged, what is observed is kept.

    Parameters
    ----------
    territory : Territory
        Without `lamps`, they are laid out along `streets`, beside `buildings` and `addresses`. With `lamps`, what they
        lack is imputed. A `lamps` layer without features is a fact: it stays empty.
    factors : FactorTable
        Factors of the network; those of `synthesis_factors.csv` serve where it lacks them.
    seed : int
        The same seed gives the same values, in whatever order rows and columns come.

    Raises
    ------
    InputError
        When lamps or cabinets have no geometry or share an identifier, or a technology is unknown.
    """
    streams = Streams(seed, 0, "lighting")
    table = SYNTHESIS.factors(factors)
    spacing = None
    origin = "imputed"
    if "lamps" not in territory.layers:
        territory, spacing = synthesise_lamps(territory, table, streams)
        origin = "synthetic"
    territory = _ordered(_identified(territory, "lamps", "L"), "lamps")
    if territory.has("lamps"):
        territory = impute_lamps(territory, table, streams, spacing, origin)
    territory = _with_cabinets(territory, table, streams)
    return territory.with_layers({name: territory.layers[name].sort_index() for name in ("lamps", "cabinets")})


def synthesise_lamps(territory: Territory, factors: FactorTable, streams: Streams) -> tuple[Territory, Floats]:
    """Lay out lamps, without their equipment.

    Returns
    -------
    Territory
        With a `lamps` layer: `lamp_id`, `street_id`, points.
    ndarray, shape (n,)
        Street length that each lamp lights [m].
    """

    def shapes(layer: str) -> gpd.GeoSeries:
        empty = gpd.GeoSeries([], crs=territory.crs)
        found = territory.layers[layer].geometry if territory.has(layer) else empty
        return found[found.notna()]

    if territory.has("streets"):
        placed = place_lamps(territory.layer("streets"), shapes("buildings"), shapes("addresses"), factors, streams)
    else:
        placed = gpd.GeoDataFrame({"street_id": [], "spacing": []}, geometry=[], crs=territory.crs)
    digits = max(5, len(str(len(placed))))
    placed.insert(0, "lamp_id", [f"L{number:0{digits}d}" for number in range(1, len(placed) + 1)])
    spacing = placed["spacing"].to_numpy(dtype=np.float64)
    return SYNTHESIS.lay_out(territory, {"lamps": placed.drop(columns="spacing")}), spacing


def _identified(territory: Territory, layer: str, prefix: str) -> Territory:
    """Refuse features without a place or with one another's id; number them where the layer has no ids at all."""
    frame, identifier = territory.layers[layer], ATTRIBUTES.identifier(layer)
    problems = check_geometry(layer, frame, ATTRIBUTES)
    if not missing(frame, identifier).all():
        problems += check_values(frame[identifier], frame[identifier], ATTRIBUTES.get(layer, identifier))
    if problems:
        raise InputError(*problems)
    order = np.lexsort((frame.geometry.y, frame.geometry.x))
    names = np.empty(len(frame), dtype=object)
    digits = max(5, len(str(len(frame))))
    names[order] = [f"{prefix}{number:0{digits}d}" for number in range(1, len(frame) + 1)]
    return SYNTHESIS.fill(territory, layer, identifier, names, RULES["lamp_id"])


def _ordered(territory: Territory, layer: str) -> Territory:
    """Sort a layer by its identifiers, in which order draws are made; its labels tell the place of each row."""
    frame = territory.layer(layer).reset_index(drop=True)
    names = texts(frame, ATTRIBUTES.identifier(layer)).astype(str)
    return territory.with_layers({layer: frame.iloc[np.argsort(names, kind="stable")]})


def _with_cabinets(territory: Territory, factors: FactorTable, streams: Streams) -> Territory:
    """Give each lamp a cabinet: the one that it names, the nearest existing one, or a new one."""
    origin = "imputed"
    if not territory.has("cabinets"):
        territory = _named_cabinets(territory)
    lamps = territory.layers["lamps"]
    if territory.has("cabinets"):
        territory = _identified(territory, "cabinets", "C")
        cabinets = territory.layer("cabinets")
        cabinets["cabinet_id"] = cabinets["cabinet_id"].astype(str)
        if len(lamps):
            territory = SYNTHESIS.fill(territory, "lamps", "cabinet_id", _nearest(lamps, cabinets), RULES["nearest"])
    else:
        origin = "synthetic"
        names, cabinets = _grouped(lamps, _over_water(lamps, territory), factors)
        territory = SYNTHESIS.fill(territory, "lamps", "cabinet_id", names, RULES["cabinets"], origin)
        rule = SYNTHESIS.rule(RULES["cabinets"], origin)
        rules = dict.fromkeys(("geometry", "cabinet_id"), rule)
        territory = lay_out(territory, {"cabinets": cabinets}, {"cabinets": rules})
    territory = _ordered(territory, "cabinets")
    draws = streams.column("cabinet", "control", len(territory.layers["cabinets"]))
    clock = draws < factors.value("layout_share_astronomical")
    control = np.where(clock, "astronomical", "photocell").astype(object)
    return SYNTHESIS.fill(territory, "cabinets", "control", control, RULES["control"], origin)


def _named_cabinets(territory: Territory) -> Territory:
    """Create the cabinets that lamps name, where the layer itself is missing."""
    lamps = territory.layers["lamps"]
    frame = lamps[~missing(lamps, "cabinet_id")]
    if not len(frame):
        return territory
    group = frame["cabinet_id"].astype(str)
    cabinets = _at_middle(frame, group.to_numpy(dtype=object), _over_water(frame, territory))
    rules = {"cabinet_id": Rule(RULES["named"], "observed"), "geometry": SYNTHESIS.rule(RULES["named"])}
    return lay_out(territory, {"cabinets": cabinets}, {"cabinets": rules})


def _nearest(lamps: gpd.GeoDataFrame, cabinets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    ordered = cabinets.sort_values("cabinet_id")
    lamp, cabinet = shapely.STRtree(ordered.geometry.to_numpy()).query_nearest(lamps.geometry.to_numpy())
    order = np.lexsort((cabinet, lamp))[::-1]
    found = np.full(len(lamps), None, dtype=object)
    found[lamp[order]] = ordered["cabinet_id"].to_numpy(dtype=object)[cabinet[order]]
    return found


def _over_water(lamps: gpd.GeoDataFrame, territory: Territory) -> NDArray[np.bool_]:
    """Tell which lamps stand on a bridge."""
    wet = np.zeros(len(lamps), dtype=bool)
    if territory.has("water"):
        water = shapely.STRtree(territory.layers["water"].geometry.to_numpy())
        wet[np.unique(water.query(lamps.geometry.to_numpy(), predicate="within")[0])] = True
    return wet


def _grouped(
    lamps: gpd.GeoDataFrame, wet: NDArray[np.bool_], factors: FactorTable
) -> tuple[NDArray[np.object_], gpd.GeoDataFrame]:
    """Return the cabinet of each lamp, and the cabinets, numbered in the order of their first lamp."""
    size = factors["layout_cabinet_lamps"]
    street = texts(lamps, "street_id").astype(str)
    group = group_lamps(
        shapely.get_coordinates(lamps.geometry.to_numpy()),
        numbers(lamps, "power", 0.0),
        np.unique(street, return_inverse=True)[1].ravel(),
        usual=round(size.value),
        most=round(max(size.high, size.value)),
        most_power=1000 * factors.value("layout_cabinet_power"),
        link=factors.value("layout_cabinet_link"),
        detour=factors.value("layout_cable_detour"),
    )
    codes = pd.factorize(group)[0] + 1
    names = np.array([f"C{code:04d}" for code in codes], dtype=object)
    cabinets = _at_middle(lamps, names, wet)
    return names, cabinets.assign(subscribed_power=np.nan)


def _at_middle(lamps: gpd.GeoDataFrame, names: NDArray[np.object_], wet: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Return one cabinet per name, at the lamp nearest to the centroid of its lamps, rather not on a bridge."""
    if not len(lamps):
        return gpd.GeoDataFrame({"cabinet_id": np.zeros(0, dtype=object)}, geometry=[], crs=lamps.crs)
    xy = pd.DataFrame(shapely.get_coordinates(lamps.geometry.to_numpy()), columns=["x", "y"])
    middle = xy.groupby(names).transform("mean")
    xy["distance"] = np.round(np.hypot(xy["x"] - middle["x"], xy["y"] - middle["y"]), 3)
    xy["cabinet_id"] = names
    xy["wet"] = wet
    best = xy.sort_values(["cabinet_id", "wet", "distance", "x", "y"]).drop_duplicates("cabinet_id")
    points = gpd.points_from_xy(best["x"], best["y"])
    return gpd.GeoDataFrame({"cabinet_id": best["cabinet_id"].to_numpy(dtype=object)}, geometry=points, crs=lamps.crs)

"""A plausible lighting network where the territory has none, or only a part of one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.lighting.layout.grouping import group_lamps
from jumeau.networks.lighting.layout.imputation import impute_lamps
from jumeau.networks.lighting.layout.ledger import LICENCE, SOURCE, Ledger
from jumeau.networks.lighting.layout.placement import place_lamps
from jumeau.networks.lighting.layout.stock import synthesis_factors
from jumeau.randomness import Streams
from jumeau.tables import FactorTable
from jumeau.territory.model import Territory, column_rows

Floats = NDArray[np.float64]

RULES = {
    "lamps": "lamps laid out along the streets of the built-up area, at a usual spacing by road class",
    "lamp_id": "numbered by coordinates",
    "cabinets": "lamps grouped along the shortest cable tree within limits of number and power; "
    "the cabinet stands at the lamp nearest to the middle",
    "named": "cabinets that lamps name: each stands at the lamp nearest to the middle of its lamps",
    "nearest": "nearest cabinet",
    "control": "photocell or astronomical clock, by a stated share",
}


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
    table = synthesis_factors(factors)
    spacing = None
    origin = "imputed"
    if "lamps" not in territory.layers:
        territory, spacing = synthesise_lamps(territory, table, streams)
        origin = "synthetic"
    territory = _identified(territory, "lamps", "lamp_id", "L")
    if territory.has("lamps"):
        lamps = Ledger.open(territory, "lamps", "lamp_id", origin)
        impute_lamps(lamps, territory, table, streams, spacing)
        layer = lamps.close()
        territory = territory.with_layers({"lamps": layer}, pd.concat(lamps.rows) if lamps.rows else None)
    return _with_cabinets(territory, table, streams)


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
    rows = column_rows(
        "lamps", ["geometry", "lamp_id", "street_id"], "synthetic", rule=RULES["lamps"], source=SOURCE, licence=LICENCE
    )
    spacing = placed["spacing"].to_numpy(dtype=np.float64)
    return territory.with_layers({"lamps": placed.drop(columns="spacing")}, rows), spacing


def _identified(territory: Territory, layer: str, identifier: str, prefix: str) -> Territory:
    """Refuse features without a place or with one another's id; number them where the layer has no ids at all."""
    frame = territory.layer(layer)
    absent = frame.geometry.isna() | frame.geometry.is_empty
    if absent.any():
        ids = frame.loc[absent, identifier] if identifier in frame else frame.index[absent]
        raise InputError(
            Problem(
                _("a feature has no geometry"),
                layer=layer,
                features=tuple(str(item) for item in ids),
                hint=_("remove it, or give it coordinates"),
            )
        )
    if identifier not in frame:
        order = np.lexsort((frame.geometry.y, frame.geometry.x))
        names = np.empty(len(frame), dtype=object)
        digits = max(5, len(str(len(frame))))
        names[order] = [f"{prefix}{number:0{digits}d}" for number in range(1, len(frame) + 1)]
        rows = column_rows(layer, [identifier], "imputed", rule=RULES["lamp_id"], source=SOURCE, licence=LICENCE)
        return territory.with_layers({layer: frame.assign(**{identifier: names})}, rows)
    twice = frame[identifier].duplicated(keep=False)
    if twice.any():
        raise InputError(
            Problem(
                _("an identifier stands more than once"),
                layer=layer,
                column=identifier,
                features=tuple(frame.loc[twice, identifier].astype(str)),
                hint=_("make identifiers unique"),
            )
        )
    return territory


def _with_cabinets(territory: Territory, factors: FactorTable, streams: Streams) -> Territory:
    """Give each lamp a cabinet: the one that it names, the nearest existing one, or a new one."""
    lamps = Ledger.open(territory, "lamps", "lamp_id", "imputed")
    rows: list[pd.DataFrame] = []
    if not territory.has("cabinets"):
        territory = _named_cabinets(territory, lamps)
    if territory.has("cabinets"):
        territory = _identified(territory, "cabinets", "cabinet_id", "C")
        cabinets = territory.layer("cabinets")
        cabinets["cabinet_id"] = cabinets["cabinet_id"].astype(str)
        if len(lamps.frame):
            lamps.fill("cabinet_id", _nearest(lamps.frame, cabinets), RULES["nearest"])
        book = Ledger.open(territory, "cabinets", "cabinet_id", "imputed")
    else:
        names, cabinets = _grouped(lamps.frame, _over_water(lamps.frame, territory), factors)
        lamps.fill("cabinet_id", names, RULES["cabinets"], origin="synthetic")
        rows.append(
            column_rows("cabinets", ["geometry", "cabinet_id"], "synthetic",
                        rule=RULES["cabinets"], source=SOURCE, licence=LICENCE)
        )  # fmt: skip
        territory = territory.with_layers({"cabinets": cabinets})
        book = Ledger.open(territory, "cabinets", "cabinet_id", "synthetic")
    draws = streams.column("cabinet", "control", len(book.frame))
    clock = draws < factors.value("layout_share_astronomical")
    book.fill("control", np.where(clock, "astronomical", "photocell").astype(object), RULES["control"])
    layers = {
        "lamps": lamps.close(),
        "cabinets": book.close(),
    }
    added = [*rows, *lamps.rows, *book.rows]
    return territory.with_layers(layers, pd.concat(added)) if added else territory


def _named_cabinets(territory: Territory, lamps: Ledger) -> Territory:
    """Create the cabinets that lamps name, where the layer itself is missing."""
    named = ~lamps.missing("cabinet_id")
    if not named.any():
        return territory
    frame = lamps.frame[named]
    group = frame["cabinet_id"].astype(str)
    cabinets = _at_middle(frame, group.to_numpy(dtype=object), _over_water(frame, territory))
    rows = column_rows("cabinets", ["cabinet_id"], "observed", rule=RULES["named"])
    place = column_rows("cabinets", ["geometry"], "imputed", rule=RULES["named"], source=SOURCE, licence=LICENCE)
    return territory.with_layers({"cabinets": cabinets}, pd.concat([rows, place]))


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
    street = lamps["street_id"].astype(str).to_numpy(dtype=str) if "street_id" in lamps else np.zeros(len(lamps))
    group = group_lamps(
        shapely.get_coordinates(lamps.geometry.to_numpy()),
        pd.to_numeric(lamps["power"]).to_numpy(dtype=np.float64) if "power" in lamps else np.zeros(len(lamps)),
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

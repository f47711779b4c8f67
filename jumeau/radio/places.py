"""What is to be linked: devices with their settings and messages, and the sites where a gateway can stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.radio.tables import FACTORS, entry_loss
from jumeau.shapes import middles

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

#: Kind of a site on a building.
ROOF = "roof"

#: Side of the cells of which the highest roof is a candidate [m].
ROOF_CELL = 300.0


@dataclass(frozen=True)
class Devices:
    """Devices that speak by radio.

    Attributes
    ----------
    ids : ndarray of str, shape (n,)
    xy : ndarray, shape (n, 2)
        In the territory's CRS [m].
    setting : ndarray of str, shape (n,)
        `outdoor`, `indoor` or `pit`.
    messages : ndarray, shape (n,)
        [message/day].
    payload : ndarray, shape (n,)
        Of the application [byte].
    counts : ndarray, shape (n,), optional
        Devices at each place; one where absent.
    """

    ids: Names
    xy: Floats
    setting: Names
    messages: Floats
    payload: Floats
    counts: Floats | None = None

    @property
    def number(self) -> Floats:
        """Devices at each place, shape (n,)."""
        return np.ones(len(self.ids)) if self.counts is None else self.counts

    def __len__(self) -> int:
        return len(self.ids)

    def entry(self, factors: FactorTable = FACTORS) -> Floats:
        """Return what each setting costs on the way in [dB], shape (n,)."""
        losses = {name: entry_loss(name, factors) for name in set(self.setting)}
        return np.array([losses[name] for name in self.setting], dtype=np.float64)

    def taken(self, rows: NDArray[np.generic]) -> Devices:
        """Return some of the devices."""
        return Devices(
            self.ids[rows],
            self.xy[rows],
            self.setting[rows],
            self.messages[rows],
            self.payload[rows],
            self.number[rows],
        )


@dataclass(frozen=True)
class Sites:
    """Places where a gateway can stand.

    Attributes
    ----------
    ids : ndarray of str, shape (m,)
    xy : ndarray, shape (m, 2)
        [m].
    height : ndarray, shape (m,)
        Of the antenna above ground [m].
    kind : ndarray of str, shape (m,)
        What stands there, as its file says; `roof` of a building.
    """

    ids: Names
    xy: Floats
    height: Floats
    kind: Names

    def __len__(self) -> int:
        return len(self.ids)

    def taken(self, rows: NDArray[np.generic]) -> Sites:
        """Return some of the sites."""
        return Sites(self.ids[rows], self.xy[rows], self.height[rows], self.kind[rows])


def devices_of(
    layer: gpd.GeoDataFrame,
    identifier: str,
    setting: str,
    messages: float,
    payload: float,
    factors: FactorTable = FACTORS,
    name: str = "",
) -> Devices:
    """Return one device per feature of a layer: at its point, the middle of its line, inside its area.

    Parameters
    ----------
    layer : GeoDataFrame
    identifier : str
        Column of ids.
    setting : str
    messages : float
        [message/day].
    payload : float
        [byte].
    factors : FactorTable
    name : str
        Of the layer, for messages.

    Raises
    ------
    InputError
        When the setting is none, or no feature has a place.
    """
    entry_loss(setting, factors)
    placed = layer[~(layer.geometry.isna() | layer.geometry.is_empty).to_numpy()]
    if not len(placed):
        hint = _("name another layer, with the option --devices")
        raise InputError(Problem(_("no device has a place"), layer=name, hint=hint))
    count = len(placed)
    return Devices(
        placed[identifier].astype(str).to_numpy(dtype=object),
        places_of(placed.geometry),
        np.full(count, setting, dtype=object),
        np.full(count, float(messages)),
        np.full(count, float(payload)),
    )


def all_devices(parts: Sequence[Devices]) -> Devices:
    """Return several sets of devices as one."""
    return Devices(
        np.concatenate([item.ids for item in parts]),
        np.concatenate([item.xy for item in parts]),
        np.concatenate([item.setting for item in parts]),
        np.concatenate([item.messages for item in parts]),
        np.concatenate([item.payload for item in parts]),
        np.concatenate([item.number for item in parts]),
    )


def places_of(shapes: gpd.GeoSeries) -> Floats:
    """Return one place per shape [m], shape (n, 2); see `middles`."""
    return np.asarray(shapely.get_coordinates(middles(shapes)), dtype=np.float64)


def roofs(buildings: gpd.GeoDataFrame, cell: float, factors: FactorTable = FACTORS) -> Sites:
    """Return the highest roof of each cell of a grid, with a short mast on it.

    Parameters
    ----------
    buildings : GeoDataFrame
        Footprints with `building_id` and `height` [m]; those whose height nobody knows are left out.
    cell : float
        Side of a cell [m].
    factors : FactorTable
    """
    height = numbers(buildings, "height")
    placed = np.isfinite(height) & ~(buildings.geometry.isna() | buildings.geometry.is_empty).to_numpy()
    known, height = buildings[placed], height[placed]
    if not len(known):
        nothing = np.zeros(0, dtype=object)
        return Sites(nothing, np.zeros((0, 2)), np.zeros(0), nothing)
    xy = places_of(known.geometry)
    place = np.floor(xy / cell).astype(np.int64)
    order = np.lexsort((known["building_id"].astype(str), -height))
    first = np.sort(order[np.unique(place[order], axis=0, return_index=True)[1]])
    return Sites(
        known["building_id"].astype(str).to_numpy(dtype=object)[first],
        xy[first],
        height[first] + factors.value("roof_mast"),
        np.full(len(first), ROOF, dtype=object),
    )


def together(parts: Sequence[Sites]) -> Sites:
    """Return several sets of sites as one; an id that stands twice gets a number behind it."""
    ids = np.concatenate([item.ids for item in parts])
    seen: dict[str, int] = {}
    for place, name in enumerate(ids):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            ids[place] = f"{name}#{seen[name]}"
    return Sites(
        ids,
        np.concatenate([item.xy for item in parts]),
        np.concatenate([item.height for item in parts]),
        np.concatenate([item.kind for item in parts]),
    )


def apart(sites: Sites) -> Sites:
    """Return sites of which several at one place count once: the highest."""
    order = np.lexsort((sites.ids.astype(str), -sites.height))
    first = np.unique(sites.xy[order].round(1), axis=0, return_index=True)[1]
    kept = np.sort(order[first])
    return replace(sites, ids=sites.ids[kept], xy=sites.xy[kept], height=sites.height[kept], kind=sites.kind[kept])

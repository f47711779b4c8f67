"""Partial lighting: a feeder, or one lamp in so many, goes dark while its neighbours stay alight."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import changed, texts
from jumeau.i18n import _
from jumeau.network import Layers, MeasureContext, Measured
from jumeau.networks.lighting import devices
from jumeau.networks.lighting.formats.windows import Window, join
from jumeau.networks.lighting.parameters import PartialLighting
from jumeau.networks.lighting.physics.inventory import cabinet_rows

Bools = NDArray[np.bool_]

#: A window that ends where it starts lasts all day.
ALL_NIGHT = Window(0.0, 0.0, 0.0)


def partial_lighting(layers: Layers, selected: Bools, parameters: PartialLighting, context: MeasureContext) -> Measured:
    """Switch off one feeder of the cabinets, or one lamp in so many along each street by its fuse."""
    lamps = layers["lamps"]
    notes: tuple[str, ...] = ()
    if parameters.feeder is not None:
        dark = selected & (texts(lamps, "feeder") == parameters.feeder)
        window = Window(parameters.start, parameters.end, 0.0)
        cabinets = layers["cabinets"]
        row = cabinet_rows(lamps, texts(cabinets, "cabinet_id"))
        concerned = np.unique(row[dark & (row >= 0)])
        names = [str(name) for name in texts(cabinets, "cabinet_id")[concerned]]
        bill = devices.FEEDER_SWITCH.bill(
            "partial_lighting", "cabinets", names, context.factors, price=parameters.unit_cost
        )
        unknown = int((selected & (texts(lamps, "feeder") == "")).sum())
        if unknown:
            notes = (_("{count} lamp(s) whose feeder is not known stay alight").format(count=unknown),)
    else:
        dark = selected & (rank_along(lamps) % parameters.one_in == parameters.one_in - 1)
        window = ALL_NIGHT
        bill = devices.FUSE.bill(
            "partial_lighting",
            "lamps",
            [str(name) for name in texts(lamps, "lamp_id")[dark]],
            context.factors,
            price=parameters.unit_cost,
        )
    profile = np.array([join(text, window.text) for text in texts(lamps, "profile")], dtype=object)
    new = changed(layers, "lamps", dark, "partial_lighting", {"profile": profile})
    return Measured(new, bill, notes)


def rank_along(lamps: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the place of each lamp along its street, shape (n,), counted from one end.

    Lamps are ordered on the main direction of those of one street (of one cabinet where no street is named).
    """
    street, cabinet = texts(lamps, "street_id"), texts(lamps, "cabinet_id")
    group = np.where(street == "", "cabinet " + cabinet, "street " + street)
    xy = shapely.get_coordinates(lamps.geometry.to_numpy())
    rank = np.zeros(len(lamps), dtype=np.int64)
    for name in np.unique(group):
        members = np.flatnonzero(group == name)
        centred = xy[members] - xy[members].mean(axis=0)
        direction = np.linalg.svd(centred, full_matrices=False)[2][0]
        # Which end comes first must not hang on a sign that the decomposition leaves open.
        direction = direction * (1.0 if direction[np.argmax(np.abs(direction))] > 0 else -1.0)
        # Lamps at one place keep the order of the layer.
        along = np.argsort(np.round(centred @ direction, 6), kind="stable")
        rank[members[along]] = np.arange(len(members))
    return rank

"""Masts and brackets of a renewal: kept, replaced when older than they last, or all replaced."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import Bill
from jumeau.columns import changed, numbers, texts
from jumeau.i18n import _
from jumeau.network import MeasureContext
from jumeau.networks.lighting import devices
from jumeau.networks.lighting.parameters import LedRetrofit
from jumeau.networks.lighting.physics.inventory import mast_keys

Bools = NDArray[np.bool_]
Layers = dict[str, gpd.GeoDataFrame]


def renewed(layers: Layers, done: Bools, parameters: LedRetrofit, context: MeasureContext) -> tuple[Layers, Bill, str]:
    """Return layers whose supports are renewed with the lanterns, what it costs, and what is not known.

    A mast that carries several lamps is replaced once, for all of them.

    Parameters
    ----------
    layers : dict of str to GeoDataFrame
        After the change of lanterns.
    done : ndarray of bool, shape (lamps,)
        Lamps whose lantern is changed.
    parameters : LedRetrofit
    context : MeasureContext

    Returns
    -------
    layers, bill, note
    """
    measure, unknown = "led_retrofit", 0
    bill: Bill = ()
    year = float("nan") if parameters.installed_year is None else float(parameters.installed_year)
    # The source goes with its luminaire.
    layers = changed(layers, "lamps", done, measure, {"lamp_year": year})
    lamps = layers["lamps"]
    key, own = mast_keys(lamps), texts(lamps, "support") == "mast"
    every = np.ones(len(lamps), dtype=bool)
    for eligible, column, limit, rule, device, price in (
        (own, "mast_year", "mast_replacement_age", parameters.masts, devices.MAST, parameters.mast_cost),
        (every, "bracket_year", "bracket_replacement_age", parameters.brackets, devices.BRACKET, None),
    ):
        if rule == "keep":
            continue
        chosen = done & eligible
        if rule == "older_than_life":
            age = year - numbers(lamps, column)
            unknown += int((chosen & np.isnan(age)).sum())
            chosen = chosen & (age >= context.factors.value(limit))
        carriers = np.flatnonzero(chosen)
        if device is devices.MAST:
            chosen = own & np.isin(key, key[chosen])
            carriers = np.flatnonzero(chosen)[np.unique(key[chosen], return_index=True)[1]]
        layers = changed(layers, "lamps", chosen, measure, {column: year})
        bill += device.bill(measure, "lamps", list(texts(lamps, "lamp_id")[carriers]), context.factors, price=price)
    note = _("{count} mast(s) or bracket(s) of unknown age stay").format(count=unknown) if unknown else ""
    return layers, bill, note

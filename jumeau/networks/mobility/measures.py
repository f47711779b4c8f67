"""The measures: pure functions from the layers of the mobility network to new ones, and a bill.

Each writes in columns of its own (`INTERVENTIONS`), so that the observed situation, on which choices pivot, can
still be read from the layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.attributes import typed_layer
from jumeau.bill import BillItem
from jumeau.columns import changed, flags, numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau.networks.mobility import devices
from jumeau.networks.mobility.parameters import (
    AdaptiveSignals,
    BikeNetwork,
    CarPooling,
    CloseStreets,
    ElectricVehicles,
    ParkingControl,
    ParkingGuidance,
    ParkingPrice,
    RetimeSignals,
    SpeedLimit,
)
from jumeau.networks.mobility.tables import ATTRIBUTES

Bools = NDArray[np.bool_]

#: Columns in which measures write, by layer: at the defaults of the table, the layers say what was observed.
INTERVENTIONS: Mapping[str, tuple[str, ...]] = {
    "traffic_links": ("limit", "closed", "new_cycleway"),
    "traffic_signals": ("adaptive", "retimed"),
    "traffic_zones": ("carpool_gain",),
    "parking": ("sensor", "guided", "new_price", "new_payment"),
}


def observed(layers: Layers) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of `INTERVENTIONS` as they were before any measure."""
    return {
        name: typed_layer(layers[name].drop(columns=[*columns, "measures"]), ATTRIBUTES, name)
        for name, columns in INTERVENTIONS.items()
    }


def acts_on_traffic(layers: Layers) -> bool:
    """Tell whether a measure changed anything that traffic depends on."""
    for name, columns in INTERVENTIONS.items():
        frame = layers[name]
        for column in columns:
            # A measure that writes nothing leaves flags down, and numbers missing; a gain of zero is none.
            values = frame[column].dropna()
            acts = values != 0.0 if column in ("carpool_gain", "guided") else values.notna()
            if bool(values.any() if values.dtype == bool else acts.any()):
                return True
    return False


def _per_space(frame: gpd.GeoDataFrame, done: Bools, items: tuple[BillItem, ...]) -> tuple[BillItem, ...]:
    count = float(numbers(frame, "spaces")[done].sum())
    return tuple(replace(item, count=count) for item in items)


def parking_guidance(layers: Layers, selected: Bools, parameters: ParkingGuidance, context: MeasureContext) -> Measured:
    """Fit the selected blocks with sensors; the drivers of these blocks are guided."""
    frame = layers["parking"]
    new_ones = selected & ~flags(frame, "sensor")
    values = {"sensor": True, "guided": parameters.adoption}
    new = changed(layers, "parking", selected, "parking_guidance", values)
    items = devices.SENSOR.bill(
        "parking_guidance", "parking", list(texts(frame, "parking_id")[new_ones]), context.factors,
        price=parameters.unit_cost, fee=parameters.annual_fee,
    )  # fmt: skip
    return Measured(new, _per_space(frame, new_ones, items))


def parking_price(layers: Layers, selected: Bools, parameters: ParkingPrice, context: MeasureContext) -> Measured:
    """Charge the selected blocks otherwise."""
    frame = layers["parking"]
    new = changed(layers, "parking", selected, "parking_price", {"new_price": parameters.price})
    names = list(texts(frame, "parking_id")[selected])
    items = devices.PRICE.bill("parking_price", "parking", names, context.factors)
    return Measured(new, _per_space(frame, selected, items))


def parking_control(layers: Layers, selected: Bools, parameters: ParkingControl, context: MeasureContext) -> Measured:
    """Control the selected blocks, so that more drivers pay."""
    frame = layers["parking"]
    new = changed(layers, "parking", selected, "parking_control", {"new_payment": parameters.payment})
    names = list(texts(frame, "parking_id")[selected])
    items = devices.CONTROL.bill("parking_control", "parking", names, context.factors, fee=parameters.annual_fee)
    free = int((selected & (numbers(frame, "new_price", numbers(frame, "price")) <= 0.0)).sum())
    notes = (_("{count} of the blocks controlled are free of charge").format(count=free),) if free else ()
    return Measured(new, _per_space(frame, selected, items), notes)


def adaptive_signals(layers: Layers, selected: Bools, parameters: AdaptiveSignals, context: MeasureContext) -> Measured:
    """Let the selected signals follow the traffic of every hour."""
    frame = layers["traffic_signals"]
    done = selected & ~flags(frame, "adaptive") & (texts(frame, "control") != "adaptive")
    new = changed(layers, "traffic_signals", done, "adaptive_signals", {"adaptive": True})
    bill = devices.ADAPTIVE.bill(
        "adaptive_signals", "traffic_signals", list(texts(frame, "signal_id")[done]), context.factors,
        price=parameters.unit_cost, fee=parameters.annual_fee,
    )  # fmt: skip
    return Measured(new, bill)


def retime_signals(layers: Layers, selected: Bools, parameters: RetimeSignals, context: MeasureContext) -> Measured:
    """Make new timing plans for the selected signals."""
    frame = layers["traffic_signals"]
    new = changed(layers, "traffic_signals", selected, "retime_signals", {"retimed": True})
    names = list(texts(frame, "signal_id")[selected])
    return Measured(
        new,
        devices.RETIMING.bill("retime_signals", "traffic_signals", names, context.factors, price=parameters.unit_cost),
    )


def _per_metre(layers: Layers, done: Bools, items: tuple[BillItem, ...]) -> tuple[BillItem, ...]:
    """Return the items by the length of the streets: both directions are one street."""
    frame = layers["traffic_links"]
    length = numbers(frame, "length")
    length = np.where(np.isnan(length), frame.geometry.length.to_numpy(), length)
    street, names = texts(frame, "street_id"), texts(frame, "link_id")
    key = np.where(street == "", names, street)
    metres = pd.Series(length[done]).groupby(key[done]).max().sum()
    return tuple(replace(item, count=float(metres)) for item in items)


def _streets(layers: Layers, selected: Bools) -> Bools:
    """Return the selected links that are streets."""
    return np.asarray(selected & (texts(layers["traffic_links"], "kind") == "street"))


def speed_limit(layers: Layers, selected: Bools, parameters: SpeedLimit, context: MeasureContext) -> Measured:
    """Lower the speed limit of the selected links."""
    frame = layers["traffic_links"]
    most = parameters.limit * context.factors.value("limit_ratio")
    done = _streets(layers, selected) & (numbers(frame, "speed") > most)
    new = changed(layers, "traffic_links", done, "speed_limit", {"limit": parameters.limit})
    names = list(texts(frame, "link_id")[done])
    items = devices.LIMIT.bill("speed_limit", "traffic_links", names, context.factors, price=parameters.unit_cost)
    slow = int((_streets(layers, selected) & ~done).sum())
    notes = (_("{count} links are not faster than that already").format(count=slow),) if slow else ()
    return Measured(new, _per_metre(layers, done, items), notes)


def close_streets(
    layers: Layers,
    selected: Bools,
    parameters: CloseStreets,
    context: MeasureContext,  # noqa: ARG001 - the contract of a measure
) -> Measured:
    """Close the selected links to motor traffic."""
    done = _streets(layers, selected)
    values: dict[str, Any] = {"closed": True}
    if parameters.open_to_cyclists:
        values["new_cycleway"] = True
    return Measured(changed(layers, "traffic_links", done, "close_streets", values), ())


def bike_network(layers: Layers, selected: Bools, parameters: BikeNetwork, context: MeasureContext) -> Measured:
    """Give cyclists a cycleway along the selected links."""
    frame = layers["traffic_links"]
    done = _streets(layers, selected) & ~flags(frame, "cycleway") & ~flags(frame, "new_cycleway")
    new = changed(layers, "traffic_links", done, "bike_network", {"new_cycleway": True})
    names = list(texts(frame, "link_id")[done])
    items = devices.CYCLEWAY.bill("bike_network", "traffic_links", names, context.factors, price=parameters.unit_cost)
    return Measured(new, _per_metre(layers, done, items))


def car_pooling(layers: Layers, selected: Bools, parameters: CarPooling, context: MeasureContext) -> Measured:
    """Support shared cars for the trips of the selected zones."""
    zones = layers["traffic_zones"]
    gain = numbers(zones, "carpool_gain") + parameters.gain
    new = changed(layers, "traffic_zones", selected, "car_pooling", {"carpool_gain": gain})
    items = devices.CARPOOL.bill(
        "car_pooling", "traffic_zones", list(texts(zones, "zone_id")[selected]), context.factors,
        price=parameters.unit_cost, fee=parameters.annual_fee,
    )  # fmt: skip
    # One service for the territory, however many zones it serves.
    return Measured(new, tuple(replace(item, count=1.0) for item in items))


def electric_vehicles(
    layers: Layers, selected: Bools, parameters: ElectricVehicles, context: MeasureContext
) -> Measured:
    """Replace vehicles of the selected fleets by electric ones, and add the charge points that they ask for."""
    fleets, stations = layers["vehicle_fleets"], layers["charge_points"]
    now = np.nan_to_num(numbers(fleets, "new_electric", numbers(fleets, "electric")))
    wanted = np.maximum(now, parameters.share)
    municipal = selected & (texts(fleets, "owner") == "municipal")
    bought = np.where(selected, (wanted - now) * numbers(fleets, "vehicles"), 0.0)
    new = changed(layers, "vehicle_fleets", selected, "electric_vehicles", {"new_electric": wanted})
    names, factors = texts(fleets, "fleet_id"), context.factors
    bill: list[BillItem] = []
    count = float(np.ceil(bought[municipal].sum()))
    if count > 0.0:
        # Residents buy their cars themselves; the authority pays for its own.
        items = devices.VEHICLE.bill("electric_vehicles", "vehicle_fleets", list(names[municipal]), factors)
        bill += [replace(item, count=count) for item in items]
    points = int(np.ceil(count / parameters.vehicles_per_charger))
    added = [("depot", points), ("public", parameters.public_points if selected.any() else 0)]
    rows = [(use, number) for use, number in added if number > 0]
    if rows:
        place = _middle(layers)
        if place is None:
            raise InputError(Problem(_("no zone to put charge points in"), layer="traffic_zones"))
        taken = set(texts(stations, "station_id"))
        ids = [_fresh(f"new-{use}", taken) for use, _number in rows]
        more = gpd.GeoDataFrame(
            {
                "station_id": ids,
                "use": [use for use, _number in rows],
                "points": [number for _use, number in rows],
                "power": parameters.charger_power,
                "measures": "electric_vehicles",
            },
            geometry=[place] * len(rows),
            crs=stations.crs,
        )
        joined = more if not len(stations) else pd.concat([stations, more], ignore_index=True)
        new = {**new, "charge_points": gpd.GeoDataFrame(joined, crs=stations.crs)}
        items = devices.CHARGER.bill("electric_vehicles", "charge_points", ids, factors)
        bill += [replace(item, count=float(sum(number for _use, number in rows))) for item in items]
    return Measured(new, tuple(bill))


def _fresh(name: str, taken: set[str]) -> str:
    number = 1
    while f"{name}-{number}" in taken:
        number += 1
    taken.add(f"{name}-{number}")
    return f"{name}-{number}"


def _middle(layers: Layers) -> Any:
    """Return the zone with the most jobs: where a depot and public charge points are put."""
    zones = layers["traffic_zones"]
    if not len(zones):
        return None
    return zones.geometry.to_numpy()[int(np.argmax(numbers(zones, "jobs")))]


MEASURES = (
    Measure("parking_guidance", "Parking sensors and guidance", "parking", ParkingGuidance, parking_guidance),
    Measure("parking_price", "Parking price", "parking", ParkingPrice, parking_price),
    Measure("parking_control", "Parking control", "parking", ParkingControl, parking_control),
    Measure("adaptive_signals", "Adaptive signals", "traffic_signals", AdaptiveSignals, adaptive_signals),
    Measure("retime_signals", "New timing plans", "traffic_signals", RetimeSignals, retime_signals),
    Measure("speed_limit", "Lower speed limit", "traffic_links", SpeedLimit, speed_limit),
    Measure("close_streets", "Streets closed to motor traffic", "traffic_links", CloseStreets, close_streets),
    Measure("bike_network", "Bike network", "traffic_links", BikeNetwork, bike_network),
    Measure("car_pooling", "Car-pooling", "traffic_zones", CarPooling, car_pooling),
    Measure("electric_vehicles", "Electric vehicles", "vehicle_fleets", ElectricVehicles, electric_vehicles),
)

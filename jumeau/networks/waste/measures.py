"""The measures: pure functions from the layers of the waste network to new ones, and a bill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import BillItem
from jumeau.columns import changed, flags, numbers, texts
from jumeau.device import Device
from jumeau.i18n import _
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau.networks.waste import devices
from jumeau.networks.waste.parameters import (
    ChangeFrequency,
    DisposalCap,
    DynamicRounds,
    ElectricTrucks,
    FillSensors,
    IncentiveFee,
    OptimiseOrder,
    ResizeContainers,
    ServiceCaps,
    ThresholdRounds,
    TruckCaps,
)
from jumeau.networks.waste.physics.stop_order import stated_orders

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def _planned(
    layers: Layers,
    selected: Bools,
    measure: str,
    values: dict[str, Any],
    parameters: DynamicRounds | ThresholdRounds,
    context: MeasureContext,
) -> Measured:
    """Return services under another policy, and planning software for the trucks that do not have it yet."""
    if parameters.weekdays is not None:
        values["weekdays"] = parameters.weekdays
    before = layers["waste_services"]
    new = changed(layers, "waste_services", selected, measure, values)
    wanted = set(texts(before, "stream")[selected])
    return Measured(new, _software(layers, measure, wanted, context) if parameters.planning else ())


def _software(layers: Layers, measure: str, wanted: set[str], context: MeasureContext) -> tuple[BillItem, ...]:
    """Return the bill of planning software for the trucks of some streams that do not have it yet."""
    services, rounds, trucks = (layers[f"waste_{name}"] for name in ("services", "rounds", "trucks"))
    planned = set(texts(services, "stream")[texts(services, "policy") != "calendar"])
    ordered = ["optimise_order" in str(mark).split(" + ") for mark in texts(rounds, "measures")]
    planned |= set(texts(rounds, "stream")[np.array(ordered, dtype=bool)])
    words = [set(str(text).split()) for text in texts(trucks, "streams")]
    buys = np.array([bool(known & wanted) and not known & planned for known in words], dtype=bool)
    items = devices.PLANNING.bill(measure, "waste_trucks", list(texts(trucks, "truck_id")[buys]), context.factors)
    count = float(numbers(trucks, "count")[buys].sum())
    return tuple(replace(item, count=count) for item in items)


def dynamic_rounds(layers: Layers, selected: Bools, parameters: DynamicRounds, context: MeasureContext) -> Measured:
    """Plan the rounds of the selected streams every day by the risk of overflow."""
    values: dict[str, Any] = {"policy": "dynamic"}
    if parameters.overflow_value is not None:
        values |= {"overflow_value": parameters.overflow_value, "service_target": np.nan}
    if parameters.service_level is not None:
        values |= {"service_target": parameters.service_level, "overflow_value": np.nan}
    return _planned(layers, selected, "dynamic_rounds", values, parameters, context)


def threshold_rounds(layers: Layers, selected: Bools, parameters: ThresholdRounds, context: MeasureContext) -> Measured:
    """Empty every day what is fuller than a threshold, in the selected streams."""
    values: dict[str, Any] = {"policy": "threshold", "threshold": parameters.threshold}
    return _planned(layers, selected, "threshold_rounds", values, parameters, context)


def fill_sensors(layers: Layers, selected: Bools, parameters: FillSensors, context: MeasureContext) -> Measured:
    """Fit the selected containers with sensors: one per container."""
    containers = layers["waste_containers"]
    done = selected & ~flags(containers, "sensor")
    new = changed(layers, "waste_containers", done, "fill_sensors", {"sensor": True})
    bill = _per_container(
        devices.SENSOR,
        "fill_sensors",
        containers,
        done,
        context,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
    )
    services = layers["waste_services"]
    blind = set(texts(services, "stream")[texts(services, "policy") == "calendar"])
    unused = sorted(set(texts(containers, "stream")[done]) & blind)
    notes: tuple[str, ...] = ()
    if unused:
        notes = (
            _("no round looks at the sensors of {streams} unless a later measure plans them dynamically").format(
                streams=", ".join(unused)
            ),
        )
    return Measured(new, bill, notes)


def _per_container(
    device: Device,
    measure: str,
    containers: gpd.GeoDataFrame,
    done: Bools,
    context: MeasureContext,
    *,
    price: float | None = None,
    fee: float | None = None,
) -> tuple[BillItem, ...]:
    """Return the bill of one device per container: rows may stand for several."""
    names = list(texts(containers, "container_id")[done])
    items = device.bill(measure, "waste_containers", names, context.factors, price=price, fee=fee)
    count = float(numbers(containers, "count")[done].sum())
    return tuple(replace(item, count=count) for item in items)


def electric_trucks(layers: Layers, selected: Bools, parameters: ElectricTrucks, context: MeasureContext) -> Measured:
    """Replace the selected trucks by electric ones."""
    trucks, factors = layers["waste_trucks"], context.factors
    done = selected & (texts(trucks, "energy") != "electric")
    battery = factors.value("battery_capacity") if parameters.battery is None else parameters.battery
    new = changed(layers, "waste_trucks", done, "electric_trucks", {"energy": "electric", "battery": battery})
    names = list(texts(trucks, "truck_id")[done])
    count = numbers(trucks, "count")
    items = devices.ELECTRIC_TRUCK.bill("electric_trucks", "waste_trucks", names, factors, price=parameters.surcharge)
    bill = [replace(item, count=float(count[done].sum())) for item in items]
    depots = new["waste_depots"]
    known = texts(depots, "depot_id")
    at = texts(trucks, "depot_id", str(known[0]) if len(known) else "")
    wanted = np.array(
        [np.ceil(count[done & (at == name)].sum() / parameters.trucks_per_charger) for name in known], dtype=np.float64
    )
    served = wanted > 0.0
    if served.any():
        points = numbers(depots, "chargers") + wanted
        power = numbers(depots, "charger_power")
        if parameters.charger_power is not None:
            power = np.full(len(depots), parameters.charger_power)
        depots = depots.assign(
            chargers=np.where(served, points, numbers(depots, "chargers")),
            charger_power=np.where(served, power, numbers(depots, "charger_power")),
        )
        new = {**new, "waste_depots": depots}
        items = devices.CHARGER.bill("electric_trucks", "waste_depots", list(known[served]), factors)
        bill += [replace(item, count=float(wanted.sum())) for item in items]
    return Measured(new, tuple(bill))


def resize_containers(
    layers: Layers, selected: Bools, parameters: ResizeContainers, context: MeasureContext
) -> Measured:
    """Give the selected containers another volume or number; the new ones are billed."""
    containers = layers["waste_containers"]
    volume, count = numbers(containers, "volume"), numbers(containers, "count")
    values: dict[str, Any] = {}
    if parameters.volume is not None:
        values["volume"] = parameters.volume
    if parameters.count is not None:
        values["count"] = float(parameters.count)
    new = changed(layers, "waste_containers", selected, "resize_containers", values)
    sized, numbered = numbers(new["waste_containers"], "volume"), numbers(new["waste_containers"], "count")
    # A container of another volume is a new one; of the same volume, only those beyond the present number are.
    bought = np.where(sized != volume, numbered, np.maximum(numbered - count, 0.0)) * selected
    wheeled = texts(containers, "kind") == "wheeled_bin"
    bill: list[BillItem] = []
    for device, kind in ((devices.BIN, wheeled), (devices.COLUMN, ~wheeled)):
        part = selected & kind & (bought > 0.0)
        if not part.any():
            continue
        carbon = context.factors.value("container_embodied_carbon") * float((bought * sized)[part].sum())
        items = device.bill(
            "resize_containers",
            "waste_containers",
            list(texts(containers, "container_id")[part]),
            context.factors,
            price=parameters.unit_cost,
        )
        number = float(bought[part].sum())
        bill += [replace(item, count=number, embodied_carbon=carbon / number, carbon_factor="") for item in items]
    return Measured(new, tuple(bill))


def change_frequency(
    layers: Layers,
    selected: Bools,
    parameters: ChangeFrequency,
    context: MeasureContext,  # noqa: ARG001 - the contract of a measure
) -> Measured:
    """Collect the selected rounds on other days, or in other weeks."""
    values: dict[str, Any] = {}
    if parameters.weekdays is not None:
        values["weekdays"] = parameters.weekdays
    if parameters.every is not None:
        values["every"] = float(parameters.every)
        values["first_week"] = np.mod(numbers(layers["waste_rounds"], "first_week"), parameters.every)
    return Measured(changed(layers, "waste_rounds", selected, "change_frequency", values), ())


def optimise_order(layers: Layers, selected: Bools, parameters: OptimiseOrder, context: MeasureContext) -> Measured:
    """Forget the order in which the selected rounds are driven today, so that it is planned."""
    rounds, stops = layers["waste_rounds"], layers["waste_stops"]
    names = texts(rounds, "round_id")
    done = selected & np.isin(names, list(stated_orders(layers)))
    new = changed(layers, "waste_rounds", done, "optimise_order", {"order": ""})
    new = {**new, "waste_stops": stops[~np.isin(texts(stops, "round_id"), names[done])].reset_index(drop=True)}
    bill: tuple[BillItem, ...] = ()
    if parameters.planning and done.any():
        bill = _software(layers, "optimise_order", set(texts(rounds, "stream")[done]), context)
    notes: tuple[str, ...] = ()
    if not done.any():
        notes = (_("the territory tells the order of none of these rounds: it is planned as it is"),)
    return Measured(new, bill, notes)


def service_caps(
    layers: Layers,
    selected: Bools,
    parameters: ServiceCaps,
    context: MeasureContext,  # noqa: ARG001 - the contract of a measure
) -> Measured:
    """Cap what all trucks of the selected services collect on a day."""
    values = _caps(parameters.stops, parameters.tonnes)
    return Measured(changed(layers, "waste_services", selected, "service_caps", values), ())


def truck_caps(
    layers: Layers,
    selected: Bools,
    parameters: TruckCaps,
    context: MeasureContext,  # noqa: ARG001 - the contract of a measure
) -> Measured:
    """Cap what each of the selected trucks collects on a day."""
    values = _caps(parameters.stops, parameters.tonnes)
    return Measured(changed(layers, "waste_trucks", selected, "truck_caps", values), ())


def disposal_cap(
    layers: Layers,
    selected: Bools,
    parameters: DisposalCap,
    context: MeasureContext,  # noqa: ARG001 - the contract of a measure
) -> Measured:
    """Cap what the selected disposal sites take in on a day."""
    values = _caps(None, parameters.tonnes)
    return Measured(changed(layers, "waste_disposal", selected, "disposal_cap", values), ())


def _caps(stops: int | None, tonnes: float | None) -> dict[str, float]:
    stated = {"stops_cap": None if stops is None else float(stops), "tonnes_cap": tonnes}
    return {name: value for name, value in stated.items() if value is not None}


def incentive_fee(layers: Layers, selected: Bools, parameters: IncentiveFee, context: MeasureContext) -> Measured:
    """Change what is thrown into the selected containers: less residual waste, more sorted."""
    containers, factors = layers["waste_containers"], context.factors
    residual = factors.value("fee_residual") if parameters.residual is None else parameters.residual
    sorted_ = factors.value("fee_sorted") if parameters.sorted is None else parameters.sorted
    effect = np.where(texts(containers, "stream") == "residual", residual, sorted_)
    both = (1.0 + numbers(containers, "fee_effect")) * (1.0 + effect) - 1.0
    new = changed(layers, "waste_containers", selected, "incentive_fee", {"fee_effect": both})
    billed = selected & (texts(containers, "stream") == "residual")
    bill = _per_container(
        devices.FEE,
        "incentive_fee",
        containers,
        billed,
        context,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
    )
    return Measured(new, bill)


MEASURES = (
    Measure("dynamic_rounds", "Dynamic rounds", "waste_services", DynamicRounds, dynamic_rounds),
    Measure("threshold_rounds", "Rounds above a threshold", "waste_services", ThresholdRounds, threshold_rounds),
    Measure("fill_sensors", "Fill sensors", "waste_containers", FillSensors, fill_sensors, shown_without=True),
    Measure("electric_trucks", "Electric trucks", "waste_trucks", ElectricTrucks, electric_trucks),
    Measure("resize_containers", "Other containers", "waste_containers", ResizeContainers, resize_containers),
    Measure("change_frequency", "Other frequency", "waste_rounds", ChangeFrequency, change_frequency),
    Measure("optimise_order", "Order of rounds", "waste_rounds", OptimiseOrder, optimise_order),
    Measure("service_caps", "Daily caps of a service", "waste_services", ServiceCaps, service_caps),
    Measure("truck_caps", "Daily caps of trucks", "waste_trucks", TruckCaps, truck_caps),
    Measure("disposal_cap", "Daily cap of a disposal site", "waste_disposal", DisposalCap, disposal_cap),
    Measure("incentive_fee", "Incentive fee", "waste_containers", IncentiveFee, incentive_fee),
)

"""The measures: pure functions from lamps and cabinets to new ones, and a bill."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import changed, flags, numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau.networks.lighting import certificates, devices
from jumeau.networks.lighting.formats.windows import Window, join
from jumeau.networks.lighting.parameters import (
    AstronomicalClock,
    ConnectedClock,
    ConstantLightOutput,
    Dimming,
    LedRetrofit,
    Maintenance,
    MotionDetection,
    PartialLighting,
    RemoteManagement,
    SwitchOff,
)
from jumeau.networks.lighting.partial import partial_lighting
from jumeau.networks.lighting.physics.inventory import (
    DISCHARGE,
    by_technology,
    cabinet_rows,
    system_power,
)
from jumeau.networks.lighting.supports import renewed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def _names(layers: Layers, selected: Bools, layer: str = "lamps") -> list[str]:
    return list(texts(layers[layer], "lamp_id" if layer == "lamps" else "cabinet_id")[selected])


def _left_out(selected: Bools, kept: Bools, reason: str) -> tuple[str, ...]:
    count = int((selected & ~kept).sum())
    return (reason.format(count=count),) if count else ()


def _given_or(factors: FactorTable, name: str, given: float | None) -> float:
    return factors.value(name) if given is None else given


def led_retrofit(layers: Layers, selected: Bools, parameters: LedRetrofit, context: MeasureContext) -> Measured:
    """Replace the selected lamps by LED luminaires; power, flux, colour, upward light, gear and age change."""
    lamps, factors = layers["lamps"], context.factors
    technology = texts(lamps, "technology")
    done = selected & ((technology != "LED") | parameters.replace_led)
    power = _led_power(lamps, parameters, by_technology("led_power_ratio_", technology, factors))
    efficacy = _given_or(factors, "efficacy_led", parameters.efficacy)
    year = np.nan if parameters.installed_year is None else float(parameters.installed_year)
    new = changed(
        layers,
        "lamps",
        done,
        "led_retrofit",
        {
            "technology": "LED",
            "power": power,
            "gear_loss": factors.value("gear_loss_led"),
            "flux": power * efficacy,
            "cct": parameters.cct,
            "ulr": parameters.ulr,
            "installed_year": year,
        },
    )
    if parameters.renegotiate_subscription:
        new = _renegotiated(layers, new, context)
    bill = devices.LED.bill(
        "led_retrofit",
        "lamps",
        _names(layers, done),
        factors,
        price=parameters.unit_cost,
        certificates=certificates.of_luminaire(efficacy, parameters.ulr, factors),
    )
    new, supports, unknown = renewed(new, done, parameters, context)
    notes = _left_out(selected, done, _("{count} lamp(s) are LED already and stay"))
    return Measured(new, bill + supports, notes + ((unknown,) if unknown else ()))


def _led_power(lamps: gpd.GeoDataFrame, parameters: LedRetrofit, ratio: Floats) -> Floats:
    old = np.nan_to_num(numbers(lamps, "power"))
    if parameters.power is not None:
        return np.full(len(old), parameters.power)
    power = old * (ratio if parameters.power_ratio is None else parameters.power_ratio)
    for before, after in parameters.power_table.items():
        power[np.isclose(old, before)] = after
    return power


def _renegotiated(old: Layers, new: Layers, context: MeasureContext) -> dict[str, gpd.GeoDataFrame]:
    """Lower known subscribed powers in proportion to the load of their cabinets."""
    cabinets = new["cabinets"].copy()
    row = cabinet_rows(old["lamps"], texts(cabinets, "cabinet_id"))
    fed = row >= 0
    loads = [
        np.bincount(row[fed], system_power(layers["lamps"], context.factors)[fed], minlength=len(cabinets))
        for layers in (old, new)
    ]
    ratio = np.divide(loads[1], loads[0], out=np.ones(len(cabinets)), where=loads[0] > 0)
    step = context.factors.value("subscription_step")
    subscribed = numbers(cabinets, "subscribed_power")
    stepped = np.ceil(subscribed * ratio / step - 1e-9) * step
    cabinets["subscribed_power"] = np.where(ratio < 1.0, np.minimum(stepped, subscribed), subscribed)
    return {**new, "cabinets": cabinets}


def dimming(layers: Layers, selected: Bools, parameters: Dimming, context: MeasureContext) -> Measured:
    """Give the selected lamps windows of reduced output; those of their present profile stay in force."""
    technology = texts(layers["lamps"], "technology")
    led, discharge = technology == "LED", np.isin(technology, DISCHARGE)
    done = selected & (led | discharge)
    windows = join(*(block.window().text for block in parameters.profile))
    new = _with_windows(layers, done, "dimming", windows)
    bill = tuple(
        item
        for device, chosen in ((devices.DRIVER_PROFILE, done & led), (devices.BALLAST, done & discharge))
        for item in device.bill(
            "dimming",
            "lamps",
            _names(layers, chosen),
            context.factors,
            price=parameters.unit_cost,
            certificates=certificates.of_dimming(layers["lamps"], chosen, context.factors),
        )
    )
    notes = _left_out(selected, done, _("{count} lamp(s) cannot be dimmed and stay at full output"))
    floor = context.factors.value("bipower_level")
    if (done & discharge).any() and min(block.level for block in parameters.profile) < floor:
        notes += (
            _("{count} discharge lamp(s) go no lower than {level} % of their flux").format(
                count=int((done & discharge).sum()), level=round(100 * floor)
            ),
        )
    return Measured(new, bill, notes)


def _with_windows(layers: Layers, selected: Bools, measure: str, windows: str) -> dict[str, gpd.GeoDataFrame]:
    profile = np.array([join(text, windows) for text in texts(layers["lamps"], "profile")], dtype=object)
    return changed(layers, "lamps", selected, measure, {"profile": profile})


def switch_off(layers: Layers, selected: Bools, parameters: SwitchOff, context: MeasureContext) -> Measured:
    """Switch the selected lamps off in the middle of the night; cabinets without a clock get one."""
    new = _with_windows(layers, selected, "switch_off", Window(parameters.start, parameters.end, 0.0).text)
    cabinets = layers["cabinets"]
    row = cabinet_rows(layers["lamps"], texts(cabinets, "cabinet_id"))
    concerned = np.zeros(len(cabinets), dtype=bool)
    concerned[row[selected & (row >= 0)]] = True
    without = concerned & (texts(cabinets, "control") != "astronomical")
    new = changed(new, "cabinets", without, "switch_off", {"control": "astronomical"})
    bill = devices.CLOCK.bill(
        "switch_off", "cabinets", _names(layers, without, "cabinets"), context.factors, price=parameters.unit_cost
    )
    return Measured(new, bill)


def motion_detection(layers: Layers, selected: Bools, parameters: MotionDetection, context: MeasureContext) -> Measured:
    """Fit motion sensors to the selected LED luminaires."""
    lamps = layers["lamps"]
    done = selected & (texts(lamps, "technology") == "LED")
    standby = numbers(lamps, "standby") + context.factors.value("motion_standby")
    new = changed(
        layers,
        "lamps",
        done,
        "motion_detection",
        {
            "motion": True,
            "motion_idle": parameters.idle,
            "motion_hold": parameters.hold,
            "motion_group": parameters.group,
            "motion_from": parameters.start,
            "motion_to": parameters.end,
            "standby": np.where(flags(lamps, "motion"), numbers(lamps, "standby"), standby),
        },
    )
    bill = devices.MOTION.bill(
        "motion_detection", "lamps", _names(layers, done), context.factors, price=parameters.unit_cost
    )
    return Measured(new, bill, _left_out(selected, done, _("{count} lamp(s) are not LED and get no motion sensor")))


def remote_management(
    layers: Layers, selected: Bools, parameters: RemoteManagement, context: MeasureContext
) -> Measured:
    """Fit a node on each selected lamp that has none."""
    lamps, factors = layers["lamps"], context.factors
    done = selected & ~flags(lamps, "managed")
    power = _given_or(factors, "node_standby", parameters.standby)
    new = changed(
        layers,
        "lamps",
        done,
        "remote_management",
        {
            "managed": True,
            "standby": numbers(lamps, "standby") + power,
            "alarm_delay": _given_or(factors, "alarm_delay", parameters.alarm_delay),
        },
    )
    bill = devices.NODE.bill(
        "remote_management",
        "lamps",
        _names(layers, done),
        factors,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
        power=power,
    )
    return Measured(new, bill, _left_out(selected, done, _("{count} lamp(s) have a node already")))


def constant_light_output(
    layers: Layers, selected: Bools, parameters: ConstantLightOutput, context: MeasureContext
) -> Measured:
    """Let the drivers of the selected LED luminaires keep the flux constant over life."""
    done = selected & (texts(layers["lamps"], "technology") == "LED")
    new = changed(layers, "lamps", done, "constant_light_output", {"clo": True})
    bill = devices.CLO.bill(
        "constant_light_output", "lamps", _names(layers, done), context.factors, price=parameters.unit_cost
    )
    return Measured(new, bill, _left_out(selected, done, _("{count} lamp(s) are not LED: their flux cannot be kept")))


def astronomical_clock(
    layers: Layers, selected: Bools, parameters: AstronomicalClock, context: MeasureContext
) -> Measured:
    """Switch the selected cabinets by an astronomical clock; those that have one only get its offsets."""
    new = changed(
        layers,
        "cabinets",
        selected,
        "astronomical_clock",
        {
            "control": "astronomical",
            "evening_offset": parameters.evening_offset,
            "morning_offset": parameters.morning_offset,
        },
    )
    without = selected & (texts(layers["cabinets"], "control") != "astronomical")
    bill = devices.CLOCK.bill(
        "astronomical_clock",
        "cabinets",
        _names(layers, without, "cabinets"),
        context.factors,
        price=parameters.unit_cost,
    )
    return Measured(new, bill)


def connected_clock(layers: Layers, selected: Bools, parameters: ConnectedClock, context: MeasureContext) -> Measured:
    """Fit a connected clock in each selected cabinet that has none; it needs fewer visits."""
    done = selected & ~flags(layers["cabinets"], "connected")
    given = {
        name: value
        for name, value in (
            ("evening_offset", parameters.evening_offset),
            ("morning_offset", parameters.morning_offset),
        )
        if value is not None
    }
    new = changed(layers, "cabinets", done, "connected_clock", {"control": "astronomical", "connected": True, **given})
    bill = devices.CONNECTED_CLOCK.bill(
        "connected_clock",
        "cabinets",
        _names(layers, done, "cabinets"),
        context.factors,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
    )
    return Measured(new, bill, _left_out(selected, done, _("{count} cabinet(s) have a connected clock already")))


def maintenance(
    layers: Layers,
    selected: Bools,
    parameters: Maintenance,
    context: MeasureContext,  # noqa: ARG001 - every measure has the same signature
) -> Measured:
    """Change the patrols of the selected cabinets, or the time until a work order; nothing is installed."""
    given = {
        name: value
        for name, value in (
            ("patrol_interval", parameters.patrol_interval),
            ("dispatch_delay", parameters.dispatch_delay),
        )
        if value is not None
    }
    return Measured(changed(layers, "cabinets", selected, "maintenance", given), ())


MEASURES = (
    Measure("led_retrofit", "LED luminaires", "lamps", LedRetrofit, led_retrofit),
    Measure("dimming", "Night dimming", "lamps", Dimming, dimming),
    Measure("switch_off", "Night switch-off", "lamps", SwitchOff, switch_off),
    Measure("motion_detection", "Motion detection", "lamps", MotionDetection, motion_detection),
    Measure("remote_management", "Remote management", "lamps", RemoteManagement, remote_management),
    Measure(
        "constant_light_output",
        "Constant light output",
        "lamps",
        ConstantLightOutput,
        constant_light_output,
    ),
    Measure("astronomical_clock", "Astronomical clocks", "cabinets", AstronomicalClock, astronomical_clock),
    Measure("connected_clock", "Connected clocks", "cabinets", ConnectedClock, connected_clock),
    Measure("partial_lighting", "Partial lighting", "lamps", PartialLighting, partial_lighting),
    Measure("maintenance", "Maintenance policy", "cabinets", Maintenance, maintenance),
)

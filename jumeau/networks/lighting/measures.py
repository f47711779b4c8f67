"""The measures: pure functions from lamps and cabinets to new ones, and a bill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import changed, flags, numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau.networks.lighting import devices
from jumeau.networks.lighting.night_measures import curfew, dark_corridor, dimming, relighting, switch_off
from jumeau.networks.lighting.parameters import (
    AstronomicalClock,
    ConnectedClock,
    ConstantLightOutput,
    Curfew,
    DarkCorridor,
    Dimming,
    LedRetrofit,
    Maintenance,
    MotionDetection,
    PartialLighting,
    Relighting,
    RemoteManagement,
    SwitchOff,
)
from jumeau.networks.lighting.partial import partial_lighting
from jumeau.networks.lighting.retrofit import led_retrofit
from jumeau.networks.lighting.selected import left_out, names_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def _given_or(factors: FactorTable, name: str, given: float | None) -> float:
    return factors.value(name) if given is None else given


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
        "motion_detection", "lamps", names_of(layers, done), context.factors, price=parameters.unit_cost
    )
    return Measured(new, bill, left_out(selected, done, _("{count} lamp(s) are not LED and get no motion sensor")))


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
        names_of(layers, done),
        factors,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
        power=power,
    )
    return Measured(new, bill, left_out(selected, done, _("{count} lamp(s) have a node already")))


def constant_light_output(
    layers: Layers, selected: Bools, parameters: ConstantLightOutput, context: MeasureContext
) -> Measured:
    """Let the drivers of the selected LED luminaires keep the flux constant over life."""
    done = selected & (texts(layers["lamps"], "technology") == "LED")
    new = changed(layers, "lamps", done, "constant_light_output", {"clo": True})
    bill = devices.CLO.bill(
        "constant_light_output", "lamps", names_of(layers, done), context.factors, price=parameters.unit_cost
    )
    return Measured(new, bill, left_out(selected, done, _("{count} lamp(s) are not LED: their flux cannot be kept")))


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
        names_of(layers, without, "cabinets"),
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
        names_of(layers, done, "cabinets"),
        context.factors,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
    )
    return Measured(new, bill, left_out(selected, done, _("{count} cabinet(s) have a connected clock already")))


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
    Measure("relighting", "Lighting again at night", "lamps", Relighting, relighting),
    Measure("dark_corridor", "Dark corridor", "lamps", DarkCorridor, dark_corridor),
    Measure("curfew", "Curfews of the order of 2018", "lamps", Curfew, curfew),
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

"""Measures that lower pressure: pure functions, each checked against EPANET, which tells whom they leave short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.bill import Bill
from jumeau.columns import changed, numbers, rows_of, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.network import Layers, MeasureContext, Measured
from jumeau.networks.water import devices
from jumeau.networks.water.layout.valves import with_valves
from jumeau.networks.water.parameters import PressureReduction, PressureValve
from jumeau.networks.water.physics.burst_pressure import highest_pressures
from jumeau.networks.water.physics.profile import Profile, drawing, profile
from jumeau.networks.water.physics.valve_settings import for_critical_point, with_settings, zone_behind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: A change of pressure below which nothing is said to have changed [m].
LEAST = 0.1

#: Names that a message lists at most.
LISTED = 5

NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class _Set:
    """Layers with valves that are set.

    Attributes
    ----------
    layers : mapping of str to GeoDataFrame
    changing : ndarray of int
        Rows of the valves whose setting changes over the day: each needs a controller.
    critical : ndarray of int
        Rows of one of them for each zone: it carries the sensor of its critical point.
    notes : tuple of str
    """

    layers: Layers
    changing: Ints
    critical: Ints
    notes: tuple[str, ...] = ()


def pressure_reduction(
    layers: Layers, selected: Bools, parameters: PressureReduction, context: MeasureContext
) -> Measured:
    """Lower the setting of the selected reducing valves."""
    valves = layers["water_valves"]
    done = selected & (texts(valves, "kind") == "PRV")
    count = int((selected & ~done).sum())
    notes = (_("{count} valve(s) do not reduce pressure and stay as they are").format(count=count),) if count else ()
    if not done.any():
        return Measured(changed(layers, "water_valves", done, "pressure_reduction", {}), (), notes)
    if parameters.minimum_pressure is not None:
        found = _by_zone(layers, np.flatnonzero(done), parameters, "pressure_reduction")
    else:
        found = _stated(layers, done, parameters)
    new, checked = _checked(layers, found.layers, context)
    bill = _control(found, "pressure_reduction", parameters.unit_cost, context)
    return Measured(new, bill, (*notes, *found.notes, *checked))


def _control(found: _Set, measure: str, price: float | None, context: MeasureContext) -> Bill:
    """Return the bill of controllers, and of sensors at critical points."""
    names = texts(found.layers["water_valves"], "valve_id")
    changing, critical = list(names[found.changing]), list(names[found.critical])
    controllers = devices.CONTROLLER.bill(measure, "water_valves", changing, context.factors, price=price)
    return (*controllers, *devices.PRESSURE_SENSOR.bill(measure, "water_valves", critical, context.factors))


def _stated(layers: Layers, done: Bools, parameters: PressureReduction) -> _Set:
    """Return the layers with settings as the scenario states them."""
    valves = layers["water_valves"]
    setting = numbers(valves, "setting")
    if parameters.reduction is not None:
        setting = np.maximum(setting - parameters.reduction, 0.0)
    elif parameters.setting is not None:
        setting = np.full(len(valves), parameters.setting)
    values: dict[str, Any] = {"setting": setting, "hourly_settings": np.full(len(valves), "", dtype=object)}
    if parameters.night_reduction is None and parameters.night_setting is None:
        return _Set(changed(layers, "water_valves", done, "pressure_reduction", values), NONE, NONE)
    night = np.maximum(setting - (parameters.night_reduction or 0.0), 0.0)
    if parameters.night_setting is not None:
        night = np.full(len(valves), parameters.night_setting)
    values |= {"night_setting": night, "night_from": parameters.start, "night_to": parameters.end}
    return _Set(changed(layers, "water_valves", done, "pressure_reduction", values), np.flatnonzero(done), NONE)


def _by_zone(layers: Layers, rows: Ints, parameters: PressureReduction | PressureValve, measure: str) -> _Set:
    """Return the layers with settings that keep a pressure at the critical point of each zone.

    Valves that feed one zone together are lowered together.
    """
    target = float(parameters.minimum_pressure or 0.0)
    during = _window(parameters) if parameters.night_only else np.ones(24, dtype=bool)
    notes = []
    zones: dict[frozenset[str], list[int]] = {}
    for row in rows:
        fed = frozenset(str(name) for name in zone_behind(layers, np.array([row])).junctions)
        zones.setdefault(fed, []).append(int(row))
    new, changing, critical = layers, [], []
    for group in zones.values():
        valves = np.array(group, dtype=np.int64)
        settings, reached = for_critical_point(new, valves, target, parameters.modulation, during)
        # What a controller would hardly move, a fixed valve does.
        steady = np.ptp(settings, axis=0) < LEAST
        settings = np.where(steady, settings.max(axis=0), settings)
        new = with_settings(new, valves, settings)
        moved = [row for row, same in zip(group, steady, strict=True) if not same]
        changing += moved
        critical += moved[:1] if parameters.modulation == "critical_point" else []
        names = texts(new["water_valves"], "valve_id")[valves]
        around = zone_behind(new, valves).around
        if around:
            text = _("{valves}: water also enters their zone by {names}, which the measure leaves as they are")
            notes.append(text.format(valves=_listed(names), names=_listed(np.array(around, dtype=object))))
        if reached < target - LEAST:
            notes.append(
                _("{valves}: the critical point has {reached} m, below the {target} m asked for").format(
                    valves=_listed(names), reached=format_number(reached, 1), target=format_number(target, 1)
                )
            )
        notes.append(
            _("{valves}: set from {low} to {high} m, so that the critical point keeps {reached} m").format(
                valves=_listed(names),
                low=format_number(settings.min(), 1),
                high=format_number(settings.max(), 1),
                reached=format_number(reached, 1),
            )
        )
    marked = np.zeros(len(new["water_valves"]), dtype=bool)
    marked[rows] = True
    return _Set(
        changed(new, "water_valves", marked, measure, {}),
        np.array(changing, dtype=np.int64),
        np.array(critical, dtype=np.int64),
        tuple(notes),
    )


def _window(parameters: PressureReduction | PressureValve) -> Bools:
    """Tell which hours of the clock lie in the night window, shape (24,)."""
    middle = np.arange(24) + 0.5
    if parameters.start <= parameters.end:
        return np.asarray((middle >= parameters.start) & (middle < parameters.end), dtype=bool)
    return np.asarray((middle >= parameters.start) | (middle < parameters.end), dtype=bool)


def pressure_valve(layers: Layers, selected: Bools, parameters: PressureValve, context: MeasureContext) -> Measured:
    """Install reducing valves in pipes, or at the entries of a zone."""
    open_ = texts(layers["water_pipes"], "status") != "closed"
    if not (selected & open_).any():
        return Measured(changed(layers, "water_pipes", np.zeros_like(selected), "pressure_valve", {}), ())
    before = profile(layers)
    flow = before.through(texts(layers["water_pipes"], "pipe_id"))
    forward = flow.mean(axis=0) >= 0.0
    pipes, at_end = _entries(layers, selected, forward) if parameters.entries else (selected & open_, ~forward)
    rows = np.flatnonzero(pipes)
    notes = _both_ways(layers, rows, flow)
    if not len(rows):
        return Measured(layers, (), (*notes, _("no water enters the selected pipes from elsewhere: no valve is laid")))
    wide_open = float(np.ceil(before.pressure.max()))
    new, valves = with_valves(layers, rows, at_end[rows], forward[rows], wide_open)
    new = changed(new, "water_pipes", pipes, "pressure_valve", {})
    loose = _loose(layers, new, valves, selected, pipes, parameters)
    if loose is not None and parameters.minimum_pressure is not None:
        raise InputError(loose)
    if loose is not None:
        text = _("water goes around the reducing valves: their zone is not closed at {names}")
        notes = (*notes, text.format(names=_listed(np.array(loose.features, dtype=object))))
    found = _set(new, valves, parameters, wide_open)
    new, checked = _checked(layers, found.layers, context)
    works = _works(new, valves, parameters, context)
    control = _control(found, "pressure_valve", parameters.controller_cost, context)
    return Measured(new, (*works, *control), (*notes, *found.notes, *checked))


def _set(layers: Layers, valves: Ints, parameters: PressureValve, wide_open: float) -> _Set:
    """Return the layers with the settings of new valves."""
    if parameters.minimum_pressure is not None:
        return _by_zone(layers, valves, parameters, "pressure_valve")
    settings = np.full((24, len(valves)), float(parameters.setting or 0.0))
    if parameters.night_only:
        settings[~_window(parameters)] = wide_open
    done = np.zeros(len(layers["water_valves"]), dtype=bool)
    done[valves] = True
    new = changed(with_settings(layers, valves, settings), "water_valves", done, "pressure_valve", {})
    return _Set(new, valves if parameters.night_only else NONE, NONE)


def _entries(layers: Layers, zone: Bools, forward: Bools) -> tuple[Bools, Bools]:
    """Return the pipes by which water enters a zone of pipes, and whether the zone is at their last node."""
    pipes = layers["water_pipes"]
    ends = np.stack([texts(pipes, "from_node"), texts(pipes, "to_node")])
    inside = np.isin(ends, ends[:, zone])
    crossing = ~zone & (inside[0] != inside[1]) & (texts(pipes, "status") != "closed")
    return np.asarray(crossing & (inside[1] == forward), dtype=bool), np.asarray(inside[1], dtype=bool)


def _loose(
    layers: Layers, new: Layers, valves: Ints, zone: Bools, laid: Bools, parameters: PressureValve
) -> Problem | None:
    """Return what is wrong with a zone that water reaches, or leaves, without passing its valves."""
    around = zone_behind(new, valves).around
    if not around:
        return None
    names: tuple[str, ...] = around
    if parameters.entries:
        pipes = layers["water_pipes"]
        ends = np.stack([texts(pipes, "from_node"), texts(pipes, "to_node")])
        inside = np.isin(ends, ends[:, zone])
        others = (inside[0] != inside[1]) & ~zone & ~laid & (texts(pipes, "status") != "closed")
        names = tuple(str(name) for name in texts(pipes, "pipe_id")[others]) or around
    return Problem(
        _("the zone behind the reducing valves is not closed: water goes around them"),
        layer="water_pipes",
        column="pipe_id",
        features=names,
        hint=_("close these links (status), or lay valves there too"),
    )


def _both_ways(layers: Layers, rows: Ints, flow: Floats) -> tuple[str, ...]:
    """Say in which pipes water runs one way at some hours and the other way at others."""
    turning = (flow[:, rows] > LEAST).any(axis=0) & (flow[:, rows] < -LEAST).any(axis=0)
    if not turning.any():
        return ()
    names = texts(layers["water_pipes"], "pipe_id")[rows[turning]]
    text = _("water runs both ways over the day in {names}: a reducing valve lets it through one way only")
    return (text.format(names=_listed(names)),)


def _works(layers: Layers, valves: Ints, parameters: PressureValve, context: MeasureContext) -> Bill:
    """Return the bill of valves, by diameter, and of their chambers."""
    names, factors = texts(layers["water_valves"], "valve_id"), context.factors
    diameter = numbers(layers["water_valves"], "diameter")[valves]
    # A valve takes the price of the next larger nominal diameter.
    size = np.searchsorted(np.array(devices.VALVE_DIAMETERS[:-1], dtype=np.float64), diameter)
    bill: Bill = ()
    for place, device in enumerate(devices.VALVES):
        own = list(names[valves[size == place]])
        bill += device.bill("pressure_valve", "water_valves", own, factors, price=parameters.valve_cost)
    every = list(names[valves])
    return bill + devices.CHAMBER.bill("pressure_valve", "water_valves", every, factors, price=parameters.chamber_cost)


def _checked(layers: Layers, new: Layers, context: MeasureContext) -> tuple[Layers, tuple[str, ...]]:
    """Return layers whose pipes keep the pressure that they had, and what EPANET says of customers."""
    before, after = profile(layers), profile(new)
    return _with_former(layers, new, before, after), _served(new, before, after, context)


def _with_former(layers: Layers, new: Layers, before: Profile, after: Profile) -> Layers:
    """Note the highest pressure under which bursts were counted, where it changes."""
    pipes = new["water_pipes"]
    was, now = (
        highest_pressures(found.pressure, _ends(some, found)) for some, found in ((layers, before), (new, after))
    )
    former = numbers(pipes, "former_pressure")
    former = np.where(np.isnan(former) & (np.abs(was - now) > LEAST), was, former)
    return {**new, "water_pipes": pipes.assign(former_pressure=former)}


def _ends(layers: Layers, found: Profile) -> Ints:
    pipes = layers["water_pipes"]
    return np.stack([rows_of(found.nodes, texts(pipes, column)) for column in ("from_node", "to_node")], axis=1)


def _served(new: Layers, before: Profile, after: Profile, context: MeasureContext) -> tuple[str, ...]:
    """Say what becomes of the pressure of customers, and name those who fall below the minimum."""
    drawn = drawing(new)
    if not len(drawn):
        return ()
    was, now = before.at(drawn), after.at(drawn)
    lowest = now.min(axis=0)
    worst = int(np.argmin(lowest))
    text = _("pressure of customers: {before} m before, {after} m now on average; the lowest is {lowest} m, at {node}")
    figures = {"before": was.mean(), "after": now.mean(), "lowest": lowest[worst]}
    said = {name: format_number(float(value), 1) for name, value in figures.items()}
    notes = [text.format(node=drawn[worst], **said)]
    least = context.factors.value("minimum_service_pressure")
    short = (lowest < least) & (lowest < was.min(axis=0) - LEAST)
    if short.any():
        order = np.argsort(lowest[short], kind="stable")
        text = _("the measure leaves customers at {count} junction(s) below {least} m at some hour: {names}")
        notes.append(
            text.format(count=int(short.sum()), least=format_number(least), names=_listed(drawn[short][order]))
        )
    return tuple(notes)


def _listed(names: NDArray[np.object_]) -> str:
    shown = ", ".join(str(name) for name in names[:LISTED])
    return shown if len(names) <= LISTED else f"{shown}, …"

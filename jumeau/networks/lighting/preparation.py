"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, texts
from jumeau.errors import shorten
from jumeau.factors import FactorTable
from jumeau.i18n import _, sentences_in_all_languages
from jumeau.network import Layers, Prepared
from jumeau.networks.lighting import devices
from jumeau.networks.lighting.almanac import STEP, Almanac
from jumeau.networks.lighting.formats.windows import read_profile
from jumeau.networks.lighting.parameters import Assumptions, TariffBlock
from jumeau.networks.lighting.perimeters import corridor, legal_caps, surroundings
from jumeau.networks.lighting.physics import legal, power, profiles, sun, works
from jumeau.networks.lighting.physics.inventory import (
    Cabinets,
    by_technology,
    cabinet_rows,
    curve_of,
    mast_count,
    system_power,
)
from jumeau.networks.lighting.physics.state import Contract, LoadClass, Night, State, Upkeep, cumulate
from jumeau.simulation.installed import InstalledDevices
from jumeau.simulation.time_classes import TimeClasses
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def prepare(layers: Layers, assumptions: Assumptions, factors: FactorTable, world: World) -> Prepared:
    """Compute what does not depend on chance; see `State`."""
    lamps = layers["lamps"]
    cabinets = Cabinets.read(layers["cabinets"], factors, assumptions.control)
    row = cabinet_rows(lamps, cabinets.ids)
    night, switching, almanac = _night(cabinets, assumptions.control, factors, world)
    # A lamp without cabinet is switched as cabinets of which nothing is known: the last kind.
    kind = np.append(switching, len(night.dark) - 1)[row]
    classes, peaks, load = _classes(lamps, kind, night, almanac, assumptions, factors)
    years = world.clock.years
    burning = _per_class(classes, load, night, 0.0, world.clock.duration)
    full = system_power(lamps, factors)
    mean = full * _constant_output(lamps, burning / years, world.clock.start, factors)
    standby = numbers(lamps, "standby")
    optimal = _smallest_subscription(row, full * peaks + standby, cabinets, factors)
    contract = _contract(layers["cabinets"], optimal, assumptions, world)
    known = np.isnan(cabinets.subscribed) | (assumptions.subscribe == "optimal")
    subscribed = np.where(known, optimal, cabinets.subscribed)
    upkeep = _upkeep(lamps, cabinets, row, burning, factors, world)
    area = float(np.nansum(numbers(lamps, "lit_area")))
    fixed = _fixed(layers, full, burning, factors) | _dark(layers, classes, load, night, factors)
    fixed["subscribed_power"] = float(subscribed.sum())
    state = State(
        night=night,
        classes=classes,
        load=load,
        power=mean,
        standby=standby,
        cabinet=row,
        subscribed=subscribed,
        upkeep=upkeep,
        failed_consume=assumptions.failed_lamps_consume,
        fixed=fixed,
        area=area,
        works=_works(lamps, layers["cabinets"], burning / years, assumptions, factors, years),
        contract=contract,
        patrols_count="patrols" not in assumptions.upkeep.without,
    )
    return Prepared(
        state, sentences_in_all_languages(lambda: [*_notes(lamps, row, almanac), *_too_much(cabinets, state)])
    )


#: What a schedule may count from, as a person reads it.
_EVENTS = {
    "sunset": lambda: _("sunset"),
    "sunrise": lambda: _("sunrise"),
    "civil_dusk": lambda: _("the end of civil twilight"),
    "civil_dawn": lambda: _("the start of civil twilight"),
    "midnight_point": lambda: _("the midnight point"),
}


def _notes(lamps: gpd.GeoDataFrame, row: Ints, almanac: Almanac) -> list[str]:
    """Return what one has to know of the lamps, in the current language."""
    found = []
    loose = texts(lamps, "lamp_id")[row < 0]
    if len(loose):
        found.append(
            _("{count} lamp(s) without cabinet ({ids}): their energy counts, their subscription does not").format(
                count=len(loose), ids=shorten(list(loose))
            )
        )
    dark = texts(lamps, "lamp_id")[np.isnan(numbers(lamps, "power"))]
    if len(dark):
        found.append(
            _("{count} lamp(s) of unknown power ({ids}) count as 0 W").format(count=len(dark), ids=shorten(list(dark)))
        )
    for event, count in almanac.lacking.items():
        if count:
            told = _("{count} night(s) lack {event}: windows that count from it are left out in them")
            found.append(told.format(count=count, event=_EVENTS[event]()))
    return found


def _too_much(cabinets: Cabinets, state: State) -> list[str]:
    """Return which cabinets subscribe more power than their peak needs, in the current language."""
    excess = np.maximum(state.subscribed - state.contract.optimal, 0.0)
    if not excess.any():
        return []
    told = _("{count} cabinet(s) subscribe {power} kVA more than their peaks need ({ids})")
    return [
        told.format(
            count=int((excess > 0.0).sum()), power=f"{excess.sum():g}", ids=shorten(list(cabinets.ids[excess > 0.0]))
        )
    ]


def _night(cabinets: Cabinets, control: str, factors: FactorTable, world: World) -> tuple[Night, Ints, Almanac]:
    """Return the night, the kind of switching of each cabinet and the almanac; the last kind is the default control."""
    place, clock = world.place, world.clock
    before = ceil(world.warmup / STEP) * STEP

    def sky() -> tuple[Floats, Floats, NDArray[np.int16]]:
        grid = clock.grid(STEP, before)
        instants = clock.origin + pd.to_timedelta(grid.edges, unit="s")
        height = sun.elevation(instants, place.latitude, place.longitude)
        return grid.edges, height, profiles.slot_of(grid.hour)

    edges, height, slot = place.memo(("lighting", "sky", before), sky)

    def dark(threshold: float, evening: float, morning: float) -> Floats:
        on, off = sun.dark_intervals(edges, height, threshold, evening_offset=evening, morning_offset=morning)
        return sun.dark_share(edges, on, off)

    threshold = {
        "photocell": factors.value("photocell_threshold"),
        "astronomical": factors.value("astronomical_threshold"),
    }
    each = [
        (threshold.get(kind, threshold[control]), float(evening), float(morning))
        for kind, evening, morning in zip(cabinets.control, cabinets.evening, cabinets.morning, strict=True)
    ]
    default = (threshold[control], 0.0, 0.0)
    kinds = [*sorted(set(each) - {default}), default]
    shares = tuple(dark(*kind) for kind in kinds)
    number = {kind: position for position, kind in enumerate(kinds)}
    almanac = Almanac(world, before, (edges, height), kinds, round(factors.value("midnight_nights")))
    return (
        Night(float(edges[0]), STEP, slot, shares),
        np.array([number[kind] for kind in each], dtype=np.int64),
        almanac,
    )


@dataclass(frozen=True)
class _Key:
    """What tells a class of lamps: all that its night depends on."""

    switching: int
    technology: str
    profile: str
    motion: profiles.Motion | None
    road_class: str


def _keys(lamps: gpd.GeoDataFrame, kind: Ints) -> list[_Key]:
    motion = flags(lamps, "motion")
    profile = texts(lamps, "profile")
    # At full power all night technologies do not differ: one class instead of seven.
    technology = np.where((profile == "") & ~motion, "", texts(lamps, "technology"))
    road_class = np.where(motion, texts(lamps, "road_class"), "")
    columns = {
        "idle": numbers(lamps, "motion_idle"),
        "hold": numbers(lamps, "motion_hold"),
        "group": numbers(lamps, "motion_group"),
        "start": numbers(lamps, "motion_from"),
        "end": numbers(lamps, "motion_to"),
    }
    settings = [
        profiles.Motion(*values) if works else None
        for works, *values in zip(motion, *(column.tolist() for column in columns.values()), strict=True)
    ]
    return [_Key(*parts) for parts in zip(kind.tolist(), technology, profile, settings, road_class, strict=True)]


def _classes(
    lamps: gpd.GeoDataFrame,
    kind: Ints,
    night: Night,
    almanac: Almanac,
    assumptions: Assumptions,
    factors: FactorTable,
) -> tuple[tuple[LoadClass, ...], Floats, Ints]:
    """Return the classes, the highest power share of each lamp, and the class of each lamp."""
    keys = _keys(lamps, kind)
    distinct = list(dict.fromkeys(keys))
    number = {key: position for position, key in enumerate(distinct)}
    load = np.array([number[key] for key in keys], dtype=np.int64)
    named = assumptions.named_profiles()
    classes, peaks = [], []
    for key in distinct:
        windows = read_profile(key.profile, named)
        passages = _passages(key.road_class, factors) if key.motion is not None else None
        if not all(window.daily for window in windows):
            dated = almanac.table(key.switching, windows, curve_of(key.technology, factors), key.motion, passages)
            classes.append(LoadClass(key.switching, dated.power, dated.burning, dated=True))
            peaks.append(dated.peak)
            continue
        levels = profiles.minute_levels(windows)
        table = profiles.day_table(levels, curve_of(key.technology, factors), key.motion, passages)
        classes.append(LoadClass(key.switching, table.power, table.burning))
        ever = np.bincount(night.slot, night.dark[key.switching], minlength=profiles.SLOTS) > 0
        peaks.append(float(table.peak[ever].max(initial=0.0)))
    return tuple(classes), np.array(peaks)[load] if keys else np.zeros(0), load


def _passages(road_class: str, factors: FactorTable) -> Floats:
    return factors.value(f"passages_{road_class}") * np.array(
        [factors.value(f"traffic_hour_{hour:02d}") for hour in range(24)]
    )


def _per_class(classes: tuple[LoadClass, ...], load: Ints, night: Night, start: float, end: float) -> Floats:
    """Return the burning hours of each lamp between two instants [h]."""
    each = [float(cumulate(night, item, item.burning).between(start, end)) for item in classes]
    return np.array(each)[load] if len(load) else np.zeros(0)


def _age(lamps: gpd.GeoDataFrame, start: date) -> Floats:
    """Return the age of luminaires [year]; installed in the middle of their year, on the average."""
    return _since(numbers(lamps, "installed_year"), start)


def _lamp_age(lamps: gpd.GeoDataFrame, start: date) -> Floats:
    """Return the age of the lamps in place [year]: that of the luminaire where nothing says when they were fitted."""
    return _since(numbers(lamps, "lamp_year", numbers(lamps, "installed_year")), start)


def _since(year: Floats, start: date) -> Floats:
    now = start.year + (start.timetuple().tm_yday - 1) / 365.0
    return np.maximum(now - (year + 0.5), 0.0)


def _constant_output(lamps: gpd.GeoDataFrame, hours_per_year: Floats, start: date, factors: FactorTable) -> Floats:
    age = np.nan_to_num(_age(lamps, start)) * hours_per_year
    share = power.constant_output_share(age, factors.value("led_life_hours"), factors.value("led_maintained_flux"))
    return np.where(flags(lamps, "clo"), share, 1.0)


def _smallest_subscription(row: Ints, peak: Floats, cabinets: Cabinets, factors: FactorTable) -> Floats:
    """Return the smallest subscribed power that holds the peak of each cabinet [kVA]."""
    fed = row >= 0
    load = np.bincount(row[fed], peak[fed], minlength=len(cabinets.ids)).astype(np.float64)
    return power.subscribed(
        load,
        factors.value("power_factor"),
        factors.value("subscription_margin"),
        factors.value("subscription_step"),
    )


def _contract(cabinets: gpd.GeoDataFrame, optimal: Floats, assumptions: Assumptions, world: World) -> Contract:
    """Return how delivery points buy electricity; without a tariff, that which they would most likely have."""
    tariff = assumptions.tariff or TariffBlock()
    off_peak = tuple((window.start, window.end) for window in tariff.off_peak)
    classes = world.place.memo(("lighting", "time_classes", off_peak), lambda: TimeClasses.of(world.clock, off_peak))
    usual = "" if tariff.option == "best" else tariff.option
    return Contract(classes, texts(cabinets, "delivery_option", usual), optimal, assumptions.tariff is not None)


def _upkeep(
    lamps: gpd.GeoDataFrame, cabinets: Cabinets, row: Ints, burning: Floats, factors: FactorTable, world: World
) -> Upkeep:
    technology = texts(lamps, "technology")
    managed = flags(lamps, "managed")
    # Patrols sweep the town cabinet by cabinet, so that each night has its share.
    count = len(cabinets.ids)
    phase = np.arange(count) * cabinets.patrol // max(count, 1)
    watched = (row >= 0) & ~managed
    nodes = world.delivery.get("lighting.lighting_node")
    renewal = by_technology("relamping_", technology, factors, np.inf)
    part = by_technology("spare_part_", technology, factors)
    site, names = _sites(lamps, world), texts(lamps, "lamp_id")
    carrying = np.flatnonzero(managed)
    visits = np.where(
        np.isfinite(renewal), burning / renewal, world.clock.years / factors.value("cleaning_interval_led")
    )
    return Upkeep(
        shape=by_technology("failure_shape_", technology, factors),
        scale=by_technology("failure_scale_", technology, factors),
        renewal=renewal,
        years=_lamp_age(lamps, world.clock.start),
        managed=managed,
        alarm=numbers(lamps, "alarm_delay", factors.value("alarm_delay")),
        patrol=np.append(cabinets.patrol, max(round(factors.value("patrol_interval")), 1))[row],
        phase=np.append(phase, 0)[row],
        dispatch=np.append(cabinets.dispatch, factors.value("dispatch_delay"))[row],
        site=site,
        part=part,
        patrol_km=np.bincount(row[watched], minlength=count) / factors.value("lit_density"),
        cabinet_patrol=cabinets.patrol,
        cabinet_phase=phase,
        sighting=factors.value("patrol_sighting"),
        citizen_delay=factors.value("citizen_delay"),
        patrol_hour=factors.value("patrol_hour"),
        patrol_speed=factors.value("patrol_speed"),
        repair_duration=factors.value("repair_duration"),
        planned_hours=float(visits.sum()) * factors.value("planned_duration"),
        planned_parts=float((visits * np.where(np.isfinite(renewal), part, 0.0)).sum()),
        radio=nodes.of(names) if nodes is not None else None,
        nodes=InstalledDevices.of(devices.NODE, names, carrying, site[carrying], factors, world.factors),
    )


def _works(
    lamps: gpd.GeoDataFrame,
    cabinets: gpd.GeoDataFrame,
    hours_per_year: Floats,
    assumptions: Assumptions,
    factors: FactorTable,
    years: float,
) -> dict[str, float]:
    """Return the acts of upkeep beside lamps."""
    renewal = by_technology("relamping_", texts(lamps, "technology"), factors, np.inf)
    visited = np.where(np.isfinite(renewal), hours_per_year / renewal, np.inf)
    stock = works.Stock(float(mast_count(lamps)), flags(cabinets, "connected"), visited)
    return works.acts(stock, years, factors, frozenset(assumptions.upkeep.without))


def _sites(lamps: gpd.GeoDataFrame, world: World) -> Ints:
    if not len(lamps):
        return np.zeros(0, dtype=np.int64)
    return world.place.sites(shapely.get_coordinates(lamps.geometry.to_numpy()))


def _fixed(layers: Layers, full: Floats, burning: Floats, factors: FactorTable) -> dict[str, float]:
    lamps = layers["lamps"]
    flux, area = numbers(lamps, "flux"), numbers(lamps, "lit_area")
    verdicts = legal.judge(
        texts(lamps, "legal_category"),
        numbers(lamps, "cct"),
        numbers(lamps, "ulr"),
        flux,
        area,
        legal_caps(factors),
        surroundings(layers, factors),
    )
    lit = ~np.isnan(flux) & (area > 0)
    useful = factors.value("utilance") * factors.value("maintenance_factor")
    return {
        "installed_power": float(full.sum()) / 1000.0,
        "burning_hours": float(burning.mean()) if len(burning) else 0.0,
        "power_density": power.power_density(full[lit], flux[lit] * useful / area[lit], area[lit]),
        "flux_noncompliant": float(verdicts.flux.sum()),
        "cct_noncompliant": float(verdicts.cct.sum()),
        "ulr_noncompliant": float(verdicts.ulr.sum()),
        "legal_unknown": float(verdicts.unknown.sum()),
        "legal_unknown_share": _share(verdicts.unknown),
    }


def _share(which: NDArray[np.bool_] | Floats) -> float:
    """Return the mean of shares, or the share of what is true [%]; zero where there are no lamps."""
    return 100.0 * float(np.mean(which)) if len(which) else 0.0


def _dark(
    layers: Layers, classes: tuple[LoadClass, ...], load: Ints, night: Night, factors: FactorTable
) -> dict[str, float]:
    """Return what is said of darkness: the heart of the night, corridors, curfews."""
    lamps = layers["lamps"]
    lit = _lit_share(classes, load, night, factors.value("heart_from"), factors.value("heart_to"))
    late = _lit_share(classes, load, night, factors.value("curfew_heritage"), factors.value("heart_to"))
    on = corridor(layers, factors)
    with np.errstate(invalid="ignore"):  # an unknown colour is not warm
        warm = numbers(lamps, "cct") <= factors.value("corridor_cct")
    # The order lets detection stand for the curfew (art. 2).
    shown = (texts(lamps, "legal_category") == "b") & ~flags(lamps, "motion")
    return {
        "dark_heart_share": _share(1.0 - lit),
        "corridor_lamps": float(on.sum()),
        "corridor_warm_share": _share(warm[on]),
        "corridor_dark_share": _share(1.0 - lit[on]),
        "curfew_noncompliant": float((shown & (late > 1e-6)).sum()),
    }


def _lit_share(classes: tuple[LoadClass, ...], load: Ints, night: Night, start: float, end: float) -> Floats:
    """Return which share of the night between two clock times each lamp gives light, shape (n,)."""
    slots = profiles.slots(profiles.inside(start, end).astype(np.float64))[night.slot]
    # Nights of the warm-up are not those of the period.
    slots = slots * (night.start + np.arange(len(night.slot)) * night.step >= 0.0)
    each = np.zeros(len(classes))
    for number, item in enumerate(classes):
        dark = night.dark[item.switching] * slots
        burning = item.burning if item.dated else item.burning[night.slot]
        each[number] = (dark * burning).sum() / dark.sum() if dark.sum() > 0.0 else 0.0
    return each[load] if len(load) else np.zeros(0)

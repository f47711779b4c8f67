"""Sector balances from meter readings: volumes in and out, night flow, losses and indices with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.water.formats.readings import Meters, Series, read_meters, read_readings
from jumeau.networks.water.physics.balance import unavoidable_losses
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.networks.water.physics.sector_balance import DECILE, Term, night_losses, real_losses
from jumeau.networks.water.physics.served import served
from jumeau.simulation.clock import DAY, HOUR
from jumeau.study import Studied, Study, StudyContext
from jumeau.units import Quantity
from jumeau.yaml_types import Block, ClockTime

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]
Instants = NDArray[np.datetime64]


class BalanceParameters(Block):
    """Balance the water of sectors over the period that all network meters cover."""

    readings: Path
    """CSV file of readings: `date`, `meter`, and `volume` of the interval that ends then, or `index` [m3]."""
    meters: Path
    """CSV file of meters: `meter`, `from_sector`, `to_sector` (empty outside sectors), `kind` (network, customer)."""
    night_from: ClockTime = 2.0
    """Clock time at which the night flow is first looked at."""
    night_to: ClockTime = 4.0
    """Clock time until which it is."""
    pressure: Annotated[float, Quantity("m", minimum=1.0, maximum=300.0)] | None = None
    """Mean pressure of every sector; that of EPANET where absent."""


@dataclass(frozen=True)
class Sector:
    """What is known of a sector beside its meters.

    Attributes
    ----------
    name : str
    km, connections : float
    pressure : float
        Mean [m]; not a number where nothing tells it.
    """

    name: str
    km: float
    connections: float
    pressure: float


def study(layers: Layers, parameters: BalanceParameters, context: StudyContext) -> Studied:
    """Return the balance of each sector that network meters feed."""
    factors = context.factors
    meters = read_meters(context.folder / parameters.meters)
    known = [str(name) for name in texts(layers["water_sectors"], "sector_id")]
    named = sorted({str(name) for name in (*meters.source, *meters.target) if name})
    strange = [name for name in named if name not in known]
    if strange:
        raise InputError(
            Problem(
                _("the territory has no such sector; its sectors: {names}").format(names=", ".join(known)),
                file=str(parameters.meters), layer="water_sectors", value=", ".join(strange),
            )
        )  # fmt: skip
    series, notes = read_readings(context.folder / parameters.readings, meters.name)
    start, end = _period(meters, series)
    sectors = _sectors(layers, named, factors, parameters.pressure)
    nights = _nights(start, end, parameters)
    rows, days = [], []
    for sector in sectors:
        rows.append(_row(sector, meters, series, start, end, nights, factors))
        days.append(_days(sector, meters, series, start, end, nights))
    outlines = layers["water_sectors"].set_index(texts(layers["water_sectors"], "sector_id")).geometry
    table = gpd.GeoDataFrame(
        pd.DataFrame(rows), geometry=[outlines.get(row["sector_id"]) for row in rows], crs=outlines.crs
    )
    if not (meters.customer).any():
        notes = (*notes, _("no customers' meter is read: losses are told by the night flow alone"))
    if all(np.isnan(row["night_flow"]) for row in rows):
        notes = (*notes, _("no sector is read every hour or more often: there is no night flow"))
    losses = table["real_losses"].to_numpy(dtype=np.float64)
    worst = table["loss_index"].fillna(table["night_losses"] / table["km"]).fillna(-np.inf).to_numpy(dtype=np.float64)
    return Studied(
        tables={"sectors": table, "days": pd.concat(days, ignore_index=True)},
        summary={
            "sectors": len(table),
            "start": str(start)[:16].replace("T", " "),
            "days": float((end - start).astype("timedelta64[s]").astype(np.float64)) / DAY,
            "input": float(table["input"].sum()),
            "real_losses": float(np.nansum(losses)) if not np.isnan(losses).all() else np.nan,
            "worst_sector": str(table["sector_id"].iloc[int(worst.argmax())]),
        },
        notes=notes,
    )


def _period(meters: Meters, series: Mapping[str, Series]) -> tuple[np.datetime64, np.datetime64]:
    """Return the period that all network meters cover.

    Raises
    ------
    InputError
        When there is none.
    """
    chosen = [series[str(name)] for name in meters.name[~meters.customer]]
    if not chosen:
        raise InputError(Problem(_("no meter of the network: nothing tells what enters sectors"), column="kind"))
    start, end = max(item.start[0] for item in chosen), min(item.end[-1] for item in chosen)
    if start >= end:
        message = _("the readings of the network's meters have no period in common")
        raise InputError(Problem(message, hint=_("leave out the meter that was read at another time")))
    return start, end


def _sectors(layers: Layers, names: list[str], factors: FactorTable, pressure: float | None) -> list[Sector]:
    pipes = layers["water_pipes"]
    km = numbers(pipes, "length") / 1000.0
    connections = served(layers, km, factors).connections
    owner = texts(pipes, "sector_id").astype(str)
    mean = np.full(len(pipes), np.nan if pressure is None else pressure)
    if pressure is None and len(pipes):
        found = solve(layers)
        at = dict(zip(found.nodes, found.pressure.mean(axis=0), strict=True))
        ends = [[at.get(name, np.nan) for name in texts(pipes, column)] for column in ("from_node", "to_node")]
        known = ~np.isnan(np.array(ends, dtype=np.float64))
        total = np.nansum(np.array(ends, dtype=np.float64), axis=0)
        mean = np.divide(total, known.sum(axis=0), out=mean, where=known.any(axis=0))
    chosen = []
    for name in names:
        inside = (owner == name) & ~np.isnan(mean)
        weight = km[inside]
        head = float(np.average(mean[inside], weights=weight)) if weight.sum() > 0.0 else np.nan
        chosen.append(Sector(name, float(km[owner == name].sum()), float(connections[owner == name].sum()), head))
    return chosen


def _signed(sector: str, meters: Meters) -> list[tuple[str, float]]:
    """Return the network meters of a sector, 1 where they let water in and -1 where out."""
    found = []
    for name, source, target, customer in zip(meters.name, meters.source, meters.target, meters.customer, strict=True):
        if not customer and source != target and sector in (source, target):
            found.append((str(name), 1.0 if target == sector else -1.0))
    return found


def _midnights(start: np.datetime64, end: np.datetime64) -> Instants:
    """Return when each day of a period starts."""
    first = start.astype("datetime64[D]").astype("datetime64[s]")
    count = int((end - first) / np.timedelta64(int(DAY), "s")) + 1
    return np.array([first + np.timedelta64(int(day * DAY), "s") for day in range(count)], dtype="datetime64[s]")


def _nights(start: np.datetime64, end: np.datetime64, parameters: BalanceParameters) -> tuple[Instants, Instants]:
    """Return when each night's window starts and ends."""
    begins = _midnights(start, end) + np.timedelta64(round(parameters.night_from * HOUR), "s")
    lasts = (parameters.night_to - parameters.night_from) % 24.0 or 24.0
    ends = begins + np.timedelta64(round(lasts * HOUR), "s")
    inside = (begins >= start) & (ends <= end)
    return begins[inside], ends[inside]


def _night_flow(
    signed: list[tuple[str, float]], series: Mapping[str, Series], nights: tuple[Instants, Instants]
) -> Floats:
    """Return the net inflow of each night's window [m3/h]; none where a meter is read less often than hourly."""
    begins, ends = nights
    if not len(begins) or any(series[name].step > HOUR for name, _sign in signed):
        return np.full(len(begins), np.nan)
    hours = (ends - begins).astype("timedelta64[s]").astype(np.float64) / HOUR
    total = sum((sign * series[name].within(begins, ends) for name, sign in signed), np.zeros(len(begins)))
    return np.asarray(total / hours, dtype=np.float64)


def _row(
    sector: Sector, meters: Meters, series: Mapping[str, Series], start: np.datetime64, end: np.datetime64,
    nights: tuple[Instants, Instants], factors: FactorTable,
) -> dict[str, Any]:  # fmt: skip
    signed = _signed(sector.name, meters)
    volume = {name: series[name].between(start, end) for name, _sign in signed}
    into = sum(volume[name] for name, sign in signed if sign > 0)
    out = sum(volume[name] for name, sign in signed if sign < 0)
    days = float((end - start).astype("timedelta64[s]").astype(np.float64)) / DAY
    sold = [str(name) for name in meters.name[meters.customer & (meters.source == sector.name)]]
    metered = sum(series[name].between(start, end) for name in sold) if sold else np.nan
    accuracy = Term(0.0, -factors.value("network_meter_accuracy"), factors.value("network_meter_accuracy"))
    spread = accuracy.deviation * float(np.sqrt(sum(value**2 for value in volume.values())))
    names = ("meter_error", "unauthorised_use", "unmetered_use", "service_use")
    terms = [Term(factors[name].value, factors[name].low, factors[name].high) for name in names]
    found = real_losses(
        into - out, spread, metered, meter_error=terms[0], unauthorised=terms[1], unmetered=terms[2], service=terms[3]
    )
    night = _night_flow(signed, series, nights)
    least = float(np.nanmedian(night)) if len(night) and not np.isnan(night).all() else np.nan
    private = sector.connections * factors.value("private_pipe_length") / 1000.0
    unavoidable = unavoidable_losses(sector.km, sector.connections, private, sector.pressure) / 1000.0
    by_night = night_losses(
        least, sector.connections, factors.value("night_use") / 1000.0, factors.value("night_day_hours")
    ) if not np.isnan(least) else np.nan  # fmt: skip
    return {
        "sector_id": sector.name,
        "inflow": into,
        "outflow": out,
        "input": into - out,
        "input_error": DECILE * spread,
        "metered": metered,
        "consumption": found.consumption,
        "real_losses": found.value,
        "real_losses_low": found.low,
        "real_losses_high": found.high,
        "loss_share": 100.0 * found.value / (into - out) if into > out else np.nan,
        "km": sector.km,
        "connections": sector.connections,
        "pressure": sector.pressure,
        "loss_index": found.value / days / sector.km if sector.km > 0.0 else np.nan,
        "night_flow": least,
        "night_flow_least": float(np.nanmin(night)) if not np.isnan(least) else np.nan,
        "night_losses": by_night,
        "unavoidable": unavoidable,
        "leakage_index": _over(found.value / days, unavoidable),
        "leakage_index_low": _over(found.low / days, unavoidable),
        "leakage_index_high": _over(found.high / days, unavoidable),
        "leakage_index_night": _over(by_night, unavoidable),
    }


def _over(value: float, base: float) -> float:
    return value / base if base > 0.0 else np.nan


def _days(
    sector: Sector, meters: Meters, series: Mapping[str, Series], start: np.datetime64, end: np.datetime64,
    nights: tuple[Instants, Instants],
) -> pd.DataFrame:  # fmt: skip
    """Return the net inflow of each whole day, and the night flow of those that have one."""
    begins = _midnights(start, end)
    ends = begins + np.timedelta64(int(DAY), "s")
    whole = (begins >= start) & (ends <= end)
    signed = _signed(sector.name, meters)
    total = sum(
        (sign * series[name].within(begins[whole], ends[whole]) for name, sign in signed), np.zeros(int(whole.sum()))
    )
    night = dict(zip(nights[0].astype("datetime64[D]"), _night_flow(signed, series, nights), strict=True))
    return pd.DataFrame(
        {
            "sector_id": sector.name,
            "date": begins[whole].astype("datetime64[D]").astype(str),
            "input": total,
            "night_flow": [night.get(item, np.nan) for item in begins[whole].astype("datetime64[D]")],
        }
    )


BALANCE = Study(
    "balance",
    "Sector balances from meter readings",
    BalanceParameters,
    study,
    ("water_pipes", "water_junctions", "water_sectors"),
)

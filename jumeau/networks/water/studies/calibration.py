"""Calibration of roughness by group and of leaks by sector, on measured pressures and flows; some are held out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from jumeau.columns import numbers, rows_of, texts
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.formats.readings import Sensors, read_sensors, read_values
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.calibration import DECILE, Cycle, Fit, fit
from jumeau.networks.water.physics.epanet_ready import ready, with_nights
from jumeau.networks.water.physics.hydraulics import SETTLING, cycle_days
from jumeau.networks.water.physics.served import served
from jumeau.simulation.clock import DAY
from jumeau.study import Studied, Study, StudyContext
from jumeau.units import Quantity
from jumeau.yaml_types import Block, Share

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: An unknown is settled where the measures take away this share of its prior variance, told in part above the other.
SETTLED, PARTLY = 0.75, 0.25


class CalibrationParameters(Block):
    """Calibrate roughness by group and leaks by sector on measured pressures and flows."""

    sensors: Path
    """CSV file of sensors: `sensor`, `kind` (pressure, flow), `place` (node of a pressure, link of a flow)."""
    readings: Path
    """CSV file of readings: `date`, `sensor`, `value` [m of water, m3/h]."""
    groups: Literal["material", "diameter", "material_and_diameter"] = "material"
    """Pipes of one group share one correction of their roughness."""
    leaks: bool = True
    """Whether leaks are sought, one flow per sector; of the whole network where it has no sectors."""
    hold_out: Share = 0.2
    """Share of the sensors that are not fitted, but only compared afterwards."""
    pressure_error: Annotated[float, Quantity("m", minimum=0.01, maximum=50.0)] | None = None
    """Standard deviation of what sensors and model miss of a pressure; the factor where absent."""
    flow_error: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """The same of a flow, as a share of its mean; the factor where absent."""


class Unknowns:
    """What is unknown, and how it becomes roughness and leaks.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    parameters : CalibrationParameters
    factors : FactorTable
    """

    def __init__(self, layers: Layers, parameters: CalibrationParameters, factors: FactorTable) -> None:
        pipes = layers["water_pipes"]
        self.pipes = texts(pipes, "pipe_id")
        self.base = numbers(pipes, "roughness")
        self.km = numbers(pipes, "length") / 1000.0
        labels = _groups(pipes, parameters.groups)
        self.groups, self.group = np.unique(labels.astype(str), return_inverse=True)
        self.spread = factors.value("roughness_spread")
        self.junctions = texts(layers["water_junctions"], "node_id")
        self.sectors, weight = _leak_weights(layers, self.km, factors) if parameters.leaks else ([], np.zeros((0, 0)))
        self.weight = weight
        #: Prior of a sector's leaks: as much as the share of its demand that the factor tells.
        self.prior = factors.value("leak_prior_share") * _demand(layers)

    @property
    def count(self) -> int:
        """Number of unknowns."""
        return len(self.groups) + len(self.sectors)

    @property
    def lower(self) -> Floats:
        """Lowest value of each: leaks are none at least."""
        return np.concatenate([np.full(len(self.groups), -np.inf), np.full(len(self.sectors), -1.0)])

    def roughness(self, unknown: Floats) -> Floats:
        """Return the roughness of each pipe, shape (pipes,)."""
        return np.asarray(self.base * np.exp(self.spread * unknown[: len(self.groups)])[self.group], dtype=np.float64)

    def leaks(self, unknown: Floats) -> Floats:
        """Return the flow of leaks of each sector at 50 m of pressure [m3/h]: its prior, and as much around it."""
        share = self.prior / max(len(self.sectors), 1)
        return np.asarray(share * np.maximum(1.0 + unknown[len(self.groups) :], 0.0), dtype=np.float64)

    def emitters(self, unknown: Floats, exponent: float) -> Floats:
        """Return the emitter of each junction [m3/h at 1 m], shape (junctions,)."""
        if not len(self.sectors):
            return np.zeros(len(self.junctions))
        return np.asarray(self.leaks(unknown) @ self.weight / 50.0**exponent, dtype=np.float64)


def _groups(pipes: gpd.GeoDataFrame, kind: str) -> NDArray[np.object_]:
    material = bursts.materials(pipes)
    diameter = numbers(pipes, "diameter")
    limits = [diameter <= 80.0, diameter <= 125.0, diameter <= 200.0]
    sizes = np.select(limits, ["to 80 mm", "to 125 mm", "to 200 mm"], "above 200 mm")
    if kind == "material":
        return material
    if kind == "diameter":
        return np.asarray(sizes, dtype=object)
    return np.array([f"{one}, {two}" for one, two in zip(material, sizes, strict=True)], dtype=object)


def _leak_weights(layers: Layers, km: Floats, factors: FactorTable) -> tuple[list[str], Floats]:
    """Return the sectors, and how the leaks of each are spread on junctions: by length and connections, as UARL is."""
    pipes = layers["water_pipes"]
    names = texts(layers["water_junctions"], "node_id")
    owner = texts(pipes, "sector_id").astype(str)
    sectors = sorted(set(owner))
    load = 18.0 * km + 0.8 * served(layers, km, factors).connections
    weight = np.zeros((len(sectors), len(names)))
    for column in ("from_node", "to_node"):
        row = rows_of(names, texts(pipes, column))
        inside = row >= 0
        place = np.searchsorted(sectors, owner[inside])
        np.add.at(weight, (place, row[inside]), load[inside] / 2.0)
    total = weight.sum(axis=1, keepdims=True)
    return sectors, np.divide(weight, total, out=np.zeros_like(weight), where=total > 0.0)


def _demand(layers: Layers) -> float:
    """Return the mean demand that the layers state [m3/h]."""
    own = numbers(layers["water_junctions"], "demand", 0.0).clip(min=0.0).sum()
    return float(own + numbers(layers["water_demands"], "demand", 0.0).clip(min=0.0).sum())


def study(layers: Layers, parameters: CalibrationParameters, context: StudyContext) -> Studied:
    """Return the calibrated roughness and leaks, and how well each sensor is met before and after."""
    factors = context.factors
    days = cycle_days(model_of(layers))
    sensors = _sensors(read_sensors(context.folder / parameters.sensors), layers, parameters.sensors)
    measured, notes = read_values(context.folder / parameters.readings, sensors.name, 24 * days)
    unknowns = Unknowns(layers, parameters, factors)
    ahead = 0 if days > 1 else SETTLING
    cycle = Cycle(ready(with_nights(layers), (days + ahead) * DAY), ahead, days)
    exponent = cycle.file.law.exponent

    def everything(unknown: Floats) -> Floats:
        leak = unknowns.emitters(unknown, exponent)
        return cycle.run(unknowns.pipes, unknowns.roughness(unknown), unknowns.junctions, leak, sensors)

    held = _held_out(sensors, parameters.hold_out)
    deviation = _deviation(sensors, measured, parameters, factors)
    found = fit(
        lambda unknown: everything(unknown)[:, ~held].ravel(),
        measured[:, ~held].ravel(), deviation[:, ~held].ravel(), unknowns.lower,
    )  # fmt: skip
    none = np.concatenate([np.zeros(len(unknowns.groups)), np.full(len(unknowns.sectors), -1.0)])
    before, after = everything(none), everything(found.value)
    table = _met(sensors, held, measured, before, after)
    pipes = layers["water_pipes"]
    roughness = unknowns.roughness(found.value)
    corrected = gpd.GeoDataFrame(
        {
            "pipe_id": unknowns.pipes, "group": unknowns.groups[unknowns.group], "roughness_before": unknowns.base,
            "roughness": roughness,
        },
        geometry=pipes.geometry.to_numpy(), crs=pipes.crs,
    )  # fmt: skip
    settled = found.informed >= SETTLED
    worse = _rms(table, "after", held) > _rms(table, "before", held)
    notes = (*notes, *_notes(int((~settled).sum()), worse=bool(held.any() and worse)))
    return Studied(
        tables={"parameters": _unknowns(unknowns, found), "sensors": table, "pipes": corrected},
        summary={
            "sensors": int((~held).sum()),
            "held_out": int(held.sum()),
            "unknowns": unknowns.count,
            "settled": int(settled.sum()),
            "error_before": _rms(table, "before", ~held),
            "error_after": _rms(table, "after", ~held),
            "held_out_before": _rms(table, "before", held),
            "held_out_after": _rms(table, "after", held),
            "leaks": float(unknowns.leaks(found.value).sum()),
            "runs": found.runs,
        },
        notes=notes,
    )


def _sensors(sensors: Sensors, layers: Layers, file: Path) -> Sensors:
    """Refuse sensors at places that the network does not have."""
    nodes = {str(name) for layer in ("water_junctions", "water_tanks") for name in texts(layers[layer], "node_id")}
    links = {
        str(name)
        for layer, key in (("water_pipes", "pipe_id"), ("water_pumps", "pump_id"), ("water_valves", "valve_id"))
        for name in texts(layers[layer], key)
    }
    lost = [
        str(place)
        for place, flow in zip(sensors.place, sensors.flow, strict=True)
        if place not in (links if flow else nodes)
    ]
    if lost:
        message = _("sensors stand at places that the network does not have")
        hint = _("a pressure is measured at a node, a flow on a pipe, pump or valve")
        raise InputError(Problem(message, file=str(file), column="place", features=tuple(lost), hint=hint))
    return sensors


def _held_out(sensors: Sensors, share: float) -> NDArray[np.bool_]:
    """Choose pressures to hold out: evenly in the order of their names; flows are too few to spare."""
    pressures = np.flatnonzero(~sensors.flow)
    count = min(round(share * len(sensors.name)), max(len(pressures) - 1, 0))
    held = np.zeros(len(sensors.name), dtype=bool)
    if count:
        order = pressures[np.argsort(sensors.name[pressures].astype(str))]
        held[order[((np.arange(count) + 0.5) * len(order) / count).astype(int)]] = True
    return held


def _deviation(
    sensors: Sensors, measured: Floats, parameters: CalibrationParameters, factors: FactorTable
) -> Floats:  # fmt: skip
    """Return the standard deviation of each measure, shape (hours, s).

    The hours of a sensor share most of what they miss (its height, its calibration): six of them count as one.
    """
    pressure, share = parameters.pressure_error, parameters.flow_error
    pressure = factors.value("pressure_sensor_error") if pressure is None else pressure
    share = factors.value("flow_sensor_error") if share is None else share
    mean = np.abs(np.nanmean(measured, axis=0))
    each = np.where(sensors.flow, np.maximum(share * mean, 1e-3), pressure) * np.sqrt(6.0)
    return np.broadcast_to(each, measured.shape).copy()


def _met(sensors: Sensors, held: NDArray[np.bool_], measured: Floats, before: Floats, after: Floats) -> pd.DataFrame:
    def rms(said: Floats) -> Floats:
        return np.asarray(np.sqrt(np.nanmean((said - measured) ** 2, axis=0)), dtype=np.float64)

    return pd.DataFrame(
        {
            "sensor": sensors.name,
            "kind": np.where(sensors.flow, "flow", "pressure"),
            "place": sensors.place,
            "held_out": held,
            "mean": np.nanmean(measured, axis=0),
            "before": rms(before),
            "after": rms(after),
        }
    )


def _rms(table: pd.DataFrame, column: str, chosen: NDArray[np.bool_]) -> float:
    """Return the root mean square over the pressures chosen [m]; not a number without any."""
    values = table.loc[chosen & (table["kind"] == "pressure").to_numpy(), column]
    return float(np.sqrt((values**2).mean())) if len(values) else float("nan")


def _unknowns(unknowns: Unknowns, found: Fit) -> pd.DataFrame:
    """Return each unknown with its range: corrections of roughness, flows of leaks at 50 m."""
    count = len(unknowns.groups)
    low, high = found.value - DECILE * found.deviation, found.value + DECILE * found.deviation
    share = unknowns.prior / max(len(unknowns.sectors), 1)

    def written(unknown: Floats) -> Floats:
        factor = np.exp(unknowns.spread * unknown[:count])
        return np.concatenate([factor, share * np.maximum(1.0 + unknown[count:], 0.0)])

    verdict = np.select([found.informed >= SETTLED, found.informed >= PARTLY], ["settled", "partly"], "not_settled")
    return pd.DataFrame(
        {
            "unknown": ["roughness"] * count + ["leaks"] * len(unknowns.sectors),
            "group": [*unknowns.groups, *unknowns.sectors],
            "length": [*(float(unknowns.km[unknowns.group == row].sum()) for row in range(count)),
                       *(np.nan for _sector in unknowns.sectors)],
            "prior": written(np.zeros(unknowns.count)),
            "value": written(found.value),
            "low": written(low),
            "high": written(high),
            "informed": 100.0 * found.informed,
            "verdict": verdict,
        }
    )  # fmt: skip


def _notes(unsettled: int, *, worse: bool) -> tuple[str, ...]:
    notes = [
        _("leaks take what the demands of the file do not explain: a wrong demand is found as a leak"),
    ]
    if unsettled:
        text = _("{count} unknown(s) are not settled by these measures and stay near what was assumed")
        notes.append(text.format(count=unsettled))
    if worse:
        notes.append(_("the sensors held out are met worse than before: do not use this calibration"))
    return tuple(notes)


CALIBRATION = Study(
    "calibration",
    "Calibration of roughness and leaks on measured pressures and flows",
    CalibrationParameters,
    study,
    ("water_pipes", "water_junctions"),
)

"""How leaks are found: surveys, loggers, the walk through a sector whose night flow has risen."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, rows_of, texts, totals
from jumeau.factors import FactorTable
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.state import Search
from jumeau.simulation.clock import DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def leak_search(
    layers: Mapping[str, gpd.GeoDataFrame],
    night_use: Floats,
    factors: FactorTable,
    finders: int,
) -> Search:
    """Return how the leaks of a network are found.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    night_use : ndarray, shape (pipes,)
        What customers and background leakage take from each pipe in the hour of the minimum night flow [m3/h].
    factors : FactorTable
    finders : int
        Teams that locate leaks.
    """
    pipes, sectors = layers["water_pipes"], layers["water_sectors"]
    sector = rows_of(texts(sectors, "sector_id"), texts(pipes, "sector_id"))
    inside = sector >= 0
    length = numbers(pipes, "length") / 1000.0
    total = totals(sector[inside], length[inside], len(sectors))
    night = totals(sector[inside], night_use[inside], len(sectors))
    place, share = _walk(pipes, sector, total, length)
    metal = np.isin(bursts.materials(pipes), bursts.METALS)
    step = numbers(sectors, "step_length") / 1000.0
    # A sector no longer than a step is one part, of which a test tells nothing.
    parts = np.ceil(np.divide(total, step, out=np.zeros(len(total)), where=step > 0.0) - 1e-9)
    steps = np.where(parts > 1.0, parts, 0.0).astype(np.int64)
    return Search(
        interval=survey_intervals(pipes, factors),
        sensitivity=np.where(
            metal, factors.value("survey_sensitivity_metal"), factors.value("survey_sensitivity_plastic")
        ),
        listened=numbers(pipes, "listened") * factors.value("logger_sensitivity"),
        report_delay=factors.value("report_delay"),
        surfacing=factors.value("surfacing_time") * 365.0,
        logger_delay=factors.value("logger_delay"),
        sector_delay=factors.value("sector_delay"),
        locate_hours=factors.value("locate_hours"),
        notice_visible=factors.value("notice_visible"),
        notice_hidden=factors.value("notice_hidden"),
        speed=factors.value("survey_speed"),
        finders=finders,
        sector=sector,
        metered=flags(sectors, "metered"),
        threshold=np.maximum(night * factors.value("sector_threshold"), factors.value("sector_threshold_floor")),
        place=place,
        share=share,
        length=total,
        steps=steps,
        step_hours=np.where(steps > 0, factors.value("step_preparation") + steps * factors.value("step_duration"), 0.0),
        step_resolution=factors.value("sector_threshold_floor"),
        history=factors.value("leak_history") * 365.0 * DAY,
    )


def survey_intervals(pipes: gpd.GeoDataFrame, factors: FactorTable) -> Floats:
    """Return the time between two surveys of each pipe [day]."""
    return numbers(pipes, "survey_interval", factors.value("survey_interval"))


def _walk(pipes: gpd.GeoDataFrame, sector: Ints, total: Floats, length: Floats) -> tuple[Floats, Floats]:
    """Return where each pipe starts in the walk through its sector, and its share of it.

    The walk goes through the sector by streets, in the order of their identifiers.
    """
    place, share = np.zeros(len(pipes)), np.zeros(len(pipes))
    order = np.lexsort((texts(pipes, "pipe_id").astype(str), texts(pipes, "street_id").astype(str), sector))
    order = order[sector[order] >= 0]
    ahead = np.cumsum(length[order]) - length[order]
    first = np.unique(sector[order], return_index=True)[1]
    start = np.zeros(len(total))
    start[sector[order][first]] = ahead[first]
    place[order] = (ahead - start[sector[order]]) / total[sector[order]]
    share[order] = length[order] / total[sector[order]]
    return place, share

"""Pressures and flows of a network over the hours of the clock: what setting a valve asks of EPANET."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, rows_of, texts
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.formats.epanet_sections import moved_links
from jumeau.networks.water.physics import diagnosis
from jumeau.networks.water.physics.epanet_ready import ready, with_nights
from jumeau.networks.water.physics.epanet_results import run_text
from jumeau.networks.water.physics.hydraulics import SETTLING, Layers, cycle_days, digest, overlaps
from jumeau.simulation.clock import DAY, HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Profiles that are kept: a variant and its baseline ask for the same ones, and so do draws of prices.
_KEPT = 16
_LAST: dict[str, Profile] = {}


@dataclass(frozen=True)
class Profile:
    """Hourly means over the cycle, the first hour from Monday at midnight.

    Attributes
    ----------
    nodes : ndarray of str, shape (n,)
        Junctions.
    pressure : ndarray, shape (hours, n)
        [m].
    links : ndarray of str, shape (m,)
        Pipes, pumps and valves.
    flow : ndarray, shape (hours, m)
        From the first node to the second one [m3/h].
    """

    nodes: NDArray[np.object_]
    pressure: Floats
    links: NDArray[np.object_]
    flow: Floats

    def at(self, nodes: NDArray[np.object_]) -> Floats:
        """Return the pressures of some junctions, shape (hours, k); zero where there is none of that name."""
        row = rows_of(self.nodes, nodes)
        return np.asarray(np.where(row >= 0, self.pressure[:, row], 0.0), dtype=np.float64)

    def through(self, links: NDArray[np.object_]) -> Floats:
        """Return the flows of some links, shape (hours, k)."""
        row = rows_of(self.links, links)
        return np.asarray(np.where(row >= 0, self.flow[:, row], 0.0), dtype=np.float64)

    @property
    def lowest(self) -> Floats:
        """Lowest pressure of each junction [m], shape (n,)."""
        return np.asarray(self.pressure.min(axis=0), dtype=np.float64)


def profile(layers: Layers) -> Profile:
    """Run EPANET on a network over its cycle, tanks settled.

    Raises
    ------
    InputError
        With EPANET's reason.
    """
    key = digest(layers)
    if key not in _LAST:
        found = _profile(layers)
        while len(_LAST) >= _KEPT:
            del _LAST[next(iter(_LAST))]
        _LAST[key] = found
    return _LAST[key]


def _profile(layers: Layers) -> Profile:
    model = model_of(layers)
    cut = diagnosis.unfed(model, moved_links(layers))
    days = cycle_days(model)
    ahead = 0 if days > 1 else SETTLING
    file = ready(with_nights(layers), (days + ahead) * DAY)
    results, _said = run_text(file.text, file.units)
    times = np.asarray(results.node["pressure"].index, dtype=np.float64)
    begin, end = ahead * DAY, (ahead + days) * DAY
    kept = (times > begin - file.step) & (times < end + file.step)
    lasts = overlaps(np.clip(times[kept], begin, end) - begin, days * 24, file.start)
    share = lasts / lasts.sum(axis=1)[:, None]
    nodes = list(model.junction_name_list)
    pressure = results.node["pressure"][nodes].to_numpy()[kept][:-1].astype(np.float64)
    pressure[:, np.isin(nodes, cut)] = 0.0
    sane = diagnosis.possible(pressure)
    pressure[~sane] = pressure[sane].mean(axis=0) if sane.any() else 0.0
    flow = results.link["flowrate"]
    return Profile(
        nodes=np.array(nodes, dtype=object),
        pressure=share @ pressure,
        links=np.array([str(name) for name in flow.columns], dtype=object),
        flow=share @ (flow.to_numpy()[kept][:-1].astype(np.float64) * HOUR),
    )


def by_clock(values: Floats, *, least: bool = True) -> Floats:
    """Return the lowest (or the mean) of each hour of the clock over the days of a cycle, shape (24, ...)."""
    days = values.reshape(-1, 24, *values.shape[1:])
    return np.asarray(days.min(axis=0) if least else days.mean(axis=0), dtype=np.float64)


def drawing(layers: Layers) -> NDArray[np.object_]:
    """Return the junctions from which customers draw."""
    junctions, more = layers["water_junctions"], layers["water_demands"]
    names = texts(junctions, "node_id")
    also = texts(more, "node_id")[numbers(more, "demand", 0.0) > 0.0]
    drawn = (numbers(junctions, "demand", 0.0) > 0.0) | np.isin(names, also)
    return np.asarray(names[drawn], dtype=object)

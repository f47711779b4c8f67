"""The signals of a situation, hour by hour, and the rough flows that their timing plans are made for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Signals
from jumeau.columns import flags, numbers, texts
from jumeau.networks.mobility.physics.day import HOURS
from jumeau.networks.mobility.physics.scene import Scene, assign
from jumeau.networks.mobility.physics.timing_plans import PLAN_OF, crossings_of, timings

Floats = NDArray[np.float64]

#: Hours that stand for the parts of the day, in the order of `PLANS`.
HOURS_PLANNED = (8, 12, 17, 21)


def signals_by_hour(scene: Scene, flow: Floats, present: Floats | None = None) -> list[Signals | None]:
    """Return the signals of each hour.

    Parameters
    ----------
    scene : Scene
    flow : ndarray, shape (24, m)
        Rough flows, of which those of old plans have drifted away; they decide too which road of a crossing is the main
        one.
    present : ndarray, shape (24, m), optional
        Flows that new plans and adaptive signals know.
    """
    frame = scene.layers["traffic_signals"]
    if not len(frame):
        return [None] * HOURS
    age = np.where(flags(frame, "retimed"), 0.0, numbers(frame, "plan_age", scene.values["plan_age"]))
    adaptive = flags(frame, "adaptive") | (texts(frame, "control") == "adaptive")
    names = texts(scene.layers["traffic_links"], "link_id")
    crossings = crossings_of(scene.supply, adaptive, age, flow.sum(axis=0), names, scene.values["flow_drift"])
    return timings(crossings, scene.supply, flow, scene.values, present)


def planning_flows(scene: Scene, signals: list[Signals | None] | None = None) -> Floats:
    """Return rough flows of a working day under some signals, shape (24, m): those that timing plans are made for.

    One hour of each part of the day is solved; the others are taken in proportion to their traffic.
    """
    given: list[Signals | None] = [None] * HOURS if signals is None else signals
    nobody = np.zeros((HOURS, len(scene.supply.links)))
    found = assign(scene, scene.trips, given, nobody, {}, gap=1e-3, hours=HOURS_PLANNED)
    traffic = np.array([scene.shape.at(hour, scene.trips).sum() for hour in range(HOURS)])
    share = traffic / np.maximum(traffic[list(HOURS_PLANNED)][PLAN_OF], 1e-9)
    return np.stack([found[PLAN_OF[hour]].total * share[hour] for hour in range(HOURS)])

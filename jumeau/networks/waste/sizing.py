"""What of waste collection can be sized: containers whose fill is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jumeau.columns import numbers, rows_of, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.networks.waste import devices
from jumeau.networks.waste.parameters import Days
from jumeau.networks.waste.physics.state import STREAMS, CollectionArea, Service, State
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.shrinkage import shrunk
from jumeau.simulation.installed import unavailability
from jumeau.sizeable import Deployment, Instance, Promise, Sizing, SizingContext, SizingParameters

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]


class BinSites(SizingParameters):
    """Containers that get fill sensors, where knowing the fill spares the most."""

    stream: Literal["residual", "packaging", "glass", "biowaste", "paper"] = "glass"
    """Stream whose containers are looked at."""
    weekdays: Days | None = None
    """Days of the dynamic rounds that a stream of the calendar gets, before and after; those of the service where
    absent."""
    saving: Literal["overflows", "cost"] = "overflows"
    """Whether overflows avoided count, or all that the planner weighs: overflows at their value, visits at their time
    and detour. No single figure of a run holds the second: it is not promised."""


def bins(layers: Layers, parameters: BinSites, context: SizingContext) -> Instance:
    """Return the containers that may be equipped, and what each spares in a year where its fill is known."""
    from jumeau.networks.waste.simulation.fill_worth import fill_worth  # the router is slow to import

    stream, frame, factors = parameters.stream, layers["waste_containers"], context.factors
    before, assumed = _before(layers, parameters), {"streams": [stream], "rehearsals": False}
    state: State = context.prepare_with(before, assumed).state
    service, area = _planned(state, stream)
    worth = fill_worth(state, service, area, context.clock)
    lost, saved, unit = worth.overflows, worth.spared_overflows, "1/year"
    if parameters.saving == "cost":
        lost = lost * service.overflow_value + worth.visits * worth.visit
        saved = saved * service.overflow_value + worth.spared_visits * worth.visit
        unit = "EUR/year"
    unseen = lost.mean(axis=0)
    # Nobody saves more than there is; a few visits more for a container are chance, or what it costs to know it.
    gain = np.clip(shrunk(saved), 0.0, unseen)
    rows = area.containers
    names = texts(frame, "container_id").astype(str)[rows]
    count = numbers(frame, "count")[rows]
    device = devices.SENSOR.bill("fill_sensors", "waste_containers", ["one"], factors)[0]
    shapes = layers["waste_sites"].geometry.to_numpy()[state.containers.site[rows]]
    points = gpd.GeoSeries(shapes, crs=layers["waste_sites"].crs)
    places = Sites.of(
        names,
        device.unit_cost * count,
        forbidden=state.containers.sensor[rows],
        failure=unavailability(devices.SENSOR, factors, context.shared),
        x=points.x.to_numpy(),
        y=points.y.to_numpy(),
    )

    def deploy(sites: Sequence[str]) -> Deployment:
        where = {"attributes": {"container_id": list(sites)}}
        return Deployment(({"measure": "waste.fill_sensors", "where": where},), tuple(before), assumed)

    counted = parameters.saving == "overflows"
    return Instance(
        problem=PlacementProblem.of_savings(places, Events.of(names, 1.0, unseen), sparse.diags(gain), unit),
        device=device,
        layer="waste_containers",
        sites=gpd.GeoDataFrame(
            {
                "site_id": names,
                "containers": count,
                "overflows": worth.overflows.mean(axis=0),
                "spared_visits": worth.spared_visits.mean(axis=0),
            },
            geometry=shapes,
            crs=points.crs,
        ),
        benefit=_("overflows avoided") if counted else _("overflows and visits avoided, as the planner values them"),
        events=_("containers"),
        units=count,
        worth=service.overflow_value if counted else 1.0,
        deploy=deploy,
        promise=_promise(saved) if counted else None,
        notes=_notes(worth.spared_visits, len(saved), before),
    )


def _before(layers: Layers, parameters: BinSites) -> list[dict[str, Any]]:
    """Return the measures without which no round looks at the fill: nobody lends sensors what dynamic rounds bring.

    Raises
    ------
    InputError
        Where nobody collects the stream, or it has no container.
    """
    services, stream = layers["waste_services"], parameters.stream
    row = rows_of(texts(services, "stream"), np.array([stream], dtype=object))[0]
    if row < 0 or not (texts(layers["waste_containers"], "stream") == stream).any():
        known = sorted(set(texts(services, "stream")) & set(texts(layers["waste_containers"], "stream")))
        raise InputError(
            Problem(
                _("the territory collects nothing of the stream « {stream} »").format(stream=stream),
                layer="waste_services",
                column="stream",
                hint=_("state one of these with « --set stream=… »: {streams}").format(streams=", ".join(known)),
            )
        )
    if texts(services, "policy")[row] != "calendar":
        return []
    measure: dict[str, Any] = {"measure": "waste.dynamic_rounds", "where": {"attributes": {"stream": stream}}}
    if parameters.weekdays is not None:
        measure["weekdays"] = parameters.weekdays
    return [measure]


def _planned(state: State, stream: str) -> tuple[Service, CollectionArea]:
    """Return the service of a stream, and all its containers.

    Raises
    ------
    InputError
        Where no truck takes it.
    """
    for service in state.services:
        if service.stream == STREAMS.index(stream) and service.areas[0].trucks:
            return service, service.areas[0]
    raise InputError(
        Problem(
            _("no truck collects: {streams}").format(streams=stream),
            layer="waste_trucks",
            column="streams",
            hint=_("without rounds, nothing is worth knowing"),
        )
    )


def _promise(saved: Floats) -> Promise:
    """Return the promise of overflows avoided, as sure as the rehearsals of all containers are."""
    total = saved.sum(axis=1)
    error = 1.96 * float(total.std(ddof=1)) / np.sqrt(len(total))
    mean = abs(float(total.mean()))
    return Promise(
        "overflow_events",
        -1.0,
        uncertainty=min(error / mean, 1.0) if mean > 0.0 else 0.0,
        reasons=(
            "overflows are few: a year of them is a small sample of what is expected in the long run",
            "what each container spares is reckoned with sensors in all of them; with fewer, rounds are others",
            "trucks break down, and meet traffic and closed streets, in the simulation and not in the rehearsal",
        ),
    )


def _notes(visits: Floats, years: int, before: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    found = [
        _(
            "{years} years rehearsed with and without sensors, the same deposits falling; sensors in all containers "
            "spare {visits} visits a year"
        ).format(years=format_number(years), visits=format_number(float(visits.sum(axis=1).mean()), 1)),
        _("visits are valued alike with and without sensors: no rehearsal sets the planner's caution anew"),
    ]
    if before:
        found.append(
            _("the stream is collected by the calendar today: dynamic rounds stand in the situation before as well")
        )
    return tuple(found)


SIZINGS = (
    Sizing(
        "bins",
        "Containers with fill sensors",
        BinSites,
        bins,
        ("waste_sites", "waste_containers", "waste_services", "waste_trucks"),
    ),
)

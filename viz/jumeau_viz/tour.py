"""The guided tour: the stops that the scenario writes, else those that the results themselves suggest."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from jumeau.engine.places import find_place
from jumeau.engine.tour import TourFigure, TourStop
from jumeau.errors import InputError
from jumeau.i18n import _, local
from jumeau.network import discover
from jumeau.territory.model import Territory
from jumeau_viz.assets import AssetLayer
from jumeau_viz.automatic_tour import automatic_tour
from jumeau_viz.camera import Camera
from jumeau_viz.captions import BASELINE
from jumeau_viz.facts import NO_FACT, Fact, Facts
from jumeau_viz.scene import Scene
from jumeau_viz.stops import Stop, looking_at, whole_town

LOG = logging.getLogger(__name__)

#: Hours that stand for the words of `when`.
HOURS = {"day": 12, "night": 23}


def build_tour(
    layers: Sequence[AssetLayer],
    scene: Scene,
    facts: Facts,
    *,
    territory: Territory | None = None,
    stops: Sequence[TourStop] = (),
) -> list[Stop]:
    """Return the stops of the tour, in the current language.

    Parameters
    ----------
    layers : sequence of AssetLayer
        Those of the page.
    scene : Scene
    facts : Facts
        The figures of the run.
    territory : Territory, optional
        Whose places stops look at; without it they show the whole town.
    stops : sequence of TourStop
        Those that the scenario writes; none lets the results speak.
    """
    if not stops:
        return automatic_tour(layers, scene, facts, territory.layers.get("zones") if territory is not None else None)
    found: list[Stop] = []
    for stop in stops:
        found.append(_stop(stop, layers, scene, facts, territory, found[-1].layer if found else 0))
    return found


def stops_of(provenance: Mapping[str, Any]) -> list[TourStop]:
    """Return the tour that the scenario of a run writes; none for a run of an earlier version.

    Raises
    ------
    InputError
        When it is no tour.
    """
    scenario = provenance.get("scenario", {})
    resolved = scenario.get("resolved", {}) if isinstance(scenario, Mapping) else {}
    try:
        return TypeAdapter(list[TourStop]).validate_python(resolved.get("tour") or [])
    except ValidationError as error:
        raise InputError(
            _("the tour of the scenario cannot be read: {reason}").format(reason=error.errors()[0]["msg"]),
            hint=_("run the scenario again"),
            file="provenance.json",
        ) from error


def _stop(
    stop: TourStop,
    layers: Sequence[AssetLayer],
    scene: Scene,
    facts: Facts,
    territory: Territory | None,
    before: int,
) -> Stop:
    """Return a stop as the page shows it; `before` is the layer of the stop before."""
    place = _layer(stop, layers, before)
    variant = stop.variant or BASELINE
    hour = HOURS.get(stop.when) if isinstance(stop.when, str) else stop.when
    fact = _fact(stop.figure, stop, facts, variant) or NO_FACT
    return Stop(
        title=local(stop.title),
        text=local(stop.text),
        camera=_camera(stop, layers, place, scene, territory),
        figure=fact.value,
        figure_label=fact.label,
        note=" ".join(part for part in (local(stop.note), fact.note) if part),
        layer=place,
        indicator=_indicator(stop, layers[place]),
        scenario=variant,
        change=stop.change,
        hour=hour,
    )


def _layer(stop: TourStop, layers: Sequence[AssetLayer], before: int) -> int:
    """Return the layer that a stop shows: its own, the first one of its network, or that of the stop before."""
    own = [place for place, layer in enumerate(layers) if layer.network == stop.network]
    named = [place for place in own if layers[place].appearance.layer == stop.layer]
    return next(iter([*named, *own]), before)


def _indicator(stop: TourStop, layer: AssetLayer) -> int:
    """Return what the colours show: the figure of the stop, or what adds up to it by asset, else the main one."""
    wanted = "" if stop.figure is None else stop.figure.figure or stop.figure.indicator or ""
    network = discover().get(layer.network)
    outputs = network.attributes.outputs(layer.appearance.layer) if network is not None and wanted else ()
    adding = [item.attribute for item in outputs if item.sums_to == wanted]
    names = [indicator.name for indicator in layer.indicators]
    return next((names.index(name) for name in (wanted, *adding) if name in names), 0)


def _fact(figure: TourFigure | None, stop: TourStop, facts: Facts, variant: str) -> Fact | None:
    if figure is None:
        return None
    network = figure.network or stop.network
    if figure.criterion is not None:
        # A criterion is of all networks together unless the figure itself names one.
        return facts.criterion(figure.criterion, variant, figure.network)
    if figure.figure is not None:
        return facts.figure(network, figure.figure, variant)
    return facts.indicator(network, str(figure.indicator), variant)


def _camera(
    stop: TourStop, layers: Sequence[AssetLayer], place: int, scene: Scene, territory: Territory | None
) -> Camera:
    if stop.place is None or territory is None:
        return whole_town(layers, place)
    try:
        return looking_at(find_place(stop.place, territory), scene)
    except InputError as error:
        # The territory may have changed since the run: the tour goes on, seen from afar.
        LOG.warning("%s", error)
        return whole_town(layers, place)

"""What is wrong with a collection, beyond what `attributes.csv` can say: places, loads, hours and ways."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts, totals
from jumeau.errors import Problem
from jumeau.i18n import _
from jumeau.networks.waste.physics.roads import CLASSES, roads_of
from jumeau.networks.waste.physics.state import STREAMS
from jumeau.networks.waste.physics.week import WEEKDAYS, weekdays
from jumeau.routing import Roads
from jumeau.tables import FactorTable
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A site farther than this from any street that trucks may use is not on the network [m]. Nearer ones, as in pedestrian
#: quarters, are reached from that street.
FARTHEST = 250.0


def check(territory: Territory, factors: FactorTable) -> list[Problem]:
    """Return sites off the network, loads beyond any truck, hours that no truck can keep, and missing links."""
    if not territory.has("waste_containers") or not territory.has("waste_sites"):
        return []
    layers = {
        name: territory.layers[name] if name in territory.layers else gpd.GeoDataFrame()
        for name in (
            "waste_sites", "waste_containers", "waste_depots", "waste_disposal", "waste_trucks", "waste_services",
            "waste_rounds",
        )
    }  # fmt: skip
    problems = [*_words(layers), *_links(layers)]
    if problems:
        return problems
    return [*_hours(layers, factors), *_loads(layers, factors), *_ways(layers, territory, factors)]


def _problem(layer: gpd.GeoDataFrame, name: str, bad: Bools, message: str, hint: str, column: str = "") -> Problem:
    key = {
        "waste_sites": "site_id", "waste_containers": "container_id", "waste_depots": "depot_id",
        "waste_disposal": "disposal_id", "waste_trucks": "truck_id", "waste_services": "stream",
        "waste_rounds": "round_id",
    }[name]  # fmt: skip
    value = ""
    if column and column in layer:
        value = ", ".join(sorted({str(item) for item in layer[column].to_numpy()[bad]})[:5])
    return Problem(
        message, layer=name, column=column, features=tuple(texts(layer, key)[bad].astype(str)), value=value, hint=hint
    )


def _words(layers: dict[str, gpd.GeoDataFrame]) -> Iterator[Problem]:
    """Yield lists of days and streams that cannot be read."""
    for name in ("waste_services", "waste_rounds"):
        frame = layers[name]
        if "weekdays" not in frame:
            continue
        bad = np.array([not _readable(text) for text in texts(frame, "weekdays", "mon")], dtype=bool)
        if bad.any():
            hint = _("write days of the week: {days}").format(days=" ".join(WEEKDAYS))
            yield _problem(frame, name, bad, _("not a list of days"), hint, "weekdays")
    for name, column in (("waste_trucks", "streams"), ("waste_disposal", "streams"), ("waste_services", "stream")):
        frame = layers[name]
        if column not in frame:
            continue
        bad = np.array([bool(set(str(text).split()) - set(STREAMS)) for text in texts(frame, column)], dtype=bool)
        if bad.any():
            hint = _("use: {choices}").format(choices=" ".join(STREAMS))
            yield _problem(frame, name, bad, _("a stream that is not known"), hint, column)


def _readable(text: object) -> bool:
    try:
        return bool(weekdays(str(text)))
    except ValueError:
        return False


def _links(layers: dict[str, gpd.GeoDataFrame]) -> Iterator[Problem]:
    """Yield containers that no service, truck, disposal site or round takes care of."""
    containers, services = layers["waste_containers"], layers["waste_services"]
    streams = texts(containers, "stream")
    yield from _names(layers)
    if not len(layers["waste_depots"]):
        yield Problem(_("trucks have no depot"), layer="waste_depots", hint=_("add the place where trucks start"))
    known = set(texts(services, "stream"))
    taken = {word for text in texts(layers["waste_trucks"], "streams") for word in str(text).split()}
    accepted = [set(str(text).split()) for text in texts(layers["waste_disposal"], "streams")]
    for stream in sorted(set(streams)):
        mine = streams == stream
        if stream not in known:
            message = _("no service collects the stream « {stream} »").format(stream=stream)
            yield _problem(
                containers, "waste_containers", mine, message, _("add it to the layer « waste_services »"), "stream"
            )
        if stream not in taken:
            message = _("no truck collects the stream « {stream} »").format(stream=stream)
            hint = _("add it to the `streams` of a truck")
            yield _problem(containers, "waste_containers", mine, message, hint, "stream")
        if accepted and not any(not ends or stream in ends for ends in accepted):
            message = _("no disposal site accepts the stream « {stream} »").format(stream=stream)
            hint = _("add it to the `streams` of a disposal site")
            yield _problem(containers, "waste_containers", mine, message, hint, "stream")
    fixed = set(texts(services, "stream")[texts(services, "policy", "calendar") == "calendar"])
    lost = np.isin(streams, sorted(fixed)) & (texts(containers, "round_id") == "")
    if lost.any():
        hint = _("give them a round, or another policy to their service")
        message = _("no round of the calendar empties them")
        yield _problem(containers, "waste_containers", lost, message, hint, "round_id")


def _names(layers: dict[str, gpd.GeoDataFrame]) -> Iterator[Problem]:
    """Yield names of sites, rounds, depots and trucks that are nowhere."""
    for name, column, table in (
        ("waste_containers", "site_id", "waste_sites"),
        ("waste_containers", "round_id", "waste_rounds"),
        ("waste_trucks", "depot_id", "waste_depots"),
        ("waste_rounds", "truck_id", "waste_trucks"),
    ):
        named = texts(layers[name], column).astype(str)
        lost = (named != "") & ~np.isin(named, texts(layers[table], column).astype(str))
        if lost.any():
            message = _("a name that the layer « {layer} » does not hold").format(layer=table)
            hint = _("correct the name, or add it to the layer « {table} »").format(table=table)
            yield _problem(layers[name], name, lost, message, hint, column)


def _hours(layers: dict[str, gpd.GeoDataFrame], factors: FactorTable) -> Iterator[Problem]:
    """Yield shifts, opening hours and time windows that end before they begin, or that no truck can keep."""
    spans = {
        "waste_sites": ("earliest", "latest", 0.0, 24.0),
        "waste_disposal": ("opens", "closes", 5.0, 20.0),
        "waste_trucks": ("shift_from", "shift_to", 5.0, 12.0),
    }
    for name, (first, last, begins, ends) in spans.items():
        frame = layers[name]
        if not len(frame):
            continue
        bad = numbers(frame, first, begins) >= numbers(frame, last, ends)
        if bad.any():
            message = _("`{last}` is not after `{first}`").format(first=first, last=last)
            yield _problem(frame, name, bad, message, _("correct the hours"), last)
            return
    sites, containers, trucks = (layers[name] for name in ("waste_sites", "waste_containers", "waste_trucks"))
    unloading = numbers(layers["waste_disposal"], "unloading", factors.value("unloading_time")) / 60.0
    shifts = [
        (begin, end, set(str(text).split()))
        for begin, end, text in zip(
            numbers(trucks, "shift_from", 5.0), numbers(trucks, "shift_to", 12.0), texts(trucks, "streams"), strict=True
        )
    ]
    earliest, latest = numbers(sites, "earliest", 0.0), numbers(sites, "latest", 24.0)
    place = {name: row for row, name in enumerate(texts(sites, "site_id"))}
    bad = np.zeros(len(sites), dtype=bool)
    for site, stream in zip(texts(containers, "site_id"), texts(containers, "stream"), strict=True):
        row = place.get(site)
        if row is None:
            continue
        able = any(
            stream in streams and max(begin, earliest[row]) <= min(end, latest[row]) for begin, end, streams in shifts
        )
        bad[row] |= not able
    if bad.any():
        message = _("no truck is on duty in the hours in which the site may be collected")
        yield _problem(sites, "waste_sites", bad, message, _("widen the hours, or the shifts"), "earliest")
    if len(unloading) and shifts and unloading.min() > max(end - begin for begin, end, _streams in shifts):
        yield _problem(
            layers["waste_disposal"],
            "waste_disposal",
            np.full(len(unloading), fill_value=True),
            _("unloading takes longer than any shift"),
            _("correct the time to unload"),
            "unloading",
        )


def _loads(layers: dict[str, gpd.GeoDataFrame], factors: FactorTable) -> Iterator[Problem]:
    """Yield containers whose content no truck can take."""
    containers, trucks = layers["waste_containers"], layers["waste_trucks"]
    streams = texts(containers, "stream")
    usual = np.array([factors.value(f"density_{name}") for name in streams])
    volume = numbers(containers, "volume") * numbers(containers, "count", 1.0)
    mass = volume / 1000.0 * numbers(containers, "density", usual)
    body = numbers(trucks, "body", 0.0) * 1000.0 * numbers(trucks, "compaction", 1.0)
    payload = numbers(trucks, "payload", 0.0)
    words = [set(str(text).split()) for text in texts(trucks, "streams")]
    for stream in sorted(set(streams)):
        able = np.array([stream in known for known in words], dtype=bool)
        mine = streams == stream
        # A truck that stops at a site takes all that the site holds of the stream.
        site = np.unique(texts(containers, "site_id").astype(str), return_inverse=True)[1].ravel()
        whole, heavy = (totals(site[mine], item[mine], int(site.max()) + 1)[site] for item in (volume, mass))
        fits = np.zeros(len(containers), dtype=bool)
        for row in np.flatnonzero(able):
            fits |= (whole <= body[row]) & (heavy <= payload[row])
        bad = mine & ~fits
        if bad.any():
            message = _("full, they hold more than any truck that collects « {stream} » can take").format(stream=stream)
            hint = _("split the containers, or correct their volume, or the body and payload of the truck")
            yield _problem(containers, "waste_containers", bad, message, hint, "volume")


def _ways(layers: dict[str, gpd.GeoDataFrame], territory: Territory, factors: FactorTable) -> Iterator[Problem]:
    """Yield places that trucks cannot reach."""
    if not territory.has("streets"):
        return
    rates = {f"speed_{name}": factors.value(f"speed_{name}") for name in (*CLASSES, "other")}
    narrowest = numbers(layers["waste_trucks"], "narrowest", factors.value("street_width"))
    roads = roads_of(territory.layers["streets"], rates, float(narrowest.max()) if len(narrowest) else 0.0)
    if not np.isfinite(roads.seconds).any():
        yield Problem(
            _("trucks may use no street of the territory"),
            layer="streets",
            column="width",
            hint=_("correct the widths of streets, or `narrowest` of the trucks"),
        )
        return
    for name in ("waste_sites", "waste_depots", "waste_disposal"):
        frame = layers[name]
        if len(frame):
            yield from _far(frame, name, roads)


def _far(frame: gpd.GeoDataFrame, name: str, roads: Roads) -> Iterator[Problem]:
    gap = roads.sites(frame.geometry.to_numpy()).gap
    # A place outside the territory has a road of its own to it.
    limit = FARTHEST + numbers(frame, "extra_distance", 0.0) * 1000.0
    bad = gap > limit
    if bad.any():
        worst = float(gap[bad].max())
        message = _("off the network: up to {metres} m from the nearest street that trucks may use").format(
            metres=round(worst)
        )
        hint = _("move it, add the street, or give it the road beyond the territory (extra_distance)")
        if name == "waste_sites":
            hint = _("move the site, or add the street")
        yield _problem(frame, name, bad, message, hint)

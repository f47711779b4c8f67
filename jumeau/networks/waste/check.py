"""What is wrong with a collection, beyond what `attributes.csv` can say: places, loads, hours and ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.attributes import typed_layer
from jumeau.columns import numbers, rows_of, texts, totals
from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.waste.check_orders import forgotten_sites, wrong_orders
from jumeau.networks.waste.parameters import Assumptions
from jumeau.networks.waste.physics.roads import CLASSES, roads_of
from jumeau.networks.waste.physics.state import STREAMS
from jumeau.networks.waste.physics.unserved import complaints
from jumeau.networks.waste.physics.week import WEEKDAYS, weekdays
from jumeau.networks.waste.preparation import state_of
from jumeau.networks.waste.tables import ATTRIBUTES
from jumeau.routing import Roads
from jumeau.simulation.clock import Clock
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.territory.check import problems_where
from jumeau.territory.model import Territory

Layers = Mapping[str, gpd.GeoDataFrame]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Travel in empty streets is the same in any week.
_ANY_WEEK = Clock(date(2025, 1, 6), date(2025, 1, 12))

#: A site farther than this from any street that trucks may use is not on the network [m]. Nearer ones, as in pedestrian
#: quarters, are reached from that street.
FARTHEST = 250.0


def check(territory: Territory, factors: FactorTable, assumptions: Assumptions) -> list[Problem]:
    """Return sites off the network, loads beyond any truck, hours that no truck can keep, and missing services."""
    if not territory.has("waste_containers") or not territory.has("waste_sites"):
        return []
    layers = {
        name: typed_layer(territory.layer(name).reset_index(drop=True), ATTRIBUTES, name)
        if name in territory.layers
        else ATTRIBUTES.empty(name, territory.crs)
        for name in ATTRIBUTES.layers
    }
    problems = [*_words(layers), *_links(layers), *wrong_orders(layers)]
    if problems:
        return problems
    problems = [*_hours(layers, factors), *_loads(layers, factors), *_ways(layers, territory, factors)]
    return problems or [*_outings(layers, territory, factors, assumptions), *forgotten_sites(layers)]


def _problems(layers: Layers, name: str, bad: Bools, message: str, hint: str, column: str = "") -> list[Problem]:
    return problems_where(layers[name], ATTRIBUTES, name, bad, message, hint, column=column)


def _numbers(layers: Layers, name: str, column: str) -> Floats:
    """Return a numeric column, with the default that the table declares."""
    return numbers(layers[name], column, ATTRIBUTES.default(name, column))


def _texts(layers: Layers, name: str, column: str) -> NDArray[np.object_]:
    """Return a text column, with the default that the table declares."""
    return texts(layers[name], column, ATTRIBUTES.default(name, column) or "")


def _words(layers: Layers) -> Iterator[Problem]:
    """Yield lists of days and streams that cannot be read."""
    hint = _("write days of the week: {days}").format(days=" ".join(WEEKDAYS))
    for name in ("waste_services", "waste_rounds"):
        days = _texts(layers, name, "weekdays")
        bad = np.array([not _readable(text) for text in days], dtype=bool)
        yield from _problems(layers, name, bad, _("not a list of days"), hint, "weekdays")
    hint = _("use: {choices}").format(choices=" ".join(STREAMS))
    for name, column in (("waste_trucks", "streams"), ("waste_disposal", "streams"), ("waste_services", "stream")):
        words = _texts(layers, name, column)
        bad = np.array([bool(set(str(text).split()) - set(STREAMS)) for text in words], dtype=bool)
        yield from _problems(layers, name, bad, _("a stream that is not known"), hint, column)


def _readable(text: object) -> bool:
    try:
        return bool(weekdays(str(text)))
    except ValueError:
        return False


def _pairs(layers: Layers) -> Iterator[Problem]:
    """Yield trucks that may start at several depots, and rounds whose trucks do not take their stream."""
    trucks, rounds = layers["waste_trucks"], layers["waste_rounds"]
    if len(layers["waste_depots"]) > 1:
        bad = np.asarray(texts(trucks, "depot_id") == "", dtype=bool)
        hint = _("name it: only a single depot is taken without a word")
        yield from _problems(layers, "waste_trucks", bad, _("there are several depots: which one?"), hint, "depot_id")
    taken = [set(str(text).split()) for text in texts(trucks, "streams")]
    of = rows_of(texts(trucks, "truck_id"), texts(rounds, "truck_id"))
    streams = texts(rounds, "stream")
    # Where no truck at all takes the stream, its containers are told of.
    every = {word for words in taken for word in words}
    wrong = [row >= 0 and name in every - taken[row] for row, name in zip(of, streams, strict=True)]
    bad = np.array(wrong, dtype=bool)
    hint = _("name another kind of trucks, or add the stream to its `streams`")
    message = _("the trucks of the round do not collect its stream")
    yield from _problems(layers, "waste_rounds", bad, message, hint, "truck_id")


def _links(layers: Layers) -> Iterator[Problem]:
    """Yield containers that no service, truck, disposal site or round takes care of."""
    containers, services = layers["waste_containers"], layers["waste_services"]
    streams = texts(containers, "stream")
    if not len(layers["waste_depots"]):
        yield Problem(_("trucks have no depot"), layer="waste_depots", hint=_("add the place where trucks start"))
    yield from _pairs(layers)
    known = set(texts(services, "stream"))
    taken = {word for text in texts(layers["waste_trucks"], "streams") for word in str(text).split()}
    accepted = [set(str(text).split()) for text in texts(layers["waste_disposal"], "streams")]
    for stream in sorted(set(streams)):
        mine = streams == stream
        if stream not in known:
            message = _("no service collects the stream « {stream} »").format(stream=stream)
            hint = _("add it to the layer « waste_services »")
            yield from _problems(layers, "waste_containers", mine, message, hint, "stream")
        if stream not in taken:
            message = _("no truck collects the stream « {stream} »").format(stream=stream)
            hint = _("add it to the `streams` of a truck")
            yield from _problems(layers, "waste_containers", mine, message, hint, "stream")
        if accepted and not any(not ends or stream in ends for ends in accepted):
            message = _("no disposal site accepts the stream « {stream} »").format(stream=stream)
            hint = _("add it to the `streams` of a disposal site")
            yield from _problems(layers, "waste_containers", mine, message, hint, "stream")
    fixed = set(texts(services, "stream")[_texts(layers, "waste_services", "policy") == "calendar"])
    lost = np.isin(streams, sorted(fixed)) & (texts(containers, "round_id") == "")
    hint = _("give them a round, or another policy to their service")
    message = _("no round of the calendar empties them")
    yield from _problems(layers, "waste_containers", lost, message, hint, "round_id")


def _hours(layers: Layers, factors: FactorTable) -> Iterator[Problem]:
    """Yield shifts, opening hours and time windows that end before they begin, or that no truck can keep."""
    for name, first, last in (
        ("waste_sites", "earliest", "latest"),
        ("waste_disposal", "opens", "closes"),
        ("waste_trucks", "shift_from", "shift_to"),
    ):
        bad = _numbers(layers, name, first) >= _numbers(layers, name, last)
        if bad.any():
            message = _("`{last}` is not after `{first}`").format(first=first, last=last)
            hint = _("correct the hours")
            if name == "waste_trucks":
                hint = _(
                    "correct the hours; a shift that ends on the next day ends beyond 24: 6 h in the morning is 30"
                )
            yield from _problems(layers, name, bad, message, hint, last)
            return
    sites, containers, trucks = (layers[name] for name in ("waste_sites", "waste_containers", "waste_trucks"))
    unloading = numbers(layers["waste_disposal"], "unloading", factors.value("unloading_time")) / 60.0
    hours = (_numbers(layers, "waste_trucks", column) for column in ("shift_from", "shift_to"))
    shifts = [
        (begin, end, set(str(text).split())) for begin, end, text in zip(*hours, texts(trucks, "streams"), strict=True)
    ]
    earliest, latest = (_numbers(layers, "waste_sites", column) for column in ("earliest", "latest"))
    bad = np.zeros(len(sites), dtype=bool)
    place = rows_of(texts(sites, "site_id"), texts(containers, "site_id"))
    for row, stream in zip(place, texts(containers, "stream"), strict=True):
        bad[row] |= not any(
            stream in streams and max(begin, earliest[row]) <= min(end, latest[row]) for begin, end, streams in shifts
        )
    message = _("no truck is on duty in the hours in which the site may be collected")
    yield from _problems(layers, "waste_sites", bad, message, _("widen the hours, or the shifts"), "earliest")
    if len(unloading) and shifts and unloading.min() > max(end - begin for begin, end, _streams in shifts):
        message, hint = _("unloading takes longer than any shift"), _("correct the time to unload")
        yield from _problems(layers, "waste_disposal", unloading > 0.0, message, hint, "unloading")


def _loads(layers: Layers, factors: FactorTable) -> Iterator[Problem]:
    """Yield containers whose content no truck can take."""
    containers, trucks = layers["waste_containers"], layers["waste_trucks"]
    streams = texts(containers, "stream")
    usual = np.array([factors.value(f"density_{name}") for name in streams])
    volume = numbers(containers, "volume") * _numbers(layers, "waste_containers", "count")
    mass = volume / 1000.0 * numbers(containers, "density", usual)
    body = numbers(trucks, "body", 0.0) * 1000.0 * _numbers(layers, "waste_trucks", "compaction")
    # What weighs more than a cap on a day would be left over on each of them.
    payload = np.minimum(numbers(trucks, "payload", 0.0), 1000.0 * numbers(trucks, "tonnes_cap", np.inf))
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
        message = _("full, they hold more than any truck that collects « {stream} » can take").format(stream=stream)
        hint = _("split the containers, or correct their volume, or the body, payload and caps of the truck")
        yield from _problems(layers, "waste_containers", bad, message, hint, "volume")
        bad = mine & fits & (heavy > _most_on_a_day(layers, stream))
        message = _("full, they hold more than is collected or taken in of « {stream} » on a day").format(stream=stream)
        hint = _("split the containers, or correct their volume, or the `tonnes_cap` of services and disposal sites")
        yield from _problems(layers, "waste_containers", bad, message, hint, "volume")


def _most_on_a_day(layers: Layers, stream: str) -> float:
    """Return the most that is collected of a stream, or taken in by one disposal site, on a day [kg]."""
    services, disposal = layers["waste_services"], layers["waste_disposal"]
    mine = texts(services, "stream") == stream
    takes = np.array([stream in str(text).split() or not text for text in texts(disposal, "streams")], dtype=bool)
    collected = numbers(services, "tonnes_cap", np.inf)[mine].min(initial=np.inf)
    taken = numbers(disposal, "tonnes_cap", np.inf)[takes].max(initial=0.0) if takes.any() else np.inf
    return 1000.0 * float(min(collected, taken))


def _ways(layers: Layers, territory: Territory, factors: FactorTable) -> Iterator[Problem]:
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
            hint=_("correct the classes, directions and widths of streets, or `narrowest` of the trucks"),
        )
        return
    for name in ("waste_sites", "waste_depots", "waste_disposal"):
        if len(layers[name]):
            yield from _far(layers, name, roads)


def _outings(layers: Layers, territory: Territory, factors: FactorTable, assumptions: Assumptions) -> list[Problem]:
    """Return warnings of sites that no shift can serve; rounds leave them out and count them."""
    shared = shared_factors()
    place = Place(territory, _ANY_WEEK, shared.value("detour"))
    state = state_of(layers, assumptions, factors, shared, place)
    return [
        Problem(item.message, layer="waste_sites", features=item.features, hint=item.hint, warning=True)
        for item in complaints(state)
    ]


def _far(layers: Layers, name: str, roads: Roads) -> Iterator[Problem]:
    gap = roads.sites(layers[name].geometry.to_numpy()).gap
    # A place outside the territory has a road of its own to it.
    bad = gap > FARTHEST + numbers(layers[name], "extra_distance", 0.0) * 1000.0
    if bad.any():
        message = _("off the network: up to {metres} m from the nearest street that trucks may use").format(
            metres=round(float(gap[bad].max()))
        )
        hint = _("move it, add the street, or give it the road beyond the territory (extra_distance)")
        if name == "waste_sites":
            hint = _("move the site, or add the street")
        yield from _problems(layers, name, bad, message, hint)

"""Sites that no shift can serve, and why: told before trucks are sent, and never driven to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import shorten
from jumeau.i18n import _, format_number
from jumeau.networks.waste.physics.choice import calendar
from jumeau.networks.waste.physics.planning import problem
from jumeau.networks.waste.physics.state import CLOSED, NO_WAY, TOO_FAR, CollectionArea, Service, State, Unserved
from jumeau.routing import servable
from jumeau.simulation.clock import DAY, HOUR


def unserved(state: State) -> tuple[Unserved, ...]:
    """Return the sites that no truck can serve, by area and reason."""
    return tuple(
        found for service in state.services for area in service.areas for found in _of_area(state, area, service)
    )


def _of_area(state: State, area: CollectionArea, service: Service) -> Iterator[Unserved]:
    if not area.trucks or not len(area.sites):
        return
    usual = calendar(state, area, service)
    asked, sites = problem(state, area, usual, area.locations.travel, 1.0, {})
    cut_off = np.setdiff1d(usual.sites, sites)
    able = servable(asked).any(axis=0)
    always = replace(asked, places=tuple(replace(place, earliest=0.0, latest=2.0 * DAY) for place in asked.places))
    closed = ~able & servable(always).any(axis=0)
    shift = max(vehicle.shift for vehicle in asked.vehicles) / HOUR
    hours = _outing(state, area) / HOUR
    if len(cut_off):
        yield Unserved(area.name, NO_WAY, area.sites[cut_off], 0.0, shift)
    for reason, mask in ((CLOSED, closed), (TOO_FAR, ~able & ~closed)):
        if mask.any():
            yield Unserved(area.name, reason, area.sites[sites[mask]], float(hours[sites[mask]].min()), shift)


def _outing(state: State, area: CollectionArea) -> NDArray[np.float64]:
    """Return the time of driving to each site of an area and home, by a disposal site where there is one [s]."""
    time, places = area.locations.travel.duration, state.first_site
    homes = sorted({state.trucks[row].depot for row in area.trucks})
    ends = [len(state.depots) + row for row in area.disposal]
    found = np.full(len(area.sites), np.inf)
    for home in homes:
        back = time[places:, home]
        if ends:
            unloading = [state.disposal[row].unloading for row in area.disposal]
            back = (time[places:, ends] + time[ends, home] + unloading).min(axis=1)
        found = np.minimum(found, time[home, places:] + back)
    return found


@dataclass(frozen=True)
class Complaint:
    """What to tell of sites that are not served.

    Attributes
    ----------
    message, hint : str
        In the current language.
    features : tuple of str
        Identifiers of the sites.
    """

    message: str
    hint: str
    features: tuple[str, ...]

    @property
    def sites(self) -> str:
        """The identifiers, shortened."""
        return shorten(self.features)


def complaints(state: State) -> list[Complaint]:
    """Return what is wrong with the sites that no truck can serve, with their identifiers."""
    found = []
    for item in state.unserved:
        message, hint = _words(item)
        names = tuple(str(name) for name in state.site_names[item.sites])
        found.append(Complaint(f"« {item.area} »: {message}", hint, names))
    return found


def _words(item: Unserved) -> tuple[str, str]:
    count = len(item.sites)
    if item.reason == NO_WAY:
        return (
            _("no route leads to {count} site(s) and back: they are not collected").format(count=count),
            _("correct the streets, their directions or the place of the sites"),
        )
    if item.reason == CLOSED:
        return (
            _("disposal is closed whenever a truck could come from {count} site(s): they are not collected").format(
                count=count
            ),
            _("correct `opens` and `closes` of the disposal sites, or the shift of the trucks"),
        )
    return (
        _(
            "no shift is long enough for {count} site(s): they are not collected "
            "(the nearest is {hours} h of driving and unloading from and to the depot, the shift lasts {shift} h)"
        ).format(count=count, hours=format_number(item.hours, 1), shift=format_number(item.shift, 1)),
        _("lengthen the shift, widen the hours of the sites, or give them a nearer depot"),
    )

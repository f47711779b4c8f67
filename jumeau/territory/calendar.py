"""Time zones and countries that a territory may have: those whose clocks and public holidays are known."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from jumeau.errors import nearest
from jumeau.i18n import _


@cache
def known_countries() -> frozenset[str]:
    """Return the ISO 3166-1 codes, of two or three letters, of the countries whose public holidays are known."""
    import holidays  # imported here: it is slow, and most commands need no calendar

    return frozenset(holidays.list_supported_countries(include_aliases=True))


def check_country(text: str) -> str:
    """Return an ISO 3166-1 code that public holidays are known for.

    Raises
    ------
    ValueError
        When they are not.
    """
    if text not in known_countries():
        message = _("unknown country « {code} »: give the two letters of ISO 3166-1, such as « FR »")
        raise ValueError(message.format(code=text))
    return text


def check_timezone(text: str) -> str:
    """Return an IANA name of a time zone.

    Raises
    ------
    ValueError
        When there is none of that name; the nearest is offered.
    """
    zones = available_timezones()
    if text not in zones:
        near = nearest(text[:100], sorted(zones))
        advice = " " + _("did you mean « {near} »?").format(near=near) if near else ""
        raise ValueError(_("unknown time zone « {name} »").format(name=text) + advice)
    return text

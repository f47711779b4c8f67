"""Which countries have a calendar: those whose public holidays are known."""

from __future__ import annotations

from functools import cache


@cache
def known_countries() -> frozenset[str]:
    """Return the ISO 3166-1 codes, of two or three letters, of the countries whose public holidays are known."""
    import holidays  # imported here: it is slow, and most commands need no calendar

    return frozenset(holidays.list_supported_countries(include_aliases=True))

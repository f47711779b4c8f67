"""The place of a territory, by which prices and emissions are chosen."""

from __future__ import annotations

from jumeau.accounts.place import Where
from jumeau.errors import InputError
from jumeau.territory.model import Territory


def place_of(territory: Territory) -> Where:
    """Return the country, the subdivision and where the territory lies, as far as they are known."""
    try:
        location = territory.location
    except InputError:  # no feature has a place
        location = None
    return Where(territory.country, territory.meta.get("subdivision", ""), location)

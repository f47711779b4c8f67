"""Street names, in the way that French towns give them: a theme per quarter, a rank per street."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .graph import StreetGraph
from .tables import Table

__all__ = ["name_streets"]

THEMES = {
    "north_west": "tree",
    "north_east": "bird",
    "east": "painter",
    "south": "land",
    "centre": "craft",
    "faubourg": "person",
}
STYLE_THEMES = {"centre": "craft", "faubourg": "person", "towers": "bird", "business": "inventor", "school": "painter"}
RANKS = {
    "centre": ("Rue", "Rue", "Rue", "Rue", "Ruelle", "Venelle"),
    "faubourg": ("Rue",),
    "estate": ("Rue", "Rue", "Allée"),
    "towers": ("Rue", "Allée", "Cours"),
    "business": ("Rue",),
    "school": ("Rue",),
}
DEAD_END_RANKS = {"estate": ("Impasse", "Allée", "Clos"), "towers": ("Square", "Allée")}


def name_streets(graph: StreetGraph, quarter_of: Mapping[int, str], pool: Table, rng: np.random.Generator) -> None:
    """Give a name to every street that the plan left without one.

    Parameters
    ----------
    graph : StreetGraph
        Streets; those without a name are named in place.
    quarter_of : mapping of int to str
        Quarter key of each street number.
    pool : Table
        Rows of ``names.csv``: the specific part of a name and its theme.
    rng : numpy.random.Generator
        Source of the draws.

    Raises
    ------
    ValueError
        If the pool holds fewer names than the town has streets.
    """
    left = {theme: [s for s, row in pool.items() if row["theme"] == theme] for theme in dict.fromkeys(THEMES.values())}
    left["inventor"] = [s for s, row in pool.items() if row["theme"] == "inventor"]
    for names in left.values():
        rng.shuffle(names)
    taken = {street.name for street in graph.streets}
    specifics: dict[int, str] = {}
    for number, street in enumerate(graph.streets):
        if street.name:
            continue
        if street.parent is not None:
            # A cul-de-sac often takes the name of the street that it opens from.
            inherited = specifics.get(street.parent)
            ranks = ("Sente",) if street.road_class == "pedestrian" else DEAD_END_RANKS.get(street.style, ("Impasse",))
            free = [f"{rank} {inherited}" for rank in ranks if inherited and f"{rank} {inherited}" not in taken]
            if free:
                street.name, specifics[number] = free[0], str(inherited)
                taken.add(street.name)
                continue
            rank = ranks[0]
        else:
            rank = str(rng.choice(RANKS[street.style]))
        theme = STYLE_THEMES.get(street.style) or THEMES[quarter_of[number]]
        specifics[number] = _next_specific(left, theme)
        street.name = f"{rank} {specifics[number]}"
        taken.add(street.name)


def _next_specific(left: dict[str, list[str]], theme: str) -> str:
    for names in (left[theme], *sorted(left.values(), key=len, reverse=True)):
        if names:
            return names.pop()
    raise ValueError("names.csv holds too few street names for this town")

"""The order in which rounds collect their sites today, as a territory states it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts

Floats = NDArray[np.float64]

#: In place of a way that does not exist [m].
_FAR = 1e7


def split_order(text: str) -> tuple[str, ...]:
    """Return the identifiers of a written order: between semicolons where there are any, else between spaces."""
    words = text.split(";") if ";" in text else text.split()
    return tuple(word.strip() for word in words if word.strip())


def written_order(names: Sequence[str]) -> str:
    """Return an order as a text that `split_order` reads back."""
    if any(len(name.split()) > 1 for name in names):
        return "; ".join(names) + (";" if len(names) == 1 else "")
    return " ".join(names)


def stated_orders(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, tuple[str, ...]]:
    """Return the sites of each round whose order is stated, in `waste_stops` by rank or in the round's own `order`."""
    rounds = layers["waste_rounds"]
    found = {
        str(name): split_order(str(text))
        for name, text in zip(texts(rounds, "round_id"), texts(rounds, "order"), strict=True)
        if text
    }
    stops = layers.get("waste_stops")
    if stops is None or not len(stops):
        return found
    names, sites = texts(stops, "round_id").astype(str), texts(stops, "site_id").astype(str)
    rising = np.argsort(numbers(stops, "rank", 0.0), kind="stable")
    listed: dict[str, list[str]] = {}
    for row in rising:
        listed.setdefault(names[row], []).append(sites[row])
    return {**found, **{name: tuple(each) for name, each in listed.items()}}


def with_others(order: Sequence[int], others: Sequence[int], distance: Floats, home: int, first: int) -> list[int]:
    """Return an order with further places in it, each where it lengthens the round least, the least first.

    Parameters
    ----------
    order : sequence of int
        Places in the order of service.
    others : sequence of int
        Places to be inserted.
    distance : ndarray, shape (n, n)
        Between locations [m].
    home : int
        Location where the round starts and ends.
    first : int
        Location of place 0.
    """
    known = np.where(np.isfinite(distance), distance, _FAR)
    path = [home, *(first + place for place in order), home]
    left = [first + place for place in others]
    while left:
        way, places = np.array(path), np.array(left)
        direct = known[way[:-1], way[1:]]
        longer = known[np.ix_(way[:-1], places)] + known[np.ix_(places, way[1:])].T - direct[:, None]
        # Of equal detours the first site is inserted, at the earliest place.
        which, where = np.unravel_index(int(np.argmin(longer.T)), longer.T.shape)
        path.insert(int(where) + 1, left.pop(int(which)))
    return [location - first for location in path[1:-1]]

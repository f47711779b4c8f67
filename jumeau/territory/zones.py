"""The zones of a territory: their size, and who lives and works there."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, texts, totals
from jumeau.i18n import _, format_number
from jumeau.territory.info import align
from jumeau.territory.model import SHARED, Territory

Floats = NDArray[np.float64]


def people_of_zones(territory: Territory, column: str) -> Floats:
    """Return the people of each zone, shape (n,): those of the cells whose middle lies in it."""
    zones = territory.layers["zones"]
    found = np.zeros(len(zones))
    if not territory.has("population"):
        return found
    cells = territory.layers["population"]
    middles = shapely.centroid(cells.geometry.to_numpy())
    cell, zone = shapely.STRtree(zones.geometry.to_numpy()).query(middles, predicate="intersects")
    # A middle on a border is of one zone alone.
    cell, first = np.unique(cell, return_index=True)
    people = np.nan_to_num(numbers(cells, column, 0.0))
    return totals(zone[first], people[cell], len(zones))


def zone_lines(territory: Territory, width: int) -> list[str]:
    """Return the zones as the lines of a table, names cut where the table is wider than so many columns."""
    zones = territory.layers["zones"]
    kinds = texts(zones, "kind", SHARED.default("zones", "kind"))
    area = shapely.area(zones.geometry.to_numpy()) / 1e6
    people, jobs = people_of_zones(territory, "residents"), people_of_zones(territory, "jobs")
    rows = [[_("name"), _("identifier"), _("kind"), _("area"), _("residents"), _("jobs")]]
    rows += [
        [name, key, _(kind), f"{format_number(size, 2)} km²", format_number(lived), format_number(worked)]
        for name, key, kind, size, lived, worked in zip(
            texts(zones, "name"), texts(zones, "zone_id"), kinds, area, people, jobs, strict=True
        )
    ]
    over = max(len(line) for line in align(rows, right=(3, 4, 5))) - width
    if over > 0:
        room = max(max(len(row[0]) for row in rows) - over, 8)
        rows = [[row[0] if len(row[0]) <= room else row[0][: room - 1] + "…", *row[1:]] for row in rows]
    return align(rows, right=(3, 4, 5))

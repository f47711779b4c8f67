"""People known by a total only, spread over a grid of square cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import shapely

from jumeau.i18n import _, format_number
from jumeau.territory.completion import Rule, lay_out
from jumeau.territory.mapping import Source
from jumeau.territory.model import Territory
from jumeau.units import Quantity
from jumeau.yaml_types import Block


class Total(Source):
    """A total that is only known for the whole territory."""

    column: str
    """Column that is summed over the rows kept."""
    source: str = ""
    licence: str = ""
    date: str = ""


class Population(Block):
    """People and jobs spread over a grid, where only totals are known. Everything it gives is imputed."""

    spread_on: Literal["addresses", "buildings"] = "addresses"
    """Layer whose features carry the weights: dwellings where all are known, else one each."""
    cell: Annotated[float, Quantity("m", minimum=10)] = 200.0
    """Side of the square cells."""
    totals: Mapping[Literal["residents", "households", "jobs"], Total]
    """Attribute -> where its total is read."""


@dataclass(frozen=True)
class KnownTotal:
    """A total of the whole territory.

    Attributes
    ----------
    value : float
        Sum of the rows that have a value.
    rows, unknown : int
        Rows summed, and those of them without a value.
    source, licence, date : str
    """

    value: float
    rows: int
    unknown: int
    source: str = ""
    licence: str = ""
    date: str = ""


def spread_totals(
    territory: Territory, population: Population, totals: Mapping[str, KnownTotal]
) -> tuple[Territory, str]:
    """Return the territory with a layer `population`: totals spread over the cells by the features that they hold.

    Parameters
    ----------
    territory : Territory
    population : Population
        Cell size [m] and the layer that carries the weights.
    totals : mapping of str to KnownTotal
        `residents`, `households`, `jobs`.

    Returns
    -------
    territory : Territory
    note : str
        What was done, for the report.

    Notes
    -----
    Cells are aligned on multiples of their size, as INSEE's grids are, and named by their south-west corner. The
    sum over cells is the total.
    """
    carriers = territory.layer(population.spread_on)
    points = shapely.get_coordinates(shapely.centroid(carriers.geometry.to_numpy()))
    weights = np.ones(len(carriers))
    if "dwellings" in carriers.columns and carriers["dwellings"].notna().all() and carriers["dwellings"].sum() > 0:
        weights = carriers["dwellings"].to_numpy(dtype=np.float64)
    size = population.cell
    corners = np.floor(points / size).astype(np.int64)
    cells, which = np.unique(corners, axis=0, return_inverse=True)
    shares = np.bincount(which.ravel(), weights=weights, minlength=len(cells)) / weights.sum()
    x, y = cells[:, 0] * size, cells[:, 1] * size
    names = [f"E{east:.0f}N{north:.0f}" for east, north in zip(x, y, strict=True)]
    values = {name: total.value * shares for name, total in totals.items()}
    squares = shapely.box(x, y, x + size, y + size)
    layer = gpd.GeoDataFrame({"cell_id": names, **values}, geometry=squares, crs=territory.crs)
    rules = dict.fromkeys(("cell_id", "geometry"), Rule(f"grid with cells of: {size:g} m"))
    for name, total in totals.items():
        text = f"total spread evenly over the layer: {population.spread_on}"
        if total.unknown:
            text += f"; rows of the source without a value: {total.unknown} / {total.rows}"
        rules[name] = Rule(text, source=total.source, licence=total.licence, date=total.date)
    note = _("population: {cells} cells of {size} m, from totals ({totals})").format(
        cells=format_number(len(layer)),
        size=format_number(size),
        totals=", ".join(f"{name} {format_number(total.value)}" for name, total in totals.items()),
    )
    return lay_out(territory, {"population": layer}, {"population": rules}), note

"""People known by a total only, spread over a grid of square cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.territory.completion import Rule, lay_out
from jumeau.territory.mapping import Source
from jumeau.territory.model import Territory
from jumeau.units import Quantity
from jumeau.yaml_types import Block

Floats = NDArray[np.float64]


class Parts(Block):
    """Which rows are of which part of the territory, so that people of one part are not spread over another."""

    column: str
    """Column of the source that tells the part of a row."""
    first: Annotated[int, Field(ge=1, le=20)] | None = None
    """Only so many characters of it, where the rows of a part begin alike."""
    zones: Mapping[str, tuple[str, ...] | str]
    """Value of the column -> names of the `zones` of this part."""

    def names(self, value: str) -> tuple[str, ...]:
        """Return the names of the zones of a part."""
        found = self.zones[value]
        return (found,) if isinstance(found, str) else found


class Total(Source):
    """A total that is only known for the whole territory, or for parts of it."""

    column: str
    """Column that is summed over the rows kept."""
    parts: Parts | None = None
    """Parts whose people are kept apart; the whole territory is one by default."""
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
class KnownPart:
    """A total of some zones.

    Attributes
    ----------
    value : float
        Sum of the rows that have a value.
    rows, unknown : int
        Rows of the part, and those of them without a value.
    """

    value: float
    rows: int
    unknown: int


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
    parts : mapping of tuple of str to KnownPart
        Names of zones -> what is known of them; empty where the territory is one.
    """

    value: float
    rows: int
    unknown: int
    source: str = ""
    licence: str = ""
    date: str = ""
    parts: Mapping[tuple[str, ...], KnownPart] = field(default_factory=dict)


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
    sum over cells is the total. Where parts are told, each keeps its people; a row without a value counts as the mean
    row of its part, and a part without any value as many people for each carrier as the others have.
    """
    carriers = territory.layer(population.spread_on)
    points = shapely.get_coordinates(shapely.centroid(carriers.geometry.to_numpy()))
    weights = np.ones(len(carriers))
    if "dwellings" in carriers.columns and carriers["dwellings"].notna().all() and carriers["dwellings"].sum() > 0:
        weights = carriers["dwellings"].to_numpy(dtype=np.float64)
    size = population.cell
    corners = np.floor(points / size).astype(np.int64)
    cells, which = np.unique(corners, axis=0, return_inverse=True)
    place = which.ravel()
    shares = np.bincount(place, weights=weights, minlength=len(cells)) / weights.sum()
    x, y = cells[:, 0] * size, cells[:, 1] * size
    names = [f"E{east:.0f}N{north:.0f}" for east, north in zip(x, y, strict=True)]
    values = {
        name: np.bincount(place, by_part(territory, total, points, weights), len(cells))
        if total.parts
        else total.value * shares
        for name, total in totals.items()
    }
    squares = shapely.box(x, y, x + size, y + size)
    layer = gpd.GeoDataFrame({"cell_id": names, **values}, geometry=squares, crs=territory.crs)
    rules = dict.fromkeys(("cell_id", "geometry"), Rule(f"grid with cells of: {size:g} m"))
    for name, total in totals.items():
        text = f"total spread evenly over the layer: {population.spread_on}"
        if total.parts:
            text = f"totals of parts of the territory, each spread evenly over the layer: {population.spread_on}"
        if total.unknown:
            text += f"; rows of the source without a value: {total.unknown} / {total.rows}"
        rules[name] = Rule(text, source=total.source, licence=total.licence, date=total.date)
    note = _("population: {cells} cells of {size} m, from totals ({totals})").format(
        cells=format_number(len(layer)),
        size=format_number(size),
        totals=", ".join(f"{name} {format_number(float(values[name].sum()))}" for name in totals),
    )
    return lay_out(territory, {"population": layer}, {"population": rules}), note


def by_part(territory: Territory, total: KnownTotal, points: Floats, weights: Floats) -> Floats:
    """Return the people at each carrier, shape (k,), where totals of parts of the territory are known.

    Parameters
    ----------
    territory : Territory
        With `zones` that are areas and have names.
    total : KnownTotal
        With parts.
    points : ndarray, shape (k, 2)
    weights : ndarray, shape (k,)

    Raises
    ------
    InputError
        When a name is that of no zone, or a part with people holds no carrier.
    """
    zones = territory.layer("zones")
    names = zones["name"].astype(str).tolist()
    told = {name for part in total.parts for name in part}
    if unknown := sorted(told - set(names)):
        hint = _("their names: {names}").format(names=", ".join(sorted(set(names))))
        raise InputError(Problem(_("a part of the population lies in zones that do not exist"), layer="zones",
                                 column="name", value=", ".join(unknown), hint=hint))  # fmt: skip
    # A carrier outside of all zones belongs to the nearest one.
    row = shapely.STRtree(zones.geometry.to_numpy()).query_nearest(shapely.points(points), all_matches=False)[1]
    carrier = np.array(names, dtype=object)[row]
    found = np.zeros(len(points))
    blank: list[NDArray[np.bool_]] = []
    known = people = 0.0
    for part, item in total.parts.items():
        of = np.isin(carrier, part)
        mass = float(weights[of].sum())
        if item.rows == item.unknown:
            blank.append(of)
            continue
        value = item.value * item.rows / (item.rows - item.unknown)
        if mass <= 0.0 < value:
            message = _("nobody can be put in a part of the population: it holds no address")
            raise InputError(Problem(message, layer="zones", column="name", value=", ".join(part)))
        if mass > 0.0:
            found[of] = value * weights[of] / mass
            known, people = known + mass, people + value
    for of in blank:
        found[of] = weights[of] * (people / known if known > 0.0 else 0.0)
    return found

"""Spreads totals of people over a grid of square cells, or over the cells that there are, by what carries people."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import totals as sums
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.territory.carriers import Carriers, carriers_of
from jumeau.territory.completion import Rule, fill, lay_out
from jumeau.territory.model import Territory
from jumeau.territory.people import cells_of
from jumeau.territory.population import KnownTotal, Population

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GIVEN = "total spread over cells"
BY_PART = "totals of parts of the territory, each spread over its cells"


def spread_totals(
    territory: Territory, population: Population, totals: Mapping[str, KnownTotal], told: str = GIVEN
) -> tuple[Territory, str]:
    """Return the territory with totals spread over cells by the features that carry people.

    Parameters
    ----------
    territory : Territory
        Where it has a layer `population`, its cells get what they lack; else square cells are laid out.
    population : Population
        Cell size [m] and the layer that carries people.
    totals : mapping of str to KnownTotal
        `residents`, `households`, `jobs`.
    told : str
        How the totals are known (message id).

    Returns
    -------
    territory : Territory
    note : str
        What was done, for the report.

    Raises
    ------
    InputError
        When nothing carries people, or a part is of zones that do not exist.

    Notes
    -----
    Residents and households follow dwellings, jobs follow places of work, see `carriers_of`. Cells are aligned on
    multiples of their size, as INSEE's grids are, and named by their south-west corner. The sum over cells is the
    total. Where parts are told, each keeps its people; a row without a value counts as the mean row of its part, and a
    part without any value as many people for each carrier as the others have.
    """
    carriers = carriers_of(territory, population.spread_on)
    laid_out = not territory.has("population")
    if laid_out:
        layer, place = square_cells(territory, carriers.points, population.cell)
    else:
        layer = territory.layer("population")
        place = _cell_of(layer, carriers.points)
    values, rules = {}, {}
    for name, total in totals.items():
        weights = carriers.work if name == "jobs" else carriers.homes
        people = by_part(territory, total, carriers.points, weights) if total.parts else _shared(total.value, weights)
        values[name] = sums(place, people, len(layer))
        rules[name] = _rule(total, carriers, name, told)
    if laid_out:
        grid = Rule(f"grid with cells of: {population.cell:g} m")
        layer = gpd.GeoDataFrame(
            {"cell_id": layer["cell_id"], **values}, geometry=layer.geometry.to_numpy(), crs=territory.crs
        )
        named = {**dict.fromkeys(("cell_id", "geometry"), grid), **rules}
        territory = lay_out(territory, {"population": layer}, {"population": named})
    else:
        for name, rule in rules.items():
            territory = fill(territory, "population", name, values[name], rule)
    note = _("population: {cells} cells, from totals ({totals})").format(
        cells=format_number(len(layer)),
        totals=", ".join(f"{_(name)} {format_number(float(values[name].sum()))}" for name in totals),
    )
    return territory, note


def square_cells(territory: Territory, points: Floats, size: float) -> tuple[gpd.GeoDataFrame, Ints]:
    """Return the square cells [m] that hold points, and the cell of each point, shape (k,)."""
    corners, place = np.unique(np.floor(points / size).astype(np.int64), axis=0, return_inverse=True)
    x, y = corners[:, 0] * size, corners[:, 1] * size
    names = [f"E{east:.0f}N{north:.0f}" for east, north in zip(x, y, strict=True)]
    squares = shapely.box(x, y, x + size, y + size)
    return gpd.GeoDataFrame({"cell_id": names}, geometry=squares, crs=territory.crs), place.ravel()


def _cell_of(cells: gpd.GeoDataFrame, points: Floats) -> Ints:
    """Return the cell of each point, the nearest one for those outside of all, shape (k,)."""
    places = shapely.points(points)
    found = cells_of(cells, places)
    outside = np.flatnonzero(found < 0)
    if len(outside):
        near = shapely.STRtree(cells.geometry.to_numpy()).query_nearest(places[outside], all_matches=False)[1]
        found[outside] = near
    return found


def _shared(total: float, weights: Floats) -> Floats:
    """Return a total shared by weights, evenly where there is none."""
    mass = float(weights.sum())
    return total * weights / mass if mass > 0.0 else np.full(len(weights), total / max(len(weights), 1))


def _rule(total: KnownTotal, carriers: Carriers, name: str, told: str) -> Rule:
    text = f"{BY_PART if total.parts else told}; {carriers.work_rule if name == 'jobs' else carriers.home_rule}"
    if total.unknown:
        text += f"; rows of the source without a value: {total.unknown} / {total.rows}"
    return Rule(text, source=total.source, licence=total.licence, date=total.date)


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

"""Looks for everything that is wrong in a territory, with feature ids: `jumeau territory check`, and before runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from jumeau.attributes import ORIGIN_SUFFIX, ORIGINS, Attribute, AttributeTable, alike, check_values, plain_id
from jumeau.errors import Problem, nearest, shorten
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.territory.calendar import check_country, check_timezone
from jumeau.territory.completion import missing
from jumeau.territory.derive import DEFAULTS
from jumeau.territory.extent import stray_features
from jumeau.territory.graph import StreetGraph, street_parts, strong_part
from jumeau.territory.model import SHARED, Territory
from jumeau.territory.noding import LINE, without_node

Problems = list[Problem]
Check = Callable[[Territory], Sequence[Problem]]

#: How alike an identifier must be to be offered in place of an unknown one.
LIKENESS = 0.8

#: How near to (0, 0) a coordinate is none [m].
ZERO = 1.0


@np.errstate(invalid="ignore")  # lengths and distances of coordinates that are no numbers: these are told by themselves
def check_territory(
    territory: Territory, tables: Sequence[AttributeTable] = (), checks: Sequence[Check] = ()
) -> tuple[Problems, Problems]:
    """Return what is wrong with a territory.

    Parameters
    ----------
    territory : Territory
    tables : sequence of AttributeTable
        The tables of the networks.
    checks : sequence of callable
        What each of these networks checks by itself, in the same order.

    Returns
    -------
    errors : list of Problem
        What would make results wrong: the same that a run refuses.
    warnings : list of Problem
        What looks odd, or is missing and will be imputed.
    """
    found = [*check_data(territory, tables, checks), *check_likelihood(territory, tables)]
    own = made_layers(territory)
    return [item for item in found if not item.warning], [
        item for item in found if item.warning and item.layer not in own
    ]


def made_layers(territory: Territory) -> set[str]:
    """Return the layers that Jumeau laid out by itself: what is odd in them is not for the user to mend.

    A territory that is invented as a whole has none: there, all layers are what is looked at.
    """
    if territory.synthetic:
        return set()
    rows = territory.columns
    names = set(rows["layer"][rows["origin"] != "observed"]) - set(rows["layer"][rows["origin"] == "observed"])
    return names & set(territory.layers)


@np.errstate(invalid="ignore")
def check_data(territory: Territory, tables: Sequence[AttributeTable] = (), checks: Sequence[Check] = ()) -> Problems:
    """Return what is wrong with layers by their tables, then by what networks check by themselves.

    A network's own check may take for granted what its table and the shared one say: it is left out where they are
    not kept to.
    """
    found: dict[str, Problems] = {}
    for table in (*tables, SHARED):
        for layer in table.layers:
            if layer in territory.layers:
                found[layer] = check_layer(territory, layer, table)
    if territory.has("streets"):
        found["streets"] += check_streets(territory)
    calendar = check_calendar(territory)
    faulty = {layer for layer, problems in found.items() if any(not item.warning for item in problems)}
    own = [
        problem
        for table, check in zip(tables, checks, strict=False)
        if faulty.isdisjoint((*table.layers, *SHARED.layers))
        for problem in check(territory)
    ]
    return [*calendar, *(problem for problems in found.values() for problem in problems), *own]


def check_calendar(territory: Territory) -> Problems:
    """Return what is wrong with the territory's time zone and country: without them there is no calendar."""
    found: Problems = []
    for check, value in ((check_timezone, territory.timezone), (check_country, territory.country)):
        try:
            check(value)
        except ValueError as error:
            found.append(Problem(str(error), hint=_("correct it in the territory file")))
    return found


def check_layer(territory: Territory, layer: str, table: AttributeTable) -> Problems:
    """Return what is wrong with a layer by its table: columns, values, geometry, names of features elsewhere."""
    frame = territory.layers[layer]
    return [
        *check_attributes(layer, frame, table),
        *check_geometry(layer, frame, table),
        *(item for row in table.of(layer) if row.references for item in check_references(territory, row, table)),
    ]


def check_likelihood(territory: Territory, tables: Sequence[AttributeTable] = ()) -> Problems:
    """Return warnings: layers that nothing reads, columns of unknown origin, places far away."""
    found: Problems = []
    declared = {layer for table in (*tables, SHARED) for layer in table.layers}
    for name, frame in territory.layers.items():
        if name not in declared:
            hint = _("nothing reads it; known layers: {names}").format(names=", ".join(sorted(declared)))
            found.append(Problem(_("no table declares this layer"), layer=name, hint=hint, warning=True))
            continue
        found += check_origins(name, frame, territory.columns)
    factors = FactorTable.read(DEFAULTS)
    found += check_places(territory, factors.value("layer_reach"), tables)
    if territory.has("streets"):
        for table in tables:
            along = {row.layer for row in table if ("streets", "street_id") in row.references}
            for layer in sorted(name for name in along if territory.has(name)):
                found += check_distance(territory, layer, table, factors.value("asset_reach"))
    return found


def problems_where(
    frame: gpd.GeoDataFrame,
    table: AttributeTable,
    layer: str,
    bad: ArrayLike,
    message: str,
    hint: str = "",
    *,
    column: str = "",
    warning: bool = False,
) -> Problems:
    """Return a problem of the features where `bad` is true, with their ids and their values; none where none is.

    Parameters
    ----------
    frame : GeoDataFrame, shape (n,)
    table : AttributeTable
    layer : str
    bad : array_like of bool, shape (n,)
    message, hint : str
    column : str
        Column that is wrong, which need not exist.
    warning : bool
    """
    rows = np.asarray(bad, dtype=bool)
    if not rows.any():
        return []
    values = sorted({str(value) for value in frame[column][rows].dropna()} - {""}) if column in frame else []
    return [
        Problem(
            message,
            hint=hint,
            layer=layer,
            column=column,
            features=tuple(_ids(frame, table, layer)[rows].astype(str)),
            value=shorten(values),
            warning=warning,
        )
    ]


def _ids(frame: gpd.GeoDataFrame, table: AttributeTable, layer: str) -> NDArray[np.object_]:
    """Return the features' ids, "row N" where there are none."""
    rows = np.array([f"row {number}" for number in range(1, len(frame) + 1)], dtype=object)
    column = next((row.attribute for row in table.of(layer) if row.unique), "")
    return np.where(missing(frame, column), rows, frame[column].astype(object) if column in frame else rows)


def check_attributes(name: str, frame: gpd.GeoDataFrame, table: AttributeTable) -> Problems:
    """Return required columns that are absent, and values that the attribute table refuses."""
    problems: Problems = []
    ids = pd.Series(_ids(frame, table, name))
    for attribute in table.of(name):
        if attribute.type == "geometry":
            continue
        if attribute.attribute in frame.columns:
            values = frame[attribute.attribute].reset_index(drop=True)
            problems += [*check_values(values, ids, attribute), *alike(values, attribute)]
        elif attribute.required and attribute.default == "":
            hint = _("map a source column to it")
            problems.append(
                Problem(_("a required column is absent"), layer=name, column=attribute.attribute, hint=hint)
            )
    return problems


def check_geometry(name: str, frame: gpd.GeoDataFrame, table: AttributeTable) -> Problems:
    """Return features without a usable geometry; a plain table has none to check."""
    if table.is_plain(name):
        return []
    shapes = frame.geometry.to_numpy()
    kinds = next(row.unit for row in table.of(name) if row.type == "geometry").split("|")
    absent = without_place(shapes)
    types = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=object).astype(str)
    other = ~absent & ~np.isin(types, kinds)
    invalid = ~absent & ~shapely.is_valid(shapes)
    wanted = _("geometry of another type than {kinds}").format(kinds=" / ".join(kinds))
    hint = _("correct them in the source, and build the territory again")
    return [
        *problems_where(frame, table, name, absent, _("missing, empty or infinite geometry"), hint),
        *problems_where(frame, table, name, other, wanted, hint),
        *problems_where(frame, table, name, invalid, _("invalid geometry (it crosses itself)"), hint),
    ]


def without_place(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return the shapes that are missing, empty or have a coordinate that is no finite number, shape (n,)."""
    found: NDArray[np.bool_] = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    # Not by bounds: they pass over what is not a number.
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    found[owner[~np.isfinite(xy).all(axis=1)]] = True
    return found


def check_origins(name: str, frame: gpd.GeoDataFrame, columns: pd.DataFrame) -> Problems:
    """Return columns whose origin is not said, or said with an unknown word."""
    rows = columns[columns["layer"] == name]
    said = set(rows["column"])
    silent = [
        str(column)
        for column in frame.columns
        if column not in said
        and column != "geometry"
        and not str(column).endswith(ORIGIN_SUFFIX)
        and frame[column].notna().any()
    ]
    hint = _("say where it comes from in the table of columns")
    message = _("the origin of the column is not said")
    problems = [Problem(message, layer=name, column=item, hint=hint, warning=True) for item in silent]
    message = _("an origin is one of: {words}").format(words=", ".join(ORIGINS))
    for column in rows["column"]:
        companion = f"{column}{ORIGIN_SUFFIX}"
        if companion in frame.columns:
            unknown = shorten(sorted(set(frame[companion].dropna().astype(str)) - set(ORIGINS)))
            if unknown:
                problems.append(Problem(message, layer=name, column=companion, value=unknown, warning=True))
    return problems


def check_references(territory: Territory, attribute: Attribute, table: AttributeTable) -> Problems:
    """Return features that name others that do not exist (errors), or none at all (warnings).

    A layer of a network that the territory lacks has no features. Whether a shared one would hold what is named,
    nobody can tell: that is a warning.

    Parameters
    ----------
    territory : Territory
    attribute : Attribute
        The column that names features of other layers.
    table : AttributeTable
        That declares it.
    """
    layer, column = attribute.layer, attribute.attribute
    frame = territory.layers[layer]
    if column not in frame:
        # Required columns are told of by `check_attributes`; addresses do without theirs.
        if attribute.required or layer == "addresses" or not len(frame):
            return []
        return [
            Problem(_("the column is absent"), layer=layer, column=column, hint=_("it can be imputed"), warning=True)
        ]
    names = " / ".join(other for other, _key in attribute.references)
    none = missing(frame, column)
    found: Problems = []
    if not attribute.required:
        message = _("features that name no feature of the layer « {other} »").format(other=names)
        found += problems_where(frame, table, layer, none, message, column=column, warning=True)
    held = [
        territory.layers[other][key]
        for other, key in attribute.references
        if other in territory.layers and key in territory.layers[other]
    ]
    unknown = ~none & ~np.any([frame[column].isin(keys) for keys in held], axis=0)
    if not held and any(other in SHARED.layers for other, _key in attribute.references):
        message = _("features that name others of the layer « {other} », that the territory lacks").format(other=names)
        return [*found, *problems_where(frame, table, layer, unknown, message, column=column, warning=True)]
    message = _("features that name an unknown feature of the layer « {other} »").format(other=names)
    hint = _likely(frame[column][unknown], held, required=attribute.required)
    return [*found, *problems_where(frame, table, layer, unknown, message, hint, column=column)]


def _likely(unknown: pd.Series[Any], held: Sequence[pd.Series[Any]], *, required: bool) -> str:
    """Return what to do about unknown names: take the one that is nearly the same, where there is just one of them."""
    words = sorted(set(unknown.astype(str)))
    if len(words) == 1:
        near = nearest(words[0], [str(key) for keys in held for key in keys], LIKENESS)
        if near:
            return _("did you mean « {near} »?").format(near=near)
    known = {plain_id(str(key)): str(key) for keys in held for key in keys}
    meant = [f"{word} → {known[plain_id(word)]}" for word in words if plain_id(word) in known]
    if meant:
        return _("they differ by case or spaces alone: {names}").format(names=shorten(meant))
    if required:
        return _("correct the name, or add what it names")
    return _("correct the name, add what it names, or leave it empty")


def check_places(territory: Territory, reach: float, tables: Sequence[AttributeTable] = ()) -> Problems:
    """Return layers that lie far from the streets (their CRS is probably another one), and features far outside.

    Parameters
    ----------
    territory : Territory
    reach : float
        Distance between boxes that is accepted [m].
    tables : sequence of AttributeTable
        The tables of the networks, for the identifiers of features.
    """
    problems = []
    boxes = {
        name: shapely.box(*layer.total_bounds)
        for name, layer in territory.layers.items()
        if len(layer) and np.isfinite(layer.total_bounds).all()
    }
    if not boxes:
        return []
    for name, box in boxes.items():
        away = shapely.distance(boxes.get("streets", box), box)
        if away > reach:
            message = _("the layer lies {distance} km from the streets").format(distance=format_number(away / 1000))
            hint = _("check its `crs` in the territory file")
            problems.append(Problem(message, layer=name, hint=hint, warning=True))
    for name, stray in stray_features(territory.layers).items():
        layer = territory.layers[name]
        table = next((item for item in tables if name in item.layers), SHARED)
        hint = _("correct their coordinates, or remove them")
        zero = stray & _at_zero(layer, territory.crs)
        message = _("features at (0, 0), which stands for an unknown place; the territory's centre leaves them out")
        problems += problems_where(layer, table, name, zero, message, hint, warning=True)
        message = _("features far outside the territory; its centre, hence the sun's course, leaves them out")
        problems += problems_where(layer, table, name, stray & ~zero, message, hint, warning=True)
    area = territory.crs.area_of_use
    if area is not None:
        latitude, longitude = territory.location
        if not (area.south - 1 <= latitude <= area.north + 1 and area.west - 1 <= longitude <= area.east + 1):
            message = _("the territory lies outside the area of {crs} ({area})").format(
                crs=territory.crs.to_string(), area=area.name
            )
            problems.append(Problem(message, value=f"{latitude:.3f}, {longitude:.3f}", warning=True))
    return problems


def _at_zero(layer: gpd.GeoDataFrame, crs: pyproj.CRS) -> NDArray[np.bool_]:
    """Return the features that touch (0, 0), in the territory's CRS or in degrees, shape (n,)."""
    boxes = shapely.bounds(layer.geometry.to_numpy())
    origin = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(0.0, 0.0)
    found = np.zeros(len(boxes), dtype=bool)
    for x, y in ((0.0, 0.0), origin):
        low = (boxes[:, :2] - ZERO <= (x, y)).all(axis=1)
        found |= low & (boxes[:, 2:] + ZERO >= (x, y)).all(axis=1)
    return found


def check_streets(territory: Territory) -> Problems:
    """Return streets without length (errors), and parts of the network that hang apart (warnings)."""
    streets = territory.layers["streets"]
    short = shapely.length(streets.geometry.to_numpy()) < 0.01
    found = problems_where(
        streets, SHARED, "streets", short, _("streets without length"), _("remove them from the source")
    )
    parts = street_parts(streets)
    sizes = np.bincount(parts) if len(parts) else np.zeros(1)
    apart = parts != int(np.argmax(sizes))
    message = _("the street network falls into {parts} parts; {count} streets hang apart from the largest").format(
        parts=format_number(len(sizes)), count=format_number(int(apart.sum()))
    )
    hint = _("vehicles and pipes cannot reach them; look at the ends of these streets")
    found += problems_where(streets, SHARED, "streets", apart, message, hint, warning=True)
    found += _cut_off(streets, apart)
    return [*found, *without_node(streets)]


def _cut_off(streets: gpd.GeoDataFrame, apart: NDArray[np.bool_]) -> Problems:
    """Return the streets of the largest part to which, or from which, no drivable way leads (warnings)."""
    shapes = streets.geometry.to_numpy()
    drawn = bool((shapely.get_type_id(shapes) == LINE).all()) and not without_place(shapes).any()
    if not {"from_node", "to_node"} <= set(streets.columns) or not len(streets) or not drawn:
        return []
    graph = StreetGraph.whole(streets)
    inside = strong_part(graph.tail, graph.head, len(graph.nodes))
    lost = np.zeros(len(streets), dtype=bool)
    lost[graph.street[~(inside[graph.tail] & inside[graph.head])]] = True
    message = _("streets to which or from which no drivable route leads inside the territory")
    hint = _("look at their directions; what passes the border does not count")
    found = problems_where(streets, SHARED, "streets", lost & ~apart, message, hint, warning=True)
    if not len(graph.street):
        message = _("no street is open to vehicles")
        hint = _("look at the columns of class and direction")
        found.append(Problem(message, layer="streets", column="oneway", hint=hint, warning=True))
    return found


def check_distance(territory: Territory, layer: str, table: AttributeTable, reach: float) -> Problems:
    """Return features that lie farther than `reach` [m] from any street."""
    frame = territory.layers[layer]
    points = frame.geometry.to_numpy()
    # GEOS measures no distance to or from what has no place; it is told by itself.
    streets = territory.layers["streets"].geometry.to_numpy()
    far = ~without_place(points)
    placed = np.flatnonzero(far)
    tree = shapely.STRtree(streets[~without_place(streets)])
    far[placed[tree.query(points[placed], predicate="dwithin", distance=reach)[0]]] = False
    message = _("features farther than {distance} m from any street").format(distance=format_number(reach))
    hint = _("check their place, or the streets that are missing there")
    return problems_where(frame, table, layer, far, message, hint, warning=True)

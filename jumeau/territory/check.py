"""Looks for everything that is wrong in a territory, with feature ids: `jumeau territory check`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.errors import Problem
from jumeau.i18n import _, format_number
from jumeau.tables import ORIGIN_SUFFIX, ORIGINS, AttributeTable, FactorTable, check_values
from jumeau.territory.derive import DEFAULTS
from jumeau.territory.model import SHARED, Territory

Problems = list[Problem]


def check_territory(
    territory: Territory,
    tables: Sequence[AttributeTable] = (),
    checks: Sequence[Callable[[Territory], Sequence[Problem]]] = (),
) -> tuple[Problems, Problems]:
    """Return what is wrong with a territory.

    Parameters
    ----------
    territory : Territory
    tables : sequence of AttributeTable
        The tables of the networks.
    checks : sequence of callable
        What each network checks by itself.

    Returns
    -------
    errors : list of Problem
        What would make results wrong.
    warnings : list of Problem
        What looks odd, or is missing and will be imputed.
    """
    errors: Problems = []
    warnings: Problems = []
    declared = {layer: table for table in (*tables, SHARED) for layer in table.layers}
    for name in territory.layers:
        frame = territory.layer(name)
        if name not in declared:
            known = ", ".join(sorted(declared))
            hint = _("nothing reads it; known layers: {names}").format(names=known)
            warnings.append(Problem(_("no table declares this layer"), layer=name, hint=hint))
            continue
        errors += check_attributes(name, frame, declared[name])
        errors += check_geometry(name, frame, declared[name])
        warnings += check_origins(name, frame, territory.columns)
    wrong, odd = check_references(territory, declared)
    errors += wrong
    warnings += odd
    factors = FactorTable.read(DEFAULTS)
    warnings += check_places(territory, factors.value("layer_reach"))
    if territory.has("streets"):
        wrong, odd = check_streets(territory)
        errors += wrong
        warnings += odd
    if territory.has("streets"):
        for table in tables:
            along = {row.layer for row in table if row.references == "streets.street_id"}
            for layer in sorted(name for name in along if territory.has(name)):
                warnings += check_distance(territory, layer, table.identifier(layer), factors.value("asset_reach"))
    for check in checks:
        for problem in check(territory):
            (warnings if problem.warning else errors).append(problem)
    return errors, warnings


def _ids(frame: gpd.GeoDataFrame, table: AttributeTable, layer: str) -> NDArray[np.object_]:
    """Return the features' ids, "row N" where there are none."""
    rows = np.array([f"row {number}" for number in range(1, len(frame) + 1)], dtype=object)
    column = next((row.attribute for row in table.of(layer) if row.unique), "")
    if column not in frame.columns:
        return rows
    return np.where(frame[column].notna(), frame[column].astype(object), rows)


def check_attributes(name: str, frame: gpd.GeoDataFrame, table: AttributeTable) -> Problems:
    """Return required columns that are absent, and values that the attribute table refuses."""
    problems: Problems = []
    ids = pd.Series(_ids(frame, table, name))
    for attribute in table.of(name):
        if attribute.type == "geometry":
            continue
        if attribute.attribute in frame.columns:
            problems += check_values(frame[attribute.attribute].reset_index(drop=True), ids, attribute)
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
    ids = _ids(frame, table, name)
    kinds = next(row.unit for row in table.of(name) if row.type == "geometry").split("|")
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    missing |= ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    types = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=object).astype(str)
    other = ~missing & ~np.isin(types, kinds)
    invalid = ~missing & ~shapely.is_valid(shapes)
    wanted = _("geometry of another type than {kinds}").format(kinds=" / ".join(kinds))
    hint = _("correct them in the source, and build the territory again")
    return [
        Problem(message, layer=name, features=tuple(ids[mask]), hint=hint)
        for message, mask in (
            (_("missing, empty or infinite geometry"), missing),
            (wanted, other),
            (_("invalid geometry (it crosses itself)"), invalid),
        )
        if mask.any()
    ]


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
    problems = [
        Problem(_("the origin of the column is not said"), layer=name, column=item, hint=hint) for item in silent
    ]
    words = ", ".join(ORIGINS)
    for column in rows["column"]:
        companion = f"{column}{ORIGIN_SUFFIX}"
        if companion in frame.columns:
            unknown = sorted(set(frame[companion].dropna().astype(str)) - set(ORIGINS))
            if unknown:
                message = _("an origin is one of: {words}").format(words=words)
                problems.append(Problem(message, layer=name, column=companion, value=", ".join(unknown[:5])))
    return problems


def check_references(territory: Territory, declared: Mapping[str, AttributeTable]) -> tuple[Problems, Problems]:
    """Return features that name others that do not exist (errors), or none at all (warnings)."""
    errors: Problems = []
    warnings: Problems = []
    for layer, table in declared.items():
        references = {row.attribute: row.references.split(".", 1) for row in table.of(layer) if row.references}
        if not territory.has(layer) or not references:
            continue
        frame = territory.layer(layer)
        ids = pd.Series(_ids(frame, table, layer), index=frame.index).astype(str)
        for column, (other, key) in references.items():
            if column not in frame.columns:
                if layer != "addresses":
                    message = _("the column is absent")
                    warnings.append(Problem(message, layer=layer, column=column, hint=_("it can be imputed")))
                continue
            present = frame[column].notna()
            missing = tuple(ids[~present])
            if missing:
                message = _("features that name no feature of the layer « {other} »").format(other=other)
                warnings.append(Problem(message, layer=layer, column=column, features=missing))
            targets = territory.layer(other)[key] if other in territory.layers else pd.Series([], dtype=object)
            unknown = present & ~frame[column].isin(targets)
            if unknown.any():
                message = _("features that name an unknown feature of the layer « {other} »").format(other=other)
                values = ", ".join(sorted(set(frame.loc[unknown, column].astype(str)))[:5])
                hint = _("correct the name, or add what it names")
                errors.append(
                    Problem(message, layer=layer, column=column, features=tuple(ids[unknown]), value=values, hint=hint)
                )
    return errors, warnings


def check_places(territory: Territory, reach: float) -> Problems:
    """Return layers that lie far from the streets: their CRS is probably another one.

    Parameters
    ----------
    territory : Territory
    reach : float
        Distance between boxes that is accepted [m].
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
            problems.append(Problem(message, layer=name, hint=_("check its `crs` in the territory file")))
    area = territory.crs.area_of_use
    if area is not None:
        latitude, longitude = territory.location
        if not (area.south - 1 <= latitude <= area.north + 1 and area.west - 1 <= longitude <= area.east + 1):
            message = _("the territory lies outside the area of {crs} ({area})").format(
                crs=territory.crs.to_string(), area=area.name
            )
            problems.append(Problem(message, value=f"{latitude:.3f}, {longitude:.3f}"))
    return problems


def check_streets(territory: Territory) -> tuple[Problems, Problems]:
    """Return streets without length (errors), and parts of the network that hang apart (warnings)."""
    streets = territory.layer("streets")
    ids = streets["street_id"].astype(str).to_numpy()
    errors: Problems = []
    short = shapely.length(streets.geometry.to_numpy()) < 0.01
    if short.any():
        hint = _("remove them from the source")
        errors.append(Problem(_("streets without length"), layer="streets", features=tuple(ids[short]), hint=hint))
    parts = street_parts(streets)
    sizes = np.bincount(parts) if len(parts) else np.zeros(1)
    apart = parts != int(np.argmax(sizes))
    warnings: Problems = []
    if apart.any():
        message = _("the street network falls into {parts} parts; {count} streets hang apart from the largest").format(
            parts=format_number(len(sizes)), count=format_number(int(apart.sum()))
        )
        hint = _("vehicles and pipes cannot reach them; look at the ends of these streets")
        warnings.append(Problem(message, layer="streets", features=tuple(ids[apart]), hint=hint))
    return errors, warnings


def street_parts(streets: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the number of the connected part of each street, directions ignored, shape (n,)."""
    if not {"from_node", "to_node"} <= set(streets.columns) or not len(streets):
        return np.zeros(len(streets), dtype=np.int64)
    ends: Any = np.concatenate([streets["from_node"].astype(str), streets["to_node"].astype(str)])
    nodes, codes = np.unique(ends, return_inverse=True)
    tail, head = codes[: len(streets)], codes[len(streets) :]
    links = sparse.coo_matrix((np.ones(len(tail)), (tail, head)), shape=(len(nodes), len(nodes)))
    labels = csgraph.connected_components(links, directed=False)[1]
    return np.asarray(np.unique(labels[tail], return_inverse=True)[1], dtype=np.int64)


def check_distance(territory: Territory, layer: str, key: str, reach: float) -> Problems:
    """Return features that lie farther than `reach` [m] from any street."""
    frame = territory.layer(layer)
    points = frame.geometry.to_numpy()
    usable = ~(shapely.is_missing(points) | shapely.is_empty(points))
    tree = shapely.STRtree(territory.layers["streets"].geometry.to_numpy())
    near = np.zeros(len(frame), dtype=bool)
    near[tree.query(points, predicate="dwithin", distance=reach)[0]] = True
    far = usable & ~near
    if not far.any():
        return []
    message = _("features farther than {distance} m from any street").format(distance=format_number(reach))
    hint = _("check their place, or the streets that are missing there")
    return [Problem(message, layer=layer, features=tuple(frame[key].astype(str)[far]), hint=hint)]

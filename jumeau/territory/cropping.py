"""A territory is cut to its border: what lies outside is left out, streets and surfaces are cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from jumeau.attributes import Attribute, AttributeTable
from jumeau.i18n import _, format_number
from jumeau.territory.completion import missing
from jumeau.territory.model import SHARED, Territory

Bools = NDArray[np.bool_]
Frames = dict[str, gpd.GeoDataFrame]

#: The axis of a street that follows the border runs on either side of it: so near, it is kept whole [m].
ALONG = 10.0
#: A piece of a street shorter than this is none [m].
SHORTEST = 1.0
#: The nodes of a relief so far outside the box of the border are kept: heights are interpolated [m].
AROUND = 250.0

#: Surfaces that are cut at the border.
CUT = ("green", "water", "zones")
#: A zone of which less lies inside is another territory's.
HALF = 0.5


def crop(territory: Territory, area: Any, tables: Sequence[AttributeTable]) -> tuple[Territory, list[str]]:
    """Return what of a territory lies within an area, and one note for each layer that loses features.

    Streets are cut at the border, green areas, water and zones too; other features stay whole, inside by a point of
    them. What a kept feature names (the cabinet of a lamp) is kept with it. The layers of a network that is drawn as
    lines (pipes, links of traffic) hang together: they are left as they are, and that is told.

    Parameters
    ----------
    territory : Territory
    area : Polygon or MultiPolygon
        In the CRS of the territory.
    tables : sequence of AttributeTable
        Those of the networks.
    """
    frames = dict(territory.layers)
    frames.pop("limits", None)
    notes: list[str] = []
    declared = [row for table in (*tables, SHARED) for row in table]
    for table in tables:
        held = [layer for layer in table.layers if layer in frames]
        lines = [row.layer for row in table if row.type == "geometry" and row.unit == "LineString"]
        if set(lines) & set(held):
            text = _("within the border: {layers} form a network and are taken whole")
            notes.append(text.format(layers=", ".join(held)))
            declared = [row for row in declared if row.layer not in held]
    mine = {row.layer for row in declared}
    plain = {layer for table in (*tables, SHARED) for layer in table.layers if table.is_plain(layer)}
    kept = {name: _inside(name, frame, area) for name, frame in frames.items() if name in mine and name not in plain}
    kept |= {name: np.ones(len(frames[name]), dtype=bool) for name in plain & mine & set(frames)}
    rows = [row for row in declared if row.references and row.layer in kept]
    _keep_named(frames, kept, rows)
    _drop_orphans(frames, kept, rows, plain)
    for name, inside in kept.items():
        frame = frames[name]
        cut = frame[inside].reset_index(drop=True)
        if name == "streets":
            cut = cut_streets(cut, area)
        elif name in CUT:
            cut = _cut_areas(cut, area)
        frames[name] = cut
        lost = len(frame) - int(inside.sum())
        if lost:
            text = _("within the border: {layer}: {kept} features, {lost} outside left out")
            notes.append(text.format(layer=name, kept=format_number(len(cut)), lost=format_number(lost)))
    notes += _unnamed(frames, kept, rows)
    return Territory(territory.name, territory.crs, frames, territory.columns, territory.meta), notes


def _inside(name: str, frame: gpd.GeoDataFrame, area: Any) -> Bools:
    """Return which features belong to the territory, shape (n,); what has no place stays, and is told elsewhere."""
    shapes = frame.geometry.to_numpy()
    nowhere = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if name == "streets":
        return np.asarray(shapely.intersects(shapes, shapely.buffer(area, ALONG)) | nowhere)
    if name == "relief":
        return np.asarray(shapely.intersects(shapes, shapely.box(*shapely.buffer(area, AROUND).bounds)) | nowhere)
    shapely.prepare(area)
    if name in CUT:
        sound = shapely.is_valid(shapes) & ~nowhere
        shared = np.zeros(len(shapes))
        shared[sound] = shapely.area(shapely.intersection(shapes[sound], area))
        least = HALF * shapely.area(shapes) if name == "zones" else np.zeros(len(shapes))
        return np.asarray((shared > least) | ~sound)
    points = shapely.point_on_surface(shapes)
    return np.asarray(shapely.intersects(points, area) | nowhere)


def _keep_named(frames: Mapping[str, gpd.GeoDataFrame], kept: dict[str, Bools], rows: Iterable[Attribute]) -> None:
    """Keep what kept features name, until nothing more is named; streets and shared surfaces end at the border."""
    changed = True
    while changed:
        changed = False
        for row in rows:
            if row.attribute not in frames[row.layer]:
                continue
            names = set(frames[row.layer][row.attribute][kept[row.layer]].dropna())
            for other, key in row.references:
                if other not in kept or other in SHARED.layers or key not in frames[other]:
                    continue
                more = frames[other][key].isin(names).to_numpy() & ~kept[other]
                if more.any():
                    kept[other] = kept[other] | more
                    changed = True


def _drop_orphans(
    frames: Mapping[str, gpd.GeoDataFrame], kept: dict[str, Bools], rows: Iterable[Attribute], plain: set[str]
) -> None:
    """Leave out the rows of plain tables that tell of a feature that is left out."""
    for row in rows:
        if row.layer in plain and row.attribute in frames[row.layer]:
            kept[row.layer] = kept[row.layer] & ~_lost(frames, kept, row)


def _lost(frames: Mapping[str, gpd.GeoDataFrame], kept: Mapping[str, Bools], row: Attribute) -> Bools:
    """Return the rows of a column that name a feature that is left out, shape (n,)."""
    found = np.zeros(len(frames[row.layer]), dtype=bool)
    for other, key in row.references:
        if other in kept and key in frames[other]:
            found |= frames[row.layer][row.attribute].isin(frames[other][key][~kept[other]]).to_numpy()
    return found


def _unnamed(frames: Frames, kept: Mapping[str, Bools], rows: Iterable[Attribute]) -> list[str]:
    """Empty the columns that name a feature that is not there any more, and tell how many."""
    notes = []
    for row in rows:
        frame = frames[row.layer]
        others = [(other, key) for other, key in row.references if other in kept and key in frames[other]]
        if row.attribute not in frame or row.required or not others or len(others) < len(row.references):
            continue
        known = np.any([frame[row.attribute].isin(frames[other][key]) for other, key in others], axis=0)
        empty = ~known & ~missing(frame, row.attribute)
        if empty.any():
            frames[row.layer] = frame.assign(**{row.attribute: frame[row.attribute].where(~empty, None)})
            text = _("within the border: {layer}.{column}: {count} names of features outside emptied")
            notes.append(text.format(layer=row.layer, column=row.attribute, count=format_number(int(empty.sum()))))
    return notes


def cut_streets(streets: gpd.GeoDataFrame, area: Any) -> gpd.GeoDataFrame:
    """Return streets cut where they leave an area, in the direction in which they are drawn.

    The longest piece keeps the id of its street, so that what names it still finds it; the others are called « id/2 »,
    « id/3 » …. The node at a cut is a new one.

    Parameters
    ----------
    streets : GeoDataFrame, shape (n,)
    area : Polygon or MultiPolygon
    """
    grown = shapely.buffer(area, ALONG)
    shapely.prepare(grown)
    lines = streets.geometry.to_numpy()
    whole = shapely.covers(grown, lines) | shapely.is_missing(lines) | shapely.is_empty(lines)
    border = shapely.boundary(grown)
    rows: list[dict[str, Any]] = []
    taken = set(streets["street_id"][whole].astype(str))
    for row in np.flatnonzero(~whole):
        feature = streets.iloc[int(row)].to_dict()
        pieces = _pieces(lines[row], grown, border)
        for number, (start, end) in enumerate(sorted(pieces, key=lambda ends: ends[0] - ends[1]), start=1):
            name = str(feature["street_id"]) if number == 1 else f"{feature['street_id']}/{number}"
            while name in taken:
                name += "'"
            taken.add(name)
            piece = {**feature, "street_id": name, "geometry": substring(lines[row], start, end)}
            if "from_node" in piece and start > 0.0:
                piece["from_node"] = None
            if "to_node" in piece and end < lines[row].length:
                piece["to_node"] = None
            rows.append(piece)
    kept = streets[whole]
    if not rows:
        return kept.reset_index(drop=True)
    cut = gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(streets.columns)), geometry="geometry", crs=streets.crs)
    cut = cut.astype({name: dtype for name, dtype in streets.dtypes.items() if name != "geometry"})
    return gpd.GeoDataFrame(pd.concat([kept, cut], ignore_index=True), geometry="geometry", crs=streets.crs)


def _pieces(line: Any, area: Any, border: Any) -> list[tuple[float, float]]:
    """Return where along a line its pieces inside an area start and end [m]."""
    met = shapely.get_coordinates(shapely.intersection(line, border))
    places = np.unique([0.0, line.length, *(line.project(shapely.Point(point)) for point in met)])
    found: list[tuple[float, float]] = []
    for start, end in pairwise(places):
        if not shapely.intersects(area, line.interpolate((start + end) / 2.0)):
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((float(start), float(end)))
    return [(start, end) for start, end in found if end - start >= SHORTEST]


def _cut_areas(frame: gpd.GeoDataFrame, area: Any) -> gpd.GeoDataFrame:
    """Return surfaces cut at the border; what is left of them as lines or points is none."""
    shapes = frame.geometry.to_numpy()
    sound = shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    sound[sound] = ~shapely.covers(area, shapes[sound])
    cut = shapes.copy()
    for row in np.flatnonzero(sound):
        parts = shapely.get_parts(shapely.intersection(shapes[row], area))
        parts = parts[shapely.get_type_id(parts) == 3]
        cut[row] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return frame.set_geometry(gpd.GeoSeries(cut, index=frame.index, crs=frame.crs))

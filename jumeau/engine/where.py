"""Which features a measure concerns: by attributes, by zone, by polygon, and how many of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pydantic import Field, model_validator

from jumeau.attributes import Attribute, AttributeTable
from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _
from jumeau.randomness import stable_hash
from jumeau.territory.model import Territory
from jumeau.units import Quantity, QuantityError, parse_quantity
from jumeau.vector_file import read_layer
from jumeau.yaml_types import Block

Mask = NDArray[np.bool_]


class Range(Block):
    """Bounds of a number, both included, written with their unit."""

    min: str | float | None = None
    """Lower bound, with its unit."""
    max: str | float | None = None
    """Upper bound, with its unit."""


class Where(Block):
    """Filter of features; several conditions must all hold. No filter means every feature."""

    attributes: dict[str, Range | list[str | float | bool] | str | float | bool] = Field(default_factory=dict)
    """Column -> value, list of values, or `{min, max}` with units."""
    zones: list[str] = Field(default_factory=list)
    """Names or ids of zones (quarters) of the territory."""
    polygon: list[tuple[float, float]] | str | None = None
    """Corners in the territory's CRS [m], or a file that OGR can read."""
    count: Annotated[int, Field(ge=1)] | None = None
    """Most features kept of those that fulfil the rest: the first of one order, so that more always hold fewer."""
    share: Annotated[float, Quantity("1", minimum=0.0, maximum=1.0)] | None = None
    """Share of the features kept of those that fulfil the rest, likewise."""
    rank: str = ""
    """Column whose largest values come first under `count` and `share`; an even draw by identifier where absent."""

    @model_validator(mode="after")
    def _one_limit(self) -> Where:
        if self.count is not None and self.share is not None:
            raise ValueError(_("state `count` or `share`, not both"))
        if self.rank and self.count is None and self.share is None:
            raise ValueError(_("`rank` says which come first: state `count` or `share` as well"))
        return self


def select(
    where: Where | None,
    layer: gpd.GeoDataFrame,
    name: str,
    table: AttributeTable,
    territory: Territory,
    folder: Path,
    path: str,
) -> Mask:
    """Return the features that a filter selects.

    Parameters
    ----------
    where : Where or None
        None selects all.
    layer : GeoDataFrame, shape (n,)
        The measure's layer.
    name : str
        Its name.
    table : AttributeTable
        Units and choices of its columns.
    territory : Territory
        For its zones.
    folder : Path
        That file names are relative to.
    path : str
        Where the filter stands in the scenario, for messages.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    InputError
        On an unknown column, zone or file, a wrong unit, or when nothing is selected.
    """
    mask = np.ones(len(layer), dtype=bool)
    if where is not None:
        for column, condition in where.attributes.items():
            mask &= _by_attribute(layer, name, column, condition, table, path)
        if where.zones:
            mask &= _by_zone(layer, where.zones, territory, path)
        if where.polygon is not None:
            area = _polygon(where.polygon, territory, folder, path)
            mask &= np.asarray(shapely.intersects(area, layer.geometry.to_numpy()), dtype=bool)
        mask = _first(mask, where, layer, name, table, path)
    if not mask.any():
        raise InputError(
            Problem(
                _("{path}: the selection is empty: no feature of « {layer} » fulfils it").format(path=path, layer=name),
                hint=_("loosen the filter; the layer has {count} feature(s)").format(count=len(layer))
                + (". " + _describe(where, layer) if where else ""),
            )
        )
    return mask


def _first(mask: Mask, where: Where, layer: gpd.GeoDataFrame, name: str, table: AttributeTable, path: str) -> Mask:
    """Return the first of the features selected, as many as asked for.

    Their order does not depend on how many are kept: a selection of 30 holds that of 15.
    """
    rows = np.flatnonzero(mask)
    if where.count is not None:
        most = where.count
    elif where.share is not None:
        most = int(np.ceil(where.share * len(rows) - 1e-9))
    else:
        return mask
    identifiers = layer[table.identifier(name)].astype(str).to_numpy()[rows]
    # An even draw: a neighbour's identifier says nothing of its place, and one more feature moves no other.
    drawn = np.array([stable_hash(f"{name}/{item}") for item in identifiers], dtype=np.uint64)
    keys = [drawn]
    if where.rank:
        if where.rank not in layer.columns or not pd.api.types.is_numeric_dtype(layer[where.rank]):
            known = [str(item) for item in layer.columns if pd.api.types.is_numeric_dtype(layer[item])]
            message = _("{path}: the layer « {layer} » has no column of numbers « {column} »")
            hint = _("its columns: {columns}").format(columns=", ".join(known))
            raise InputError(Problem(message.format(path=path, layer=name, column=where.rank), hint=hint))
        values = layer[where.rank].to_numpy(dtype=np.float64, na_value=np.nan)[rows]
        keys.append(np.where(np.isnan(values), np.inf, -values))
    kept = np.zeros(len(mask), dtype=bool)
    kept[rows[np.lexsort(keys)[:most]]] = True
    return kept


def _describe(where: Where, layer: gpd.GeoDataFrame) -> str:
    """Return what the filtered columns hold, so that the user sees why nothing matched."""
    parts = []
    for column in where.attributes:
        values = layer[column].dropna()
        if pd.api.types.is_numeric_dtype(values):
            parts.append(f"{column}: {values.min():g} … {values.max():g}" if len(values) else f"{column}: —")
        else:
            parts.append(f"{column}: {shorten(sorted({str(item) for item in values.unique()}), 8)}")
    return "; ".join(parts)


def _by_attribute(
    layer: gpd.GeoDataFrame, name: str, column: str, condition: Any, table: AttributeTable, path: str
) -> Mask:
    if column not in layer.columns or column == layer.geometry.name:
        columns = [str(item) for item in layer.columns if item != layer.geometry.name]
        near = nearest(column, columns)
        raise InputError(
            Problem(
                _("{path}: the layer « {layer} » has no column « {column} »").format(
                    path=path, layer=name, column=column
                ),
                hint=_("did you mean « {near} »?").format(near=near)
                if near
                else _("its columns: {columns}").format(columns=", ".join(columns)),
            )
        )
    attribute = next((row for row in table.of(name) if row.attribute == column), None)
    series = layer[column]
    try:
        if isinstance(condition, Range):
            numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float)
            low = _number(condition.min, attribute) if condition.min is not None else -np.inf
            high = _number(condition.max, attribute) if condition.max is not None else np.inf
            return np.asarray((numbers >= low) & (numbers <= high))
        values = condition if isinstance(condition, list) else [condition]
        if attribute is not None and attribute.type in ("float", "integer"):
            numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float)
            return np.isin(numbers, [_number(value, attribute) for value in values])
    except QuantityError as error:
        raise InputError(Problem(f"{path}.attributes.{column}: {error}")) from error
    if attribute is not None and attribute.choices:
        for value in values:
            if value not in attribute.choices:
                raise InputError(
                    Problem(
                        _("{path}: unknown value « {value} » of {column}").format(
                            path=path, value=value, column=column
                        ),
                        hint=_("use one of: {choices}").format(choices=", ".join(attribute.choices)),
                    )
                )
    wanted = bool if attribute is not None and attribute.type == "boolean" else str
    for value in values:
        # A number is no identifier (1.0 is not « 1 »), and any text but an empty one would pass for true.
        if attribute is not None and not isinstance(value, wanted):
            message = _("« true » or « false » is expected") if wanted is bool else _("a text is expected")
            hint = "" if wanted is bool else _("put it between quotes")
            shown = str(value).lower() if isinstance(value, bool) else f"{value}"
            raise InputError(Problem(f"{path}.attributes.{column}: {message}", value=shown, hint=hint))
    if attribute is not None and attribute.type == "boolean":
        return np.isin(series.fillna(value=False).astype(bool).to_numpy(), [bool(value) for value in values])
    return np.asarray(series.astype(str).isin([str(value) for value in values]).to_numpy(), dtype=bool)


def _number(value: Any, attribute: Attribute | None) -> float:
    # A whole number of years (installed_year: 2010) has no unit to write.
    if attribute is None or attribute.unit in ("", "1"):
        return parse_quantity(value, "1")
    return parse_quantity(value, attribute.unit)


def _by_zone(layer: gpd.GeoDataFrame, wanted: list[str], territory: Territory, path: str) -> Mask:
    zones = territory.layer("zones")
    names = [*zones["name"].astype(str), *zones["zone_id"].astype(str)]
    for zone in wanted:
        if zone not in names:
            near = nearest(zone, names)
            raise InputError(
                Problem(
                    _("{path}: unknown zone « {zone} »").format(path=path, zone=zone),
                    hint=_("did you mean « {near} »?").format(near=near)
                    if near
                    else _("the zones: {zones}").format(zones=", ".join(sorted(set(zones["name"].astype(str))))),
                )
            )
    chosen = zones[zones["name"].astype(str).isin(wanted) | zones["zone_id"].astype(str).isin(wanted)]
    area = shapely.union_all(chosen.geometry.to_numpy())
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, layer.geometry.to_numpy()), dtype=bool)


def _polygon(polygon: Any, territory: Territory, folder: Path, path: str) -> Any:
    if isinstance(polygon, str):
        file = folder / polygon
        if not file.is_file():
            raise InputError(Problem(_("{path}: no such file").format(path=path), file=str(file)))
        frame = read_layer(file)
        if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
            message = _("{path}: the file states no polygon, or no CRS").format(path=path)
            raise InputError(Problem(message, file=str(file), hint=_("draw the polygon in QGIS, with its CRS")))
        frame = frame.to_crs(territory.crs)
        return shapely.union_all(frame.geometry.to_numpy())
    if len(polygon) < 3:
        raise InputError(Problem(_("{path}: a polygon has at least three corners").format(path=path)))
    area = shapely.Polygon(polygon)
    if not area.is_valid:
        message = _("{path}: the outline of the polygon crosses itself, or holds no area").format(path=path)
        raise InputError(Problem(message, hint=_("give its corners in order, without repeating any")))
    return area

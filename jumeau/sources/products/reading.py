"""Reads a product into layers of the territory, or of a network, by the rules of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.attributes import Attribute, AttributeTable
from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _, format_number, language, local
from jumeau.sources.cells import as_numbers, as_text, select
from jumeau.sources.geometry import single_parts
from jumeau.sources.imported import Imported
from jumeau.sources.layers import BuiltLayer, make_layer
from jumeau.sources.products.catalogue import Product, Table, catalogue
from jumeau.sources.products.communes import of_commune
from jumeau.sources.products.limit import Limit, limit_of, stated_limit
from jumeau.sources.products.options import ProductOptions
from jumeau.sources.products.preparing import PREPARE
from jumeau.sources.products.recognition import Left, Recognised, recognised
from jumeau.sources.products.tables import placed, rows_of
from jumeau.sources.projection import project
from jumeau.sources.reading import ROW, Opened
from jumeau.territory.file import TerritoryFile
from jumeau.territory.mapping import ColumnRule, LayerFile
from jumeau.territory.model import SHARED

#: A territory file that says nothing of sources: a product tells its own.
_NOTHING = TerritoryFile.model_construct(name="product")


@dataclass
class _Reading:
    """One product on its way into layers."""

    product: Product
    options: ProductOptions
    crs: pyproj.CRS
    limit: Limit | None
    path: Path
    notes: list[str] = field(default_factory=list)


def read_product(
    name: str, path: Path, options: ProductOptions, crs: pyproj.CRS, tables: Sequence[AttributeTable] = (SHARED,)
) -> Imported:
    """Return the layers that a product gives.

    Parameters
    ----------
    name : str
        Of the product in the catalogue.
    path : Path
        File, zip or folder: its tables are recognised by their columns.
    options : ProductOptions
    crs : CRS
        The territory's.
    tables : sequence of AttributeTable
        That declare the layers; tables of the product for other layers are passed over.

    Raises
    ------
    InputError
        When the file holds no table of the product that gives a layer, or one cannot be read.
    """
    product = catalogue()[name]
    known, left = recognised(path)
    own = [item for item in known if item.product.name == name]
    declared = {layer: table for table in tables for layer in table.layers}
    wanted = [(item, table) for item in own for table in item.tables if table.layer in declared]
    wanted = [(item, table) for item, table in wanted if not options.only or table.layer in options.only]
    if not wanted:
        raise InputError(*_absent(product, path, known, left))
    reading = _Reading(product, options, crs, _limit(own, options, crs), path)
    built: dict[str, BuiltLayer] = {}
    for layer in dict.fromkeys(table.layer for _item, table in wanted):
        parts = [(item, table) for item, table in wanted if table.layer == layer]
        made = _layer(reading, layer, parts, declared[layer])
        if made is not None:
            built[layer] = made
    if not built:
        message = _("no row is left of {product}").format(product=local(product.label))
        hint = _("check the code of the commune, and whether the file covers it")
        raise InputError(Problem(message, file=str(path), value=options.commune, hint=hint))
    return Imported(
        {layer: item.frame for layer, item in built.items()},
        pd.concat([item.columns for item in built.values()], ignore_index=True),
        tuple(reading.notes),
        tuple(warning for item in built.values() for warning in item.warnings),
    )


def product_rows(name: str, path: Path, options: ProductOptions, crs: pyproj.CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return the rows of each table of a product by its name, columns called by their keys; nothing is made of them.

    Parameters
    ----------
    name, path, options, crs
        See `read_product`.

    Raises
    ------
    InputError
        When the file holds no table of the product, or one cannot be read.
    """
    known, left = recognised(path)
    own = [item for item in known if item.product.name == name]
    if not own:
        raise InputError(*_absent(catalogue()[name], path, known, left))
    reading = _Reading(catalogue()[name], options, crs, None, path)
    found: dict[str, list[gpd.GeoDataFrame]] = {}
    for item in own:
        for table in item.tables:
            for part in rows_of(item.held, table, item.names(table), None):
                rows = PREPARE[table.prepare](part, reading.notes) if table.prepare else part
                if table.coordinates or table.prepare or isinstance(rows, gpd.GeoDataFrame):
                    rows = _inside(reading, item, table, rows, table.layer)
                found.setdefault(table.name, []).append(rows)
    return {table: pd.concat(parts, ignore_index=True) for table, parts in found.items()}


def _limit(own: Sequence[Recognised], options: ProductOptions, crs: pyproj.CRS) -> Limit | None:
    if options.within:
        return stated_limit(Path(options.within), options.commune, crs)
    return limit_of(own, options.commune, crs) if options.commune else None


def _absent(product: Product, path: Path, known: Sequence[Recognised], left: Sequence[Left]) -> list[Problem]:
    """Return what is there instead of the product."""
    message = _("no table of {product} that gives a layer").format(product=local(product.label))
    other = [f"{item.held.name}: {local(item.product.label)}" for item in known]
    value = "; ".join([*other, *(f"{item.held.name}: {item.reason}" for item in left)][:5])
    hint = _("« jumeau territory new --from » tells what each file of a folder is")
    return [Problem(message, file=str(path), value=value, hint=hint)]


def _layer(
    reading: _Reading, layer: str, parts: Sequence[tuple[Recognised, Table]], table: AttributeTable
) -> BuiltLayer | None:
    """Return one layer made of the tables of a product that give it; None where no row is left."""
    frames: list[gpd.GeoDataFrame] = []
    rules: dict[str, ColumnRule] = {}
    keep: dict[str, str] = {}
    read = 0
    for item, own in parts:
        frame, count = _rows(reading, item, own, layer, table)
        read += count
        if not len(frame):
            continue
        frames.append(frame)
        columns, kept = _rules(own, frame, table, layer)
        rules |= columns
        keep |= kept
    if not frames:
        return None
    whole = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=reading.crs)
    if not table.is_plain(layer) and table.get(layer, "geometry").unit == "LineString":
        whole = _single_lines(whole, rules.get(table.identifier(layer)))
    if len(frames) > 1:
        whole[ROW] = np.arange(1, len(whole) + 1)
    for key in _keys_of(rules.values()):
        if key not in whole:
            whole[key] = None
    files = ", ".join(dict.fromkeys(item.held.name for item, _table in parts))
    with language("en"):
        label = local(reading.product.label)
    source = LayerFile(
        file=str(reading.path),
        columns=rules,
        keep={name: key for name, key in keep.items() if key in whole},
        drop_invalid=True,
        repair_invalid=True,
        duplicates="first",
        source=f"{label} ({files})",
        licence=reading.product.licence,
    )
    made = make_layer(layer, source, table, _NOTHING, Opened(whole, reading.path, read), reading.crs)
    told = _("{layer}: {kept} feature(s) of {read} row(s), from {product}")
    reading.notes.append(
        told.format(
            layer=layer,
            kept=format_number(len(made.frame)),
            read=format_number(read),
            product=local(reading.product.label),
        )
    )
    left = _("left out, {reason}: {count} ({ids})")
    reading.notes += [
        "    " + left.format(reason=reason, count=len(ids), ids=shorten(ids)) for reason, ids in made.dropped.items()
    ]
    return made


def _rows(
    reading: _Reading, item: Recognised, own: Table, layer: str, table: AttributeTable
) -> tuple[gpd.GeoDataFrame, int]:
    """Return the rows of a table that are kept, in the territory's CRS, and how many it has."""
    names = item.names(own)
    info = item.held.info
    crs = pyproj.CRS.from_user_input(info.crs) if info is not None and info.crs else None
    box = reading.limit.box_in(crs) if reading.limit is not None else None
    kept, read, notes = [], 0, reading.notes
    passed: Counter[tuple[str, str]] = Counter()
    for part in rows_of(item.held, own, names, box):
        read += len(part)
        frame = part
        if reading.options.commune and own.commune in frame:
            frame = frame[of_commune(frame[own.commune], reading.options.commune)]
        frame = _selected(frame, own, passed).reset_index(drop=True)
        if own.prepare and len(frame):
            frame = PREPARE[own.prepare](frame, notes)
        if len(frame):
            kept.append(_inside(reading, item, own, frame, layer))
    for (key, value), count in passed.items():
        told = _("{layer}: rows whose « {column} » is « {value} », left out: {count}")
        notes.append(told.format(layer=layer, column=names[key], value=value, count=format_number(count)))
    if reading.options.commune and reading.limit is None and own.commune not in names:
        told = _("{layer}: not cut, no limit of the commune {code} is at hand; state `within:` or add one")
        notes.append(told.format(layer=layer, code=reading.options.commune))
    # What lies outside of the bounds was never read.
    if info is not None and info.features > read:
        read = info.features
    frames = [frame for frame in kept if len(frame)]
    if not frames:
        return gpd.GeoDataFrame({ROW: []}, geometry=[], crs=reading.crs), read
    whole = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=reading.crs)
    return _tamed(whole, own, layer, table, notes), read


def _single_lines(frame: gpd.GeoDataFrame, identifier: ColumnRule | None) -> gpd.GeoDataFrame:
    """Return lines of one part each: those that a cut left in several become as many, their ids numbered."""
    merged = single_parts(frame, ("LineString",))
    made = merged.explode(index_parts=False)
    part = made.groupby(level=0).cumcount().to_numpy() + 1
    several = made.index.duplicated(keep=False)
    if several.any() and identifier is not None and identifier.column in made:
        ids = as_text(made[identifier.column]).to_numpy(dtype=object)
        numbered = [f"{name}-{number}" for name, number in zip(ids, part, strict=True)]
        made[identifier.column] = np.where(several, numbered, ids)
    return made.reset_index(drop=True)


def _selected(frame: pd.DataFrame, own: Table, passed: Counter[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows that the catalogue keeps; those passed over are counted, by key and value."""
    for key, condition in own.where.items():
        if key in frame:
            kept = select(frame, {key: condition})
            passed.update((key, str(value)) for value in as_text(frame[key])[~kept])
            frame = frame[kept]
    return frame


def _inside(reading: _Reading, item: Recognised, own: Table, frame: pd.DataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return the rows with their places in the territory's CRS, those beyond the limit left out."""
    given = reading.options.given_crs
    located = (
        frame
        if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None
        else placed(frame, own, given, reading.crs)
    )
    rules = LayerFile(file=item.held.name, columns={})
    projected, _note = project(located, rules, reading.crs, item.held.name, layer)
    if reading.limit is None or (reading.options.commune and own.commune in frame):
        return projected
    return projected[reading.limit.holds(projected.geometry.to_numpy())]


def _rules(
    own: Table, frame: pd.DataFrame, table: AttributeTable, layer: str
) -> tuple[dict[str, ColumnRule], dict[str, str]]:
    """Return the rules of columns that the file has the keys of, and further columns to keep."""
    declared = {row.attribute: row for row in table.of(layer)}
    rules: dict[str, ColumnRule] = {}
    for attribute, written in own.columns.items():
        rule = ColumnRule(column=written) if isinstance(written, str) else written
        if attribute in declared and (rule.column is None or rule.column in frame):
            rules[attribute] = rule
    keep = {}
    for name, key in own.keep.items():
        # What the table of the layer declares by now is an attribute as any other.
        if name in declared:
            rules[name] = ColumnRule(column=key)
        elif key in frame:
            keep[name] = key
    return {name: rule for name, rule in rules.items() if rule.column is None or rule.column in frame}, keep


def _keys_of(rules: Iterable[ColumnRule]) -> set[str]:
    return {key for rule in rules for case in rule.cases or () for key in case.where}


def _tamed(
    frame: gpd.GeoDataFrame, own: Table, layer: str, table: AttributeTable, notes: list[str]
) -> gpd.GeoDataFrame:
    """Return the rows without what nobody can correct in a product: no identifier, numbers that cannot be."""
    made = frame.copy()
    columns: Mapping[str, str] = {
        attribute: written
        for attribute, written in (*own.columns.items(), *own.keep.items())
        if isinstance(written, str) and written in made
    }
    for row in table.of(layer):
        key = columns.get(row.attribute)
        if key is None:
            continue
        if row.unique:
            ids = as_text(made[key])
            made[key] = ids.where(ids.notna(), layer[0].upper() + made[ROW].astype(str))
        elif row.type in ("float", "integer"):
            made[key] = _numbers(made[key], row, layer, notes)
    lacking = [columns[row.attribute] for row in table.of(layer) if row.required and row.attribute in columns]
    without = made[lacking].isna().any(axis=1).to_numpy() if lacking else np.zeros(len(made), dtype=bool)
    if without.any():
        notes.append(_("{layer}: rows without {columns}, left out: {count}").format(
            layer=layer, columns=", ".join(lacking), count=int(without.sum())))  # fmt: skip
    return made[~without].reset_index(drop=True)


def _numbers(column: pd.Series, row: Attribute, layer: str, notes: list[str]) -> pd.Series:
    """Return the numbers of a column, empty where a cell holds none or one beyond the attribute's bounds."""
    texts = column.map(lambda cell: cell.replace(",", ".") if isinstance(cell, str) else cell)
    numbers, unread = as_numbers(texts, ".")
    low = -np.inf if row.minimum is None else row.minimum
    high = np.inf if row.maximum is None else row.maximum
    beyond = (numbers.notna() & ~((numbers >= low) & (numbers <= high))).to_numpy() | unread
    if row.type == "integer":
        beyond |= (numbers.notna() & (numbers % 1 != 0)).to_numpy()
    if beyond.any():
        shown = shorten(list(dict.fromkeys(as_text(column)[beyond].dropna())))
        told = _("{layer}: values of « {column} » that cannot be, taken for unknown: {count} ({values})")
        notes.append(told.format(layer=layer, column=row.attribute, count=int(beyond.sum()), values=shown))
    return numbers.where(~beyond)

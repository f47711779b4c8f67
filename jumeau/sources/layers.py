"""Makes one layer of a territory from a foreign file, by the rules of the territory file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.attributes import ORIGIN_SUFFIX, Attribute, AttributeTable, alike, check_values, default_value
from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _
from jumeau.sources.cells import as_text, need_column, select
from jumeau.sources.columns import Column, LayerContext, make_column
from jumeau.sources.geometry import Faults, at_nought, find_faults, repaired, single_parts
from jumeau.sources.joins import joined
from jumeau.sources.projection import project
from jumeau.sources.reading import ROW, Opened, open_source
from jumeau.territory.file import TerritoryFile
from jumeau.territory.mapping import ColumnRule, LayerFile
from jumeau.territory.model import COLUMN_FIELDS, SHARED
from jumeau.territory.noding import split


@dataclass(frozen=True)
class BuiltLayer:
    """A layer made, and what happened on the way.

    Attributes
    ----------
    frame : GeoDataFrame
    columns : DataFrame
        Rows of the territory's columns table.
    file : str
    read : int
        Rows in the source file.
    dropped : mapping of str to tuple of str
        Reason -> ids of the features left out.
    repaired : tuple of str
        Ids of the features whose geometry was mended.
    notes : tuple of str
    warnings : tuple of Problem
        What looks wrong but was read.
    """

    frame: gpd.GeoDataFrame
    columns: pd.DataFrame
    file: str
    read: int
    dropped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    repaired: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()


def build_layer(
    name: str, source: LayerFile, table: AttributeTable, whole: TerritoryFile, folder: Path, crs: pyproj.CRS
) -> BuiltLayer:
    """Return one layer of the territory.

    Parameters
    ----------
    name : str
    source : LayerFile
    table : AttributeTable
        The table that declares the layer.
    whole : TerritoryFile
        For source, licence and date where the layer states none.
    folder : Path
        Folder of the data.
    crs : pyproj.CRS
        The territory's.

    Raises
    ------
    InputError
        With everything that is wrong with the layer, feature ids included.
    """
    return make_layer(name, source, table, whole, _opened(source, folder), crs)


def make_layer(
    name: str, source: LayerFile, table: AttributeTable, whole: TerritoryFile, opened: Opened, crs: pyproj.CRS
) -> BuiltLayer:
    """Return one layer of the territory from a table that was read already; see `build_layer`.

    Parameters
    ----------
    opened : Opened
        The table that the rules of `source` speak of.
    """
    file = str(opened.file)
    frame = opened.frame
    plain = table.is_plain(name)
    if plain:
        nowhere = gpd.GeoSeries([None] * len(frame), crs=crs)
        frame = gpd.GeoDataFrame(pd.DataFrame(frame).drop(columns="geometry", errors="ignore"), geometry=nowhere)
    if not isinstance(frame, gpd.GeoDataFrame):
        hint = _("state the columns of the coordinates, `x:` and `y:`, and their `crs:`")
        raise InputError(Problem(_("the file has no geometry"), file=file, layer=name, hint=hint))
    _check_attributes(name, source, table)
    ids = _identifiers(name, source, table, frame, file)
    frame, note, nought = _placed(frame, source, crs, file, name, plain=plain)
    kinds = () if plain else tuple(table.get(name, "geometry").unit.split("|"))
    frame = frame if plain else single_parts(frame, kinds)
    faults = Faults.none(len(frame)) if plain else find_faults(frame, kinds, nought)
    mended: tuple[str, ...] = ()
    if source.repair_invalid and faults.invalid.any():
        mended = tuple(ids[faults.invalid])
        frame = repaired(frame, faults.invalid)
        faults = find_faults(frame, kinds, nought)
    dropped: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    kept = np.ones(len(frame), dtype=bool)
    if source.drop_invalid:
        kept &= ~faults.any
        dropped |= {reason: tuple(ids[mask]) for reason, _hint, mask in _reasons(faults, kinds) if mask.any()}
    else:
        problems += [
            Problem(reason, file=file, layer=name, features=tuple(ids[mask]), hint=hint)
            for reason, hint, mask in _reasons(faults, kinds)
            if mask.any()
        ]
    twice = pd.Series(ids).where(kept).duplicated().to_numpy() & kept
    if source.duplicates == "first" and twice.any():
        dropped[_("identifier already taken")] = tuple(ids[twice])
    if source.duplicates == "agree":
        problems += _disagreements(name, source, table, frame, ids, file)
    if source.duplicates != "refuse":
        kept &= ~twice
    frame, ids = frame[kept].reset_index(drop=True), ids[kept]
    built, columns, found = _columns(name, source, table, whole, frame, ids, file)
    warnings = tuple(item for item in found if item.warning)
    problems += [item for item in found if not item.warning]
    if problems:
        raise InputError(*problems)
    notes = (*opened.notes, note) if note else opened.notes
    if source.split:
        built, cut = _split(name, source, frame, built, file)
        told = _("cut where others meet them without a node: {count} ({ids})")
        notes = (*notes, told.format(count=len(cut), ids=shorten(cut))) if cut else notes
    return BuiltLayer(built, columns, file, opened.read, dropped, mended, notes, warnings)


def _placed(
    frame: gpd.GeoDataFrame, source: LayerFile, crs: pyproj.CRS, file: str, name: str, *, plain: bool
) -> tuple[gpd.GeoDataFrame, str, Any]:
    """Return the layer in the territory's CRS, a note, and which points are at (0, 0): these get no place."""
    if plain:
        return frame, "", np.zeros(len(frame), dtype=bool)
    nought = at_nought(frame)
    if nought.any():  # they would move the box that tells whether the CRS is right
        frame = frame.set_geometry(frame.geometry.where(~nought, None))
    return *project(frame, source, crs, file, name), nought


def _split(
    name: str, source: LayerFile, frame: gpd.GeoDataFrame, built: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return streets cut where they meet, and the ids of those that were."""
    if name != "streets":
        hint = _("leave it out: streets alone are cut")
        raise InputError(Problem(_("`split` goes with the layer « streets »"), file=file, layer=name, hint=hint))
    level = None
    if source.level is not None:
        need_column(frame, source.level, file, name)
        level = as_text(frame[source.level]).fillna("0").to_numpy(dtype=object)
    return split(built, "street_id", level)


def _opened(layer: LayerFile, folder: Path) -> Opened:
    """Read a layer's file and the tables joined to it.

    The rows wanted are chosen after the joins, so that conditions can use joined columns.
    """
    opened = open_source(layer.model_copy(update={"where": {}}), folder)
    frame = opened.frame
    for join in layer.joins:
        frame = joined(frame, join, folder, str(opened.file))
    kept = select(frame, layer.where, layer.decimal, str(opened.file))
    return replace(opened, frame=frame[kept].reset_index(drop=True))


def _reasons(faults: Faults, kinds: tuple[str, ...]) -> list[tuple[str, str, Any]]:
    """Return message, advice and features of each kind of geometry fault."""
    drop = _("correct them, or state `drop_invalid: true` to leave them out")
    repair = _("correct them, or state `repair_invalid: true` or `drop_invalid: true`")
    wanted = _("geometry of another type than {kinds}").format(kinds=" / ".join(kinds))
    return [
        (_("missing, empty or infinite geometry"), drop, faults.missing),
        (_("points at (0, 0), where a place is not known"), drop, faults.nought),
        (wanted, drop, faults.kind),
        (_("invalid geometry (it crosses itself)"), repair, faults.invalid),
    ]


def _check_attributes(name: str, source: LayerFile, table: AttributeTable) -> None:
    """Refuse an attribute that the table does not declare, and the absence of one that it requires."""
    known = {row.attribute: row for row in table.of(name) if row.type != "geometry"}
    problems = []
    for column in source.columns:
        if column not in known:
            near = nearest(column, list(known))
            hint = _("known attributes: {names}; others go under `keep`").format(names=", ".join(known))
            hint = (_("did you mean « {near} »?").format(near=near) + " " if near else "") + hint
            problems.append(Problem(_("unknown attribute « {name} »").format(name=column), layer=name, hint=hint))
    for row in known.values():
        if row.required and row.default == "" and row.attribute not in source.columns:
            message = _("the attribute « {name} » is required").format(name=row.attribute)
            hint = _("map a source column to it")
            if row.unique:
                hint = _("map a source column to it, or make ids: `{name}: {{row: prefix}}`").format(name=row.attribute)
            problems.append(Problem(message, layer=name, hint=hint))
    if problems:
        raise InputError(*problems)


def _identifiers(
    name: str, source: LayerFile, table: AttributeTable, frame: pd.DataFrame, file: str
) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return the features' ids, "row N" where a feature has none."""
    attribute = next((row for row in table.of(name) if row.unique), None)
    rows = ("row " + frame[ROW].astype(str)).to_numpy(dtype=object)
    if attribute is None:
        return rows
    made = make_column(frame, source.columns[attribute.attribute], attribute, source, LayerContext(file, name, rows))
    return made.values.where(made.values.notna(), pd.Series(rows)).to_numpy(dtype=object)


def _disagreements(
    name: str, source: LayerFile, table: AttributeTable, frame: pd.DataFrame, ids: Any, file: str
) -> list[Problem]:
    """Return the rows that tell of a feature something else than its first row does; saying nothing agrees."""
    found: list[Problem] = []
    rows = ("row " + frame[ROW].astype(str)).to_numpy(dtype=object)
    first = pd.Series(np.arange(len(ids))).groupby(pd.Series(ids)).transform("first").to_numpy(dtype=np.int64)
    for attribute in table.of(name):
        written = source.columns.get(attribute.attribute)
        if attribute.type == "geometry" or attribute.unique or written is None:
            continue
        # What cannot be read at all is told where the layer is made.
        made = _make(frame, written, replace(attribute, default=""), source, LayerContext(file, name, rows), [])
        if made is None:
            continue
        values = made.values.reset_index(drop=True)
        told = values.iloc[first].reset_index(drop=True)
        bad = (values.notna() & (told.isna() | (values.astype(object) != told.astype(object)))).to_numpy()
        if bad.any():
            shown = sorted({f"{ids[row]}: {told[row]} / {values[row]}" for row in np.flatnonzero(bad)})
            column = written if isinstance(written, str) else written.column
            found.append(
                Problem(
                    _("the rows of an identifier do not agree"),
                    file=file,
                    layer=name,
                    column=f"{attribute.attribute} ({column})" if column else attribute.attribute,
                    features=tuple(rows[bad]),
                    value=shorten(shown),
                    hint=_("correct them, so that all rows of an identifier tell the same"),
                )
            )
    return found


def _columns(
    name: str,
    source: LayerFile,
    table: AttributeTable,
    whole: TerritoryFile,
    frame: gpd.GeoDataFrame,
    ids: Any,
    file: str,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[Problem]]:
    """Return the layer with its attributes, the rows of the columns table, and what is wrong."""
    place = LayerContext(file, name, ids)
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    rows: list[dict[str, str]] = []
    said = {
        "layer": name,
        "source": source.source or whole.source,
        "licence": source.licence or whole.licence,
        "date": source.date or whole.date,
    }
    shared = table is SHARED
    for attribute in table.of(name):
        if attribute.type == "geometry":
            rows.append({**said, "column": "geometry", "origin": "observed", "rule": "read from the file"})
            continue
        written = source.columns.get(attribute.attribute)
        if not shared:
            # A network fills its own gaps by its own rules: its defaults would hide them.
            attribute = replace(attribute, default="")  # noqa: PLW2901
        if written is None and attribute.default == "":
            continue
        made = _make(frame, written, attribute, source, place, problems)
        if made is None:
            continue
        problems += made.problems
        values[attribute.attribute] = made.values
        rows.append({**said, **_origin_row(attribute.attribute, made, values)})
        # What could not be read has been told already.
        if all(item.warning for item in made.problems):
            problems += check_values(made.values, pd.Series(ids), attribute, file)
            problems += alike(made.values, attribute, file)
    for new, column in source.keep.items():
        need_column(frame, column, file, name)
        values[new] = frame[column]
        row = {**said, "column": new, "origin": "observed", "rule": f"read from the column: {column}"}
        if f"{column}{ORIGIN_SUFFIX}" in frame.columns:
            values[f"{new}{ORIGIN_SUFFIX}"] = frame[f"{column}{ORIGIN_SUFFIX}"]
            row["rule"] += "; elsewhere: median of the rows that share a column"
        rows.append(row)
    built = gpd.GeoDataFrame(values, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    return built, pd.DataFrame(rows, columns=list(COLUMN_FIELDS)).fillna(""), problems


def _make(
    frame: pd.DataFrame,
    written: str | ColumnRule | None,
    attribute: Attribute,
    source: LayerFile,
    place: LayerContext,
    problems: list[Problem],
) -> Column | None:
    """Return the attribute, the table's default where the file says nothing; None (and a problem) on failure."""
    usual = default_value(attribute)
    rule = ColumnRule(constant=usual, rule="default of the attribute table") if written is None else written
    try:
        return make_column(frame, rule, attribute, source, place)
    except InputError as error:
        problems += error.problems
        return None


def _origin_row(column: str, made: Column, values: dict[str, Any]) -> dict[str, str]:
    """Return origin and rule of a column; where origins are mixed, the companion column is added."""
    present = made.values.notna().to_numpy()
    kinds = pd.Series(made.origins[present]).value_counts()
    if len(kinds) > 1:
        values[f"{column}{ORIGIN_SUFFIX}"] = made.origins
    elif len(kinds) == 0:
        kinds = pd.Series(made.origins[:1]).value_counts()
    origin = str(kinds.index[0]) if len(kinds) else "observed"
    return {"column": column, "origin": origin, "rule": made.rule}

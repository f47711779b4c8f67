"""Reads the layers of RAEPA and StaR-Eau into ours: tolerant of names, codes, labels and absences, and tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.networks.water.formats.gis_tables import (
    EXTENSION,
    EXTRA_TABLE,
    TITLES,
    Column,
    Mapped,
    codes,
    mapped,
    plain,
)
from jumeau.networks.water.formats.point_links import linked
from jumeau.networks.water.formats.snapping import snapped
from jumeau.sources.imported import Imported, observed_columns
from jumeau.vector_file import layer_names, read_layer

#: Longest name of a shapefile's column: longer ones are cut there.
SHORT = 10


@dataclass
class Notes:
    """What happened on the way."""

    lines: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Note a line."""
        self.lines.append(text)


def read_gis(standard: str, path: Path, crs: pyproj.CRS | None = None) -> Imported:
    """Read the drinking-water layers of a standard; those of sewers are passed over.

    Parameters
    ----------
    standard : str
        `raepa` or `stareau`.
    path : Path
        A GeoPackage, or a folder of files.
    crs : pyproj.CRS, optional
        Where the files do not say it.

    Raises
    ------
    InputError
        When nothing can be read, no layer holds pipes, or the CRS is unknown.
    """
    title = TITLES[standard]
    sources = open_layers(path)
    notes = Notes()
    found: dict[str, list[gpd.GeoDataFrame]] = {}
    for item in mapped(standard):
        frame = sources.get(item.layer.lower())
        if frame is None:
            continue
        rows = _selected(frame, item)
        if len(rows):
            found.setdefault(item.ours, []).append(_translated(standard, rows, item, path, notes))
    names = sorted({item.layer for item in mapped(standard)})
    absent = [name for name in names if name.lower() not in sources]
    if absent:
        notes.add(_("{standard}: layers that are not there: {names}").format(standard=title, names=", ".join(absent)))
    if "water_pipes" not in found:
        hint = _("the layers of {standard} are: {names}").format(standard=title, names=", ".join(names))
        raise InputError(Problem(_("no layer of pipes"), file=str(path), hint=hint))
    layers = {name: _joined(parts, name, path, crs) for name, parts in found.items()}
    pipe_crs = layers["water_pipes"].crs
    layers = {name: frame.to_crs(pipe_crs) if frame.crs != pipe_crs else frame for name, frame in layers.items()}
    layers |= dict(_tables(sources, pipe_crs))
    layers = _fittings(_shaped(layers, notes, path))
    _check_diameters(layers["water_pipes"], path)
    notes.add(_("diameters of {standard} are nominal: they are taken as internal").format(standard=title))
    source = _("{standard} layers {name}").format(standard=title, name=path.name)
    return Imported(layers, observed_columns(layers, source), tuple(notes.lines))


def open_layers(path: Path) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a file or of the files of a folder, by their names in small letters.

    Raises
    ------
    InputError
        When a file cannot be read.
    """
    files = [path]
    if path.is_dir():
        kinds = (".shp", ".gpkg", ".geojson", ".csv")
        files = sorted(item for item in path.iterdir() if item.suffix.lower() in kinds)
    found: dict[str, gpd.GeoDataFrame] = {}
    for file in files:
        for name in layer_names(file):
            frame = read_layer(file, name, on_invalid="ignore")
            if not isinstance(frame, gpd.GeoDataFrame):
                frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame)))
            found[name.lower()] = frame
    if not found:
        hint = _("give a GeoPackage, or a folder of shapefiles")
        raise InputError(Problem(_("no GIS layer there"), file=str(path), hint=hint))
    return found


def named(frame: pd.DataFrame, column: str, aliases: tuple[str, ...] = ()) -> str | None:
    """Return the frame's name of a column: capitals, cuts at ten letters and aliases are tolerated."""
    known = {str(name).lower(): str(name) for name in frame.columns}
    for wanted in (column, *aliases):
        for form in (wanted.lower(), wanted.lower()[:SHORT]):
            if form in known:
                return known[form]
    return None


def _selected(frame: gpd.GeoDataFrame, item: Mapped) -> gpd.GeoDataFrame:
    if not item.selector.columns:
        return frame
    name = named(frame, item.selector.columns[0], item.selector.columns[1:])
    default = "00" in item.selector.codes
    if name is None:
        return frame if default else frame.iloc[:0]
    written = frame[name].map(lambda value: _code(item, value))
    return frame[written.isin(item.selector.codes) | (written.eq("") & default)]


def _code(item: Mapped, value: object) -> str:
    """Return the two-digit code of a kind of fitting or structure, empty where it says nothing."""
    if value is None or value != value or str(value).strip() == "":  # noqa: PLR0124 - not a number
        return ""
    text = str(int(value)) if isinstance(value, float) else str(value).strip()
    if text.isdigit():
        return text.zfill(2)
    name = "fitting" if item.selector.columns[0].startswith("fnapp") else "structure"
    return codes("raepa", name).read.get(plain(text), "00")


def _translated(standard: str, rows: gpd.GeoDataFrame, item: Mapped, path: Path, notes: Notes) -> gpd.GeoDataFrame:
    """Return features with our columns; those of the extension stand over the standard's."""
    rows = _in_service(standard, rows, item, notes)
    found: dict[str, Any] = {}
    for column in item.columns:
        name = named(rows, column.column, column.aliases)
        if name is not None:
            found[column.ours] = _values(standard, rows[name], column, item, path, notes)
        if column.ours == "laid_year" and name is not None:
            found[column.ours] = _filled(rows, column, found[column.ours])
    for name in rows.columns:
        if str(name).startswith(EXTENSION):
            ours = str(name)[len(EXTENSION) :]
            given = rows[name]
            found[ours] = given.where(given.notna(), found[ours]) if ours in found else given
    shapes = rows.geometry
    if len(rows) and shapes.isna().all() is np.False_:
        shapes = shapes.map(_single)
    return gpd.GeoDataFrame(
        found, geometry=gpd.GeoSeries(list(shapes), index=rows.index), crs=rows.crs, index=rows.index
    )


def _single(shape: Any) -> Any:
    """Return the only part of a shape that has one, without heights."""
    if shape is None:
        return None
    parts = shapely.get_parts(shape)
    return shapely.force_2d(parts[0]) if len(parts) == 1 else shapely.force_2d(shapely.line_merge(shape))


def _filled(rows: gpd.GeoDataFrame, column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    """Fill a missing year of laying by the other one that the standard knows."""
    for alias in column.aliases:
        name = named(rows, alias)
        if name is not None:
            values = values.where(values.notna(), pd.to_numeric(rows[name], errors="coerce"))
    return values.where(values > 0)


def _in_service(standard: str, rows: gpd.GeoDataFrame, item: Mapped, notes: Notes) -> gpd.GeoDataFrame:
    """Leave out what is not in service; of pipes, service pipes too, which are connections."""
    for column, wanted, text in (
        ("enservice", "yes", _("{count} feature(s) of {layer} are not in service and are left out")),
        ("etat_service", "yes", _("{count} feature(s) of {layer} are not in service and are left out")),
        ("branchemnt", "no", _("{count} service pipe(s) of {layer} are left out of the mains")),
    ):
        name = named(rows, column)
        if name is None:
            continue
        table = codes(standard, "in_service" if column == "etat_service" else "yes_no").read
        said = rows[name].map(lambda value, table=table, wanted=wanted: table.get(plain(value), wanted))
        out = said != wanted
        if out.any():
            notes.add(text.format(count=int(out.sum()), layer=item.layer))
            rows = rows[~out]
    return rows


def _values(
    standard: str, values: pd.Series[Any], column: Column, item: Mapped, path: Path, notes: Notes
) -> pd.Series[Any]:
    if column.codes:
        return _decoded(standard, values, column, notes)
    if column.ours in (
        "length",
        "diameter",
        "laid_year",
        "connections",
        "elevation",
        "head",
        "setting",
        "_volume",
        "_overflow",
        "_height",
    ):
        numbers = pd.to_numeric(
            values.astype(str).str.replace(",", ".", regex=False).replace("None", ""), errors="coerce"
        )
        unread = (
            numbers.isna() & values.notna() & (values.astype(str).str.strip() != "") & (values.astype(str) != "nan")
        )
        if unread.any():
            rows = shorten([str(place + 1) for place in np.flatnonzero(unread)])
            raise InputError(
                Problem(
                    _("not a number (rows {rows})").format(rows=rows),
                    file=str(path),
                    layer=item.layer,
                    column=column.column,
                    value=str(values[unread].iloc[0]),
                    hint=_("correct it in the source"),
                )
            )
        return numbers * column.factor
    text = values.astype(object).where(values.notna(), None)
    return text.map(lambda value: None if value is None or str(value).strip() == "" else str(value).strip())


def _decoded(standard: str, values: pd.Series[Any], column: Column, notes: Notes) -> pd.Series[Any]:
    table = codes(standard, column.codes).read

    def key(value: object) -> str:
        if value is None or value != value:  # noqa: PLR0124 - not a number
            return ""
        return plain(int(value) if isinstance(value, float) and value.is_integer() else value)

    keys = values.map(key)
    unknown = sorted({name for name in keys if name and name not in table})
    if unknown:
        notes.add(
            _("column {column}: unknown codes {codes} are taken as « other »").format(
                column=column.column, codes=shorten(unknown)
            )
        )
    missing = "other" if column.codes in ("material", "defect") else ""
    found = keys.map(lambda name: table.get(name, missing if name else ""))
    return found.where(found != "", None).astype(object)


def _joined(parts: list[gpd.GeoDataFrame], name: str, path: Path, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    known = next((part.crs for part in parts if part.crs is not None), crs)
    if known is None:
        hint = _("state `crs` beside the import, for instance « EPSG:2154 »")
        raise InputError(Problem(_("the CRS is not known"), file=str(path), layer=name, hint=hint))
    ready = [part.set_crs(known) if part.crs is None else part.to_crs(known) for part in parts]
    return gpd.GeoDataFrame(pd.concat(ready, ignore_index=True), crs=known)


def _tables(sources: Mapping[str, gpd.GeoDataFrame], crs: Any) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the plain tables of the extension."""
    for name, frame in sources.items():
        if name.startswith(EXTRA_TABLE):
            table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
            table = table.astype(object).where(table.notna(), None)
            for column in ("demand",):
                if column in table:
                    table[column] = pd.to_numeric(table[column])
            geometry = gpd.GeoSeries([None] * len(table), crs=crs)
            yield f"water_{name.removeprefix(EXTRA_TABLE)}", gpd.GeoDataFrame(table, geometry=geometry, crs=crs)


def _check_diameters(pipes: gpd.GeoDataFrame, path: Path) -> None:
    bad = pipes["diameter"] <= 0 if "diameter" in pipes else pd.Series(dtype=bool)
    if bad.any():
        hint = _("correct it in the source, or leave it empty")
        ids = tuple(pipes.loc[bad, "pipe_id"].astype(str))
        value = str(pipes.loc[bad, "diameter"].iloc[0])
        message = _("a diameter that is not above zero")
        raise InputError(
            Problem(
                message, file=str(path), layer="water_pipes", column="diameter", features=ids, value=value, hint=hint
            )
        )


def _shaped(layers: dict[str, gpd.GeoDataFrame], notes: Notes, path: Path) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers as a network: end nodes of pipes, links of pumps and valves, tanks with their levels."""
    found = snapped(layers, notes.add)
    pipes = found["water_pipes"]
    if "length" not in pipes:
        pipes = pipes.assign(length=np.nan)
    flat = pipes["length"].isna() | (pipes["length"] <= 0)
    if flat.any():
        notes.add(_("{count} pipe(s) state no length: it is measured on the map").format(count=int(flat.sum())))
        pipes = pipes.assign(length=np.where(flat, pipes.geometry.length, pipes["length"]))
    if "diameter" not in pipes:
        raise InputError(Problem(_("no diameters"), file=str(path), layer="water_pipes", column="diameter"))
    found["water_pipes"] = pipes
    found = linked(found, notes.add)
    if "water_tanks" in found:
        found["water_tanks"] = _tanks(found["water_tanks"])
    return found


def _fittings(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with hydrants and isolation valves that are features of their own.

    In the standards both are nodes: one that ends no pipe, pump or valve is no junction of the network.
    """
    ends = {
        str(node)
        for name in ("water_pipes", "water_pumps", "water_valves")
        for column in ("from_node", "to_node")
        if name in layers and column in layers[name]
        for node in layers[name][column]
    }
    found = dict(layers)
    own: set[str] = set()
    for name, key in (("water_hydrants", "hydrant_id"), ("water_isolation_valves", "isolation_valve_id")):
        if name not in layers:
            continue
        frame = layers[name]
        frame = frame[frame[key].notna() & ~frame[key].duplicated()].reset_index(drop=True)
        if "diameter" in frame:
            # Zero stands for « unknown » in many files.
            frame = frame.assign(diameter=frame["diameter"].where(frame["diameter"] > 0))
        found[name] = frame
        own |= set(frame[key].astype(str))
    junctions = layers["water_junctions"]
    names = junctions["node_id"].astype(str)
    fitting = names.isin(own)
    # A file that we wrote holds the node and the fitting at it under one name.
    dropped = fitting & (~names.isin(ends) | names.duplicated())
    found["water_junctions"] = junctions[~dropped.to_numpy(dtype=bool)].reset_index(drop=True)
    return found


def _tanks(tanks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return tanks with levels and diameter from floor, overflow and useful volume, where they are told."""
    found = tanks.copy()
    if {"_overflow", "elevation"} <= set(found.columns):
        depth = found["_overflow"] - found["elevation"]
        own = found["maximum_level"] if "maximum_level" in found else pd.Series(np.nan, index=found.index)
        found["maximum_level"] = own.where(own.notna(), depth)
    if {"_volume", "maximum_level"} <= set(found.columns):
        width = np.sqrt(4.0 * found["_volume"] / (np.pi * found["maximum_level"]))
        own = found["diameter"] if "diameter" in found else pd.Series(np.nan, index=found.index)
        found["diameter"] = own.where(own.notna(), width)
    return found.drop(columns=["_overflow", "_volume"], errors="ignore")

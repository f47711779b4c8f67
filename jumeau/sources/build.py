"""Reads the files that a territory file names into one territory; nothing is synthesised here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pandas as pd
import pyproj
import shapely

from jumeau.attributes import AttributeTable
from jumeau.errors import InputError, Problem, nearest
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.sources.border import border_of
from jumeau.sources.format import Format, Reader
from jumeau.sources.guard import guarded, guarded_territory
from jumeau.sources.imported import Imported
from jumeau.sources.imports import import_network, placed
from jumeau.sources.layers import BuiltLayer, build_layer
from jumeau.sources.paths import expand
from jumeau.sources.place import crs_of_place
from jumeau.sources.products import PRODUCTS
from jumeau.sources.report import BuildReport
from jumeau.sources.totals import read_totals
from jumeau.territory.cropping import crop
from jumeau.territory.crs import AUTO, parse_crs
from jumeau.territory.derive import Notes, Warnings, derive
from jumeau.territory.file import TerritoryFile, read_territory_file
from jumeau.territory.graph import street_parts
from jumeau.territory.model import COLUMN_FIELDS, SHARED, Territory
from jumeau.territory.noding import unjoined
from jumeau.territory.spread import spread_totals
from jumeau.yaml_file import LocatedMapping


def build_from_files(
    path: Path | str,
    tables: Sequence[AttributeTable] = (),
    formats: Sequence[Format] = (),
    factors: Mapping[str, FactorTable] | None = None,
) -> tuple[Territory, BuildReport]:
    """Return what the files of a territory file hold.

    Parameters
    ----------
    path : Path or str
        YAML file, see `jumeau.territory.file`.
    tables : sequence of AttributeTable
        The tables of the networks whose layers may be declared.
    formats : sequence of Format
        What may be imported.
    factors : mapping of str to FactorTable, optional
        What may be assumed, by network.

    Returns
    -------
    territory : Territory
    report : BuildReport

    Raises
    ------
    InputError
        With everything that is wrong, in all layers.
    """
    start = perf_counter()
    readers = {item.name: item.read for item in formats if item.read is not None}
    options = {item.name: item.options for item in formats if item.read is not None}
    whole, located = read_territory_file(path, options, factors)
    folder = expand(whole.data, Path(path).absolute().parent)
    known = {layer: table for table in (*tables, SHARED) for layer in table.layers}
    problems = _unknown_layers(whole, located, known)
    crs, read = _crs(whole, readers, folder, located, str(path))
    built: dict[str, BuiltLayer] = {}
    for name, source in whole.layers.items():
        if name not in known:
            continue
        try:
            with guarded(name, source.file):
                built[name] = build_layer(name, source, known[name], whole, folder, crs)
        except InputError as error:
            line = located.line("layers", name)
            problems += [_located(problem, name, str(path), line) for problem in error.problems]
    imported: list[Imported] = []
    for place, item in enumerate(whole.imports):
        try:
            with guarded(file=item.file):
                found = read.get(place) or import_network(item, readers[item.format], folder, crs, whole)
                imported.append(placed(found, crs))
        except InputError as error:
            line = located.line("imports", place)
            problems += [_located(problem, "", str(path), line) for problem in error.problems]
    problems += _twice(built, imported, str(path))
    if problems:
        raise InputError(*problems)
    tables_read = [*(layer.columns for layer in built.values()), *(item.columns for item in imported)]
    territory = Territory(
        name=whole.name,
        crs=crs,
        layers={name: layer.frame for name, layer in built.items()}
        | {name: frame for item in imported for name, frame in item.layers.items()},
        columns=pd.concat([pd.DataFrame(columns=list(COLUMN_FIELDS)), *tables_read]).reset_index(drop=True).astype(str),
        meta=_meta(whole),
    )
    cut: list[str] = []
    with guarded_territory(territory):
        if whole.within is not None:
            territory, cut = _within(territory, whole, folder, tables, (str(path), located.line("within")))
        territory, notes, warnings = _derived(territory, whole, located, str(path))
        notes = (*_told_crs(whole, crs), *(note for item in imported for note in item.notes), *cut, *notes)
        for found in imported:
            if found.later is not None:
                territory, told = found.later(territory)
                notes = (*notes, *told)
    warnings = (
        *_emptied(built),
        *(item for layer in built.values() for item in layer.warnings),
        *(item for network in imported for item in network.warnings),
        *warnings,
    )
    if whole.population is not None:
        totals = read_totals(whole.population, folder)
        territory, spread = spread_totals(territory, whole.population, totals)
        notes = (*notes, spread)
    stated = whole.stated_factors()
    if stated:
        lines = _stated(stated, factors or {})
        territory = replace(territory, meta={**territory.meta, "assumptions": "\n".join(lines)})
        notes = (*notes, *lines)
    return territory, BuildReport(built, notes, warnings, stated, seconds=perf_counter() - start)


def _derived(
    territory: Territory, whole: TerritoryFile, located: LocatedMapping, file: str
) -> tuple[Territory, Notes, Warnings]:
    """Return what `derive` does, unless streets only lack nodes to hang together and the file does not take them so.

    Raises
    ------
    InputError
    """
    territory, notes, warnings = derive(territory)
    source = whole.layers.get("streets")
    if source is None or source.split is not None:
        return territory, notes, warnings
    streets = territory.layers["streets"]
    line = located.line("layers", "streets")
    found = [_located(problem, "streets", file, line) for problem in unjoined(streets, street_parts(streets))]
    if found:
        raise InputError(*found)
    return territory, notes, warnings


def _crs(
    whole: TerritoryFile, readers: Mapping[str, Reader], folder: Path, located: LocatedMapping, file: str
) -> tuple[pyproj.CRS, dict[int, Imported]]:
    """Return the CRS of the territory, and the imports that had to be read to know it, by their place."""
    if whole.crs != AUTO:
        return parse_crs(whole.crs), {}
    read: dict[int, Imported] = {}
    problems: list[Problem] = []
    for place, item in enumerate(whole.imports):
        # Products say their own CRS; the networks' formats may ask for that of the territory.
        if item.format not in PRODUCTS:
            continue
        try:
            with guarded(file=item.file):
                read[place] = import_network(item, readers[item.format], folder, pyproj.CRS.from_epsg(4326), whole)
        except InputError as error:
            line = located.line("imports", place)
            problems += [_located(problem, "", file, line) for problem in error.problems]
    if problems:
        raise InputError(*problems)
    try:
        frames = [frame for item in read.values() for frame in item.layers.values()]
        return crs_of_place(whole, frames, folder), read
    except InputError as error:
        raise InputError(*(_located(item, "", file, located.line("crs")) for item in error.problems)) from error


def _told_crs(whole: TerritoryFile, crs: pyproj.CRS) -> list[str]:
    """Return what CRS was chosen, where the territory file leaves it open."""
    if whole.crs != AUTO:
        return []
    return [_("CRS of the territory, by its place: {crs} ({name})").format(crs=crs.to_string(), name=crs.name)]


def _within(
    territory: Territory, whole: TerritoryFile, folder: Path, tables: Sequence[AttributeTable],
    where: tuple[str, int | None],
) -> tuple[Territory, list[str]]:  # fmt: skip
    """Return the territory cut to its border, which becomes its only limit, and what was left out."""
    try:
        limits, columns = border_of(whole, territory.layers, folder, territory.crs)
    except InputError as error:
        raise InputError(*(_located(problem, "", *where) for problem in error.problems)) from error
    area = limits.geometry.iloc[0]
    cut, notes = crop(territory, area, tables)
    message = _("nothing of the territory lies within its border")
    if not any(len(frame) for frame in cut.layers.values()):
        hint = _("check `within`, and the CRS of its file")
        raise InputError(_located(Problem(message, hint=hint), "", *where))
    told = _("border of the territory: {name}, {area} km²")
    told = told.format(name=limits["name"].iloc[0], area=format_number(shapely.area(area) / 1e6, 2))
    return cut.with_layers({"limits": limits}, columns), [told, *notes]


def _stated(stated: Mapping[str, Mapping[str, float]], factors: Mapping[str, FactorTable]) -> list[str]:
    """Return one line per factor that the territory file states."""
    lines = []
    for network, values in stated.items():
        for name, value in values.items():
            factor = factors[network][name]
            lines.append(f"assumptions.{network}.{name}: {factor.value:.12g} -> {value:.12g} {factor.unit}")
    return lines


def _twice(built: Mapping[str, BuiltLayer], imported: Sequence[Imported], file: str) -> list[Problem]:
    """Return a problem for each layer that two sources give."""
    given = Counter([*built, *(name for item in imported for name in item.layers)])
    hint = _("remove one of them from the territory file")
    return [
        Problem(_("the layer is given twice"), file=file, layer=name, hint=hint)
        for name, count in given.items()
        if count > 1
    ]


def _emptied(built: Mapping[str, BuiltLayer]) -> list[Problem]:
    """Return a warning for each layer of which no feature is left."""
    message = _("no feature is left of {count} row(s)")
    hint = _("check `where`: values are compared as texts")
    return [
        Problem(message.format(count=layer.read), file=layer.file, layer=name, hint=hint)
        for name, layer in built.items()
        if layer.read and not len(layer.frame)
    ]


def _meta(whole: TerritoryFile) -> dict[str, str]:
    titles = whole.titles()
    return {
        "title_fr": titles["fr"],
        "title_en": titles["en"],
        "country": whole.country,
        "subdivision": whole.subdivision,
        "timezone": whole.timezone,
        "synthetic": "no",
    }


def _unknown_layers(
    whole: TerritoryFile, located: LocatedMapping, known: Mapping[str, AttributeTable]
) -> list[Problem]:
    problems = []
    for name in whole.layers:
        if name not in known:
            near = nearest(name, list(known))
            hint = _("did you mean « {near} »?").format(near=near) if near else ""
            hint = hint or _("known layers: {names}").format(names=", ".join(sorted(known)))
            message = _("unknown layer « {name} »").format(name=name)
            problems.append(located.problem(("layers", name), message, hint=hint))
    return problems


def _located(problem: Problem, layer: str, file: str, line: int | None) -> Problem:
    """Return the problem with the layer's name, and the territory file's line where no data file is named."""
    placed = replace(problem, layer=problem.layer or layer)
    return placed if placed.file else replace(placed, file=file, line=line)

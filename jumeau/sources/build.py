"""Reads the files that a territory file names into one territory; nothing is synthesised here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pandas as pd

from jumeau.attributes import AttributeTable
from jumeau.errors import InputError, Problem, nearest
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.sources.format import Format
from jumeau.sources.guard import guarded, guarded_territory
from jumeau.sources.imported import Imported
from jumeau.sources.imports import import_network
from jumeau.sources.layers import BuiltLayer, build_layer
from jumeau.sources.paths import expand
from jumeau.sources.report import BuildReport
from jumeau.sources.totals import read_totals
from jumeau.territory.crs import parse_crs
from jumeau.territory.derive import derive
from jumeau.territory.file import TerritoryFile, read_territory_file
from jumeau.territory.model import COLUMN_FIELDS, SHARED, Territory
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
    crs = parse_crs(whole.crs)
    known = {layer: table for table in (*tables, SHARED) for layer in table.layers}
    problems = _unknown_layers(whole, located, known)
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
                imported.append(import_network(item, readers[item.format], folder, crs, whole))
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
    with guarded_territory(territory):
        territory, notes, warnings = derive(territory)
    notes = (*(note for item in imported for note in item.notes), *notes)
    warnings = (
        *_emptied(built),
        *(item for layer in built.values() for item in layer.warnings),
        *(item for network in imported for item in network.warnings),
        *warnings,
    )
    if whole.population is not None:
        totals = read_totals(whole.population, folder)
        territory, told = spread_totals(territory, whole.population, totals)
        notes = (*notes, told)
    stated = whole.stated_factors()
    if stated:
        lines = _stated(stated, factors or {})
        territory = replace(territory, meta={**territory.meta, "assumptions": "\n".join(lines)})
        notes = (*notes, *lines)
    return territory, BuildReport(built, notes, warnings, stated, seconds=perf_counter() - start)


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

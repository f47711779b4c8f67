"""Builds a territory from foreign files, by its territory file: `jumeau territory build`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import pandas as pd

from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _, format_number
from jumeau.sources.imported import Imported
from jumeau.sources.imports import import_network
from jumeau.sources.layers import BuiltLayer, build_layer
from jumeau.sources.totals import read_totals
from jumeau.tables import AttributeTable
from jumeau.territory.derive import derive
from jumeau.territory.mapping import TerritoryFile, expand, parse_crs, read_territory_file
from jumeau.territory.model import COLUMN_FIELDS, SHARED, Territory
from jumeau.territory.population import spread_totals
from jumeau.yaml_file import LocatedMapping

#: Returns a territory with a network's missing layers laid out.
Complete = Callable[[Territory], Territory]


@dataclass(frozen=True)
class BuildReport:
    """What happened while a territory was built.

    Attributes
    ----------
    layers : mapping of str to BuiltLayer
        The layers read from files.
    notes : tuple of str
        What was derived, mended or decided.
    warnings : tuple of Problem
        What looks wrong but does not prevent anything.
    seconds : float
        Time that the build took [s].
    """

    layers: Mapping[str, BuiltLayer]
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    def __str__(self) -> str:
        """Return the report as lines."""
        lines = []
        for name, layer in self.layers.items():
            line = _("{layer}: {kept} feature(s) of {read} row(s), from {file}").format(
                layer=name, kept=format_number(len(layer.frame)), read=format_number(layer.read),
                file=Path(layer.file).name,
            )  # fmt: skip
            lines.append(line)
            for reason, ids in layer.dropped.items():
                told = _("left out, {reason}: {count} ({ids})")
                lines.append("    " + told.format(reason=reason, count=len(ids), ids=shorten(ids)))
            if layer.repaired:
                told = _("geometry mended: {count} ({ids})")
                lines.append("    " + told.format(count=len(layer.repaired), ids=shorten(layer.repaired)))
            lines += ["    " + note for note in layer.notes]
        lines += list(self.notes)
        lines += [_("Warning: {problem}").format(problem=problem) for problem in self.warnings]
        return "\n".join(lines)


def build_territory(
    path: Path | str, tables: Sequence[AttributeTable] = (), complete: Sequence[Complete] = ()
) -> tuple[Territory, BuildReport]:
    """Return the territory that a territory file describes.

    Parameters
    ----------
    path : Path or str
        YAML file, see `jumeau.territory.mapping`.
    tables : sequence of AttributeTable
        The tables of the networks whose layers may be declared.
    complete : sequence of callable
        Applied in order at the end: each takes a territory and returns it with missing layers laid out.

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
    whole, located = read_territory_file(path)
    folder = expand(whole.data, Path(path).absolute().parent)
    crs = parse_crs(whole.crs)
    known = {layer: table for table in (*tables, SHARED) for layer in table.layers}
    problems = _unknown_layers(whole, located, known)
    built: dict[str, BuiltLayer] = {}
    for name, source in whole.layers.items():
        if name not in known:
            continue
        try:
            built[name] = build_layer(name, source, known[name], whole, folder, crs)
        except InputError as error:
            line = located.line("layers", name)
            problems += [_located(problem, name, str(path), line) for problem in error.problems]
    imported: list[Imported] = []
    for place, item in enumerate(whole.imports):
        try:
            imported.append(import_network(item, folder, crs, whole))
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
    territory, notes, warnings = derive(territory)
    notes = (*(note for item in imported for note in item.notes), *notes)
    warnings = (*_emptied(built), *warnings)
    if whole.population is not None:
        totals = read_totals(whole.population, folder)
        territory, told = spread_totals(territory, whole.population, totals)
        notes = (*notes, told)
    for function in complete:
        territory = function(territory)
    return territory, BuildReport(built, notes, warnings, perf_counter() - start)


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
    from dataclasses import replace

    placed = replace(problem, layer=problem.layer or layer)
    return placed if placed.file else replace(placed, file=file, line=line)

"""`jumeau territory`: builds, exports, checks or describes a territory."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands import territory_fetch, territory_new
from jumeau.commands.parser import Commands, Names
from jumeau.commands.status import BAD_INPUT, DONE
from jumeau.commands.terminal import write_files
from jumeau.i18n import _
from jumeau.redaction import show

if TYPE_CHECKING:
    from jumeau.territory.model import Territory


def add(commands: Commands) -> None:
    """Add the command and its own."""
    territory = commands.group("territory", _("build, check or describe a territory"))
    territory_new.add(territory)
    territory_fetch.add(territory)
    build = territory.add("build", _("build a territory from open data"), _build)
    build.add_argument("file", type=Path, help=_("territory file (YAML)"))
    build.add_argument("-o", "--output", type=Path, help=_("GeoPackage to write; beside the file by default"))
    build.add_argument("--no-synthesis", action="store_true", help=_("keep missing layers and values missing"))
    build.add_argument("--seed", type=int, default=2025, help=_("seed of what is synthesised or imputed"))
    export = territory.add("export", _("write a network in another format"), _export)
    export.add_argument("territory", help=_("GeoPackage, or bundled name"))
    export.add_argument(
        "--format",
        choices=Names(_writable_formats),
        metavar=_("FORMAT"),
        required=True,
        help=_("format to write: {choices}").format(choices="%(choices)s"),
    )
    export.add_argument("-o", "--output", type=Path, required=True, help=_("file or folder to write"))
    check = territory.add("check", _("tell what is wrong, with feature ids"), _check)
    check.add_argument("territory", help=_("GeoPackage, or bundled name"))
    check.add_argument("--map", type=Path, metavar=_("FILE"), help=_("map to write, as SVG or PNG"))
    info = territory.add("info", _("tell what is there and how much is real"), _info)
    info.add_argument("territory", help=_("GeoPackage, or bundled name"))


def _writable_formats() -> Iterable[str]:
    from jumeau.engine.territory import writable_formats

    return writable_formats()


def _build(arguments: argparse.Namespace) -> int:
    from jumeau.engine.territory import build_territory
    from jumeau.territory.storage import write_territory

    territory, report = build_territory(arguments.file, synthesise=not arguments.no_synthesis, seed=arguments.seed)
    if str(report):
        show(report, end="\n\n")
    status = _tell_check(territory, faults_only=True)
    if status == DONE:
        output = arguments.output or arguments.file.with_name(f"{territory.name}.gpkg")
        written = write_territory(territory, output)
        show()
        write_files([written])
    return status


def _export(arguments: argparse.Namespace) -> int:
    from jumeau.engine.territory import export_territory
    from jumeau.territory.storage import read_territory

    write_files(export_territory(read_territory(arguments.territory), arguments.format, arguments.output))
    return DONE


def _check(arguments: argparse.Namespace) -> int:
    from jumeau.territory.storage import read_territory

    if arguments.map is not None:
        from jumeau.report.territory_map import check_ending

        check_ending(arguments.map)
    territory = read_territory(arguments.territory)
    status = _tell_check(territory)
    _tell_published(territory)
    _tell_grades(territory)
    if arguments.map is not None:
        from jumeau.engine.territory import check_territory
        from jumeau.report.territory_map import write_territory_map

        errors, warnings = check_territory(territory)
        show()
        write_files([write_territory_map(territory, [*errors, *warnings], arguments.map)])
    return status


def _tell_grades(territory: Territory) -> None:
    """Tell how much of each network rests on observation, and what to ask the town for first."""
    from jumeau.engine.territory import territory_grades
    from jumeau.network import discover
    from jumeau.territory.evidence import grade_lines

    networks = discover()
    show("\n" + _("What rests on observation, from A to E, and the first things to ask the town for"))
    for name, found in territory_grades(territory).items():
        show("\n".join(grade_lines(networks[name].label, found)))
    show(_("Share: worth of what a source tells over the worth of all that the network's figures depend on."))


def _tell_published(territory: Territory) -> None:
    """Tell what is published of the place beside what the territory holds."""
    from jumeau.commands.terminal import width
    from jumeau.engine.territory import territory_yardsticks
    from jumeau.report.yardsticks import yardstick_lines

    lines = yardstick_lines(territory_yardsticks(territory), width())
    if lines:
        show("\n" + "\n".join(lines))


def _tell_check(territory: Territory, *, faults_only: bool = False) -> int:
    from jumeau.engine.territory import check_territory

    errors, warnings = check_territory(territory)
    for title, problems in ((_("errors: {count}"), errors), (_("warnings: {count}"), warnings)):
        if faults_only and problems is warnings:
            show(_("warnings: {count}; « jumeau territory check » tells them").format(count=len(problems)))
            continue
        show(title.format(count=len(problems)))
        for problem in problems:
            show(f"  - {problem}")
    return BAD_INPUT if errors else DONE


def _info(arguments: argparse.Namespace) -> int:
    from jumeau.territory.info import territory_info
    from jumeau.territory.storage import read_territory

    show(territory_info(read_territory(arguments.territory)))
    return DONE

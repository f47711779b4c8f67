"""`jumeau study`: works out something about a territory as it stands."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from jumeau.commands.parser import Commands, Names, assigned
from jumeau.commands.status import DONE
from jumeau.commands.terminal import write, write_files
from jumeau.i18n import _


def add(commands: Commands) -> None:
    """Add the command."""
    study = commands.add("study", _("work out something about a territory as it stands, without a scenario"), _study)
    study.add_argument(
        "study",
        choices=Names(_studies),
        metavar=_("STUDY"),
        help=_("what to work out: {choices}").format(choices="%(choices)s"),
    )
    study.add_argument("territory", help=_("GeoPackage, or bundled name"))
    study.add_argument("-o", "--output", type=Path, required=True, help=_("folder to write the tables in"))
    study.add_argument("--parameters", type=Path, help=_("YAML file: parameters of the study, factors of the network"))
    study.add_argument(
        "--set",
        action="append",
        type=assigned,
        default=[],
        metavar=_("KEY=VALUE"),
        help=_("one of them, such as « spacing=200 m »; may be given several times"),
    )


def _studies() -> Iterable[str]:
    from jumeau.engine.study import all_studies

    return all_studies()


def _study(arguments: argparse.Namespace) -> int:
    from jumeau.engine.study import run_study, write_study
    from jumeau.report.study import study_lines
    from jumeau.territory.storage import read_territory

    done = run_study(
        read_territory(arguments.territory), arguments.study, file=arguments.parameters, values=arguments.set
    )
    write([*study_lines(done), ""])
    write_files(write_study(done, arguments.output))
    return DONE

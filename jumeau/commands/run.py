"""`jumeau run` and `jumeau demo`: simulate a scenario, write what was found, say it within a screen."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.beside import Beside
from jumeau.commands.check import tell_warnings
from jumeau.commands.ending import tell_outcome
from jumeau.commands.parser import Commands, positive
from jumeau.commands.pictures import draw, pages
from jumeau.commands.report import report_path
from jumeau.commands.status import DONE, FAILED
from jumeau.engine.progress import CAMPAIGN, DRAWING, READING, REPORTING, TerminalProgress
from jumeau.i18n import LANGUAGES, _

if TYPE_CHECKING:
    from jumeau.engine.scenario import Scenario
    from jumeau.results import Results
    from jumeau.territory.model import Territory

DEMO_FOLDER = "jumeau-demo"


def add_demo(commands: Commands) -> None:
    """Add the demonstration."""
    demo = commands.add("demo", _("run the bundled town: table, report and 3D views"), _demo)
    demo.add_argument("-o", "--output", type=Path, default=Path(DEMO_FOLDER), help=_("folder of the results"))
    demo.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help=_("processes"))
    demo.set_defaults(scenario="demo", replications=None, resume=False, cluster=None)


def add(commands: Commands) -> None:
    """Add the command."""
    run = commands.add("run", _("run a scenario"), _run)
    run.add_argument("scenario", help=_("scenario file (YAML), or bundled name"))
    run.add_argument("-o", "--output", type=Path, required=True, help=_("folder of the results"))
    run.add_argument("--replications", type=positive, help=_("instead of the scenario's"))
    where = run.add_mutually_exclusive_group()
    where.add_argument("--workers", type=positive, help=_("processes of this machine"))
    where.add_argument(
        "--cluster",
        metavar=_("ADDRESS"),
        help=_("Dask cluster: tcp://HOST:8786, scheduler.json or local:N"),
    )
    run.add_argument("--resume", action="store_true", help=_("take up an interrupted run"))


def _demo(arguments: argparse.Namespace) -> int:
    folder = arguments.output
    with TerminalProgress((*CAMPAIGN, REPORTING, DRAWING)) as progress, ExitStack() as stack:
        progress.phase(READING)
        # Pictures and reports need each other for nothing: where there are several processes, they are made side by
        # side. Reports stay here, where what they are made of is in memory.
        beside = None
        if arguments.workers > 1:
            words = ("render", str(folder), "--lang", arguments.lang)
            beside = stack.enter_context(Beside(*words, ahead="jumeau.commands.pictures:load"))
        scenario, territory, results = _simulate(arguments, f"jumeau demo --lang {arguments.lang}", progress)
        reports = {lang: report_path(folder, lang, arguments.lang) for lang in LANGUAGES}
        if beside is not None:
            beside.begin()
        progress.phase(REPORTING)
        _write_reports(results, reports, territory)
        progress.phase(DRAWING)
        # What was killed on the way, or has something to say, is done again here.
        drawn = (beside is not None and beside.wait() == DONE) or _draw(folder)
    return _tell(scenario, results, arguments, reports, drawn=drawn)


def _draw(folder: Path) -> bool:
    from jumeau.engine.provenance import log_files

    written = draw(folder)
    log_files(folder, written)
    return bool(written)


def _run(arguments: argparse.Namespace) -> int:
    with TerminalProgress((*CAMPAIGN, REPORTING)) as progress:
        scenario, territory, results = _simulate(arguments, "", progress)
        reports = {arguments.lang: report_path(arguments.output, arguments.lang, arguments.lang)}
        progress.phase(REPORTING)
        _write_reports(results, reports, territory)
    return _tell(scenario, results, arguments, reports, drawn=False)


def _simulate(
    arguments: argparse.Namespace, command: str, progress: TerminalProgress
) -> tuple[Scenario, Territory, Results]:
    """Run the scenario that is asked for; return it with its territory, and what was found.

    Parameters
    ----------
    arguments : Namespace
    command : str
        Kept with the results; made of the arguments where it is empty.
    progress : TerminalProgress
    """
    progress.phase(READING)  # before the seconds that it takes to load what simulates
    from jumeau.engine.campaign import run
    from jumeau.engine.scenario import read_scenario
    from jumeau.territory.storage import read_territory

    scenario = read_scenario(arguments.scenario)
    territory = read_territory(scenario.territory_path())
    results = run(
        scenario,
        territory,
        folder=arguments.output,
        replications=arguments.replications,
        workers=1 if arguments.cluster is not None else arguments.workers or os.cpu_count() or 1,
        cluster=arguments.cluster,
        resume=arguments.resume,
        progress=progress,
        command=command or _command(scenario, arguments),
    )
    return scenario, territory, results


def _write_reports(results: Results, reports: Mapping[str, Path], territory: Territory) -> None:
    from jumeau.report.html import write_report

    for lang, path in reports.items():
        write_report(results, path, lang, territory=territory)


def _tell(
    scenario: Scenario,
    results: Results,
    arguments: argparse.Namespace,
    reports: Mapping[str, Path],
    *,
    drawn: bool,
) -> int:
    """Log the files, say what is odd, then the outcome; return the exit status."""
    from jumeau.engine.assumptions import unusual_assumptions
    from jumeau.engine.provenance import log_files
    from jumeau.report.html import annex_path

    folder, lang = arguments.output, arguments.lang
    log_files(folder, [file for path in reports.values() for file in (path, annex_path(path))])
    tell_warnings(unusual_assumptions(scenario))
    files = [reports[lang], *(pages(folder, lang) if drawn else [])]
    tell_outcome(results, folder, files)
    return FAILED if results.failures else DONE


def _command(scenario: Scenario, arguments: argparse.Namespace) -> str:
    """Return the command that does this run again, files by their names."""
    again = f"jumeau run {scenario.file.name} --lang {arguments.lang}"
    return again + (f" --replications {arguments.replications}" if arguments.replications else "")

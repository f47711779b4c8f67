"""`jumeau report`: the HTML report of a run, written again."""

from __future__ import annotations

import argparse
from pathlib import Path

from jumeau.commands.ending import tell_outcome
from jumeau.commands.parser import Commands, folder_word
from jumeau.commands.pictures import pages
from jumeau.commands.status import DONE
from jumeau.i18n import _


def add(commands: Commands) -> None:
    """Add the command."""
    report = commands.add("report", _("write the HTML report of a run again"), _report)
    folder_word(report)
    report.add_argument(
        "-o",
        "--output",
        type=Path,
        help=_("file to write; in the folder by default: « report.html », « report_en.html » beside a French one"),
    )


def _report(arguments: argparse.Namespace) -> int:
    from jumeau.engine.progress import LOADING, REPORTING, TerminalProgress
    from jumeau.engine.provenance import log_files
    from jumeau.report.html import annex_path, language_of, write_report
    from jumeau.results.storage import read_results

    folder = arguments.folder
    with TerminalProgress((LOADING, REPORTING)) as progress:
        progress.phase(LOADING)
        results = read_results(folder)
        # A report in another language stands beside the one that is there.
        main_lang = language_of(folder / "report.html") or arguments.lang
        progress.phase(REPORTING)
        path = arguments.output or report_path(folder, arguments.lang, main_lang)
        write_report(results, path, arguments.lang, folder=folder)
        log_files(folder, [path, annex_path(path)])
    tell_outcome(results, folder, [path, *pages(folder, arguments.lang)])
    return DONE


def report_path(folder: Path, lang: str, main_lang: str) -> Path:
    """Return the report's name: `report.html` in the language asked for, `report_<lang>.html` in another."""
    return folder / ("report.html" if lang == main_lang else f"report_{lang}.html")

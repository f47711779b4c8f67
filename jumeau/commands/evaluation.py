"""`jumeau evaluate`: values a finished run, or a project given by figures, over the years."""

from __future__ import annotations

import argparse
from pathlib import Path

from jumeau.commands.parser import Commands, later
from jumeau.commands.status import DONE
from jumeau.commands.terminal import width, write, write_files
from jumeau.i18n import _
from jumeau.redaction import show


def add(commands: Commands) -> None:
    """Add the command."""
    evaluate = commands.add("evaluate", _("value a finished run over the years, without simulating"), _evaluate)
    evaluate.add_argument("folder", type=Path, help=_("folder of the results, or file of a project given by figures"))
    evaluate.add_argument("--prices", type=Path, help=_("YAML file: other prices, horizon, rate, calendar, financing"))
    evaluate.add_argument("--horizon", help=_("years, instead of the scenario's"))
    # argparse formats its help texts: a percent sign that is one stands twice.
    evaluate.add_argument("--discount-rate", help=_("real yearly rate, such as « 2.5 % »").replace("%", "%%"))
    evaluate.add_argument(
        "-o", "--output", type=Path, help=_("file to write; « evaluation.json » in the folder by default")
    )
    evaluate.add_argument(
        "--later",
        action="append",
        type=later,
        default=[],
        metavar=_("YEAR=FOLDER"),
        help=_("run of the same scenario for a later year; may be given several times"),
    )
    evaluate.add_argument("--xlsx", type=Path, help=_("spreadsheet to write, with live formulas"))


def _evaluate(arguments: argparse.Namespace) -> int:
    return _evaluate_stated(arguments) if arguments.folder.is_file() else _evaluate_run(arguments)


def _evaluate_run(arguments: argparse.Namespace) -> int:
    from jumeau.evaluation import evaluate, write_evaluation
    from jumeau.evaluation.request import read_request
    from jumeau.evaluation.storage import FILE
    from jumeau.evaluation.workbook import write_workbook
    from jumeau.report.evaluation_table import evaluation_lines
    from jumeau.results.storage import read_results

    results = read_results(arguments.folder)
    changes = _changes(arguments)
    asked = read_request(arguments.prices, results, changes)
    found = evaluate(
        results,
        asked.block,
        prices=asked.prices,
        base_year=asked.base_year,
        folder=asked.folder,
        locate=asked.locate,
        later={year: read_results(folder) for year, folder in arguments.later},
    )
    written = [write_evaluation(found, arguments.output or arguments.folder / FILE)]
    write([*evaluation_lines(found, width()), ""])
    written += [write_workbook(found, arguments.xlsx)] if arguments.xlsx else []
    write_files(written)
    if arguments.prices or changes:
        show(_("The report of the run keeps the evaluation that its scenario asks for."))
    return DONE


def _changes(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the keys of the evaluation that the command line states."""
    changes: dict[str, object] = {"horizon": arguments.horizon} if arguments.horizon else {}
    if arguments.discount_rate:
        changes["reference"] = {"discount_rate": arguments.discount_rate}
    return changes


def _evaluate_stated(arguments: argparse.Namespace) -> int:
    from jumeau.evaluation.stated import evaluate_stated, write_stated
    from jumeau.evaluation.workbook import write_workbook
    from jumeau.report.evaluation_table import stated_lines

    found = evaluate_stated(arguments.folder, _changes(arguments))
    write(stated_lines(found, width()))
    written = [write_stated(found, arguments.output)] if arguments.output else []
    written += [write_workbook(found.evaluation, arguments.xlsx)] if arguments.xlsx else []
    if written:
        show()
        write_files(written)
    return DONE

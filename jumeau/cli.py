"""The command line: parses, calls, prints.

Exit status 0 done, 2 what was given cannot be used (a full disk, a read-only folder included), 130 interrupted (143 by
SIGTERM, 129 by SIGHUP), 1 anything else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.errors import InputError, Interrupted, JumeauError
from jumeau.files import refusal
from jumeau.i18n import DEFAULT_LANGUAGE, LANGUAGES, _, local, set_language
from jumeau.redaction import show as print  # noqa: A004 - whatever is printed here holds names of files and features
from jumeau.signals import stoppable

if TYPE_CHECKING:
    from jumeau.engine.scenario import Scenario
    from jumeau.errors import Problem
    from jumeau.territory.model import Territory

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

DEMO_FOLDER = "jumeau-demo"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the program's name; the process's own by default.

    Returns
    -------
    int
        Exit status.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    set_language(_wanted_language(words))
    arguments = _parser().parse_args(words)
    set_language(arguments.lang)
    action: Callable[[argparse.Namespace], int] = arguments.action
    with stoppable() as stop:
        status = _status_of(action, arguments)
    return stop.status(INTERRUPTED) if status == INTERRUPTED else status


def _status_of(action: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Do what is asked; tell of whatever stops it, and return the exit status."""
    try:
        status = action(arguments)
        sys.stdout.flush()  # here a full disk can be told of
    except InputError as error:
        print(_("error: {message}").format(message=error), file=sys.stderr)
        return BAD_INPUT
    except (Interrupted, KeyboardInterrupt) as error:
        print("\n" + (str(error) or _("interrupted")), file=sys.stderr)
        return INTERRUPTED
    except JumeauError as error:
        print(_("error: {message}").format(message=error), file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader of our output left (`jumeau … | head`): nothing to tell it.
        _mute()
        return DONE
    except OSError as error:
        where = error.filename if error.filename is not None else _("standard output")
        print(_("error: {message}").format(message=refusal(error, str(where))), file=sys.stderr)
        _mute()
        return BAD_INPUT
    return status


def _mute() -> None:
    """Let what is still held back for standard output go nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _wanted_language(words: Sequence[str]) -> str:
    """Return the language asked for, before the parser exists (its help is translated too)."""
    for place, word in enumerate(words):
        if word == "--lang" and place + 1 < len(words) and words[place + 1] in LANGUAGES:
            return words[place + 1]
        if word.startswith("--lang=") and word[7:] in LANGUAGES:
            return word[7:]
    asked = os.environ.get("JUMEAU_LANG", DEFAULT_LANGUAGE)
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE


class _Parser(argparse.ArgumentParser):
    """A parser whose own words are in the catalogue too."""

    def format_help(self) -> str:
        text = super().format_help()
        for word in ("usage:", "positional arguments:", "options:", "show this help message and exit"):
            text = text.replace(word, _(word))
        return text

    def format_usage(self) -> str:
        return super().format_usage().replace("usage:", _("usage:"))

    def error(self, message: str) -> None:  # type: ignore[override]
        for word in (
            "the following arguments are required:",
            "unrecognized arguments:",
            "invalid choice:",
            "invalid int value:",
            "expected one argument",
            "(choose from",
            "argument ",
        ):
            message = message.replace(word, _(word))
        self.print_usage(sys.stderr)
        print(_("error: {message}").format(message=message), file=sys.stderr)
        sys.exit(BAD_INPUT)


class _Names:
    """Names that networks announce; they are only loaded where the names are asked for."""

    def __init__(self, read: Callable[[], Iterable[str]]) -> None:
        self.read = read

    def __iter__(self) -> Iterator[str]:
        return iter(self.read())

    def __contains__(self, name: object) -> bool:
        return name in list(self)


def _writable_formats() -> Iterable[str]:
    from jumeau.engine.territory import writable_formats

    return writable_formats()


def _studies() -> Iterable[str]:
    from jumeau.engine.study import all_studies

    return all_studies()


def _parser() -> _Parser:
    from jumeau import __version__

    parser = _Parser(prog="jumeau", description=_("Digital twin and scenario engine for territories."))
    parser.add_argument("--version", action="version", version=f"jumeau {__version__}", help=_("print the version"))
    common = _Parser(add_help=False)
    common.add_argument(
        "--lang",
        choices=LANGUAGES,
        default=_wanted_language([]),
        help=_("language of what is printed and written"),
    )
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True, parser_class=_Parser)

    def command(name: str, text: str, action: Callable[[argparse.Namespace], int]) -> _Parser:
        made = commands.add_parser(name, help=text, description=text, parents=[common])
        made.set_defaults(action=action)
        return made

    demo = command("demo", _("run the bundled town: table, report and 3D views"), _demo)
    demo.add_argument("-o", "--output", type=Path, default=Path(DEMO_FOLDER), help=_("folder of the results"))
    demo.add_argument("--workers", type=_positive, default=os.cpu_count() or 1, help=_("processes"))

    _territory_words(commands, common)
    check = command("check", _("check a scenario and print its plan, without running it"), _check)
    check.add_argument("scenario", help=_("scenario file (YAML), or bundled name"))
    run = command("run", _("run a scenario"), _run)
    run.add_argument("scenario", help=_("scenario file (YAML), or bundled name"))
    run.add_argument("-o", "--output", type=Path, required=True, help=_("folder of the results"))
    run.add_argument("--replications", type=_positive, help=_("instead of the scenario's"))
    run.add_argument("--workers", type=_positive, default=os.cpu_count() or 1, help=_("processes"))
    run.add_argument("--resume", action="store_true", help=_("take up an interrupted run"))
    report = command("report", _("write the HTML report of a run again"), _report)
    report.add_argument("folder", type=Path, help=_("folder of the results"))
    report.add_argument(
        "-o",
        "--output",
        type=Path,
        help=_("file to write; in the folder by default: « report.html », « report_en.html » beside a French one"),
    )
    _study_words(command)
    _evaluate_words(command)
    _portfolio_words(command)
    _register_words(command)
    render = command("render", _("make the 3D pictures and pages of a run, and its map for QGIS"), _render)
    render.add_argument("folder", type=Path, help=_("folder of the results"))
    render.add_argument("--gltf", action="store_true", help=_("write the 3D scene as glTF too: « 3d/town.glb »"))
    render.add_argument("--tiles", action="store_true", help=_("write OGC 3D Tiles too: « 3d/tiles/tileset.json »"))
    schema = command("schema", _("print the JSON Schema of scenarios and other files, for editors"), _schema)
    schema.add_argument(
        "kind",
        nargs="?",
        choices=("scenario", "territory", "project", "portfolio"),
        default="scenario",
        help=_("kind of file: scenario (by default), territory, project given by figures, portfolio"),
    )
    schema.add_argument("-o", "--output", type=Path, help=_("file to write instead of printing"))
    return parser


def _territory_words(commands: argparse._SubParsersAction[_Parser], common: _Parser) -> None:
    territory = commands.add_parser("territory", help=_("build, check or describe a territory"))
    actions = territory.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True, parser_class=_Parser)
    build = actions.add_parser("build", help=_("build a territory from open data"), parents=[common])
    build.add_argument("file", type=Path, help=_("territory file (YAML)"))
    build.add_argument("-o", "--output", type=Path, help=_("GeoPackage to write; beside the file by default"))
    build.add_argument("--no-synthesis", action="store_true", help=_("keep missing layers and values missing"))
    build.add_argument("--seed", type=int, default=2025, help=_("seed of what is synthesised or imputed"))
    build.set_defaults(action=_territory_build)
    export = actions.add_parser("export", help=_("write a network in another format"), parents=[common])
    export.add_argument("territory", help=_("GeoPackage, or bundled name"))
    export.add_argument(
        "--format",
        choices=_Names(_writable_formats),
        metavar=_("FORMAT"),
        required=True,
        help=_("format to write: {choices}").format(choices="%(choices)s"),
    )
    export.add_argument("-o", "--output", type=Path, required=True, help=_("file or folder to write"))
    export.set_defaults(action=_territory_export)
    check = actions.add_parser("check", help=_("tell what is wrong, with feature ids"), parents=[common])
    check.add_argument("territory", help=_("GeoPackage, or bundled name"))
    check.set_defaults(action=_territory_check)
    info = actions.add_parser("info", help=_("tell what is there and how much is real"), parents=[common])
    info.add_argument("territory", help=_("GeoPackage, or bundled name"))
    info.set_defaults(action=_territory_info)


def _study_words(command: Callable[[str, str, Callable[[argparse.Namespace], int]], _Parser]) -> None:
    study = command("study", _("work out something about a territory as it stands, without a scenario"), _study)
    study.add_argument(
        "study",
        choices=_Names(_studies),
        metavar=_("STUDY"),
        help=_("what to work out: {choices}").format(choices="%(choices)s"),
    )
    study.add_argument("territory", help=_("GeoPackage, or bundled name"))
    study.add_argument("-o", "--output", type=Path, required=True, help=_("folder to write the tables in"))
    study.add_argument("--parameters", type=Path, help=_("YAML file: parameters of the study, factors of the network"))
    study.add_argument(
        "--set",
        action="append",
        type=_assigned,
        default=[],
        metavar=_("KEY=VALUE"),
        help=_("one of them, such as « spacing=200 m »; may be given several times"),
    )


def _assigned(text: str) -> tuple[str, str]:
    """Read `spacing=200 m`."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(_("write « KEY=VALUE »"))
    return key.strip(), value.strip()


def _evaluate_words(command: Callable[[str, str, Callable[[argparse.Namespace], int]], _Parser]) -> None:
    evaluate = command("evaluate", _("value a finished run over the years, without simulating"), _evaluate)
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
        type=_later,
        default=[],
        metavar=_("YEAR=FOLDER"),
        help=_("run of the same scenario for a later year; may be given several times"),
    )
    evaluate.add_argument("--xlsx", type=Path, help=_("spreadsheet to write, with live formulas"))


def _later(text: str) -> tuple[int, Path]:
    """Read `2035=FOLDER`."""
    year, equals, folder = text.partition("=")
    if not equals or not year.strip().isdecimal():
        raise argparse.ArgumentTypeError(_("write « 2035=FOLDER »"))
    return int(year), Path(folder)


def _portfolio_words(command: Callable[[str, str, Callable[[argparse.Namespace], int]], _Parser]) -> None:
    portfolio = command("portfolio", _("choose projects under yearly budgets"), _portfolio)
    portfolio.add_argument("file", type=Path, help=_("portfolio file (YAML)"))
    portfolio.add_argument("-o", "--output", type=Path, help=_("folder to write the plan in"))


def _register_words(command: Callable[[str, str, Callable[[argparse.Namespace], int]], _Parser]) -> None:
    register = command("register", _("write the register of sensors and the public notice sheets of a run"), _register)
    register.add_argument("folder", type=Path, help=_("folder of the results"))
    register.add_argument(
        "-o", "--output", type=Path, help=_("folder to write in; « register » in the folder by default")
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(_("must be at least 1"))
    return value


def _demo(arguments: argparse.Namespace) -> int:
    from jumeau.engine.scenario import read_scenario

    return _run_scenario(read_scenario("demo"), arguments.output, arguments, pictures=True)


def _run(arguments: argparse.Namespace) -> int:
    from jumeau.engine.scenario import read_scenario

    return _run_scenario(read_scenario(arguments.scenario), arguments.output, arguments, pictures=False)


def _run_scenario(scenario: object, output: Path, arguments: argparse.Namespace, *, pictures: bool) -> int:
    from jumeau.engine.assumptions import unusual_assumptions
    from jumeau.engine.campaign import run
    from jumeau.engine.progress import TerminalProgress
    from jumeau.engine.scenario import Scenario
    from jumeau.report.html import write_report
    from jumeau.report.table import comparison_table

    if not isinstance(scenario, Scenario):
        raise TypeError("a Scenario is wanted")
    results = run(
        scenario,
        folder=output,
        replications=getattr(arguments, "replications", None),
        workers=arguments.workers,
        resume=getattr(arguments, "resume", False),
        progress=TerminalProgress(),
        command=_command(scenario, arguments, pictures=pictures),
    )
    _print_warnings(unusual_assumptions(scenario))
    print(comparison_table(results, shutil.get_terminal_size((80, 25)).columns))
    written = [output / name for name in ("summary.json", "evaluation.json", "results.nc", "assets.gpkg")]
    # Both languages in a demonstration; the one asked for otherwise.
    languages = LANGUAGES if pictures else (arguments.lang,)
    reports = {lang: report_path(output, lang, arguments.lang) for lang in languages}
    if pictures and arguments.workers > 1:
        # Reports and pictures need each other for nothing.
        beside = [_beside("report", str(output), "-o", str(path), "--lang", lang) for lang, path in reports.items()]
        drawn = _pictures(output)
        for (lang, path), process in zip(reports.items(), beside, strict=True):
            # What was killed on the way is done again here.
            written.append(path if process.wait() == DONE else write_report(results, path, lang))
        written += drawn
    else:
        written += [write_report(results, path, lang) for lang, path in reports.items()]
        written += _pictures(output) if pictures else []
    print("\n" + _("Written:"))
    for path in written:
        print(f"  {path}")
    return FAILED if results.failures else DONE


def _command(scenario: Scenario, arguments: argparse.Namespace, *, pictures: bool) -> str:
    """Return the command that does this run again, files by their names."""
    if pictures:
        return f"jumeau demo --lang {arguments.lang}"
    again = f"jumeau run {scenario.file.name} --lang {arguments.lang}"
    return again + (f" --replications {arguments.replications}" if arguments.replications else "")


def _beside(*words: str) -> subprocess.Popen[bytes]:
    """Start a command beside this one, which it does not outlive: it leaves when its standard input ends."""
    code = (
        "import os, sys, threading\n"
        "threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(1)), daemon=True).start()\n"
        "from jumeau.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=quiet,
        stderr=quiet,
    )


def report_path(folder: Path, lang: str, main_lang: str) -> Path:
    """Return the report's name: `report.html` in the language asked for, `report_<lang>.html` in another."""
    return folder / ("report.html" if lang == main_lang else f"report_{lang}.html")


def _pictures(folder: Path, *, gltf: bool = False, tiles: bool = False) -> list[Path]:
    try:
        from jumeau_viz import render
    except ImportError as error:
        print(
            _("no 3D views: {error}. Install them with « pip install 'jumeau[viz]' ».").format(error=error),
            file=sys.stderr,
        )
        return []
    return list(render(folder, gltf=gltf, tiles=tiles))


def _territory_build(arguments: argparse.Namespace) -> int:
    from jumeau.engine.territory import build_territory
    from jumeau.territory.storage import write_territory

    territory, report = build_territory(arguments.file, synthesise=not arguments.no_synthesis, seed=arguments.seed)
    if str(report):
        print(report, end="\n\n")
    status = _print_check(territory, faults_only=True)
    if status == DONE:
        output = arguments.output or arguments.file.with_name(f"{territory.name}.gpkg")
        print("\n" + _("Written:") + f"\n  {write_territory(territory, output)}")
    return status


def _territory_export(arguments: argparse.Namespace) -> int:
    from jumeau.engine.territory import export_territory
    from jumeau.territory.storage import read_territory

    written = export_territory(read_territory(arguments.territory), arguments.format, arguments.output)
    print(_("Written:"))
    for path in written:
        print(f"  {path}")
    return DONE


def _territory_check(arguments: argparse.Namespace) -> int:
    from jumeau.territory.storage import read_territory

    return _print_check(read_territory(arguments.territory))


def _print_check(territory: Territory, *, faults_only: bool = False) -> int:
    from jumeau.engine.territory import check_territory

    errors, warnings = check_territory(territory)
    for title, problems in ((_("errors: {count}"), errors), (_("warnings: {count}"), warnings)):
        if faults_only and problems is warnings:
            print(_("warnings: {count}; « jumeau territory check » tells them").format(count=len(problems)))
            continue
        print(title.format(count=len(problems)))
        for problem in problems:
            print(f"  - {problem}")
    return BAD_INPUT if errors else DONE


def _territory_info(arguments: argparse.Namespace) -> int:
    from jumeau.territory.info import territory_info
    from jumeau.territory.storage import read_territory

    print(territory_info(read_territory(arguments.territory)))
    return DONE


def _study(arguments: argparse.Namespace) -> int:
    from jumeau.engine.study import run_study, write_study
    from jumeau.report.study import study_lines
    from jumeau.territory.storage import read_territory

    done = run_study(
        read_territory(arguments.territory), arguments.study, file=arguments.parameters, values=arguments.set
    )
    print("\n".join(study_lines(done)))
    files = write_study(done, arguments.output)
    print("\n" + _("Written:"))
    for path in files:
        print(f"  {path}")
    return DONE


def _check(arguments: argparse.Namespace) -> int:
    from jumeau.engine.ready import make_ready
    from jumeau.engine.scenario import read_scenario

    ready = make_ready(read_scenario(arguments.scenario))
    scenario, territory = ready.scenario, ready.territory
    print(_("scenario « {name} »: {title}").format(name=scenario.data.name, title=local(scenario.data.title)))
    print(_("territory « {name} », {start} to {end}").format(
        name=territory.name, start=scenario.data.period.start, end=scenario.data.period.end
    ))  # fmt: skip
    for situation in ready.situations:
        print(f"\n[{situation.name}] {local(situation.title)}")
        for label, count in situation.measures:
            print(f"  · {_(label)} [{count}]")
        for change in situation.log:
            print(f"    {change}")
    print("\n" + _("{count} draws of uncertain assumptions").format(count=len(ready.draws)))
    _print_warnings(ready.warnings)
    print(_("The scenario can be run."))
    return DONE


def _print_warnings(warnings: Sequence[Problem]) -> None:
    if warnings:
        print(_("warnings: {count}").format(count=len(warnings)), file=sys.stderr)
    for problem in warnings:
        print(f"  - {problem}", file=sys.stderr)


def _report(arguments: argparse.Namespace) -> int:
    from jumeau.report.html import language_of, write_report
    from jumeau.results.storage import read_results

    results = read_results(arguments.folder)
    # A report in another language stands beside the one that is there.
    main_lang = language_of(arguments.folder / "report.html") or arguments.lang
    path = arguments.output or report_path(arguments.folder, arguments.lang, main_lang)
    print(write_report(results, path, arguments.lang))
    return DONE


def _evaluate(arguments: argparse.Namespace) -> int:
    if arguments.folder.is_file():
        return _evaluate_stated(arguments)
    from jumeau.evaluation import evaluate, write_evaluation
    from jumeau.evaluation.request import read_request
    from jumeau.evaluation.storage import FILE
    from jumeau.evaluation.workbook import write_workbook
    from jumeau.report.evaluation_table import evaluation_lines
    from jumeau.results.storage import read_results

    results = read_results(arguments.folder)
    changes = _evaluation_changes(arguments)
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
    path = write_evaluation(found, arguments.output or arguments.folder / FILE)
    print("\n".join(evaluation_lines(found, shutil.get_terminal_size((80, 25)).columns)) + "\n")
    print(_("Written:") + f"\n  {path}")
    if arguments.xlsx:
        print(f"  {write_workbook(found, arguments.xlsx)}")
    if arguments.prices or changes:
        print(_("The report of the run keeps the evaluation that its scenario asks for."))
    return DONE


def _evaluation_changes(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the keys of the evaluation that the command line states."""
    changes: dict[str, object] = {"horizon": arguments.horizon} if arguments.horizon else {}
    if arguments.discount_rate:
        changes["reference"] = {"discount_rate": arguments.discount_rate}
    return changes


def _evaluate_stated(arguments: argparse.Namespace) -> int:
    from jumeau.evaluation.stated import evaluate_stated, write_stated
    from jumeau.evaluation.workbook import write_workbook
    from jumeau.report.evaluation_table import stated_lines

    found = evaluate_stated(arguments.folder, _evaluation_changes(arguments))
    print("\n".join(stated_lines(found, shutil.get_terminal_size((80, 25)).columns)))
    if arguments.output or arguments.xlsx:
        print("\n" + _("Written:"))
    if arguments.output:
        print(f"  {write_stated(found, arguments.output)}")
    if arguments.xlsx:
        print(f"  {write_workbook(found.evaluation, arguments.xlsx)}")
    return DONE


def _portfolio(arguments: argparse.Namespace) -> int:
    from jumeau.evaluation.portfolio_file import read_portfolio
    from jumeau.report.portfolio import Solved, portfolio_lines, write_portfolio

    solved = Solved(read_portfolio(arguments.file))
    print("\n".join(portfolio_lines(solved, shutil.get_terminal_size((80, 25)).columns)))
    if arguments.output:
        print("\n" + _("Written:"))
        for path in write_portfolio(solved, arguments.output):
            print(f"  {path}")
    return DONE


def _register(arguments: argparse.Namespace) -> int:
    from jumeau.report.register import write_register
    from jumeau.results.storage import read_results

    written = write_register(read_results(arguments.folder), arguments.output or arguments.folder / "register")
    if len(written) == 1:
        print(_("No variant installs anything that observes."))
    print(_("Written:"))
    for path in written:
        print(f"  {path}")
    return DONE


def _render(arguments: argparse.Namespace) -> int:
    from jumeau.results.storage import read_results

    read_results(arguments.folder)  # a clear message where the folder holds no run
    written = _pictures(arguments.folder, gltf=arguments.gltf, tiles=arguments.tiles)
    for path in written:
        print(path)
    return DONE if written else FAILED


def _schema(arguments: argparse.Namespace) -> int:
    from jumeau.engine.schema import json_schema
    from jumeau.files import write_text

    text = json.dumps(json_schema(arguments.kind), ensure_ascii=False, indent=1) + "\n"
    if arguments.output is None:
        print(text, end="")
    else:
        print(write_text(arguments.output, text))
    return DONE


if __name__ == "__main__":
    sys.exit(main())

"""`jumeau size`: how many devices, where, for what benefit, how sure."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jumeau.commands import size_gateways
from jumeau.commands.parser import Commands, assigned
from jumeau.commands.status import DONE
from jumeau.commands.terminal import write, write_files
from jumeau.errors import InputError, Problem
from jumeau.i18n import _

#: Most time for the exact choice, then for the curve, where nothing is said [s].
SECONDS = 10.0

#: Words that only devices know, not gateways.
OF_DEVICES = ("impact", "count", "budget", "scenario", "parameters", "set")


def add(commands: Commands) -> None:
    """Add the command."""
    size = commands.add("size", _("say how many devices to install, and where, for what benefit"), _size)
    size.add_argument("what", nargs="?", metavar=_("WHAT"), help=_("what to size, such as « loggers »"))
    size.add_argument("--territory", help=_("GeoPackage, or bundled name"))
    size.add_argument("--impact", type=Path, help=_("file of impacts of WST or TEVA-SPOT, instead of a territory"))
    size.add_argument("--run", type=Path, help=_("folder of a run: hold its scenario's promise against it"))
    size.add_argument("--count", type=int, help=_("most devices"))
    size.add_argument("--budget", help=_("most money, such as « 60 kEUR »"))
    size.add_argument("--target", help=_("benefit to reach for the least money, or a share such as « 60 %% »"))
    size.add_argument("--scenario", help=_("scenario whose baseline is the situation before"))
    size.add_argument(
        "--parameters", type=Path, help=_("YAML file: parameters of what is sized, factors of the network")
    )
    size.add_argument(
        "--set",
        action="append",
        type=assigned,
        default=[],
        metavar=_("KEY=VALUE"),
        help=_("one of them, such as « threshold=0.2 m »; may be given several times"),
    )
    size.add_argument("--seconds", type=float, help=_("most time for the exact choice, then for the curve"))
    size.add_argument("--json", type=Path, metavar=_("FILE"), help=_("write the whole answer"))
    size.add_argument("-o", "--output", type=Path, help=_("folder for the sites, the map and the scenario to run"))
    size_gateways.add_words(size)


def _size(arguments: argparse.Namespace) -> int:
    if arguments.run is not None:
        return _held_against(arguments.run)
    gateways = arguments.what == size_gateways.WHAT
    _refuse(arguments, OF_DEVICES if gateways else size_gateways.WORDS)
    if gateways:
        return size_gateways.run(arguments)
    if arguments.seconds is None:
        arguments.seconds = SECONDS
    if arguments.impact is not None:
        return _impact(arguments)
    if arguments.what is None or arguments.territory is None:
        from jumeau.sizing.territory import all_sizings

        found = {name: _(item.label) for name, (_network, item) in all_sizings().items()}
        found[size_gateways.WHAT] = _("radio gateways")
        names = ", ".join(f"{name} ({label})" for name, label in found.items())
        raise InputError(
            Problem(
                _("say what to size, on which territory; what can be sized: {names}").format(names=names),
                hint="jumeau size loggers --territory bourg_exemple --count 60",
            )
        )
    from jumeau.engine.starter import place_of
    from jumeau.report.sizing import sized_lines
    from jumeau.results.storage import write_json
    from jumeau.sizing.files import write_sized
    from jumeau.sizing.limits import limit_of
    from jumeau.sizing.record import sized_record
    from jumeau.sizing.territory import found_sizing, size_territory
    from jumeau.territory.storage import read_territory

    found_sizing(arguments.what)
    limit = limit_of(arguments.count, arguments.budget, arguments.target)
    sized = size_territory(
        read_territory(arguments.territory),
        arguments.what,
        limit,
        place=place_of(arguments.territory, Path("size.yaml")),
        scenario=arguments.scenario,
        file=arguments.parameters,
        values=arguments.set,
        seconds=arguments.seconds,
        progress=_say,
    )
    write(sized_lines(sized))
    written = []
    if arguments.json is not None:
        written.append(write_json(sized_record(sized), arguments.json))
    if arguments.output is not None:
        place = place_of(arguments.territory, arguments.output / "scenario.yaml")
        written += write_sized(sized, arguments.output, place)
    if written:
        write_files(written)
    return DONE


def _refuse(arguments: argparse.Namespace, words: Sequence[str]) -> None:
    """Refuse the words of another thing to size: whoever writes them expects that they count."""
    given = [word for word in words if getattr(arguments, word) not in (None, [], False)]
    if given:
        written = ", ".join(f"--{word}" for word in given)
        what = arguments.what or "--impact"
        raise InputError(Problem(_("{words}: no word of « jumeau size {what} »").format(words=written, what=what)))


def _impact(arguments: argparse.Namespace) -> int:
    from jumeau.files import write_text
    from jumeau.report.sizing import solution_lines
    from jumeau.results.storage import write_json
    from jumeau.sizing.files import sites_table
    from jumeau.sizing.impact_file import read_impact
    from jumeau.sizing.limits import limit_of
    from jumeau.sizing.record import impact_record
    from jumeau.sizing.solve import solve

    problem = read_impact(arguments.impact)
    limit = limit_of(arguments.count, arguments.budget, arguments.target)(problem)
    solution = solve(problem, limit, seconds=arguments.seconds, curve_seconds=arguments.seconds, progress=_say)
    write(solution_lines(solution, arguments.impact.name))
    written = []
    record = impact_record(solution, arguments.impact.name)
    if arguments.json is not None:
        written.append(write_json(record, arguments.json))
    if arguments.output is not None:
        written.append(write_json(record, arguments.output / "size.json"))
        table = sites_table(solution).drop(columns=["x", "y"])
        written.append(write_text(arguments.output / "sites.csv", table.to_csv(index=False, lineterminator="\n")))
    if written:
        write_files(written)
    return DONE


def _held_against(folder: Path) -> int:
    from jumeau.report.sizing import promise_lines
    from jumeau.results.storage import read_results
    from jumeau.sizing.promise import kept_promises

    write(promise_lines(kept_promises(read_results(folder))))
    return DONE


def _say(text: str) -> None:
    """Tell what is being done, to people only."""
    if sys.stderr.isatty():
        from jumeau.redaction import show

        show(f"… {text}", file=sys.stderr)

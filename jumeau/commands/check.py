"""`jumeau check`: what a scenario would run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.i18n import _, format_number, local
from jumeau.redaction import show

if TYPE_CHECKING:
    from jumeau.engine.ready import Ready
    from jumeau.errors import Problem


def add(commands: Commands) -> None:
    """Add the command."""
    check = commands.add("check", _("check a scenario and print its plan, without running it"), _check)
    check.add_argument("scenario", help=_("scenario file (YAML), or bundled name"))


def _check(arguments: argparse.Namespace) -> int:
    from jumeau.engine.ready import make_ready
    from jumeau.engine.scenario import read_scenario

    ready = make_ready(read_scenario(arguments.scenario))
    scenario, territory = ready.scenario, ready.territory
    show(_("scenario « {name} »: {title}").format(name=scenario.data.name, title=local(scenario.data.title)))
    show(_("territory « {name} », {start} to {end}").format(
        name=territory.name, start=scenario.data.period.start, end=scenario.data.period.end
    ))  # fmt: skip
    for situation in ready.situations:
        show(f"\n[{situation.name}] {local(situation.title)}")
        for label, count in situation.measures:
            show(f"  · {_(label)} [{count}]")
        for change in situation.log:
            show(f"    {change}")
    show("\n" + _("{count} draws of uncertain assumptions").format(count=len(ready.draws)))
    for line in plan_lines(ready):
        show(line)
    tell_warnings(ready.warnings)
    show(_("The scenario can be run."))
    return DONE


def plan_lines(ready: Ready) -> Iterator[str]:
    """Yield how many runs there will be, then how long they take, from one run that is timed and thrown away."""
    from jumeau.engine.estimate import run_counts, timed

    counts = run_counts(ready)
    fewest, most = (format_number(count) for count in counts)
    yield (
        _("runs: {count}").format(count=fewest)
        if counts[0] == counts[1]
        else _("runs: {fewest}, up to {most}").format(fewest=fewest, most=most)
    )
    if ready.swept is None:
        return
    processes = os.cpu_count() or 1
    low, high = (_duration(value) for value in timed(ready, counts, processes))
    text = _("expected time: {low}, up to {high} ({processes} processes)")
    if low == high:
        text = _("expected time: {low} ({processes} processes)")
    yield text.format(low=low, high=high, processes=format_number(processes))


def _duration(seconds: float) -> str:
    """Return a duration as rough as it is known."""
    if seconds < 90:
        return f"{format_number(max(round(seconds, -1), 10))}\N{NO-BREAK SPACE}s"
    if seconds < 5400:
        return f"{format_number(round(seconds / 60))}\N{NO-BREAK SPACE}min"
    return f"{format_number(seconds / 3600, 1)}\N{NO-BREAK SPACE}h"


def tell_warnings(warnings: Sequence[Problem]) -> None:
    """Tell what is odd and stands all the same, on standard error."""
    if warnings:
        show(_("warnings: {count}").format(count=len(warnings)), file=sys.stderr)
    for problem in warnings:
        show(f"  - {problem}", file=sys.stderr)

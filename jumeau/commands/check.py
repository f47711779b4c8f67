"""`jumeau check`: what a scenario would run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.i18n import _, local
from jumeau.redaction import show

if TYPE_CHECKING:
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
    tell_warnings(ready.warnings)
    show(_("The scenario can be run."))
    return DONE


def tell_warnings(warnings: Sequence[Problem]) -> None:
    """Tell what is odd and stands all the same, on standard error."""
    if warnings:
        show(_("warnings: {count}").format(count=len(warnings)), file=sys.stderr)
    for problem in warnings:
        show(f"  - {problem}", file=sys.stderr)

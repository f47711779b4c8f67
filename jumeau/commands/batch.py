"""`jumeau batch`: one scenario on many territories, one table and one map of them."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.ending import PROMPT
from jumeau.commands.parser import Commands, positive
from jumeau.commands.pictures import raise_ours
from jumeau.commands.status import DONE, FAILED
from jumeau.commands.terminal import LINES, width, write
from jumeau.engine.progress import READING, TerminalProgress
from jumeau.i18n import _
from jumeau.redaction import visible

if TYPE_CHECKING:
    from jumeau.batches.model import Batch


def add(commands: Commands) -> None:
    """Add the command."""
    batch = commands.add("batch", _("run one scenario on many territories: one table, one map"), _batch)
    batch.add_argument(
        "list", type=Path, help=_("table of territories (CSV, .xlsx): name, territory, what each changes")
    )
    batch.add_argument("--scenario", required=True, help=_("template: a scenario, whose territory is replaced"))
    batch.add_argument("-o", "--output", type=Path, required=True, help=_("folder; each territory has one in it"))
    batch.add_argument(
        "--workers", type=positive, default=os.cpu_count() or 1, help=_("territories at once, a process each")
    )
    batch.add_argument(
        "--resume", action="store_true", help=_("leave what is finished and unchanged, take up what was cut")
    )
    batch.add_argument("--reports", action="store_true", help=_("write the report of each territory too"))


def _style(found: Batch) -> None:
    """Let QGIS open the map as the page shows it, where what draws is installed."""
    from jumeau.batches.writing import MAP

    try:
        from jumeau_viz.qgis.batches import style_batch
    except ModuleNotFoundError as error:
        raise_ours(error)
        return
    if (found.folder / MAP).is_file():
        style_batch(found)


def _batch(arguments: argparse.Namespace) -> int:
    with TerminalProgress((READING,)) as progress:
        progress.phase(READING)  # before the seconds that it takes to load what simulates
        from jumeau.batches.api import PHASES, batch
        from jumeau.batches.words import batch_lines

        progress.plan(PHASES)
        found = batch(
            arguments.list,
            arguments.scenario,
            arguments.output,
            workers=arguments.workers,
            resume=arguments.resume,
            reports=arguments.reports,
            progress=progress,
        )
        _style(found)
    write(visible(line, lines=False) for line in batch_lines(found, width(), LINES - PROMPT))
    return FAILED if found.quarantine else DONE

"""What a command says at the end of a run: the four figures, where to read on, within a screen."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.terminal import LINES, width, write, write_figures
from jumeau.i18n import _
from jumeau.redaction import visible

if TYPE_CHECKING:
    from jumeau.results.summary import Findings

#: The shell's own line is to stand below without pushing the first one out.
PROMPT = 1


def tell_outcome(findings: Findings, folder: Path, files: Iterable[Path] = ()) -> None:
    """Print the four figures of a run, then where its report, its 3D page and its folder are.

    Parameters
    ----------
    findings : Findings
    folder : Path
        Of the run.
    files : iterable of Path
        Report and 3D page, as far as they are there.
    """
    from jumeau.report.cells import columns
    from jumeau.report.outcome import outcome_lines
    from jumeau.report.sweep import sweep_lines
    from jumeau.report.yardsticks import yardstick_lines

    room, told = width(), findings.curve
    curve = ["", *(visible(line, lines=False) for line in sweep_lines(told, room)), ""] if told else []
    findings = findings.shown()
    published = [visible(line, lines=False) for line in yardstick_lines(findings.published, room)]
    tail = [
        *curve,
        *(["", *published, ""] if published else []),
        *_further(findings, folder, room),
        *where(folder, files),
    ]
    # A path is never cut, so that it can be copied: a long one takes several lines.
    taken = sum(math.ceil(columns(line) / room) for line in tail)
    write_figures(outcome_lines(findings, room, LINES - PROMPT - taken))
    write(tail)


def where(folder: Path, files: Iterable[Path]) -> list[str]:
    """Return where report, 3D page and folder are."""
    lines = []
    for file in files:
        page = file.parent != folder and file.parent.name == "3d"
        lines.append((_("3D page: {path}") if page else _("Report: {path}")).format(path=file))
    return [visible(line, lines=False) for line in [*lines, _("Folder: {path}").format(path=folder)]]


def _further(findings: Findings, folder: Path, room: int) -> list[str]:
    """Return the commands that tell more, ready to be typed."""
    from jumeau.report.cells import columns

    name = shlex.quote(str(folder))
    head, options = _("More: jumeau show {folder}").format(folder=name), _("[--variant NAME] [--network NAME] [--all]")
    lines = [f"{head} {options}"] if columns(f"{head} {options}") <= room else [head, f"  {options}"]
    if findings.sample_count:
        lines.append(_("Over the years: jumeau evaluate {folder}").format(folder=name))
    return [visible(line, lines=False) for line in lines]

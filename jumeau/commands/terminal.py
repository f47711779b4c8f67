"""What is printed: at the terminal's width, harmless to it, in colour where it takes some."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from jumeau.i18n import _
from jumeau.redaction import show, visible

#: Lines and columns of the smallest terminal that is in use: what is decided on is to be seen at a glance there.
LINES, COLUMNS = 24, 80


def width() -> int:
    """Return the number of columns of the terminal, 80 where none is known."""
    return shutil.get_terminal_size((COLUMNS, LINES)).columns


def takes_colours(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that takes colours, of a person who wants them (see no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in ("", "dumb")


def write_figures(lines: Iterable[str]) -> None:
    """Print a table of the four figures; the signs of its verdicts are coloured where the terminal takes colours."""
    from jumeau.results.comparison import DROP, OUTSIDE, RISE, UNDECIDED
    from jumeau.results.titles import SYMBOLS

    # Less is better of all four figures; what does not change has no colour.
    colours = {DROP: "32", RISE: "31", UNDECIDED: "33", OUTSIDE: "33"} if takes_colours(sys.stdout) else {}
    for line in lines:
        # What titles hold is made harmless first: the only sequences that go out are ours.
        text = visible(line)
        for verdict, colour in colours.items():
            text = text.replace(SYMBOLS[verdict], f"\x1b[{colour}m{SYMBOLS[verdict]}\x1b[0m")
        sys.stdout.write(text + "\n")


def write(lines: Iterable[str]) -> None:
    """Print lines."""
    show("\n".join(lines))


def entries(rows: Sequence[tuple[str, str]], room: int, gap: int = 2) -> list[str]:
    """Return pairs of a name and a text as lines of at most `room` columns, texts aligned and folded.

    Parameters
    ----------
    rows : sequence of tuple of str
    room : int
        Columns of the terminal.
    gap : int
        Columns between the longest name and the texts.
    """
    from jumeau.report.cells import columns, folded, left

    start = max((columns(name) for name, _text in rows), default=0) + gap
    lines = []
    for name, text in rows:
        first, *others = folded(text, max(room - start, 20)) or [""]
        lines.append((left(name, start) + first).rstrip())
        lines += [" " * start + line for line in others]
    return lines


def write_files(paths: Iterable[Path]) -> None:
    """Print which files were written."""
    show("\n".join([_("Written:"), *(f"  {path}" for path in paths)]))

"""What a study says in short, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jumeau.engine.study import Done
from jumeau.i18n import _, format_number, format_significant
from jumeau.report.numbers import with_unit
from jumeau.study import TEXT, TRUTH, WHOLE, StudyColumn


def study_lines(done: Done) -> Iterator[str]:
    """Yield the lines of a study: its title, its figures, its notes."""
    yield _(done.study.label)
    for column, value in done.summary():
        yield "  " + _("{label}: {value}").format(label=_(column.description), value=written(column, value))
    for note in done.studied.notes:
        yield f"  · {note}"


def written(column: StudyColumn, value: Any) -> str:
    """Return a value as people read it, with its unit."""
    if column.type == TEXT:
        return str(value)
    if column.type == TRUTH:
        return _("yes") if value else _("no")
    if not np.isfinite(value):
        return "—"
    text = format_number(float(value)) if column.type == WHOLE else format_significant(float(value), 4)
    return text if column.unit in ("", "1", "item") else with_unit(text, column.unit)

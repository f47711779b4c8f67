"""The paper form of a consultation: the question, the variants with their figures, boxes to tick, lines to write on."""

from __future__ import annotations

from math import ceil, floor
from pathlib import Path
from typing import Any

from jumeau.files import write_text
from jumeau.i18n import _, current_language, language, local
from jumeau.remarks.model import CHOICES, KINDS
from jumeau.report.decision import Choice, decision
from jumeau.report.figures import figure_columns
from jumeau.report.templating import templates
from jumeau.report.words import distinct, period_text, touched
from jumeau.results import Results
from jumeau.results.run_id import RUN_ID

TEMPLATE = "form.html.j2"

#: Heights [mm]: of a page inside its margins, of what is always there, of a line of the question, of a row of the
#: table, of a line to write on. What is left of the sheet is lines to write on.
PAGE, TAKEN, WORDS, ROW, LINE = 297 - 2 * 12, 74, 4.8, 11, 14
#: Letters of a line of the question.
LETTERS = 90
FEWEST_LINES, MOST_LINES = 3, 10


def write_form(results: Results, path: Path | str, lang: str) -> Path:
    """Write the form of a run: one HTML page that fetches nothing and prints on one sheet of A4.

    There is no field for a name: nobody is asked who they are.

    Parameters
    ----------
    results : Results
    path : Path
        The HTML file to write.
    lang : str
        `fr` or `en`.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    with language(lang):
        text = templates().get_template(TEMPLATE).render(_context(results))
    return write_text(Path(path), text)


def _context(results: Results) -> dict[str, Any]:
    provenance = results.provenance
    scenario, territory = provenance["scenario"], provenance["territory"]
    figures = results.figures()
    columns = figure_columns(figures) if figures else []
    rows, question = choices(results), local(scenario.get("question") or "")
    return {
        "lang": current_language(),
        "title": local(scenario.get("title") or scenario["name"]),
        "question": question,
        "territory": local(territory.get("title") or territory["name"]),
        "synthetic": bool(territory.get("synthetic", False)),
        "period": period_text(provenance),
        "base_year": provenance["base_year"],
        "columns": columns,
        "rows": rows,
        "choices": [_(label) for label in CHOICES.values()],
        "kinds": [_(label) for label in KINDS.values()],
        "lines": _lines(question, len(rows)),
        "run": str(provenance.get(RUN_ID, "")),
    }


def _lines(question: str, rows: int) -> int:
    """Return how many lines to write on the sheet has room for."""
    left = PAGE - TAKEN - WORDS * ceil(len(question) / LETTERS) - ROW * rows
    return min(max(floor(left / LINE), FEWEST_LINES), MOST_LINES)


def choices(results: Results) -> tuple[Choice, ...]:
    """Return the rows of the table of variants, as the report's first page prints them."""
    figures = results.figures()
    columns = figure_columns(figures) if figures else []
    records, _still = touched(distinct(results.records))
    return decision(results, records, columns, None, {}).rows

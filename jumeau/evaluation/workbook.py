"""The evaluation as a spreadsheet that recalculates: flows as figures, rates, values and criteria as formulas.

What comes from samples (P10, P50, P90, chances) cannot be recalculated by a spreadsheet: it stands apart, as figures.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from jumeau.errors import InputError
from jumeau.evaluation.model import Evaluation
from jumeau.evaluation.workbook_sheet import NAMED, VariantSheet, embolden, fill, landscape, number
from jumeau.files import atomic
from jumeau.i18n import _, local

#: Signs that the name of a sheet may have at most.
LONGEST_NAME = 31


def write_workbook(evaluation: Evaluation, path: Path | str) -> Path:
    """Write an evaluation as an XLSX file with live formulas, in the current language.

    Parameters
    ----------
    evaluation : Evaluation
    path : Path

    Raises
    ------
    InputError
        When openpyxl is missing, or the file cannot be written.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise InputError(
            _("a spreadsheet needs a package that is missing"), hint="pip install 'jumeau[excel]'"
        ) from error
    book = openpyxl.Workbook()
    book.properties.creator = "Jumeau"
    book.calculation.fullCalcOnLoad = True
    _read_me(book.active, evaluation)
    _assumptions(book, evaluation)
    names = _sheet_names(evaluation)
    for variant in evaluation.variants:
        VariantSheet(book.create_sheet(names[variant]), evaluation, variant).write()
    # Sheets of variants hold formulas from the third column on.
    for place, sheet in enumerate(book):
        _as_texts(sheet, 2 if place > 1 else None)
    return atomic(Path(path), lambda target: _save(book, target))


def _as_texts(sheet: Any, columns: int | None = None) -> None:
    """Let what a user wrote stay text, whatever sign it begins with; in the first columns, or in all."""
    for row in sheet.iter_rows(max_col=columns):
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"


def _save(book: Any, path: Path) -> None:
    """Save without anything of the moment: the same figures make the same file."""
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", data)
            target.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def _sheet_names(evaluation: Evaluation) -> dict[str, str]:
    """Return the name of each variant's sheet: its key, which is short and has no sign that sheets refuse."""
    taken = {_("Read me").casefold(), _("Assumptions").casefold()}
    found: dict[str, str] = {}
    for variant in evaluation.variants:
        name, turn = variant[:LONGEST_NAME], 2
        while name.casefold() in taken:
            name, turn = f"{variant[: LONGEST_NAME - len(str(turn)) - 1]}_{turn}", turn + 1
        taken.add(name.casefold())
        found[variant] = name
    return found


def _read_me(sheet: Any, evaluation: Evaluation) -> None:
    from openpyxl.styles import Alignment

    sheet.title = _("Read me")
    sheet.column_dimensions["A"].width = 110
    title = local(evaluation.provenance["scenario"].get("title") or evaluation.provenance["scenario"]["name"])
    lines = [
        str(title),
        _("Simulation, not measurement."),
        "",
        _(
            "One sheet per variant: its yearly flows against the situation before, in euros of {year}. What an actor "
            "gains or saves is positive, what it pays or loses negative."
        ).format(year=evaluation.assumed.base_year),
        _(
            "Flows are figures, with central assumptions. Discount factors, sums, values, rates and criteria are "
            "formulas: change the yellow cells of the sheet « {sheet} », or a flow, and they are computed again."
        ).format(sheet=_("Assumptions")),
        _(
            "P10, median, P90 and chances come from {samples} draws; they are figures, and do not follow what is "
            "changed here. They lie about the central figures, not on them."
        ).format(samples=evaluation.assumed.block.samples),
        _("Year 0 is {year}; it is not discounted. Savings begin in the year after installation.").format(
            year=evaluation.years[0]
        ),
        _("Grants, loans and VAT move no value of the project itself; they stand below it."),
    ]
    for row, text in enumerate(lines, start=1):
        cell = sheet.cell(row, 1, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        # Rows do not grow by themselves in every spreadsheet.
        sheet.row_dimensions[row].height = 16.0 * max(1, -(-len(text) // 95))
    landscape(sheet)
    embolden(sheet.cell(1, 1), size=14)


def _assumptions(book: Any, evaluation: Evaluation) -> None:
    """Write the named parameters, then every price and parameter with its source."""
    from openpyxl.workbook.defined_name import DefinedName

    sheet = book.create_sheet(_("Assumptions"))
    heads = (
        _("Name"),
        _("Value"),
        _("Unit"),
        _("Low"),
        _("High"),
        _("Grade"),
        _("Year"),
        _("Replaced by the user"),
        _("Source"),
        _("Description"),
    )
    for column, (text, width) in enumerate(zip(heads, (26, 12, 16, 10, 10, 8, 8, 12, 70, 60), strict=True), start=1):
        cell = sheet.cell(1, column, text)
        embolden(cell)
        sheet.column_dimensions[cell.column_letter].width = width
    table = evaluation.factors
    first = table[(table["owner"] == "reference") & table["name"].isin(NAMED)]
    rest = table.drop(first.index)
    for row, factor in enumerate([*first.to_dict("records"), *rest.to_dict("records")], start=2):
        named = factor["owner"] == "reference" and factor["name"] in NAMED
        name = factor["name"] if named else f"{factor['owner']}.{factor['name']}"
        values = (
            name,
            factor["value"],
            factor["unit"],
            number(factor["low"]),
            number(factor["high"]),
            factor["grade"],
            str(factor["year"]),
            _("yes") if factor["overridden"] else "",
            factor["source"],
            _(factor["description"]),
        )
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column, value)
        if named:
            fill(sheet.cell(row, 2), "FFF2CC")
            target = f"'{sheet.title}'!$B${row}"
            book.defined_names[factor["name"]] = DefinedName(factor["name"], attr_text=target)
    sheet.freeze_panes = "B2"
    landscape(sheet)

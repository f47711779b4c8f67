"""The curve of a sweep, told: sentences, figure and table, all from the rows that `summary.json` holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jumeau.i18n import _, local
from jumeau.report.canvas import Plot, shortened
from jumeau.report.numbers import (
    NO_BREAK,
    NOTHING,
    labelled,
    plain,
    share_percent,
    unit_label,
    with_unit,
)
from jumeau.report.sweep_plot import sweep_plot
from jumeau.report.sweep_words import (
    Cell,
    Document,
    capital,
    costed,
    counted,
    curve_unit,
    figure_name,
    number,
    parameter_name,
    ranged,
    sentences,
    sized,
    written,
)


@dataclass(frozen=True)
class Line:
    """One value of the sweep, written; `mark` says what it is: knee, within the budget."""

    value: str
    mark: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class SweepSection:
    """What the report says of a sweep.

    Attributes
    ----------
    title : str
    sentences : tuple of str
        The answer.
    heads : tuple of str
        Of the table, the value first.
    lines : tuple of Line
    note : str
        How to read the table.
    plot : Plot
    """

    title: str
    sentences: tuple[str, ...]
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    note: str
    plot: Plot


def sweep_section(document: Document) -> SweepSection:
    """Return what the report says of a sweep, in the current language.

    Parameters
    ----------
    document : mapping
        `sweep` of `summary.json`.
    """
    return SweepSection(
        title=_("The curve: {figure} by {parameter}").format(
            figure=figure_name(document).lower(), parameter=parameter_name(document)
        ),
        sentences=sentences(document),
        heads=heads(document),
        lines=tuple(_line(document, row) for row in document["rows"]),
        note=_note(document),
        plot=sweep_plot(document),
    )


def heads(document: Document) -> tuple[str, ...]:
    """Return the heads of the table."""
    found = [capital(local(document["label"]))]
    if counted(document):
        found.append(_(document["device"]))
    found += [_("Investment"), figure_name(document)]
    if ranged(document):
        found.append(_("P10-P90, assumptions included"))
    found.append(_("Next device, net") if document["device"] else _("Next unit, net"))
    if costed(document):
        found.append(_("It brings, for a cost of"))
    found.append(_("Regret"))
    if ranged(document):
        found.append(_("Best, share of draws"))
    if any(row["payback"] is not None and not math.isnan(row["payback"]) for row in document["rows"]):
        found.append(_("Payback"))
    return (*found, *(_(item["label"]) for item in document["beside"]))


def _line(document: Document, row: Mapping[str, Any]) -> Line:
    unit, wide = str(document["judge"]["unit"]), curve_unit(document)

    def three(name: str, wanted: str) -> Cell:
        prefix = "" if name == "worth" else f"{name}_"
        return sized(document, row, (name, f"{prefix}low", f"{prefix}high"), unit, wanted)

    cells = []
    if counted(document):
        cells.append(Cell(plain(row["devices"], 0)))
    cells += [Cell(with_unit(plain(row["investment"], 0), "EUR")), three("worth", wide)]
    if ranged(document):
        ends = sized(document, row, ("p50", "p10", "p90"), unit, wide)
        cells.append(Cell(ends.span or ends.value))
    cells.append(three("marginal", unit))
    if costed(document):
        gross, cost = (number(row[key]) for key in ("gross", "unit_cost"))
        text = f"{plain(gross, -1 if abs(gross) >= 1000 else 0)} / {plain(cost, -1 if abs(cost) >= 1000 else 0)}"
        cells.append(Cell(with_unit(text, unit) if math.isfinite(gross) else NOTHING))
    regret = three("regret", wide)
    cells.append(Cell(regret.value.lstrip("+"), regret.span.replace("+", "")))
    if ranged(document):
        cells.append(Cell(share_percent(number(row["best"]))))
    if len(heads(document)) - 1 - len(document["beside"]) > len(cells):
        cells.append(Cell(_payback(row["payback"])))
    for item in document["beside"]:
        name = item["name"]
        cells.append(sized(document, row, (name, f"{name}_low", f"{name}_high"), item["unit"], item["unit"]))
    return Line(written(document, row["value"]), _mark(document, row["value"]), tuple(cells))


def _payback(value: Any) -> str:
    if value is None or not math.isfinite(float(value)):
        return _("never")  # what is infinite is null in the file
    return with_unit(plain(float(value), 1), "year")


#: Keys of the values that are told apart, by their sign in a terminal.
_SIGNS = {"◆": "knee", "◇": "within_budget"}


def _words() -> dict[str, str]:
    return {"knee": _("knee"), "within_budget": _("within budget")}


def _mark(document: Document, value: float) -> str:
    return ", ".join(word for key, word in _words().items() if value == document[key])


def _note(document: Document) -> str:
    parts = [
        _("Means over paired replications with central assumptions; below, the 95% interval of each, taken alone. All "
          "values meet the same chance events, so that steps are known better than levels."),
    ]  # fmt: skip
    if document["knee_ci95"] is not None and document["device"]:
        parts.append(
            _("Knee: the value of the highest mean, nothing installed included. Next device, net: what each device "
              "between the value before and this one adds, its cost over the horizon (purchase, renewal, fees, less "
              "what is left) taken off.")
        )  # fmt: skip
    parts.append(
        _("Regret: by how much a value falls short of the best one of each replication, each replication standing for "
          "all years.")
    )  # fmt: skip
    return " ".join(parts)


def sweep_lines(document: Document, width: int) -> list[str]:
    """Return a sweep for a terminal: a line per value, then the answer in sentences.

    Parameters
    ----------
    document : mapping
        `sweep` of `summary.json`.
    width : int
        Columns of the terminal.
    """
    from jumeau.report.cells import columns as size
    from jumeau.report.cells import left, right, wrapped

    unit, wide = str(document["judge"]["unit"]), curve_unit(document)
    bring = _("next device") if document["device"] else _("next unit")
    titles = [
        local(document["label"]),
        unit_label(wide) or _("mean"),
        _("95%"),
        labelled(bring, unit),
        labelled(_("regret"), wide),
    ]
    table = []
    for row in document["rows"]:

        def three(name: str, wanted: str, row: Mapping[str, Any] = row) -> Cell:
            prefix = "" if name == "worth" else f"{name}_"
            found = sized(document, row, (name, f"{prefix}low", f"{prefix}high"), unit, wanted)
            return Cell(found.value.removesuffix(f"{NO_BREAK}{unit_label(wanted)}"), found.span)

        worth, next_one, regret = three("worth", wide), three("marginal", unit), three("regret", wide)
        mark = "".join(sign for sign, key in _SIGNS.items() if row["value"] == document[key])
        table.append(
            [written(document, row["value"]), worth.value, worth.span, next_one.value, regret.value.lstrip("+")]
            + ([mark] if mark else [])
        )
    sizes = [max(size(line[place]) for line in [titles, *table]) for place in range(len(titles))]
    lines = [
        "  ".join([left(line[0], sizes[0]), *(right(line[place], sizes[place]) for place in range(1, 5)), *line[5:]])
        for line in [titles, *table]
    ]
    if max(map(size, lines)) > width:
        lines = [
            ", ".join(f"{name} {text}" for name, text in zip(titles, line, strict=False) if text) for line in table
        ]
        lines = [part for line in lines for part in wrapped([line], width)]
    title = _("The curve: {figure} by {parameter}").format(
        figure=figure_name(document).lower(), parameter=parameter_name(document)
    )
    legend = ", ".join(f"{sign} {_words()[key]}" for sign, key in _SIGNS.items() if document[key] is not None)
    lines += [legend] if legend else []
    return [shortened(title, width), *lines, *wrapped([" ".join(sentences(document))], width)]

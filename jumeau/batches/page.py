"""The page of a batch: a map coloured by a figure, the table of all territories, what was set aside and why.

One file that fetches nothing. Without its script the map shows the first figure, and the table stands unsorted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup, escape

from jumeau.accounts import FIGURES, LINES
from jumeau.batches.drawing import Drawing, drawing_of
from jumeau.batches.model import DONE, Batch, Outcome
from jumeau.batches.shades import Shade, shade_of, shades
from jumeau.batches.table import CRITERIA_SHOWN, PER_RESIDENT, figures_of, title_of, totals
from jumeau.batches.words import total_columns, total_texts
from jumeau.evaluation.criteria import CRITERIA
from jumeau.files import write_text
from jumeau.i18n import _, current_language, local
from jumeau.redaction import everywhere, presentable
from jumeau.report.figures import VARIANT, Column, Row, figure_columns
from jumeau.report.numbers import NO_BREAK, NOTHING, decimals, plain, scaled_unit, signed, unit_label
from jumeau.report.templating import templates
from jumeau.report.words import period_text
from jumeau.results.titles import figure_name
from jumeau.units import conversion_factor

TEMPLATE, SCRIPT = "batch.html.j2", "batch.js"

#: The figure that is seen first, where residents are known.
FIRST = "carbon"


@dataclass(frozen=True)
class Measure:
    """What the map can be coloured by.

    Attributes
    ----------
    key : str
        Column of the table.
    label, unit : str
        In the current language.
    factor : float
        From the column's unit.
    better : str
    change : bool
        Whether it is a difference.
    """

    key: str
    label: str
    unit: str
    factor: float
    better: str
    change: bool = True


def write_page(batch: Batch, table: pd.DataFrame, path: Path) -> Path:
    """Write the page of a batch in the current language.

    Parameters
    ----------
    batch : Batch
    table : DataFrame
        See `batch_table`.
    path : Path
    """
    environment = templates()
    script = environment.get_template(SCRIPT).render()
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    said = {"lang": current_language(), "script": Markup(script), "script_hash": digest}  # noqa: S704 - our own script
    text = environment.get_template(TEMPLATE).render({**_context(batch, table), **said})
    return write_text(path, text)


def _context(batch: Batch, table: pd.DataFrame) -> dict[str, Any]:
    variants = {name: title_of(batch, name) for name in batch.variants}
    measures = measures_of(table)
    values = values_of(batch, table, measures)
    titles = [item.title for item in batch.outcomes]
    drawing = drawing_of([item.outline for item in batch.outcomes], titles)
    first = next(iter(variants), "")
    shown = measures[0].key if measures else ""
    classes = {item.key: classes_of(item, values.get(item.key, {})) for item in measures}
    said = {item.key: item for item in measures}
    columns = figure_columns([record for item in batch.done if item.summary for record in item.summary.figures()])
    seen = values.get(shown, {}).get(first, [])
    summed = total_columns(batch)
    done = batch.done
    data = {
        "measures": {
            key: {
                "label": item.label,
                "unit": item.unit,
                "shades": [{"colour": shade.colour, "label": shade.label} for shade in classes[key]],
                "at": {name: [shade_of(value, classes[key]) for value in each] for name, each in values[key].items()},
                "texts": {name: [_text(value, item) for value in each] for name, each in values[key].items()},
            }
            for key, item in said.items()
        },
        "none": _("no figure"),
        "aside": [item.status != DONE for item in batch.outcomes],
        "set_aside": _("set aside"),
        "titles": titles,
    }
    return {
        "title": local(batch.title) or batch.scenario,
        "heading": _("{count} territories, one scenario").format(count=plain(len(batch.outcomes), 0)),
        "summary": _done_text(batch),
        "period": _period_text(batch),
        "synthetic": any(item.checked and item.checked.synthetic for item in batch.outcomes),
        "all_synthetic": all(item.checked.synthetic for item in batch.outcomes if item.checked),
        "variants": variants,
        "measures": measures,
        "first": first,
        "shown": said.get(shown),
        "drawing": drawing,
        "classes": classes.get(shown, []),
        "places": _places(batch, drawing, said.get(shown), classes.get(shown, []), seen),
        "unplaced": _unplaced(batch, drawing),
        "columns": columns,
        "rows": _rows(batch, table, columns),
        "money_heads": money_heads(table),
        "horizon": next((item.evaluation.get("horizon") for item in done if item.evaluation), None),
        "base_year": next((item.summary.provenance["base_year"] for item in done if item.summary), ""),
        "totals": _totals(batch, variants, summed),
        "total_columns": summed,
        "aside": batch.quarantine,
        "aside_numbers": [number for number, item in enumerate(batch.outcomes) if item.status != DONE],
        "again": _again(),
        "list": batch.listing,
        "data": _json(data),
    }


def _again() -> Markup:
    text = _(
        "These rows have no figures, and count in no total. Mend them, then run the same command with {option}: the "
        "others are not run again."
    )
    return Markup(escape(text)).format(option=Markup('<code class="again">--resume</code>'))  # noqa: S704 - escaped


def _json(data: Any) -> Markup:
    """Return data as JSON that stands inside a page: nothing in it can end its element."""
    text = json.dumps(everywhere(data, presentable), ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped


def _done_text(batch: Batch) -> str:
    text = _("{done} of {total} territories are done.")
    told = text.format(done=plain(len(batch.done), 0), total=plain(len(batch.outcomes), 0))
    if batch.quarantine:
        told += " " + _("Set aside: {count}.").format(count=plain(len(batch.quarantine), 0))
    return told


def _period_text(batch: Batch) -> str:
    found = {period_text(item.summary.provenance) for item in batch.done if item.summary}
    return _("periods differ") if len(found) > 1 else next(iter(found), "")


def measures_of(table: pd.DataFrame) -> list[Measure]:
    """Return what the map can be coloured by: what the table has a figure of, CO2 per resident first."""
    found: list[Measure] = []

    def add(key: str, label: str, unit: str, better: str, per: str = "", *, change: bool = True) -> None:
        known = table[key].dropna().astype(float).abs() if key in table else pd.Series(dtype=float)
        if not len(known):
            return
        scaled = unit if per else scaled_unit(unit, float(known.max()))
        shown = unit_label(scaled) + (f"/{_(per)}" if per else "")
        found.append(Measure(key, label, shown, conversion_factor(unit, scaled), better, change))

    for name in (FIRST, *(item for item in FIGURES if item != FIRST)):
        line = LINES[name]
        text = _("{figure}: change per resident").format(figure=figure_name(name))
        add(f"{name}_{PER_RESIDENT}", text, line.unit, line.better, "resident")
    for name in (FIRST, *(item for item in FIGURES if item != FIRST)):
        line = LINES[name]
        add(f"{name}_difference", _("{figure}: change").format(figure=figure_name(name)), line.unit, line.better)
    for name in CRITERIA_SHOWN:
        criterion = CRITERIA[name]
        better = criterion.better if name != "investment" else "neutral"
        add(name, _(criterion.label), criterion.unit, better, change=name != "investment")
    return found


def values_of(batch: Batch, table: pd.DataFrame, measures: list[Measure]) -> dict[str, dict[str, list[float]]]:
    """Return the value of each territory, in the measure's unit, by measure and variant; not a number where none is."""
    by_row = {(row["name"], row["variant"]): row for row in table.to_dict("records") if row["status"] == DONE}
    found: dict[str, dict[str, list[float]]] = {}
    for item in measures:
        for variant in batch.variants:
            each = []
            for outcome in batch.outcomes:
                row = by_row.get((outcome.row.name, variant)) if outcome.status == DONE else None
                value = None if row is None else row[item.key]
                each.append(float("nan") if value is None or pd.isna(value) else float(value) * item.factor)
            found.setdefault(item.key, {})[variant] = each
    return found


def classes_of(measure: Measure, values: Mapping[str, list[float]]) -> list[Shade]:
    """Return the classes of a measure, the same for all variants, in its unit."""
    return shades([value for each in values.values() for value in each], measure.better, change=measure.change)


def _text(value: float, measure: Measure) -> str:
    digits = max(min(decimals(value, 3), 6), 0)
    return with_unit_text(signed(value, digits) if measure.change else plain(value, digits), measure.unit)


def with_unit_text(text: str, unit: str) -> str:
    """Return a number with the label of its unit."""
    return text if text == NOTHING or not unit else f"{text}{NO_BREAK}{unit}"


@dataclass(frozen=True)
class Drawn:
    """A territory on the map, as the page first shows it."""

    number: int
    place: Any
    title: str
    fill: str
    tip: str
    aside: bool


def _places(
    batch: Batch, drawing: Drawing | None, measure: Measure | None, classes: list[Shade], values: list[float]
) -> list[Drawn]:
    found = []
    for number, item in enumerate(batch.outcomes):
        place = drawing.places[number] if drawing is not None else None
        if place is None:
            continue
        value = values[number] if values else float("nan")
        at = shade_of(value, classes)
        aside = item.status != DONE
        told = _("set aside") if aside else _text(value, measure) if measure is not None and at >= 0 else _("no figure")
        fill = "url(#aside)" if aside else classes[at].colour if at >= 0 else "#ffffff"
        found.append(Drawn(number, place, item.title, fill, f"{item.title}: {told}", aside))
    return found


def _unplaced(batch: Batch, drawing: Drawing | None) -> str:
    count = len(batch.outcomes) if drawing is None else sum(place is None for place in drawing.places)
    if not count:
        return ""
    return _("Not on the map, their place being unknown: {count}.").format(count=plain(count, 0))


@dataclass(frozen=True)
class Line:
    """One line of the page's table: a territory in a variant.

    `cells` holds a text, one below it and a number to sort by, for each column of figures; `report` is the address of
    the territory's report, where it is written.
    """

    number: int
    title: str
    name: str
    code: str
    residents: str
    people: float
    variant: str
    variant_title: str
    report: str
    cells: tuple[tuple[str, str, float | str], ...]


def _rows(batch: Batch, table: pd.DataFrame, columns: list[Column]) -> list[Line]:
    factors = {name: _money(table, name)[1] for name in CRITERIA_SHOWN}
    by_row = {(row["name"], row["variant"]): row for row in table.to_dict("records") if row["status"] == DONE}
    found = []
    for number, item in enumerate(batch.outcomes):
        for variant, records in figures_of(item.summary).items() if item.summary else ():
            cells = []
            for column in columns:
                cell = column.cell(Row("", VARIANT, records))
                share = f" ({cell.share})" if cell.share else ""
                median = records[column.name].median if column.name in records else ""
                cells.append((f"{cell.value}{share} {cell.mark}".strip(), cell.span, median))
            row = by_row[item.row.name, variant]
            cells += [_criterion(row, name, factors[name]) for name in CRITERIA_SHOWN]
            people = item.residents
            found.append(
                Line(
                    number, item.title, item.row.name, item.row.code, plain(people, 0), people or 0.0, variant,
                    title_of(batch, variant), _report(batch, item), tuple(cells),
                )
            )  # fmt: skip
    return found


def _report(batch: Batch, item: Outcome) -> str:
    """Return the address of a territory's report as seen from the page; empty where none is written."""
    path = batch.folder / item.row.name / "report.html"
    return f"{quote(item.row.name)}/{path.name}" if path.is_file() else ""


def _money(table: pd.DataFrame, name: str) -> tuple[str, float]:
    """Return the unit in which a criterion is written, and the factor to it."""
    known = table[name].dropna().astype(float).abs()
    unit = scaled_unit("EUR", float(known.max()) if len(known) else 0.0)
    return unit, conversion_factor("EUR", unit)


def _criterion(row: Mapping[Any, Any], name: str, factor: float) -> tuple[str, str, float | str]:
    value = row[name]
    if value is None or pd.isna(value):
        return NOTHING, "", ""
    write: Callable[[float, int], str] = plain if name == "investment" else signed
    ends = [float(row[f"{name}_{level}"]) * factor for level in ("p10", "p90")]
    scaled = float(value) * factor
    digits = min(decimals(max(abs(scaled), *map(abs, ends)), 3), 2)
    low, high = (write(end, digits) for end in ends)
    return write(scaled, digits), "" if low == high else f"{low}…{high}", float(value)


def money_heads(table: pd.DataFrame) -> dict[str, str]:
    """Return the heads of the criteria, with the unit that they are written in."""
    return {name: f"{_(CRITERIA[name].label)} ({unit_label(_money(table, name)[0])})" for name in CRITERIA_SHOWN}


def _totals(batch: Batch, variants: dict[str, str], columns: list[Column]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (variants[name], [(text.levels, text.change) for text in total_texts(sums, columns)])
        for name, sums in totals(batch).items()
    ]

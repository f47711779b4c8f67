"""The HTML report: pages that decide, an annex of evidence; nothing fetched, same bytes for the same results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jumeau.accounts import TOTAL
from jumeau.attributes import ORIGINS
from jumeau.evaluation import Evaluation
from jumeau.files import write_text
from jumeau.i18n import current_language, language, local
from jumeau.remarks import count_remarks, read_remarks
from jumeau.report import commune, evidence, plots, sections, valuation
from jumeau.report.before_after import before_after
from jumeau.report.canvas import Plot
from jumeau.report.decision import decision
from jumeau.report.driver_section import DriverSection, driver_section
from jumeau.report.drivers import Drivers, drivers
from jumeau.report.figures import arranged, figure_columns
from jumeau.report.network_part import network_parts
from jumeau.report.numbers import plain
from jumeau.report.quarters import quarter_tables, quarters_of_run
from jumeau.report.ranges import draws_text, few_draws, span_name
from jumeau.report.standing import standings
from jumeau.report.sweep import sweep_section
from jumeau.report.table import failures_text, replications_text
from jumeau.report.templating import templates
from jumeau.report.weights import Weight, weights
from jumeau.report.words import beware, distinct, main_records, period_text, several_networks, touched
from jumeau.report.yardsticks import yardstick_rows
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import variant_title
from jumeau.territory.model import Territory

TEMPLATE, ANNEX = "report.html.j2", "annex.html.j2"


def write_report(
    results: Results,
    path: Path | str,
    lang: str,
    evaluation: Evaluation | None = None,
    folder: Path | None = None,
    territory: Territory | None = None,
) -> Path:
    """Write the report of a campaign: the pages that decide, and beside them the annex that holds the evidence.

    Parameters
    ----------
    results : Results
        Its provenance holds at least `scenario`, `territory`, `period` and `variants`.
    path : Path
        The HTML file to write; its folder is made if absent.
    lang : str
        `fr` or `en`.
    evaluation : Evaluation, optional
        Of these results; the one that the scenario asks for by default.
    folder : Path, optional
        Folder of the run, whose remarks and votes are told; that of the file to write by default.
    territory : Territory, optional
        Of the run, where it is at hand; looked for by default.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        When the folder cannot be written to, or its remarks cannot be read.
    ValueError
        On another language.
    """
    page, beside = Path(path), annex_path(path)
    collected = read_remarks(folder or page.parent)
    with language(lang):
        curve = results.curve
        results = results.shown()
        context = _context(results, evaluation)
        context["sweep"] = None if curve is None else sweep_section(curve)
        context["quarters"] = quarter_tables(results, quarters_of_run(results, folder or page.parent, territory))
        context["remarks"] = None if collected is None else count_remarks(collected, results.provenance)
        names = {"annex": beside.name, "decision_page": page.name}
        texts = {file: templates().get_template(file).render(context | names) for file in (ANNEX, TEMPLATE)}
    # The page comes last: it links to the annex.
    write_text(beside, texts[ANNEX])
    return write_text(page, texts[TEMPLATE])


def language_of(path: Path) -> str:
    """Return the language of a report that is there; empty where none is."""
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as stream:
        found = re.search(r'<html lang="(\w+)"', stream.read(1000))
    return found[1] if found else ""


def annex_path(path: Path | str) -> Path:
    """Return where the annex of a report stands: `report.html` has `report_annex.html`."""
    file = Path(path)
    return file.with_name(f"{file.stem}_annex{file.suffix}")


def _context(results: Results, evaluation: Evaluation | None) -> dict[str, Any]:
    compared = distinct(results.records)
    records, still = touched(compared)
    heavy = weights(results, records)
    provenance = results.provenance
    factors = evidence.factor_rows(results)
    scenario, territory = provenance["scenario"], provenance["territory"]
    variants = sections.variants(results, records, heavy, still)
    figures = results.figures()
    columns = figure_columns(figures) if figures else []
    can_be_valued = results.sampled is not None and len(results.variants) > 1
    found = (evaluation or results.evaluation) if can_be_valued else None
    numbers = drivers(results, found) if found is not None else []
    return {
        "lang": current_language(),
        "title": local(scenario.get("title") or scenario["name"]),
        "question": local(scenario.get("question") or ""),
        "territory": local(territory.get("title") or territory["name"]),
        "synthetic": bool(territory.get("synthetic", False)),
        "period": period_text(provenance),
        "replications": replications_text(results),
        "draws": draws_text(results),
        "few_draws": few_draws(results),
        "span_name": span_name(results),
        "failures": results.failures,
        "failures_text": failures_text(results),
        "baseline": variant_title(provenance, BASELINE),
        "baseline_overrides": sections.overrides(results, BASELINE),
        "variants": variants,
        "figure_columns": columns,
        "figure_rows": arranged(results, figures) if figures else [],
        "base_year": provenance["base_year"],
        "decision": decision(results, records, columns, found, standings(found, numbers) if found is not None else {}),
        "horizon": plain(found.assumed.block.horizon, 0) if found is not None else "",
        "parts": network_parts(results, records, columns, found),
        "notes": beware(provenance, results.variants),
        "yardsticks": yardstick_rows(results.published),
        "commune": commune_section(results),
        "valuation": valuation_section(results, evaluation),
        "several_networks": several_networks(compared),
        "ranges": any(record.range80 is not None for record in records),
        "plots": _plots(results, records, variants, heavy),
        "drivers": _drivers(results, found, numbers),
        "factors": factors,
        "origins": evidence.layer_origins(results.origins),
        "overall": evidence.overall_origins(results.origins),
        "origin_names": ORIGINS,
        "limits": sections.limits(results, factors),
        "facts": sections.facts(results),
        "versions": dict(provenance.get("versions", {})),
        "scenario_text": sections.scenario_text(provenance),
    }


def commune_section(results: Results) -> dict[str, Any] | None:
    """Return what communes report beside money; None for results that cannot be valued."""
    if results.sampled is None or len(results.variants) < 2:
        return None
    return {
        "rows": commune.reported_rows(results),
        "heads": commune.reported_heads(results),
        "grids": commune.grids(results),
        "not_valued": commune.not_valued(),
    }


def valuation_section(results: Results, evaluation: Evaluation | None = None) -> dict[str, Any] | None:
    """Return what the report says of the years; None for results that cannot be valued."""
    if results.sampled is None or len(results.variants) < 2:
        return None
    found = results.evaluation if evaluation is None else evaluation
    return {
        "heading": valuation.heading(found),
        "blocks": valuation.blocks(found),
        "legend": valuation.legend(),
        "remarks": valuation.remarks(found),
        "plots": [plot for plot in (plots.cumulated(found),) if plot is not None],
    }


def _plots(
    results: Results, records: list[Record], variants: list[sections.Variant], heavy: list[Weight]
) -> dict[str, Plot | None]:
    hardly = {
        name: main_records([record for record in records if record.variant == name])[1] for name in results.variants
    }
    shown = [record for record in records if record.network not in hardly[record.variant]]
    by_network = [record for record in shown if record.network != TOTAL]
    return {
        "before_after": before_after(results),
        "forest": plots.forest(results, by_network),
        "pairs": plots.dots(results, shown),
        "money": plots.money(results, [variant.payback for variant in variants]),
        "weights": plots.tornado(heavy),
        "ranges": plots.ranges(results, by_network),
    }


def _drivers(results: Results, evaluation: Evaluation | None, numbers: Sequence[Drivers]) -> DriverSection | None:
    """Return what moves the value of variants; None where no variant has a verdict, or nothing says what was valued."""
    if evaluation is None:
        return None
    found = driver_section(results, evaluation, numbers)
    return found if found.tables else None

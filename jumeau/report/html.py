"""The HTML report: one file, nothing fetched, the same bytes for the same results."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jumeau.accounts import TOTAL
from jumeau.attributes import ORIGINS
from jumeau.evaluation import Evaluation
from jumeau.files import write_text
from jumeau.i18n import _, current_language, language, local
from jumeau.redaction import everywhere, presentable
from jumeau.report import commune, evidence, plots, sections, valuation
from jumeau.report.canvas import Plot
from jumeau.report.driver_section import DriverSection, driver_section
from jumeau.report.figures import arranged, figure_columns
from jumeau.report.ranges import draws_text, few_draws, span_name
from jumeau.report.table import failures_text, replications_text
from jumeau.report.weights import Weight, weights
from jumeau.report.words import distinct, main_records, period_text, several_networks, touched
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import variant_title

TEMPLATE = "report.html.j2"


def write_report(results: Results, path: Path | str, lang: str, evaluation: Evaluation | None = None) -> Path:
    """Write the report of a campaign.

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

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    ValueError
        On another language.
    """
    with language(lang):
        page = render(results, evaluation)
    return write_text(Path(path), page)


def render(results: Results, evaluation: Evaluation | None = None) -> str:
    """Return the report as HTML, in the current language."""
    return _environment().get_template(TEMPLATE).render(_context(results, evaluation))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jumeau.report"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["_"] = _
    return environment


def _finalize(value: Any) -> Any:
    """Return what is printed: plain texts without secrets, paths and control characters."""
    return everywhere(value, presentable) if isinstance(value, str) else value


def _context(results: Results, evaluation: Evaluation | None) -> dict[str, Any]:
    compared = distinct(results.records)
    records, still = touched(compared)
    heavy = weights(results, records)
    provenance = results.provenance
    factors = evidence.factor_rows(results)
    scenario, territory = provenance["scenario"], provenance["territory"]
    variants = sections.variants(results, records, heavy, still)
    figures = results.figures()
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
        "figure_columns": figure_columns(figures),
        "figure_rows": arranged(results, figures) if figures else [],
        "base_year": provenance["base_year"],
        "commune": commune_section(results),
        "valuation": valuation_section(results, evaluation),
        "several_networks": several_networks(compared),
        "ranges": any(record.range80 is not None for record in records),
        "plots": _plots(results, records, variants, heavy),
        "drivers": _drivers(results, evaluation),
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
        "forest": plots.forest(results, by_network),
        "pairs": plots.dots(results, shown),
        "money": plots.money(results, [variant.payback for variant in variants]),
        "weights": plots.tornado(heavy),
        "ranges": plots.ranges(results, by_network),
    }


def _drivers(results: Results, evaluation: Evaluation | None) -> DriverSection | None:
    """Return what moves the value of variants; None where no variant has a verdict, or nothing says what was valued."""
    if results.sampled is None or len(results.variants) < 2:
        return None
    found = driver_section(results, results.evaluation if evaluation is None else evaluation)
    return found if found.tables else None

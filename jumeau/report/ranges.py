"""What ranges are called: P10-P90 where there are draws enough to know them, the span of the draws otherwise."""

from __future__ import annotations

from jumeau.i18n import _
from jumeau.report.numbers import plain
from jumeau.results.sampled import ENOUGH
from jumeau.results.summary import Findings


def few_draws(findings: Findings) -> int:
    """Return the number of draws where it is too small for a P10 and a P90, else 0.

    The P10 of less than ten values is the smallest of them.
    """
    count = findings.draw_count
    return count if count < ENOUGH else 0


def span_name(findings: Findings) -> str:
    """Return the short name of a range."""
    few = few_draws(findings)
    return _("span of {count} draws").format(count=plain(few, 0)) if few else "P10-P90"


def draws_text(findings: Findings) -> str:
    """Return where the ranges over assumptions come from; empty where nothing was drawn."""
    count = findings.draw_count
    samples = plain(findings.sample_count, 0) if findings.sample_count else ""
    if not count:
        if not samples:
            return ""
        text = _("Ranges over assumptions: P10-P90 of {samples} draws of prices, emission factors and lives.")
        return text.format(samples=samples)
    if few_draws(findings):
        text = _(
            "Ranges over assumptions: span of {count} draws of the uncertain assumptions, too few for P10 and P90."
        )
    else:
        text = _("Ranges over assumptions: P10-P90 of {count} draws of the uncertain assumptions.")
    text = text.format(count=plain(count, 0))
    if samples:
        text += " " + _("Prices, emission factors and lives are always drawn too, {samples} times.").format(
            samples=samples
        )
    return text


def ranges_text(findings: Findings) -> str:
    """Return what ranges are called, and what they hold."""
    if few_draws(findings):
        text = _("{draws} (chance, prices)") if findings.sample_count else _("{draws} (chance)")
        return text.format(draws=span_name(findings))
    if findings.draw_count:
        return _("P10-P90 (chance, assumptions)")
    return _("P10-P90 (chance, prices)") if findings.sample_count else _("P10-P90 (chance alone)")

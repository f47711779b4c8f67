"""What ranges are called: P10-P90 where there are draws enough to know them, the span of the draws otherwise."""

from __future__ import annotations

from jumeau.i18n import _
from jumeau.report.numbers import plain
from jumeau.results import Results
from jumeau.results.sampled import ENOUGH


def draw_count(results: Results) -> int:
    """Return how many draws of simulated assumptions there are; a single one has no range."""
    count = 0 if results.draws is None else int(results.draws.sizes["draw"])
    return count if count > 1 else 0


def few_draws(results: Results) -> int:
    """Return the number of draws where it is too small for a P10 and a P90, else 0.

    The P10 of less than ten values is the smallest of them.
    """
    count = draw_count(results)
    return count if count < ENOUGH else 0


def span_name(results: Results) -> str:
    """Return the short name of a range."""
    few = few_draws(results)
    return _("span of {count} draws").format(count=plain(few, 0)) if few else "P10-P90"


def draws_text(results: Results) -> str:
    """Return where the ranges over assumptions come from; empty where nothing was drawn."""
    count, sampled = draw_count(results), results.sampled
    samples = plain(sampled.count, 0) if sampled is not None else ""
    if not count:
        if not samples:
            return ""
        text = _("Ranges over assumptions: P10-P90 of {samples} draws of prices, emission factors and lives.")
        return text.format(samples=samples)
    if few_draws(results):
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


def heading_text(results: Results) -> str:
    """Return what differences and ranges of the four figures are, with places for `days` and `year`."""
    if few_draws(results):
        if results.sampled is not None:
            text = _("{days} days, euros of {year}: before; median change; range (chance, prices, {draws})")
        else:
            text = _("{days} days, euros of {year}: before; median change; range (chance, {draws})")
        return text.replace("{draws}", span_name(results))
    if draw_count(results):
        return _("{days} days, euros of {year}: before; median change; P10-P90 (chance, assumptions)")
    if results.sampled is not None:
        return _("{days} days, euros of {year}: before; median change; P10-P90 (chance, prices)")
    return _("{days} days, euros of {year}: before; median change; P10-P90 (chance alone)")

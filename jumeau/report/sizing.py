"""What a sizing says in short, for the terminal: one screen."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from jumeau.errors import Problem, shorten
from jumeau.i18n import _, format_number, format_significant
from jumeau.report.cells import columns, right
from jumeau.report.numbers import with_unit
from jumeau.sizing.curve import Curve
from jumeau.sizing.promise import Kept
from jumeau.sizing.record import devices_at, paying, yearly_cost
from jumeau.sizing.solve import Solution
from jumeau.sizing.territory import Sized
from jumeau.sizing.whole import Whole

#: Rows of the curve that a terminal shows.
ROWS = 9


def sized_lines(sized: Sized) -> Iterator[str]:
    """Yield what a terminal says of a sizing, on one screen."""
    instance, solution = sized.instance, sized.solution
    yield f"{_(sized.sizing.label)} — {sized.territory.name}"
    fee = instance.device.annual_cost * devices_at(sized)
    yield "  " + _("{count} sites of {all} candidates, {events} {what}; {cost} EUR, then {fee} EUR a year").format(
        count=format_number(len(solution.chosen)),
        all=format_number(int((~solution.problem.sites.forbidden).sum())),
        events=format_number(len(solution.problem.events)),
        what=instance.events,
        cost=format_number(float(solution.problem.sites.cost[solution.chosen].sum())),
        fee=format_number(fee),
    )
    yield from _answer_lines(solution, instance.benefit)
    if sized.whole is not None:
        unit, middle = solution.problem.unit, sized.whole.choice.benefit
        half = 1.96 * sized.whole.choice.error
        text = _("the choice as a whole: {value}, 95 % interval from {low} to {high}")
        told = (_amount(value, unit) for value in (middle, middle - half, middle + half))
        yield "  " + text.format(**dict(zip(("value", "low", "high"), told, strict=True)))
    if sized.rates is not None:
        low, high = np.quantile(sized.rates.benefit, (0.1, 0.9))
        unit = solution.problem.unit
        text = _("under uncertain rates: {low} to {high} (P10-P90); to know them before would bring {more} more")
        told = (_amount(float(value), unit) for value in (low, high, sized.rates.information))
        yield "  " + text.format(**dict(zip(("low", "high", "more"), told, strict=True)))
    pays = paying(sized)
    if pays is not None:
        text = _("worth {worth} EUR a year; {count} site(s) each save more than they cost ({cost} EUR a year a device)")
        yield "  " + text.format(
            worth=format_number(sized.expected * instance.worth),
            count=format_number(pays),
            cost=format_number(yearly_cost(sized)),
        )
    yield from _curve_lines(solution, sized.whole)
    for note in (*instance.notes, *map(_warning, solution.warnings)):
        yield f"  · {note}"


def solution_lines(solution: Solution, title: str) -> Iterator[str]:
    """Yield what a terminal says of the problem of a file."""
    yield title
    text = _("{count} sites of {all} candidates, {events} events")
    yield "  " + text.format(
        count=format_number(len(solution.chosen)),
        all=format_number(len(solution.problem.sites)),
        events=format_number(len(solution.problem.events)),
    )
    yield from _answer_lines(solution, _("cost avoided"))
    told = solution.statistics
    text = _(
        "cost of an event: mean {mean}, quartiles {q1} · {q2} · {q3}, worst {tail} %: {var} (mean {tce}), most {most}"
    )
    yield "  " + text.format(
        mean=format_number(told.mean, 4),
        q1=format_number(told.lower_quartile),
        q2=format_number(told.median),
        q3=format_number(told.upper_quartile),
        tail=format_number(100.0 * told.tail),
        var=format_number(told.value_at_risk),
        tce=format_number(told.tail_expectation, 3),
        most=format_number(told.maximum),
    )
    yield from _curve_lines(solution)
    for item in solution.warnings:
        yield f"  · {_warning(item)}"


def _warning(item: Problem) -> str:
    return item.message + (f" ({shorten(item.features)})" if item.features else "")


def _amount(value: float, unit: str) -> str:
    text = format_significant(value, 5)
    return text if unit in ("", "1") else with_unit(text, unit)


def _answer_lines(solution: Solution, benefit: str) -> Iterator[str]:
    problem, best = solution.problem, solution.exact
    whole = problem.unseen_cost
    share = format_number(100.0 * best.benefit / whole if whole else 0.0, 1)
    yield "  " + _("{what}: {value} ({share} % of all)").format(
        what=benefit, value=_amount(best.benefit, problem.unit), share=share
    )
    if best.proved:
        yield "  " + _("best choice: proved, no other does better")
    elif solution.limit.target is not None:
        text = _("best choice: not proved, no other costs less than {bound} EUR (gap {gap} %)")
        yield "  " + text.format(bound=format_number(best.bound), gap=format_number(100.0 * best.gap, 2))
    else:
        text = _("best choice: not proved, no other exceeds {bound} (gap {gap} %)")
        yield "  " + text.format(bound=_amount(best.bound, problem.unit), gap=format_number(100.0 * best.gap, 2))
    text = _("greedy choice: {value}, {gap} % short of it")
    if solution.limit.target is not None:
        text = _("greedy choice: {value}, {gap} % dearer than it needs to be")
    line = text.format(
        value=_amount(solution.greedy.benefit, problem.unit), gap=format_number(100.0 * solution.greedy_gap, 2)
    )
    if solution.greedy.guarantee:
        line += " " + _("(at least {share} % of the best are certain)").format(
            share=format_number(100.0 * solution.greedy.guarantee, 1)
        )
    yield "  " + line
    failures = solution.failures
    if failures is not None:
        text = _("with failing devices: {value} expected; the choice that reckons with them: {other}")
        yield "  " + text.format(
            value=_amount(failures.expected, problem.unit), other=_amount(failures.robust_expected, problem.unit)
        )


def _curve_lines(solution: Solution, whole: Whole | None = None) -> Iterator[str]:
    points = solution.curve
    if not len(points.count):
        return
    heads = [_("devices"), _("greedy"), _("best known"), _("bound"), _("the last adds")]
    known = {} if whole is None else dict(zip(whole.count.tolist(), whole.benefit.tolist(), strict=True))
    if known:
        heads.append(_("as a whole"))
    rows = [heads]
    for row in _shown(points, known):
        star, count = "*" if points.proved[row] else " ", int(points.count[row])
        cells = [
            format_number(count),
            format_significant(float(points.greedy[row]), 5),
            format_significant(float(points.best[row]), 5) + star,
            format_significant(float(points.bound[row]), 5),
            format_significant(float(points.next[row]), 4),
        ]
        if known:
            cells.append(format_significant(known[count], 5) if count in known else "")
        rows.append(cells)
    widths = [max(columns(row[column]) for row in rows) for column in range(len(heads))]
    for row_ in rows:
        yield "  " + "  ".join(right(text, width) for text, width in zip(row_, widths, strict=True))
    costs = solution.problem.sites.cost[~solution.problem.sites.forbidden]
    if costs.min() < costs.max():
        yield "  " + _("sites differ in cost: the curve counts them, whatever they cost")
    yield "  " + _("* proved; knee of the curve near {count} devices").format(count=format_number(points.knee))


def _shown(points: Curve, known: Collection[int]) -> list[int]:
    """Return rows of the curve that tell its shape: the first, the last, the knee, those reckoned, some between."""
    last = len(points.count) - 1
    picked = {0, last, int(np.searchsorted(points.count, points.knee))}
    picked |= {int(np.searchsorted(points.count, count)) for count in known}
    for value in np.unique(np.geomspace(1, last + 1, ROWS - 1).round().astype(int)).tolist():
        if len(picked) >= ROWS:
            break
        picked.add(value - 1)
    return sorted(row for row in picked if 0 <= row <= last)


def promise_lines(kept: list[Kept]) -> Iterator[str]:
    """Yield what is to be said of promises."""
    for item in kept:

        def told(value: float, unit: str = item.unit) -> str:
            return with_unit(format_significant(value, 4), unit)

        yield f"{item.variant}: {item.network}.{item.figure}"
        yield "  " + _("promised: {value}").format(value=told(item.promised))
        if item.interval is None:
            yield "  " + _("simulated: {value}, one replication: no interval").format(value=told(item.simulated))
        else:
            low, high = item.interval
            text = _("simulated: {value}, 95 % interval from {low} to {high}")
            yield "  " + text.format(value=told(item.simulated), low=told(low), high=told(high))
        if item.kept:
            yield "  " + _("kept: the promise lies in the interval of the simulation")
            continue
        share = abs(item.missed) / abs(item.promised) if item.promised else 0.0
        text = _("missed by {value}, {share} % of what was promised; what may explain it:")
        yield "  " + text.format(value=told(abs(item.missed)), share=format_significant(100.0 * share, 2))
        yield from (f"    · {reason}" for reason in item.reasons)

"""A portfolio as a terminal prints it, and as files keep it: roadmap, quick wins, budgets, sharing."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jumeau.evaluation.mutualisation import Mutual, Sharing
from jumeau.evaluation.portfolio import Plan, as_dict, greedy, next_euro, optimise, quick_win
from jumeau.evaluation.portfolio_file import Portfolio
from jumeau.evaluation.reference import reference_table
from jumeau.files import write_text
from jumeau.i18n import _, local
from jumeau.report.numbers import decimals, percent, plain, scaled_unit, signed, with_unit
from jumeau.results.storage import write_json
from jumeau.units import conversion_factor


def money(value: float) -> str:
    """Return an amount to three figures, in the unit that suits it."""
    unit = scaled_unit("EUR", abs(value))
    scaled = value * conversion_factor("EUR", unit)
    return with_unit(signed(scaled, min(decimals(scaled, 3), 2)), unit)


def amount(value: float) -> str:
    """Return what is spent or available: without a sign."""
    return money(value).removeprefix("+")


class Solved:
    """A portfolio with its plans.

    Attributes
    ----------
    best, rule : Plan
        The optimum, and the plan by value per euro.
    next_euro : list of float
        What a tenth more of each year's budget would bring, per euro.
    """

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        arguments = (portfolio.candidates, portfolio.shared, portfolio.budgets)
        carry = portfolio.file.carry_over
        self.best: Plan = optimise(*arguments, carry_over=carry)
        self.rule: Plan = greedy(*arguments, carry_over=carry)
        self.next_euro = next_euro(*arguments, carry_over=carry)

    def roadmap(self) -> pd.DataFrame:
        """Return one row per project that is done, and per shared thing, in the order of their years.

        `delay` counts the years after the earliest start [year], `cumulated_value` sums up to the row [EUR], `after`
        names what the project waited for or needs.
        """
        rows: list[tuple[Any, ...]] = []
        years = self.portfolio.years
        for item in self.portfolio.candidates:
            if item.name in self.best.starts:
                start = self.best.starts[item.name]
                waits = " ".join([*item.after, *item.needs])
                figures = (float(item.investment.sum()), float(item.value[start]))
                rows.append((years[start], item.title, *figures, waits, start - item.earliest))
        for thing in self.portfolio.shared:
            if thing.name in self.best.shared:
                start = self.best.shared[thing.name]
                rows.append((years[start], thing.title, thing.cost, float(thing.value[start]), "", 0))
        table = pd.DataFrame(rows, columns=["year", "project", "investment", "value", "after", "delay"])
        table = table.sort_values(["year", "project"], kind="stable").reset_index(drop=True)
        table["cumulated_value"] = table["value"].cumsum()
        return table

    def sharing(self) -> Mutual | None:
        """Return what sharing does to the communes; None where the file names none."""
        file = self.portfolio.file
        if file.communes is None:
            return None
        rate = reference_table().value("discount_rate") if file.discount_rate is None else file.discount_rate
        return Sharing(file.communes, rate, file.horizon).all_together()

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return {
            "format": "jumeau-portfolio",
            "version": 1,
            "years": list(self.portfolio.years),
            "budgets": self.portfolio.budgets,
            "optimum": as_dict(self.best),
            "by_value_per_euro": as_dict(self.rule),
            "next_euro": [value if np.isfinite(value) else None for value in self.next_euro],
            "quick_wins": {item.name: quick_win(item) for item in self.portfolio.candidates},
            "sharing": None if (sharing := self.sharing()) is None else asdict(sharing),
        }


def portfolio_lines(solved: Solved, width: int = 80) -> list[str]:
    """Return a portfolio in lines of at most `width` columns, in the current language."""
    portfolio, best = solved.portfolio, solved.best
    lines = textwrap.wrap(local(portfolio.file.title) or portfolio.file.name, width)
    lines += ["", *textwrap.wrap(_("Roadmap: first year, investment in all, socio-economic value"), width)]
    for row in solved.roadmap().to_dict("records"):
        text = f"{row['year']}  {amount(row['investment']):>12}  {money(row['value']):>12}  {row['project']}"
        lines += textwrap.wrap(text, width, initial_indent=" ", subsequent_indent=" " * 36)
    left = [item.title for item in portfolio.candidates if item.name not in best.starts]
    if left:
        lines += textwrap.wrap(_("Not done: {list}.").format(list=", ".join(left)), width)
    lines += ["", *textwrap.wrap(_("Budgets: available, spent, what one more euro would bring"), width)]
    spare = np.cumsum(portfolio.budgets) - np.cumsum(best.spent) if portfolio.file.carry_over else None
    for place, year in enumerate(portfolio.years):
        gain = solved.next_euro[place]
        text = f"{year}  {amount(portfolio.budgets[place]):>12}  {amount(float(best.spent[place])):>12}"
        text += f"  {with_unit(plain(gain, 2), 'EUR') if np.isfinite(gain) else '—':>8}"
        if spare is not None:
            text += "  " + _("carried over: {amount}").format(amount=amount(float(spare[place])))
        lines.append(" " + text)
    lines += ["", *textwrap.wrap(_compared(solved), width), "", _("Quick wins")]
    for item in portfolio.candidates:
        missing = quick_win(item)
        text = _("yes") if not missing else _("no: {reasons}").format(reasons=", ".join(missing))
        lines += textwrap.wrap(f"{item.title} · {text}", width, initial_indent=" ", subsequent_indent="   ")
    return [*lines, *_sharing(solved.sharing(), width)]


def _compared(solved: Solved) -> str:
    text = _("Value of the plan: {best}, proven optimal within {gap}; by value per euro alone: {rule}.")
    text = text.format(
        best=money(solved.best.value), gap=percent(max(solved.best.gap, 0.0)), rule=money(solved.rule.value)
    )
    if solved.rule.missing:
        # Without a compulsory project, the rule may be worth more than any plan that holds.
        missing = ", ".join(item.title for item in solved.portfolio.candidates if item.name in solved.rule.missing)
        text += " " + _("The latter does not hold: it leaves out compulsory projects ({names}).").format(names=missing)
    return text


def _sharing(found: Mutual | None, width: int) -> list[str]:
    if found is None:
        return []
    text = _("Sharing between communes: alone, together, part of the fixed cost, communes needed")
    lines = ["", *textwrap.wrap(text, width)]
    for item in found.shares:
        needed = "—" if item.needed is None else plain(item.needed, 0)
        text = f"{money(item.alone):>12}  {money(item.together):>12}  {amount(item.paid):>12}  {needed:>4}  {item.name}"
        lines.append(" " + text)
    if found.stable:
        text = _("Nobody would be better off by leaving.")
        if not found.complete:
            text = _("No commune would be better off alone (larger groups were not looked at).")
    else:
        text = _("These would be better off among themselves: {names}.").format(names=", ".join(found.leaving))
    return [*lines, *textwrap.wrap(text, width)]


def write_portfolio(solved: Solved, folder: Path) -> list[Path]:
    """Write `portfolio.json` and `roadmap.csv`."""
    folder = Path(folder)
    return [
        write_json(solved.to_dict(), folder / "portfolio.json"),
        write_text(folder / "roadmap.csv", solved.roadmap().to_csv(index=False, lineterminator="\n")),
    ]

"""The sheet of one variant in the spreadsheet: flows as figures, sums, values and criteria as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jumeau.evaluation.criteria import CRITERIA
from jumeau.evaluation.flows import PER_TONNE
from jumeau.evaluation.items import FINANCING, INVESTMENT, ITEMS
from jumeau.evaluation.model import Evaluation
from jumeau.evaluation.project import ACTORS, AUTHORITY, OTHER_PUBLIC
from jumeau.evaluation.reference import CARBON_VALUE_YEAR
from jumeau.i18n import _, local

#: Names of cells that formulas refer to.
RATE, COFP, CARBON, CARBON_GROWTH = "discount_rate", "public_funds_cost", "carbon_value", "carbon_value_growth"
NAMED = (RATE, COFP, CARBON, CARBON_GROWTH)

MONEY, PERCENT, NUMBER = "#,##0", "0.00%", "#,##0.00"

#: First column of years; labels stand before it.
FIRST = 4

#: Actors' names, as sheets show them.
ACTOR_LABELS = {
    "authority": "Public authority",
    "other_public": "Other public bodies",
    "users": "Users",
    "third_parties": "Third parties",
    "environment": "Environment",
}


def embolden(cell: Any, *, size: float = 11) -> None:
    """Write a cell in bold."""
    from openpyxl.styles import Font

    cell.font = Font(bold=True, size=size)


def fill(cell: Any, colour: str) -> None:
    """Give a cell a ground, as six hexadecimal digits."""
    from openpyxl.styles import PatternFill

    cell.fill = PatternFill("solid", fgColor=colour)


def unit_text(unit: str) -> str:
    """Return a unit as people write it."""
    return "" if unit == "1" else unit.replace("EUR", "€").replace("1/year", "").replace("year", _("year"))


def floats(values: Any) -> list[float]:
    """Return figures as plain numbers, which is what a spreadsheet takes."""
    return [float(value) for value in np.asarray(values, dtype=np.float64)]


def number(value: Any) -> float | None:
    """Return a number that a cell can hold; None for what is none."""
    return None if value is None or not np.isfinite(value) else float(value)


def landscape(sheet: Any) -> None:
    """Print on A4, as wide as the page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


@dataclass
class VariantSheet:
    """The sheet of one variant.

    Attributes
    ----------
    sheet : Worksheet
    evaluation : Evaluation
    variant : str
    row : int
        Where the next line goes.
    head, index, factor : int
        Rows of calendar years, of years after the first, of discount factors.
    invested, residual : list of int
        Rows of the authority's investments, and of what is left of them.
    tonnes : dict
        Tonnes by year, `avoided` and `embodied`.
    pending : list
        Rows whose formulas wait for those of tonnes.
    cells : dict of str to str
        Cells of the criteria.
    """

    sheet: Any
    evaluation: Evaluation
    variant: str
    row: int = 1
    head: int = 0
    index: int = 0
    factor: int = 0
    invested: list[int] = field(default_factory=list)
    residual: list[int] = field(default_factory=list)
    tonnes: dict[str, list[float]] = field(default_factory=dict)
    pending: list[tuple[int, str, str]] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)

    def write(self) -> None:
        """Write flows, sums and criteria."""
        sheet, years = self.sheet, self.evaluation.years
        title = self.evaluation.provenance.get("variants", {}).get(self.variant, {}).get("title") or self.variant
        sheet.cell(1, 1, local(title))
        embolden(sheet.cell(1, 1), size=13)
        self.row = 3
        self.head = self._line(_("Year"), "", list(years), form="0", bold=True)
        self.index = self._line(_("Years after the first"), "", [year - years[0] for year in years], form="0")
        self.factor = self._formulas(_("Discount factor"), "", "(1+{rate})^-{index}", form="0.0000")
        self.row += 1
        own, public, others = self._flows()
        self.row += 1
        self._values(own, public, others)
        self.row += 1
        self._samples()
        sheet.freeze_panes = sheet.cell(4, FIRST)
        sheet.column_dimensions["A"].width = 46
        sheet.column_dimensions["B"].width = 22
        sheet.column_dimensions["C"].width = 15
        for place in range(len(years)):
            sheet.column_dimensions[self._letter(place)].width = 11
        landscape(sheet)

    def _letter(self, place: int) -> str:
        from openpyxl.utils import get_column_letter

        return str(get_column_letter(FIRST + place))

    def _span(self, row: int, first: int = 0) -> str:
        return f"{self._letter(first)}{row}:{self._letter(len(self.evaluation.years) - 1)}{row}"

    def _line(
        self,
        label: str,
        actor: str,
        values: Sequence[Any],
        *,
        form: str = MONEY,
        bold: bool = False,
        sums: bool = False,
    ) -> int:
        """Write a row of figures, with its sum where asked for; return its number."""
        row, sheet = self.row, self.sheet
        sheet.cell(row, 1, label)
        sheet.cell(row, 2, actor)
        for place, value in enumerate(values):
            cell = sheet.cell(row, FIRST + place, value)
            cell.number_format = form
            if bold:
                embolden(cell)
        if bold:
            embolden(sheet.cell(row, 1))
        if sums:
            sheet.cell(row, 3, f"=SUM({self._span(row)})").number_format = form
        self.row += 1
        return row

    def _formulas(
        self, label: str, actor: str, text: str, *, form: str = MONEY, bold: bool = False, sums: bool = False
    ) -> int:
        """Write a row of formulas; `{name}` stands for the cell of that row, or before it, in the same year."""
        values = []
        for place in range(len(self.evaluation.years)):
            letter = self._letter(place)
            values.append(
                "="
                + text.format(
                    rate=RATE,
                    index=f"{letter}${self.index}",
                    year=f"{letter}${self.head}",
                    factor=f"{letter}${self.factor}",
                    at=letter,
                )
            )
        return self._line(label, actor, values, form=form, bold=bold, sums=sums)

    def _flows(self) -> tuple[int, int, int]:
        """Write flows by actor and item; return the rows of the authority's, other public bodies' and others' sums."""
        changes = self.evaluation.changes(self.variant).sum("network")
        self.sheet.cell(self.row, 3, _("Sum"))
        embolden(self.sheet.cell(self.row, 3))
        self.row += 1
        rows: dict[str, int] = {}
        for actor in ACTORS:
            first = self.row
            for name, item in ITEMS.items():
                if item.kind == FINANCING:
                    continue
                values = changes.sel(actor=actor, item=name).to_numpy()
                if not values.any():
                    continue
                if actor == AUTHORITY and item.kind == INVESTMENT:
                    self.invested.append(self.row)
                if name == "residual_value":
                    self.residual.append(self.row)
                if name == "carbon":
                    self._carbon("avoided", _(item.label), _(ACTOR_LABELS[actor]), 1)
                elif name == "digital_footprint":
                    self._carbon("embodied", _(item.label), _(ACTOR_LABELS[actor]), -1)
                else:
                    self._line(_(item.label), _(ACTOR_LABELS[actor]), [float(v) for v in values], sums=True)
            label = _("Total: {actor}").format(actor=_(ACTOR_LABELS[actor]))
            text = f"SUM({{at}}{first}:{{at}}{self.row - 1})" if self.row > first else "0"
            rows[actor] = self._formulas(label, "", text, bold=True, sums=True)
        others = [rows[actor] for actor in ACTORS if actor not in (AUTHORITY, OTHER_PUBLIC)]
        joined = "+".join(f"{{at}}{row}" for row in others)
        everybody = self._formulas(_("Total: users, third parties, environment"), "", joined, bold=True, sums=True)
        return rows[AUTHORITY], rows[OTHER_PUBLIC], everybody

    def _carbon(self, kind: str, label: str, actor: str, sign: int) -> None:
        """Write tonnes, which are figures, and their value, which follows the named cells."""
        carbon = self.evaluation.carbon.sum("network")
        change = carbon.sel(scenario=self.variant, kind=kind) - carbon.sel(scenario="baseline", kind=kind)
        tonnes = [float(value) * PER_TONNE for value in change.to_numpy()]
        row = self._line(label, actor, [])
        self.tonnes[kind] = tonnes
        text = f"{'-' if sign < 0 else ''}{{at}}{{{kind}}}*{CARBON}*(1+{CARBON_GROWTH})^({{year}}-{CARBON_VALUE_YEAR})"
        self.pending.append((row, kind, text))

    def _values(self, own: int, public: int, others: int) -> None:
        """Write carbon, cumulated flows and the criteria."""
        rows = {
            kind: self._line(label, "tCO2e", self.tonnes[kind], form=NUMBER, sums=True)
            for kind, label in (("avoided", _("Emissions avoided in use")), ("embodied", _("Own footprint")))
            if kind in self.tonnes
        }
        for row, kind, text in self.pending:
            for place in range(len(self.evaluation.years)):
                letter = self._letter(place)
                formula = "=" + text.format(at=letter, year=f"{letter}${self.head}", **{kind: rows[kind]})
                self.sheet.cell(row, FIRST + place, formula).number_format = MONEY
            self.sheet.cell(row, 3, f"=SUM({self._span(row)})").number_format = MONEY
        signs = {"avoided": "", "embodied": "-"}
        net_text = "+".join(f"({signs[kind]}{{at}}{row})" for kind, row in rows.items()) or "0"
        net = self._formulas(_("Net emissions avoided"), "tCO2e", net_text, form=NUMBER, sums=True)
        worth = self._formulas(
            _("Value of net emissions avoided"),
            "",
            f"{{at}}{net}*{CARBON}*(1+{CARBON_GROWTH})^({{year}}-{CARBON_VALUE_YEAR})",
            sums=True,
        )
        spent = "+".join(f"(-{{at}}{row})" for row in self.invested) or "0"
        invested = self._formulas(_("Investment"), "", spent, sums=True)
        left = "".join(f"-{{at}}{row}" for row in self.residual)
        earned = self._formulas(
            _("Flows of the authority, residual value left out"), "", f"{{at}}{own}{left}", sums=True
        )
        cumulated = self._cumulated(_("Cumulated"), earned, "")
        discounted = self._cumulated(_("Cumulated, discounted"), earned, "*{factor}")
        self.row += 1
        flags = self._paybacks(cumulated, discounted)
        self._criteria(own, public, others, invested, net, worth, flags)

    def _cumulated(self, label: str, earned: int, times: str) -> int:
        """Write the running sum of a row, discounted where `times` says so; return its number."""
        row = self.row
        self._formulas(label, "", f"{{at}}{earned}{times}")
        for place in range(1, len(self.evaluation.years)):
            cell = self.sheet.cell(row, FIRST + place)
            cell.value = f"={self._letter(place - 1)}{row}+{str(cell.value).removeprefix('=')}"
        return row

    def _paybacks(self, cumulated: int, discounted: int) -> tuple[int, int]:
        """Write helper rows: the last year that owes, then the time of payback, for both kinds of cumulated flows."""
        found = []
        for label, row in ((_("Helper: still owing"), cumulated), (_("Helper: still owing, discounted"), discounted)):
            found.append(self._formulas(label, "", f"IF({{at}}{row}<-0.005,{{index}}+1,0)", form="0"))
        return found[0], found[1]

    def _criteria(
        self, own: int, public: int, others: int, invested: int, net: int, worth: int, flags: tuple[int, int]
    ) -> None:
        sheet, factor = self.sheet, self._span(self.factor)
        for column, text in enumerate((_("Criteria, central assumptions"), _("Unit"), _("Formula")), start=1):
            embolden(sheet.cell(self.row, column, text))
        self.row += 1
        last = len(self.evaluation.years) - 1

        def product(row: int) -> str:
            return f"SUMPRODUCT({self._span(row)},{factor})"

        cells = self.cells

        def add(name: str, formula: str, form: str = MONEY) -> None:
            item = CRITERIA[name]
            sheet.cell(self.row, 1, _(item.label))
            sheet.cell(self.row, 2, unit_text(item.unit))
            sheet.cell(self.row, 3, f"={formula}").number_format = form
            fill(sheet.cell(self.row, 3), "E2EFDA")
            cells[name] = f"$C${self.row}"
            self.row += 1

        add("investment", product(invested))
        add("financial_benefit", product(own))
        add("socio_economic_benefit", f"{product(public)}+{product(others)}")
        add("collective_value", f"{cells['financial_benefit']}+{cells['socio_economic_benefit']}")
        ratio = f"{cells['collective_value']}/{cells['investment']}"
        add("collective_value_per_euro", f'IF({cells["investment"]}>0,{ratio},"—")', NUMBER)
        add("net_public_value", f"{product(own)}+{product(public)}")
        add("net_present_socio_economic_value", f"{product(others)}+{COFP}*{cells['net_public_value']}")
        add("internal_rate", f'IFERROR(IRR({self._span(own)}),"—")', PERCENT)
        add("modified_rate", f'IFERROR(MIRR({self._span(own)},{RATE},{RATE}),"—")', PERCENT)
        horizon = self.evaluation.assumed.block.horizon
        for name, flag, summed in (
            ("simple_payback", flags[0], flags[0] - 3),
            ("discounted_payback", flags[1], flags[1] - 3),
        ):
            spot = f"MAX({self._span(flag)})"
            debt, after = f"INDEX({self._span(summed)},{spot})", f"INDEX({self._span(summed)},{spot}+1)"
            inside = f"{spot}-1+({debt})/(({debt})-({after}))"
            add(name, f'IF({spot}=0,0,IF({spot}>{last},">{horizon}",{inside}))', NUMBER)
        annuity = f"IF({RATE}=0,1/{horizon},{RATE}/(1-(1+{RATE})^-{horizon}))"
        add("annual_equivalent", f"{cells['financial_benefit']}*{annuity}")
        add("carbon_net", f"$C${net}", NUMBER)
        add("carbon_value", product(worth))
        year = f"{self._letter(0)}${self.head}"
        first = f"({CARBON}*(1+{CARBON_GROWTH})^({year}-{CARBON_VALUE_YEAR}))"
        cost = f"-({cells['collective_value']}-{cells['carbon_value']})/({cells['carbon_value']}/{first})"
        add("abatement_cost", f'IF({cells["carbon_net"]}>0,{cost},"—")')

    def _samples(self) -> None:
        """Write where samples lie, as figures that do not recalculate, then financing."""
        from openpyxl.styles import Alignment

        sheet = self.sheet
        text = _("{samples} draws: these figures do not recalculate").format(
            samples=self.evaluation.assumed.block.samples
        )
        for column, head in enumerate((text, _("Unit"), "P10", "P50", "P90", _("Chances")), start=1):
            cell = sheet.cell(self.row, column, head)
            embolden(cell)
            if column > 2:
                cell.alignment = Alignment(horizontal="right")
        self.row += 1
        for name in self.cells:
            found, item = self.evaluation.estimate(name, self.variant), CRITERIA[name]
            sheet.cell(self.row, 1, _(item.label))
            sheet.cell(self.row, 2, unit_text(item.unit))
            form = PERCENT if name in ("internal_rate", "modified_rate") else MONEY if "EUR" in item.unit else NUMBER
            for column, value in enumerate((found.p10, found.p50, found.p90), start=3):
                written = f">{self.evaluation.assumed.block.horizon}" if np.isinf(value) else number(value)
                sheet.cell(self.row, column, written).number_format = form
            sheet.cell(self.row, 6, number(found.p_positive)).number_format = "0%"
            self.row += 1
        self.row += 1
        self._tables()

    def _tables(self) -> None:
        """Write the income statement and the financing plan, sums as formulas."""
        budget = self.evaluation.budget(self.variant)
        statement = self.evaluation.income_statement(self.variant)
        embolden(self.sheet.cell(self.row, 1, _("Income statement, change by year")))
        self.row += 1
        first = self.row
        for name, label in (("receipts", _("Receipts")), ("operating", _("Operating costs"))):
            self._line(label, "", floats(statement.loc[name]), sums=True)
        self._formulas(_("Gross operating surplus"), "", f"{{at}}{first}+{{at}}{first + 1}", bold=True, sums=True)
        self._line(_("Depreciation"), "", floats(statement.loc["depreciation"]), sums=True)
        self._formulas(_("Result"), "", f"{{at}}{first + 2}+{{at}}{first + 3}", bold=True, sums=True)
        self.row += 1
        embolden(self.sheet.cell(self.row, 1, _("Financing plan")))
        self.row += 1
        top = self.row
        for name in budget.index:
            if ITEMS[str(name)].kind in (INVESTMENT, FINANCING):
                self._line(_(ITEMS[str(name)].label), "", floats(budget.loc[name]), sums=True)
        text = f"-SUM({{at}}{top}:{{at}}{self.row - 1})" if self.row > top else "0"
        self._formulas(_("Own funds needed"), "", text, bold=True, sums=True)

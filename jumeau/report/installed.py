"""What each variant installs, written: devices and works, their money, life, power and embodied carbon."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from jumeau.accounts import TOTAL
from jumeau.report import evidence
from jumeau.report.money import INVESTMENT, euros
from jumeau.report.numbers import NOTHING, significant, with_unit
from jumeau.results import Results
from jumeau.results.titles import network_label

#: Line of the account: what the devices' manufacture and end of life emit.
EMBODIED = "embodied_carbon"


def bill_rows(results: Results, variant: str) -> tuple[tuple[dict[str, str], ...], dict[str, str]]:
    """Return what a variant installs, and its totals."""
    if results.bill.empty:
        return (), {}
    items = results.bill[results.bill["variant"] == variant].to_dict("records")
    if not items:
        return (), {}
    rows = tuple(_bill_row(item, results) for item in items)

    whole = {item.indicator: item for item in results.records if (item.variant, item.network) == (variant, TOTAL)}

    def level(line: str) -> float:
        return whole[line].variant_value if line in whole else float("nan")

    fees = sum(evidence.number(item["count"]) * evidence.number(item["annual_cost"]) for item in items)
    totals = {
        "investment": euros(level(INVESTMENT)),
        "annual": euros(fees),
        "carbon": with_unit(significant(level(EMBODIED)), "kgCO2e"),
    }
    return rows, totals


def _bill_row(item: Mapping[Hashable, Any], results: Results) -> dict[str, str]:
    count, unit_cost, annual, embodied, life, power = (
        evidence.number(item[key]) for key in ("count", "unit_cost", "annual_cost", "embodied_carbon", "life", "power")
    )
    return {
        "label": evidence.translated(item["label"]),
        "network": network_label(results.provenance, evidence.text(item["network"])),
        "count": significant(count, 7),
        "unit_cost": with_unit(significant(unit_cost, 5), "EUR"),
        "investment": euros(count * unit_cost),
        "annual": euros(count * annual),
        "life": with_unit(significant(life), "year"),
        "power": with_unit(significant(power, 3), "W"),
        "carbon": with_unit(significant(count * embodied), "kgCO2e"),
        "observes": evidence.translated(item["observes"]) or NOTHING,
        "source": evidence.source_text(item["source"]),
    }

"""Bills beside the model: what each cabinet was billed, what a finished run says of it, and the gap.

A bill rarely covers the period that was simulated. What the model says is brought to the days of the bills in
proportion to the hours of darkness, so that a bill of winter meets a share of winter.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.accounts.delivery import CLASSES
from jumeau.accounts.price_list import VAT_RATE
from jumeau.columns import numbers, texts
from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.lighting.formats.bills import DIGITS, Bills, read_bills
from jumeau.networks.lighting.physics.sun import elevation
from jumeau.results.account import factor_tables
from jumeau.results.comparison import BASELINE
from jumeau.results.model import Results, asset_table
from jumeau.results.storage import read_results

NETWORK = "lighting"
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Compared:
    """Bills beside a run.

    Attributes
    ----------
    table : DataFrame
        One row per cabinet that is billed: `cabinet_id`, `delivery_point`, `days` billed, `billed_kwh`, `model_kwh`,
        `energy_gap` (model over bill, less one), `billed_eur` and `model_eur` (VAT excluded), `cost_gap`.
    unknown_points : tuple of str
        Delivery points of the bills that no cabinet names.
    unbilled : tuple of str
        Cabinets without bill: without delivery point, or one that no bill names.
    """

    table: pd.DataFrame
    unknown_points: tuple[str, ...]
    unbilled: tuple[str, ...]

    def told(self) -> str:
        """Return the comparison in words, in the current language."""
        energy, billed = float(self.table["model_kwh"].sum()), float(self.table["billed_kwh"].sum())
        lines = [
            _("{count} cabinet(s) beside their bills: {model:.0f} kWh by the model, {billed:.0f} kWh billed").format(
                count=len(self.table), model=energy, billed=billed
            )
        ]
        if billed > 0.0:
            lines.append(_("gap of the energy: {gap:+.1f} %").format(gap=100.0 * (energy / billed - 1.0)))
        if self.unknown_points:
            lines.append(
                _("{count} delivery point(s) of the bills that no cabinet names: {names}").format(
                    count=len(self.unknown_points), names=", ".join(self.unknown_points)
                )
            )
        if self.unbilled:
            lines.append(
                _("{count} cabinet(s) without bill: {names}").format(
                    count=len(self.unbilled), names=", ".join(self.unbilled)
                )
            )
        return "\n".join(lines)


def compare(bills: Bills, results: Results, situation: str = BASELINE) -> Compared:
    """Compare bills with what a finished run says of the cabinets of a situation.

    Raises
    ------
    InputError
        When the run holds no cabinets.
    """
    name = asset_table(NETWORK, "cabinets", situation)
    if name not in results.assets:
        raise InputError(_("the run holds no cabinets of public lighting"))
    cabinets = results.assets[name]
    tables = factor_tables(results.factors, situation)
    prices = tables["shared"]
    period = results.provenance["period"]
    first, last = (pd.Timestamp(str(period[key])) for key in ("start", "end"))
    place = cabinets.to_crs(4326).geometry
    dark = _Darkness(float(place.y.mean()), float(place.x.mean()), tables[NETWORK].value("photocell_threshold"))
    unit, fixed = _prices(results, cabinets, prices, situation)
    years = ((last - first) / DAY + 1.0) / 365.0
    table = bills.table.assign(
        days=(bills.table["end"] - bills.table["start"]).dt.days + 1.0,
        dark=[dark.hours(start, end) for start, end in zip(bills.table["start"], bills.table["end"], strict=True)],
        eur=bills.table["net"].fillna(bills.table["gross"] / (1.0 + prices.value(VAT_RATE))),
    )
    points, ids = texts(cabinets, "delivery_point"), texts(cabinets, "cabinet_id")
    energy = numbers(cabinets, "energy") / dark.hours(first, last)
    rows = []
    for row in range(len(cabinets)):
        point = str(points[row]).zfill(DIGITS) if points[row] else ""
        own = table[table["point"] == point]
        if len(own):
            days, model = float(own["days"].sum()), float(energy[row] * own["dark"].sum())
            money = model * unit + float(fixed[row]) / years * days / 365.0
            billed, paid = float(own["energy"].sum()), float(own["eur"].sum(min_count=1))
            rows.append(
                {
                    "cabinet_id": ids[row],
                    "delivery_point": point,
                    "days": days,
                    "billed_kwh": billed,
                    "model_kwh": model,
                    "energy_gap": model / billed - 1.0 if billed > 0.0 else np.nan,
                    "billed_eur": paid,
                    "model_eur": money,
                    "cost_gap": money / paid - 1.0 if paid > 0.0 else np.nan,
                }
            )
    columns = ["cabinet_id", "delivery_point", "days", "billed_kwh", "model_kwh", "energy_gap"]
    found = pd.DataFrame(rows, columns=[*columns, "billed_eur", "model_eur", "cost_gap"])
    matched, with_bill = set(found["delivery_point"]), set(found["cabinet_id"])
    return Compared(
        found,
        tuple(point for point in bills.points if point not in matched),
        tuple(str(item) for item in ids if item not in with_bill),
    )


class _Darkness:
    """Hours of darkness at a place."""

    def __init__(self, latitude: float, longitude: float, threshold: float) -> None:
        self.place = latitude, longitude
        self.threshold = threshold

    def hours(self, first: pd.Timestamp, last: pd.Timestamp) -> float:
        """Return the hours of darkness of some days, both included, in steps of ten minutes [h]."""
        start = first.tz_localize("UTC")
        instants = pd.date_range(start, last.tz_localize("UTC") + DAY, freq="10min", inclusive="left")
        return float((elevation(instants, *self.place) < self.threshold).sum()) / 6.0


def _prices(
    results: Results, cabinets: gpd.GeoDataFrame, prices: FactorTable, situation: str
) -> tuple[float, np.ndarray]:
    """Return what a kWh costs [EUR], and what each cabinet pays over the period beside [EUR], as the run bills."""

    def total(name: str) -> float:
        return float(results.dataset[f"{NETWORK}_{name}"].sel(scenario=situation).mean())

    taxed = total("taxed_electricity")
    if not taxed:
        years = total("subscribed_power_years") / max(float(numbers(cabinets, "billed_power").sum()), 1e-12)
        return prices.value("electricity_price"), numbers(cabinets, "billed_power") * years * prices.value(
            "subscription_price"
        )
    supply = sum(total(f"electricity_{name}") * prices.value(f"supply_{name}") for name in CLASSES)
    return supply / taxed + prices.value("electricity_excise"), numbers(cabinets, "delivery_cost")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare a run's cabinets with a file of bills; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m jumeau.networks.lighting.bills", description=main.__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("bills", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--situation", default=BASELINE)
    given = parser.parse_args(arguments)
    try:
        found = compare(read_bills(given.bills), read_results(given.run), given.situation)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if given.output is not None:
        found.table.to_csv(given.output, index=False, encoding="utf-8")
    sys.stdout.write(f"{found.table.to_string(index=False)}\n{found.told()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

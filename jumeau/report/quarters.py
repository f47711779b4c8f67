"""Figures by quarter: what the assets of each add up to, before and after, all of them making the network's figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.attributes import Attribute
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.network import discover
from jumeau.report.numbers import decimals, labelled, percent, plain, signed
from jumeau.results import Results
from jumeau.results.comparison import BASELINE, SEEN
from jumeau.results.model import asset_table
from jumeau.results.titles import network_label, variant_title
from jumeau.territory.model import Territory
from jumeau.territory.of_run import territory_of_run

#: Kind of the zones that are quarters.
QUARTER = "quarter"

#: Outputs that assets of a quarter add up to.
SUMMED = "time: sum"

#: Share by which the assets of all quarters may miss the figure of the network: files of assets hold fewer digits.
AGREES = 1e-4

#: Quarters beyond which a table is no longer read.
MOST = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """What a variant does in one quarter, written.

    Attributes
    ----------
    after, difference : str
        The difference with its relative one.
    here : bool
        Whether a measure of the variant is limited to zones, this one among them.
    """

    after: str
    difference: str
    here: bool = False


@dataclass(frozen=True)
class QuarterRow:
    """One quarter.

    Attributes
    ----------
    name, before : str
    changes : tuple of Change
        One per variant of the table.
    """

    name: str
    before: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class QuarterTable:
    """The main output of one network, quarter by quarter.

    Attributes
    ----------
    network, label : str
        How the network is called, and what is summed, with its unit.
    variants : tuple of str
        Titles of the variants that change it.
    rows : tuple of QuarterRow
    total : QuarterRow
        The figure of the network, which the rows add up to.
    limited : bool
        Whether a measure is limited to zones.
    """

    network: str
    label: str
    variants: tuple[str, ...]
    rows: tuple[QuarterRow, ...]
    total: QuarterRow
    limited: bool


def quarters_of_run(results: Results, folder: Path, territory: Territory | None = None) -> gpd.GeoDataFrame | None:
    """Return the quarters of the territory of a run; None where it has none, or is no longer found.

    Parameters
    ----------
    results : Results
    folder : Path
        Of the run.
    territory : Territory, optional
        Where it is at hand; looked for by default.
    """
    if not any(_tables(results, name) for name in results.networks):
        return None
    try:
        found = territory or territory_of_run(results.provenance, folder)
    except InputError:
        return None  # a report is written without the territory, which may lie on another machine
    zones = found.layers.get("zones")
    if zones is None or zones.empty:
        return None
    kinds = zones["kind"].fillna(QUARTER) if "kind" in zones else pd.Series(QUARTER, index=zones.index)
    quarters = zones[(kinds == QUARTER) & zones.geometry.notna()]
    return quarters if 0 < len(quarters) <= MOST else None


def quarter_tables(results: Results, quarters: gpd.GeoDataFrame | None) -> list[QuarterTable]:
    """Return one table for each network whose main output adds up, in the current language.

    Parameters
    ----------
    results : Results
    quarters : GeoDataFrame or None
        With `name`, `zone_id` and areas; None gives no table.

    Returns
    -------
    list of QuarterTable
        A network of which nothing changes, or whose assets do not make the figure of the network, has none.
    """
    if quarters is None:
        return []
    found = []
    for network in results.networks:
        made = (_table(results, network, output, quarters) for output in _tables(results, network))
        found.append(next((table for table in made if table is not None), None))
    return [table for table in found if table is not None]


def _tables(results: Results, network: str) -> list[Attribute]:
    """Return the outputs of a network's main layer that add up to one of its figures, in the order of the table."""
    known = discover().get(network)
    if known is None:
        return []
    outputs = known.attributes.outputs()
    main = outputs[0].layer if outputs else ""
    return [
        item
        for item in outputs
        if item.layer == main and item.cell_methods == SUMMED and item.sums_to
        if item.attribute in results.assets.get(asset_table(network, item.layer, BASELINE), ())
    ]


def _table(results: Results, network: str, output: Attribute, quarters: gpd.GeoDataFrame) -> QuarterTable | None:
    sums = {
        variant: _sums(results.assets[name], output.attribute, quarters)
        for variant in results.variants
        if (name := asset_table(network, output.layer, variant)) in results.assets
    }
    whole = dict(_whole(results, network, output.sums_to))
    before = sums[BASELINE]
    changing = [
        name
        for name, values in sums.items()
        if name != BASELINE and (np.abs(values - before) > SEEN * np.abs(before).max(initial=0.0)).any()
    ]
    if not changing or not all(_agree(sums[name], whole.get(name)) for name in (BASELINE, *changing)):
        return None
    digits = max(decimals(float(np.abs(before).sum()), 4), 0)
    limits = {name: _limits(results.provenance, name) for name in changing}
    names = [*quarters["name"].astype(str), _("Elsewhere")]
    idents = [*quarters["zone_id"].astype(str), ""]
    rows = [
        QuarterRow(
            name,
            plain(before[place], digits),
            tuple(
                _change(before[place], sums[item][place], digits, here=bool({name, ident} & limits[item]))
                for item in changing
            ),
        )
        for place, (name, ident) in enumerate(zip(names, idents, strict=True))
        if ident or any(values[place] for values in sums.values())
    ]
    start = whole[BASELINE]
    return QuarterTable(
        network=network_label(results.provenance, network),
        label=labelled(_(output.description), output.unit),
        variants=tuple(variant_title(results.provenance, name) for name in changing),
        rows=tuple(rows),
        total=QuarterRow(
            _("Whole network"),
            plain(start, digits),
            tuple(_change(start, whole[name], digits) for name in changing),
        ),
        limited=any(limits.values()),
    )


def _sums(assets: gpd.GeoDataFrame, column: str, quarters: gpd.GeoDataFrame) -> Floats:
    """Return the sum of a figure in each quarter, and elsewhere at the end, shape (quarters + 1,).

    A line belongs to the quarter of its middle; what lies in two quarters belongs to the first.
    """
    shapes = assets.geometry.to_numpy()
    lines = np.isin(shapely.get_type_id(shapes), (1, 5))
    points = shapely.centroid(shapes)
    points[lines] = shapely.line_interpolate_point(shapely.line_merge(shapes[lines]), 0.5, normalized=True)
    values = np.nan_to_num(pd.to_numeric(assets[column], errors="coerce").to_numpy(dtype=float))
    quarter = np.full(len(assets), len(quarters))
    tree = shapely.STRtree(quarters.geometry.to_numpy())
    asset, inside = tree.query(points, predicate="intersects")
    np.minimum.at(quarter, asset, inside)
    return np.asarray(np.bincount(quarter, weights=values, minlength=len(quarters) + 1), dtype=np.float64)


def _whole(results: Results, network: str, indicator: str) -> Iterator[tuple[str, float]]:
    """Yield the level of a figure of a network in each situation."""
    for record in results.records:
        if (record.network, record.indicator) == (network, indicator):
            yield BASELINE, record.baseline
            yield record.variant, record.variant_value


def _agree(values: Floats, whole: float | None) -> bool:
    return whole is not None and math.isclose(float(values.sum()), whole, rel_tol=AGREES, abs_tol=1e-9)


def _change(before: float, after: float, digits: int, *, here: bool = False) -> Change:
    difference = signed(after - before, digits)
    share = f" ({percent((after - before) / before)})" if before and round(after - before, digits) else ""
    return Change(plain(after, digits), difference + share, here)


def _limits(provenance: Mapping[str, Any], variant: str) -> set[str]:
    """Return the zones, by name or id, to which measures of a variant are limited."""
    resolved = provenance.get("scenario", {}).get("resolved", {})
    measures = resolved.get("variants", {}).get(variant, {}).get("measures", ())
    return {str(zone) for item in measures for zone in (item.get("where") or {}).get("zones", ())}

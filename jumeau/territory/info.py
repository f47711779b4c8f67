"""Says what is in a territory and how much of it is real: `jumeau territory info`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import shapely

from jumeau.accounts.place import told_of
from jumeau.attributes import ORIGINS
from jumeau.i18n import _, format_number, local
from jumeau.territory.model import Territory
from jumeau.territory.place import place_of

#: Columns of the layer `population` that are summed.
PEOPLE = ("residents", "households", "jobs")
#: Layers of whose features the hull is the place that a territory takes, where it has no zones.
PLACES = ("streets", "buildings", "addresses")


@dataclass(frozen=True)
class InfoTable:
    """What a territory holds.

    Attributes
    ----------
    layers : DataFrame
        One row per layer: `layer, count, observed, imputed, synthetic` (shares over all values of the layer).
    columns : DataFrame
        One row per layer and column, see `Territory.origin_shares`.
    figures : mapping of str to tuple of float and str
        Name -> value and unit: people first, then area, kilometres of streets, buildings.
    known : mapping of str to str
        Name of a figure of people -> how it is known, in the current language.
    sources : DataFrame
        One row per source: `source, licence, date, layers`.
    """

    layers: pd.DataFrame
    columns: pd.DataFrame
    figures: dict[str, tuple[float, str]]
    sources: pd.DataFrame
    known: dict[str, str] = field(default_factory=dict)


def info_table(territory: Territory) -> InfoTable:
    """Return what a territory holds, as tables."""
    columns = territory.origin_shares()
    rows = []
    for name in sorted(territory.layers):
        part = columns[columns["layer"] == name]
        weights = part["count"].to_numpy(dtype=float)
        shares = {
            origin: float(np.average(part[origin], weights=weights)) if weights.sum() else 0.0 for origin in ORIGINS
        }
        rows.append({"layer": name, "count": len(territory.layers[name]), **shares})
    said = columns[(columns["source"] != "") & (columns["count"] > 0)]
    sources = (
        said.groupby(["source", "licence", "date"], sort=True)["layer"]
        .agg(lambda names: ", ".join(sorted(set(names))))
        .reset_index()
        .rename(columns={"layer": "layers"})
    )
    layers = pd.DataFrame(rows, columns=["layer", "count", *ORIGINS])
    return InfoTable(layers, columns, _figures(territory), sources, _known(columns))


@np.errstate(invalid="ignore")  # coordinates that are no numbers: `territory check` names them
def _figures(territory: Territory) -> dict[str, tuple[float, str]]:
    figures: dict[str, tuple[float, str]] = {}
    layers = territory.layers
    for column in PEOPLE:
        if (
            territory.has("population")
            and column in layers["population"]
            and layers["population"][column].notna().any()
        ):
            figures[column] = (float(layers["population"][column].sum()), "")
    if territory.has("zones"):
        figures["area of the zones"] = (_area(territory, "zones"), "km²")
    else:
        parts = [layers[name].geometry.to_numpy() for name in PLACES if territory.has(name)]
        shapes = np.concatenate(parts) if parts else np.array([], dtype=object)
        figures["area of the hull"] = (float(shapely.convex_hull(shapely.union_all(_boxes(shapes))).area) / 1e6, "km²")
    if territory.has("streets"):
        length = float(shapely.length(layers["streets"].geometry.to_numpy()).sum())
        figures["street length"] = (length / 1000, "km")
    if territory.has("buildings"):
        figures["buildings"] = (float(len(layers["buildings"])), "")
        if "dwellings" in layers["buildings"]:
            figures["dwellings"] = (float(layers["buildings"]["dwellings"].sum()), "")
    if territory.has("green"):
        figures["green area"] = (_area(territory, "green"), "km²")
    return figures


def _area(territory: Territory, layer: str) -> float:
    return float(shapely.area(territory.layers[layer].geometry.to_numpy()).sum()) / 1e6


def _boxes(shapes: Any) -> Any:
    """Return the boxes of features that have a finite place: enough for a hull, whatever they cross."""
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    return shapely.box(*bounds[np.isfinite(bounds).all(axis=1)].T)


def _known(columns: pd.DataFrame) -> dict[str, str]:
    """Return how each figure of people is known: its origin, by which rule, from which source."""
    found = {}
    rows = columns[(columns["layer"] == "population") & (columns["count"] > 0)]
    for row in rows.to_dict("records"):
        origin = max(ORIGINS, key=lambda name: row[name])
        words = {"observed": _("observed"), "imputed": _("imputed"), "synthetic": _("synthetic")}
        rule = told_rule(row["rule"]) if row["rule"] and origin != "observed" else ""
        source = "; ".join(_(name) for name in row["source"].split("; ") if name)
        found[row["column"]] = ", ".join(part for part in (words[origin], rule, source) if part)
    return found


def territory_info(territory: Territory) -> str:
    """Return what a territory holds, as aligned text for a terminal, in the current language."""
    table = info_table(territory)
    title = local(territory.title())
    head = f"{title} ({territory.name})" if title != territory.name else title
    crs = territory.crs.to_string() if territory.crs.to_epsg() is None else f"EPSG:{territory.crs.to_epsg()}"
    lines = [head, _("CRS {crs}, time zone {zone}").format(crs=crs, zone=territory.timezone)]
    place = told_of(place_of(territory))
    if place:
        lines.append(f"{place[0].upper()}{place[1:]}.")
    if territory.synthetic:
        lines.append(_("This territory is invented: it is an example, not a place."))
    if not any(name in table.figures for name in PEOPLE):
        lines.append(_("Nobody is known to live here: state « population: {residents: …} » in the territory file."))
    lines += [""]
    lines += align(
        [[f"  {_figure_name(name)}", f"{format_number(value, 1 if unit else 0)} {unit}".rstrip(),
          table.known.get(name, "")]
         for name, (value, unit) in table.figures.items()],
        right=(1,),
    )  # fmt: skip
    if "assumptions" in territory.meta:
        lines += ["", _("Assumptions of the territory file")]
        lines += [f"  {line}" for line in territory.meta["assumptions"].splitlines()]
    heads = [_("features"), _("observed"), _("imputed"), _("synthetic")]
    lines += ["", _("Layers, and the share of values that are real")]
    lines += align(
        [["  " + _("layer"), *heads]]
        + [
            ["  " + row["layer"], format_number(row["count"]), *_shares(row)] for row in table.layers.to_dict("records")
        ],
        right=(1, 2, 3, 4),
    )
    lines += ["", _("Columns")]
    lines += align(
        [["  " + _("layer"), _("column"), _("values"), *heads[1:], _("rule")]]
        + [
            ["  " + row["layer"], row["column"], format_number(row["count"]), *_shares(row), told_rule(row["rule"])]
            for row in table.columns.sort_values(["layer", "column"]).to_dict("records")
        ],
        right=(2, 3, 4, 5),
    )
    lines += ["", _("Sources and licences")]
    for row in table.sources.to_dict("records"):
        names = "; ".join(_(name) for name in row["source"].split("; "))
        told = ", ".join(part for part in (names, _(row["licence"]), row["date"]) if part)
        lines.append(f"  {told} ({row['layers']})")
    return "\n".join(line.rstrip() for line in lines)


def territory_html(territory: Territory) -> str:
    """Return the layers of a territory and how much of them is real, as an HTML table in the current language."""
    heads = [_("layer"), _("features"), _("observed"), _("imputed"), _("synthetic")]
    rows = [
        [str(row["layer"]), format_number(row["count"]), *_shares(row)]
        for row in info_table(territory).layers.to_dict("records")
    ]
    table = pd.DataFrame(rows, columns=heads).to_html(index=False, border=0)
    return f"<p>{escape(local(territory.title()))}</p>{table}"


def _figure_name(name: str) -> str:
    names = {
        "street length": _("length of streets"),
        "residents": _("residents"),
        "households": _("households"),
        "jobs": _("jobs"),
        "dwellings": _("dwellings"),
        "area of the zones": _("area of the zones"),
        "area of the hull": _("area (hull of streets and buildings)"),
        "buildings": _("buildings"),
        "green area": _("green areas"),
    }
    return names[name]


def _shares(row: Mapping[Any, Any]) -> list[str]:
    """Return the three shares as percentages; a share that is not zero is never shown as zero."""
    if not row["count"]:
        return ["–"] * len(ORIGINS)
    texts = []
    for origin in ORIGINS:
        percent = 100 * row[origin]
        if 0 < percent < 1:
            texts.append("< 1 %")
        elif 99 < percent < 100:
            texts.append("> 99 %")
        else:
            texts.append(f"{format_number(percent)} %" if percent else "–")
    return texts


def told_rule(rule: str) -> str:
    """Return a rule in the current language.

    A rule is kept in English as `sentence: details` parts joined by `; `; sentences are in the catalogue, details
    (names and numbers of the source) are the same in all languages.
    """
    whole = _(rule)
    if whole != rule:
        return whole
    first, joint, other = rule.partition("; elsewhere: ")
    if joint:
        return f"{told_rule(first)}; {_('elsewhere: {rule}').format(rule=told_rule(other))}"
    parts = []
    for part in rule.split("; "):
        sentence, colon, details = part.partition(": ")
        if colon:
            parts.append(_("{sentence}: {details}").format(sentence=_(sentence), details=details))
        else:
            parts.append(_(sentence))
    return "; ".join(parts)


def align(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return rows as lines with aligned columns.

    Parameters
    ----------
    rows : sequence of sequences of str
    right : sequence of int
        Columns that are aligned to the right.
    """
    if not rows:
        return []
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(space + cell if column in right else cell + space)
        lines.append("  ".join(cells).rstrip())
    return lines


def _width(text: str) -> int:
    """Return the number of columns of a terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )

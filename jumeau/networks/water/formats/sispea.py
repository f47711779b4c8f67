"""What the water service of a commune publishes: SISPEA's indicators of a year, one service chosen of the file."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _, format_number
from jumeau.sources.cells import as_text
from jumeau.sources.imported import Imported
from jumeau.sources.products.communes import codes
from jumeau.sources.products.names import plain
from jumeau.sources.published import LINE, published, published_layer, published_numbers, published_rows
from jumeau.yardsticks import yardstick_layer

LICENCE = "Licence Ouverte 2.0"

#: Indicators that are kept, with their units (arrêté du 2 mai 2007; variables: SISPEA, as public programs read them, no
#: table of SISPEA being at hand): those that the model can be held against or that a person wants beside it.
UNITS: Mapping[str, str] = {
    "D101.0": "person", "D102.0": "EUR/m3", "P104.3": "%", "P105.3": "m3/km/day", "P106.3": "m3/km/day",
    "P107.2": "%", "VP.056": "customer", "VP.077": "km", "VP.232": "m3",
}  # fmt: skip

#: Percentages: beyond 100, or below 0 as all others, a value is an error of who declared it.
SHARES = ("P104.3", "P107.2")

#: What says that a service distributes water.
YES = ("1", "oui", "true", "vrai", "x")

_CODE = re.compile(r"(?<![0-9A-Z])(?:\d[0-9AB]\d{3}|\d{4})(?![0-9A-Z])")
_YEAR = re.compile(r"(?<!\d)20[0-4]\d(?!\d)")


def read_sispea(path: Path, commune: str, service: str, crs: pyproj.CRS) -> Imported:
    """Read the indicators of a drinking water service, of the last year that the file tells.

    Parameters
    ----------
    path : Path
        Yearly table of services, or an answer of Hub'Eau saved as a table; a file, zip or folder.
    commune : str
        INSEE code; empty where `service` is stated.
    service : str
        Code or name; empty for the one that serves the commune.
    crs : CRS
        The territory's.

    Raises
    ------
    InputError
        When neither is stated, nothing in the file is of them, or a value is no number.
    """
    if not commune and not service:
        hint = _("state « commune: » with its INSEE code, or « service: » with the code or name of the service")
        raise InputError(Problem(_("indicators are those of one service"), file=str(path), hint=hint))
    rows = _drinking(_opened(published_rows("sispea", yardstick_layer("water"), path), path))
    rows = _named(rows, service, path) if service else _of_commune(rows, commune, path)
    notes: list[str] = []
    rows = _last_year(rows, path, notes)
    values = {code: published_numbers(rows, code, path, code) for code in UNITS}
    place = _chosen(rows, values, notes)
    row = rows.iloc[place]
    told: dict[str, float] = {code: float(values[code][place]) for code in UNITS}
    odd = {code: value for code, value in told.items() if value < 0.0 or (code in SHARES and value > 100.0)}
    warnings = [
        Problem(
            _("a value that this indicator cannot have, left out"), file=str(path), line=int(row[LINE]), column=code,
            value=format_number(value, 2), warning=True,
        )
        for code, value in odd.items()
    ]  # fmt: skip
    kept = [(code, value, UNITS[code]) for code, value in told.items() if np.isfinite(value) and code not in odd]
    if not kept:
        hint = _("declaring is optional below 3500 inhabitants: try another year, or leave the import out")
        message = _("the service published none of the indicators that are used")
        raise InputError(Problem(message, file=str(path), value=_label(row), hint=hint))
    year = None if pd.isna(row["year"]) else int(row["year"])
    text = _("{service}, {year}: {codes}")
    notes.insert(
        0,
        text.format(
            service=_label(row), year=year or _("year unknown"), codes=", ".join(code for code, _value, _unit in kept)
        ),
    )
    layers = published_layer(yardstick_layer("water"), "sispea", _label(row), year, kept, crs)
    return published(layers, f"SISPEA, OFB ({path.name})", LICENCE, notes, warnings)


def _opened(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows with a column for each indicator, those that Hub'Eau gives in one cell unfolded."""
    for key in ("service", "name", "authority", "insee", "year", "kind", "distribution"):
        rows[key] = as_text(rows[key]) if key in rows else None
    if "indicators" in rows:
        held = [_indicators(cell, path, int(line)) for cell, line in zip(rows["indicators"], rows[LINE], strict=True)]
        for code in UNITS:
            given = pd.Series([item.get(code) for item in held], index=rows.index, dtype=object)
            rows[code] = rows[code].astype(object).where(rows[code].notna(), given) if code in rows else given
    return rows


def _indicators(cell: object, path: Path, line: int) -> Mapping[str, Any]:
    """Return the indicators of a cell, `{"P104.3": 81.2}`, in JSON or as Python writes it."""
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return {}
    if isinstance(cell, Mapping):
        return cell
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(str(cell))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, Mapping):
            return found
    message = _("indicators that cannot be read")
    hint = _('they are written as {"P104.3": 81.2}')
    raise InputError(Problem(message, file=str(path), line=line, column="indicateurs", value=str(cell)[:60], hint=hint))


def _drinking(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of drinking water: sewerage publishes under the same codes of service."""
    kinds = rows["kind"].map(lambda text: plain(text) if isinstance(text, str) else "")
    drinking = kinds.isin(["", "aep", "ep", "eau", "eau_potable"]) | kinds.str.contains("eau_potable", regex=False)
    return rows[drinking]


def _label(row: Mapping[str, Any] | pd.Series) -> str:
    """Return what a service is called, with its code."""
    name = row["name"] or row["authority"] or ""
    if row["authority"] and name and plain(row["authority"]) not in plain(name):
        name = f"{row['authority']}, {name}"
    code = row["service"] or ""
    return f"{name} ({code})" if name and code else name or code


def _named(rows: pd.DataFrame, service: str, path: Path) -> pd.DataFrame:
    wanted = plain(service)
    for keys in (("service",), ("name",), ("authority",)):
        same = np.any([rows[key].map(lambda text: plain(text or "") == wanted) for key in keys], axis=0)
        if same.any():
            return rows[same]
    names = [str(name) for key in ("name", "authority", "service") for name in rows[key].dropna().unique()]
    near = nearest(service, names)
    hint = (
        _("did you mean « {near} »?").format(near=near)
        if near
        else _("services of the file: {names}").format(names=shorten(names))
    )
    raise InputError(
        Problem(_("no drinking water service of that code or name"), file=str(path), value=service, hint=hint)
    )


def _of_commune(rows: pd.DataFrame, commune: str, path: Path) -> pd.DataFrame:
    wanted = set(codes(commune))
    serves = rows["insee"].map(
        lambda text: bool(wanted & {code.zfill(5) for code in _CODE.findall(str(text or "").upper())})
    )
    if serves.any():
        return rows[serves.to_numpy(dtype=bool)]
    message = _("no drinking water service is told to serve the commune")
    hint = _(
        "a service of several communes has no INSEE code in the yearly table: state « service: » with its code or name"
    )
    raise InputError(Problem(message, file=str(path), value=commune, hint=hint))


def _last_year(rows: pd.DataFrame, path: Path, notes: list[str]) -> pd.DataFrame:
    """Return the rows of the last year in which something is told."""
    rows = rows.copy()
    years = pd.to_numeric(rows["year"].fillna("").astype(str).str.extract(r"(\d{4})")[0], errors="coerce")
    if years.isna().all() and (found := _YEAR.findall(path.name)):
        years = pd.Series(float(found[-1]), index=rows.index)
        notes.append(_("    year taken from the name of the file: {year}").format(year=found[-1]))
    rows["year"] = years
    told = np.any([rows[code].notna() for code in UNITS if code in rows], axis=0)
    if not told.any() or rows.loc[told, "year"].isna().all():
        return rows
    last = rows.loc[told, "year"].max()
    others = sorted(set(rows["year"].dropna()) - {last})
    if others:
        names = ", ".join(f"{year:.0f}" for year in others)
        notes.append(_("    other years of the file, not used: {years}").format(years=names))
    kept: pd.DataFrame = rows[rows["year"] == last]
    return kept


def _chosen(rows: pd.DataFrame, values: Mapping[str, np.ndarray], notes: list[str]) -> int:
    """Return the row of the service: one that distributes, the one that serves most people, the first."""
    gives = rows["distribution"].map(lambda text: plain(text or "") in YES).to_numpy(dtype=bool)
    told = np.sum([np.isfinite(values[code]) for code in UNITS], axis=0)
    people = np.nan_to_num(values["D101.0"], nan=-1.0)
    place = int(np.lexsort((-told, -people, ~gives))[0])
    labels = [_label(rows.iloc[number]) for number in range(len(rows))]
    others = [label for label in dict.fromkeys(labels) if label != labels[place]]
    if others:
        text = _("    several services: {service} is taken; « service: » takes another of: {others}")
        notes.append(text.format(service=labels[place], others=shorten(others)))
    return place

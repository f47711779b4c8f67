"""What a GeoPackage says of its territory, beside the layers: name, CRS, country, time; where its columns come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.territory.calendar import check_country, check_timezone
from jumeau.territory.crs import parse_crs
from jumeau.territory.model import COLUMN_FIELDS

#: What a territory cannot be without.
NEEDED = ("name", "crs")


def read_metadata(table: pd.DataFrame, file: Path, layer: str) -> tuple[dict[str, str], pyproj.CRS]:
    """Return what a territory's table of keys and values says, and its CRS.

    Parameters
    ----------
    table : DataFrame
        Columns `key` and `value`.
    file : Path
        For messages.
    layer : str
        Name of the table, for messages.

    Raises
    ------
    InputError
        With every key that is missing, stands twice, or has a value that cannot be used.
    """
    problems = list(_shape_problems(table, ("key", "value"), file, layer))
    if problems:
        raise InputError(*problems)
    keys = table["key"].astype("string").fillna("")
    problems += [
        _problem(_("the key stands twice"), file, layer, value=str(key)) for key in sorted(set(keys[keys.duplicated()]))
    ]
    found = {str(key): str(value) for key, value in zip(keys, table["value"].fillna(""), strict=True) if key}
    problems += [
        _problem(_("the territory does not say its « {key} »").format(key=key), file, layer)
        for key in NEEDED
        if not found.get(key, "").strip()
    ]
    crs: pyproj.CRS | None = None
    for key, read in (("crs", parse_crs), ("country", check_country), ("timezone", check_timezone)):
        try:
            value = read(found[key]) if found.get(key) else None
        except ValueError as error:
            problems.append(_problem(str(error), file, layer))
            continue
        crs = value if isinstance(value, pyproj.CRS) else crs
    if problems or crs is None:
        raise InputError(*problems)
    return found, crs


def read_columns(table: pd.DataFrame, file: Path, layer: str) -> pd.DataFrame:
    """Return the table of where columns come from, with all its fields, as texts.

    Raises
    ------
    InputError
        When it does not tell the layer, the column and the origin, or an origin is none of those known.
    """
    problems = list(_shape_problems(table, COLUMN_FIELDS[:3], file, layer))
    if problems:
        raise InputError(*problems)
    columns = table.reindex(columns=list(COLUMN_FIELDS)).astype("string").fillna("").astype(object)
    origins = ("observed", "imputed", "synthetic")
    odd = sorted(set(columns["origin"]) - set(origins))
    if odd:
        message = _("an origin is one of: {names}").format(names=", ".join(origins))
        raise InputError(_problem(message, file, layer, value=", ".join(odd)))
    return columns


def _shape_problems(table: pd.DataFrame, wanted: tuple[str, ...], file: Path, layer: str) -> Iterator[Problem]:
    for name in wanted:
        if name not in table.columns:
            yield _problem(_("the column is missing"), file, layer, column=name)


def _problem(message: str, file: Path, layer: str, *, column: str = "", value: str = "") -> Problem:
    hint = _("build it again with « jumeau territory build »")
    return Problem(message, file=str(file), layer=layer, column=column, value=value[:200], hint=hint)

"""Column names of public data, compared without case, accents and punctuation: they drift between vintages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

import pandas as pd


def plain(name: object) -> str:
    """Return a name in lower case without accents, other signs than letters and digits being underscores.

    `Conso totale (MWh)` and `conso_totale_mwh` are the same, and so are `N°DPE` and `n_dpe`.
    """
    split = unicodedata.normalize("NFKD", str(name).lstrip("\ufeff"))
    bare = "".join(sign for sign in split if not unicodedata.combining(sign)).casefold()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def folded(series: pd.Series) -> pd.Series:
    """Return the codes of a column as `plain` writes them, None where a cell is empty."""
    told = {value: plain(value) or None for value in series.dropna().unique()}
    return series.map(told).astype(object).where(series.notna(), None)


def found_names(columns: Iterable[str], keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    r"""Return the column of each key that a table has.

    Parameters
    ----------
    columns : iterable of str
        As the file writes them.
    keys : mapping of str to tuple of str
        Key -> names that it had in the vintages, best first, as `plain` writes them; `/p\d\d_pop/` is an expression.
    """
    known: dict[str, str] = {}
    for column in columns:
        known.setdefault(plain(column), column)
    found = {}
    for key, aliases in keys.items():
        written = next(filter(None, (_column(known, alias) for alias in aliases)), None)
        if written is not None:
            found[key] = written
    return found


def _column(known: Mapping[str, str], alias: str) -> str | None:
    if not alias.startswith("/"):
        return known.get(alias)
    pattern = re.compile(alias.strip("/"))
    return next((column for name, column in known.items() if pattern.fullmatch(name)), None)

"""The commune that is wanted: its INSEE code as a text of five signs, its département, its limit."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.i18n import _
from jumeau.sources.cells import as_text

#: Two digits, or 2A and 2B in Corsica, then three digits (INSEE, code officiel géographique).
_CODE = re.compile(r"(?:\d{2}|2[AB])\d{3}")

#: Communes whose arrondissements have codes of their own (INSEE, code officiel géographique): first and last.
ARRONDISSEMENTS = {"75056": (75101, 75120), "69123": (69381, 69389), "13055": (13201, 13216)}


def check_commune(text: str) -> str:
    """Return an INSEE code.

    Raises
    ------
    ValueError
        When it cannot be one.
    """
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        message = _("« {code} » is no INSEE code of a commune: five signs, such as 01004 or 2A004; quote it in YAML")
        raise ValueError(message.format(code=text))
    return code


def departement(commune: str) -> str:
    """Return the code of the département of a commune: 12, 2A, 974."""
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


def codes(commune: str) -> tuple[str, ...]:
    """Return the codes that a commune has in files: its own, and those of its arrondissements."""
    span = ARRONDISSEMENTS.get(commune)
    return (commune, *(str(code) for code in range(span[0], span[1] + 1))) if span else (commune,)


def of_commune(column: pd.Series, commune: str) -> NDArray[np.bool_]:
    """Tell which rows are of a commune; shape (n,).

    A code that lost its zero is known all the same; a cell of a grid may be of several communes, written one after the
    other.
    """
    texts = as_text(column).fillna("").str.strip().str.upper()
    texts = texts.where(texts.str.len() % 5 == 0, texts.str.zfill(5))
    wanted = codes(commune)
    told = texts.unique()
    known = {text: any(text[at : at + 5] in wanted for at in range(0, len(text), 5)) for text in told}
    return texts.map(known).to_numpy(dtype=bool)

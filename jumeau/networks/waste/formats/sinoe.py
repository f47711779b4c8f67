"""What a département collects per inhabitant and stream, recycling centres left out: SINOE's table of performance.

Tables of tonnages (DMA) count recycling centres and do not tell the population: nothing here can be held against them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.sources.cells import as_text
from jumeau.sources.imported import Imported
from jumeau.sources.products.communes import departement
from jumeau.sources.products.names import plain
from jumeau.sources.published import published, published_layer, published_numbers, published_rows
from jumeau.yardsticks import yardstick_layer

LICENCE = "Licence Ouverte 2.0"

#: How the kinds of waste begin, as `names.plain` writes them, and our code of each (as public programs read them; no
#: table of SINOE was at hand: unverified).
KINDS = {
    "ordures_menageres_residuelles": "OMR", "emballages": "EMR", "verre": "VERRE", "biodechets": "BIO",
    "dechets_de_produits_alimentaires": "BIO",
}  # fmt: skip


def read_sinoe(path: Path, commune: str, crs: pyproj.CRS) -> Imported:
    """Read the kilograms per inhabitant and year that the département of a commune collects, of the last year.

    Parameters
    ----------
    path : Path
        Table of performance of collection (OMA) by kind of waste and département; a file, zip or folder.
    commune : str
        INSEE code.
    crs : CRS
        The territory's.

    Raises
    ------
    InputError
        When no commune is stated, the file is another table, its département is not in it, or a value is no number.
    """
    if not commune:
        hint = _("state « commune: » with its INSEE code in the import")
        raise InputError(Problem(_("waste per inhabitant is that of one département"), file=str(path), hint=hint))
    rows = published_rows("sinoe", yardstick_layer("waste"), path)
    wanted = departement(commune)
    own = as_text(rows["departement"]).fillna("").str.upper().str.zfill(2) == wanted
    if not own.any():
        message = _("the département of the commune is not in the file")
        known = sorted(set(as_text(rows["departement"]).dropna()))
        hint = _("départements of the file: {names}").format(names=shorten(known, 12))
        raise InputError(Problem(message, file=str(path), value=wanted, hint=hint))
    rows = rows[own.to_numpy(dtype=bool)]
    years = pd.to_numeric(as_text(rows["year"]).fillna("").str.extract(r"(\d{4})")[0], errors="coerce")
    rows = rows[(years == years.max()).to_numpy()] if years.notna().any() else rows
    year = int(years.max()) if years.notna().any() else None
    ratio = published_numbers(rows, "ratio", path, "RATIO_OMA")
    kinds = as_text(rows["kind"]).fillna("").map(_code).to_numpy(dtype=object)
    kept = [
        (code, float(np.nansum(ratio[kinds == code])), "kg/person/year")
        for code in dict.fromkeys(KINDS.values())
        if np.isfinite(ratio[kinds == code]).any()
    ]
    if not kept:
        message = _("no kind of waste of the file is one that is simulated")
        found = shorten(sorted(set(as_text(rows["kind"]).dropna())))
        raise InputError(Problem(message, file=str(path), column="L_TYP_REG_DECHET", value=found))
    names = as_text(rows["name"]).dropna() if "name" in rows else pd.Series(dtype=object)
    body = f"{names.iloc[0]} ({wanted})" if len(names) else wanted
    text = _("{body}, {year}: {codes}, kilograms per inhabitant, recycling centres left out")
    told = ", ".join(code for code, _value, _unit in kept)
    notes = [text.format(body=body, year=year or _("year unknown"), codes=told)]
    layers = published_layer(yardstick_layer("waste"), "sinoe", body, year, kept, crs)
    return published(layers, f"SINOE, ADEME ({path.name})", LICENCE, notes)


def _code(kind: str) -> str:
    """Return our code of a kind of waste, empty for one that is not simulated."""
    name = plain(kind)
    return next((code for start, code in KINDS.items() if name.startswith(start)), "")

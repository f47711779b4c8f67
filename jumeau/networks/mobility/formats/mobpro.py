"""Who works where, and how they go there: MOBPRO of INSEE's census, for one commune.

A row of the file is a person of the survey with a weight (`IPONDI`): weights are summed, rows never counted.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.sources.cells import as_numbers, as_text
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.products.communes import of_commune
from jumeau.sources.products.options import CommuneOptions
from jumeau.sources.products.recognition import recognised
from jumeau.sources.products.tables import rows_of

#: Meaning of `TRANS` from the census of 2017 on, which tells bicycles from motorbikes, and before (both recalled,
#: unverified).
MODES = {"1": "none", "2": "walk", "3": "bike", "4": "motorbike", "5": "car", "6": "transit"}
MODES_BEFORE = {"1": "none", "2": "walk", "3": "two_wheels", "4": "car", "5": "transit"}

LICENCE = "Licence Ouverte 2.0"


def read_mobpro(path: Path, options: CommuneOptions, crs: pyproj.CRS) -> Imported:
    """Read the workers who live or work in a commune, by the other commune and by mode.

    Parameters
    ----------
    path : Path
        The file, or a zip of it; it is read in parts.
    options : CommuneOptions
        With `commune`.
    crs : CRS
        The territory's.

    Raises
    ------
    InputError
        When no commune is stated, the file is not MOBPRO, or nobody of the commune is in it.
    """
    if not options.commune:
        hint = _("state « commune: » with its INSEE code in the import")
        raise InputError(Problem(_("flows of workers are those of one commune"), file=str(path), hint=hint))
    found = [item for item in recognised(path)[0] if item.product.name == "mobpro"]
    if not found:
        hint = _("give FD_MOBPRO of INSEE: columns COMMUNE, DCLT, IPONDI, TRANS")
        raise InputError(Problem(_("no file of MOBPRO"), file=str(path), hint=hint))
    kept, codes = [], set()
    for item in found:
        for table in item.tables:
            for part in rows_of(item.held, table, item.names(table), None):
                codes |= set(as_text(part["mode"]).dropna().unique())
                here, there = (of_commune(part[key], options.commune) for key in ("home", "work"))
                kept.append(part[here | there].assign(here=here[here | there], there=there[here | there]))
    rows = pd.concat(kept, ignore_index=True)
    if not len(rows):
        message = _("nobody lives or works in the commune by this file")
        hint = _("check the code of the commune, and whether the file covers it")
        raise InputError(Problem(message, file=str(path), value=options.commune, hint=hint))
    meaning = MODES if "6" in codes else MODES_BEFORE
    direction = np.select([rows["here"] & rows["there"], rows["here"]], ["local", "out"], "in")
    weight = rows["weight"].map(lambda cell: cell.replace(",", ".") if isinstance(cell, str) else cell)
    each = pd.DataFrame({
        "direction": direction,
        "home": as_text(rows["home"]), "work": as_text(rows["work"]),
        "mode": as_text(rows["mode"]).map(meaning), "workers": as_numbers(weight, ".")[0],
    })  # fmt: skip
    lost = int(each["workers"].isna().sum())
    flows = each.groupby(["direction", "home", "work", "mode"], dropna=False, as_index=False)["workers"].sum()
    flows.insert(0, "flow_id", [f"F{row:05d}" for row in range(1, len(flows) + 1)])
    flows["workers"] = flows["workers"].round(3)
    flows["mode"] = flows["mode"].astype(object).where(flows["mode"].notna(), None)
    layers = {"commuter_flows": gpd.GeoDataFrame(flows, geometry=[None] * len(flows), crs=crs)}
    sums = flows.groupby("direction")["workers"].sum()
    notes = [
        _("workers by MOBPRO: {local} live and work in {commune}, {out} leave it, {coming} come").format(
            commune=options.commune,
            local=format_number(float(sums.get("local", 0.0)), 0),
            out=format_number(float(sums.get("out", 0.0)), 0),
            coming=format_number(float(sums.get("in", 0.0)), 0),
        )
    ]
    if lost:
        notes.append("    " + _("rows without a weight, left out: {count}").format(count=format_number(lost)))
    source = f"MOBPRO, INSEE ({path.name})"
    return Imported(layers, observed_columns(layers, source, LICENCE), tuple(notes))

"""Fills what is missing in a column, and says so feature by feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jumeau.tables import ORIGIN_SUFFIX
from jumeau.territory.model import Territory, column_rows


def fill_missing(
    territory: Territory, layer: str, column: str, values: pd.Series[Any], rule: str, source: str = ""
) -> Territory:
    """Return the territory with the missing values of a column filled, flagged `imputed`.

    Parameters
    ----------
    territory : Territory
    layer, column : str
        The column need not exist.
    values : Series, shape (n,)
        Aligned with the layer's rows; used only where the layer has no value.
    rule : str
        The rule, as `sentence` or `sentence: details`.
    source : str
        Where the figures of the rule come from.
    """
    frame = territory.layer(layer)
    known = frame[column].notna().to_numpy() if column in frame.columns else np.zeros(len(frame), dtype=bool)
    filled = ~known & values.notna().to_numpy()
    if not filled.any():
        return territory
    table = territory.columns
    row = table[(table["layer"] == layer) & (table["column"] == column)]
    before = row.iloc[0].to_dict() if len(row) else {"origin": "imputed", "rule": "", "licence": "", "date": ""}
    companion = f"{column}{ORIGIN_SUFFIX}"
    if known.any():
        origins = frame[companion].to_numpy(dtype=object) if companion in frame.columns else before["origin"]
        frame[companion] = np.where(filled, "imputed", origins).astype(object)
        frame[column] = frame[column].where(known, values)
        origin, rule = str(before["origin"]), f"{before['rule']}; elsewhere: {rule}".removeprefix("; ")
        source = "; ".join(part for part in (str(before.get("source", "")), source) if part)
    else:
        frame[column] = values.to_numpy()
        frame = frame.drop(columns=companion, errors="ignore")
        origin = "imputed"
    frame = frame[[name for name in frame.columns if name != "geometry"] + ["geometry"]]
    said = column_rows(
        layer, [column], origin, rule=rule, source=source, licence=str(before["licence"]), date=str(before["date"])
    )
    return territory.with_layers({layer: frame}, said)

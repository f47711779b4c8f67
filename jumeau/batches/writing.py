"""The files of a batch: `batch.csv`, `batch.json`, `batch.gpkg`, `batch.html`; each whole or absent."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from jumeau.accounts import LINES
from jumeau.batches.listing import FILES
from jumeau.batches.model import DONE, Batch
from jumeau.batches.outlines import COMMON_CRS
from jumeau.batches.page import write_page
from jumeau.batches.table import batch_table, rows_of, table_columns, totals
from jumeau.files import write_text
from jumeau.geopackage import write_geopackage
from jumeau.i18n import current_language, local
from jumeau.redaction import everywhere, presentable
from jumeau.results.storage import write_json

TABLE, DOCUMENT, MAP, PAGE, LOG = FILES[0], FILES[1], FILES[2], FILES[3], FILES[4]
FORMAT, VERSION = "jumeau-batch", 1

#: Layer of the territories that were set aside and have a place.
ASIDE = "quarantined"


def remove(folder: Path) -> None:
    """Remove table and maps of an earlier launch: what stands there is always that of the runs beside it."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def write_batch(batch: Batch) -> list[Path]:
    """Write table, map and page of a batch in its folder, in the current language.

    Parameters
    ----------
    batch : Batch

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    folder = batch.folder
    table = everywhere_in(batch_table(batch))
    written = [
        write_text(folder / TABLE, table.to_csv(index=False, lineterminator="\n")),
        write_json(document(batch, table), folder / DOCUMENT),
    ]
    frames = layers(batch, table)
    if frames:
        written.append(write_geopackage(folder / MAP, frames, local(batch.title)))
    written.append(write_page(batch, table, folder / PAGE))
    lines = [
        f"{item.row.name}: {item.status}{' (finished before)' if item.kept else ''}, {item.cost.processor:.1f} s of "
        f"processor, {item.cost.memory:.0f} MB at the peak, {item.cost.disk:.1f} MB on disk. {item.reason}".rstrip()
        for item in batch.outcomes
    ]
    return [*written, write_text(folder / LOG, "\n".join(map(presentable, lines)) + "\n")]


def everywhere_in(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with texts that may be handed on: no absolute paths, no control characters."""

    def told(value: Any) -> Any:
        return presentable(value) if isinstance(value, str) else value

    return pd.DataFrame({name: pd.Series([told(value) for value in table[name]], dtype=object) for name in table})


def document(batch: Batch, table: pd.DataFrame) -> dict[str, Any]:
    """Return the batch as plain data: the columns with their units, the rows, the totals, what was set aside."""
    found: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "nature": "simulation, not measurement",
        "list": batch.listing,
        "scenario": batch.scenario,
        "title": local(batch.title),
        "language": current_language(),
        "territories": len(batch.outcomes),
        "done": len(batch.done),
        "quarantine": [
            {"name": item.row.name, "line": item.row.line, "reason": item.reason} for item in batch.quarantine
        ],
        "columns": {
            item.column: {"type": item.type, "unit": item.unit, "description": item.told()} for item in table_columns()
        },
        "rows": [
            {str(key): None if pd.isna(value) else value for key, value in row.items()}
            for row in table.to_dict("records")
        ],
        "totals": {
            "rule": "sums over territories of means under central assumptions; medians and ranges do not add up",
            "variants": {
                variant: {
                    name: {**asdict(total), "after": total.after, "unit": LINES[name].unit}
                    for name, total in sums.items()
                }
                for variant, sums in totals(batch).items()
            },
        },
    }
    return dict(everywhere(found, presentable))


def layers(batch: Batch, table: pd.DataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Return the map: a layer for each variant, and one of the territories that were set aside; none without outlines.

    Each layer has an outline for each territory that has a place (`COMMON_CRS`), with the columns of the table.
    """
    outlines = {item.row.line: item.outline for item in batch.outcomes}
    # Lines and not names: two rows of one name are both told of.
    owner = [item.row.line for item in batch.outcomes for _row in rows_of(item)]
    shapes = gpd.GeoSeries([outlines[line] for line in owner], crs=COMMON_CRS)
    frame = gpd.GeoDataFrame(_typed(table), geometry=shapes)
    placed = frame[frame.geometry.notna()]
    found = {}
    for variant in batch.variants:
        chosen = placed[placed["variant"] == variant]
        if len(chosen):
            found[f"batch_{variant}"] = chosen.reset_index(drop=True)
    done = placed[placed["status"] == DONE]
    if not found and len(done):  # a template without variants compares nothing, and has a map all the same
        found["batch"] = done.reset_index(drop=True)
    aside = placed[placed["status"] != DONE]
    if len(aside):
        found[ASIDE] = aside[["name", "code", "title", "status", "reason", "geometry"]].reset_index(drop=True)
    return found


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with columns of numbers and of texts, as layers need them."""
    kinds = {item.column: item.type for item in table_columns()}
    found = {}
    for name in table.columns:
        if kinds[name] == "text":
            found[name] = table[name].astype(object).where(table[name].notna(), "")
        else:
            found[name] = pd.to_numeric(table[name], errors="coerce").astype(
                "Int64" if kinds[name] == "integer" else float
            )
    return pd.DataFrame(found)

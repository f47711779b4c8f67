"""The id that the files of one run carry, and what finds files of several runs in one folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.geopackage import descriptions
from jumeau.i18n import _

#: Key of the id in each file.
RUN_ID = "run_id"

#: What precedes it in the description of a GeoPackage's layers.
DESCRIPTION = "Jumeau, run "


def described(found: str) -> str:
    """Return the description of the layers of a run."""
    return DESCRIPTION + found


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text, as it is written to a file."""
    return sha256(text.encode()).hexdigest()


def run_id(summary: Mapping[str, Any], journal: str, assets: Mapping[str, gpd.GeoDataFrame]) -> str:
    """Return the id of a run: a digest of what it found, hence the same for two runs that found the same.

    Parameters
    ----------
    summary : mapping
        As `summary.json` has it; an id that it carries already does not count.
    journal : str
        As `journal.csv` has it.
    assets : mapping of str to GeoDataFrame
        Figures by asset.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    bare = {key: value for key, value in summary.items() if key != RUN_ID}
    digest = sha256(json.dumps(bare, sort_keys=True, default=str).encode())
    digest.update(journal.encode())
    for name, frame in assets.items():
        digest.update(name.encode())
        digest.update(pd.util.hash_pandas_object(frame.drop(columns=frame.geometry.name)).to_numpy().tobytes())
        for shape in frame.geometry.to_wkb():
            digest.update(shape or b"")
    return digest.hexdigest()[:32]


def check_one_run(folder: Path, wanted: str | None = None, journal: str | None = None) -> None:
    """Refuse a folder that holds files of several runs.

    Parameters
    ----------
    folder : Path
    wanted : str, optional
        Id in `results.nc`; without it, the files are only compared with each other.
    journal : str, optional
        SHA-256 of `journal.csv`, as `results.nc` has it.

    Raises
    ------
    InputError
        With the files that are not of the run.
    """
    found = {
        name: _id_in(folder / name) for name in ("summary.json", "provenance.json", "evaluation.json", "assets.gpkg")
    }
    known = {name: value for name, value in found.items() if value is not None}
    if wanted is None:
        wanted = next(iter(known.values()), "")
    others = [name for name, value in known.items() if value != wanted]
    table = folder / "journal.csv"
    if journal is not None and table.is_file() and sha256(table.read_bytes()).hexdigest() != journal:
        others.append(table.name)
    if others:
        raise InputError(
            Problem(
                _("this folder mixes files of several runs, or files that were changed since: {names}").format(
                    names=", ".join(others)
                ),
                file=str(folder),
                hint=_("run the scenario again: « jumeau run SCENARIO -o {folder} »").format(folder=folder),
            )
        )


def _id_in(path: Path) -> str | None:
    """Return the id that a file carries, empty where it carries none; None where there is no such file."""
    if not path.is_file() or path.stat().st_size == 0:
        return None
    try:
        if path.suffix == ".json":
            return str(json.loads(path.read_text(encoding="utf-8")).get(RUN_ID, ""))
    except (OSError, ValueError, AttributeError):
        return ""
    found = {text.removeprefix(DESCRIPTION) for text in descriptions(path) if text.startswith(DESCRIPTION)}
    return found.pop() if len(found) == 1 else ""

"""From containers as a reader found them to the layers of sites and containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.attributes import ORIGIN_SUFFIX
from jumeau.errors import InputError, Problem, shorten
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.waste.tables import FOLDER
from jumeau.sources.imported import Imported
from jumeau.territory.model import column_rows

_COLUMNS = ("container_id", "site_id", "stream", "kind", "volume", "count", "sensor")


#: Kind of container -> factor that says how much one usually holds.
_USUAL_VOLUMES = {
    "wheeled_bin": "layout_bin_volume",
    "drop_off_column": "layout_column_volume",
    "buried": "layout_buried_volume",
}


@dataclass(frozen=True)
class Container:
    """One container as a format tells of it.

    Attributes
    ----------
    container_id, site_id : str
    stream, kind : str
    volume : float
        [l].
    point : Point
    count : int
    sensor : bool
    name : str
        Of the site.
    guessed : tuple of str
        Columns of which the file says nothing for this container.
    """

    container_id: str
    site_id: str
    stream: str
    kind: str
    volume: float
    point: shapely.Point
    count: int = 1
    sensor: bool = False
    name: str = ""
    guessed: tuple[str, ...] = ()


@cache
def usual_volume(kind: str) -> float:
    """Return how much a container of a kind usually holds [l]: the shipped factor, its source with it."""
    return FactorTable.read(FOLDER / "layout" / "synthesis_factors.csv").value(_USUAL_VOLUMES[kind])


def imported(
    containers: list[Container],
    crs: Any,
    file: str,
    left: Mapping[str, list[str]],
    *,
    imputed: tuple[str, ...] = (),
    warnings: tuple[Problem, ...] = (),
) -> Imported:
    """Return the layers, with a note on what was left out.

    Parameters
    ----------
    containers : list of Container
    crs : CRS
    file : str
        For messages.
    left : mapping of str to list of str
        Reasons (in the user's language) -> identifiers of what was left out.
    imputed : tuple of str
        Columns of the containers that the format never tells.
    warnings : tuple of Problem
        What the reader had to guess or choose.

    Raises
    ------
    InputError
        When no container is left.
    """
    if not containers:
        reasons = "; ".join(f"{reason} ({len(ids)}: {shorten(ids)})" for reason, ids in left.items())
        raise InputError(
            Problem(_("no container is left of the file"), file=file, value=reasons, hint=_("check the file's content"))
        )
    rows = [{name: getattr(item, name) for name in _COLUMNS} for item in containers]
    points = [item.point for item in containers]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=points, crs=crs)
    first = frame.drop_duplicates("site_id")
    names = pd.Series([item.name for item in containers], index=frame.index)
    wheeled = frame.groupby("site_id")["kind"].agg(lambda kinds: (kinds == "wheeled_bin").all())
    sites = gpd.GeoDataFrame(
        {
            "site_id": first["site_id"].to_numpy(),
            "kind": ["kerbside" if wheeled[name] else "drop_off" for name in first["site_id"]],
            "name": names[first.index].to_numpy(),
        },
        geometry=first.geometry.to_numpy(),
        crs=crs,
    )
    tables = [column_rows("waste_sites", ["site_id", "kind", "name", "geometry"], "observed")]
    for column in (*_COLUMNS, "geometry"):
        guessed = np.array([column in item.guessed for item in containers]) | (column in imputed)
        tables.append(_told(column, guessed))
        if guessed.any() and not guessed.all():
            frame[f"{column}{ORIGIN_SUFFIX}"] = np.where(guessed, "imputed", "observed")
    message = _("{file}: left out, {reason}: {count} ({ids})")
    notes = tuple(
        message.format(file=file, reason=reason, count=len(ids), ids=shorten(ids)) for reason, ids in left.items()
    )
    layers = {"waste_sites": sites, "waste_containers": frame}
    return Imported(layers, pd.concat(tables, ignore_index=True), notes, warnings)


def _told(column: str, guessed: Any) -> pd.DataFrame:
    """Return the row that says where a column of the containers comes from."""
    if guessed.sum() * 2 <= len(guessed):
        return column_rows("waste_containers", [column], "observed")
    rule = "the file does not tell it; as stated in the territory file, else as is usual"
    return column_rows("waste_containers", [column], "imputed", rule=rule, source="-")

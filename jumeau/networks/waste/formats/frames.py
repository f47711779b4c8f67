"""From containers as a reader found them to the layers of sites and containers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.imported import Imported
from jumeau.territory.model import column_rows

_COLUMNS = ("container_id", "site_id", "stream", "kind", "volume", "count", "sensor")


@dataclass(frozen=True)
class Container:
    """One container as a format tells of it; None for what it does not tell.

    Attributes
    ----------
    container_id, site_id : str
    stream, kind : str
    volume : float or None
        [l].
    point : Point
    count : int
    sensor : bool
    name : str
        Of the site.
    """

    container_id: str
    site_id: str
    stream: str
    kind: str
    volume: float | None
    point: shapely.Point
    count: int = 1
    sensor: bool = False
    name: str = ""


def imported(
    containers: list[Container], crs: Any, file: str, left: Counter[str], *, imputed: tuple[str, ...] = ()
) -> Imported:
    """Return the layers, with a note on what was left out.

    Parameters
    ----------
    containers : list of Container
    crs : CRS
    file : str
        For messages.
    left : Counter of str
        Reasons (in the user's language) -> how many were left out.
    imputed : tuple of str
        Columns of the containers that the format does not tell.

    Raises
    ------
    InputError
        When no container is left.
    """
    if not containers:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in left.items())
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
    observed = [name for name in (*_COLUMNS, "geometry") if name not in imputed]
    tables = [
        column_rows("waste_sites", ["site_id", "kind", "name", "geometry"], "observed"),
        column_rows("waste_containers", observed, "observed"),
    ]
    if imputed:
        rule = "the format does not tell it; as stated in the territory file"
        tables.append(column_rows("waste_containers", list(imputed), "imputed", rule=rule, source="-"))
    notes = tuple(
        _("{file}: left out, {reason}: {count}").format(file=file, reason=reason, count=count)
        for reason, count in left.items()
    )
    return Imported({"waste_sites": sites, "waste_containers": frame}, pd.concat(tables, ignore_index=True), notes)

"""Drop-off sites of the GeoCompiegnois model: `geo_dec_pav_lieu` (places) and `an_dec_pav_cont` (containers).

The model knows glass (and textile) only, and no volume.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.waste.formats.frames import Container, imported
from jumeau.sources.cells import as_text, need_column
from jumeau.sources.imported import Imported
from jumeau.vector_file import layer_names, read_layer

PLACES, CONTAINERS = "geo_dec_pav_lieu", "an_dec_pav_cont"

#: `model` or a column of contents that speaks of textile is no glass.
_TEXTILE = ("textile", "vetement", "vêtement", "linge")


def read_compiegne(path: Path, crs: pyproj.CRS | None, volume: float) -> Imported:
    """Read a GeoPackage that holds both tables, or a folder with one file each (CSV for the containers).

    Parameters
    ----------
    path : Path
    crs : CRS or None
        EPSG:2154 where the files do not say it.
    volume : float
        Of a column [l].

    Raises
    ------
    InputError
        When a table or one of its columns is missing, or containers name places that do not exist.
    """
    places, containers = _table(path, PLACES), _table(path, CONTAINERS)
    for column in ("idlieu",):
        need_column(places, column, str(path), PLACES)
    for column in ("idcont", "idlieu"):
        need_column(containers, column, str(path), CONTAINERS)
    known = places.assign(idlieu=as_text(places["idlieu"])).drop_duplicates("idlieu").set_index("idlieu")
    points = _points(known, path)
    ids, at = as_text(containers["idcont"]), as_text(containers["idlieu"])
    lost = ~at.isin(known.index)
    if lost.any():
        raise InputError(
            Problem(
                _("containers at places that the file does not hold"),
                file=str(path),
                layer=CONTAINERS,
                column="idlieu",
                features=tuple(ids[lost].astype(str)),
                value=", ".join(sorted(set(at[lost].astype(str)))[:5]),
                hint=_("add the places, or correct the identifiers"),
            )
        )
    left: Counter[str] = Counter()
    found = []
    for row, (name, place) in enumerate(zip(ids, at, strict=True)):
        words = " ".join(str(containers.iloc[row].get(column) or "") for column in ("model", "type_dechet", "obs"))
        if any(word in words.lower() for word in _TEXTILE):
            left[_("a kind of waste that no round collects")] += 1
            continue
        address = known.loc[place].get("adresse")
        found.append(
            Container(str(name), str(place), "glass", "drop_off_column", volume, points[place], name=str(address or ""))
        )
    system = getattr(places, "crs", None) or crs or pyproj.CRS.from_epsg(2154)
    return imported(found, system, path.name, left, imputed=("volume", "stream", "kind", "sensor", "count"))


def _table(path: Path, name: str) -> Any:
    """Return one of the tables, from the file or from the folder."""
    if path.is_dir():
        match = [file for file in sorted(path.iterdir()) if file.stem.lower().endswith(name)]
        if match:
            file = match[0]
            return pd.read_csv(file, dtype=str, sep=None, engine="python") if file.suffix == ".csv" else _read(file)
    else:
        layers = {layer.lower(): layer for layer in layer_names(path)}
        match_ = [layer for lower, layer in layers.items() if lower.endswith(name)]
        if match_:
            return _read(path, match_[0])
    message = _("the table « {table} » is missing").format(table=name)
    raise InputError(Problem(message, file=str(path), hint=_("give a GeoPackage or a folder that holds both tables")))


def _read(path: Path, layer: str | None = None) -> Any:
    return read_layer(path, layer)


def _points(places: Any, path: Path) -> dict[str, shapely.Point]:
    """Return the point of each place: its geometry, else its Lambert-93 coordinates."""
    if isinstance(places, gpd.GeoDataFrame) and places.geometry.notna().all():
        return dict(zip(places.index, shapely.centroid(places.geometry.to_numpy()), strict=True))
    for column in ("x_l93", "y_l93"):
        need_column(places, column, str(path), PLACES)
    x, y = (pd.to_numeric(places[column].astype(str).str.replace(",", ".")) for column in ("x_l93", "y_l93"))
    return {name: shapely.Point(float(x[name]), float(y[name])) for name in places.index}

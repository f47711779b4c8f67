"""Drop-off sites of the GeoCompiegnois model: `geo_dec_pav_lieu` (places) and `an_dec_pav_cont` (containers).

The model knows glass and textile only. Places and containers that no longer serve stay in its tables, with a status.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.networks.waste.formats import compiegne_codes as codes
from jumeau.networks.waste.formats.frames import Container, imported
from jumeau.sources.cells import as_numbers, as_text, need_column, unread_numbers
from jumeau.sources.delimited import read_delimited
from jumeau.sources.imported import Imported
from jumeau.vector_file import layer_names, read_layer

PLACES, CONTAINERS, MODELS = "geo_dec_pav_lieu", "an_dec_pav_cont", "lt_pav_modele"

#: Kinds of files that hold a table, the first found being read.
_TABLES = (".csv", ".gpkg", ".geojson", ".shp", ".dbf")

#: What a container may hold [l]; the column of the model is in cubic metres.
LEAST, MOST = 10.0, 50_000.0


def read_compiegne(path: Path, crs: pyproj.CRS | None, volume: float) -> Imported:
    """Read a GeoPackage that holds both tables, or a folder with one file each (CSV for the containers).

    Parameters
    ----------
    path : Path
    crs : CRS or None
        EPSG:2154 where the files do not say it.
    volume : float
        Of a column of which neither its own volume nor its model tells one [l].

    Raises
    ------
    InputError
        When a table or one of its columns is missing, a volume or a coordinate cannot be read, a place stands twice at
        different points, or containers name places that do not exist.
    """
    places, containers = _table(path, PLACES), _table(path, CONTAINERS)
    need_column(places, "idlieu", str(path), PLACES)
    for column in ("idcont", "idlieu"):
        need_column(containers, column, str(path), CONTAINERS)
    known = places.assign(idlieu=as_text(places["idlieu"]))
    points = _points(known, path)
    place_of = {str(row["idlieu"]): row for row in reversed(known.to_dict("records"))}
    ids, at = as_text(containers["idcont"]).astype(str), as_text(containers["idlieu"]).astype(str)
    lost = ~at.isin(place_of)
    if lost.any():
        raise InputError(
            Problem(
                _("containers at places that the file does not hold"),
                file=str(path),
                layer=CONTAINERS,
                column="idlieu",
                features=tuple(ids[lost]),
                value=shorten(sorted(set(at[lost]))),
                hint=_("add the places, or correct the identifiers"),
            )
        )
    own = _volumes(containers, ids, path)
    models = {**codes.usual_models(), **_models(path)}
    left: dict[str, list[str]] = {}
    found = []
    for name, place, told, row in zip(ids, at, own, containers.to_dict("records"), strict=True):
        site, model = place_of[place], codes.model_of(row, models)
        reason = codes.out_of_use(site) or codes.taken_away(row)
        if not reason and codes.holds_textile(model, site):
            reason = _("textile, which no round of waste collects")
        if reason:
            left.setdefault(reason, []).append(name)
        else:
            found.append(_container(name, place, told, model, row, site, points[place], volume))
    system = getattr(places, "crs", None) or crs or pyproj.CRS.from_epsg(2154)
    warnings = (
        *_unknown(path, known, known["idlieu"].astype(str), PLACES, "statut", codes.STATUSES),
        *_unknown(path, containers, ids, CONTAINERS, "eve", codes.EVENTS),
        *_guesses(path, found, volume),
    )
    return imported(found, system, path.name, left, imputed=("sensor", "count"), warnings=warnings)


def _container(
    name: str,
    place: str,
    told: float,
    model: codes.Model,
    row: Mapping[str, Any],
    site: Mapping[str, Any],
    point: shapely.Point,
    volume: float,
) -> Container:
    """Return a glass column: its own volume [l], else that of its model, else the usual one."""
    kind = codes.kind_of(row, model)
    size = told if told > 0.0 else model.volume
    guessed = {"volume": size is None, "kind": not kind, "stream": not model.content}
    return Container(
        name,
        place,
        "glass",
        kind or "drop_off_column",
        volume if size is None else size,
        point,
        name=str(site.get("adresse") or ""),
        guessed=tuple(column for column, absent in guessed.items() if absent),
    )


def _unknown(path: Path, table: Any, ids: Any, layer: str, column: str, known: tuple[str, ...]) -> tuple[Problem, ...]:
    """Return a warning for codes that are not in their list: what bears them is taken for in use."""
    if column not in table:
        return ()
    rows = table.to_dict("records")
    bad = [name for name, row in zip(ids, rows, strict=True) if codes.unknown(row, column, known)]
    values = sorted({codes.text(row, column) for row in rows if codes.unknown(row, column, known)})
    message = _("codes that the model does not know, taken for « in use »")
    hint = _("known ones: {codes}").format(codes=" ".join(filter(None, known)))
    told = Problem(
        message, file=str(path), layer=layer, column=column, features=tuple(bad), value=shorten(values),
        hint=hint, warning=True,
    )  # fmt: skip
    return (told,) if bad else ()


def _guesses(path: Path, found: list[Container], volume: float) -> tuple[Problem, ...]:
    """Return a warning for columns whose volume nothing tells."""
    rows = tuple(item.container_id for item in found if "volume" in item.guessed)
    message = _("containers without a capacity; taken") + f": {volume:.6g} l"
    hint = _("state `volume:` in the territory file")
    table = "waste_containers"
    return (
        (Problem(message, file=str(path), layer=table, column="volume", features=rows, hint=hint, warning=True),)
        if rows
        else ()
    )


def _volumes(containers: Any, ids: Any, path: Path) -> list[float]:
    """Return the volume that each container states [l], zero where it states none."""
    if "volume" not in containers:
        return [0.0] * len(containers)
    litres = _numbers(containers["volume"], path, CONTAINERS, ids).fillna(0.0) * 1000.0
    wrong = (litres != 0.0) & ~litres.between(LEAST, MOST)
    if wrong.any():
        raise InputError(
            Problem(
                _("not the volume of a container: the column is in cubic metres"),
                file=str(path),
                layer=CONTAINERS,
                column="volume",
                features=tuple(ids[wrong]),
                value=", ".join(containers["volume"][wrong].astype(str).head()),
                hint=_("correct the column"),
            )
        )
    return [float(value) for value in litres]


def _models(path: Path) -> dict[str, codes.Model]:
    """Return the models of the database's own list, where the file or the folder holds it."""
    table = _optional_table(path, MODELS)
    return {} if table is None else codes.stated_models(table)


def _table(path: Path, name: str) -> Any:
    """Return one of the tables, from the file or from the folder."""
    found = _optional_table(path, name)
    if found is not None:
        return found
    message = _("the table « {table} » is missing").format(table=name)
    raise InputError(Problem(message, file=str(path), hint=_("give a GeoPackage or a folder that holds both tables")))


def _optional_table(path: Path, name: str) -> Any:
    """Return a table as `_table` does, None where there is none."""
    if path.is_dir():
        # A shapefile has files beside it that are no tables.
        match = [
            file
            for kind in _TABLES
            for file in sorted(path.iterdir())
            if file.stem.lower().endswith(name) and file.suffix.lower() == kind
        ]
        if match:
            file = match[0]
            return _text_table(file) if file.suffix.lower() == ".csv" else _read(file)
    else:
        layers = {layer.lower(): layer for layer in layer_names(path)}
        match_ = [layer for lower, layer in layers.items() if lower.endswith(name)]
        if match_:
            return _read(path, match_[0])
    return None


def _text_table(file: Path) -> Any:
    """Return a CSV file in UTF-8, as the model asks for, else in the encoding of French spreadsheets."""
    try:
        file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return read_delimited(file, "cp1252")
    return read_delimited(file)


def _read(path: Path, layer: str | None = None) -> Any:
    return read_layer(path, layer)


def _points(places: Any, path: Path) -> dict[str, shapely.Point]:
    """Return the point of each place: its geometry, else its Lambert-93 coordinates.

    A join with the containers repeats a place as it is; one that lies at two points is no place.
    """
    names = places["idlieu"].astype(str)
    if isinstance(places, gpd.GeoDataFrame) and places.geometry.notna().all():
        points = shapely.centroid(places.geometry.to_numpy())
    else:
        for column in ("x_l93", "y_l93"):
            need_column(places, column, str(path), PLACES)
        x, y = (_numbers(places[column], path, PLACES, names) for column in ("x_l93", "y_l93"))
        points = shapely.points(x.to_numpy(), y.to_numpy())
    xy = shapely.get_coordinates(points) if len(points) else np.zeros((0, 2))
    if len(xy) != len(points) or not np.isfinite(xy).all():
        empty = shapely.is_empty(points) | ~np.isfinite([(point.x, point.y) for point in points]).all(axis=1)
        message, hint = _("places without coordinates"), _("give each a point, or its coordinates")
        raise InputError(Problem(message, file=str(path), layer=PLACES, features=tuple(names[empty]), hint=hint))
    moved = names[(pd.DataFrame(xy).groupby(names.to_numpy()).transform("nunique") > 1).any(axis=1).to_numpy()]
    if len(moved):
        message, hint = _("one place at several points"), _("keep one of them, or correct the identifiers")
        features = tuple(dict.fromkeys(moved))
        raise InputError(Problem(message, file=str(path), layer=PLACES, column="idlieu", features=features, hint=hint))
    return dict(zip(names, points, strict=True))


def _numbers(column: Any, path: Path, layer: str, ids: Any) -> Any:
    """Return the numbers of a column, with a decimal point or comma.

    Raises
    ------
    InputError
        With the cells that are no numbers.
    """
    written = column.map(lambda cell: cell.replace(",", ".") if isinstance(cell, str) else cell)
    numbers, unread = as_numbers(written, ".")
    if unread.any():
        raise InputError(unread_numbers(column, unread, ".", str(path), str(column.name), layer, list(ids)))
    return numbers

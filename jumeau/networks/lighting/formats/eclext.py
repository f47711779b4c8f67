"""Lighting points of EclExt, the French geostandard of outdoor lighting (CNIG, version 1.1, 29 November 2022)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.networks.lighting.formats.eclext_profiles import Profiles, read_profiles
from jumeau.networks.lighting.formats.eclext_tables import coded, column, numbers, points, table, years, yes_no
from jumeau.sources.imported import Imported, observed_columns

POINTS = "PointLumineux"

#: Induction lamps are fluorescent without electrodes; incandescent ones are nearest to halogen, xenon to metal halide.
TECHNOLOGY = {
    "FLUO": "FLUO", "HAL": "HALOGEN", "IM": "MH", "INC": "HALOGEN", "IND": "FLUO", "LED": "LED", "SBP": "LPS",
    "SHP": "HPS", "VM": "MERCURY", "XEN": "MH",
}  # fmt: skip

#: Kind of lighting by the luminaire's structure.
USAGE = {
    "APP": "road", "BL": "ambience", "BOR": "bollard", "COL": "bollard", "EN": "recessed", "LANT": "road",
    "PROJ": "projector", "REGL": "road", "TUBE": "road", "VASQ": "road",
}  # fmt: skip

#: Category of the order of 27 December 2018; advertising and luminous installations are in none.
CATEGORY = {
    "A": "a", "B": "b", "B1": "b", "B2": "b", "B3": "b", "B4": "b", "C": "c", "D": "d", "E": "e", "F": "f", "G": "g",
    "PU": None, "IN": None,
}  # fmt: skip

#: Adaptive lighting: a node reports faults and takes commands where it is remotely managed.
MANAGED = {"AV": False, "CO": False, "EN": False, "TG": True}


def read_eclext(
    path: Path, crs: pyproj.CRS, profiles: Mapping[str, str] | None = None, encoding: str | None = None
) -> Imported:
    """Read the lighting points in service, with their night profiles.

    Parameters
    ----------
    path : Path
        The file of the lighting points, a GeoPackage, or a folder with one file per table.
    crs : CRS
        Of coordinates that state none.
    profiles : mapping of str to str, optional
        Night profiles by name, as windows, where no table describes them.
    encoding : str, optional
        Of texts; that of the file, or UTF-8 for CSV, by default.

    Raises
    ------
    InputError
        When there are no lighting points, a number or date cannot be read, or identifiers stand twice.
    """
    frame = table(path, POINTS, encoding)
    if frame is None:
        hint = _("give the file « {name} », or a folder or GeoPackage that holds it").format(name=POINTS)
        raise InputError(Problem(_("the table « {table} » is missing").format(table=POINTS), file=str(path), hint=hint))
    notes: list[str] = []
    frame = frame.reset_index(drop=True)
    ids = _identifiers(frame, notes)
    frame, ids = _in_service(frame, ids, notes)
    frame, ids = _current(frame, ids, path, notes)
    if not len(frame):
        raise InputError(Problem(_("no lighting point is in service"), file=str(path), value="; ".join(notes)))
    flux, power = numbers(frame, ids, path, "fluxLuminaire"), numbers(frame, ids, path, "puissance")
    values: dict[str, Any] = {
        "lamp_id": ids,
        "technology": coded(frame, "typeSource", TECHNOLOGY, ids, notes),
        "power": power,
        "height": numbers(frame, ids, path, "hauteurFeu"),
        "installed_year": years(frame, ids, path, "datePremiereInstallation"),
        "usage": coded(frame, "structure", USAGE, ids, notes),
        "flux": flux,
        "cct": numbers(frame, ids, path, "temperatureCouleur"),
        "ulr": numbers(frame, ids, path, "ulrInstalle"),
        "legal_category": coded(frame, "usage", CATEGORY, ids, notes),
        "managed": coded(frame, "eclairageAdaptatif", MANAGED, ids, notes),
    }
    known = read_profiles(path, profiles or {}, notes, encoding)
    values["profile"] = _profiles(frame, ids, flux, power, known, notes)
    kept = {name: item for name, item in values.items() if name == "lamp_id" or pd.Series(item).notna().any()}
    shapes = points(frame, ids, path, crs)
    lamps = gpd.GeoDataFrame(kept, geometry=shapes, crs=shapes.crs).reset_index(drop=True)
    return Imported({"lamps": lamps}, observed_columns({"lamps": lamps}, f"EclExt {path.name}"), tuple(notes))


def _identifiers(frame: pd.DataFrame, notes: list[str]) -> pd.Series[Any]:
    ids = column(frame, "idPointLumineux", "identifiant", "id").astype(object)
    lost = ids.isna()
    if lost.any():
        notes.append(_("{count} lighting point(s) without an identifier get one").format(count=int(lost.sum())))
        ids = ids.where(~lost, [f"point-{row + 1}" for row in range(len(frame))])
    return ids


def _in_service(frame: pd.DataFrame, ids: pd.Series[Any], notes: list[str]) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Leave out what does not work or is not public, told by status."""
    status = column(frame, "statut")
    out = status.notna() & (status.astype(str).str.lower() != "functional")
    for value, rows in status[out].groupby(status[out]):
        told = _("left out, status « {status} »: {count} ({ids})")
        notes.append(told.format(status=value, count=len(rows), ids=shorten(ids[rows.index].astype(str).tolist())))
    private = yes_no(column(frame, "eclairagePublic")).map(lambda said: said is False) & ~out
    if private.any():
        told = _("left out, not public lighting: {count} ({ids})")
        notes.append(told.format(count=int(private.sum()), ids=shorten(ids[private].astype(str).tolist())))
    kept = ~(out | private)
    return frame[kept].reset_index(drop=True), ids[kept].reset_index(drop=True)


def _current(
    frame: pd.DataFrame, ids: pd.Series[Any], path: Path, notes: list[str]
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Keep the last version of each point: the standard keeps earlier ones, by the date from which they hold."""
    since = column(frame, "valideDe").fillna("").astype(str)
    twice = pd.DataFrame({"id": ids, "since": since}).duplicated(keep=False).to_numpy()
    if twice.any():
        raise InputError(
            Problem(
                _("identifiers that stand more than once"),
                file=str(path),
                layer=POINTS,
                features=tuple(sorted(set(ids[twice].astype(str)))),
                hint=_("make identifiers unique"),
            )
        )
    order = since.sort_values(kind="stable").index
    last = np.sort(order[~ids[order].duplicated(keep="last").to_numpy()].to_numpy())
    if len(last) < len(ids):
        told = _("earlier versions of lighting points left out: {count}")
        notes.append(told.format(count=len(ids) - len(last)))
    return frame.iloc[last].reset_index(drop=True), ids.iloc[last].reset_index(drop=True)


def _profiles(
    frame: pd.DataFrame,
    ids: pd.Series[Any],
    flux: pd.Series[Any],
    power: pd.Series[Any],
    known: Profiles,
    notes: list[str],
) -> pd.Series[Any]:
    """Return the night profile of each lamp; what no table describes is told, by name and lamp."""
    names = column(frame, "profilNocturne")
    found = [
        None if name is None else known.of(str(name), float(lumen), float(watt))
        for name, lumen, watt in zip(names, flux, power, strict=True)
    ]
    result = pd.Series(found, index=frame.index, dtype=object)
    lost = names.notna() & result.isna()
    for name, rows in names[lost].groupby(names[lost]):
        told = _(
            "night profile « {name} »: no table describes it; state it under « profiles » of the import; "
            "full output all night meanwhile ({count}: {ids})"
        )
        notes.append(told.format(name=name, count=len(rows), ids=shorten(ids[rows.index].astype(str).tolist())))
    off = yes_no(column(frame, "extinctionNuit")).map(lambda said: said is True) & names.isna()
    if off.any():
        told = _("switched off during the night at hours that are not told: {count} ({ids})")
        notes.append(told.format(count=int(off.sum()), ids=shorten(ids[off].astype(str).tolist())))
    return result

"""The formats of waste containers that can be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.imported import Imported
from jumeau.territory.mapping import NetworkImport, TerritoryFile, expand, parse_crs

FORMATS = ("fiware_waste", "compiegne_waste", "osm_waste")


def import_waste(item: NetworkImport, folder: Path, crs: pyproj.CRS, whole: TerritoryFile) -> Imported:
    """Read containers in somebody else's format, and bring them into the territory's CRS.

    Raises
    ------
    InputError
        With everything that is wrong with the file.
    """
    path = expand(item.file, folder)
    if not path.exists():
        raise InputError(Problem(_("no such file or folder"), file=str(path), hint=_("correct the path")))
    given = parse_crs(item.crs) if item.crs else None
    if item.format == "fiware_waste":
        from jumeau.sources.waste.fiware import read_fiware

        found = read_fiware(path)
    elif item.format == "compiegne_waste":
        from jumeau.sources.waste.compiegne import read_compiegne

        found = read_compiegne(path, given, item.volume)
    else:
        from jumeau.sources.waste.osm import read_osm

        found = read_osm(path, item.volume)
    source, licence = item.source or whole.source, item.licence or whole.licence
    told = found.columns["source"].where(found.columns["source"] != "", source)
    columns = found.columns.assign(source=told, licence=licence, date=whole.date)
    layers = {name: frame.to_crs(crs) if frame.crs != crs else frame for name, frame in found.layers.items()}
    return replace(found, layers=layers, columns=columns)

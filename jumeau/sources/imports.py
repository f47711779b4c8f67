"""Whole networks in somebody else's format: which reader takes which, and what they all have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.imported import Imported
from jumeau.territory.mapping import NetworkImport, TerritoryFile, expand, parse_crs

#: Takes the path, what the territory file says of it, and the territory's CRS.
Reader = Callable[[Path, NetworkImport, pyproj.CRS], Imported]


def _given(item: NetworkImport) -> pyproj.CRS | None:
    return parse_crs(item.crs) if item.crs else None


def _epanet(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.water.formats.epanet import read_inp

    return read_inp(path, _given(item) or crs, offset=item.offset, scale=item.scale)


def _raepa(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - the files say their own
    from jumeau.networks.water.formats.raepa import read_raepa

    return read_raepa(path, _given(item))


def _stareau(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - the files say their own
    from jumeau.networks.water.formats.stareau import read_stareau

    return read_stareau(path, _given(item))


def _fiware(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - degrees by definition
    from jumeau.networks.waste.formats.fiware import read_fiware

    return read_fiware(path)


def _compiegne(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - the files say their own
    from jumeau.networks.waste.formats.compiegne import read_compiegne

    return read_compiegne(path, _given(item), item.volume)


def _osm(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - degrees by definition
    from jumeau.networks.waste.formats.osm import read_osm

    return read_osm(path, item.volume)


def _gmns(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.gmns import read_gmns

    return read_gmns(path, _given(item) or crs)


def _tntp(path: Path, item: NetworkImport, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.tntp import read_tntp

    return read_tntp(path, _given(item) or crs, item.length_unit)


READERS: Mapping[str, Reader] = {
    "epanet": _epanet,
    "raepa": _raepa,
    "stareau": _stareau,
    "fiware_waste": _fiware,
    "compiegne_waste": _compiegne,
    "osm_waste": _osm,
    "gmns": _gmns,
    "tntp": _tntp,
}


def import_network(item: NetworkImport, folder: Path, crs: pyproj.CRS, whole: TerritoryFile) -> Imported:
    """Read a network in somebody else's format, and bring it into the territory's CRS.

    Raises
    ------
    InputError
        With everything that is wrong with the file.
    """
    path = expand(item.file, folder)
    if not path.exists():
        raise InputError(Problem(_("no such file or folder"), file=str(path), hint=_("correct the path")))
    found = READERS[item.format](path, item, crs)
    source, licence = item.source or whole.source, item.licence or whole.licence
    told = found.columns["source"]
    # Readers of water tell nothing that the file's own source would not; those of waste mark what they guessed.
    kept = told.where(told != "", source) if item.format.endswith("_waste") else source or told
    columns = found.columns.assign(source=kept, licence=licence, date=whole.date)
    layers = {name: frame.to_crs(crs) if frame.crs != crs else frame for name, frame in found.layers.items()}
    return replace(found, layers=layers, columns=columns)

"""The formats of water networks that can be read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.imported import Imported
from jumeau.territory.mapping import NetworkImport, TerritoryFile, expand, parse_crs

#: Formats that a network can be written in.
FORMATS = ("epanet", "raepa", "stareau")


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
    given = parse_crs(item.crs) if item.crs else None
    if item.format == "epanet":
        from jumeau.sources.water.epanet import read_inp

        found = read_inp(path, given or crs, offset=item.offset, scale=item.scale)
    elif item.format == "raepa":
        from jumeau.sources.water.raepa import read_raepa

        found = read_raepa(path, given)
    else:
        from jumeau.sources.water.stareau import read_stareau

        found = read_stareau(path, given)
    source, licence = item.source or whole.source, item.licence or whole.licence
    columns = found.columns.assign(source=source or found.columns["source"], licence=licence, date=whole.date)
    layers = {name: frame.to_crs(crs) if frame.crs != crs else frame for name, frame in found.layers.items()}
    return replace(found, layers=layers, columns=columns)


def export_network(layers: Mapping[str, gpd.GeoDataFrame], kind: str, path: Path) -> list[Path]:
    """Write the layers of a water network in somebody else's format; return the files written.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    kind : str
        One of `FORMATS`.
    path : Path

    Raises
    ------
    InputError
        When the layers hold no network, or the folder cannot be written to.
    """
    if not len(layers.get("water_pipes", ())):
        hint = _("build the territory with « jumeau territory build »")
        raise InputError(Problem(_("the territory has no water network"), layer="water_pipes", hint=hint))
    if kind == "epanet":
        from jumeau.sources.water.epanet import write_inp

        return [write_inp(layers, path)]
    if kind == "raepa":
        from jumeau.sources.water.raepa import write_raepa

        return write_raepa(layers, path)
    from jumeau.sources.water.stareau import write_stareau

    return write_stareau(layers, path)

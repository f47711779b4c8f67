"""The formats that water networks can be written in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

#: Formats that a network can be written in.
FORMATS = ("epanet", "raepa", "stareau")


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
        from jumeau.networks.water.formats.epanet import write_inp

        return [write_inp(layers, path)]
    if kind == "raepa":
        from jumeau.networks.water.formats.raepa import write_raepa

        return write_raepa(layers, path)
    from jumeau.networks.water.formats.stareau import write_stareau

    return write_stareau(layers, path)

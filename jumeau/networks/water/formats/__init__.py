"""Other people's files: read into layers, and written from them. What they need is imported when one is used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import geopandas as gpd
import pyproj
from pydantic import Field

from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported
from jumeau.sources.products.options import CommuneOptions
from jumeau.territory.file import ImportOptions


class EpanetOptions(ImportOptions):
    """An EPANET network."""

    offset: tuple[float, float] = (0.0, 0.0)
    """Added to the coordinates, once scaled [m]."""
    scale: Annotated[float, Field(gt=0)] = 1.0
    """The coordinates are multiplied by it."""


def _read_epanet(path: Path, options: EpanetOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.water.formats.epanet import read_inp

    return read_inp(path, options.given_crs or crs, offset=options.offset, scale=options.scale)


def _write_epanet(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    from jumeau.networks.water.formats.epanet import write_inp

    return [write_inp(layers, path)]


def _read_gis(standard: str, path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - files say it
    from jumeau.networks.water.formats.gis_reading import read_gis

    return read_gis(standard, path, options.given_crs)


def _write_gis(standard: str, layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    from jumeau.networks.water.formats.gis_writing import write_gis

    return write_gis(standard, layers, path)


def _gis(standard: str, label: str) -> Format:
    """Return the format of a GIS standard."""
    return Format(standard, label, read=partial(_read_gis, standard), write=partial(_write_gis, standard))


class ServiceOptions(CommuneOptions):
    """What a water service publishes."""

    service: str = ""
    """Code or name of the service, where several serve the commune or one serves several communes."""


def _read_sispea(path: Path, options: ServiceOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.water.formats.sispea import read_sispea

    return read_sispea(path, options.commune, options.service, crs)


FORMATS = by_name(
    Format("epanet", "EPANET network (.inp)", EpanetOptions, _read_epanet, _write_epanet),
    _gis("raepa", "GIS layers of RAEPA 1.2"),
    _gis("stareau", "GIS layers of StaR-Eau V2024"),
    Format("sispea", "indicators that water services publish (SISPEA)", ServiceOptions, _read_sispea),
)

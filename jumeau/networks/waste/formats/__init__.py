"""Other people's files, read into layers. What they need is imported when one is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pyproj

from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported
from jumeau.sources.products.options import CommuneOptions
from jumeau.territory.file import ImportOptions
from jumeau.units import Quantity


class VolumeOptions(ImportOptions):
    """Containers in a format that tells no volume."""

    volume: Annotated[float, Quantity("l", minimum=10.0, maximum=50_000.0)] = 4000.0
    """Volume of a container of which the file tells none; marked as imputed."""


class FiwareOptions(ImportOptions):
    """Containers that may lack a capacity, or a kind of waste."""

    volume: Annotated[float, Quantity("l", minimum=10.0, maximum=50_000.0)] | None = None
    """Volume of a container without capacity; what is usual for its kind where absent."""
    stream: Literal["residual", "packaging", "glass", "biowaste", "paper"] = "residual"
    """Stream of a container that does not say what is thrown in."""


def _read_fiware(path: Path, options: FiwareOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - always in degrees
    from jumeau.networks.waste.formats.fiware import read_fiware

    return read_fiware(path, options.volume, options.stream)


def _read_compiegne(path: Path, options: VolumeOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - files say it
    from jumeau.networks.waste.formats.compiegne import read_compiegne

    return read_compiegne(path, options.given_crs, options.volume)


def _read_osm(path: Path, options: VolumeOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - always in degrees
    from jumeau.networks.waste.formats.osm import read_osm

    return read_osm(path, options.volume)


def _read_sinoe(path: Path, options: CommuneOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.waste.formats.sinoe import read_sinoe

    return read_sinoe(path, options.commune, crs)


FORMATS = by_name(
    Format("fiware_waste", "FIWARE WasteContainer entities (JSON)", FiwareOptions, _read_fiware),
    Format("compiegne_waste", "drop-off sites of the GeoCompiegnois model", VolumeOptions, _read_compiegne),
    Format("osm_waste", "recycling points of OpenStreetMap", VolumeOptions, _read_osm),
    Format("sinoe", "waste collected per inhabitant of a département (SINOE)", CommuneOptions, _read_sinoe),
)

"""Other people's files: read into layers, and written from them. What they need is imported when one is used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import geopandas as gpd
import pyproj

from jumeau.networks.mobility.formats.period import DemandPeriod
from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported
from jumeau.sources.products.options import CommuneOptions, ProductOptions
from jumeau.territory.file import ImportOptions
from jumeau.units import Quantity


class TrafficOptions(ImportOptions):
    """A network of traffic."""

    demand_period: DemandPeriod | None = None
    """Period that the trips are those of, where no file tells it: `1 h` for the busiest hour of a working day,
    `07:00-09:00` for hours of it, `1 day` for a mean day."""


class GmnsOptions(TrafficOptions):
    """A network in GMNS."""

    encoding: str = ""
    """Encoding of the tables; UTF-8 by default."""


class TntpOptions(TrafficOptions):
    """A TNTP network."""

    length_unit: Literal["m", "km", "ft", "mile"] | None = None
    """Unit of the lengths; that of the line `ORIGINAL HEADER` where it tells one, else kilometres."""
    capacity_period: Annotated[float, Quantity("h", minimum=0.25, maximum=24.0)] | None = None
    """Period that the capacities are those of, where the line `ORIGINAL HEADER` does not tell it."""
    nodes: Literal["file", "drawn"] = "file"
    """Where nodes lie: as their file tells, or drawn from the lengths of the links where there is none."""


def _read_gmns(path: Path, options: GmnsOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.gmns import read_gmns

    return read_gmns(path, options.given_crs or crs, options.demand_period, options.encoding or None)


def _write_gmns(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    from jumeau.networks.mobility.formats.gmns_writing import write_gmns

    return write_gmns(layers, path)


def _read_tntp(path: Path, options: TntpOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.tntp import Told, read_tntp

    drawn = options.nodes == "drawn"
    told = Told(options.length_unit, options.capacity_period, options.demand_period, drawn)
    return read_tntp(path, options.given_crs or crs, told)


def _read_osm(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - always in degrees
    from jumeau.networks.mobility.formats.osm import read_osm_parking

    return read_osm_parking(path)


def _read_gtfs(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:  # noqa: ARG001 - always in degrees
    from jumeau.networks.mobility.formats.gtfs import read_gtfs

    return read_gtfs(path)


def _read_mobpro(path: Path, options: CommuneOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.mobpro import read_mobpro

    return read_mobpro(path, options, crs)


def _read_supply(name: str, path: Path, options: ProductOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.tables import ATTRIBUTES
    from jumeau.sources.products.reading import read_product

    return read_product(name, path, options, crs, (ATTRIBUTES,))


def _read_tmja(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.road_counts import read_tmja

    return read_tmja(path, ProductOptions(**options.model_dump()), crs)


def _read_counters(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.networks.mobility.formats.road_counts import read_counters

    return read_counters(path, ProductOptions(**options.model_dump()), crs)


def _supply(name: str, label: str) -> Format:
    """Return the format of a product of the catalogue that gives a layer of supply."""
    return Format(name, label, ProductOptions, partial(_read_supply, name))


FORMATS = by_name(
    Format("gmns", "folder of GMNS tables", GmnsOptions, _read_gmns, _write_gmns),
    Format("tntp", "TNTP network (X_net.tntp)", TntpOptions, _read_tntp),
    Format("gtfs", "public transport of a GTFS feed (zip or folder)", ImportOptions, _read_gtfs),
    Format("mobpro", "workers by commune of home and of work (MOBPRO)", CommuneOptions, _read_mobpro),
    Format("osm_parking", "car parks and charging stations of OpenStreetMap", ImportOptions, _read_osm),
    Format("tmja", "mean daily traffic of national roads (TMJA)", ImportOptions, _read_tmja),
    Format("comptage_mobilites", "counters of the schema comptage-mobilites", ImportOptions, _read_counters),
    _supply("irve", "charging stations (static IRVE)"),
    _supply("bnls", "car parks (BNLS)"),
    _supply("stationnement_voirie", "on-street parking"),
)

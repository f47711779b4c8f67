"""A file of OpenStreetMap as the layers of a territory: streets, buildings, addresses, land, water, zones, limits."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from jumeau.attributes import ORIGIN_SUFFIX
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.input_file import regular_file
from jumeau.sources.imported import Imported
from jumeau.sources.osm import buildings as of_areas
from jumeau.sources.osm import streets as of_lines
from jumeau.sources.osm.addresses import ENOUGH, addresses_of
from jumeau.sources.osm.files import LICENCE, SOURCE, check_whole, identifiers, opened, read_tagged
from jumeau.sources.osm.land import land_of
from jumeau.sources.osm.unused import unused
from jumeau.sources.osm.zones import limits_of, zones_of
from jumeau.territory.model import COLUMN_FIELDS, column_rows

#: Tags that are read of points.
POINT_TAGS = (
    "osm_id", "highway", "amenity", "natural", "place", "addr:housenumber", "addr:housename", "addr:street",
    "addr:place",
)  # fmt: skip
_POINTS = (
    '"addr:housenumber" IS NOT NULL OR "addr:housename" IS NOT NULL OR highway = \'street_lamp\' OR '
    "amenity IN ('recycling', 'waste_disposal', 'parking', 'charging_station') OR natural = 'tree' OR "
    "place IS NOT NULL"
)
_AREAS = (
    "building IS NOT NULL OR leisure IS NOT NULL OR landuse IS NOT NULL OR natural IS NOT NULL OR "
    "waterway IS NOT NULL OR boundary = 'administrative' OR place IS NOT NULL OR amenity IS NOT NULL OR "
    '"addr:housenumber" IS NOT NULL OR "addr:housename" IS NOT NULL'
)

#: How columns are made where it is not plain from their tag.
RULES = {
    ("streets", "road_class"): "tag highway, by the table sources/osm/highways.csv",
    ("streets", "oneway"): "tags oneway, junction, motor_vehicle, vehicle, access; both ways where nothing is said",
    ("streets", "speed"): "tag maxspeed; words by the table sources/osm/speeds.csv",
    ("streets", "level"): "tag layer, else bridge and tunnel",
    ("buildings", "use"): "tags building, amenity, shop, office and others, by the table sources/osm/uses.csv",
    ("buildings", "storeys"): "tag building:levels",
    ("buildings", "dwellings"): "tag building:flats",
    ("addresses", "building_id"): "the building that bears the address, or that its point lies in",
    ("green", "kind"): "tags leisure, landuse, natural, by the table sources/osm/areas.csv",
    ("water", "kind"): "tags natural, waterway, landuse, by the table sources/osm/areas.csv",
    ("zones", "geometry"): "the smallest of the areas that lie in each other, where they cover half of the larger one",
}


def read_osm_territory(path: Path, *, split: bool = True, only: tuple[str, ...] = ()) -> Imported:
    """Read the territory's own layers of a file.

    Parameters
    ----------
    path : Path
        `.osm`, `.osm.gz`, `.osm.bz2` or `.osm.pbf`.
    split : bool
        Whether streets are cut at the nodes that two of them share.
    only : tuple of str
        Layers asked for by name; addresses that are too few to tell where people live are given only then.

    Raises
    ------
    InputError
        When it is no such file, damaged, or holds neither streets nor buildings.
    """
    name = regular_file(path).name
    with opened(path) as file:
        check_whole(file)
        points = read_tagged(file, "points", POINT_TAGS, _POINTS)
        lines = read_tagged(file, "lines", of_lines.TAGS, of_lines.WHERE)
        areas = read_tagged(file, "multipolygons", of_areas.TAGS, _AREAS)
        left = unused(file, points, areas, name)
    ids = identifiers(areas, "multipolygons")
    streets, told = of_lines.streets_of(lines, identifiers(lines, "lines"), name, split=split)
    buildings, more = of_areas.buildings_of(areas, ids, name)
    layers = {
        "streets": streets,
        "buildings": buildings,
        "addresses": addresses_of(points, identifiers(points, "points"), areas, ids, buildings),
        "green": land_of(areas, ids, "green"),
        "water": land_of(areas, ids, "water"),
        "zones": zones_of(areas, ids),
        "limits": limits_of(areas, ids),
    }
    notes = [*told, *more, *left]
    if "addresses" not in only:
        notes += _few_addresses(layers, name)
    layers = {key: _without_empty(frame) for key, frame in layers.items() if len(frame)}
    if not {"streets", "buildings"} & set(layers):
        message = _("the file holds neither streets nor buildings")
        raise InputError(Problem(message, file=str(path), hint=_("check the file's content")))
    return Imported(layers, _columns(layers), tuple(notes))


def _few_addresses(layers: dict[str, gpd.GeoDataFrame], file: str) -> list[str]:
    """Leave out addresses that are too few to tell where people live, and say so."""
    count = len(layers["addresses"])
    lived = int((layers["buildings"]["use"] != "annex").sum())
    if not count or count >= ENOUGH * lived:
        return []
    layers["addresses"] = layers["addresses"].iloc[:0]
    text = _(
        "{file}: {count} addresses for {buildings} buildings do not tell where people live: left out "
        "(« only: [addresses, …] » takes them all the same)"
    )
    return [text.format(file=file, count=format_number(count), buildings=format_number(lived))]


def _without_empty(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer without the columns of which the file says nothing."""
    silent = [name for name in frame.columns if name != "geometry" and frame[name].isna().all()]
    return frame.drop(columns=[*silent, *(f"{name}{ORIGIN_SUFFIX}" for name in silent)], errors="ignore")


def _columns(layers: dict[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Return the rows that say where each column comes from."""
    tables = [
        column_rows(layer, [str(column)], "observed", rule=RULES.get((layer, str(column)), "read from the tags"),
                    source=SOURCE, licence=LICENCE)
        for layer, frame in layers.items()
        for column in frame.columns
        if not str(column).endswith(ORIGIN_SUFFIX)
    ]  # fmt: skip
    return pd.concat([pd.DataFrame(columns=list(COLUMN_FIELDS)), *tables], ignore_index=True)

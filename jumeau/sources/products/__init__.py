"""What a territory's own layers (streets, buildings, people ...) can be imported from, by the name of a product.

The catalogue (`catalogue/*.yaml`) tells how each product of public data is recognised and what its columns mean; one
reader serves all. What a catalogue cannot tell has a module of its own here.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pyproj

from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported
from jumeau.sources.products.options import CensusOptions, ProductOptions, ReliefOptions
from jumeau.sources.products.osm import OSM

#: Products that give layers of the territory itself: name -> what a person reads.
SHARED_PRODUCTS = {
    "bdtopo": "BD TOPO 2 and 3 (IGN)",
    "admin_express": "limits of communes, ADMIN EXPRESS (IGN)",
    "communes": "limits of communes, geo.api.gouv.fr",
    "contours_iris": "IRIS zones (INSEE, IGN)",
    "cadastre": "buildings of the cadastre (Etalab)",
    "bdnb": "BDNB buildings (CSTB)",
    "rnb": "RNB buildings (IGN)",
    "ban": "BAN addresses",
    "bal": "BAL addresses",
    "filosofi": "Filosofi grid of residents (INSEE)",
    "sirene": "geolocated establishments, Sirene (INSEE)",
    "bpe": "geolocated amenities, BPE (INSEE)",
}


def _read(name: str, path: Path, options: Any, crs: pyproj.CRS) -> Imported:
    from jumeau.sources.products.reading import read_product

    return read_product(name, path, options, crs)


def _read_relief(path: Path, options: ReliefOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.sources.products.grids import read_grids

    return read_grids(path, options, crs)


def _read_census(path: Path, options: CensusOptions, crs: pyproj.CRS) -> Imported:
    from jumeau.sources.products.census import read_census

    return read_census(path, options, crs)


#: The products, by the name that `imports` gives them.
PRODUCTS = by_name(
    OSM,
    *(Format(name, label, ProductOptions, partial(_read, name)) for name, label in SHARED_PRODUCTS.items()),
    Format("rp_iris", "residents by IRIS, census (INSEE)", CensusOptions, _read_census),
    Format("relief", "grids of heights (.asc, .tif), one or a folder of tiles", ReliefOptions, _read_relief),
)

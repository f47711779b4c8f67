"""Street lamps of OpenStreetMap: nodes with `highway=street_lamp`. Powers are hardly ever tagged."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.networks.lighting.tables import ATTRIBUTES
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.osm.files import LICENCE, SOURCE, features
from jumeau.sources.osm.values import LENGTHS, believable, number_of

#: Values of `light:method` (https://wiki.openstreetmap.org/wiki/Key:light:method) -> technology.
TECHNOLOGIES = {
    "led": "LED",
    "sodium": "HPS",
    "high_pressure_sodium": "HPS",
    "low_pressure_sodium": "LPS",
    "metal_halide": "MH",
    "metal-halide": "MH",
    "mercury": "MERCURY",
    "mercury_vapor": "MERCURY",
    "fluorescent": "FLUO",
    "halogen": "HALOGEN",
}
#: Values of `lamp_mount` and `support` -> support.
SUPPORTS = {
    "wall": "facade", "wall_mounted": "facade", "wall_mount": "facade", "facade": "facade", "pole": "mast",
    "mast": "mast", "straight_mast": "mast", "bent_mast": "mast", "bent": "mast", "power_pole": "pole",
    "utility_pole": "pole",
}  # fmt: skip


def read_osm_lamps(path: Path) -> Imported:
    """Read the street lamps of a file.

    Parameters
    ----------
    path : Path
        `.osm`, `.osm.gz`, `.osm.bz2` or `.osm.pbf`.

    Raises
    ------
    InputError
        When it is no such file, or holds no lamp.
    """
    found = [item for item in features(path, "highway = 'street_lamp'") if item[1].get("highway") == "street_lamp"]
    if not found:
        hint = _("leave this import out: lamps are then laid out along the streets")
        raise InputError(Problem(_("the file holds no street lamp"), file=str(path), hint=hint))
    names, tags, points = zip(*found, strict=True)
    table = pd.DataFrame(
        {
            "lamp_id": names,
            "technology": [TECHNOLOGIES.get(item.get("light:method", "").lower()) for item in tags],
            "height": [_height(item) for item in tags],
            "support": [
                SUPPORTS.get(item.get("lamp_mount", "").lower()) or SUPPORTS.get(item.get("support", "").lower())
                for item in tags
            ],
        }
    )
    table = table.drop(columns=[name for name in table if table[name].isna().all()])
    lamps = gpd.GeoDataFrame(table, geometry=list(points), crs=4326)
    notes = []
    several = sum(number_of(item.get("light:count", "1"), {"": 1.0}) > 1.0 for item in tags)
    if several:
        text = _("{file}: {count} masts bear several lamps (`light:count`): one is taken of each")
        notes.append(text.format(file=path.name, count=format_number(several)))
    layers = {"lamps": lamps}
    return Imported(layers, observed_columns(layers, SOURCE, LICENCE), tuple(notes))


def _height(tags: dict[str, str]) -> float:
    """Return the height of the light, else of the mast [m]; not a number where none is told or believable."""
    value = number_of(tags.get("light:height") or tags.get("height") or "", LENGTHS)
    return believable(value, ATTRIBUTES.get("lamps", "height"))

"""A few streets of the bundled town, as files that a territory file describes: some seconds to build, check and run."""

import geopandas as gpd
import pandas as pd
import shapely

from jumeau.territory.storage import read_territory

#: Layer -> ending of its file, and the columns taken.
LAYERS = {
    "streets": ("gpkg", ("street_id", "name", "road_class", "oneway", "lanes", "speed", "width")),
    "buildings": ("geojson", ("building_id", "height", "storeys", "use", "dwellings")),
    "addresses": ("csv", ("address_id", "label", "dwellings")),
    "lamps": ("csv", ("lamp_id", "technology", "power", "installed_year", "height")),
    "population": ("gpkg", ("cell_id", "residents", "households", "jobs")),
    "zones": ("geojson", ("zone_id", "name")),
    "waste_depots": ("gpkg", ("depot_id",)),
}

#: Half the side of the square that is kept [m].
HALF = 90.0


def frames():
    """Return the layers about the middle of the town, the depot brought near."""
    town = read_territory("bourg_exemple")
    middle = town.layers["streets"].union_all().centroid
    area = middle.buffer(HALF, cap_style="square")
    found = {}
    for name, (_ending, columns) in LAYERS.items():
        layer = town.layers[name]
        if name == "waste_depots":
            layer = layer.head(1).set_geometry([shapely.Point(middle.x, middle.y)], crs=town.crs)
        kept = layer[layer.intersects(area)] if name in ("zones", "population") else layer[layer.within(area)]
        found[name] = kept[[*columns, "geometry"]].reset_index(drop=True)
    return found


def write_layer(frame, folder, name):
    """Write a layer the way its ending asks for; return the file."""
    file = folder / f"{name}.{LAYERS[name][0]}"
    file.unlink(missing_ok=True)
    if file.suffix == ".csv":
        table = pd.DataFrame(frame.drop(columns="geometry"))
        if isinstance(frame, gpd.GeoDataFrame):
            centres = shapely.centroid(frame.geometry.to_numpy())
            centres[shapely.is_empty(centres)] = None  # GEOS refuses to say where nothing is
            table["x"], table["y"] = shapely.get_x(centres).round(2), shapely.get_y(centres).round(2)
        table.to_csv(file, index=False, encoding="utf-8")
    else:
        frame.to_file(file, layer=name, engine="pyogrio")
    return file


def territory_text(names=tuple(LAYERS)):
    """Return the territory file of these layers."""
    lines = [
        "name: quartier", "title: {fr: Quartier, en: Quarter}", "crs: EPSG:2154", "timezone: Europe/Paris",
        "country: FR",
        "subdivision: CVL", "source: tests", "licence: ODbL", "date: '2025'", "layers:",
    ]  # fmt: skip
    for name in names:
        ending, columns = LAYERS[name]
        lines += [f"  {name}:", f"    file: {name}.{ending}"]
        if ending == "csv":
            lines += ["    x: x", "    y: y", "    crs: EPSG:2154"]
        lines += ["    columns:", *(f"      {column}: {column}" for column in columns)]
    return "\n".join(lines) + "\n"


SCENARIO = """name: fuzzed
title: Fuzzed
territory: town.gpkg
period: {start: 2025-01-06, end: 2025-01-07}
warmup: 2 days
seed: 1
replications: 1
variants:
  led: {measures: [{measure: lighting.led_retrofit}]}
"""

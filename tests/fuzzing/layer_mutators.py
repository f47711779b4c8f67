"""Seeded broken files of one layer, in five formats: what its bytes, its text, its parts and its values can suffer."""

import json
import sqlite3
import warnings
import zipfile
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from territory_mutators import FRAMES, mutate_bytes, mutate_text, pick

FORMATS = ("geojson", "shp", "gpkg", "csv", "zip")
X, Y = 650_000.0, 6_780_000.0

#: Layer -> what its territory file says after the file's name.
COLUMNS = {
    "streets": "columns: {street_id: id, name: name, width: width}",
    "buildings": "columns: {building_id: id, height: width, dwellings: count}",
    "lamps": "columns: {lamp_id: id, power: width, height: width, installed_year: {column: count, missing: [0]}}",
}


def frame_of(layer, rng):
    """A few good features of a layer."""
    size = int(rng.integers(1, 6))
    x, y = X + rng.uniform(0, 500, size), Y + rng.uniform(0, 500, size)
    shapes = {
        "streets": lambda: [shapely.LineString([(a, b), (a + 50, b + 20)]) for a, b in zip(x, y, strict=True)],
        "buildings": lambda: shapely.box(x, y, x + 9, y + 12),
        "lamps": lambda: shapely.points(x, y),
    }[layer]()
    values = {
        "id": [f"{layer[0]}{k}" for k in range(size)],
        "name": pd.array(["Rue de l'Église", None, "x", "é", "1"][:size], dtype=object),
        "width": rng.uniform(5, 9, size).round(2),
        "count": rng.integers(1950, 2020, size) if layer == "lamps" else rng.integers(1, 5, size),
    }
    return gpd.GeoDataFrame(values, geometry=shapes, crs=2154)


def write(frame, folder, name):
    """Write a frame under a name, whose ending is a format; return the file to break."""
    file = folder / name
    ending = file.suffix[1:]
    if ending == "csv":
        table = pd.DataFrame(frame.drop(columns="geometry"))
        if isinstance(frame, gpd.GeoDataFrame):
            centres = shapely.centroid(frame.geometry.to_numpy())
            centres[shapely.is_empty(centres)] = None
            table["x"], table["y"] = shapely.get_x(centres), shapely.get_y(centres)
        table.to_csv(file, index=False)
        return file
    target = file.with_suffix(".shp") if ending == "zip" else file
    frame.to_file(target)
    return target


def zipped(file, rng):
    """Put the parts of a shapefile in a zip, some of them perhaps not, in a folder or not."""
    inside = pick(rng, ("", "", "a/", "a/b c/", "../"))
    left_out = pick(rng, ((), (), (".dbf",), (".shx",), (".prj",), (".shp",)))
    with zipfile.ZipFile(file.with_suffix(".zip"), "w") as archive:
        for part in sorted(file.parent.glob(f"{file.stem}.*")):
            if part.suffix not in (*left_out, ".zip"):
                archive.write(part, f"{inside}{part.name}")
            if part.suffix != ".zip":
                part.unlink()
    return file.with_suffix(".zip")


def break_parts(file, rng):
    """Cut, empty or remove one of the files of a shapefile."""
    part = file.with_suffix(pick(rng, (".shp", ".dbf", ".shx", ".prj", ".cpg")))
    if not part.exists():
        return
    data = part.read_bytes()
    how = int(rng.integers(3))
    if how == 0:
        part.unlink()
    else:
        part.write_bytes(b"" if how == 1 else data[: int(rng.integers(len(data) + 1))])


def break_json(file, rng):
    """Change the geometry or the frame of a GeoJSON: what its tree can hold that a layer cannot."""
    tree = json.loads(file.read_text(encoding="utf-8"))
    feature = pick(rng, tree["features"]) if tree.get("features") else {}
    odd = (None, {}, [], "x", 1, {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]}, {"type": "Point"},
           {"type": "LineString", "coordinates": [[X, Y]]}, {"type": "Polygon", "coordinates": [[]]},
           {"type": "Point", "coordinates": [None, 1]}, {"type": "Point", "coordinates": ["a", "b"]},
           {"type": "Point", "coordinates": [float("nan"), Y]}, {"type": "Circle", "coordinates": [X, Y]},
           {"type": "GeometryCollection", "geometries": [None]},
           {"type": "MultiPolygon", "coordinates": [[[[X, Y]]]]})  # fmt: skip
    how = int(rng.integers(5))
    if how <= 2:
        feature[pick(rng, ("geometry", "geometry", "properties"))] = pick(rng, odd)
    elif how == 3:
        tree["crs"] = pick(rng, (None, 1, {"type": "name"}, {"type": "name", "properties": {"name": "EPSG:0"}},
                                 {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}))  # fmt: skip
    else:
        tree = pick(rng, ([], {}, None, {"type": "FeatureCollection"}, {"features": None}, [tree, tree]))
    file.write_text(json.dumps(tree), encoding="utf-8")


#: What a territory file may say of a layer besides, rightly or not.
OPTIONS = (
    "crs: EPSG:4326", "encoding: ascii", "encoding: nowhere", "layer: other", "drop_invalid: true",
    "repair_invalid: true", "duplicates: first", "where: {id: x}",
)  # fmt: skip

STATEMENTS = (
    "DELETE FROM gpkg_contents", "DELETE FROM gpkg_geometry_columns", "UPDATE gpkg_geometry_columns SET srs_id = 99999",
    "UPDATE gpkg_contents SET srs_id = -1", "DROP TABLE gpkg_spatial_ref_sys",
    "UPDATE gpkg_contents SET table_name = 'x'",
    "UPDATE gpkg_geometry_columns SET geometry_type_name = 'CIRCLE'",
)  # fmt: skip


def break_database(file, rng):
    with closing(sqlite3.connect(file)) as base:
        table = base.execute("SELECT table_name FROM gpkg_contents").fetchone()[0]
        blobs = tuple(
            f'UPDATE "{table}" SET geom = {value}'  # noqa: S608 - a table of ours
            for value in ("NULL", "x'00'", "substr(geom, 1, 30)", "'text'")
        )
        try:
            base.execute(pick(rng, STATEMENTS + blobs))
            base.commit()
        except sqlite3.Error:  # triggers of the spatial index need functions that are not there
            base.rollback()


def broken_layer(seed, folder):
    """Write a territory file of one broken layer; return its path."""
    rng = np.random.default_rng(seed)
    ending, layer = FORMATS[seed % len(FORMATS)], pick(rng, sorted(COLUMNS))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of writing odd things
        frame = frame_of(layer, rng)
        good = frame
        for _time in range(int(rng.integers(0, 3))):
            frame = pick(rng, FRAMES)(rng, frame)
        try:
            file = write(frame, folder, f"layer.{ending}")
        except Exception:  # noqa: BLE001 - what cannot be written at all is no case
            file = write(good, folder, f"layer.{ending}")
    breakers = {
        "geojson": (break_json, break_json, lambda item, _rng: mutate_text(rng, item)),
        "shp": (break_parts, break_parts, lambda item, _rng: mutate_bytes(rng, item)),
        "zip": (break_parts,),
        "gpkg": (break_database, break_database, lambda item, _rng: mutate_bytes(rng, item)),
        "csv": (lambda item, _rng: mutate_text(rng, item), lambda item, _rng: mutate_bytes(rng, item)),
    }[ending]
    if rng.random() < 0.7 and file.exists():
        pick(rng, breakers)(file, rng)
    if ending == "zip":
        file = zipped(file, rng)
        if rng.random() < 0.2:
            mutate_bytes(rng, file)
    said = [f"file: {file.name}"]
    said += ["x: x", "y: y", "crs: EPSG:2154"] if ending == "csv" else []
    said += [pick(rng, OPTIONS)] if rng.random() < 0.4 else []
    said.append(COLUMNS[layer])
    text = "name: t\nlayers:\n  " + f"{layer}:\n" + "".join(f"    {line}\n" for line in dict.fromkeys(said))
    (folder / "t.yaml").write_text(text, encoding="utf-8")
    return folder / "t.yaml"

"""Seeded mutations of a territory: of its layers, its database, its YAML and the files that the YAML names."""

import os
import re
import sqlite3
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from small_sources import LAYERS, territory_text, write_layer

TEXTS = (
    "", " ", "=1+1", "<script>alert(1)</script>", "\x1b[31m", "\u202eabc", "é" * 300, "x" * 20_000,
    "'; DROP TABLE x; --",
    "{name}", "%s", "$x_1$", "NaN", "None", "true", "1e400", "../../etc/passwd", "a\nb", "0x10", "1_000",
)  # fmt: skip
NUMBERS = (np.nan, np.inf, -np.inf, -1.0, 0.0, 1e300, 1e-300, -1e9, 2.0**62, 1e12)
SCALARS = (
    ".nan", ".inf", "-1", "1e300", "0", "''", "~", "ZZ", "Mars/Phobos", "EPSG:4326", "EPSG:0", "true", "[]", "{}",
    "[a, b]",
    "{a: 1}", '"\\e[31m"', "x" * 3000, "9999-99-99", "*a", "&a [1]", "!!python/object:os.system x", "<<", "W*W*W*W*W",
    "/dev/zero", "pipe", ".", "http://127.0.0.1:9/a.gpkg", "/vsicurl/http://127.0.0.1:9/a.gpkg", "[" * 600 + "]" * 600,
)  # fmt: skip


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


def odd_geometry(rng, shape):
    """Return a geometry that is missing, empty, not finite, elsewhere, degenerate, or of another kind."""
    point = shapely.Point(650_000 + rng.uniform(0, 3000), 6_780_000 + rng.uniform(0, 3000))
    kinds = (
        lambda: None,
        shapely.Point,
        shapely.Polygon,
        shapely.LineString,
        lambda: shapely.Point(np.nan, np.nan),
        lambda: shapely.LineString([(np.nan, np.nan), (point.x, np.nan)]),
        lambda: shapely.LineString([(np.inf, np.inf), (point.x, np.inf)]),  # infinite and unknown rings are not closed
        lambda: shapely.transform(shape, lambda xy: xy * 1e9),
        lambda: shapely.transform(shape, lambda xy: xy * 0.0),
        lambda: shapely.transform(shape, lambda xy: xy[:, ::-1]),
        lambda: shapely.force_3d(shape, np.inf),
        lambda: shapely.GeometryCollection([shape, point]),
        lambda: shapely.multipoints([point, point]),
        lambda: point,
        lambda: point.buffer(5),
        lambda: shapely.LineString([point, point]),
        lambda: shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]),
        lambda: shapely.Point(2.3, 48.8),
    )
    return pick(rng, kinds)()


def odd_values(rng, frame):
    """Return the layer with some cells of one column made odd."""
    names = [name for name in frame.columns if name != "geometry"]
    if not names or not len(frame):
        return frame
    column = pick(rng, names)
    rows = rng.choice(len(frame), size=max(1, int(len(frame) * pick(rng, (0.0, 0.1, 1.0)))), replace=False)
    frame = frame.copy()
    numeric = pd.api.types.is_numeric_dtype(frame[column]) and not pd.api.types.is_bool_dtype(frame[column])
    if numeric and rng.random() < 0.7:
        values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan).copy()
        values[rows] = pick(rng, NUMBERS)
        frame[column] = values
    elif rng.random() < 0.3:
        values = frame[column].astype(object).to_numpy().copy()
        values[rows] = frame[column].iloc[0]
        frame[column] = pd.Series(values, index=frame.index).infer_objects()
    else:
        values = frame[column].astype(str).astype(object).to_numpy().copy()
        values[rows] = pick(rng, (*TEXTS, None))
        frame[column] = values
    return frame


def odd_shapes(rng, frame):
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame) or frame.geometry.isna().all():
        return frame
    shapes = frame.geometry.to_numpy().copy()
    rows = rng.choice(len(frame), size=max(1, int(len(frame) * pick(rng, (0.0, 0.05, 1.0)))), replace=False)
    with np.errstate(all="ignore"):
        for row in rows:
            shapes[row] = odd_geometry(rng, shapes[row])
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def odd_columns(rng, frame):
    names = [name for name in frame.columns if name != "geometry"]
    if not names:
        return frame
    column, how = pick(rng, names), int(rng.integers(4))
    if how == 0:
        return frame.drop(columns=column)
    if how == 1:
        return frame.rename(columns={column: pick(rng, ("x" * 300, "Nom accentué", column.upper(), "fid_"))})
    if how == 2:
        return frame.assign(**{column: pick(rng, (None, np.nan, "x", 1, True))})
    return frame.assign(unknown=pick(rng, NUMBERS))


def odd_rows(rng, frame):
    how = int(rng.integers(3))
    if how == 0:
        return frame.iloc[:0]
    if how == 1:
        return pd.concat([frame, frame], ignore_index=True)
    return frame.iloc[:1]


FRAMES = (odd_values, odd_values, odd_values, odd_shapes, odd_shapes, odd_columns, odd_rows)

METADATA = (
    "UPDATE jumeau_territory SET value = '{text}' WHERE key = '{key}'",
    "DELETE FROM jumeau_territory WHERE key = '{key}'",
    "DELETE FROM jumeau_territory",
    "DROP TABLE jumeau_columns",
    "DROP TABLE jumeau_territory",
    "UPDATE jumeau_territory SET key = NULL WHERE key = '{key}'",
    "UPDATE jumeau_territory SET value = NULL",
    "INSERT INTO jumeau_territory(key, value) VALUES('{key}', '{text}')",
    "UPDATE jumeau_columns SET origin = '{text}'",
    "UPDATE jumeau_columns SET layer = NULL",
    "DELETE FROM jumeau_columns",
    "ALTER TABLE jumeau_columns RENAME COLUMN origin TO odd",
    "ALTER TABLE jumeau_territory RENAME COLUMN value TO odd",
    "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
    "DELETE FROM gpkg_contents",
    "DELETE FROM gpkg_geometry_columns",
    "DELETE FROM gpkg_spatial_ref_sys",
    "UPDATE gpkg_contents SET data_type = 'tiles'",
)
KEYS = ("name", "crs", "country", "timezone", "subdivision", "title_fr", "synthetic")


def mutate_layers(rng, file):
    """Write one layer of a GeoPackage again with something odd in it."""
    names = [str(name) for name, _kind in pyogrio.list_layers(file) if not str(name).startswith("jumeau_")]
    name = pick(rng, names)
    frame = pyogrio.read_dataframe(file, layer=name)
    for _time in range(int(rng.integers(1, 3))):
        frame = pick(rng, FRAMES)(rng, frame)
    if isinstance(frame, gpd.GeoDataFrame) and len(frame) and frame.geometry.isna().all():
        frame = pd.DataFrame(frame.drop(columns="geometry"))
    pyogrio.write_dataframe(frame, file, layer=name, driver="GPKG", append=False, layer_options={"OVERWRITE": "YES"})


def mutate_database(rng, file):
    statement = pick(rng, METADATA).format(key=pick(rng, KEYS), text=pick(rng, TEXTS + SCALARS).replace("'", "''"))
    with closing(sqlite3.connect(file)) as base:
        base.execute(statement)
        base.commit()


def mutate_bytes(rng, file):
    """Cut a file, change bytes in it, or put another in its place."""
    data = bytearray(file.read_bytes())
    how = int(rng.integers(5))
    if how == 0:
        data = data[: int(rng.integers(len(data) + 1))]
    elif how == 1:
        for place in rng.integers(0, len(data), size=200):
            data[place] = int(rng.integers(256))
    elif how == 2:
        data = bytearray(rng.bytes(2000))
    elif how == 3:
        layer = b'<OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
        data = bytearray(b"<OGRVRTDataSource>" + layer + b"</OGRVRTDataSource>")
    else:
        data = bytearray()
    file.write_bytes(bytes(data))


def mutate_town(rng, file):
    """Change a GeoPackage that was built: mostly its layers."""
    pick(rng, (mutate_layers,) * 6 + (mutate_database,) * 3 + (mutate_bytes,))(rng, file)


def mutate_yaml(rng, file):
    """Change a value, a key or the order of lines of a territory file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    row, how = int(rng.integers(len(lines))), int(rng.integers(6))
    if how <= 2:
        lines[row] = re.sub(r":.*", lambda _match: ": " + pick(rng, SCALARS), lines[row], count=1)
    elif how == 3:
        lines[row] = lines[row].replace(lines[row].split(":")[0].strip(), pick(rng, ("odd", "~", "{a: b}", "x" * 300)))
    elif how == 4:
        lines.insert(row, lines[int(rng.integers(len(lines)))])
    else:
        del lines[row]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def mutate_text(rng, file):
    """Change a text file of data: separators, quotes, encodings, numbers."""
    text = file.read_text(encoding="utf-8")
    how = int(rng.integers(8))
    numbers = ("NaN", "Infinity", "1e400", "-1", "12,5", '"', "[[[[", "null", "")
    if how == 0:
        text = text.replace(",", pick(rng, (";;", "\t", ";", "|", "")))
    elif how <= 4:
        places = list(re.finditer(r"-?\d+(?:\.\d+)?", text))
        for match in sorted((pick(rng, places) for _time in range(3)), key=lambda found: -found.start()):
            text = text[: match.start()] + pick(rng, numbers) + text[match.end() :]
    elif how == 5:
        text = text.split("\n", 1)[1] if "\n" in text else ""
    elif how == 6:
        text = "\x00" + text
    file.write_bytes(text.encode("utf-16" if how == 7 else "utf-8"))


def mutate_kind(rng, file):
    """Put something else than a regular file in its place."""
    file.unlink()
    how = int(rng.integers(4))
    if how == 0:
        os.mkfifo(file)
    elif how == 1:
        file.mkdir()
    elif how == 2:
        file.symlink_to("/dev/zero")
    else:
        file.symlink_to(file)


def mutate_sources(rng, folder, frames):
    """Change the territory file or a file that it names; the layers are written anew where they are changed."""
    how = int(rng.integers(10))
    name = pick(rng, sorted(LAYERS))
    file = folder / f"{name}.{LAYERS[name][0]}"
    if how <= 3:
        for _time in range(int(rng.integers(1, 4))):
            mutate_yaml(rng, folder / "t.yaml")
    elif how <= 6:
        write_layer(pick(rng, FRAMES)(rng, frames[name]), folder, name)
    elif how == 7:
        mutate_text(rng, file) if file.suffix != ".gpkg" else mutate_bytes(rng, file)
    elif how == 8:
        mutate_bytes(rng, file)
    else:
        mutate_kind(rng, file)
    if how > 6 and rng.random() < 0.3:
        (folder / "t.yaml").write_text(territory_text([key for key in LAYERS if key != name or rng.random() < 0.5]))

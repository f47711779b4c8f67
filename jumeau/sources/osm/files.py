"""Opens OpenStreetMap files (.osm, .osm.gz, .osm.bz2, .pbf) with GDAL's OSM driver, tags as columns."""

from __future__ import annotations

import bz2
import gzip
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.vector_file import read_layer

#: What GDAL gives as columns; other tags are in `other_tags`.
CONFIG = Path(__file__).with_name("osmconf.ini")
#: Whom its data are by, and under what licence.
SOURCE, LICENCE = "OpenStreetMap contributors", "ODbL 1.0"
#: Endings of the files of OpenStreetMap.
ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".pbf")
#: The end of an XML file that was not cut off on its way.
_CLOSING = b"</osm>"
_BLOCK = 1 << 20

_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


def is_osm(path: Path) -> bool:
    """Tell by its name whether a file is one of OpenStreetMap."""
    return path.name.lower().endswith(ENDINGS)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Yield a file that GDAL reads: the file itself, or what a `.bz2` holds, for a while.

    Raises
    ------
    InputError
        When it is no file of OpenStreetMap by its name, or a `.bz2` that cannot be read; errors inside name the file.
    """
    if not is_osm(path):
        hint = _("files of OpenStreetMap end in {endings}").format(endings=", ".join(ENDINGS))
        raise InputError(Problem(_("not a file of OpenStreetMap by its name"), file=str(path), hint=hint))
    if path.suffix.lower() != ".bz2":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with bz2.open(path) as packed, plain.open("wb") as target:
                shutil.copyfileobj(packed, target)
        except (OSError, EOFError) as error:
            message = _("the file is damaged or cut off")
            raise InputError(Problem(message, file=str(path), hint=_("download it again"))) from error
        try:
            yield plain
        except InputError as error:
            raise InputError(*(replace(problem, file=str(path)) for problem in error.problems)) from error


def read_tagged(path: Path, layer: str, columns: Sequence[str], where: str) -> gpd.GeoDataFrame:
    """Return features of a layer as GDAL tells them, with their tags, in degrees.

    Parameters
    ----------
    path : Path
        What `opened` yields.
    layer : str
        `points`, `lines`, `multipolygons` or `other_relations`.
    columns : sequence of str
        Tags wanted, `osm_id`, or `other_tags`.
    where : str
        Condition on tags, as OGR writes it.

    Raises
    ------
    InputError
        When GDAL cannot read the file.
    """
    frame = read_layer(
        path, layer, columns=list(columns), where=where, on_invalid="ignore", CONFIG_FILE=str(CONFIG.absolute())
    )
    if not isinstance(frame, gpd.GeoDataFrame):  # a layer without features has no geometry either
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), crs=4326))
    # A tag that no feature has comes as numbers; texts, all of them, have one way to say nothing.
    told = {name: frame[name].astype(object).where(frame[name].notna(), None) for name in columns}
    return frame.assign(**told).reset_index(drop=True)


def features(path: Path, condition: str) -> list[tuple[str, dict[str, str], shapely.Point]]:
    """Return identifier, tags and a point inside of each feature of the layers of points and areas.

    Parameters
    ----------
    path : Path
        A file of OpenStreetMap.
    condition : str
        On tags that are columns of all these layers, as OGR writes it.
    """
    found = []
    with opened(path) as file:
        check_whole(file)
        for layer, keys in _HOLDING.items():
            frame = read_tagged(file, layer, (*keys, "name", "amenity", "highway", "other_tags"), condition)
            names = identifiers(frame, layer)
            for name, record, shape in zip(names, frame.to_dict("records"), frame.geometry, strict=True):
                if shape is not None and not shape.is_empty:
                    found.append((name, tags_of(record), shape.representative_point()))
    return found


#: Layers in which furniture and equipment is drawn, with what identifies their features.
_HOLDING = {"points": ("osm_id",), "lines": ("osm_id",), "multipolygons": ("osm_id", "osm_way_id")}


def tags_of(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a feature: its columns, and what `other_tags` holds."""
    tags = {key: value for key, value in record.items() if isinstance(value, str) and value}
    return tags | dict(_PAIR.findall(tags.pop("other_tags", "")))


def identifiers(frame: pd.DataFrame, layer: str) -> list[str]:
    """Return the identifier of each feature: n, w or r (node, way, relation) and the number of OpenStreetMap."""
    if layer == "multipolygons":
        ways = frame["osm_way_id"]
        return [
            f"r{relation}" if pd.isna(way) else f"w{way}" for relation, way in zip(frame["osm_id"], ways, strict=True)
        ]
    letter = {"points": "n", "lines": "w"}.get(layer, "r")
    return [f"{letter}{number}" for number in frame["osm_id"]]


def check_whole(path: Path) -> None:
    """Refuse an XML file that was cut off: GDAL reads what there is of it, and says nothing.

    Raises
    ------
    InputError
    """
    name = path.name.lower()
    if name.endswith(".pbf"):
        return
    end = b""
    try:
        with gzip.open(path) if name.endswith(".gz") else path.open("rb") as stream:
            if not name.endswith(".gz"):
                stream.seek(max(path.stat().st_size - _BLOCK, 0))
            while block := stream.read(_BLOCK):
                end = end[-len(_CLOSING) :] + block
    except (OSError, EOFError, zlib.error):
        end = b""
    if _CLOSING not in end:
        message = _("the file is damaged or cut off")
        raise InputError(Problem(message, file=str(path), hint=_("download it again")))

"""Files that their structure tells: OpenStreetMap, GTFS, GMNS, EPANET, TNTP, grids of heights."""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Sequence
from pathlib import Path

_HEAD = 65_536
#: Blobs of a PBF file begin with the length of a header that names this type (OpenStreetMap wiki, PBF Format).
_PBF = b"OSMHeader"
_GRID = re.compile(rb"^\s*ncols\s+\d+\s+nrows\s+\d+\s+xll", re.IGNORECASE)
_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
#: Files of a feed without which it is none (gtfs.org, Schedule Reference).
_GTFS = {"stops.txt", "trips.txt", "stop_times.txt"}
_GMNS = {"node.csv", "link.csv"}


def structure_of_folder(names: Sequence[str]) -> str:
    """Return what a folder or a zip of these files is, an empty text where it is nothing known."""
    known = {name.lower() for name in names}
    if known >= _GTFS:
        return "gtfs"
    return "gmns" if known >= _GMNS else ""


def structure_of(path: Path) -> str:
    """Return what a file is by its beginning, an empty text where it is nothing known.

    Raises
    ------
    OSError, EOFError
        When it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"\x1f\x8b") and not path.name.lower().endswith((".csv.gz", ".txt.gz")):
        with gzip.open(path) as packed:
            head = packed.read(_HEAD)
    if head.startswith(b"BZh"):
        with bz2.open(path) as packed_otherwise:
            head = packed_otherwise.read(_HEAD)
    if re.search(rb"<osm[\s>]", head[:4096]) or head[4:].lstrip(b"\x0a\x09").startswith(_PBF):
        return "osm"
    if _GRID.match(head) or (head.startswith(_TIFF) and path.suffix.lower() in (".tif", ".tiff")):
        return "relief"
    if path.suffix.lower() == ".inp" and re.search(
        rb"^\s*\[(JUNCTIONS|PIPES|RESERVOIRS)", head, re.IGNORECASE | re.MULTILINE
    ):
        return "epanet"
    if path.suffix.lower() == ".tntp" and re.search(rb"<NUMBER OF LINKS>", head, re.IGNORECASE):
        return "tntp"
    return ""

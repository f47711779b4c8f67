"""What a network announces of each foreign format that it reads or writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj

from jumeau.sources.imported import Imported
from jumeau.territory.file import ImportOptions

#: Takes the file or folder, what the territory file says of it (the format's `options`), and the territory's CRS.
Reader = Callable[[Path, Any, pyproj.CRS], Imported]
#: Takes the layers of a territory and the file or folder to write; returns the files written.
Writer = Callable[[Mapping[str, gpd.GeoDataFrame], Path], list[Path]]


@dataclass(frozen=True)
class Format:
    """A foreign format of a network: how it is called, read and written.

    Attributes
    ----------
    name : str
        As territory files and the command line call it.
    label : str
        What a person reads (English message id).
    options : type of ImportOptions
        Frozen pydantic model of an entry of `imports`: the keys of every format, and the format's own.
    read : Reader, optional
        None where the format is only written. It imports what is heavy when it is called.
    write : Writer, optional
        None where the format is only read.
    """

    name: str
    label: str
    options: type[ImportOptions] = ImportOptions
    read: Reader | None = None
    write: Writer | None = None


def by_name(*formats: Format) -> dict[str, Format]:
    """Return the formats of a network, by name."""
    return {item.name: item for item in formats}

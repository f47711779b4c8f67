"""The tables of a GTFS feed, from a zip or a folder, read as texts.

References
----------
gtfs.org, Schedule Reference: names of files and columns, times beyond 24:00:00, `frequencies.txt`.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

Floats = NDArray[np.float64]

#: Columns that are read, by file; those before the bar must be there.
COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "stops": (("stop_id", "stop_lat", "stop_lon"), ("stop_name", "location_type", "parent_station")),
    "routes": (("route_id", "route_type"), ("route_short_name", "route_long_name", "agency_id")),
    "trips": (("route_id", "service_id", "trip_id"), ()),
    "stop_times": (("trip_id", "stop_id", "stop_sequence", "departure_time"), ("arrival_time",)),
    "calendar": (("service_id", "start_date", "end_date", "monday", "tuesday", "wednesday", "thursday", "friday",
                  "saturday", "sunday"), ()),
    "calendar_dates": (("service_id", "date", "exception_type"), ()),
    "frequencies": (("trip_id", "start_time", "end_time", "headway_secs"), ()),
}  # fmt: skip

#: Files without which a feed tells no departures; one of the two calendars must be there beside.
NEEDED = ("stops", "routes", "trips", "stop_times")

_ROWS = 500_000
_UNREADABLE = (
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    UnicodeDecodeError,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
)


@dataclass(frozen=True)
class Feed:
    """A feed that lies in a zip or a folder.

    Attributes
    ----------
    path : Path
    """

    path: Path

    def has(self, table: str) -> bool:
        """Tell whether a file is there."""
        return self._member(table) is not None

    def checked(self) -> Feed:
        """Return the feed, if it has the files and columns that departures need.

        Raises
        ------
        InputError
        """
        absent = [f"{name}.txt" for name in NEEDED if not self.has(name)]
        if not self.has("calendar") and not self.has("calendar_dates"):
            absent.append("calendar.txt")
        if absent:
            message = _("the GTFS feed lacks: {files}").format(files=", ".join(absent))
            hint = _("take the whole feed, as it is published")
            raise InputError(Problem(message, file=str(self.path), hint=hint))
        for table in COLUMNS:
            if self.has(table):
                for _part in self._parts(table, 1):
                    break
        return self

    def read(self, table: str) -> pd.DataFrame:
        """Return a table with the columns known of it, all texts; those that are missing are empty.

        Raises
        ------
        InputError
            When it cannot be read, or lacks a column.
        """
        first, more = COLUMNS[table]
        if not self.has(table):
            return pd.DataFrame(columns=[*first, *more], dtype=object)
        return pd.concat(list(self.chunks(table)), ignore_index=True)

    def chunks(self, table: str) -> Iterator[pd.DataFrame]:
        """Return a table in parts: that of stop times can be large."""
        yield from self._parts(table, _ROWS)

    def _parts(self, table: str, rows: int) -> Iterator[pd.DataFrame]:
        first, more = COLUMNS[table]
        file = f"{self.path.name} / {table}.txt"
        try:
            with self._opened(table) as stream:
                read = pd.read_csv(
                    stream,
                    dtype=str,
                    encoding="utf-8-sig",
                    skipinitialspace=True,
                    keep_default_na=False,
                    chunksize=rows,
                    usecols=lambda name: name.strip() in (*first, *more),
                )
                for part in read:
                    made = part.rename(columns=str.strip)
                    absent = [name for name in first if name not in made]
                    if absent:
                        message = _("the table lacks the column(s): {columns}").format(columns=", ".join(absent))
                        raise InputError(Problem(message, file=file, hint=_("take the whole feed, as it is published")))
                    for name in more:
                        if name not in made:
                            made[name] = ""
                    yield made.fillna("").apply(lambda column: column.str.strip())
        except _UNREADABLE as error:
            message = _("cannot be read: {error}").format(error=error)
            raise InputError(Problem(message, file=file, hint=_("take the feed anew"))) from error

    def _member(self, table: str) -> str | None:
        """Return the name of a file inside the feed; of several, that of the shortest path."""
        wanted = f"{table}.txt"
        if self.path.is_dir():
            found = [item.name for item in self.path.iterdir() if item.is_file() and item.name.lower() == wanted]
            return found[0] if found else None
        try:
            with zipfile.ZipFile(self.path) as archive:
                names = [name for name in archive.namelist() if PurePosixPath(name).name.lower() == wanted]
        except _UNREADABLE as error:
            message = _("cannot be read: {error}").format(error=error)
            raise InputError(Problem(message, file=str(self.path), hint=_("take the feed anew"))) from error
        names = [name for name in names if not name.startswith("__MACOSX")]
        return min(names, key=len) if names else None

    @contextmanager
    def _opened(self, table: str) -> Iterator[IO[bytes]]:
        name = self._member(table)
        if name is None:
            raise FileNotFoundError(f"{table}.txt")
        if self.path.is_dir():
            with (self.path / name).open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(name) as stream:
            yield stream


def seconds(texts: pd.Series) -> Floats:
    """Return times of day such as 25:10:00 in seconds, not a number where a text is none, shape (n,)."""
    parts = texts.str.extract(r"^(\d{1,3}):(\d{2}):(\d{2})$").astype("float64")
    return np.asarray(3600.0 * parts[0] + 60.0 * parts[1] + parts[2], dtype=np.float64)

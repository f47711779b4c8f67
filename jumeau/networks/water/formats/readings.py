"""Reads meters and their readings from CSV files: date, meter, volume or index; as supervision systems write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _
from jumeau.input_file import regular_file
from jumeau.sources.cells import as_numbers
from jumeau.sources.delimited import read_lines

Floats = NDArray[np.float64]

#: Names of columns, ours first.
DATE = ("date", "horodatage", "timestamp", "datetime")
METER = ("meter", "compteur", "capteur", "sensor")
VOLUME = ("volume", "volume_m3", "volume (m3)")
INDEX = ("index", "index_m3", "index (m3)")
FROM, TO = ("from_sector", "secteur_amont", "de"), ("to_sector", "secteur_aval", "vers")
KIND = ("kind", "type")
SENSOR, PLACE, VALUE = ("sensor", "capteur"), ("place", "lieu", "noeud", "node"), ("value", "valeur")
SENSOR_KINDS = {"pressure": "pressure", "pression": "pressure", "flow": "flow", "debit": "flow", "débit": "flow"}
#: What a meter counts, with French words for it.
KINDS = {"network": "network", "reseau": "network", "réseau": "network", "customer": "customer", "abonne": "customer",
         "abonné": "customer", "client": "customer"}  # fmt: skip


@dataclass(frozen=True)
class Series:
    """The readings of one meter.

    Attributes
    ----------
    end : ndarray of datetime64[s], shape (n,)
        Instants at which intervals end, in order; local clock time.
    start : ndarray of datetime64[s], shape (n,)
    volume : ndarray, shape (n,)
        That went through meanwhile [m3]; below zero where it ran backwards.
    """

    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    volume: Floats

    def between(self, start: np.datetime64, end: np.datetime64) -> float:
        """Return the volume of a period [m3]; an interval that crosses its border counts for its part."""
        return float(self.within(np.array([start]), np.array([end]))[0])

    def within(self, starts: NDArray[np.datetime64], ends: NDArray[np.datetime64]) -> Floats:
        """Return the volumes of some periods [m3], shape (k,): differences of the sum, straight between readings."""
        known = np.concatenate([self.start[:1], self.end]).astype("datetime64[s]").astype(np.float64)
        total = np.concatenate([[0.0], np.cumsum(self.volume)])
        low, high = (np.asarray(item, dtype="datetime64[s]").astype(np.float64) for item in (starts, ends))
        return np.asarray(np.interp(high, known, total) - np.interp(low, known, total), dtype=np.float64)

    @property
    def step(self) -> float:
        """Usual time between two readings [s]."""
        return float(np.median((self.end - self.start).astype("timedelta64[s]").astype(np.float64)))


@dataclass(frozen=True)
class Sensors:
    """What is measured.

    Attributes
    ----------
    name, place : ndarray of str, shape (s,)
        Sensor; junction of a pressure, link of a flow.
    flow : ndarray of bool, shape (s,)
    """

    name: NDArray[np.object_]
    place: NDArray[np.object_]
    flow: NDArray[np.bool_]


@dataclass(frozen=True)
class Meters:
    """What meters stand between.

    Attributes
    ----------
    name : ndarray of str, shape (m,)
    source, target : ndarray of str, shape (m,)
        Sectors that water leaves and enters; empty for what is outside every sector.
    customer : ndarray of bool, shape (m,)
        Whether what goes through is sold: it leaves its sector and enters none.
    """

    name: NDArray[np.object_]
    source: NDArray[np.object_]
    target: NDArray[np.object_]
    customer: NDArray[np.bool_]


def _column(frame: pd.DataFrame, names: tuple[str, ...], file: Path, *, wanted: bool = True) -> str | None:
    known = {str(name).strip().lower(): str(name) for name in frame.columns}
    found = next((known[name] for name in names if name in known), None)
    if found is None and wanted:
        near = nearest(names[0], list(known))
        hint = _("did you mean « {near} »?").format(near=near) if near else ""
        message = _("the column « {name} » is missing; the file has: {names}")
        raise InputError(
            Problem(message.format(name=names[0], names=", ".join(map(str, frame.columns))), file=str(file), hint=hint)
        )
    return found


def _unnamed(names: NDArray[np.object_], message: str, file: Path, lines: Sequence[int]) -> list[Problem]:
    """Return the rows whose name is empty or stands above already."""
    unfit = pd.Series(names).duplicated().to_numpy() | (names == "")
    return [
        Problem(message, file=str(file), line=lines[row], value=names[row]) for row in np.flatnonzero(unfit).tolist()
    ]


def read_meters(path: Path) -> Meters:
    """Read the meters: columns `meter`, `from_sector`, `to_sector` and, where some are customers', `kind`.

    Raises
    ------
    InputError
        With file, line and value.
    """
    file = regular_file(path)
    frame, lines = read_lines(file)
    meter, source, target = (_column(frame, names, file) for names in (METER, FROM, TO))
    kind = _column(frame, KIND, file, wanted=False)
    names = frame[meter].fillna("").astype(str).to_numpy(dtype=object)
    problems = _unnamed(names, _("the meter has no name, or a name that stands twice"), file, lines)
    said = (
        frame[kind].fillna("network").astype(str).str.strip().str.lower() if kind else pd.Series("network", frame.index)
    )
    problems += [
        Problem(
            _("unknown kind of meter"), file=str(file), line=lines[row], column=str(kind), value=value,
            hint=_("write « network » or « customer »"),
        )
        for row, value in enumerate(said)
        if value not in KINDS
    ]  # fmt: skip
    if problems:
        raise InputError(*problems)
    customer = said.map(KINDS).to_numpy() == "customer"
    ends = [frame[column].fillna("").astype(str).to_numpy(dtype=object) for column in (source, target)]
    return Meters(names, ends[0], np.where(customer, "", ends[1]), np.asarray(customer, dtype=bool))


def read_readings(path: Path, wanted: NDArray[np.object_]) -> tuple[dict[str, Series], tuple[str, ...]]:
    """Read readings: columns `date`, `meter`, and `volume` or `index` [m3].

    A volume is that of the interval that ends at its date; an index is what the meter shows. Dates are written
    2025-01-31, 31/01/2025, with or without a time; one with an offset is brought to the local time of France.

    Parameters
    ----------
    path : Path
    wanted : ndarray of str
        Meters to read; others are left out, and told.

    Returns
    -------
    series : dict of str to Series
        By meter.
    notes : tuple of str

    Raises
    ------
    InputError
        With file, line and value.
    """
    file = regular_file(path)
    frame, lines = read_lines(file)
    date, meter = (str(_column(frame, names, file)) for names in (DATE, METER))
    volume = _column(frame, VOLUME, file, wanted=False)
    index = None if volume else _column(frame, INDEX, file)
    column = str(volume or index)
    values, dates = _checked(frame, lines, file, date, column)
    table = pd.DataFrame({"meter": frame[meter].astype(str), "date": dates, "value": values})
    notes = []
    strange = sorted(set(table["meter"]) - set(wanted))
    if strange:
        text_ = _("{count} meter(s) of the readings stand in no sector and are left out ({ids})")
        notes.append(text_.format(count=len(strange), ids=shorten(strange)))
    twice = table.duplicated(["meter", "date"], keep="last")
    if twice.any():
        notes.append(
            _("{count} reading(s) have the date of another one of their meter: the last counts").format(
                count=int(twice.sum())
            )
        )
    found: dict[str, Series] = {}
    for name, rows in table[~twice & table["meter"].isin(set(wanted))].groupby("meter"):
        series, back = _series(rows.sort_values("date"), index is not None)
        if back:
            text_ = _("{name}: the index falls {count} time(s) (replaced or back to zero); nothing is counted then")
            notes.append(text_.format(name=name, count=back))
        if series is not None:
            found[str(name)] = series
    lost = sorted(set(wanted) - set(found))
    if lost:
        raise InputError(
            Problem(
                _("{count} meter(s) have too few readings to tell a volume").format(count=len(lost)),
                file=str(file), features=tuple(lost), hint=_("give two readings at least, or take them off the meters"),
            )
        )  # fmt: skip
    return found, tuple(notes)


def _checked(
    frame: pd.DataFrame, lines: list[int], file: Path, date: str, column: str
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the numbers and the dates of a file.

    Raises
    ------
    InputError
        With the first lines that hold none.
    """
    text = frame[column].astype(object)
    decimal = "," if text.dropna().astype(str).str.contains(",").any() else "."
    values, unread = as_numbers(text, decimal)
    dates = _dates(frame[date])
    problems = [
        Problem(message, file=str(file), line=lines[row], column=name, value=str(frame[name].iloc[row]))
        for name, wrong, message in (
            (column, np.asarray(unread) | values.isna().to_numpy(), _("not a number")),
            (date, dates.isna().to_numpy(), _("not a date such as « 2025-01-31 06:00 »")),
        )
        for row in np.flatnonzero(wrong)[:5]
    ]
    if problems:
        raise InputError(*problems)
    return values, dates


def _dates(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Return dates in local clock time, shape (n,); none where a text is no date."""
    said = texts.fillna("").astype(str).str.strip()
    french = said.str.match(r"^\d{1,2}/\d{1,2}/\d{4}")
    found = pd.Series(pd.NaT, index=said.index, dtype="datetime64[ns]")
    for chosen, first in ((french, True), (~french, False)):
        if chosen.any():
            offset = said[chosen].str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True) & said[chosen].str.contains(":")
            plain = pd.to_datetime(said[chosen].where(~offset), errors="coerce", dayfirst=first, format="mixed")
            world = pd.to_datetime(said[chosen].where(offset), errors="coerce", utc=True, format="mixed")
            local = world.dt.tz_convert("Europe/Paris").dt.tz_localize(None)
            found[chosen] = plain.where(~offset, local)
    return found


def _series(rows: pd.DataFrame, indexed: bool) -> tuple[Series | None, int]:  # noqa: FBT001 - one of two kinds of file
    """Return the intervals of a meter, and how often its index falls."""
    when = rows["date"].to_numpy().astype("datetime64[s]")
    value = rows["value"].to_numpy(dtype=np.float64)
    if len(when) < 2:
        return None, 0
    if indexed:
        change = np.diff(value)
        falls = change < 0.0
        return Series(when[:-1], when[1:], np.where(falls, 0.0, change)), int(falls.sum())
    usual = np.median(np.diff(when).astype(np.float64)).astype("timedelta64[s]")
    return Series(np.concatenate([[when[0] - usual], when[:-1]]), when, value), 0


def read_sensors(path: Path) -> Sensors:
    """Read sensors: columns `sensor`, `kind` (pressure, flow) and `place` (node or link).

    Raises
    ------
    InputError
        With file, line and value.
    """
    file = regular_file(path)
    frame, lines = read_lines(file)
    sensor, kind, place = (str(_column(frame, names, file)) for names in (SENSOR, KIND, PLACE))
    names = frame[sensor].fillna("").astype(str).to_numpy(dtype=object)
    said = frame[kind].fillna("").astype(str).str.strip().str.lower()
    problems = _unnamed(names, _("the sensor has no name, or a name that stands twice"), file, lines)
    problems += [
        Problem(
            _("unknown kind of sensor"), file=str(file), line=lines[row], column=kind, value=value,
            hint=_("write « pressure » or « flow »"),
        )
        for row, value in enumerate(said)
        if value not in SENSOR_KINDS
    ]  # fmt: skip
    if problems:
        raise InputError(*problems)
    places = frame[place].fillna("").astype(str).to_numpy(dtype=object)
    return Sensors(names, places, np.asarray(said.map(SENSOR_KINDS).to_numpy() == "flow", dtype=bool))


def read_values(path: Path, wanted: NDArray[np.object_], hours: int) -> tuple[Floats, tuple[str, ...]]:
    """Read what sensors measured: columns `date`, `sensor` and `value`; return the mean of each hour of a cycle.

    Parameters
    ----------
    path : Path
    wanted : ndarray of str, shape (s,)
        Sensors.
    hours : int
        24 for a day, 168 for a week that starts on a Monday.

    Returns
    -------
    values : ndarray, shape (hours, s)
        Not a number where nothing was measured.
    notes : tuple of str

    Raises
    ------
    InputError
        With file, line and value.
    """
    file = regular_file(path)
    frame, lines = read_lines(file)
    date, sensor, value = (str(_column(frame, names, file)) for names in (DATE, SENSOR, VALUE))
    numbers, dates = _checked(frame, lines, file, date, value)
    hour = dates.dt.hour + (24 * dates.dt.dayofweek if hours > 24 else 0)
    table = pd.DataFrame({"sensor": frame[sensor].astype(str), "hour": hour, "value": numbers})
    strange = sorted(set(table["sensor"]) - set(wanted))
    notes: tuple[str, ...] = ()
    if strange:
        text = _("{count} sensor(s) of the readings are not among the sensors and are left out ({ids})")
        notes = (text.format(count=len(strange), ids=shorten(strange)),)
    means = table.pivot_table("value", index="hour", columns="sensor", aggfunc="mean")
    means = means.reindex(index=range(hours), columns=list(wanted))
    found = means.to_numpy(dtype=np.float64)
    lost = [str(name) for name, none in zip(wanted, np.isnan(found).all(axis=0), strict=True) if none]
    if lost:
        hint = _("give their readings, or take them off the sensors")
        raise InputError(Problem(_("sensors without any reading"), file=str(file), features=tuple(lost), hint=hint))
    return found, notes

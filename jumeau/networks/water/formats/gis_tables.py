"""What the columns and codes of RAEPA and StaR-Eau mean here: tables, read once."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: The standards: RAEPA is the French geostandard of drinking-water and sewer networks (COVADIS, 2019), StaR-Eau its
#: successor (CNIG and Astee, November 2024).
TITLES = {"raepa": "RAEPA 1.2", "stareau": "StaR-Eau V2024"}

#: Prefix of the columns that carry what a standard has no place for.
EXTENSION = "_"
#: Prefix of the plain tables that do.
EXTRA_TABLE = "_hydraulique_"


@dataclass(frozen=True)
class Selector:
    """Which features of a standard's layer are meant: those whose column holds one of some codes."""

    columns: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a standard, and ours."""

    column: str
    aliases: tuple[str, ...]
    ours: str
    codes: str
    factor: float


@dataclass(frozen=True)
class Mapped:
    """One layer of a standard (or the part of it that a selector tells), and ours."""

    layer: str
    selector: Selector
    ours: str
    columns: tuple[Column, ...]


@cache
def mapped(standard: str) -> tuple[Mapped, ...]:
    """Return the layers of a standard, in the order of `gis_columns.csv`."""
    found: dict[tuple[str, str, str], list[Column]] = {}
    with Path(__file__).with_name("gis_columns.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["standard"] == standard:
                key = (row["layer"], row["selector"], row["our_layer"])
                aliases = tuple(item for item in row["aliases"].split("|") if item)
                factor = float(row["factor"]) if row["factor"] else 1.0
                found.setdefault(key, []).append(Column(row["column"], aliases, row["our_column"], row["list"], factor))
    return tuple(Mapped(layer, _selector(text), ours, tuple(columns)) for (layer, text, ours), columns in found.items())


def _selector(text: str) -> Selector:
    if not text:
        return Selector()
    names, codes = text.split("=")
    return Selector(tuple(names.split("|")), tuple(codes.split("|")))


@dataclass(frozen=True)
class Codes:
    """A list of codes.

    Attributes
    ----------
    read : mapping of str to str
        Code or label, in small letters without accents -> our value, empty for "unknown".
    written : mapping of str to str
        Our value -> code.
    """

    read: Mapping[str, str]
    written: Mapping[str, str]


@cache
def codes(standard: str, name: str) -> Codes:
    """Return a list of codes of a standard; what it does not know is read as the other standard writes it.

    Files in the form of one standard often hold the words of another one, such as « PVC » where RAEPA has three kinds.
    """
    read: dict[str, str] = {}
    others: dict[str, str] = {}
    written: dict[str, str] = {}
    with Path(__file__).with_name("gis_codes.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["list"] != name:
                continue
            if row["standard"] != standard:
                others[plain(row["label"])] = row["value"]
                if not row["code"].isdigit():
                    others[plain(row["code"])] = row["value"]
            else:
                read[plain(row["code"])] = row["value"]
                read[plain(row["label"])] = row["value"]
                if row["code"].isdigit():
                    read[str(int(row["code"]))] = row["value"]
                if row["written"] == "yes":
                    written[row["value"]] = row["code"]
    return Codes({**others, **read}, written)


def plain(text: object) -> str:
    """Return a text in small letters, without accents, with single spaces."""
    bare = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode()
    return " ".join(bare.lower().replace("_", " ").replace("-", " ").split())

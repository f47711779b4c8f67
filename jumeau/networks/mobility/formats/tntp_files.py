"""The files of the TNTP format, as the repository TransportationNetworks holds them; `tntp` makes layers of them.

Metadata lines `<KEY> value` up to `<END OF METADATA>`; `~` starts a comment; rows of a network end with `;` and hold
init_node, term_node, capacity, length, free_flow_time, b, power, speed, toll, link_type; trips come as `Origin k`, then
`destination : flow;`. Nodes numbered below FIRST THRU NODE cannot be passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

COLUMNS = ("tail", "head", "capacity", "length", "free_time", "b", "power", "speed", "toll", "kind")

_END = "<END OF METADATA>"

#: Where files may write the units of their columns: `Capacity (veh/h)`.
_HEADER = "ORIGINAL HEADER"
_UNITS = re.compile(r"([A-Za-z][A-Za-z ]*)\(([^)]*)\)")


@dataclass(frozen=True)
class TntpNetwork:
    """A network as its file tells it; units are those of the file.

    Attributes
    ----------
    links : DataFrame
        Columns of `COLUMNS`; nodes counted from 1.
    zones, nodes : int
        Numbers of zones and nodes; zones are the first nodes.
    through : int
        First node that can be passed.
    units : mapping of str to str
        Units that the line `ORIGINAL HEADER` writes behind the names of its columns, both in lower case.
    """

    links: pd.DataFrame
    zones: int
    nodes: int
    through: int
    units: Mapping[str, str]


class _Faults:
    """What is wrong with the lines of a file, each kind once with the lines concerned."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[tuple[str, str], list[tuple[int, str]]] = {}

    def tell(self, line: int, message: str, hint: str, value: str = "") -> None:
        self.found.setdefault((message, hint), []).append((line, value))

    def stop(self) -> None:
        """Refuse the file where anything is wrong with it.

        Raises
        ------
        InputError
        """
        problems = []
        for (message, hint), places in self.found.items():
            lines = tuple(_("line {number}").format(number=line) for line, _value in places)
            line, value = places[0]
            problems.append(
                Problem(message, hint, str(self.path), line, features=lines if len(lines) > 1 else (), value=value)
            )
        if problems:
            raise InputError(*problems)


def _text(path: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Return the metadata, and the lines that say something with their numbers, without comments."""
    if not path.is_file():
        raise InputError(Problem(_("no such file or folder"), file=str(path), hint=_("correct the path")))
    raw = path.read_text(encoding="latin-1").splitlines()
    end = next((number for number, line in enumerate(raw) if _END in line), None)
    if end is None:
        raise InputError(
            Problem(_("not a TNTP file: no line {mark}").format(mark=_END), file=str(path), hint=_("correct the path"))
        )
    pairs = (re.match(r"\s*<([^>]+)>(.*)", line) for line in raw[:end])
    meta = {found[1].strip().upper(): found[2].strip() for found in pairs if found}
    meta = {key: text if key == _HEADER else re.split(r"[\t~]", text)[0].strip() for key, text in meta.items()}
    rest = ((number, line.split("~")[0].strip()) for number, line in enumerate(raw[end + 1 :], start=end + 2))
    return meta, [(number, line) for number, line in rest if line]


def _whole(meta: dict[str, str], key: str, path: Path) -> int:
    try:
        return int(meta[key])
    except (KeyError, ValueError):
        message = _("the metadata lack a whole number for <{key}>").format(key=key)
        raise InputError(Problem(message, file=str(path), hint=_("add the line to the head of the file"))) from None


def read_network(path: Path) -> TntpNetwork:
    """Read a network file.

    Raises
    ------
    InputError
        On rows that are not numbers, nodes that do not exist, or links without capacity.
    """
    meta, lines = _text(path)
    zones, nodes = _whole(meta, "NUMBER OF ZONES", path), _whole(meta, "NUMBER OF NODES", path)
    rows = []
    faults = _Faults(path)
    for number, line in lines:
        words = line.rstrip(";").split()
        try:
            row = [float(word) for word in words]
        except ValueError:
            row = []
        if len(row) != len(COLUMNS):
            hint = _("a row holds {count} numbers and ends with « ; »").format(count=len(COLUMNS))
            faults.tell(number, _("a link cannot be read"), hint, line)
            continue
        for node in row[:2]:
            if not (node.is_integer() and 1 <= node <= nodes):
                message = _("the link names a node that does not exist")
                faults.tell(number, message, _("correct it"), f"{node:g}")
        if not row[2] > 0.0:
            hint = _("state a capacity above zero, or take the link away")
            faults.tell(number, _("the link has no capacity"), hint, words[2])
        if not np.isfinite(row[2:]).all():
            faults.tell(number, _("not a number"), _("correct it"), line)
        rows.append(row)
    faults.stop()
    told = meta.get("NUMBER OF LINKS", "")
    if told.isdigit() and int(told) != len(rows):
        raise InputError(
            Problem(
                _("{told} links are announced, {found} found").format(told=told, found=len(rows)),
                file=str(path),
                hint=_("the file is cut, or its head is wrong"),
            )
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"tail": int, "head": int, "kind": int})
    units = {name.strip().lower(): unit.strip().lower() for name, unit in _UNITS.findall(meta.get(_HEADER, ""))}
    return TntpNetwork(frame, zones, nodes, int(meta.get("FIRST THRU NODE") or 1), units)


def read_trips(path: Path) -> NDArray[np.float64]:
    """Read a file of trips; return them from row to column, shape (zones, zones).

    Raises
    ------
    InputError
        On zones that do not exist, or trips that are negative or not numbers.
    """
    meta, lines = _text(path)
    zones = _whole(meta, "NUMBER OF ZONES", path)
    trips = np.zeros((zones, zones))
    faults = _Faults(path)
    origin = 0
    for number, line in lines:
        start = re.match(r"origin\s+(\d+)$", line, re.IGNORECASE)
        if start:
            origin = _zone(start[1], zones, faults, number)
            continue
        for part in filter(str.strip, line.split(";")):
            name, colon, amount = part.partition(":")
            if not colon:
                faults.tell(number, _("trips cannot be read"), _("write « destination : trips; »"), part.strip())
                continue
            try:
                value = float(amount)
            except ValueError:
                value = np.nan
            if not 0.0 <= value < np.inf:
                hint = _("state zero or more")
                faults.tell(number, _("trips are negative or not a number"), hint, amount.strip())
            # Before the first origin, and under one that does not exist, there is nowhere to start from.
            end = _zone(name, zones, faults, number)
            if origin and end:
                trips[origin - 1, end - 1] = value
            elif end and not faults.found:
                faults.tell(number, _("trips of no origin"), _("write « Origin k » above them"), part.strip())
    faults.stop()
    return trips


def _zone(text: str, zones: int, faults: _Faults, line: int) -> int:
    """Return the number of a zone, 0 where there is no such zone, which is told."""
    word = text.strip()
    if word.isdigit() and 1 <= int(word) <= zones:
        return int(word)
    hint = _("zones go from 1 to {count}").format(count=zones)
    faults.tell(line, _("trips of a zone that does not exist"), hint, word)
    return 0


def read_nodes(path: Path, count: int) -> NDArray[np.float64]:
    """Read a file of nodes: their coordinates in the order of their numbers, shape (count, 2).

    Raises
    ------
    InputError
        When a node has none.
    """
    if not path.is_file():
        hint = _("a territory needs to know where nodes lie: put the file of nodes beside that of the network")
        raise InputError(Problem(_("no such file or folder"), file=str(path), hint=hint))
    found = np.full((count, 2), np.nan)
    for line in path.read_text(encoding="latin-1").splitlines():
        words = line.replace(";", " ").replace(",", " ").split()
        if len(words) >= 3 and words[0].isdigit() and 1 <= int(words[0]) <= count:
            found[int(words[0]) - 1] = float(words[1]), float(words[2])
    lost = np.flatnonzero(np.isnan(found).any(axis=1))
    if len(lost):
        message = _("{count} node(s) without coordinates").format(count=len(lost))
        raise InputError(Problem(message, file=str(path), value=str(lost[0] + 1), hint=_("add a line for each")))
    return found

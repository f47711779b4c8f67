"""WST and TEVA-SPOT's `.impact` files: what each event costs by the node that sees it first.

The first line is the number of nodes, the second the number of response delays and the delays; then come rows `event
node time impact`, nodes as numbers from 1, -1 for the event that no node sees.

References
----------
US EPA, Water Security Toolkit User Manual (EPA/600/R-14/338), file formats: Impact File.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.input_file import regular_file
from jumeau.placement import Events, PlacementProblem, Sites

#: Node that stands for no node.
UNSEEN = "-1"


def read_impact(path: Path | str, unit: str = "") -> PlacementProblem:
    """Return the problem of an `.impact` file; each event counts alike, each site costs one.

    Parameters
    ----------
    path : Path or str
    unit : str
        Of the impact, which the file does not state.

    Raises
    ------
    InputError
        With the line, when the file is none, a row cannot be read, an event has no row -1, or a node comes twice.
    """
    file = regular_file(Path(path))
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    _head(file, lines)
    number: dict[str, int] = {}
    site: dict[str, int] = {}
    unseen: dict[int, float] = {}
    rows: list[int] = []
    columns: list[int] = []
    costs: list[float] = []
    met: set[tuple[int, int]] = set()
    for count, line in enumerate(lines[2:], start=3):
        if not line.strip():
            continue
        event_id, node, cost = _row(file, count, line)
        event = number.setdefault(event_id, len(number))
        place = -1 if node == UNSEEN else site.setdefault(node, len(site))
        if (event, place) in met:
            message = _("the event « {event} » has the node « {node} » twice")
            raise InputError(_at(file, count, message.format(event=event_id, node=node), line))
        met.add((event, place))
        if place < 0:
            unseen[event] = cost
            continue
        rows.append(event)
        columns.append(place)
        costs.append(cost)
    names = list(number)
    lost = tuple(name for name, row in number.items() if row not in unseen)
    if lost:
        hint = _("each event needs a row of the node -1: what it costs where nobody sees it")
        raise InputError(Problem(_("events say not what they cost unseen"), file=str(file), features=lost, hint=hint))
    events = Events.of(
        np.array(names, dtype=object), 1.0 / max(len(names), 1), [unseen[row] for row in range(len(names))]
    )
    order = np.array(sorted(site, key=_numbered), dtype=object)
    rank = {name: place for place, name in enumerate(order)}
    column = np.array([rank[name] for name in site], dtype=np.int64)[np.array(columns, dtype=np.int64)]
    matrix = sparse.coo_matrix((costs, (rows, column)), shape=(len(names), len(order)))
    return PlacementProblem.of_costs(Sites.of(order), events, matrix, unit)


def _numbered(name: str) -> tuple[int, str]:
    return (int(name), name) if name.isdigit() else (1 << 60, name)


def _head(file: Path, lines: list[str]) -> None:
    for count, least in ((1, 1), (2, 1)):
        fields = lines[count - 1].split() if len(lines) >= count else []
        if len(fields) < least or not fields[0].isdigit():
            hint = _("the first line is the number of nodes, the second the number of delays and the delays")
            text = lines[count - 1] if len(lines) >= count else ""
            raise InputError(_at(file, count, _("this is no `.impact` file of WST or TEVA-SPOT"), text, hint))


def _row(file: Path, count: int, line: str) -> tuple[str, str, float]:
    fields = line.split()
    if len(fields) != 4:
        message = _("a row has four columns: event, node, time, impact; this one has {count}")
        raise InputError(_at(file, count, message.format(count=len(fields)), line))
    try:
        time, cost = float(fields[2]), float(fields[3])
    except ValueError:
        raise InputError(_at(file, count, _("time and impact are numbers"), line)) from None
    if not (np.isfinite(cost) and np.isfinite(time)) or cost < 0.0:
        raise InputError(_at(file, count, _("the impact is a number from zero on"), line))
    return fields[0], fields[1], cost


def _at(file: Path, line: int, message: str, value: str, hint: str = "") -> Problem:
    return Problem(message, file=str(file), line=line, value=value.strip(), hint=hint)

"""What sized gateways say in the terminal: how many, how sure, what is covered, what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jumeau.i18n import _, format_number
from jumeau.radio.places import ROOF
from jumeau.report.cells import columns, folded, left, right

#: Rows of gateways that are printed; all are in the files.
MOST_ROWS = 12


def gateway_lines(found: Mapping[str, Any], notes: Sequence[str], room: int) -> Iterator[str]:
    """Yield the lines about sized gateways.

    Parameters
    ----------
    found : mapping
        See `jumeau.radio.findings.record`.
    notes : sequence of str
    room : int
        Columns of the terminal.
    """

    def percent(share: float, digits: int = 1) -> str:
        return f"{format_number(100.0 * share, digits)} %"

    yield _("{count} gateway(s) among {candidates} candidate sites, for {devices} devices").format(
        count=format_number(found["count"]),
        candidates=format_number(found["candidates"]),
        devices=format_number(found["devices"]),
    )
    told = (
        _("the fewest possible: proved")
        if found["proved"]
        else _("at least {bound} are needed: not proved to be the fewest (gap {gap})").format(
            bound=format_number(found["bound"]), gap=percent(found["gap"])
        )
    )
    yield "  " + _("{told}; the greedy rule takes {greedy}").format(
        told=told, greedy=format_number(found["greedy_count"])
    )
    yield "  " + _(
        "covered, each by {redundancy} gateway(s) at {chance}: {covered} of the devices; "
        "all candidates together: {most}"
    ).format(
        redundancy=found["redundancy"],
        chance=percent(found["chance"], 0),
        covered=percent(found["covered"]),
        most=percent(found["reachable"]),
    )
    yield "  " + _("a message arrives with a chance of {delivery} on average").format(
        delivery=percent(found["delivery"])
    )
    if found["km2_per_gateway"]:
        yield "  " + _("one gateway per {area} km2 of {whole} km2; Île-de-France plans one per 4 km2").format(
            area=format_number(found["km2_per_gateway"], 1), whole=format_number(found["area_km2"], 1)
        )
    yield "  " + _("cost: {investment} EUR, then {annual} EUR a year, devices left out").format(
        investment=format_number(found["investment_eur"]), annual=format_number(found["annual_eur"])
    )
    yield ""
    yield _("The same gateways, by where devices stand")
    yield from _table(
        [_("setting"), _("covered"), _("messages that arrive")],
        [[_(name), percent(item["covered"]), percent(item["delivery"])] for name, item in found["by_setting"].items()],
    )
    yield ""
    rows = found["gateways"]
    yield from _table(
        [_("gateway"), _("kind"), _("height, m"), _("devices"), _("messages a day"), _("lost in collisions")],
        [
            [
                row["gateway_id"],
                (_("roof") if row["kind"] == ROOF else row["kind"])[:24],
                format_number(row["height"], 1),
                format_number(row["devices"]),
                format_number(row["messages_per_day"]),
                percent(row["lost"]),
            ]
            for row in rows[:MOST_ROWS]
        ],
        texts=2,
    )
    if len(rows) > MOST_ROWS:
        yield _("… and {count} more, in the files").format(count=len(rows) - MOST_ROWS)
    if notes:
        yield ""
    for note in notes:
        yield from folded(note, room)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> Iterator[str]:
    """Yield aligned rows: the first columns hold texts, the others numbers."""
    widths = [max(columns(str(row[place])) for row in (head, *rows)) for place in range(len(head))]
    for row in (head, *rows):
        cells = [
            left(str(cell), width) if place < texts else right(str(cell), width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()

"""`jumeau factors`: the numbers that are not the user's, each with its range and its source."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from jumeau.commands.parser import Commands, network_word
from jumeau.commands.status import DONE
from jumeau.commands.terminal import entries, width, write
from jumeau.errors import InputError
from jumeau.i18n import _, in_all_languages

if TYPE_CHECKING:
    from jumeau.factors import Factor


def add(commands: Commands) -> None:
    """Add the command."""
    factors = commands.add("factors", _("list the assumptions shipped, with their ranges and sources"), _factors)
    network_word(factors, _("a network, or « shared » for prices, emissions and crews; all by default"), _owners)
    factors.add_argument("--search", metavar=_("TEXT"), help=_("those whose name, description or source holds a text"))


def _owners() -> Iterable[str]:
    return _tables()


def _tables() -> Mapping[str, Mapping[str, Factor]]:
    from jumeau.network import discover
    from jumeau.simulation.shared import SHARED, shared_factors

    networks = {name: {**network.factors, **network.layout_factors} for name, network in discover().items()}
    return {SHARED: shared_factors(), **networks}


def _factors(arguments: argparse.Namespace) -> int:
    tables = _tables()
    chosen = {arguments.network: tables[arguments.network]} if arguments.network else tables
    lines: list[str] = []
    for owner, table in chosen.items():
        found = [factor for factor in table.values() if _holds(factor, arguments.search)]
        if not found:
            continue
        lines += ["", owner] if lines else [owner]
        for factor in found:
            lines += _told(factor)
    if not lines:
        raise InputError(_("no factor holds « {text} »").format(text=arguments.search), hint=_("try a shorter word"))
    ending = entries(
        [("", _("A scenario states another value under « assumptions: », by network and name."))], width(), gap=0
    )
    write([*lines, "", *ending])
    return DONE


def _holds(factor: Factor, text: str | None) -> bool:
    if not text:
        return True
    told = " ".join([factor.name, factor.source, *in_all_languages(factor.description).values()])
    return text.casefold() in told.casefold()


def _told(factor: Factor) -> list[str]:
    """Return a factor in two entries: its value and range, then what it is and where it comes from."""
    unit = "" if factor.unit == "1" else f" {factor.unit}"
    value = f"{factor.value:.6g}{unit} ({factor.low:.6g} … {factor.high:.6g})"
    said = f"{_(factor.description)}. {_(factor.source)} ({factor.year}; {_('grade')} {factor.grade})"
    return [*entries([(f"  {factor.name}", value)], width()), *entries([("", said)], width(), gap=4)]

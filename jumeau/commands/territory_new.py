"""`jumeau territory new`: drafts a territory file from what lies in a folder, and tells what would make it better."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.commands.terminal import write, write_files
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number, local

if TYPE_CHECKING:
    from jumeau.engine.draft import Drafting


def add(territory: Commands) -> None:
    """Add the command to those of `territory`."""
    new = territory.add("new", _("write a territory file from what lies in a folder"), _new)
    new.add_argument("--from", dest="folder", type=Path, required=True, help=_("folder of data, sub-folders included"))
    new.add_argument("--commune", default="", help=_("INSEE code of the commune, for instance 12174"))
    new.add_argument("--name", default="", help=_("name; that of the commune or of the file by default"))
    new.add_argument("--residents", type=people, help=_("residents of the territory, where they are known"))
    new.add_argument("--jobs", type=people, help=_("jobs of the territory, where they are known"))
    new.add_argument("-o", "--output", type=Path, required=True, help=_("territory file to write (YAML)"))


def people(text: str) -> int:
    """Read a number of people, its digits grouped or not."""
    bare = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    value = int(bare) if bare.isascii() and bare.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(_("a number of people, such as 38000: {text}").format(text=text))
    return value


def commune(text: str) -> str:
    """Return an INSEE code, an empty text as it is.

    Raises
    ------
    InputError
    """
    from jumeau.sources.products.communes import check_commune

    try:
        return check_commune(text) if text else ""
    except ValueError as error:
        raise InputError(str(error)) from None


def _new(arguments: argparse.Namespace) -> int:
    from jumeau.engine.draft import Wanted, draft_territory
    from jumeau.files import write_text

    target: Path = arguments.output
    if target.exists() or target.is_symlink():
        hint = _("choose another name, or remove the file first")
        raise InputError(Problem(_("the file exists already; it is not overwritten"), file=str(target), hint=hint))
    totals = {"residents": arguments.residents, "jobs": arguments.jobs}
    stated = {name: value for name, value in totals.items() if value is not None}
    made = draft_territory(arguments.folder, Wanted(commune(arguments.commune), arguments.name, stated))
    written = write_text(target, made.draft.text(target))
    write([*_recognised(made), *_left(made), *(made.notes and ("", *made.notes)), *_shopping(made), ""])
    write_files([written])
    write(["", _("Then: jumeau territory build {file}").format(file=target)])
    return DONE


def _recognised(made: Drafting) -> Iterator[str]:
    yield _("Recognised")
    for entry in made.draft.entries:
        keys = {"file": entry.shown, "product": local(entry.product.label), "layers": ", ".join(entry.layers)}
        yield "  " + _("{file}: {product} -> {layers}").format(**keys)
    for item in made.unused:
        yield "  " + _("{file}: {product}, not used yet").format(file=item.held.name, product=local(item.product.label))


def _left(made: Drafting) -> Iterator[str]:
    lines = [
        *(
            "  " + _("{file}: {layer} is taken from {other}").format(file=item.entry.shown, layer=layer, other=other)
            for item, layer, other in made.beaten
        ),
        *(
            "  "
            + _("{file} ({format}): {reason}").format(file=item.entry.shown, format=item.entry.format, reason=reason)
            for item, reason in made.refused
        ),
        *("  " + _("{file}: {reason}").format(file=item.held.name, reason=item.reason) for item in made.left),
    ]
    if lines:
        yield from ("", _("Left out"), *lines)


def _shopping(made: Drafting) -> Iterator[str]:
    from jumeau.network import discover
    from jumeau.sources.products.shopping import shopping_list, told
    from jumeau.territory.model import SHARED

    given = {layer: entry.product.name for entry in made.draft.entries for layer in entry.layers}
    if made.draft.people:
        # A product that tells where people live is better than a total; one that is there gave way to it.
        given["population"] = "totals"
    have = {item.product.name for item in made.found}
    layers = {*SHARED.layers, *(layer for network in discover().values() for layer in network.attributes.layers)}
    items = shopping_list(have, given, layers, made.commune, made.draft.place)
    if items:
        count = format_number(len(items))
        yield from ("", _("What would make it better, most useful first: {count}").format(count=count), *told(items))

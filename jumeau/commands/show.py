"""`jumeau show`: the four figures of a finished run, and every indicator."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from jumeau.commands.browser import reports
from jumeau.commands.ending import tell_outcome
from jumeau.commands.parser import Commands, folder_word
from jumeau.commands.pictures import pages
from jumeau.commands.status import DONE
from jumeau.commands.terminal import width, write, write_figures
from jumeau.errors import InputError, nearest
from jumeau.i18n import _


def add(commands: Commands) -> None:
    """Add the command."""
    show = commands.add("show", _("print the figures of a run: before, after, difference, verdict"), _show)
    folder_word(show)
    several = _("may be given several times")
    show.add_argument(
        "--variant", action="append", default=[], metavar=_("NAME"), help=_("variant to show") + f"; {several}"
    )
    show.add_argument(
        "--network",
        action="append",
        default=[],
        metavar=_("NAME"),
        help=_("network to show, « total » for all together") + f"; {several}",
    )
    show.add_argument("--all", action="store_true", help=_("every indicator, not the four figures alone"))


def _show(arguments: argparse.Namespace) -> int:
    from jumeau.accounts import TOTAL
    from jumeau.report.cells import wrapped
    from jumeau.report.outcome import chosen_lines, remarks
    from jumeau.report.table import comparison_table
    from jumeau.results.summary import read_summary
    from jumeau.results.titles import network_label, variant_title

    folder = arguments.folder
    found = read_summary(folder)
    titles = {name: variant_title(found.provenance, name) for name in found.variants[1:]}
    # One network alone is the whole.
    whole = [TOTAL] if len(found.networks) > 1 else []
    labels = {name: network_label(found.provenance, name) for name in (*whole, *found.networks)}
    variants = _known(arguments.variant, titles, _("the run has no variant « {name} »"))
    networks = _known(arguments.network, labels, _("the run has no network « {name} »"))
    if arguments.all:
        write([comparison_table(found, width(), variants, networks)])
    elif variants or networks:
        lines = chosen_lines(found, variants or list(titles), networks or list(labels), width())
        write_figures([*lines, *wrapped([" ".join(remarks(found))], width())])
    else:
        files = [*reports(folder, arguments.lang)[:1], *pages(folder, arguments.lang)]
        tell_outcome(found, folder, files)
    return DONE


def _known(asked: Sequence[str], known: dict[str, str], message: str) -> list[str]:
    """Return the names asked for, each once.

    Raises
    ------
    InputError
        With the nearest name, and all of them, where one is not known.
    """
    for name in asked:
        if name not in known:
            near = nearest(name, list(known))
            names = _("one of: {names}").format(names=", ".join(f"{key} ({title})" for key, title in known.items()))
            hint = (_("did you mean « {near} »?").format(near=near) + " " if near else "") + names
            raise InputError(message.format(name=name), hint=hint)
    return list(dict.fromkeys(asked))

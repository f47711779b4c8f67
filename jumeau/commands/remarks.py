"""`jumeau remarks import` and `jumeau remarks form`: what residents say of a run comes in; the paper to say it on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.commands.terminal import write_files
from jumeau.errors import shorten
from jumeau.i18n import _
from jumeau.redaction import show

if TYPE_CHECKING:
    from jumeau.remarks.importing import Imported


def add(commands: Commands) -> None:
    """Add the command and its own."""
    remarks = commands.group("remarks", _("bring in remarks and votes of residents, or make the paper form"))
    bring = remarks.add("import", _("bring what the page exported, or a table of paper forms, into a run"), _import)
    bring.add_argument("files", type=Path, nargs="+", help=_("files that the page exported (JSON), or tables (CSV)"))
    bring.add_argument("-o", "--output", type=Path, required=True, help=_("folder of the results"))
    bring.add_argument("--any-run", action="store_true", help=_("take remarks on another run of the scenario too"))
    bring.add_argument(
        "--keep-contacts", action="store_true", help=_("leave e-mail addresses and telephone numbers in the texts")
    )
    form = remarks.add("form", _("write the paper form of a run: one page to print"), _form)
    form.add_argument("folder", type=Path, help=_("folder of the results"))
    form.add_argument(
        "-o", "--output", type=Path, help=_("file to write; « form_<lang>.html » in the folder by default")
    )


def _import(arguments: argparse.Namespace) -> int:
    from jumeau.remarks.importing import import_remarks

    done = import_remarks(
        arguments.files, arguments.output, any_run=arguments.any_run, keep_contacts=arguments.keep_contacts
    )
    for line in told(done):
        show(line)
    write_files(done.written)
    show(_("« jumeau report » and « jumeau render » then show them."))
    return DONE


def told(done: Imported) -> Sequence[str]:
    """Return what an import did, in the current language."""
    lines = [
        _(
            "New: {remarks} remarks, {votes} votes; known already: {known}. In all: {all_remarks} and {all_votes}."
        ).format(
            remarks=done.remarks,
            votes=done.votes,
            known=done.known,
            all_remarks=len(done.total.remarks),
            all_votes=len(done.total.votes),
        )
    ]
    if done.contacts:
        text = (
            _("Texts that seem to hold an e-mail address or a telephone number, left as they are: {count} ({ids})")
            if done.kept
            else _("Texts that seemed to hold an e-mail address or a telephone number, now masked: {count} ({ids})")
        )
        lines.append(text.format(count=len(done.contacts), ids=shorten(done.contacts)))
    if done.dropped:
        lines.append(_("Not kept, being none of the format: {keys}").format(keys=shorten(done.dropped)))
    if done.unplaced:
        text = _("Places that the territory does not know stay in the text: {places}")
        lines.append(text.format(places=shorten(done.unplaced)))
    return lines


def _form(arguments: argparse.Namespace) -> int:
    from jumeau.report.form import write_form
    from jumeau.results.storage import read_results

    results = read_results(arguments.folder)
    path = arguments.output or arguments.folder / f"form_{arguments.lang}.html"
    show(write_form(results, path, arguments.lang))
    return DONE

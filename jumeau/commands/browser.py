"""`jumeau open`: the report of a run, or its 3D page, in the browser."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from jumeau.commands.parser import Commands, folder_word
from jumeau.commands.pictures import pages
from jumeau.commands.status import DONE
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.redaction import show


def add(commands: Commands) -> None:
    """Add the command."""
    opened = commands.add("open", _("open the report of a run in the browser"), _open)
    folder_word(opened)
    opened.add_argument("--3d", dest="page", action="store_true", help=_("the 3D page instead"))


def _open(arguments: argparse.Namespace) -> int:
    folder = arguments.folder
    found = pages(folder, arguments.lang) if arguments.page else reports(folder, arguments.lang)
    if not found:
        raise InputError(_nothing(folder, page=arguments.page), hint=_hint(folder, page=arguments.page), file=folder)
    path = found[0]
    show(path)
    if not _opened(path):
        show(_("No browser here: open this file in one."))
    return DONE


def reports(folder: Path, lang: str) -> list[Path]:
    """Return the reports of a run, that of a language first."""
    return [path for path in (folder / f"report_{lang}.html", folder / "report.html") if path.is_file()]


def _opened(path: Path) -> bool:
    """Tell whether a browser took a file."""
    try:
        return webbrowser.open(path.resolve().as_uri())
    except (webbrowser.Error, OSError):
        return False


def _nothing(folder: Path, *, page: bool) -> str:
    if not (folder / "summary.json").is_file():
        return _("no results here (no {name})").format(name="summary.json")
    return _("this run has no 3D page") if page else _("this run has no report")


def _hint(folder: Path, *, page: bool) -> str:
    if not (folder / "summary.json").is_file():
        return _("run « jumeau run SCENARIO -o {folder} » first").format(folder=folder)
    command = "render" if page else "report"
    return _("write it: « jumeau {command} {folder} »").format(command=command, folder=folder)

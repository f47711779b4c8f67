"""`jumeau register`: the register of sensors of a run, and the public's notice sheets."""

from __future__ import annotations

import argparse
from pathlib import Path

from jumeau.commands.parser import Commands, folder_word
from jumeau.commands.status import DONE
from jumeau.commands.terminal import write_files
from jumeau.i18n import _
from jumeau.redaction import show


def add(commands: Commands) -> None:
    """Add the command."""
    text = _("write the register of sensors and the public notice sheets of a run")
    register = commands.add("register", text, _register)
    folder_word(register)
    register.add_argument(
        "-o", "--output", type=Path, help=_("folder to write in; « register » in the folder by default")
    )


def _register(arguments: argparse.Namespace) -> int:
    from jumeau.report.register import write_register
    from jumeau.results.storage import read_results

    written = write_register(read_results(arguments.folder), arguments.output or arguments.folder / "register")
    if len(written) == 1:
        show(_("No variant installs anything that observes."))
    write_files(written)
    return DONE

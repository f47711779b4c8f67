"""`jumeau schema`: the JSON Schema of the files that people write."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.i18n import _
from jumeau.redaction import show


def add(commands: Commands) -> None:
    """Add the command."""
    schema = commands.add("schema", _("print the JSON Schema of scenarios and other files, for editors"), _schema)
    schema.add_argument(
        "kind",
        nargs="?",
        choices=("scenario", "territory", "project", "portfolio"),
        default="scenario",
        help=_("kind of file: scenario (by default), territory, project given by figures, portfolio"),
    )
    schema.add_argument("-o", "--output", type=Path, help=_("file to write instead of printing"))


def _schema(arguments: argparse.Namespace) -> int:
    from jumeau.engine.schema import json_schema
    from jumeau.files import write_text

    text = json.dumps(json_schema(arguments.kind), ensure_ascii=False, indent=1) + "\n"
    if arguments.output is None:
        show(text, end="")
    else:
        show(write_text(arguments.output, text))
    return DONE

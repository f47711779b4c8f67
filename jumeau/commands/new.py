"""`jumeau new`: writes a file to start from."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.commands.terminal import write_files
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.redaction import show, visible

#: Name of the schema that is written beside a scenario, so that editors complete and check its keys.
SCHEMA = "scenario.schema.json"


def add(commands: Commands) -> None:
    """Add the command and its own."""
    new = commands.group("new", _("write a file to start from"))
    scenario = new.add("scenario", _("write a first scenario for a territory, ready to be run"), _scenario)
    scenario.add_argument("--on", required=True, metavar=_("TERRITORY"), help=_("GeoPackage, or bundled name"))
    scenario.add_argument(
        "-o", "--output", type=Path, help=_("YAML file to write; named after the territory, here, by default")
    )


def _scenario(arguments: argparse.Namespace) -> int:
    from jumeau.engine.schema import json_schema
    from jumeau.engine.starter import place_of, starter_scenario
    from jumeau.files import write_text
    from jumeau.territory.storage import read_territory

    territory = read_territory(arguments.on)
    file = arguments.output or Path(f"{territory.name}_first.yaml")
    if file.exists():
        raise InputError(_("this file exists already, and is not replaced"), hint=_("give another name: -o FILE.yaml"),
                         file=file)  # fmt: skip
    text = starter_scenario(territory, place_of(arguments.on, file), file, SCHEMA)
    schema = json.dumps(json_schema("scenario"), ensure_ascii=False, indent=1) + "\n"
    write_files([write_text(file, text), write_text(file.with_name(SCHEMA), schema)])
    show("\n" + _("Next: jumeau check {file}").format(file=visible(str(file), lines=False)))
    return DONE

"""`jumeau zones`: the quarters of a territory, by which measures are limited."""

from __future__ import annotations

import argparse

from jumeau.commands.parser import Commands
from jumeau.commands.status import DONE
from jumeau.commands.terminal import width, write
from jumeau.errors import InputError
from jumeau.i18n import _


def add(commands: Commands) -> None:
    """Add the command."""
    zones = commands.add("zones", _("list the zones of a territory, by which measures are limited"), _zones)
    zones.add_argument("territory", help=_("GeoPackage, or bundled name"))


def _zones(arguments: argparse.Namespace) -> int:
    from jumeau.territory.storage import read_territory
    from jumeau.territory.zones import zone_lines

    territory = read_territory(arguments.territory)
    if not territory.has("zones"):
        hint = _("map a layer « zones » with their names in the territory file; measures can take a polygon meanwhile")
        raise InputError(_("the territory has no zones"), hint=hint, file=arguments.territory)
    write([*zone_lines(territory, width()), "", _("A measure is limited to them by « where: {zones: [NAME]} ».")])
    return DONE

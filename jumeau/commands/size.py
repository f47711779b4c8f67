"""`jumeau size`: how many devices, where, and what they are worth."""

from __future__ import annotations

from jumeau.commands import size_gateways
from jumeau.commands.parser import Commands
from jumeau.i18n import _


def add(commands: Commands) -> None:
    """Add the command and those under it."""
    size_gateways.add(commands.group("size", _("work out how many devices or gateways, and where")))

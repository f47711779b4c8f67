"""How variants, networks and all networks together are called in the current language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jumeau.accounts import TOTAL
from jumeau.i18n import _, local
from jumeau.results.comparison import BASELINE


def variant_title(provenance: Mapping[str, Any], name: str) -> str:
    """Return how a variant is called."""
    entry = provenance.get("variants", {}).get(name, {})
    if name == BASELINE and not entry.get("title"):
        return _("Before: today's situation")
    return local(entry.get("title") or name)


def network_label(provenance: Mapping[str, Any], name: str) -> str:
    """Return how a network, or all of them together, is called."""
    if name == TOTAL:
        return _("Whole territory")
    return local(provenance.get("networks", {}).get(name, {}).get("label") or name)

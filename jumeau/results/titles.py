"""How variants, networks, figures and verdicts are called in the current language."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from jumeau.accounts import LINES, TOTAL
from jumeau.i18n import _, local
from jumeau.results.comparison import BASELINE, DROP, NEGLIGIBLE, OUTSIDE, RISE, UNDECIDED, Record

#: Short names of the four figures, for heads of columns.
NAMES = {"energy": "Energy", "fuel": "Fuel", "carbon": "CO₂", "cost": "Cost"}

#: Shapes that differ without colour.
SYMBOLS = {DROP: "▼", RISE: "▲", UNDECIDED: "?", NEGLIGIBLE: "≈", OUTSIDE: "∅"}


def variant_title(provenance: Mapping[str, Any], name: str) -> str:
    """Return how a variant is called."""
    entry = provenance.get("variants", {}).get(name, {})
    if name == BASELINE and not entry.get("title"):
        return _("Before: today's situation")
    return local(entry.get("title") or name)


def without_notes(provenance: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return the provenance without what models noted of some situations; each note begins with its situation."""

    def of(note: Any) -> str:
        text = note if isinstance(note, str) else next(iter(note.values()), "")
        return str(text).partition(": ")[0]

    return {**provenance, "notes": [note for note in provenance.get("notes", ()) if of(note) not in names]}


def network_label(provenance: Mapping[str, Any], name: str) -> str:
    """Return how a network, or all of them together, is called."""
    if name == TOTAL:
        return _("Whole territory")
    return local(provenance.get("networks", {}).get(name, {}).get("label") or name)


def figure_name(name: str) -> str:
    """Return the short name of one of the four figures."""
    return _(NAMES.get(name, LINES[name].label))


def missing(record: Record) -> bool:
    """Tell whether the comparison has no value at all."""
    return not math.isfinite(record.difference)


def verdict_mark(record: Record) -> str:
    """Return the symbol of the verdict; a dash where nothing was compared."""
    return "—" if missing(record) else SYMBOLS.get(record.verdict, "?")

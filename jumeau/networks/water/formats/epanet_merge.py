"""The EPANET file of a territory: the text that it carries, word for word, with what the layers change put into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_engine import opened, refusal
from jumeau.networks.water.formats.epanet_lines import Key, Line, features, quoted, settings
from jumeau.networks.water.formats.epanet_sections import (
    Section,
    carried_in,
    is_rule,
    joined,
    pressure_unit,
)
from jumeau.networks.water.formats.epanet_tables import tables_of
from jumeau.networks.water.formats.epanet_text import words_of
from jumeau.networks.water.formats.epanet_units import Units, units_of
from jumeau.networks.water.formats.feature_rows import Layers, Row, rows_in

_LAYERS = (
    "water_junctions", "water_demands", "water_tanks", "water_reservoirs", "water_pipes", "water_pumps",
    "water_valves", "water_patterns", "water_curves", "water_settings",
)  # fmt: skip

#: Sections in which a line that starts with the name of a feature is about it.
_ABOUT = {
    "node": ("JUNCTIONS", "RESERVOIRS", "TANKS", "DEMANDS", "EMITTERS"),
    "link": ("PIPES", "PUMPS", "VALVES", "STATUS", "ROUGHNESS"),
    "pattern": ("PATTERNS",),
    "curve": ("CURVES",),
}
#: Further ones, of water quality and cost, out of which a feature that is gone has to go.
_ALSO = {"node": ("QUALITY", "SOURCES", "MIXING"), "link": ()}
#: EPANET reads a line after what it names: nodes stand ahead of links.
_FIRST, _THEN = ("JUNCTIONS", "RESERVOIRS", "TANKS"), ("PIPES", "PUMPS", "VALVES")

ENCODING = "text_encoding"


@dataclass(frozen=True)
class Read:
    """What EPANET reads in a text: its units, and the rows of its layers."""

    units: Units
    tables: Mapping[str, list[Row]]


#: The last text read, by digest: every operating state of a territory asks for the same.
_LAST: dict[bytes, Read] = {}


def read_text(text: bytes, pressure: str) -> Read:
    """Return what EPANET reads in a text that it does not refuse."""
    key = sha256(pressure.encode() + text).digest()
    if key not in _LAST:
        with opened(text) as engine:
            units = units_of(engine, pressure)
            found = Read(units, tables_of(engine, units))
        _LAST.clear()
        _LAST[key] = found
    return _LAST[key]


def carried_text(layers: Layers) -> Read:
    """Return what EPANET reads in the text that the layers carry.

    Raises
    ------
    InputError
        When it is no EPANET file any more.
    """
    sections = carried_in(layers)
    text = joined(sections).encode(encoding_of(layers), errors="replace")
    check_text(text, "water_file")
    return read_text(text, pressure_unit(sections))


def encoding_of(layers: Layers) -> str:
    """Return the encoding of the file that the layers came from."""
    told = {str(row["name"]): str(row["value"]) for row in rows_in(layers, "water_settings")}
    return told.get(ENCODING, "utf-8")


def merged(layers: Layers) -> list[Section]:
    """Return the sections of the EPANET file of layers that carry one, controls and drawing included.

    Raises
    ------
    InputError
        When the text that they carry is no EPANET file any more.
    """
    sections, read = carried_in(layers), carried_text(layers)
    theirs = features(read.tables, read.units)
    tables = {name: list(rows_in(layers, name)) for name in _LAYERS}
    ours = features(tables, read.units)
    told = settings(list(read.tables["water_settings"]), read.units)
    chosen = settings(tables["water_settings"], read.units)
    changed = {key: lines for key, lines in ours.items() if lines != theirs.get(key)}
    gone = set(theirs) - set(ours)
    left = {key: list(lines) for key, lines in changed.items()}
    sections = [_rewritten(section, left, gone) for section in sections]
    added = [line for lines in left.values() for line in lines]
    sections = _with(sections, [*added, *(line for name, line in chosen.items() if line != told.get(name))])
    return [*sections, *_controls(layers), *_drawing(layers)]


def check_text(text: bytes, layer: str) -> None:
    """Raise an error in EPANET's words where it cannot read a text."""
    said = refusal(text)
    if said is not None:
        reason = " ".join(line for line in said if "Error 200" not in line) or _("it stops without a word")
        hint = _("correct the layer, or import the network again")
        raise InputError(
            Problem(_("EPANET cannot read the network: {reason}").format(reason=reason[:300]), layer=layer, hint=hint)
        )


def _rewritten(section: Section, left: dict[Key, list[Line]], gone: set[Key]) -> Section:
    """Return a section with the lines about some features changed where they stand, or left out.

    `left` holds the new lines of each feature that changes; those that are placed here are taken out of it.
    """
    kinds = [kind for kind, names in _ABOUT.items() if section.name in names]
    about = {name: (kind, name) for kind, name in (*left, *gone) if kind in kinds}
    out = {name for kind, name in gone if section.name in _ALSO.get(kind, ())}
    second = {name for _kind, name in gone} if section.name in ("ENERGY", "REACTIONS") else set()
    if not about and not out and not second:
        return section
    kept: list[str] = []
    for line in section.lines:
        words = words_of(line)
        if not words or (words[0] not in about and words[0] not in out and not second.intersection(words[1:2])):
            kept.append(line)
            continue
        key = about.get(words[0])
        if key in left:
            kept += [text for name, text in left[key] if name == section.name]
            left[key] = [(name, text) for name, text in left[key] if name != section.name]
    return replace(section, lines=tuple(kept))


def _with(sections: list[Section], lines: list[Line]) -> list[Section]:
    """Return sections with lines added at the end of the last one of each name."""
    found = list(sections)
    for name in dict.fromkeys(section for section, _line in lines):
        added = tuple(line for section, line in lines if section == name)
        places = [place for place, section in enumerate(found) if section.name == name]
        if places:
            last = found[places[-1]]
            found[places[-1]] = replace(last, lines=(*last.lines, *added))
            continue
        links = [place for place, section in enumerate(found) if section.name in _THEN]
        found.insert(links[0] if name in _FIRST and links else len(found), Section(name, added))
    return found


def _controls(layers: Layers) -> Iterator[Section]:
    texts = [str(row["text"]) for row in rows_in(layers, "water_controls")]
    simple = [text for text in texts if not is_rule(text)]
    rules = [text for text in texts if is_rule(text)]
    if simple:
        yield Section("CONTROLS", tuple(simple))
    if rules:
        yield Section("RULES", tuple(line for text in rules for line in (*text.splitlines(), "")))


def _drawing(layers: Layers) -> Iterator[Section]:
    places, bends = [], []
    for layer in ("water_junctions", "water_reservoirs", "water_tanks"):
        for row in rows_in(layers, layer):
            if row.get("geometry") is not None:
                point = row["geometry"]
                places.append(f" {quoted(row['node_id'])}\t{point.x:.12g}\t{point.y:.12g}")
    for layer, key in (("water_pipes", "pipe_id"), ("water_pumps", "pump_id"), ("water_valves", "valve_id")):
        for row in rows_in(layers, layer):
            if row.get("geometry") is not None:
                inner = shapely.get_coordinates(row["geometry"])[1:-1].tolist()
                bends += [f" {quoted(row[key])}\t{x:.12g}\t{y:.12g}" for x, y in inner]
    if places:
        yield Section("COORDINATES", tuple(places))
    if bends:
        yield Section("VERTICES", tuple(bends))

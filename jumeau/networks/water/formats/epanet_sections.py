"""The text of an EPANET file, section by section, kept as it is: what a territory carries of the file it came from.

EPANET's meaning is in its words, in units of its own: a file that is taken apart and written anew loses options that
nobody thought of, and the rounding of other units moves the instants at which pumps switch. The text therefore travels
with the territory, in the layer `water_file`; what the territory changes is put into it (`epanet_merge`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jumeau.networks.water.formats.epanet_text import SECTIONS, words_of
from jumeau.networks.water.formats.feature_rows import Layers, Row, rows_in

#: EPANET knows a section by the first letters of its name.
_BY_PREFIX = {name[:4]: name for name in SECTIONS}
_LINES = re.compile(r"\r\n|\r|\n")

#: Sections that other layers hold, or that are of the drawing of another program: not carried.
ELSEWHERE = ("COORDINATES", "VERTICES", "CONTROLS", "RULES", "BACKDROP", "LABELS", "END")


@dataclass(frozen=True)
class Section:
    """One section of the text; a name may come several times.

    Attributes
    ----------
    name : str
        In full and in capitals; empty for what stands ahead of the first one.
    lines : tuple of str
        Without the line of its name.
    """

    name: str
    lines: tuple[str, ...] = ()


def split(text: str) -> list[Section]:
    """Return the sections of a file, in order; what follows `[END]` is left out, as EPANET does."""
    names, lines = [""], [list[str]()]
    for line in _LINES.split(text):
        bare = line.strip()
        if bare.startswith("["):
            name = bare.split("]", 1)[0].strip("[ \t").upper()
            name = _BY_PREFIX.get(name[:4], name)
            if name == "END":
                break
            names.append(name)
            lines.append([])
        else:
            lines[-1].append(line)
    return [Section(name, tuple(part)) for name, part in zip(names, lines, strict=True)]


def joined(sections: Iterable[Section]) -> str:
    """Return the text of sections."""
    lines: list[str] = []
    for section in sections:
        lines += [f"[{section.name}]"] if section.name else []
        lines += section.lines
        if section.name and lines[-1].strip():
            lines.append("")
    return "\n".join([*lines, "[END]", ""])


def controls_in(sections: Iterable[Section]) -> list[Row]:
    """Return the rows of `water_controls`: each control and each rule as the file has it, comments left out."""
    found: list[str] = []
    for section in sections:
        for line in section.lines if section.name in ("CONTROLS", "RULES") else ():
            bare = line.split(";", 1)[0].strip()
            if not bare:
                continue
            if section.name == "CONTROLS" or bare.upper().startswith("RULE") or not found:
                found.append(bare)
            else:
                found[-1] += "\n" + bare
    return [{"control_id": f"K{place:03d}", "text": text} for place, text in enumerate(found, start=1)]


def is_rule(text: str) -> bool:
    """Tell a rule from a simple control."""
    return text.lstrip().upper().startswith("RULE")


def moved_links(layers: Layers) -> set[str]:
    """Return the links that controls and rules may open or close."""
    kinds = {"LINK", "PIPE", "PUMP", "VALVE"}
    found = set()
    for row in rows_in(layers, "water_controls"):
        acts = not is_rule(str(row["text"]))
        for line in str(row["text"]).splitlines():
            words = words_of(line)
            if words and words[0].upper() in ("THEN", "ELSE", "IF"):
                acts = words[0].upper() != "IF"
            named = words if not is_rule(str(row["text"])) else words[1:]
            if acts and len(named) > 1 and named[0].upper() in kinds:
                found.add(named[1])
    return found


def carried(sections: Iterable[Section]) -> list[Row]:
    """Return the rows of `water_file`."""
    kept = [section for section in sections if section.name not in ELSEWHERE]
    return [
        {"part_id": f"{place:03d}", "section": section.name or None, "text": "\n".join(section.lines)}
        for place, section in enumerate(kept, start=1)
        if section.name or any(line.strip() for line in section.lines)
    ]


def carried_in(layers: Layers) -> list[Section]:
    """Return the sections that the layers carry, none where they came from no EPANET file."""
    rows = sorted(rows_in(layers, "water_file"), key=lambda row: str(row["part_id"]))
    return [
        without_files(Section(str(row.get("section") or ""), tuple(str(row.get("text") or "").split("\n"))))
        for row in rows
    ]


#: Lines that make EPANET read or write other files: nothing is read from them, and nothing written to them.
_FILES = {"OPTIONS": ("HYDRAULICS", "MAP"), "REPORT": ("FILE",)}


def without_files(section: Section) -> Section:
    """Return a section without the lines that name other files."""
    words = _FILES.get(section.name)
    if words is None:
        return section
    return Section(section.name, tuple(line for line in section.lines if not line.strip().upper().startswith(words)))


def options_in(sections: Iterable[Section]) -> Mapping[str, list[str]]:
    """Return the words of each option by its first word in capitals; the last line counts."""
    lines = (words_of(line) for section in sections if section.name == "OPTIONS" for line in section.lines)
    return {words[0].upper(): words for words in lines if words}


def pressure_unit(sections: Iterable[Section]) -> str:
    """Return the unit of pressure that a file states, in capitals, empty where it states none."""
    words = options_in(sections).get("PRESSURE", [])
    return words[1].upper() if len(words) == 2 else ""

"""Looks through the text of an EPANET file for what would stop it from being read, with line numbers.

EPANET and `wntr` stop at the first fault, often without saying where; a person wants them all, and where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jumeau.errors import Problem
from jumeau.i18n import _

#: Sections of the format, by their first four letters, which is all that EPANET reads.
SECTIONS = (
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "EMITTERS", "LEAKAGE", "CURVES",
    "PATTERNS", "ENERGY", "STATUS", "CONTROLS", "RULES", "DEMANDS", "QUALITY", "REACTIONS", "SOURCES", "MIXING",
    "OPTIONS", "TIMES", "REPORT", "COORDINATES", "VERTICES", "LABELS", "BACKDROP", "TAGS", "ROUGHNESS", "END",
)  # fmt: skip
_BY_PREFIX = {name[:4]: name for name in SECTIONS}

_NODES = ("JUNCTIONS", "RESERVOIRS", "TANKS")
_LINKS = ("PIPES", "PUMPS", "VALVES")
_LINK_WORDS = {"LINK", "PIPE", "PUMP", "VALVE"}
_NODE_WORDS = {"NODE", "JUNCTION", "TANK", "RESERVOIR"}
_UNITS = {"CFS", "GPM", "MGD", "IMGD", "AFD", "LPS", "LPM", "MLD", "CMH", "CMD", "CMS"}

#: Columns that must be numbers: section -> {position: (name, lowest, whether the lowest is refused)}.
_NUMBERS: dict[str, dict[int, tuple[str, float | None, bool]]] = {
    "JUNCTIONS": {1: ("elevation", None, False)},
    "TANKS": {
        1: ("elevation", None, False), 2: ("initial level", 0.0, False), 3: ("minimum level", 0.0, False),
        4: ("maximum level", 0.0, False), 5: ("diameter", 0.0, False),
    },
    "RESERVOIRS": {1: ("head", None, False)},
    "PIPES": {3: ("length", 0.0, True), 4: ("diameter", 0.0, True), 5: ("roughness", 0.0, True)},
    "VALVES": {3: ("diameter", 0.0, True)},
    "COORDINATES": {1: ("x", None, False), 2: ("y", None, False)},
}  # fmt: skip
_LEAST = {"JUNCTIONS": 2, "TANKS": 6, "RESERVOIRS": 2, "PIPES": 6, "PUMPS": 4, "VALVES": 6, "COORDINATES": 3}

_WORD = re.compile(r'"([^"]*)"|([^\s",]+)')


def words_of(line: str) -> list[str]:
    """Return the words of a line as EPANET splits it: quotes hold one together, a semicolon starts a comment."""
    return [quoted or bare for quoted, bare in _WORD.findall(line.split(";", 1)[0])]


@dataclass(frozen=True)
class Line:
    """One line with something on it."""

    number: int
    words: tuple[str, ...]


@dataclass
class InpText:
    """The lines of an EPANET file by section, comments left out."""

    file: Path
    sections: dict[str, list[Line]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def scan(cls, text: str, file: Path) -> InpText:
        """Split the text into sections."""
        found = cls(file)
        section = ""
        for number, raw in enumerate(text.splitlines(), start=1):
            line = raw.split(";", 1)[0].strip()
            if line.startswith("["):
                name = line.strip("[] \t").upper()
                section = _BY_PREFIX.get(name[:4], "")
                if not section:
                    hint = _("sections are: {names}").format(names=", ".join(SECTIONS))
                    found.add(number, name, _("unknown section"), hint=hint)
                found.sections.setdefault(section, [])
            elif line and section:
                found.sections[section].append(Line(number, tuple(words_of(line))))
        return found

    def add(self, line: int, section: str, message: str, column: str = "", value: str = "", hint: str = "") -> None:
        """Note a problem."""
        layer = f"[{section}]" if section else ""
        self.problems.append(
            Problem(message, hint=hint, file=str(self.file), line=line, layer=layer, column=column, value=value)
        )

    def of(self, *sections: str) -> Iterator[tuple[str, Line]]:
        """Yield the lines of some sections."""
        for section in sections:
            for line in self.sections.get(section, []):
                yield section, line

    def check(self) -> list[Problem]:
        """Return everything that is wrong; an empty list where EPANET can be tried."""
        if not self.sections.get("JUNCTIONS") or not (self.sections.get("PIPES") or self.sections.get("PUMPS")):
            hint = _("export the network from EPANET as text (« .inp »), not as « .net »")
            return [
                Problem(
                    _("this is not an EPANET file: it has no junctions or no pipes"), file=str(self.file), hint=hint
                )
            ]
        self._check_units()
        self._check_numbers()
        nodes = self._check_names(_NODES)
        links = self._check_names(_LINKS)
        self._check_ends(nodes)
        self._check_controls(nodes, links)
        self._check_references()
        return self.problems

    def _check_units(self) -> None:
        for _section, line in self.of("OPTIONS"):
            if line.words[0].upper() == "UNITS" and len(line.words) > 1 and line.words[1].upper() not in _UNITS:
                hint = _("units are: {names}").format(names=", ".join(sorted(_UNITS)))
                self.add(line.number, "OPTIONS", _("unknown unit of flow"), "UNITS", line.words[1], hint)

    def _check_numbers(self) -> None:
        for section, line in self.of(*_LEAST):
            if len(line.words) < _LEAST[section]:
                message = _("the line has {found} column(s), {wanted} are needed")
                self.add(
                    line.number, section, message.format(found=len(line.words), wanted=_LEAST[section]), "",
                    " ".join(line.words),
                )  # fmt: skip
                continue
            for place, (name, lowest, refused) in _NUMBERS.get(section, {}).items():
                self._check_number(section, line, place, name, lowest, refused=refused)

    def _check_number(
        self, section: str, line: Line, place: int, name: str, lowest: float | None, *, refused: bool
    ) -> None:
        word = line.words[place]
        try:
            value = float(word)
        except ValueError:
            hint = _("write a number with a decimal point")
            self.add(line.number, section, _("« {id} »: not a number").format(id=line.words[0]), name, word, hint)
            return
        if lowest is None:
            return
        if value < lowest:
            message = _("« {id} »: a value below zero").format(id=line.words[0])
            self.add(line.number, section, message, name, word, _("correct it in the file"))
        elif refused and value == lowest:
            message = _("« {id} »: a value of zero").format(id=line.words[0])
            self.add(line.number, section, message, name, word, _("correct it in the file"))

    def _check_names(self, sections: tuple[str, ...]) -> set[str]:
        first: dict[str, int] = {}
        for section, line in self.of(*sections):
            name = line.words[0]
            if name in first:
                message = _("the identifier « {id} » stands already in line {line}").format(id=name, line=first[name])
                self.add(line.number, section, message, hint=_("make identifiers unique"))
            first.setdefault(name, line.number)
        return set(first)

    def _check_ends(self, nodes: set[str]) -> None:
        for section, line in self.of(*_LINKS):
            for word in line.words[1:3]:
                if word not in nodes:
                    message = _("« {id} » starts or ends at a node that is nowhere").format(id=line.words[0])
                    self.add(line.number, section, message, "", word, _("correct the identifier, or add the node"))
            if len(line.words) > 2 and line.words[1] == line.words[2]:
                message = _("« {id} » starts and ends at the same node").format(id=line.words[0])
                self.add(line.number, section, message, "", line.words[1])

    def _check_controls(self, nodes: set[str], links: set[str]) -> None:
        for section, line in self.of("CONTROLS", "RULES"):
            for word, name in _named(section, line.words):
                kind = word.upper()
                if kind in _LINK_WORDS and name not in links:
                    message = _("a control names a link that is nowhere")
                elif kind in _NODE_WORDS and name not in nodes:
                    message = _("a control names a node that is nowhere")
                else:
                    continue
                self.add(line.number, section, message, "", name, _("correct the name, or remove the control"))

    def _check_references(self) -> None:
        patterns = {line.words[0] for _section, line in self.of("PATTERNS")}
        curves = {line.words[0] for _section, line in self.of("CURVES")}
        asked: list[tuple[str, Line, str, set[str]]] = []
        for section, line in self.of("JUNCTIONS"):
            asked += [(section, line, word, patterns) for word in line.words[3:4]]
        for section, line in self.of("DEMANDS"):
            asked += [(section, line, word, patterns) for word in line.words[2:3]]
        for section, line in self.of("RESERVOIRS"):
            asked += [(section, line, word, patterns) for word in line.words[2:3]]
        for section, line in self.of("PUMPS"):
            words = line.words
            asked += [
                (section, line, words[place + 1], {"HEAD": curves, "PATTERN": patterns}[word.upper()])
                for place, word in enumerate(words[:-1])
                if word.upper() in ("HEAD", "PATTERN")
            ]
        for section, line in self.of("TANKS"):
            asked += [(section, line, word, curves) for word in line.words[7:8] if word != "*"]
        for section, line, word, known in asked:
            if word not in known:
                what = _("pattern") if known is patterns else _("curve")
                message = _("« {id} » names a {what} that is nowhere").format(id=line.words[0], what=what)
                hint = _("correct the name, or add it to its section")
                self.add(line.number, section, message, what, word, hint)


def _named(section: str, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the words « kind, name » of a control or of a line of a rule; names may be words of the language too."""
    if section == "RULES":
        if len(words) > 2 and words[0].upper() in ("IF", "AND", "OR", "THEN", "ELSE"):
            yield words[1], words[2]
        return
    if len(words) > 1:
        yield words[0], words[1]
    for place in range(3, len(words) - 2):
        if words[place].upper() == "IF":
            yield words[place + 1], words[place + 2]
            return

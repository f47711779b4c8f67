"""Why EPANET refuses a file, told with lines: all faults at once, where EPANET stops at some."""

from __future__ import annotations

from pathlib import Path

from jumeau.errors import Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_text import InpText

#: Sections, valves and first words of options that EPANET 2.3 brought; the engine here is 2.2.
_NEWER_SECTIONS = ("LEAKAGE",)
_NEWER_VALVES = ("PCV",)
_NEWER_OPTIONS = {"EMITTER": ("BACKFLOW",), "UNITS": ("CMS",), "PRESSURE": ("BAR", "FEET")}


def of_other_versions(text: str, file: Path) -> list[Problem]:
    """Return what a file holds of EPANET 2.3, which 2.2 would leave out or not understand.

    Parameters
    ----------
    text : str
    file : Path
        Where it comes from.
    """
    found = InpText.scan(text, file)
    hint = _("remove it, or save the file for EPANET 2.2")
    problems = []

    def add(section: str, line: int, name: str) -> None:
        message = _("« {name} » is of EPANET 2.3, which the engine here, EPANET 2.2, does not know").format(name=name)
        problems.append(Problem(message, file=str(file), line=line, layer=f"[{section}]", value=name, hint=hint))

    for section in _NEWER_SECTIONS:
        lines = found.sections.get(section, [])
        if lines:
            add(section, lines[0].number, f"[{section}]")
    for _section, line in found.of("VALVES"):
        if len(line.words) > 4 and line.words[4].upper() in _NEWER_VALVES:
            add("VALVES", line.number, line.words[4])
    for _section, line in found.of("OPTIONS"):
        newer = _NEWER_OPTIONS.get(line.words[0].upper(), ())
        if len(line.words) > 1 and line.words[1].upper() in newer:
            add("OPTIONS", line.number, " ".join(line.words))
    return problems


def of_epanet(text: str, file: Path, said: tuple[str, ...]) -> list[Problem]:
    """Return the faults of a file that EPANET refuses: those that are known here with their lines, else its own words.

    Parameters
    ----------
    text : str
    file : Path
        Where it comes from.
    said : tuple of str
        Lines of EPANET's report.
    """
    problems = InpText.scan(text, file).check()
    if problems:
        return problems
    numbers = {" ".join(line.split()): number for number, line in enumerate(text.splitlines(), start=1)}
    hint = _("correct that line, or open the file in EPANET and save it again")
    for place, line in enumerate(said):
        if not line.startswith("Error") or line.startswith("Error 200"):
            continue
        value = said[place + 1] if place + 1 < len(said) and not said[place + 1].startswith("Error") else ""
        message = _("EPANET's reader refuses the file: {reason}").format(reason=line.rstrip(":"))
        number = numbers.get(" ".join(value.split()))
        problems.append(Problem(message, file=str(file), line=number, value=value.strip()[:80], hint=hint))
    if not problems:
        reason = _("it stops without a word")
        problems.append(
            Problem(_("EPANET's reader refuses the file: {reason}").format(reason=reason), file=str(file), hint=hint)
        )
    return problems

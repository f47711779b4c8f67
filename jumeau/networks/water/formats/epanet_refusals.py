"""Why EPANET refuses a file, told with lines: all faults at once, where EPANET stops at some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jumeau.errors import Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_sections import Section
from jumeau.networks.water.formats.epanet_text import InpText, words_of

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


def says_nothing(section: Section) -> bool:
    """Tell an empty section that EPANET 2.2 would refuse for its name alone."""
    return section.name in _NEWER_SECTIONS and not any(words_of(line) for line in section.lines)


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
    if not any(problem.line for problem in problems) and problems:
        return problems
    told = {problem.line for problem in problems}
    numbers = {" ".join(line.split()): number for number, line in enumerate(text.splitlines(), start=1)}
    hint = _("correct that line, or open the file in EPANET and save it again")
    for reason, value in _faults(said):
        number = numbers.get(" ".join(value.split()))
        if number is None or number not in told:
            message = _("EPANET's reader refuses the file: {reason}").format(reason=reason)
            problems.append(Problem(message, file=str(file), line=number, value=value[:80], hint=hint))
    if not problems:
        reason = _("it stops without a word")
        problems.append(
            Problem(_("EPANET's reader refuses the file: {reason}").format(reason=reason), file=str(file), hint=hint)
        )
    return problems


def _faults(said: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what EPANET's report says of each line, and the line."""
    lines = iter([*said, ""])
    for line in lines:
        if "Error" not in line or "Error 200" in line:
            continue
        reason = line
        while reason and not reason.endswith(":"):
            more = next(lines, "")
            if not more:
                break
            # A message is cut where the word that it tells holds the end of its line.
            reason = f"{reason} {more}"
        yield reason.rstrip(":"), next(lines, "").strip()

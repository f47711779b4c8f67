"""What happened while a territory was built, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jumeau.errors import Problem, shorten
from jumeau.i18n import _, format_number
from jumeau.sources.layers import BuiltLayer


@dataclass(frozen=True)
class BuildReport:
    """What happened while a territory was built.

    Attributes
    ----------
    layers : mapping of str to BuiltLayer
        The layers read from files.
    notes : tuple of str
        What was derived, mended or decided.
    warnings : tuple of Problem
        What looks wrong but does not prevent anything.
    assumptions : mapping of str to mapping of str to float
        Factors that the territory file states, by network, each in the unit of its table.
    people : tuple of str
        Whose numbers were estimated since nobody gave them: told first.
    seconds : float
        Time that the build took [s].
    """

    layers: Mapping[str, BuiltLayer]
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    assumptions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    def __str__(self) -> str:
        """Return the report as lines."""
        lines = list(self.people)
        for name, layer in self.layers.items():
            line = _("{layer}: {kept} feature(s) of {read} row(s), from {file}").format(
                layer=name, kept=format_number(len(layer.frame)), read=format_number(layer.read),
                file=Path(layer.file).name,
            )  # fmt: skip
            lines.append(line)
            for reason, ids in layer.dropped.items():
                told = _("left out, {reason}: {count} ({ids})")
                lines.append("    " + told.format(reason=reason, count=len(ids), ids=shorten(ids)))
            if layer.repaired:
                told = _("geometry mended: {count} ({ids})")
                lines.append("    " + told.format(count=len(layer.repaired), ids=shorten(layer.repaired)))
            lines += ["    " + note for note in layer.notes]
        lines += list(self.notes)
        lines += [_("Warning: {problem}").format(problem=problem) for problem in self.warnings]
        return "\n".join(lines)

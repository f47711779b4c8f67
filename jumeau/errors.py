"""Errors that a user can act on.

Everything that a person gave and that Jumeau cannot use ends in an `InputError`: it says where (file, line,
layer, feature, column), what (the value) and what to do. The command line prints it and exits with status 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jumeau.i18n import _
from jumeau.redaction import visible


class JumeauError(Exception):
    """Base class of every error that Jumeau raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input, precise enough to be mended.

    Attributes
    ----------
    message : str
        What is wrong, in the user's language.
    hint : str
        What to do about it.
    file, line, layer, column
        Where, as far as it is known.
    features : tuple of str
        Ids of the features concerned (all of them; printing shortens the list).
    value : str
        The value met.
    warning : bool
        Whether it is odd rather than wrong: results stand all the same.
    """

    message: str
    hint: str = ""
    file: str = ""
    line: int | None = None
    layer: str = ""
    column: str = ""
    features: tuple[str, ...] = ()
    value: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """Return one readable paragraph: place, message, value, features, advice."""
        place = []
        if self.file:
            file = visible(self.file, lines=False)
            place.append(file if self.line is None else f"{file}:{self.line}")
        if self.layer:
            place.append(_("layer {name}").format(name=self.layer))
        if self.column:
            place.append(_("column {name}").format(name=self.column))
        text = ", ".join(place) + (": " if place else "") + self.message
        if self.value:
            text += " " + _("(value: {value})").format(value=visible(self.value, lines=False))
        if self.features:
            ids = visible(shorten(self.features), lines=False)
            text += " " + _("[{count} feature(s): {ids}]").format(count=len(self.features), ids=ids)
        if self.hint:
            text += "\n    → " + self.hint
        return visible(text)


class InputError(JumeauError):
    """Something that the user gave cannot be used.

    Parameters
    ----------
    *problems : Problem or str
        At least one; a bare string becomes a `Problem` without a place.
    """

    def __init__(self, *problems: Problem | str, hint: str = "", file: str | Path = "") -> None:
        self.problems: tuple[Problem, ...] = tuple(
            item if isinstance(item, Problem) else Problem(item, hint=hint, file=str(file)) for item in problems
        )
        super().__init__("\n".join(str(item) for item in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[Problem, ...]]:
        """Let the error cross process borders with its problems."""
        return (type(self), self.problems)


class Interrupted(JumeauError):  # noqa: N818 - it is not an error of anybody
    """The run was stopped by the user; what was finished is kept."""


def shorten(items: Sequence[str], most: int = 5) -> str:
    """Return a readable list of at most `most` items, with an ellipsis when some are left out."""
    shown = ", ".join(str(item) for item in items[:most])
    return shown + (", …" if len(items) > most else "")


def nearest(word: str, known: Sequence[str], likeness: float = 0.5) -> str:
    """Return the known word nearest to `word`, or an empty string when none is that alike (1: the same)."""
    from difflib import get_close_matches

    found = get_close_matches(word, known, n=1, cutoff=likeness)
    return found[0] if found else ""

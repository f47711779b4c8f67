"""Paths as a territory file writes them: relative, with environment variables."""

from __future__ import annotations

import os
import re
from pathlib import Path

from jumeau.errors import InputError
from jumeau.i18n import _

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def expand(text: str, base: Path) -> Path:
    """Return a path with its environment variables replaced, relative to `base`.

    A variable that holds a relative path means the current folder, as in a shell.

    Parameters
    ----------
    text : str
        With `${NAME}` or `${NAME:-default}`.
    base : Path
        Folder that a relative path starts from.

    Raises
    ------
    InputError
        When a variable is not set and has no default.
    """

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        found = os.environ.get(name)
        if found:
            return str(Path(found).absolute()) if match.start() == 0 else found
        if default is not None:
            return default
        raise InputError(
            _("the environment variable {name} is not set").format(name=name),
            hint=_("set it, or write a default: ${{{name}:-folder}}").format(name=name),
        )

    return base / _VARIABLE.sub(value, text)

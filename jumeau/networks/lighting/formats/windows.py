"""Windows of a night as the column `profile` of lamps writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _
from jumeau.yaml_types import clock_text

_WINDOW = re.compile(r"^(\d{2}):(\d{2})-(\d{2}):(\d{2})=([0-9.]+)$")
_JOIN = " + "


@dataclass(frozen=True)
class Window:
    """A part of the night at reduced output.

    Attributes
    ----------
    start, end : float
        Local clock times [h], from 0 to 24; a window whose end is not after its start crosses midnight, and one that
        ends where it starts lasts all day.
    level : float
        Luminous flux over full flux, from 0 (off) to 1.
    """

    start: float
    end: float
    level: float

    @property
    def text(self) -> str:
        """The window as the column `profile` writes it."""
        return f"{clock_text(self.start)}-{clock_text(self.end)}={self.level:.6g}"


def join(*profiles: str) -> str:
    """Return the profile that holds the windows of several; the lowest level wins where windows overlap."""
    parts = [part for profile in profiles for part in profile.split(_JOIN) if part]
    return _JOIN.join(dict.fromkeys(parts))


def read_profile(text: str, named: Mapping[str, tuple[Window, ...]]) -> tuple[Window, ...]:
    """Return the windows of a profile written in the column `profile`.

    Parameters
    ----------
    text : str
        Windows and names of profiles joined by « + »; empty for none.
    named : mapping of str to tuple of Window
        Profiles of the scenario's assumptions.

    Raises
    ------
    InputError
        On a part that is neither a window nor a known name.
    """
    windows: list[Window] = []
    for part in (item for item in text.split(_JOIN) if item):
        match = _WINDOW.match(part)
        if match:
            start, end = (int(match[i]) + int(match[i + 1]) / 60 for i in (1, 3))
            windows.append(Window(start, end, float(match[5])))
        elif part in named:
            windows.extend(named[part])
        else:
            near = nearest(part, list(named))
            hint = _("did you mean « {near} »?").format(near=near) if near else ""
            hint = hint or _("declare it in the assumptions, under `profiles`")
            raise InputError(Problem(_("unknown night profile: {name}").format(name=part), hint=hint, layer="lamps"))
    return tuple(windows)

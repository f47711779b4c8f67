"""Windows of a night as the column `profile` of lamps writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _
from jumeau.networks.lighting.formats.moments import MOMENT, Moment, SunMoment, moment_text, read_written
from jumeau.networks.lighting.formats.nights import Nights

_WINDOW = re.compile(rf"^({MOMENT})-({MOMENT})=(on)?([0-9.]*)$")
_JOIN = " + "
_EVERY_NIGHT = Nights()


@dataclass(frozen=True)
class Window:
    """A part of the night at reduced output, or lit again.

    Attributes
    ----------
    start, end : float or SunMoment
        Local clock times [h], from 0 to 24, or moments counted from the sun. Between two clock times a window whose end
        is not after its start crosses midnight, and one that ends where it starts lasts all day.
    level : float
        Luminous flux over full flux, from 0 (off) to 1.
    nights : Nights
        Nights that it concerns.
    relit : bool
        Whether it lights again what earlier windows switch off, at `level` or lower where they also dim it; what
        they only dim stays.
    """

    start: Moment
    end: Moment
    level: float
    nights: Nights = _EVERY_NIGHT
    relit: bool = False

    @property
    def text(self) -> str:
        """The window as the column `profile` writes it."""
        level = f"{self.level:.6g}"
        if self.relit:
            level = "on" if self.level == 1.0 else f"on{level}"
        return f"{moment_text(self.start)}-{moment_text(self.end)}={level}{self.nights.text}"

    @property
    def by_clock(self) -> bool:
        """Whether both ends are clock times."""
        return not isinstance(self.start, SunMoment) and not isinstance(self.end, SunMoment)

    @property
    def daily(self) -> bool:
        """Whether it is the same every night."""
        return self.by_clock and self.nights.every


def join(*profiles: str) -> str:
    """Return the profile that holds the windows of several, in their order.

    The lowest level wins where windows overlap, and a window that lights again undoes those before it: one that comes
    twice is kept once, unless light came back in between.
    """
    kept: list[str] = []
    since: set[str] = set()
    for part in (part for profile in profiles for part in profile.split(_JOIN) if part):
        if part in since:
            continue
        if "=on" in part:
            since = set()
        kept.append(part)
        since.add(part)
    return _JOIN.join(kept)


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
        if part in named:
            windows.extend(named[part])
            continue
        window = _read(part)
        if window is not None:
            windows.append(window)
            continue
        near = nearest(part, list(named))
        hint = _("did you mean « {near} »?").format(near=near) if near else ""
        hint = hint or _("declare it in the assumptions, under `profiles`")
        raise InputError(Problem(_("unknown night profile: {name}").format(name=part), hint=hint, layer="lamps"))
    return tuple(windows)


def _read(part: str) -> Window | None:
    """Return a window, None where the text has not its form."""
    head, *groups = part.split("@")
    match = _WINDOW.match(head)
    if match is None or not (match[3] or match[4]):
        return None
    try:
        start, end = read_written(match[1]), read_written(match[2])
        level, nights = float(match[4] or 1.0), Nights.read(groups)
    except ValueError as error:
        raise InputError(Problem(_("not a night window: {error}").format(error=error), layer="lamps")) from error
    if not 0.0 <= level <= 1.0:
        message = _("not a night window: the level {level:g} lies outside 0 … 1").format(level=level)
        raise InputError(Problem(message, layer="lamps"))
    return Window(start, end, level, nights, relit=match[3] is not None)

"""Moments of a night: local clock times, and those that are counted from the sun or from the middle of the night."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jumeau.i18n import _
from jumeau.units import QuantityError, parse_quantity
from jumeau.yaml_types import clock_text

#: What a moment may be counted from, beside the clock.
EVENTS = ("sunset", "sunrise", "civil_dusk", "civil_dawn", "midnight_point")
#: Longest offset [min]: half a day, beyond which a moment would belong to another night.
LONGEST = 720.0

#: A moment as the column `profile` writes it.
MOMENT = rf"\d{{2}}:\d{{2}}|(?:{'|'.join(EVENTS)})(?:\([+-]?\d+(?:\.\d+)?\))?"
_WRITTEN = re.compile(rf"^({'|'.join(EVENTS)})(?:\(([+-]?\d+(?:\.\d+)?)\))?$")
#: Beyond this no text is a moment.
_LONGEST_TEXT = 80
_SAID = re.compile(r"^([a-z_ ]+?)\s*(?:([+-])\s*(\S.*))?$")


@dataclass(frozen=True)
class SunMoment:
    """A moment that moves with the seasons.

    Attributes
    ----------
    event : str
        One of `EVENTS`. Sunset and sunrise are those of almanacs, civil dusk and dawn the end and start of civil
        twilight; the midnight point is the middle of the night as the driver of a luminaire computes it.
    offset : float
        Added to it [min].
    """

    event: str
    offset: float = 0.0

    @property
    def text(self) -> str:
        """The moment as the column `profile` writes it."""
        return f"{self.event}({self.offset:+.6g})" if self.offset else self.event

    @property
    def said(self) -> str:
        """The moment as a scenario writes it."""
        sign = "-" if self.offset < 0 else "+"
        return f"{self.event} {sign} {abs(self.offset):.6g} min" if self.offset else self.event


#: Local clock time [h], or a moment counted from the sun.
Moment = float | SunMoment


def moment_text(moment: Moment) -> str:
    """Return a moment as the column `profile` writes it."""
    return moment.text if isinstance(moment, SunMoment) else clock_text(moment)


def read_written(text: str) -> Moment:
    """Return a moment that `MOMENT` matches.

    Raises
    ------
    QuantityError
        When the offset is longer than half a day, or there is no such clock time.
    """
    sun = _WRITTEN.match(text)
    if sun:
        return SunMoment(sun[1], _short(float(sun[2] or 0.0)))
    hour, minute = int(text[:2]), int(text[3:])
    if hour * 60 + minute > 24 * 60 or minute > 59:
        raise QuantityError(_("{text!r} is not a clock time such as « 22:30 ».").format(text=text))
    return hour + minute / 60.0


def read_said(text: str) -> SunMoment | None:
    """Return a moment written as « civil dusk + 20 min » or « sunset(-15) »; None where it names no event.

    Raises
    ------
    QuantityError
        When the offset cannot be read, or is longer than half a day.
    """
    plain = text.strip().lower().replace("−", "-")
    if len(plain) > _LONGEST_TEXT:
        return None
    if _WRITTEN.match(plain):
        written = read_written(plain)
        return written if isinstance(written, SunMoment) else None
    said = _SAID.match(plain)
    name = re.sub(r"[ _]+", "_", said[1].strip()) if said else ""
    if said is None or name not in EVENTS:
        return None
    if said[2] is None:
        return SunMoment(name)
    offset = parse_quantity(said[3], "min")
    return SunMoment(name, _short(-offset if said[2] == "-" else offset))


def _short(offset: float) -> float:
    if abs(offset) > LONGEST:
        raise QuantityError(
            _("an offset of {minutes:g} min is longer than half a day, {longest:g} min").format(
                minutes=offset, longest=LONGEST
            )
        )
    return offset

"""Night profiles of EclExt: the windows that its tables describe, as our profiles write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.lighting.formats.eclext_tables import column, table
from jumeau.networks.lighting.formats.moments import LONGEST, Moment, SunMoment
from jumeau.networks.lighting.formats.windows import Window, join, read_profile

#: Local clock time; the standard also counts from sunset, sunrise, the middle of the night, or in UTC.
_LOCAL = re.compile(r"^(\d{1,2}):(\d{2})(?::\d{2})?(?:HL)?$")
#: Minutes from an event of the night.
_FROM_SUN = re.compile(r"^([+-]?\d{1,3})(CS|LS|MN)$")
_EVENTS = {"CS": "sunset", "LS": "sunrise", "MN": "midnight_point"}


@dataclass(frozen=True)
class Step:
    """A window of a profile.

    Attributes
    ----------
    kind : str
        EX (off), F (flux) or P (power).
    start, end : float or SunMoment
        Local clock times [h], or moments counted from the sun.
    value : float
        Flux [lm] or power [W] where absolute, else the share.
    absolute : bool
    """

    kind: str
    start: Moment
    end: Moment
    value: float
    absolute: bool

    def text(self, flux: float, power: float) -> str | None:
        """Return the window for a lamp, None where its level needs a flux [lm] or power [W] that is not told."""
        level = 0.0 if self.kind == "EX" else self.value
        if self.kind != "EX" and self.absolute:
            full = flux if self.kind == "F" else power
            if not full > 0.0:
                return None
            level = self.value / full
        return Window(self.start, self.end, min(level, 1.0)).text


@dataclass(frozen=True)
class Profiles:
    """What the tables and the territory file say of profiles.

    Attributes
    ----------
    steps : mapping of str to tuple of Step
        By the tables.
    written : mapping of str to str
        By the territory file, which comes first.
    """

    steps: Mapping[str, tuple[Step, ...]]
    written: Mapping[str, str]

    def of(self, name: str, flux: float, power: float) -> str | None:
        """Return the profile of a lamp as its column holds it, None where it is not known."""
        if name in self.written:
            return self.written[name]
        texts = [step.text(flux, power) for step in self.steps.get(name, ())]
        return None if not texts or None in texts else join(*(text for text in texts if text is not None))


def read_profiles(path: Path, written: Mapping[str, str], notes: list[str], encoding: str | None = None) -> Profiles:
    """Return the profiles of a delivery.

    Parameters
    ----------
    path : Path
        Folder or file, see `table`.
    written : mapping of str to str
        What the territory file says, by name.
    notes : list of str
        Gets what could not be carried over.
    encoding : str, optional
        See `table`.

    Raises
    ------
    InputError
        When the territory file writes a profile that cannot be read, or a value is not a number.
    """
    for name, text in written.items():
        try:
            read_profile(text, {})
        except InputError as error:
            hint = _("write it as « 23:30-05:30=0.5 »; join several with « + »")
            raise InputError(
                Problem(_("not a night profile"), column=f"profiles.{name}", value=text, hint=hint)
            ) from error
    steps, contents = (table(path, name, encoding) for name in ("PlageVariation", "ProfilContientPlage"))
    if steps is None or contents is None:
        return Profiles({}, written)
    known: dict[str, Step | None] = {}
    names = column(steps, "nomPlage")
    for row, name in zip(steps.index, names, strict=True):
        if name is not None:
            known[str(name)] = _step(steps.loc[[row]], str(name), path, notes)
    found: dict[str, list[Step | None]] = {}
    for profile, name in zip(column(contents, "nomProfil"), column(contents, "nomPlage"), strict=True):
        if profile is not None and name is not None:
            found.setdefault(str(profile), []).append(known.get(str(name)))
    # A profile of which one window is not known is not known.
    whole = {
        name: tuple(step for step in items if step is not None) for name, items in found.items() if None not in items
    }
    return Profiles(whole, written)


def _step(row: pd.DataFrame, name: str, path: Path, notes: list[str]) -> Step | None:
    """Return a window, None (and a note) where a profile of ours cannot hold it."""
    kind, form, value, start, end = (
        column(row, wanted).iloc[0]
        for wanted in ("grandeurVariation", "formatVariation", "valeur", "heureDebut", "heureFin")
    )
    if kind not in ("EX", "F", "P"):
        notes.append(_("night window {name}: « {kind} » has no counterpart here").format(name=name, kind=kind))
        return None
    first, last = _moment(start), _moment(end)
    if first is None or last is None:
        told = _(
            "night window {name}: {start} to {end} are neither local clock times nor counted from the sun; it has no "
            "counterpart here"
        )
        notes.append(told.format(name=name, start=start, end=end))
        return None
    number = 0.0
    if kind != "EX":
        try:
            number = float(str(value).replace(",", "."))
        except ValueError:
            number = -1.0
        if not 0.0 <= number < float("inf"):
            raise InputError(
                Problem(
                    _("not a level of light"), file=str(path), layer="PlageVariation", column="valeur",
                    features=(name,), value=str(value), hint=_("correct it in the source"),
                )
            )  # fmt: skip
    absolute = form == "VA"
    return Step(str(kind), first, last, number if absolute else number / 100.0, absolute)


def _moment(text: object) -> Moment | None:
    plain = str(text).strip().upper()
    sun = _FROM_SUN.match(plain)
    if sun and abs(float(sun[1])) <= LONGEST:
        return SunMoment(_EVENTS[sun[2]], float(sun[1]))
    match = _LOCAL.match(plain)
    hour = int(match[1]) + int(match[2]) / 60.0 if match else 25.0
    return hour if hour <= 24.0 else None

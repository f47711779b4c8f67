"""Lamps of a territory as lighting points of EclExt: the tables, columns and codes of the standard, in a GeoPackage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.columns import flags, numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.geopackage import write_geopackage
from jumeau.i18n import _
from jumeau.networks.lighting.formats.eclext import POINTS
from jumeau.networks.lighting.formats.moments import Moment, SunMoment
from jumeau.networks.lighting.formats.windows import Window, read_profile

#: Codes of the standard for ours; each is read back as what it stands for.
TECHNOLOGY = {
    "LED": "LED", "HPS": "SHP", "MH": "IM", "MERCURY": "VM", "LPS": "SBP", "FLUO": "FLUO", "HALOGEN": "HAL",
}  # fmt: skip
USAGE = {"road": "LANT", "ambience": "BL", "projector": "PROJ", "recessed": "EN", "bollard": "BOR"}
_EVENTS = {"sunset": "CS", "sunrise": "LS", "midnight_point": "MN"}

#: Columns of the standard that are numbers of ours.
_NUMBERS = {
    "temperatureCouleur": "cct", "puissance": "power", "hauteurFeu": "height", "fluxLuminaire": "flux",
    "ulrInstalle": "ulr",
}  # fmt: skip


def write_eclext(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    """Write the lamps as `PointLumineux`, their night profiles as `PlageVariation` and `ProfilContientPlage`.

    What is not known stays empty. Cabinets, masts and streets have no place in the standard.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    path : Path
        GeoPackage to write.

    Raises
    ------
    InputError
        When there is no lamp, or a night profile has no counterpart in the standard.
    """
    lamps = layers.get("lamps")
    if lamps is None or not len(lamps):
        hint = _("build the territory without « --no-synthesis », or give it lamps")
        raise InputError(Problem(_("the territory has no lamp to write"), layer="lamps", hint=hint))
    profiles = texts(lamps, "profile") if "profile" in lamps else np.full(len(lamps), "", dtype=object)
    names = {text: f"PROFIL-{row}" for row, text in enumerate(sorted(set(profiles) - {""}), 1)}
    steps, contents = _tables(names, lamps, profiles)
    values: dict[str, Any] = {
        "idPointLumineux": texts(lamps, "lamp_id"),
        "statut": "functional",
        "eclairagePublic": "true",
        "usage": _codes(lamps, "legal_category", {letter: letter.upper() for letter in "abcdefg"}),
        "typeSource": _codes(lamps, "technology", TECHNOLOGY),
        "structure": _codes(lamps, "usage", USAGE),
    }
    values |= {name: numbers(lamps, own) for name, own in _NUMBERS.items() if own in lamps}
    year = numbers(lamps, "installed_year") if "installed_year" in lamps else np.full(len(lamps), np.nan)
    # The standard asks for a date: of the year alone, its first day is written.
    values["datePremiereInstallation"] = [None if np.isnan(item) else f"{int(item)}-01-01" for item in year]
    values["profilNocturne"] = [names.get(text) for text in profiles]
    managed = flags(lamps, "managed") if "managed" in lamps else np.zeros(len(lamps), dtype=bool)
    values["eclairageAdaptatif"] = ["TG" if item else None for item in managed]
    frames: dict[str, pd.DataFrame] = {
        POINTS: gpd.GeoDataFrame(values, geometry=lamps.geometry.to_numpy(), crs=lamps.crs)
    }
    if len(steps):
        frames |= {"PlageVariation": steps, "ProfilContientPlage": contents}
    return [write_geopackage(path, frames)]


def _codes(frame: gpd.GeoDataFrame, name: str, codes: Mapping[str, str]) -> list[str | None]:
    return [codes.get(text) for text in texts(frame, name)] if name in frame else [None] * len(frame)


def _tables(
    names: Mapping[str, str], lamps: gpd.GeoDataFrame, profiles: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the windows of all profiles, each once, and which profile holds which."""
    plages: dict[tuple[str, ...], str] = {}
    contents: list[dict[str, str]] = []
    problems: list[Problem] = []
    for text, name in names.items():
        try:
            written = [_written(window) for window in read_profile(text, {})]
        except InputError:
            written = [None]
        if None in written:
            message = _("a night profile that EclExt has no place for: {profile}").format(profile=text)
            hint = _("it holds windows of every night that lower the light, by the clock, sunset, sunrise or midnight")
            lost = tuple(texts(lamps, "lamp_id")[profiles == text])
            problems.append(Problem(message, layer="lamps", column="profile", features=lost, hint=hint))
            continue
        for row in written:
            if row is not None:
                plage = plages.setdefault(row, f"PLAGE-{len(plages) + 1}")
                contents.append({"nomProfil": name, "nomPlage": plage})
    if problems:
        raise InputError(*problems)
    columns = ("grandeurVariation", "heureDebut", "heureFin", "formatVariation", "valeur")
    steps = [{"nomPlage": name, **dict(zip(columns, row, strict=True))} for row, name in plages.items()]
    return pd.DataFrame(steps), pd.DataFrame(contents)


def _written(window: Window) -> tuple[str, ...] | None:
    """Return a window as a row of the standard, None where it has no place for it."""
    first, last = _moment(window.start), _moment(window.end)
    if window.relit or not window.nights.every or first is None or last is None:
        return None
    off = window.level == 0.0
    return "EX" if off else "F", first, last, "%", "" if off else f"{100.0 * window.level:.6g}"


def _moment(moment: Moment) -> str | None:
    """Return a moment as the standard writes it: a local clock time, or whole minutes from an event of the night."""
    if isinstance(moment, SunMoment):
        event = _EVENTS.get(moment.event)
        return f"{moment.offset:+.0f}{event}" if event and moment.offset == round(moment.offset) else None
    minutes = round(60.0 * moment)
    return f"{minutes // 60:02d}:{minutes % 60:02d}HL"

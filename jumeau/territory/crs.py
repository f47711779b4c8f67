"""Coordinate reference systems: by their code, in metres."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pyproj

from jumeau.errors import InputError
from jumeau.i18n import _


def parse_crs(text: str) -> pyproj.CRS:
    """Return a CRS by its code.

    Raises
    ------
    ValueError
        When the code is not known.
    """
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        raise ValueError(_("unknown CRS « {text} »: write for instance « EPSG:2154 »").format(text=text)) from None


#: What a territory file says for « the one that is usual there ».
AUTO = "auto"
_NATIONAL = Path(__file__).with_name("national_crs.csv")


@cache
def _national() -> tuple[dict[str, str], ...]:
    with _NATIONAL.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def usual_crs(longitude: float, latitude: float, country: str) -> pyproj.CRS:
    """Return the CRS in metres that is usual at a place: the legal one of the country, else the zone of UTM.

    Parameters
    ----------
    longitude, latitude : float
        [degree].
    country : str
        ISO 3166-1 code: near a border the place alone does not tell it.

    Raises
    ------
    InputError
        Where UTM is not defined, near the poles.
    """
    for row in _national():
        inside = float(row["west"]) <= longitude <= float(row["east"])
        if row["country"] == country.upper() and inside and float(row["south"]) <= latitude <= float(row["north"]):
            return pyproj.CRS.from_user_input(row["crs"])
    if not -80.0 <= latitude <= 84.0:
        raise InputError(
            _("no CRS can be chosen at latitude {latitude}").format(latitude=f"{latitude:.3f}"),
            hint=_("state `crs:`, a projected one in metres"),
        )
    zone = int((longitude + 180.0) % 360.0 // 6.0) + 1
    return pyproj.CRS.from_epsg((32600 if latitude >= 0.0 else 32700) + zone)


def check_metric(crs: pyproj.CRS) -> None:
    """Refuse a CRS in degrees, or in anything but metres.

    Raises
    ------
    InputError
    """
    if not crs.is_projected:
        raise InputError(
            _("the CRS {crs} is in degrees: lengths and areas would be wrong").format(crs=crs.to_string()),
            hint=_("use a projected CRS in metres: EPSG:2154 in mainland France, EPSG:2975 in Réunion, …"),
        )
    if any(axis.unit_name not in ("metre", "meter") for axis in crs.axis_info[:2]):
        raise InputError(_("the CRS {crs} is not in metres").format(crs=crs.to_string()))
    if crs.to_epsg() == 3857:
        raise InputError(
            _("EPSG:3857 stretches lengths (by about 1.4 in France): it is for display only"),
            hint=_("use a projected CRS in metres: EPSG:2154 in mainland France, EPSG:2975 in Réunion, …"),
        )

"""Coordinate reference systems: by their code, in metres."""

from __future__ import annotations

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

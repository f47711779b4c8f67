"""How bright lamps are through an ordinary night, for whoever shows them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError
from jumeau.network import HALF_HOURS
from jumeau.networks.lighting.formats.windows import Window, read_profile
from jumeau.networks.lighting.physics.profiles import MINUTES, inside, minute_levels

Floats = NDArray[np.float64]


def hours(layer: str, features: gpd.GeoDataFrame) -> Floats | None:
    """Return the flux of lamps over their full flux, by half-hour of local time; None for other layers.

    Windows that depend on the date or on the sun are left out, and so are profiles whose name only the scenario knows;
    a motion sensor is shown while nobody passes.

    Parameters
    ----------
    layer : str
    features : GeoDataFrame, shape (n,)
        As a run gives them, measures applied.

    Returns
    -------
    ndarray, shape (n, 48)
    """
    if layer != "lamps":
        return None
    profiles = _texts(features)
    levels = {profile: _halves(minute_levels(_plain(profile))) for profile in set(profiles)}
    found = np.array([levels[profile] for profile in profiles]).reshape(-1, HALF_HOURS)
    if "motion" in features:
        watched = np.flatnonzero(features["motion"].fillna(value=False).astype(bool).to_numpy())
        for row in watched.tolist():
            start, end, idle = (float(features[name].iat[row]) for name in ("motion_from", "motion_to", "motion_idle"))
            low = _halves(np.where(inside(start, end), idle, 1.0)) if start != end else np.full(HALF_HOURS, idle)
            found[row] = np.minimum(found[row], low)
    return found


def _texts(features: gpd.GeoDataFrame) -> list[str]:
    if "profile" not in features:
        return [""] * len(features)
    return [str(text) for text in features["profile"].fillna("").tolist()]


def _plain(profile: str) -> list[Window]:
    """Return the windows that are the same every night."""
    found: list[Window] = []
    for part in (item for item in profile.split(" + ") if item):
        try:
            found += [window for window in read_profile(part, {}) if window.daily]
        except InputError:
            continue  # a name of the scenario's assumptions
    return found


def _halves(per_minute: Floats) -> Floats:
    return np.asarray(per_minute.reshape(HALF_HOURS, MINUTES // HALF_HOURS).mean(axis=1))

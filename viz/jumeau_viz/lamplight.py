"""How lamps light the ground: flux, colour, and their course through the night, by scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.network import HALF_HOURS, Hours
from jumeau_viz.appearance import Appearance
from jumeau_viz.defaults import drawing_default
from jumeau_viz.frame import Floats

Colours = NDArray[np.uint8]


@dataclass(frozen=True)
class Lamplight:
    """What lamps give.

    Attributes
    ----------
    flux : ndarray, shape (scenarios, n)
        Luminous flux [lm]; zero where the lamp is absent.
    temperature : ndarray, shape (scenarios, n)
        Colour temperature [K].
    courses : ndarray, shape (courses, 48)
        Flux over full flux by half-hour of local time.
    course : ndarray of int, shape (scenarios, n)
        Which course each lamp follows.
    """

    flux: Floats
    temperature: Floats
    courses: Floats
    course: NDArray[np.intp]

    @classmethod
    def read(cls, scenarios: Sequence[gpd.GeoDataFrame], appearance: Appearance, hours: Hours | None) -> Lamplight:
        """Return the light of a layer.

        Parameters
        ----------
        scenarios : sequence of GeoDataFrame, each of shape (n,)
            The assets, in one order; the rows of absent ones are missing values.
        appearance : Appearance
            With the columns of `light`.
        hours : Hours, optional
            How the network's features vary through a day.
        """
        columns = appearance.light
        if columns is None:
            raise ValueError(f"layer {appearance.layer} gives no light")
        flux = np.array([_column(layer, columns.flux, "lamp_flux") for layer in scenarios])
        absent = np.array([layer.geometry.isna().to_numpy() for layer in scenarios])
        shares = [_hourly(layer, appearance.layer, hours) for layer in scenarios]
        courses, course = np.unique(np.concatenate(shares), axis=0, return_inverse=True)
        return cls(
            np.where(absent, 0.0, flux),
            np.array([_column(layer, columns.temperature, "lamp_temperature") for layer in scenarios]),
            courses,
            course.reshape(flux.shape),
        )

    def of(self, rows: Sequence[int]) -> Lamplight:
        """Return the light of some scenarios."""
        kept = list(rows)
        return Lamplight(self.flux[kept], self.temperature[kept], self.courses, self.course[kept])


def light_colour(temperature: Floats) -> Colours:
    """Return the colours of light of given temperatures [K], shape (n, 3), as sRGB.

    Planck's spectrum through three narrow bands (Wien's form), white at 5000 K; close enough to tell sodium from LED.
    """
    bands = np.array([610e-9, 549e-9, 468e-9])  # metres: red, green, blue
    second = 1.438776877e-2  # second radiation constant [m K], CODATA 2018
    kelvins = np.clip(np.asarray(temperature, dtype=np.float64), 1000.0, 12_000.0)[:, None]
    spectrum = np.exp(-second / bands * (1 / kelvins - 1 / 5000.0))
    linear = spectrum / spectrum.max(axis=1, keepdims=True)
    return np.asarray(np.round(255 * linear ** (1 / 2.2)), dtype=np.uint8)


def _column(layer: gpd.GeoDataFrame, name: str, default: str) -> Floats:
    if name not in layer:
        return np.full(len(layer), drawing_default(default))
    values = pd.to_numeric(layer[name], errors="coerce").to_numpy(dtype=np.float64)
    return np.asarray(np.where(values > 0, values, drawing_default(default)))


def _hourly(layer: gpd.GeoDataFrame, name: str, hours: Hours | None) -> Floats:
    found = hours(name, layer) if hours is not None else None
    return np.ones((len(layer), HALF_HOURS)) if found is None else found

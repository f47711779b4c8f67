"""LED luminaires that one can buy: flux packages, and the power that each needs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumeau.factors import FactorTable

Floats = NDArray[np.float64]

FILE = Path(__file__).with_name("luminaires.csv")
#: Colour temperatures of which the efficacy is known [K].
COLOURS = (1800.0, 2200.0, 2700.0, 3000.0, 4000.0)


@dataclass(frozen=True)
class Luminaires:
    """A range of products, by increasing flux.

    Attributes
    ----------
    flux : ndarray, shape (k,)
        That leaves the luminaire [lm].
    efficacy : ndarray, shape (k,)
        Flux per watt at 3000 K [lm/W].
    """

    flux: Floats
    efficacy: Floats

    @classmethod
    def of(cls, efficacy: float) -> Luminaires:
        """Return the shipped range, whose middle has an efficacy [lm/W]."""
        flux, relative = _shipped()
        return cls(flux, efficacy * relative)


@cache
def _shipped() -> tuple[Floats, Floats]:
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return (
        np.array([float(row["flux"]) for row in rows]),
        np.array([float(row["relative"]) for row in rows]),
    )


def colour_share(cct: Floats, factors: FactorTable) -> Floats:
    """Return the efficacy of colour temperatures [K] over that of 3000 K, same shape; linear in between."""
    return np.asarray(np.interp(cct, COLOURS, [factors.value(f"led_cct_{colour:.0f}") for colour in COLOURS]))

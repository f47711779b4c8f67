"""Energy and emissions of vehicles by their mean speed on a link: fuel, electricity, NOx and particles.

A mean speed holds the stops and the waiting that made it: nothing is added for idling.

References
----------
EMEP/EEA air pollutant emission inventory guidebook 2019, 1.A.3.b.i-iv, Tier 3, Appendix 4 (COPERT 5): hot emissions,
flat road. `emission_coefficients.csv` holds the rows used, `vehicles.csv` the shares of the French fleet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FOLDER = Path(__file__).parent

#: What a kilometre asks for or leaves: litres, litres, kilowatt-hours, kilograms, kilograms.
QUANTITIES = ("petrol", "diesel", "electricity", "nox", "particles")

#: Speeds at which rates are tabulated [km/h]; below the slowest speed of a curve, that speed counts.
SPEEDS: Floats = np.arange(1.0, 131.0)

KINDS = ("car", "van", "truck", "bus")

#: Pollutants, by their names in `emission_coefficients.csv`.
_POLLUTANTS = {"nox": "nox", "pm": "particles"}

_MEGAJOULES = 3.6  # a kilowatt-hour
_GRAMS = 1000.0  # a kilogram


def curve(speed: Floats, row: Mapping[str, float]) -> Floats:
    """Return the rate of one row at speeds [MJ/km or g/km], shape of `speed`.

    Parameters
    ----------
    speed : ndarray
        [km/h]; held within the row's bounds.
    row : mapping
        `slowest`, `fastest`, `alpha`, `beta`, `gamma`, `delta`, `epsilon`, `zeta`, `eta`, `reduction` (a share).
    """
    v = np.clip(speed, row["slowest"], row["fastest"])
    above = row["alpha"] * v**2 + row["beta"] * v + row["gamma"] + row["delta"] / v
    below = row["epsilon"] * v**2 + row["zeta"] * v + row["eta"]
    return np.asarray(above / below * (1.0 - row["reduction"]))


@cache
def vehicles() -> pd.DataFrame:
    """Return the vehicles of the fleet: `kind`, `carrier`, `share` within the kind, summing to 1; by name."""
    table = pd.read_csv(FOLDER / "vehicles.csv", index_col="vehicle")
    return table.assign(share=table["share"] / table.groupby("kind")["share"].transform("sum"))


@cache
def _curves() -> dict[tuple[str, str], Floats]:
    """Return the rates at `SPEEDS` by vehicle and quantity."""
    table = pd.read_csv(FOLDER / "emission_coefficients.csv")
    found = {}
    for row in table.to_dict("records"):
        numbers = {str(name): value for name, value in row.items() if isinstance(value, int | float)}
        found[str(row["vehicle"]), str(row["quantity"])] = curve(SPEEDS, numbers)
    return found


@dataclass(frozen=True)
class Rates:
    """What a kilometre takes by speed.

    Attributes
    ----------
    table : ndarray, shape (kinds, quantities, speeds)
        See `KINDS`, `QUANTITIES` and `SPEEDS`.
    """

    table: Floats

    def at(self, kind: str, speed: Floats) -> Floats:
        """Return the rates of a kind of vehicle at speeds [km/h], shape (quantities, *speed.shape)."""
        return np.asarray(self.of((kind,), speed)[0])

    def of(self, kinds: Sequence[str], speed: Floats) -> Floats:
        """Return the rates of kinds of vehicles at speeds [km/h], shape (kinds, quantities, *speed.shape).

        They are linear between the speeds of the table; the place among these is sought once for all rates.
        """
        rows = self.table[[KINDS.index(kind) for kind in kinds]]
        known = np.clip(speed, SPEEDS[0], SPEEDS[-1])
        # The table has one row of speed per km/h.
        place = np.minimum((known - SPEEDS[0]).astype(np.int64), len(SPEEDS) - 2)
        part = known - SPEEDS[place]
        below = rows[..., place]
        return np.asarray(below + part * (rows[..., place + 1] - below))


def rates(values: Mapping[str, float], electric: float | None = None) -> Rates:
    """Return the rates of the fleet.

    Parameters
    ----------
    values : mapping of str to float
        Factors `petrol_energy` and `diesel_energy` [MJ/l], `electric_ratio` (consumption of an electric car over that
        of a plug-in one in electric mode), `energy_scale` (error of the curves, 1 at the centre).
    electric : float, optional
        Share of cars that are electric, instead of the fleet's: the others keep their proportions.
    """
    found = np.zeros((len(KINDS), len(QUANTITIES), len(SPEEDS)))
    fleet, curves = vehicles(), _curves()
    for kind, members in fleet.groupby("kind"):
        place = KINDS.index(str(kind))
        shares = {str(name): float(share) for name, share in members["share"].items()}
        carriers = {str(name): str(carrier) for name, carrier in members["carrier"].items()}
        if electric is not None and kind == "car":
            shares = _electrified(shares, electric)
        for name, share in shares.items():
            plugged = name.startswith("electric")
            carrier = "electricity" if plugged else carriers[name]
            megajoules = curves[name, "energy"] * values["energy_scale"]
            if plugged:
                megajoules = megajoules * values["electric_ratio"]
            unit = _MEGAJOULES if carrier == "electricity" else values[f"{carrier}_energy"]
            found[place, QUANTITIES.index(carrier)] += share * megajoules / unit
            for pollutant, quantity in _POLLUTANTS.items():
                if (name, pollutant) in curves:
                    found[place, QUANTITIES.index(quantity)] += share * curves[name, pollutant] / _GRAMS
    return Rates(found)


def _electrified(shares: Mapping[str, float], wanted: float) -> dict[str, float]:
    """Return the shares with so much of electric vehicles."""
    known = sum(share for name, share in shares.items() if name.startswith("electric"))
    rest = (1.0 - wanted) / (1.0 - known)
    found = {name: share * rest for name, share in shares.items() if not name.startswith("electric")}
    return found | {"electric_medium": wanted}


def energy_of(carriers: Floats, values: Mapping[str, float]) -> Floats:
    """Return the energy of petrol, diesel and electricity [kWh], from shape (3, ...)."""
    fuels = carriers[0] * values["petrol_energy"] + carriers[1] * values["diesel_energy"]
    return np.asarray(fuels / _MEGAJOULES + carriers[2])

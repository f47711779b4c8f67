"""The tables of the package: factors, spreading factors, models of path loss, isolation, kinds of devices."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem, nearest
from jumeau.factors import FactorTable
from jumeau.i18n import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FOLDER = Path(__file__).parent
FACTORS = FactorTable.read(FOLDER / "factors.csv")

#: Spreading factors of LoRa, from the fastest to the one that reaches farthest.
SPREADING = (7, 8, 9, 10, 11, 12)

#: Where a device stands, and the factor that says what is lost on the way in; none in the open.
SETTINGS: Mapping[str, str] = {"outdoor": "", "indoor": "indoor_loss", "pit": "pit_loss"}


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the package."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def spreading_column(column: str) -> Floats:
    """Return a column of `spreading.csv` by spreading factor, shape (6,): SNR [dB] or sensitivities [dBm]."""
    return np.array([float(row[column]) for row in rows("spreading.csv")])


@dataclass(frozen=True)
class DeviceModel:
    """A kind of device as radio sees it.

    Attributes
    ----------
    name : str
        Kind of the bill, such as `fill_sensor`.
    setting : str
        One of `SETTINGS`.
    payload : int
        Of the application [byte].
    """

    name: str
    setting: str
    payload: int


@cache
def device_models() -> dict[str, DeviceModel]:
    """Return the kinds of devices that speak by radio, by name (`devices.csv`)."""
    return {
        row["device"]: DeviceModel(row["device"], row["setting"], int(row["payload"])) for row in rows("devices.csv")
    }


def known(name: str, names: Sequence[str], message: str) -> str:
    """Return a name that is one of those known.

    Raises
    ------
    InputError
        With the nearest one where there is one.
    """
    if name in names:
        return name
    near = nearest(name, list(names))
    hint = (_("did you mean « {near} »?").format(near=near) + " ") if near else ""
    raise InputError(Problem(message, value=name, hint=hint + _("known are: {names}").format(names=", ".join(names))))


def entry_loss(setting: str, factors: FactorTable = FACTORS) -> float:
    """Return what a setting (outdoor, indoor, pit) costs on the way in [dB].

    Raises
    ------
    InputError
        On a setting that is none.
    """
    factor = SETTINGS[known(setting, list(SETTINGS), _("unknown setting of a device"))]
    return factors.value(factor) if factor else 0.0

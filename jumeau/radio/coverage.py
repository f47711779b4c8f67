"""Which site hears which device: the median loss of each link, and the chance that it closes, as sparse matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.radio.diffraction import terrain_loss
from jumeau.radio.link import closing, largest_loss
from jumeau.radio.path_loss import LossModel, reach
from jumeau.radio.places import Devices, Sites
from jumeau.radio.relief import Relief
from jumeau.radio.tables import FACTORS

Floats = NDArray[np.float64]

LORAWAN, NBIOT = "lorawan", "nbiot"
TECHNOLOGIES = (LORAWAN, NBIOT)

#: Links with a smaller chance to close are left out of the matrices.
LEAST_CHANCE = 0.005


@dataclass(frozen=True)
class Links:
    """The links between devices and sites.

    Attributes
    ----------
    loss : csr_matrix, shape (devices, sites)
        Median loss, entry into buildings or pits and relief included [dB]; links of hardly any chance are absent.
    largest : float
        Loss that a link bears at most [dB].
    scatter : float
        Standard deviation of the shadowing [dB].
    """

    loss: sparse.csr_matrix
    largest: float
    scatter: float

    def chance(self) -> sparse.csr_matrix:
        """Return the chance that each link closes, over the shadowing, shape (devices, sites)."""
        found = self.loss.copy()
        found.data = closing(self.loss.data, self.largest, self.scatter)
        return found

    def of(self, sites: NDArray[np.generic]) -> Links:
        """Return the links towards some sites."""
        return Links(self.loss[:, sites].tocsr(), self.largest, self.scatter)


def bearable(technology: str, spreading: int = 12, factors: FactorTable = FACTORS) -> float:
    """Return the loss that a link bears at most [dB]: by spreading factor for LoRaWAN, the coupling loss for NB-IoT."""
    if technology == NBIOT:
        return factors.value("nbiot_coupling_loss") + factors.value("gateway_gain")
    return float(largest_loss(spreading, factors))


def find_links(
    devices: Devices,
    sites: Sites,
    model: LossModel,
    largest: float,
    relief: Relief | None = None,
    factors: FactorTable = FACTORS,
) -> Links:
    """Return the links between devices and sites.

    Parameters
    ----------
    devices : Devices, n
    sites : Sites, m
    model : LossModel
    largest : float
        Loss that a link bears [dB]; see `bearable`.
    relief : Relief, optional
        Hills in between take away by diffraction.
    factors : FactorTable

    Raises
    ------
    InputError
        When there is no site, or one stands outside the relief.
    """
    check_sites(sites, relief)
    frequency, low = factors.value("frequency"), factors.value("device_height")
    entry = devices.entry(factors)
    tree = cKDTree(devices.xy)
    rows, columns, losses = [], [], []
    for column in range(len(sites)):
        height = float(sites.height[column])
        far = min(reach(model, largest - float(entry.min()), LEAST_CHANCE, height, frequency), model.farthest * 1000.0)
        near = np.array(sorted(tree.query_ball_point(sites.xy[column], far)), dtype=np.int64)
        distance = np.hypot(*(devices.xy[near] - sites.xy[column]).T)
        loss = model.median(distance, height, frequency, low) + entry[near]
        kept = closing(loss, largest, model.scatter) >= LEAST_CHANCE
        near, loss = near[kept], loss[kept]
        if relief is not None and len(near):
            ends = np.broadcast_to(sites.xy[column], (len(near), 2))
            loss = loss + terrain_loss(relief, ends, height, devices.xy[near], low, frequency)
        rows.append(near)
        columns.append(np.full(len(near), column))
        losses.append(loss)
    matrix = sparse.csr_matrix(
        (np.concatenate(losses), (np.concatenate(rows), np.concatenate(columns))), shape=(len(devices), len(sites))
    )
    return Links(matrix, largest, model.scatter)


def check_sites(sites: Sites, relief: Relief | None) -> None:
    """Refuse to go on without a site, or with one outside the relief.

    Raises
    ------
    InputError
    """
    if not len(sites):
        hint = _("give a file of sites, or a territory whose buildings have heights")
        raise InputError(Problem(_("no candidate site"), hint=hint))
    if relief is None:
        return
    outside = ~relief.holds(sites.xy)
    if outside.any():
        message = _("sites stand outside the relief of the territory")
        hint = _("leave them out of the file, or extend the relief")
        raise InputError(Problem(message, layer="relief", features=tuple(sites.ids[outside]), hint=hint))

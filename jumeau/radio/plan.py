"""What a set of gateways gives: one delivery probability per device, and what each gateway carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.factors import FactorTable
from jumeau.radio.airtime import message_airtime
from jumeau.radio.battery import battery_life
from jumeau.radio.collisions import aloha
from jumeau.radio.coverage import LORAWAN, Links
from jumeau.radio.link import closing, diversity, largest_loss, settled_spreading
from jumeau.radio.places import Devices
from jumeau.radio.tables import FACTORS, SPREADING

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 86_400.0


@dataclass(frozen=True)
class Loads:
    """What gateways carry, arrays of shape (gateways,) unless said.

    Attributes
    ----------
    messages : ndarray
        Heard [message/day].
    load : ndarray, shape (gateways, 6)
        G by spreading factor, of a channel [erlang].
    lost : ndarray
        Share of the messages heard that are lost in collisions.
    acknowledgements : ndarray
        Most confirmed messages an hour that the duty cycle of the downlink lets it answer.
    """

    messages: Floats
    load: Floats
    lost: Floats
    acknowledgements: Floats


@dataclass(frozen=True)
class RadioPlan:
    """What a set of gateways gives to devices, arrays of shape (devices,).

    Attributes
    ----------
    reach : ndarray
        Chance that at least one gateway is in reach, over the shadowing: what a device's place decides for good.
    success : ndarray
        Share of a reached device's messages that arrive: the rest is lost in collisions.
    gateways : ndarray of int
        Gateways that hear it with a chance of at least 90 %.
    best : ndarray of int
        Gateway of the smallest loss; -1 where none is in sight.
    loss : ndarray
        Median loss towards it [dB]; infinite where none is in sight.
    spreading : ndarray of int
        On which adaptive data rate settles at the median loss.
    battery : ndarray
        Life of a battery at that spreading factor [year].
    loads : Loads
    """

    reach: Floats
    success: Floats
    gateways: Ints
    best: Ints
    loss: Floats
    spreading: Ints
    battery: Floats
    loads: Loads

    @property
    def delivery(self) -> Floats:
        """Return the chance that a message of each device arrives, whatever its place turns out to be."""
        return self.reach * self.success


def radio_plan(
    devices: Devices,
    links: Links,
    technology: str = LORAWAN,
    most: int = 12,
    factors: FactorTable = FACTORS,
    seen: float = 0.9,
) -> RadioPlan:
    """Return what the gateways of some links give.

    Parameters
    ----------
    devices : Devices, n
    links : Links
        Towards the gateways alone.
    technology : str
        `lorawan` or `nbiot`: the latter's network allots its channel, so that nothing collides.
    most : int
        Slowest spreading factor allowed.
    factors : FactorTable
    seen : float
        Chance from which a gateway counts as hearing a device.

    Notes
    -----
    Adaptive data rate follows what a device's place turns out to be: its spreading factor is spread over the shadowing,
    and so is its time on air. A device whose place is beyond the slowest spreading factor is never heard.
    """
    loss = links.loss
    count, gateways = loss.shape
    rows = np.repeat(np.arange(count), np.diff(loss.indptr))
    best, nearest = _best(loss, count)
    shares = _shares(nearest, links.scatter, most, factors)
    times = message_airtime(devices.payload[:, None], np.array(SPREADING)[None, :], factors.value("bandwidth"))
    sent = devices.messages * devices.number
    erlang = sent[:, None] / DAY * times * shares / factors.value("channels")
    load = np.zeros((gateways, len(SPREADING)))
    messages = np.zeros(gateways)
    for place, spreading in enumerate(SPREADING):
        heard = closing(loss.data, _bears(links, technology, spreading, factors), links.scatter)
        load[:, place] = np.bincount(loss.indices, heard * erlang[rows, place], minlength=gateways)
        messages += np.bincount(loss.indices, heard * (sent[:, None] * shares)[rows, place], minlength=gateways)
    survives = aloha(load) if technology == LORAWAN else np.ones_like(load)
    weight = (shares[rows] * survives[loss.indices]).sum(axis=1)
    margin = links.largest - loss.data
    correlation = factors.value("shadowing_correlation")
    reach = diversity(rows, margin, np.ones(len(rows)), count, links.scatter, correlation)
    chance = closing(loss.data, links.largest, links.scatter)
    heard_by, clean = np.bincount(rows, chance, minlength=count), np.bincount(rows, chance * weight, minlength=count)
    settled = settled_spreading(nearest, factors.value("installation_margin"), most, factors)
    carried = np.bincount(loss.indices, chance * sent[rows], minlength=gateways)
    lost = np.bincount(loss.indices, chance * sent[rows] * (1.0 - weight), minlength=gateways)
    slowest = float(message_airtime(0, most, factors.value("bandwidth")))
    answers = 3600.0 * factors.value("downlink_duty_cycle") / slowest
    return RadioPlan(
        reach=reach,
        success=np.divide(clean, heard_by, out=np.zeros(count), where=heard_by > 0.0),
        gateways=np.bincount(rows, chance >= seen, minlength=count).astype(np.int64),
        best=best,
        loss=nearest,
        spreading=settled,
        battery=battery_life(devices.messages, settled, devices.payload, factors, capped=True),
        loads=Loads(
            messages,
            load,
            np.divide(lost, carried, out=np.zeros(gateways), where=carried > 0.0),
            np.full(gateways, answers),
        ),
    )


def _bears(links: Links, technology: str, spreading: int, factors: FactorTable) -> float:
    return float(largest_loss(spreading, factors)) if technology == LORAWAN else links.largest


def _best(loss: object, count: int) -> tuple[Ints, Floats]:
    """Return the column of the smallest loss of each row, and that loss."""
    from scipy import sparse

    matrix = sparse.csr_matrix(loss)
    best, least = np.full(count, -1, dtype=np.int64), np.full(count, np.inf)
    order = np.lexsort((matrix.data, np.repeat(np.arange(count), np.diff(matrix.indptr))))
    some = np.flatnonzero(np.diff(matrix.indptr) > 0)
    first = order[matrix.indptr[some]]
    best[some], least[some] = matrix.indices[first], matrix.data[first]
    return best, least


def _shares(loss: Floats, scatter: float, most: int, factors: FactorTable) -> Floats:
    """Return the share of its possible places at which a device uses each spreading factor, shape (devices, 6)."""
    margin = factors.value("installation_margin")
    upto = np.ones((len(loss), len(SPREADING)))
    for place, spreading in enumerate(SPREADING):
        if spreading < most:
            upto[:, place] = closing(loss + margin, float(largest_loss(spreading, factors)), scatter)
    return np.diff(upto, axis=1, prepend=0.0)

"""Whether what a device says by radio arrives: decided by its place for good, and by collisions message by message.

A network finds the delivery of its devices in `World.delivery`, by kind of device; where a scenario says nothing of
radio there is none, and every message arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from jumeau.simulation.board import Board

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Topic by which a radio network tells the mean share of messages that arrive, by `network.kind` of device.
SERVICE = "radio_service"

#: Of streams: the family of draws, and what they decide.
FAMILY, PLACE, MESSAGE = "radio", "place", "message"


@dataclass(frozen=True)
class Delivery:
    """The radio links of one kind of device, over the epochs between which gateways come and go.

    Attributes
    ----------
    assets : ndarray of str, shape (n,)
        That carry the devices.
    xy : ndarray, shape (n, 2)
        [m].
    period : float
        Between two messages of a device [s].
    times : ndarray, shape (k,)
        From which each epoch holds [s]; the first is minus infinity.
    reach : ndarray, shape (k, n)
        Chance that a gateway is in reach of the device's place.
    success : ndarray, shape (k, n)
        Share of the messages of a device in reach that arrive.
    battery : ndarray, shape (n,), optional
        Life of a battery at the spreading factor of the first epoch [year]; no number where it is not known.
    """

    assets: NDArray[np.object_]
    xy: Floats
    period: float
    times: Floats
    reach: Floats
    success: Floats
    battery: Floats | None = None

    def digest(self) -> bytes:
        """Return a SHA-256 of all of it."""
        found = sha256(repr((self.assets.tolist(), self.period)).encode())
        battery = () if self.battery is None else (self.battery,)
        for array in (self.xy, self.times, self.reach, self.success, *battery):
            found.update(np.ascontiguousarray(array).tobytes())
        return found.digest()

    def battery_of(self, names: NDArray[np.object_]) -> Floats:
        """Return the life of the batteries on some assets [year]; no number where nothing is known of it."""
        if self.battery is None:
            return np.full(len(names), np.nan)
        life = dict(zip(map(str, self.assets), self.battery.tolist(), strict=True))
        return np.array([life.get(str(name), np.nan) for name in names], dtype=np.float64)

    def of(self, names: NDArray[np.object_]) -> Channel:
        """Return the links of the rows of a layer, by their ids; rows without such a device lose nothing."""
        place = {str(name): row for row, name in enumerate(self.assets)}
        rows = np.array([place.get(str(name), -1) for name in names], dtype=np.int64)
        return self._rows(rows)

    def nearest(self, xy: Floats) -> Channel:
        """Return the links of the devices nearest to some places, shape (m, 2) [m]."""
        if not len(self.assets):
            return self._rows(np.full(len(xy), -1, dtype=np.int64))
        return self._rows(np.asarray(cKDTree(self.xy).query(xy)[1], dtype=np.int64))

    def _rows(self, rows: NDArray[np.int64]) -> Channel:
        def taken(values: Floats) -> Floats:
            whole = np.concatenate([values, np.ones((len(values), 1))], axis=1)
            return np.asarray(whole[:, rows], dtype=np.float64)

        return Channel(self.period, self.times, taken(self.reach), taken(self.success))


@dataclass(frozen=True)
class Channel:
    """The links of the rows of a layer, arrays of shape (epochs, rows); see `Delivery`."""

    period: float
    times: Floats
    reach: Floats
    success: Floats

    def epoch(self, time: float | Floats) -> NDArray[np.int64]:
        """Return which epoch an instant [s] lies in."""
        return np.asarray(np.searchsorted(self.times, time, side="right") - 1, dtype=np.int64)

    def announce(self, board: Board, key: str) -> None:
        """Write on the board what share of messages arrives, and when it changes."""
        mean = (self.reach * self.success).mean(axis=1) if self.reach.shape[1] else np.ones(len(self.times))
        board.schedule(SERVICE, key, self.times.tolist(), mean.tolist())

    def share(self, time: float, place: Floats) -> Floats:
        """Return the share of each row's messages that arrive at an instant: none where its place is out of reach.

        Parameters
        ----------
        time : float
            [s].
        place : ndarray, shape (rows,)
            Uniform draws: whether the place of a device turns out to be in reach.
        """
        now = int(self.epoch(time))
        return np.where(place < self.reach[now], self.success[now], 0.0)

    def wait(self, rows: NDArray[np.int64], time: Floats, place: Floats, message: Floats) -> Floats:
        """Return how long after an alarm is sent it arrives [s]; infinite where it never does, shape (k,).

        A lost message costs a period, since the next one repeats it. A device out of reach waits for the epoch in which
        it is heard again.

        Parameters
        ----------
        rows : ndarray of int, shape (k,)
            Of the devices that send.
        time : ndarray, shape (k,)
            At which the alarm is first sent [s].
        place : ndarray, shape (k,)
            Uniform draws of the devices' places, the same at each message.
        message : ndarray, shape (k,)
            Uniform draws: how many messages are lost in a row.

        Notes
        -----
        With a share p of messages that arrive, the number lost is geometric: on average (1 - p) / p, and the time from
        the alarm's period to its arrival is period / p.
        """
        first = self.epoch(time)
        found = np.full(len(rows), np.inf)
        for number in range(len(self.times)):
            reach, success = self.reach[number, rows], self.success[number, rows]
            heard = (place < reach) & (success > 0.0) & (number >= first) & np.isinf(found)
            if not heard.any():
                continue
            missed = np.zeros(len(rows))
            partly = heard & (success < 1.0)
            missed[partly] = np.floor(np.log(message[partly]) / np.log1p(-success[partly]))
            begins = np.maximum(self.times[number], time)
            found = np.where(heard, begins - time + missed * self.period, found)
        return found

"""The drivers of a day who look for a space: all that chance decides about them is drawn before the day begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.parking_demand import median_dwell
from jumeau.networks.mobility.physics.parking_supply import Blocks
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Draws that a driver uses up while looking for a space; then they come round again.
STEPS = 24


@dataclass(frozen=True)
class Drivers:
    """Drivers of a day, by time of arrival; shapes (k,).

    Attributes
    ----------
    time : ndarray
        Since the day's midnight [s].
    block : ndarray of int
        Block of the destination.
    dwell : ndarray
        Time parked before prices change it [s].
    follows, pays, caught : ndarray
        Uniform draws: who follows the guidance, pays, is controlled.
    turns : ndarray, shape (k, STEPS)
        Uniform draws for the choices made while searching.
    """

    time: Floats
    block: Ints
    dwell: Floats
    follows: Floats
    pays: Floats
    caught: Floats
    turns: Floats

    def __len__(self) -> int:
        """Return the number of drivers."""
        return len(self.time)


def drivers_of(blocks: Blocks, scale: float, values: Mapping[str, float], rng: np.random.Generator) -> Drivers:
    """Return the drivers of a day.

    As many are drawn as any situation may ask for, and each comes where its own situation sends that many: situations
    that ask for the same meet the same drivers.

    Parameters
    ----------
    blocks : Blocks
    scale : float
        Traffic of the day over that of a mean day.
    values : mapping of str to float
    rng : Generator
    """
    kinds, count, hours = blocks.most.shape
    number = rng.poisson(blocks.most * scale)
    total = int(number.sum())
    kind, block, hour = (
        np.repeat(item.ravel(), number.ravel())
        for item in np.meshgrid(np.arange(kinds), np.arange(count), np.arange(hours), indexing="ij")
    )
    draws = rng.random((total, 5 + STEPS))
    normal = rng.standard_normal(total)
    share = np.divide(blocks.arriving, blocks.most, out=np.zeros_like(blocks.most), where=blocks.most > 0.0)
    comes = draws[:, 0] < share[kind, block, hour]
    time = (hour + draws[:, 1]) * HOUR
    dwell = median_dwell(values)[kind] * np.exp(values["dwell_spread"] * normal) * HOUR
    order = np.argsort(time, kind="stable")
    order = order[comes[order]]
    return Drivers(
        time[order],
        block[order].astype(np.int64),
        np.clip(dwell, 60.0, 24 * HOUR)[order],
        draws[order, 2],
        draws[order, 3],
        draws[order, 4],
        draws[order, 5:],
    )

"""Random streams keyed by what they are for.

Before and after must meet the same world, so a draw depends on `(seed, replication, network, family, purpose)` and
on nothing else: neither on the order in which streams are asked for, nor on what else is simulated.
`numpy.random.SeedSequence(seed, spawn_key=…)` gives independent streams for distinct keys; `SeedSequence.spawn`
would not do, because it counts its calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy import special


@cache
def stable_hash(text: str) -> int:
    """Return a 64-bit integer that depends on the text only, on every machine and in every run."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def poisson_numbers(levels: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return Poisson numbers by inversion: one uniform draw each, so that a larger mean never gives a smaller number.

    Parameters
    ----------
    levels : ndarray, shape (n,)
        Uniform draws, in 0..1.
    expected : ndarray, shape (n,)
        Means; nothing comes of a mean of zero.

    Notes
    -----
    What `scipy.stats.poisson.ppf` returns, without the second that it takes to load in each process.
    """
    mean = np.maximum(expected, np.finfo(np.float64).tiny)
    above = np.ceil(special.pdtrik(levels, mean))
    below = np.maximum(above - 1.0, 0.0)
    return np.asarray(np.where(special.pdtr(below, mean) >= levels, below, above), dtype=np.int64)


@dataclass(frozen=True)
class Streams:
    """The random streams of one replication of one network.

    Parameters
    ----------
    seed : int
        The scenario's seed.
    replication : int
        Replication number, 0-based. The same number in two variants means the same world.
    network : str
        Name of the network; no network can disturb another one's draws.
    """

    seed: int
    replication: int
    network: str

    def generator(self, family: str, purpose: str, index: int = 0) -> np.random.Generator:
        """Return a fresh generator, always at the start of the stream of that key.

        Parameters
        ----------
        family : str
            What the draws belong to, for instance `lamp`.
        purpose : str
            What they decide, for instance `failure`.
        index : int
            A further key, for instance a day number or the rank of a failure.
        """
        key = (self.replication, stable_hash(self.network), stable_hash(family), stable_hash(purpose), index)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))

    def column(self, family: str, purpose: str, size: int, index: int = 0) -> NDArray[np.float64]:
        """Return one uniform draw in (0, 1) per asset, shape (size,).

        The whole column is drawn at once, so that no decision about one asset can shift another one's draw.
        """
        draws = self.generator(family, purpose, index).random(size)
        return np.clip(draws, np.finfo(np.float64).tiny, None)

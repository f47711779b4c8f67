"""Keyed streams: a draw depends on its key only."""

import numpy as np
from scipy import stats

from jumeau.randomness import Streams, poisson_numbers, stable_hash


def test_order_of_calls_does_not_matter():
    streams = Streams(7, 3, "lighting")
    first = streams.column("lamp", "failure", 5)
    streams.generator("lamp", "detection").random(1000)
    assert np.array_equal(streams.column("lamp", "failure", 5), first)


def test_every_part_of_the_key_counts():
    def draw(seed=1, replication=0, network="a", family="f", purpose="p", index=0):
        return Streams(seed, replication, network).column(family, purpose, 4, index)

    base = draw()
    for other in (
        draw(seed=2),
        draw(replication=1),
        draw(network="b"),
        draw(family="g"),
        draw(purpose="q"),
        draw(index=1),
    ):
        assert not np.array_equal(base, other)


def test_hash_is_the_same_on_every_machine():
    # BLAKE2b of the text, 8 bytes, little endian: computed with the b2sum tool.
    assert stable_hash("") == int.from_bytes(bytes.fromhex("e4a6a0577479b2b4"), "little")


def test_streams_are_independent_and_uniform():
    columns = np.concatenate([Streams(1, r, "lighting").column("lamp", "failure", 500) for r in range(20)])
    assert stats.kstest(columns, "uniform").pvalue > 0.001
    first, second = (Streams(1, 0, "lighting").column("lamp", p, 5000) for p in ("failure", "detection"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def test_poisson_numbers_are_those_of_scipy():
    rng = np.random.default_rng(3)
    levels = np.concatenate([rng.random(20_000), [1e-300, 1.0 - 1e-16, 0.5, 0.999999]])
    expected = np.concatenate([10.0 ** rng.uniform(-8.0, 3.5, 20_000), [0.0, 1e-3, 0.0, 2000.0]])
    assert np.array_equal(poisson_numbers(levels, expected), stats.poisson.ppf(levels, expected))

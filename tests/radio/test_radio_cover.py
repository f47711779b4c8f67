"""Set cover against enumeration, and against a program without merged rows."""

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from jumeau.radio.set_cover import cover, merged


def fewest(covers, needed, redundancy):
    """Enumerate."""
    for size in range(covers.shape[1] + 1):
        for chosen in combinations(range(covers.shape[1]), size):
            if (covers[:, list(chosen)].sum(axis=1) >= redundancy).sum() >= needed:
                return size
    return None


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("redundancy", "share"), [(1, 1.0), (1, 0.8), (2, 1.0), (2, 0.7)])
def test_exact_answers_are_those_of_enumeration(seed, redundancy, share):
    generator = np.random.default_rng(seed)
    covers = generator.random((40, 9)) < 0.35
    possible = int((covers.sum(axis=1) >= redundancy).sum())
    needed = np.ceil(share * possible)
    found = cover(sparse.csr_matrix(covers), np.ones(40), np.ones(9), needed, redundancy)
    assert found.proved
    assert len(found.chosen) == fewest(covers, needed, redundancy) == found.bound == found.cost
    assert found.greedy_cost >= found.cost
    for chosen in (found.chosen, found.greedy):
        assert (covers[:, chosen].sum(axis=1) >= redundancy).sum() >= needed


def test_where_greedy_fails():
    """Two sites cover all; the greedy rule first takes the one that covers most, and needs three."""
    covers = np.zeros((14, 3), dtype=bool)
    covers[:7, 0] = covers[7:, 1] = True
    covers[[0, 1, 2, 3, 7, 8, 9, 10], 2] = True
    found = cover(sparse.csr_matrix(covers), np.ones(14), np.ones(3), 14)
    assert found.chosen.tolist() == [0, 1]
    # Pruning takes the useless third one out again.
    assert sorted(found.greedy.tolist()) == [0, 1]


def test_costs_decide():
    covers = sparse.csr_matrix(np.array([[1, 1, 0], [1, 0, 1]], dtype=bool))
    assert cover(covers, np.ones(2), np.array([1.0, 0.4, 0.4]), 2).chosen.tolist() == [1, 2]
    assert cover(covers, np.ones(2), np.array([1.0, 0.6, 0.6]), 2).chosen.tolist() == [0]


def test_same_rows_are_merged_with_their_weights():
    covers = sparse.csr_matrix(np.array([[1, 0], [1, 1], [1, 0], [0, 0]], dtype=bool))
    rows, weight = merged(covers, np.array([1.0, 2.0, 4.0, 8.0]), 1)
    assert rows.toarray().tolist() == [[1, 0], [1, 1]]
    assert weight.tolist() == [5.0, 2.0]
    assert merged(covers, np.ones(4), 2)[0].toarray().tolist() == [[1, 1]]


def test_what_cannot_be_covered_is_refused_and_time_gives_a_bound():
    covers = sparse.csr_matrix(np.array([[1, 0], [0, 0]], dtype=bool))
    with pytest.raises(ValueError, match="cover"):
        cover(covers, np.ones(2), np.ones(2), 2)
    generator = np.random.default_rng(1)
    large = sparse.csr_matrix(generator.random((3000, 150)) < 0.05)
    found = cover(large, np.ones(3000), np.ones(150), 2500, 2, time_limit=0.2)
    assert 0.0 <= found.bound <= found.cost
    assert found.gap == pytest.approx((found.cost - found.bound) / found.cost)

"""A placement problem as a linear programme with few rows: sites in the order in which they save of an event.

Sort the sites that see an event by what they save. The benefit of the event is a sum of steps: the step from one
saving to the next one below is gained as soon as any site above it is chosen. A step is thus a set of sites that holds
the one before, and each set is one variable, whatever the number of events that it stands for.

References
----------
G. Cornuejols, G. L. Nemhauser and L. A. Wolsey, "A canonical representation of simple plant location problems and its
applications", SIAM Journal on Algebraic and Discrete Methods 1(3), 1980.
S. Garcia, M. Labbe and A. Marin, "Solving large p-median problems with a radius formulation", INFORMS Journal on
Computing 23(4), 2011.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Levels:
    """Sets of sites, and what is gained as soon as one site of a set is chosen.

    Attributes
    ----------
    worth : ndarray, shape (n,)
        What each site gains by itself: sets of one site.
    gain : ndarray, shape (s,)
        Of each set of several.
    rows : csr_matrix, shape (s, n + s)
        `rows @ (x, z) <= 0` says that a set is reached by one of its sites, or by the set before it.
    steps : int
        Steps before equal sets were merged.
    """

    worth: Floats
    gain: Floats
    rows: sparse.csr_matrix
    steps: int


def levels(saving: sparse.csr_matrix) -> Levels:
    """Return the sets of a problem, equal ones merged.

    Parameters
    ----------
    saving : csr_matrix, shape (m, n)
        Weighted savings, above zero.
    """
    m, n = saving.shape
    row = np.repeat(np.arange(m), np.diff(saving.indptr))
    order = np.lexsort((saving.indices, -saving.data, row))
    site, value = saving.indices[order].astype(np.int64), saving.data[order]
    size = len(value)
    if not size:
        return Levels(np.zeros(n), np.zeros(0), sparse.csr_matrix((0, n)), 0)
    last = np.append(row[1:] != row[:-1], True)
    ends = np.flatnonzero(last | np.append(value[1:] != value[:-1], True))
    # Of each step: where its new sites begin, which one comes before it in its event, what it gains.
    first = np.concatenate([[0], ends[:-1] + 1])
    begins = first == saving.indptr[row[ends]]
    below = np.where(last[ends], 0.0, value[np.minimum(ends + 1, size - 1)])
    gain = value[ends] - below
    key = _sets(site, ends, saving.indptr[row[ends]], n)
    _unique, example, group = np.unique(key, axis=0, return_index=True, return_inverse=True)
    group = group.ravel()
    total = np.bincount(group, weights=gain, minlength=len(example)).astype(np.float64)
    alone = begins[example] & (first[example] == ends[example])
    worth = np.bincount(site[ends[example[alone]]], weights=total[alone], minlength=n).astype(np.float64)
    kept = np.flatnonzero(~alone)
    variable = np.full(len(example), -1, dtype=np.int64)
    variable[kept] = n + np.arange(len(kept))
    variable[alone] = site[ends[example[alone]]]
    chosen = example[kept]
    count = ends[chosen] - first[chosen] + 1
    lines = np.repeat(np.arange(len(kept)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    sites = site[np.repeat(first[chosen], count) + offset]
    linked = np.flatnonzero(~begins[chosen])
    data = np.concatenate([np.ones(len(kept)), -np.ones(len(sites)), -np.ones(len(linked))])
    lines = np.concatenate([np.arange(len(kept)), lines, linked])
    columns = np.concatenate([variable[kept], sites, variable[group[chosen[linked] - 1]]])
    rows = sparse.csr_matrix((data, (lines, columns)), shape=(len(kept), n + len(kept)))
    return Levels(worth, total[kept], rows, len(ends))


def _sets(site: Ints, ends: Ints, start: Ints, n: int) -> NDArray[np.uint64]:
    """Return 128 bits for the set of sites of each step: equal sets have equal bits, others differ but for 2^-128.

    Each site has bits of its own, always the same; those of a set are their exclusive or.
    """
    generator = np.random.Generator(np.random.PCG64(20))
    token = generator.integers(0, 1 << 64, size=(n, 2), dtype=np.uint64)
    bits = np.bitwise_xor.accumulate(token[site], axis=0)
    before = np.where(start[:, None] > 0, bits[np.maximum(start - 1, 0)], np.uint64(0))
    return np.asarray(bits[ends] ^ before, dtype=np.uint64)

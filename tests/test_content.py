"""Digests of values: by what they hold, not by which objects hold it."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from jumeau.content import content_digest


@dataclass(frozen=True)
class Pair:
    first: object
    second: object


def test_what_is_shared_in_memory_makes_no_difference():
    row = np.arange(3.0)
    word = str(b"glass", "ascii")
    shared = Pair((row, row), {"a": word, "b": word})
    apart = Pair((row.copy(), row.copy()), {"a": "glass", "b": str(b"glass", "ascii")})
    assert content_digest(shared) == content_digest(apart)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.1, float(np.nextafter(0.1, 1.0))),
        ("1", 1),
        (("ab", "c"), ("a", "bc")),
        ((1, (2, 3)), ((1, 2), 3)),
        (np.zeros(4), np.zeros((2, 2))),
        (np.zeros(2), np.zeros(2, dtype=np.float32)),
        (np.array(["a", None], dtype=object), np.array(["a", "None"], dtype=object)),
        (Pair(1, 2), Pair(2, 1)),
        ({"a": 1}, {"b": 1}),
        (None, False),
    ],
)
def test_what_differs_is_told_apart(one, other):
    assert content_digest(one) != content_digest(other)


def test_sets_are_the_same_in_every_process():
    code = "from jumeau.content import content_digest; print(content_digest(frozenset('abcdefgh')))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in "12"
    }
    assert len(found) == 1


def test_what_cannot_be_read_is_refused():
    with pytest.raises(TypeError, match="no digest of object"):
        content_digest((1, object()))

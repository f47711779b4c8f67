"""How many processors a long computation may use."""

from __future__ import annotations

import os

#: More threads than that gain little on what is shared between them.
_MOST = 4

#: What holds for this process.
_allowed = {"threads": min(os.cpu_count() or 1, _MOST)}


def threads() -> int:
    """Return how many threads a long computation of this process may use; what it finds does not depend on it."""
    return _allowed["threads"]


def keep_to_one() -> None:
    """Use one thread from now on: other processes work beside this one, a processor each."""
    _allowed["threads"] = 1

"""What is computed once and read often."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from jumeau.simulation.shelf import Shelf

T = TypeVar("T")


#: What takes less is not worth keeping on disk [s].
LONG = 1.0


class Memo:
    """Results by key: `memo(key, compute)` computes each once, `memo.kept(key, compute)` once for all runs.

    Attributes
    ----------
    shelf : Shelf or None
        Where long computations are kept; nowhere where it is None.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}
        self.shelf: Shelf | None = None

    def __call__(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return `compute()`, computed once per key."""
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]  # type: ignore[no-any-return]

    def kept(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return `compute()`, taken from the disk where an earlier run left it there.

        The key tells all that the result follows from, but for what the shelf's identity tells, and is written the same
        in every process (`repr`).
        """

        def found() -> T:
            if self.shelf is not None and (there := self.shelf.read(key)) is not None:
                return there[0]  # type: ignore[no-any-return]
            began = time.monotonic()
            made = compute()
            if self.shelf is not None and time.monotonic() - began >= LONG:
                self.shelf.write(key, made)
            return made

        return self(key, found)

    def known(self) -> Mapping[Hashable, Any]:
        """Return what was computed so far, by key."""
        return dict(self._known)

    def learn(self, found: Mapping[Hashable, Any]) -> None:
        """Take what another process computed; what is known already stays."""
        self._known = {**found, **self._known}

"""What is computed once and read often."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """Results by key: `memo(key, compute)` computes each once."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def __call__(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return `compute()`, computed once per key."""
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]  # type: ignore[no-any-return]

    def known(self) -> Mapping[Hashable, Any]:
        """Return what was computed so far, by key."""
        return dict(self._known)

    def learn(self, found: Mapping[Hashable, Any]) -> None:
        """Take what another process computed; what is known already stays."""
        self._known = {**found, **self._known}

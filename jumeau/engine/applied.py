"""What a measure made of its layers, kept as long as neither these nor the factors that it read are others.

A campaign applies its measures again under each draw of uncertain assumptions. Most measures read a handful of factors,
few of which are drawn: loggers are not placed anew because bursts are more or less frequent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from jumeau.factors import Factor, FactorTable
from jumeau.network import Layers, Measured


class _Watched(FactorTable):
    """A table that notes which of its factors somebody reads; who goes through all of them reads them all."""

    def __init__(self, factors: Mapping[str, Factor]) -> None:
        super().__init__(factors)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Factor:
        """Return a factor by name."""
        self.asked.add(name)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        self.asked.update(self._factors)
        return super().__iter__()


class Applied:
    """What one measure made first, to be given again where the same would come of it.

    Measures are pure: what comes of one depends on its layers and on the factors that it reads, beside what a step
    holds. Layers are the same where they are the same tables; nobody changes a table in place.
    """

    def __init__(self) -> None:
        self._first: tuple[Layers, Mapping[str, Factor | None], Measured] | None = None

    def __reduce__(self) -> tuple[type[Applied], tuple[()]]:
        """Leave behind what was made: another process makes it once, and layers are large."""
        return Applied, ()

    def __call__(self, layers: Layers, factors: FactorTable, make: Callable[[FactorTable], Measured]) -> Measured:
        """Return what the measure makes of layers under factors.

        Parameters
        ----------
        layers : mapping of str to GeoDataFrame
        factors : FactorTable
        make : callable
            Applies the measure, under the factors that it is given.
        """
        if self._first is not None:
            before, read, made = self._first
            if _same(before, layers) and all(factors.get(name) == factor for name, factor in read.items()):
                return made
        watched = _Watched(dict(factors))
        made = make(watched)
        if self._first is None:
            self._first = layers, {name: factors.get(name) for name in sorted(watched.asked)}, made
        return made


def _same(one: Layers, other: Layers) -> bool:
    return one.keys() == other.keys() and all(one[name] is other[name] for name in one)

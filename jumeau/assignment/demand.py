"""Demand: trips between zones, by class of vehicles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Demand:
    """Trips between the zones; trips inside a zone are never on the links.

    Attributes
    ----------
    trips : ndarray, shape (classes, zones, zones)
        From row to column, in the unit of the links' flows (passenger-car units where classes differ).
    extra : ndarray, shape (classes, m), optional
        Cost of a link for a class beyond its time, in the unit of time; infinite where the class may not go. None
        where all classes share the cost.
    """

    trips: Floats
    extra: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises
        ------
        ValueError
        """
        if self.trips.ndim != 3 or self.trips.shape[1] != self.trips.shape[2]:
            raise ValueError("trips must have the shape (classes, zones, zones)")
        if not np.isfinite(self.trips).all() or (self.trips < 0.0).any():
            raise ValueError("trips must be finite and not negative")

    @classmethod
    def of(cls, trips: Floats) -> Demand:
        """Return the demand of one class, from a square matrix."""
        return cls(np.asarray(trips, dtype=np.float64)[None])

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.trips.shape[0])

    @property
    def zones(self) -> int:
        """Number of zones."""
        return int(self.trips.shape[1])

    @property
    def total(self) -> float:
        """Trips between different zones."""
        inside = np.einsum("kii->", self.trips)
        return float(self.trips.sum() - inside)

    def balance(self, nodes: int) -> Floats:
        """Return what starts less what ends at each node, shape (classes, nodes)."""
        found = np.zeros((self.classes, nodes))
        found[:, : self.zones] = self.trips.sum(axis=2) - self.trips.sum(axis=1)
        return found

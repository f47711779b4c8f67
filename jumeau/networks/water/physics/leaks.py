"""The leaks of one run: where and when they start, how large they get. Drawn before the run, for every pipe at once.

Every draw belongs to a pipe, a kind of leak and a rank, so that no decision shifts another one's draw: before and after
meet the same leaks.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from jumeau.networks.water.physics.state import Family, State
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR = 365.25 * DAY

#: Families of leaks of the service's own pipes, in the order of their codes.
FAMILIES = (
    "mains_reported", "mains_hidden", "service_reported", "service_hidden", "private_reported", "private_hidden",
)  # fmt: skip

#: First rank of the leaks that a higher pressure brings.
ADDED = 50_000

_HIDDEN = np.array([name.endswith("_hidden") for name in FAMILIES])


@dataclass(frozen=True)
class Leaks:
    """Leaks, in the order of their start.

    Attributes
    ----------
    pipe : ndarray of int, shape (k,)
        Row of the pipe.
    family : ndarray of int, shape (k,)
        Code, see `FAMILIES`.
    rank : ndarray of int, shape (k,)
        How many leaks of that family the pipe's draw had before, those that pressure spares included; from `ADDED` on
        for those that come on top.
    start, growth : ndarray, shape (k,)
        Start, and time over which the diameter grows from zero [s].
    flow : ndarray, shape (k,)
        Flow of the full-grown leak at 50 m of pressure [m3/h].
    position : ndarray, shape (k,)
        Place along the pipe, from 0 to 1.
    """

    pipe: Ints
    family: Ints
    rank: Ints
    start: Floats
    growth: Floats
    flow: Floats
    position: Floats

    def __len__(self) -> int:
        """Return the number of leaks."""
        return len(self.pipe)

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Whether each leak does not show at the surface, shape (k,)."""
        return np.asarray(_HIDDEN[self.family], dtype=bool)

    def take(self, chosen: NDArray[np.bool_] | Ints) -> Leaks:
        """Return some of the leaks."""
        return Leaks(**{item.name: getattr(self, item.name)[chosen] for item in fields(self)})


def draw_leaks(state: State, streams: Streams, begin: float, end: float) -> Leaks:
    """Return the leaks that start before the end of the period.

    Hidden leaks are drawn from `state.search.history` ahead of the period, since some of them outlive years; visible
    ones from the start of the warm-up.

    Parameters
    ----------
    state : State
    streams : Streams
    begin, end : float
        Start of the warm-up and end of the period [s].
    """
    found = []
    for code, name in enumerate(FAMILIES):
        family = next((item for item in state.families if item.name == name), None)
        if family is not None and family.rate.any():
            first = min(begin, -state.search.history) if family.hidden else begin
            found.append(_of_family(state, family, code, streams, first, end))
    if not found:
        return _none()
    joined = Leaks(
        **{item.name: np.concatenate([getattr(part, item.name) for part in found]) for item in fields(Leaks)}
    )
    return joined.take(np.lexsort((joined.rank, joined.pipe, joined.family, joined.start)))


def _none() -> Leaks:
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Leaks(whole, whole, whole, real, real, real, real)


def _of_family(state: State, family: Family, code: int, streams: Streams, first: float, end: float) -> Leaks:
    """Draw a Poisson process per pipe, thinned where pressure is lower than that of the rates.

    Each leak of the full rate has a draw of its own, below which pressure keeps it: leaks at a lower pressure are some
    of those at a higher one. What a higher pressure adds is a process of its own.
    """
    drawn = _process(state, family, family.rate, code, streams, first, end, 0)
    if (family.relative < 1.0).any():
        kept = np.zeros(len(drawn), dtype=bool)
        for rank in np.unique(drawn.rank):
            here = drawn.rank == rank
            pipe = drawn.pipe[here]
            draw = streams.column(family.name, "pressure", state.count, int(rank))[pipe]
            kept[here] = draw < family.relative[pipe]
        drawn = drawn.take(kept)
    more = family.rate * np.maximum(family.relative - 1.0, 0.0)
    if not more.any():
        return drawn
    added = _process(state, family, more, code, streams, first, end, ADDED)
    return Leaks(
        **{item.name: np.concatenate([getattr(part, item.name) for part in (drawn, added)]) for item in fields(Leaks)}
    )


def _process(
    state: State, family: Family, rate: Floats, code: int, streams: Streams, first: float, end: float, rank: int
) -> Leaks:
    """Draw a Poisson process per pipe, as sums of exponential intervals, ranks counted from one that is given."""
    mean = np.divide(YEAR, rate, out=np.full(state.count, np.inf), where=rate > 0.0)
    time = np.full(state.count, first)
    parts = []
    while True:
        draw = streams.column(family.name, "interval", state.count, rank)
        time = time - np.log(draw) * mean
        here = np.flatnonzero(time < end)
        if not len(here):
            break
        normal = ndtri(streams.column(family.name, "size", state.count, rank)[here])
        spread = state.orifices.spread
        # The mean of a log-normal law is exp(mu + s2/2): the factor keeps it at the family's mean flow.
        flow = family.flow * np.exp(spread * normal - spread**2 / 2.0)
        growth = np.zeros(len(here))
        if family.hidden:
            growth = -np.log(streams.column(family.name, "growth", state.count, rank)[here]) * state.orifices.growth
        place = streams.column(family.name, "position", state.count, rank)[here]
        size = len(here)
        parts.append(
            Leaks(
                here.astype(np.int64), np.full(size, code), np.full(size, rank), time[here], growth * DAY, flow, place
            )
        )
        rank += 1
    if not parts:
        return _none()
    return Leaks(**{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Leaks)})

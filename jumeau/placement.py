"""The one form of every question of placement: sites, events, and what each site saves of each event.

Events happen with a weight (a probability, or a number a year) and cost something where nobody sees them. A site that
sees an event lowers its cost; of several chosen sites, the one that lowers it most counts (the first to detect, where
cost grows with time). With the savings v[e, s] = unseen[e] - cost[e, s], the benefit of a set S of sites is

    f(S) = sum over e of weight[e] * max over s in S of v[e, s],

which is monotone and submodular: the p-median of sensor placement (Berry et al. 2006, Journal of Water Resources
Planning and Management 132(4)) and weighted maximum coverage are cases of it. What is known of its solution stands in
`jumeau.sizing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Sites:
    """Where something may stand.

    Attributes
    ----------
    id : ndarray of str, shape (n,)
    cost : ndarray, shape (n,)
        Of the device, its installation included [EUR].
    forbidden, compulsory : ndarray of bool, shape (n,)
        Never chosen, always chosen.
    failure : ndarray, shape (n,)
        Probability that a device there does not work when it should.
    x, y : ndarray, shape (n,)
        Where, in the territory's CRS; not a number where it is not known.
    """

    id: NDArray[np.object_]
    cost: Floats
    forbidden: Bools
    compulsory: Bools
    failure: Floats
    x: Floats
    y: Floats

    @classmethod
    def of(
        cls,
        id: ArrayLike,  # noqa: A002 - the field's name
        cost: ArrayLike = 1.0,
        *,
        forbidden: ArrayLike = False,
        compulsory: ArrayLike = False,
        failure: ArrayLike = 0.0,
        x: ArrayLike = np.nan,
        y: ArrayLike = np.nan,
    ) -> Sites:
        """Return sites; what is one value holds for all of them."""
        names = np.atleast_1d(np.asarray(id, dtype=object))

        def column(value: ArrayLike, kind: Any) -> Any:
            return np.array(np.broadcast_to(np.asarray(value, dtype=kind), names.shape))

        return cls(
            names,
            column(cost, np.float64),
            column(forbidden, np.bool_),
            column(compulsory, np.bool_),
            column(failure, np.float64),
            column(x, np.float64),
            column(y, np.float64),
        )

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.id)


@dataclass(frozen=True)
class Events:
    """What is to be seen.

    Attributes
    ----------
    id : ndarray of str, shape (m,)
    weight : ndarray, shape (m,)
        Probability, or number a year.
    unseen : ndarray, shape (m,)
        Cost of each where no site sees it.
    """

    id: NDArray[np.object_]
    weight: Floats
    unseen: Floats

    @classmethod
    def of(cls, id: ArrayLike, weight: ArrayLike = 1.0, unseen: ArrayLike = 1.0) -> Events:  # noqa: A002
        """Return events; what is one value holds for all of them."""
        names = np.atleast_1d(np.asarray(id, dtype=object))
        weights, costs = (
            np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), names.shape)) for value in (weight, unseen)
        )
        return cls(names, weights, costs)

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.id)


@dataclass(frozen=True)
class PlacementProblem:
    """Sites, events, and what each site saves of each event.

    Attributes
    ----------
    sites : Sites, n of them
    events : Events, m of them
    saving : csr_matrix, shape (m, n)
        What an event costs less where that site alone sees it; what is not stored is nothing.
    unit : str
        Of costs of events.
    """

    sites: Sites
    events: Events
    saving: sparse.csr_matrix
    unit: str = ""

    @classmethod
    def of_costs(cls, sites: Sites, events: Events, cost: Any, unit: str = "") -> PlacementProblem:
        """Return the problem where each stored number is the cost of an event that a site sees.

        Parameters
        ----------
        sites : Sites
        events : Events
        cost : sparse matrix, shape (m, n)
            A zero that is stored says that seeing the event there makes it cost nothing. A cost above that of the
            unseen event saves nothing.
        unit : str

        Raises
        ------
        InputError
            See `checked`.
        """
        rows = sparse.coo_matrix(cost)
        data = np.asarray(rows.data, dtype=np.float64)
        found = [*_wrong(sites, events)]
        if rows.shape == (len(events), len(sites)):
            found += _negative(_("an event that is seen has a cost below zero"), data, events.id[rows.row])
        if found:
            raise InputError(*found)
        saved = np.maximum(events.unseen[rows.row] - data, 0.0)
        return cls.of_savings(sites, events, sparse.coo_matrix((saved, (rows.row, rows.col)), rows.shape), unit)

    @classmethod
    def of_cover(cls, sites: Sites, events: Events, seen: Any, unit: str = "") -> PlacementProblem:
        """Return the problem where an event that any site sees costs nothing.

        Parameters
        ----------
        sites : Sites
        events : Events
        seen : sparse matrix, shape (m, n)
            Whether a site sees an event.
        unit : str

        Raises
        ------
        InputError
            See `checked`.
        """
        rows = sparse.coo_matrix(seen)
        there = np.asarray(rows.data) != 0
        row, column = rows.row[there], rows.col[there]
        return cls.of_savings(sites, events, sparse.coo_matrix((events.unseen[row], (row, column)), rows.shape), unit)

    @classmethod
    def of_savings(cls, sites: Sites, events: Events, saving: Any, unit: str = "") -> PlacementProblem:
        """Return the problem of these savings.

        Parameters
        ----------
        sites : Sites
        events : Events
        saving : sparse matrix, shape (m, n)
        unit : str

        Raises
        ------
        InputError
            See `checked`.
        """
        matrix = sparse.csr_matrix(saving, dtype=np.float64)
        matrix.eliminate_zeros()
        matrix.sort_indices()
        return cls(sites, events, matrix, unit).checked()

    def checked(self) -> PlacementProblem:
        """Return the problem, if it is one.

        Raises
        ------
        InputError
            Without a site or an event, with a name twice, a cost, weight or probability out of its bounds, a site that
            is forbidden and compulsory.
        """
        found = _wrong(self.sites, self.events)
        if self.saving.shape != (len(self.events), len(self.sites)):
            raise ValueError(f"savings of {self.saving.shape} for {len(self.events)} events, {len(self.sites)} sites")
        row = np.repeat(np.arange(len(self.events)), np.diff(self.saving.indptr))
        found += _negative(_("an event that is seen has a saving below zero"), self.saving.data, self.events.id[row])
        if found:
            raise InputError(*found)
        return self

    def weighted(self, weight: Floats) -> PlacementProblem:
        """Return the same problem with other weights of its events, shape (m,)."""
        return replace(self, events=replace(self.events, weight=np.asarray(weight, dtype=np.float64)))

    @property
    def expected_savings(self) -> sparse.csc_matrix:
        """Savings times weights, by site; shape (m, n)."""
        scaled = self.saving.multiply(self.events.weight[:, None]).tocsc()
        scaled.sort_indices()
        return scaled

    @property
    def unseen_cost(self) -> float:
        """What all events are expected to cost where nothing is installed."""
        return float(self.events.weight @ self.events.unseen)

    @property
    def unseeable(self) -> Bools:
        """Whether an event costs something, and no site that may be chosen saves any of it, shape (m,)."""
        allowed = self.saving[:, ~self.sites.forbidden]
        costly = self.events.weight * self.events.unseen > 0.0
        return np.asarray(costly & (np.diff(allowed.indptr) == 0), dtype=bool)

    def rows(self, names: Sequence[str]) -> Ints:
        """Return the rows of sites, by name.

        Raises
        ------
        InputError
            When there is no such site.
        """
        place = {str(name): row for row, name in enumerate(self.sites.id)}
        lost = [str(name) for name in names if str(name) not in place]
        if lost:
            raise InputError(Problem(_("no candidate site has that name"), features=tuple(lost)))
        return np.array([place[str(name)] for name in names], dtype=np.int64)

    def costs(self, chosen: Ints) -> Floats:
        """Return what each event costs where devices stand at some sites and all work, shape (m,)."""
        if not len(chosen):
            return self.events.unseen.copy()
        best = self.saving[:, chosen].max(axis=1).toarray().ravel()
        return np.asarray(self.events.unseen - best, dtype=np.float64)

    def benefit(self, chosen: Ints) -> float:
        """Return the expected cost that devices at some sites save, all of them at work."""
        return self.unseen_cost - float(self.events.weight @ self.costs(chosen))


def _wrong(sites: Sites, events: Events) -> list[Problem]:
    """Return what is wrong with sites and events."""
    found = []
    if not len(sites) or sites.forbidden.all():
        message = _("there is no candidate site")
        found.append(Problem(message, hint=_("give sites where a device may stand, or allow some that are forbidden")))
    if not len(events):
        found.append(Problem(_("there is no event to see"), hint=_("without an event, nothing tells sites apart")))
    for names, message in (
        (sites.id, _("candidate sites have the same name")),
        (events.id, _("events have the same name")),
    ):
        texts = np.asarray(names).astype(str)
        known, count = np.unique(texts, return_counts=True)
        if (count > 1).any():
            found.append(Problem(message, features=tuple(known[count > 1]), hint=_("give each a name of its own")))
    both = sites.forbidden & sites.compulsory
    if both.any():
        message = _("a site is forbidden and compulsory at once")
        found.append(Problem(message, features=_names(sites.id[both]), hint=_("drop one of the two")))
    found += _negative(_("a site has a cost below zero, or none"), sites.cost, sites.id)
    found += _negative(_("an event has a weight below zero, or none"), events.weight, events.id)
    found += _negative(_("an event has a cost below zero, or none"), events.unseen, events.id)
    odd = ~((sites.failure >= 0.0) & (sites.failure <= 1.0))
    if odd.any():
        message = _("a probability of failure is not between 0 and 1")
        found.append(Problem(message, features=_names(sites.id[odd]), value=f"{sites.failure[odd][0]:g}"))
    return found


def _negative(message: str, values: Floats, names: NDArray[np.object_]) -> list[Problem]:
    odd = ~((values >= 0.0) & np.isfinite(values))
    if not odd.any():
        return []
    return [Problem(message, features=_names(names[odd]), value=f"{values[odd][0]:g}")]


def _names(names: NDArray[np.object_]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(name) for name in names))

"""Remarks and votes counted, in the current language: what stands beside the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jumeau.i18n import _
from jumeau.remarks.model import CHOICES, KINDS, Collection, Remark
from jumeau.results.comparison import BASELINE
from jumeau.results.run_id import RUN_ID
from jumeau.results.titles import variant_title


@dataclass(frozen=True)
class Votes:
    """Votes on one variant.

    Attributes
    ----------
    label : str
        Title of the variant.
    for_, against, unsure : int
    """

    label: str
    for_: int
    against: int
    unsure: int

    @property
    def answers(self) -> int:
        """How many answered."""
        return self.for_ + self.against + self.unsure


@dataclass(frozen=True)
class Said:
    """One remark, written.

    Attributes
    ----------
    kind, kind_label, text : str
    variant : str
        Title; empty where it is of none.
    remark : Remark
    """

    kind: str
    kind_label: str
    text: str
    variant: str
    remark: Remark


@dataclass(frozen=True)
class Counts:
    """What is told of remarks and votes.

    Attributes
    ----------
    kinds : tuple of (str, int)
        Label and number of remarks of each kind.
    votes : tuple of Votes
        By variant, in the order of the run; the situation before only where somebody voted on it.
    entries : tuple of Said
        The remarks, as they were given.
    earlier : bool
        Whether they were collected on an earlier run, with other figures.
    """

    kinds: tuple[tuple[str, int], ...]
    votes: tuple[Votes, ...]
    entries: tuple[Said, ...]
    earlier: bool

    @property
    def total(self) -> int:
        """How many remarks there are."""
        return len(self.entries)

    def reserve(self) -> str:
        """Return the sentence without which no count is shown."""
        text = _(
            "Who wished answered: this is no representative survey, and one person may have answered several times."
        )
        return text + (" " + _("Collected on an earlier run, with other figures.") if self.earlier else "")


def count_remarks(collection: Collection, provenance: Mapping[str, Any]) -> Counts:
    """Return the counts of what was collected on a run, in the current language.

    Parameters
    ----------
    collection : Collection
    provenance : mapping
        Of the run; titles of variants are those that it has.
    """
    of_kind = Counter(item.kind for item in collection.remarks)
    cast = Counter((item.variant, item.choice) for item in collection.votes)
    voted = {item.variant for item in collection.votes}
    known = list(provenance.get("variants", {}))
    # A variant of an earlier run that is no more keeps its votes.
    names = [name for name in dict.fromkeys((*known, *sorted(voted))) if name != BASELINE or name in voted]
    return Counts(
        kinds=tuple((_(label), of_kind[kind]) for kind, label in KINDS.items()),
        votes=tuple(
            Votes(variant_title(provenance, name), *(cast[name, choice] for choice in CHOICES)) for name in names
        ),
        entries=tuple(
            Said(
                item.kind,
                _(KINDS[item.kind]),
                item.text,
                variant_title(provenance, item.variant) if item.variant else "",
                item,
            )
            for item in collection.remarks
        ),
        earlier=collection.run != str(provenance.get(RUN_ID, collection.run)),
    )

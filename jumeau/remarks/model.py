"""Remarks and votes: what the page exports, without name and without time of day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from jumeau.i18n import _
from jumeau.yaml_types import Block

FORMAT: Literal["jumeau-remarks"] = "jumeau-remarks"
VERSION: Literal[1] = 1

#: Characters of the longest text.
LONGEST_TEXT = 2000
#: Remarks and votes of one file: more than any consultation has; beyond, somebody plays.
MOST_ENTRIES = 100_000

Kind = Literal["agree", "worry", "idea", "question"]
Choice = Literal["for", "against", "unsure"]

#: How kinds of remarks and choices of votes are called (English message ids).
KINDS: Mapping[Kind, str] = {"agree": "Agreement", "worry": "Worry", "idea": "Idea", "question": "Question"}
CHOICES: Mapping[Choice, str] = {"for": "For", "against": "Against", "unsure": "Unsure"}


def _identifier(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError(_("an identifier such as « 1b4e28ba-2fa1-41d2-883f-0016d3cca427 » is expected")) from None


Identifier = Annotated[str, Field(max_length=60), AfterValidator(_identifier)]
Word = Annotated[str, Field(max_length=200)]


class Remark(Block):
    """What somebody says, of a place or of nothing in particular.

    Coordinates are in the territory's CRS [m].
    """

    id: Identifier
    day: date | None = None
    network: Word | None = None
    layer: Word | None = None
    asset: Word | None = None
    x: float | None = None
    y: float | None = None
    crs: Word | None = None
    variant: Word | None = None
    kind: Kind
    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""

    @property
    def placed(self) -> bool:
        """Whether it has coordinates."""
        return self.x is not None and self.y is not None


class Vote(Block):
    """What somebody thinks of one variant."""

    id: Identifier
    day: date | None = None
    variant: Word
    choice: Choice


class Collection(Block):
    """Remarks and votes on one run: a file that the page exports, or what a run's folder keeps.

    Attributes
    ----------
    run : str
        Id of the run that they are about, as `summary.json` has it.
    """

    format: Literal["jumeau-remarks"] = FORMAT
    version: Literal[1] = VERSION
    run: Word
    language: Literal["fr", "en"] = "fr"
    remarks: Annotated[tuple[Remark, ...], Field(max_length=MOST_ENTRIES)] = ()
    votes: Annotated[tuple[Vote, ...], Field(max_length=MOST_ENTRIES)] = ()

    def with_more(self, other: Collection) -> Collection:
        """Return both together; what has an identifier that is there already is counted once, as it was first."""
        remarks = {item.id: item for item in (*other.remarks, *self.remarks)}
        votes = {item.id: item for item in (*other.votes, *self.votes)}
        known, voted = {item.id for item in self.remarks}, {item.id for item in self.votes}
        more = [item for name, item in remarks.items() if name not in known]
        cast = [item for name, item in votes.items() if name not in voted]
        return self.model_copy(update={"remarks": (*self.remarks, *more), "votes": (*self.votes, *cast)})

    def document(self) -> dict[str, Any]:
        """Return it as plain data, in the order of the format."""
        return self.model_dump(mode="json")

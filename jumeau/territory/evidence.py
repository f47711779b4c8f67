"""How much of a network rests on observation, and what would most improve it: the grades of `territory check`.

A network declares in `evidence.csv` what each layer and column is worth to it (whole numbers, judged by how much its
figures depend on them), and what to ask the town for. The share is the worth of what is observed over the whole worth,
each column counting by the part of its features whose value a source tells; a layer that is not there counts nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jumeau.i18n import _, format_number
from jumeau.territory.model import Territory

#: Least share of each grade, from the best.
GRADES = ((0.8, "A"), (0.6, "B"), (0.4, "C"), (0.2, "D"), (0.0, "E"))

#: Things to ask for that are told of each network.
FIRST = 3


@dataclass(frozen=True)
class Evidence:
    """What a column is worth to a network.

    Attributes
    ----------
    layer, column : str
        `geometry` for where features are.
    worth : float
    ask : str
        What to ask the town for (message id).
    """

    layer: str
    column: str
    worth: float
    ask: str


@dataclass(frozen=True)
class Grade:
    """How much of a network rests on observation.

    Attributes
    ----------
    share : float
        From 0 to 1.
    letter : str
        `A` to `E`.
    asks : tuple of str
        What to ask for first (message ids), what would improve it most at the head.
    """

    share: float
    letter: str
    asks: tuple[str, ...]


def read_evidence(folder: Path) -> tuple[Evidence, ...]:
    """Read `evidence.csv` of a folder; empty where there is none."""
    file = folder / "evidence.csv"
    if not file.is_file():
        return ()
    with file.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Evidence(row["layer"], row["column"], float(row["worth"]), row["ask"]) for row in csv.DictReader(stream)
        )


def grade(territory: Territory, evidence: Iterable[Evidence]) -> Grade:
    """Return how much of a network rests on observation in a territory."""
    told = territory.origin_shares()
    rows = told.to_dict("records")
    observed = {(row["layer"], row["column"]): (float(row["observed"]), float(row["count"])) for row in rows}
    whole = had = 0.0
    gain: dict[str, float] = {}
    for item in evidence:
        share, count = observed.get((item.layer, item.column), (0.0, 0.0))
        features = len(territory.layers[item.layer]) if item.layer in territory.layers else 0
        known = share * count / features if features else 0.0
        whole += item.worth
        had += item.worth * known
        gain[item.ask] = gain.get(item.ask, 0.0) + item.worth * (1.0 - known)
    share = had / whole if whole else 0.0
    letter = next(name for least, name in GRADES if share >= least)
    best = sorted((ask for ask in gain if gain[ask] > 0.0), key=lambda ask: -gain[ask])
    return Grade(share, letter, tuple(best[:FIRST]))


def grade_lines(label: str, found: Grade) -> list[str]:
    """Return what is told of a network: its grade in a letter and in words, and what to ask for."""
    words = {
        "A": _("figures rest on what was observed"),
        "B": _("most of it was observed"),
        "C": _("half observed, half estimated"),
        "D": _("mostly estimated"),
        "E": _("nearly all is estimated: orders of magnitude alone"),
    }
    line = _("{network}: {letter} ({share} % observed), {words}").format(
        network=_(label), letter=found.letter, share=format_number(100.0 * found.share), words=words[found.letter]
    )
    return [line, *(f"    {place}. {_(ask)}" for place, ask in enumerate(found.asks, 1))]

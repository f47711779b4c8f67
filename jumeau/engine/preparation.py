"""What does not depend on chance, computed once for all situations that do not differ in it.

A variant rarely changes every network, and a draw of one network's assumptions leaves the others as they are: each
network of each situation has an identity, and what is alike is prepared once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from jumeau.engine.resolve import Draw, NetworkSituation, Situation, written_out
from jumeau.engine.run import Stage, prepare
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.network import Prepared, ordered
from jumeau.simulation.shared import SHARED
from jumeau.territory.digests import LayerDigests

#: By network, the first situation that is the same in it.
Alike = Mapping[str, int]


def alike(situations: Sequence[Situation], digests: LayerDigests) -> tuple[Alike, ...]:
    """Return, for each situation and network, the first situation that cannot be told from it.

    Two are alike when they start from the same layers, took the same steps to the same layers, and read the same
    factors and assumptions: whatever is drawn, they stay alike.
    """
    first: dict[tuple[str, str], int] = {}
    return tuple(
        {
            name: first.setdefault((name, _identity(item, situation.shared, digests)), number)
            for name, item in situation.networks.items()
        }
        for number, situation in enumerate(situations)
    )


def _identity(item: NetworkSituation, shared: FactorTable, digests: LayerDigests) -> str:
    digest = sha256()
    for layers in (item.base, item.layers):
        for name in sorted(layers):
            digest.update(name.encode() + digests(layers[name]))
    for step in item.steps:
        digest.update(step.measure.name.encode() + step.selected.tobytes() + repr(step.parameters).encode())
    for table in (item.factors, shared):
        digest.update(written_out(table))
    digest.update(item.assumptions.model_dump_json().encode())
    digest.update(item.radio_digest())
    return digest.hexdigest()


@dataclass(frozen=True)
class Groundwork:
    """The long computations that networks leave in the memo of their place, a network at a time, wherever it is.

    Parameters
    ----------
    situations : tuple of Situation
    same : tuple of mapping
        See `alike`.
    stage : Stage
    """

    situations: tuple[Situation, ...]
    same: tuple[Alike, ...]
    stage: Stage

    @property
    def networks(self) -> list[str]:
        """Names of the networks."""
        return [network.name for network in ordered(self.situations[0].networks)]

    def compute(self, name: str) -> dict[Hashable, Any]:
        """Prepare a network in all situations; return what the memo knows since then, by key."""
        memo = self.stage.place.memo
        before = memo.known()
        for number, situation in enumerate(self.situations):
            if self.same[number][name] == number:
                prepare(situation, self.stage, names=[name])
        return {key: found for key, found in memo.known().items() if key not in before}


def prepare_all(
    situations: Sequence[Situation], same: Sequence[Alike], stage: Stage
) -> tuple[dict[str, Prepared], ...]:
    """Return what each situation prepares under central values; what is alike is one object."""
    made: list[dict[str, Prepared]] = []
    for number, situation in enumerate(situations):
        own = [name for name, first in same[number].items() if first == number]
        found = prepare(situation, stage, names=own)
        made.append({name: found[name] if name in found else made[same[number][name]][name] for name in same[number]})
    return tuple(made)


class Drawn:
    """Situations under one draw of uncertain assumptions, prepared as they are asked for.

    Parameters
    ----------
    situations : sequence of Situation
    same : sequence of mapping
        See `alike`.
    central : sequence of dict
        What they prepared under central values.
    stage : Stage
    values : mapping
        Factor values of the draw that runs read.
    """

    def __init__(
        self,
        situations: Sequence[Situation],
        same: Sequence[Alike],
        central: Sequence[Mapping[str, Prepared]],
        stage: Stage,
        values: Draw,
    ) -> None:
        self.situations = situations
        self.same = same
        self.central = central
        self.stage = stage
        self.values = values
        self._made: dict[tuple[int, str], Prepared] = {}

    def of(self, number: int) -> tuple[dict[str, Prepared], FactorTable]:
        """Return what a situation prepares, and the shared factors that its runs read."""
        drawn = {name for name, values in self.values.items() if values}
        networks = [name for name in self.situations[number].networks if SHARED in drawn or name in drawn]
        missing = [name for name in networks if (self.same[number][name], name) not in self._made]
        situation = self.situations[number].with_factors(
            {name: values for name, values in self.values.items() if name in (*missing, SHARED)},
            _("draw of an uncertain assumption"),
        )
        for name, prepared in prepare(situation, self.stage, self.central[number], names=missing).items():
            self._made[self.same[number][name], name] = prepared
        found = {name: self._made[self.same[number][name], name] for name in networks}
        return {**self.central[number], **found}, situation.shared_for_runs

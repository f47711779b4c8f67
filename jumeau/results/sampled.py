"""Samples of a period's account: chance (replications), simulated assumptions (draws) and priced ones, together.

Prices, emission factors and lives need no simulation: thousands of their draws are valued on what runs found. The same
samples stand behind every range that is said of money, energy, fuel and CO2, over a period as over twenty years.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from jumeau.accounts import TOTAL, Installed, Vocabulary, value
from jumeau.accounts.price_list import index_ratio
from jumeau.factors import Factor, FactorTable
from jumeau.randomness import stable_hash
from jumeau.results.account import SHARED, bill_items, declared_laws, factor_tables, simulated, vocabularies
from jumeau.sampling import Law, law_of, sample

Floats = NDArray[np.float64]

#: Draws of what needs no simulation.
SAMPLES = 5000

#: Attribute of the dataset: length of the period [year].
YEARS = "years"

#: Attribute of the dataset: rank correlations between uncertain numbers, in JSON.
CORRELATIONS = "correlations"

#: Sums of thousands of floats leave a dust that is no range.
DUST = 1e-9

#: Draws of assumptions below which nothing can be said of their P10 and P90.
ENOUGH = 10


@dataclass(frozen=True)
class Range:
    """Where a difference lies.

    Attributes
    ----------
    quantiles : (float, float, float)
        P10, P50 and P90, chance and assumptions together.
    assumed : (float, float) or None
        P10 and P90 over assumptions, chance left out; None where nothing is uncertain.
    """

    quantiles: tuple[float, float, float]
    assumed: tuple[float, float] | None


@dataclass(frozen=True)
class Changes:
    """What a situation does to the quantities of a network, sample by sample, over one period.

    Attributes
    ----------
    central : mapping of str to ndarray, shape (replications,)
        Quantities of each replication with central assumptions.
    moved : mapping of str to ndarray, shape (draws,)
        By how much each draw of simulated assumptions moves them, chance left out.
    """

    central: Mapping[str, Floats]
    moved: Mapping[str, Floats]


class Sampled:
    """The samples of a campaign.

    Parameters
    ----------
    dataset, draws, bill, factors
        Of `Results`.
    seed : int
    count : int
        Number of samples.
    values : mapping, optional
        Values that stand for those of the run's factors, by owner and name; they are then certain.
    extra : mapping of str to Law, optional
        Laws of other numbers that are drawn along, by name.
    certain : bool
        Whether everything keeps its central value, and chance its mean.
    base_year : int, optional
        Year in whose euros money is valued, instead of the run's.
    given : mapping of str to ndarray, optional
        Numbers by `owner.name`, shape (count,), that stand in the place of draws.
    """

    def __init__(
        self,
        dataset: xr.Dataset,
        draws: xr.Dataset | None,
        bill: pd.DataFrame,
        factors: pd.DataFrame,
        *,
        seed: int,
        count: int = SAMPLES,
        values: Mapping[tuple[str, str], float] | None = None,
        extra: Mapping[str, Law] | None = None,
        certain: bool = False,
        base_year: int | None = None,
        given: Mapping[str, Floats] | None = None,
    ) -> None:
        self.dataset, self.bill, self.seed, self.count = dataset, bill, seed, count
        self.chance = not certain
        self.draws = draws if draws is not None and draws.sizes["draw"] > 1 and not certain else None
        self.vocabularies: dict[str, Vocabulary] = vocabularies(dataset)
        self.situations = [str(name) for name in dataset["scenario"].values]
        self.years = float(dataset.attrs[YEARS])
        self._factors, self._values, self._extra = factors, dict(values or {}), dict(extra or {})
        self._given = given
        self._simulated = simulated(factors)
        self._tables: dict[str, dict[str, FactorTable]] = {}
        self._changes: dict[tuple[str, str], Changes] = {}
        run_year = int(dataset.attrs["base_year"])
        self.base_year = run_year if base_year is None else base_year
        #: What turns amounts in euros of the run into those of the base year.
        self.to_base_year = 1.0 if self.base_year == run_year else index_ratio(run_year, self.base_year)

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks."""
        names = dict.fromkeys(str(array.attrs["network"]) for array in self.dataset.data_vars.values())
        return tuple(name for name in names if name != TOTAL)

    def tables(self, situation: str) -> dict[str, FactorTable]:
        """Return the central factors of a situation, by owner, the values that stand for others included."""
        if situation not in self._tables:
            self._tables[situation] = self._read_tables(situation)
        return self._tables[situation]

    def _read_tables(self, situation: str) -> dict[str, FactorTable]:
        found = factor_tables(self._factors, situation)
        if self.to_base_year != 1.0:
            found = {owner: _in_euros_of(table, self.to_base_year, self.base_year) for owner, table in found.items()}
        for (owner, name), number in self._values.items():
            found[owner] = found[owner].override({name: number}, "evaluation")
        return found

    @cached_property
    def laws(self) -> dict[str, Law]:
        """Laws of what is drawn without simulating, by `owner.name`: as declared, else the range of the row."""
        if not self.chance:
            return {}
        declared = declared_laws(self._factors)
        found: dict[str, Law] = {}
        for owner, table in self.tables(self.situations[0]).items():
            for name, factor in table.items():
                if factor.use == "run" or (owner, name) in self._values or self._follows(owner, name):
                    continue
                given = declared.get((owner, name))
                law = _scaled(Law(**given), factor, self.to_base_year) if given else law_of(factor)
                if law is not None:
                    found[f"{owner}.{name}"] = law
        return found | self._extra

    @cached_property
    def drawn(self) -> dict[str, Floats]:
        """Draws of what needs no simulation, by `owner.name`, shape (count,)."""
        if self._given is not None:
            return {name: np.asarray(array, dtype=np.float64) for name, array in self._given.items()}
        pairs = json.loads(self.dataset.attrs.get(CORRELATIONS, "[]"))
        known = [(first, second, float(rank)) for first, second, rank in pairs if {first, second} <= set(self.laws)]
        return sample(self.laws, self.count, self.seed, known)

    @cached_property
    def draw_of(self) -> NDArray[np.int64]:
        """Draw of simulated assumptions that each sample takes: all alike often, those that failed never."""
        found = self._finished_draws
        rng = self._rng("draws of simulated assumptions")
        return np.asarray(found[rng.permutation(np.arange(self.count) % len(found))], dtype=np.int64)

    @cached_property
    def _finished_draws(self) -> NDArray[np.int64]:
        """Draws that no situation lacks altogether: one of which nothing is known is not one that changes nothing."""
        if self.draws is None:
            return np.zeros(1, dtype=np.int64)
        there = np.ones(self.draws.sizes["draw"], dtype=bool)
        for cube in self._cubes.values():
            there &= np.isfinite(cube).any(axis=2).all(axis=0)
        return np.flatnonzero(there if there.any() else ~there)

    def replications_of(self, periods: int) -> NDArray[np.int64]:
        """Return the replication that each period of each sample takes.

        Few replications leave the mean itself uncertain: each sample takes its periods from a sample of its own of
        the replications (a bootstrap).

        Returns
        -------
        ndarray, shape (count, periods)
        """
        size = int(self.dataset.sizes["replication"])
        rng = self._rng("replications")
        worlds = rng.integers(size, size=(self.count, size))
        picks = rng.integers(size, size=(self.count, periods))
        return np.asarray(np.take_along_axis(worlds, picks, axis=1), dtype=np.int64)

    def _rng(self, purpose: str) -> np.random.Generator:
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=(stable_hash(purpose),)))
        )

    def changes(self, situation: str, network: str) -> Changes:
        """Return the quantities of a network in a situation, by replication, and what draws do to them."""
        place = (situation, network)
        if place not in self._changes:
            self._changes[place] = self._read_changes(situation, network)
        return self._changes[place]

    @cached_property
    def _found(self) -> dict[str, Floats]:
        """Quantities of all runs as plain arrays, (scenario, replication): looking them up one by one takes long."""
        names = [f"{network}_{name}" for network, table in self.vocabularies.items() for name in table]
        return {
            name: self.dataset[name].transpose("scenario", "replication").to_numpy().astype(np.float64)
            for name in names
        }

    @cached_property
    def _cubes(self) -> dict[str, Floats]:
        """The same of draws, (scenario, draw, replication)."""
        if self.draws is None:
            return {}
        rows = [[str(name) for name in self.draws["scenario"].values].index(name) for name in self.situations]
        return {
            name: self.draws[name].transpose("scenario", "draw", "replication").to_numpy().astype(np.float64)[rows]
            for name in self._found
        }

    def _read_changes(self, situation: str, network: str) -> Changes:
        central, moved = {}, {}
        row = self.situations.index(situation)
        for name in self.vocabularies.get(network, {}):
            known = self._found[f"{network}_{name}"][row]
            central[name] = known
            if self.draws is not None:
                cube = self._cubes[f"{network}_{name}"][row]
                away = cube - known[: cube.shape[1]]
                there = np.isfinite(away)
                size = np.maximum(there.sum(axis=1), 1)
                moved[name] = np.where(there, away, 0.0).sum(axis=1) / size
        return Changes(central, moved)

    def quantities(self, situation: str, network: str, rows: NDArray[np.int64] | None) -> dict[str, Floats]:
        """Return quantities of a network by sample.

        Parameters
        ----------
        situation, network : str
        rows : ndarray of int or None, shape (count, ...)
            Replication of each sample; the mean over replications where None.
        """
        found = {}
        known = self.changes(situation, network)
        whole = self._finite(network)
        there = np.flatnonzero(whole)
        if rows is not None and 0 < len(there) < len(whole):
            # Others stand in for replications that failed, each as often; the rest keep the same worlds everywhere.
            others = there[np.arange(rows.size).reshape(rows.shape) % len(there)]
            rows = np.where(whole[rows], rows, others)
        for name, central in known.central.items():
            alike = central if len(there) else np.full(len(whole), np.nan)
            values = np.full(self.count, alike[whole].mean() if len(there) else np.nan) if rows is None else alike[rows]
            if name in known.moved:
                shift = known.moved[name][self.draw_of]
                values = values + shift.reshape(self.count, *(1,) * (values.ndim - 1))
            found[name] = values
        return found

    def _finite(self, network: str) -> NDArray[np.bool_]:
        """Return the replications that no situation lacks: before and after meet the same worlds."""
        found = np.ones(self.dataset.sizes["replication"], dtype=bool)
        for name in self.vocabularies.get(network, {}):
            found &= np.isfinite(self._found[f"{network}_{name}"]).all(axis=0)
        return found

    def factors(self, situation: str, network: str) -> tuple[FactorTable, FactorTable]:
        """Return the shared factors and a network's, each value drawn where it is uncertain, shape (count,)."""
        tables = self.tables(situation)
        first = self.tables(self.situations[0])
        return (
            self._drawn_table(SHARED, tables[SHARED], first[SHARED]),
            self._drawn_table(network, tables[network], first[network]),
        )

    def _drawn_table(self, owner: str, table: FactorTable, first: FactorTable) -> FactorTable:
        # What a variant states over the baseline is certain: the laws are those of the baseline's values.
        changed: dict[str, Any] = {
            name: self.drawn[f"{owner}.{name}"]
            for name, factor in table.items()
            if f"{owner}.{name}" in self.drawn and factor == first[name]
        }
        if self.draws is not None:
            # What runs read, and what is bought at its price, follows the draw that was simulated.
            for name in table:
                key = f"{owner}.{name}"
                if self._follows(owner, name):
                    changed[name] = np.asarray(self.draws[key].to_numpy(), dtype=np.float64)[self.draw_of]
        return table.override(changed, "sample")

    def _follows(self, owner: str, name: str) -> bool:
        """Tell whether a number was drawn for the runs themselves: samples then take it from their own draw."""
        return (
            self.draws is not None
            and f"{owner}.{name}" in self.draws.coords
            and (owner, name) in self._simulated
            and (owner, name) not in self._values
        )

    def bill_of(self, situation: str, network: str) -> Sequence[Any]:
        """Return what a situation installs in a network."""
        return bill_items(self.bill, situation, network)

    def lines(self, situation: str, *, chance: bool) -> dict[tuple[str, str], Floats]:
        """Return the lines of the account of a situation, by owner and line, shape (count,).

        Parameters
        ----------
        situation : str
        chance : bool
            Whether each sample meets the chance of a replication, or the mean over them.
        """
        rows = self.replications_of(1)[:, 0] if chance else None
        found: dict[tuple[str, str], Floats] = {}
        for network in self.networks:
            shared, own = self.factors(situation, network)
            vocabulary = self.vocabularies.get(network, {})
            lines = value(
                self.quantities(situation, network, rows),
                vocabulary,
                Installed.of(self.bill_of(situation, network), self.years, own),
                shared.replaced(dict(own)),
            )
            for name, amounts in lines.items():
                array = np.broadcast_to(amounts, (self.count,))
                found[network, name] = array
                found[TOTAL, name] = found[TOTAL, name] + array if (TOTAL, name) in found else array
        return found

    @cached_property
    def before(self) -> tuple[dict[tuple[str, str], Floats], dict[tuple[str, str], Floats]]:
        """Lines of the baseline, with chance and without."""
        return self.lines(self.situations[0], chance=True), self.lines(self.situations[0], chance=False)

    def ranges(self, variant: str) -> dict[str, Range]:
        """Return where the difference of each line lies, by variable."""
        with_chance, alone = self.lines(variant, chance=True), self.lines(variant, chance=False)
        found = {}
        for (owner, name), array in with_chance.items():
            both = array - self.before[0][owner, name]
            assumed = alone[owner, name] - self.before[1][owner, name]
            found[f"{owner}_{name}"] = Range(_three(both), self._assumed(assumed))
        return found

    def _assumed(self, values: Floats) -> tuple[float, float] | None:
        """Return where assumptions alone put a difference; None where none is uncertain."""
        known = values[np.isfinite(values)]
        if not len(known):
            return None
        if self.draws is None and float(np.ptp(known)) <= DUST * float(np.abs(known).max()):
            return None
        low, _middle, high = _three(known)
        return low, high


def _in_euros_of(table: FactorTable, ratio: float, year: int) -> FactorTable:
    """Return a table whose prices are brought from one year's euros to another's."""
    return table.replaced({name: item.scaled(ratio, year) for name, item in table.items() if "EUR" in item.unit})


def _scaled(law: Law, factor: Factor, ratio: float) -> Law:
    if "EUR" not in factor.unit or ratio == 1.0:
        return law
    return Law(law.kind, ratio * law.low, ratio * law.mode, ratio * law.high)


def _three(values: Floats) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
    return float(low), float(middle), float(high)

"""What a lighting stock is made of: factors looked up by class, and draws that a whole street shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from jumeau.factors import Factor, FactorTable
from jumeau.randomness import Streams

Floats = NDArray[np.float64]

#: Oldest technology first: a quarter with old equipment takes its lamps from the start of the list.
TECHNOLOGIES = ("MERCURY", "LPS", "HALOGEN", "FLUO", "HPS", "MH", "LED")
USAGES = ("road", "ambience", "projector", "recessed", "bollard")


def quantile(factor: Factor, draws: Floats) -> Floats:
    """Return the values at some quantiles of a factor's range.

    The low and high values are its 10 % and 90 % quantiles, the value its median; between them the quantile function
    is linear, beyond them it is flat, so that nothing falls outside the range.

    Parameters
    ----------
    factor : Factor
    draws : ndarray, shape (n,)
        Uniform in (0, 1).
    """
    if factor.overridden:
        return np.full(len(draws), factor.value)
    return np.interp(draws, (0.1, 0.5, 0.9), (factor.low, factor.value, factor.high))


def three_points(factor: Factor, draws: Floats, low: float, high: float) -> Floats:
    """Return the low, central or high value of a factor: lamps are sold in a few powers only.

    Parameters
    ----------
    factor : Factor
    draws : ndarray, shape (n,)
        Uniform in (0, 1).
    low, high : float
        Shares of the low and of the high value.
    """
    if factor.overridden:
        return np.full(len(draws), factor.value)
    return np.where(draws < low, factor.low, np.where(draws >= 1 - high, factor.high, factor.value))


def lookup(factors: FactorTable, stem: str, *names: str) -> Factor:
    """Return the first of `stem_name` that the table holds.

    Raises
    ------
    KeyError
        When it holds none of them.
    """
    for name in names:
        found = factors.get(f"{stem}_{name}")
        if found is not None:
            return found
    raise KeyError(f"{stem}_{names[-1]}")


def technology_shares(factors: FactorTable, usage: str) -> dict[str, float]:
    """Return the share of each technology in the stock of a usage, in the order of `TECHNOLOGIES`; their sum is 1."""
    shares = {
        name: factors.value(f"stock_share_{usage}_{name.lower()}")
        for name in TECHNOLOGIES
        if f"stock_share_{usage}_{name.lower()}" in factors
    }
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


@dataclass(frozen=True)
class StreetDraws:
    """The draws of each street, shared by all its lamps.

    Attributes
    ----------
    table : DataFrame
        Indexed by street key: `age` (a normal score; the lowest is the oldest), `year`, `power`, `height`, `optics`
        (uniform in (0, 1)).
    """

    table: pd.DataFrame

    @classmethod
    def draw(cls, keys: Sequence[str], quarters: Sequence[str], factors: FactorTable, streams: Streams) -> StreetDraws:
        """Draw for each distinct street; `quarters` is aligned with `keys`.

        Streets are drawn in the order of their keys, so that the order of rows in a file changes nothing. The age
        score is the sum of a part that the quarter shares and of one of the street's own.
        """
        streets = pd.Series(list(quarters), index=list(keys)).groupby(level=0).first().sort_index()
        names = sorted(set(streets))
        common = pd.Series(ndtri(streams.column("quarter", "age", len(names))), index=names)
        own = ndtri(streams.column("street", "age", len(streets)))
        weight = factors.value("stock_quarter_correlation")
        table = pd.DataFrame(
            {
                purpose: streams.column("street", purpose, len(streets))
                for purpose in ("year", "power", "height", "optics")
            },
            index=streets.index,
        )
        table["age"] = np.sqrt(weight) * common.loc[streets].to_numpy() + np.sqrt(1 - weight) * own
        return cls(table)

    def of(self, purpose: str, keys: pd.Series) -> Floats:
        """Return the draw of each lamp's street, shape (n,)."""
        return np.asarray(self.table[purpose].loc[keys].to_numpy(), dtype=np.float64)


def stratified_technology(keys: pd.Series, draws: StreetDraws, shares: dict[str, float]) -> NDArray[np.object_]:
    """Give each street one technology so that the lamps together have the shares wanted.

    Streets are ranked from the oldest to the newest; the middle of a street's lamps in that ranking says which
    technology it has. Independent draws would leave a small territory far from the shares.

    Parameters
    ----------
    keys : Series of str, shape (n,)
        Street key of each lamp.
    draws : StreetDraws
    shares : dict
        Technology -> share, the oldest first.

    Returns
    -------
    ndarray of str, shape (n,)
    """
    counts = keys.value_counts()
    streets = pd.DataFrame({"lamps": counts, "age": draws.table["age"].loc[counts.index]})
    streets = streets.rename_axis("key").reset_index().sort_values(["age", "key"])
    middle = (streets["lamps"].cumsum() - streets["lamps"] / 2) / streets["lamps"].sum()
    limits = np.cumsum(list(shares.values()))[:-1]
    names = np.array(list(shares), dtype=object)[np.searchsorted(limits, middle.to_numpy(), side="right")]
    chosen = pd.Series(names, index=streets["key"])
    return np.asarray(chosen.loc[keys].to_numpy(), dtype=object)

"""What happens to assets over the period, from the run's journal: spells without light, leaks, trucks on their rounds.

The journal is that of the first replication: one year as it may happen, the same world before and after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau_viz.appearance import Moves, Spell
from jumeau_viz.frame import Floats
from jumeau_viz.meshes import Indices
from jumeau_viz.scene import Scene

HOURS_PER_DAY = 24.0
PATH_LIFT = 1.5  # metres: a vehicle's roof
PATH_STEP = 25.0  # metres between two points of a path laid on relief


@dataclass(frozen=True)
class Spells:
    """Spells of one kind in one scenario.

    Attributes
    ----------
    asset : ndarray of int, shape (n,)
        Place of the asset in its layer.
    begin, end : ndarray, shape (n,)
        Local time since the midnight before the period [day]; the end is infinite where the period ends first.
    """

    asset: Indices
    begin: Floats
    end: Floats

    @classmethod
    def none(cls) -> Spells:
        """Return no spells."""
        return cls(np.empty(0, dtype=np.intp), np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Journeys:
    """Vehicles under way in one scenario.

    Attributes
    ----------
    begin, end : ndarray, shape (n,)
        Departure and return, local time since the midnight before the period [day].
    points : ndarray, shape (m, 3)
        Points of all paths [m, local frame].
    starts : ndarray of int, shape (n + 1,)
        First point of each path, and the number of points.
    """

    begin: Floats
    end: Floats
    points: Floats
    starts: Indices


def read_journal(path: Path, first: str) -> pd.DataFrame:
    """Return a run's journal with the column `day`, local time since the midnight before the period [day].

    Parameters
    ----------
    path : Path
        `journal.csv`; without it nothing is told.
    first : str
        First day of the period, ISO date.
    """
    if not first or not path.is_file() or path.stat().st_size == 0:
        return pd.DataFrame(columns=["scenario", "network", "kind", "day"])
    table = pd.read_csv(path, dtype={"scenario": str, "network": str, "kind": str}, low_memory=False)
    # Local time as clocks show it: the offset is cut off.
    local = pd.to_datetime(table["date"].astype(str).str.slice(0, 19), format="%Y-%m-%dT%H:%M:%S", errors="coerce")
    return table.assign(day=(local - pd.Timestamp(first[:10])) / pd.Timedelta(days=1))


def spells_of(
    journal: pd.DataFrame, network: str, scenarios: Sequence[str], ids: NDArray[np.str_], spell: Spell
) -> list[Spells]:
    """Return the spells of one kind by scenario.

    Parameters
    ----------
    journal : DataFrame
        As `read_journal` gives it.
    network : str
    scenarios : sequence of str
    ids : ndarray of str
        Identifiers of the layer's assets.
    spell : Spell
        Which events begin and end one.
    """
    place = pd.Series(np.arange(len(ids)), index=ids)
    place = place[~place.index.duplicated()]
    mine = journal[(journal["network"] == network) & journal["kind"].isin([spell.begins, spell.ends])]
    found = []
    for scenario in scenarios:
        events = mine[mine["scenario"] == scenario]
        if not len(events) or spell.asset not in events:
            found.append(Spells.none())
            continue
        found.append(_paired(events, spell, place))
    return found


def _paired(events: pd.DataFrame, spell: Spell, place: pd.Series[int]) -> Spells:
    """Match each beginning with the first end of the same key that follows it."""
    key = spell.key or spell.asset
    begins = events[events["kind"] == spell.begins].sort_values("day", kind="stable")
    ends = events[events["kind"] == spell.ends].sort_values("day", kind="stable")
    begins, ends = (table.assign(_key=table[key].astype(str)) for table in (begins, ends))
    matched = pd.merge_asof(
        begins[["day", "_key", spell.asset]],
        ends[["day", "_key"]].assign(until=ends["day"]),
        on="day",
        by="_key",
        direction="forward",
    )
    row = place.reindex(matched[spell.asset].astype(str)).to_numpy()
    known = ~np.isnan(row.astype(np.float64))
    until = matched["until"].fillna(np.inf).to_numpy(dtype=np.float64)
    begin = matched["day"].to_numpy(dtype=np.float64)
    return Spells(row[known].astype(np.intp), begin[known], until[known])


def journeys_of(layers: Mapping[str, gpd.GeoDataFrame], moves: Moves, first: str, scene: Scene) -> dict[str, Journeys]:
    """Return the journeys of a layer of rounds by scenario.

    A vehicle is shown moving evenly from departure to return, its stops included: a round's pace, not its halts.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        One layer of lines per scenario.
    moves : Moves
        Columns of date and times.
    first : str
        First day of the period, ISO date.
    scene : Scene
    """
    return {name: _journeys(layer, moves, first, scene) for name, layer in layers.items() if len(layer)}


def _journeys(layer: gpd.GeoDataFrame, moves: Moves, first: str, scene: Scene) -> Journeys:
    origin = datetime.fromisoformat(first[:10])
    days = np.array([(datetime.fromisoformat(str(text)) - origin).days for text in layer[moves.date]], dtype=np.float64)
    begin = days + _hours(layer[moves.departure]) / HOURS_PER_DAY
    end = days + _hours(layer[moves.arrival]) / HOURS_PER_DAY
    end = np.where(end < begin, end + 1.0, end)  # back after midnight
    lines = shapely.force_2d(layer.geometry.to_numpy())
    if not scene.ground.flat:
        lines = shapely.segmentize(lines, PATH_STEP)
    points, owner = shapely.get_coordinates(lines, return_index=True)
    plane = scene.frame.to_local(points)
    starts = np.searchsorted(owner, np.arange(len(lines) + 1))
    return Journeys(
        begin,
        end,
        np.column_stack([plane, scene.ground.altitude(plane) + PATH_LIFT]),
        np.asarray(starts, dtype=np.intp),
    )


def _hours(column: pd.Series[str]) -> Floats:
    parts = column.astype(str).str.split(":", expand=True).astype(float)
    return np.asarray((parts[0] + parts[1] / 60.0).to_numpy(dtype=np.float64))

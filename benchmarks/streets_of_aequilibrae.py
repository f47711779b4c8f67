"""The networks that come with AequilibraE, as links and demand.

Sioux Falls has its demand. Nauru and Coquimbo are streets of OpenStreetMap (ODbL) without any: capacities by class of
street, trips by a gravity model on the people of the zones (Coquimbo) or between crossings drawn from a seed (Nauru).
Reference to AequilibraE: Pedro Camargo and others, https://www.aequilibrae.com.
"""

from __future__ import annotations

import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aequilibrae
import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from jumeau.assignment import Demand, Links, skim

Floats = NDArray[np.float64]

CASES = ("sioux_falls", "nauru", "coquimbo")

#: Capacity of a lane [pcu/h] and speed where none is given [km/h], by class of street; others carry no cars.
_CLASSES = {
    "motorway": (2000.0, 100.0), "trunk": (1800.0, 80.0), "primary": (1000.0, 50.0), "secondary": (800.0, 50.0),
    "tertiary": (600.0, 40.0), "unclassified": (500.0, 40.0), "residential": (400.0, 30.0),
    "living_street": (300.0, 20.0), "service": (300.0, 20.0), "centroid_connector": (99_999.0, 30.0),
}  # fmt: skip

#: Trips in the peak hour, and zones where the network has none.
_TRIPS = {"nauru": 6_000.0, "coquimbo": 40_000.0}
_DRAWN_ZONES = 60


@contextmanager
def _opened(name: str) -> Iterator[tuple[sqlite3.Connection, Path]]:
    packed = Path(aequilibrae.__file__).parent / "reference_files" / f"{name}.zip"
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(packed).extractall(folder)
        database = sqlite3.connect(Path(folder) / "project_database.sqlite")
        yield database, Path(folder)
        database.close()


def shipped(name: str) -> tuple[Links, Demand]:
    """Return links and demand of a network."""
    with _opened(name) as (database, folder):
        frame = pd.read_sql(f"SELECT {_columns(database)} FROM links", database)
        if name == "sioux_falls":
            return _published(frame, folder)
        centroids = pd.read_sql("SELECT node_id FROM nodes WHERE is_centroid = 1 ORDER BY node_id", database)
        people = pd.read_sql("SELECT zone_id, population FROM zones", database).set_index("zone_id")["population"]
    table = _directed(frame[frame["link_type"].isin(list(_CLASSES))])
    zones = centroids["node_id"].to_numpy()
    rng = np.random.default_rng(1)
    if not len(zones):
        zones = rng.choice(_strong(table), _DRAWN_ZONES, replace=False)
        weight = rng.lognormal(0.0, 0.5, len(zones))
        through = 0
    else:
        weight = people.reindex(zones).fillna(people.mean()).to_numpy()
        through = len(zones)
    ordered = list(dict.fromkeys([*zones, *sorted(set(table["tail"]) | set(table["head"]))]))
    numbers = {node: at for at, node in enumerate(ordered)}
    links = Links(
        table["tail"].map(numbers).to_numpy(), table["head"].map(numbers).to_numpy(), table["time"].to_numpy(),
        table["capacity"].to_numpy(), table["b"].to_numpy(), np.full(len(table), 4.0), len(ordered), through,
    )  # fmt: skip
    cost = skim(links, links.free_time, links.free_time, len(zones)).cost
    trips = np.where(np.isfinite(cost), np.outer(weight, weight) * np.exp(-cost / 600.0), 0.0)
    np.fill_diagonal(trips, 0.0)
    return links, Demand.of(trips * (_TRIPS[name] / trips.sum()))


def _columns(database: sqlite3.Connection) -> str:
    """Return the columns of the links that are no geometry."""
    found = [row[1] for row in database.execute("PRAGMA table_info(links)")]
    return ", ".join(column for column in found if column not in {"geometry", "ogc_fid"})


def _published(frame: pd.DataFrame, folder: Path) -> tuple[Links, Demand]:
    """Return Sioux Falls with its own demand."""
    matrix = AequilibraeMatrix()
    matrix.load(str(folder / "matrices" / "demand.aem"))
    trips = np.nan_to_num(np.array(matrix.matrix["matrix"], dtype=np.float64))
    columns = (frame[column].to_numpy(np.float64) for column in ("free_flow_time", "capacity_ab", "b", "power"))
    links = Links(frame["a_node"].to_numpy() - 1, frame["b_node"].to_numpy() - 1, *columns, len(trips))
    return links, Demand.of(trips)


def _directed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each direction: tail, head, time [s], capacity [pcu/h], b."""
    parts = []
    for side, back in (("ab", -1), ("ba", 1)):
        rows = frame[frame["direction"] != back]
        lane, speed = (rows["link_type"].map(lambda kind, at=at: _CLASSES[kind][at]) for at in (0, 1))
        given = rows[f"speed_{side}"].where(rows[f"speed_{side}"] > 0.0)
        lanes = rows[f"lanes_{side}"].where(rows[f"lanes_{side}"] > 0.0).fillna(1.0)
        parts.append(
            pd.DataFrame(
                {
                    "tail": rows["a_node" if side == "ab" else "b_node"],
                    "head": rows["b_node" if side == "ab" else "a_node"],
                    "time": rows["distance"].clip(lower=1.0) / (given.fillna(speed) / 3.6),
                    "capacity": lane * lanes,
                    "b": np.where(rows["link_type"] == "centroid_connector", 0.0, 0.15),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _strong(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the nodes from each of which every other one can be reached."""
    nodes, ends = np.unique(table[["tail", "head"]].to_numpy(), return_inverse=True)
    ends = ends.reshape(-1, 2)
    graph = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(nodes), len(nodes)))
    _count, part = connected_components(graph, connection="strong")
    return np.asarray(nodes[part == np.bincount(part).argmax()])

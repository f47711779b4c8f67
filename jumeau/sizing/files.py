"""What a sizing leaves: the record, a table to order from, the sites on the map, the scenario to run."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.engine.scenario import read_scenario_text
from jumeau.files import check_writable, write_text
from jumeau.geopackage import write_geopackage
from jumeau.i18n import _
from jumeau.results.storage import write_json
from jumeau.sizing.record import sized_record
from jumeau.sizing.scenario_file import scenario_data, scenario_text
from jumeau.sizing.solve import Solution
from jumeau.sizing.territory import Sized


def sites_table(solution: Solution) -> pd.DataFrame:
    """Return the sites chosen, in the order in which to install them: to order from."""
    sites, order = solution.problem.sites, solution.order
    chosen = solution.chosen
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(chosen) + 1),
            "site_id": sites.id[chosen].astype(str),
            "unit_cost": sites.cost[chosen],
            "cumulative_cost": np.cumsum(sites.cost[chosen]),
            "adds": np.diff(order.value),
            "cumulative_benefit": order.value[1:],
            "x": sites.x[chosen],
            "y": sites.y[chosen],
        }
    )


def candidates_layer(sized: Sized) -> gpd.GeoDataFrame:
    """Return all candidate sites on the map, with the rank of those chosen; an empty rank for the others."""
    solution, sites = sized.solution, sized.solution.problem.sites
    rank = np.full(len(sites), np.nan)
    rank[solution.chosen] = np.arange(1, len(solution.chosen) + 1)
    adds = np.full(len(sites), np.nan)
    adds[solution.chosen] = np.diff(solution.order.value)
    robust = np.zeros(len(sites), dtype=bool)
    if solution.failures is not None:
        robust[solution.failures.robust] = True
    return sized.instance.sites.assign(
        chosen=np.isfinite(rank), rank=rank, adds=adds, robust=robust, forbidden=sites.forbidden, unit_cost=sites.cost
    )


def write_sized(sized: Sized, folder: Path, place: str) -> list[Path]:
    """Write `size.json`, `sites.csv`, `sites.gpkg`, `curve.csv`, and `scenario.yaml` where there is a measure to run.

    Parameters
    ----------
    sized : Sized
    folder : Path
    place : str
        The territory as a scenario in that folder names it.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    check_writable(folder)
    layer, record = candidates_layer(sized), sized_record(sized)
    written = [
        write_json(record, folder / "size.json"),
        _csv(sites_table(sized.solution), folder / "sites.csv"),
        _csv(pd.DataFrame(record["curve"]), folder / "curve.csv"),
        write_geopackage(
            folder / "sites.gpkg",
            {"sites": layer[layer["chosen"]].sort_values("rank"), "candidates": layer},
            _(sized.sizing.label),
        ),
    ]
    data = scenario_data(sized, place)
    if data is not None:
        text, file = scenario_text(data), folder / "scenario.yaml"
        # What is handed out can be run: it is read as it will be.
        read_scenario_text(text, file)
        written.append(write_text(file, text))
    return written


def _csv(table: pd.DataFrame, path: Path) -> Path:
    return write_text(path, table.to_csv(index=False, lineterminator="\n", float_format="%.7g"))

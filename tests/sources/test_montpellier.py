"""The first real territory: Montpellier's open data, with all their traps."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

from jumeau.engine.territory import build_territory, check_territory
from jumeau.territory.graph import StreetGraph
from jumeau.territory.storage import read_territory, write_territory

pytestmark = pytest.mark.data
FILE = Path(__file__).parents[2] / "scenarios" / "montpellier" / "territory.yaml"


@pytest.fixture(scope="module")
def montpellier(data_folder):
    if not (data_folder / "montpellier").is_dir():
        pytest.skip("no data of Montpellier here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUMEAU_DATA", str(data_folder))
        start = perf_counter()
        territory, report = build_territory(FILE, synthesise=False)
        return territory, report, perf_counter() - start


def test_counts_are_those_of_the_publisher(montpellier):
    layers = montpellier[0].layers
    assert len(layers["lamps"]) == 29_969
    assert len(layers["addresses"]) == 36_395
    assert len(layers["buildings"]) == 3_356
    assert len(layers["zones"]) == 31
    # 8,011 arcs less 3 that are water.
    assert len(layers["streets"]) == 8_008


def test_it_is_fast(montpellier):
    assert montpellier[2] < 60


def test_lengths_are_those_of_the_source(montpellier):
    # The README of the data says 746 km for the connected part of 8,011 arcs.
    assert montpellier[0].layers["streets"].geometry.length.sum() / 1000 == pytest.approx(746, abs=5)


def test_ids_are_texts_without_decimals(montpellier):
    streets = montpellier[0].layers["streets"]
    assert not streets["street_id"].str.contains(".", regex=False).any()
    observed = streets.loc[streets["from_node_origin"] == "observed", "from_node"]
    assert observed.str.fullmatch(r"\d+").all()


def test_one_node_is_one_place(montpellier):
    territory = montpellier[0]
    streets = territory.layers["streets"]
    ends = pd.concat(
        [
            pd.DataFrame({"node": streets[name], "x": at.x, "y": at.y})
            for name, at in (
                ("from_node", streets.geometry.interpolate(0)),
                ("to_node", streets.geometry.interpolate(1, normalized=True)),
            )
        ]
    )
    spread = ends.groupby("node")[["x", "y"]].agg(lambda values: values.max() - values.min())
    assert np.hypot(spread["x"], spread["y"]).max() < 2
    # The README of the data tells of 4,919 nodes that vehicles can reach and leave, by the published node ids.
    assert len(StreetGraph.build(territory.layer("streets")).nodes) > 4_919


def test_one_way_roundabouts_turn_anticlockwise(montpellier):
    """French traffic keeps right, so the direction of the arcs can be checked without any table."""
    streets = montpellier[0].layer("streets")
    rounds = streets[
        streets["name"].str.contains("rond-point", case=False, na=False) & (streets["oneway"] == "forward")
    ]
    assert len(rounds) > 50
    for _name, arcs in rounds.groupby("name"):
        west, south, east, north = arcs.total_bounds
        for arc in arcs.geometry:
            x, y = np.array(arc.coords).T - np.array([[(west + east) / 2], [(south + north) / 2]])
            assert np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0


def test_population_is_the_sum_of_the_published_quarters(montpellier, data_folder):
    table = pd.read_csv(data_folder / "montpellier" / "INSEE_MTP_PopIRIS_1999.csv", encoding="latin-1", skiprows=6,
                        dtype={"dc": str})  # fmt: skip
    wanted = table.loc[table["dc"] == "34172", "xpoptot"].astype(float).sum()
    assert montpellier[0].layers["population"]["residents"].sum() == pytest.approx(wanted)


def test_it_is_read_back_identical(montpellier, tmp_path):
    territory = montpellier[0]
    assert read_territory(write_territory(territory, tmp_path / "m.gpkg")).checksum == territory.checksum


def test_no_error_and_known_warnings(montpellier):
    errors, warnings = check_territory(montpellier[0])
    assert not errors
    assert {"lamps", "streets", "addresses"} == {problem.layer for problem in warnings}

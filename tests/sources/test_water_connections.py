"""Connections of imported networks: imputed from demands, from counts or at addresses, so that meters can be read."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from water_kit import LAMBERT, YEAR, frame, grid, territory
from wntr.library import ModelLibrary

from jumeau.engine.territory import build_territory
from jumeau.networks.water import NETWORK
from jumeau.testing import Bench

#: Households that one m3/h serves: 2.2 persons of 145 l a day.
PER_FLOW = 24_000.0 / (2.2 * 145.0)


def completed(layers, **more):
    """Return a network completed as an import is, addresses given or not."""
    found = territory(layers)
    return NETWORK.behaviour.complete(found.with_layers(more) if more else found, NETWORK.factors, 1)


def test_connections_come_from_demands():
    """16 junctions of 1 m3/h: 1,204 households along 25 km, each with a connection of its own."""
    done = completed(grid(side=4, step=1000.0, demand=1.0))
    connections, pipes = done.layers["water_connections"], done.layers["water_pipes"]
    assert len(connections) == pytest.approx(16 * PER_FLOW, abs=len(pipes) / 2)
    assert connections["customers"].sum() == pytest.approx(16 * PER_FLOW, rel=0.02)
    counted = connections.groupby("pipe_id").size().reindex(pipes["pipe_id"], fill_value=0)
    assert list(counted) == list(pipes["connections"])
    # They lie on their pipe, and the columns table tells by which rule.
    axes = pipes.set_index("pipe_id").geometry
    assert connections.geometry.distance(axes.loc[connections["pipe_id"]].set_axis(connections.index)).max() < 1e-6
    told = done.columns[done.columns["layer"] == "water_connections"]
    assert set(told["origin"]) == {"imputed"}
    assert told["rule"].str.contains("demand").all()


def test_where_demand_is_dense_households_share_connections():
    done = completed(grid(side=4, step=100.0, demand=1.0))
    km = done.layers["water_pipes"]["length"].sum() / 1000.0
    connections = done.layers["water_connections"]
    assert len(connections) == pytest.approx(120.0 * km, rel=0.05)
    assert connections["customers"].sum() == pytest.approx(16 * PER_FLOW, rel=0.02)


def test_a_further_category_of_demand_counts_and_a_source_does_not():
    layers = grid(side=2, step=1000.0, demand=0.0)
    layers["water_junctions"]["demand"] = [1.0, 0.0, -5.0, 0.0]
    layers["water_demands"] = frame({"demand_id": ["d"], "node_id": ["J1_1"], "demand": [0.5]})
    connections = completed(layers).layers["water_connections"]
    assert connections["customers"].sum() == pytest.approx(1.5 * PER_FLOW, rel=0.05)


def test_counts_of_the_register_stand():
    """RAEPA's `nbranche` is what it is, even where demand would tell more."""
    count = np.zeros(25, dtype=int)
    count[[3, 7]] = 4, 10
    done = completed(grid(side=4, step=1000.0, demand=1.0, connections=count))
    connections = done.layers["water_connections"]
    assert connections.groupby("pipe_id").size().to_dict() == {"P3": 4, "P7": 10}
    assert (connections["customers"] >= 1.0).all()


def test_connections_stand_at_addresses_where_there_are_any():
    layers = grid(side=2, step=200.0, demand=1.0)
    middle = layers["water_pipes"].geometry.iloc[1].interpolate(0.5, normalized=True)
    places = [shapely.Point(middle.x, middle.y + 10.0), shapely.Point(middle.x + 5.0, middle.y + 12.0)]
    addresses = gpd.GeoDataFrame({"address_id": ["A1", "A2"]}, geometry=places, crs=LAMBERT)
    connections = completed(layers, addresses=addresses).layers["water_connections"]
    assert list(connections["address_id"]) == ["A1", "A2"]
    assert list(connections.geometry) == places
    assert set(connections["pipe_id"]) == {"P1"}


def test_transport_mains_serve_nobody_where_others_can():
    layers = grid(side=2, step=1000.0, demand=1.0)
    layers["water_pipes"]["function"] = ["transport", "transport", *["distribution"] * 3]
    connections = completed(layers).layers["water_connections"]
    assert set(connections["pipe_id"]) == {"P2", "P3", "P4"}
    assert connections["customers"].sum() == pytest.approx(4 * PER_FLOW, rel=0.02)


TERRITORY = """
name: net3
crs: EPSG:2154
source: EPA
licence: public domain
date: '2000'
imports:
  - {format: epanet, file: network.inp, scale: 300, offset: [650000, 6860000]}
"""


def test_meters_of_an_epanet_file_are_read_remotely(tmp_path):
    """Before, such a territory had no connection: the measure cost nothing and did nothing."""
    text = Path(ModelLibrary().get_filepath("Net3")).read_text(encoding="utf-8")
    (tmp_path / "network.inp").write_text(text, encoding="utf-8")
    (tmp_path / "net3.yaml").write_text(TERRITORY, encoding="utf-8")
    built, _report = build_territory(tmp_path / "net3.yaml")
    town = Bench(NETWORK, built, YEAR)
    count = len(built.layers["water_connections"])
    assert count > 1000
    made = town.apply(town.layers, "remote_reading")
    assert made.bill[0].count == count
    assert made.notes == ()
    before, after = (town.run(layers).outcome for layers in (town.layers, made.layers))
    assert before.indicators["reading_hours"] == pytest.approx(count * 365 / 182 / 20)
    assert after.indicators["reading_hours"] == 0.0
    assert after.quantities["customer_losses"] < 0.6 * before.quantities["customer_losses"]
    assert after.quantities["metered_volume"] > before.quantities["metered_volume"]


def test_a_territory_without_connections_says_so(english):
    town = Bench(NETWORK, territory(grid()), YEAR)
    (note,) = town.apply(town.layers, "remote_reading").notes
    assert "no service connections" in note

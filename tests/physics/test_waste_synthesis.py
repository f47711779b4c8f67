"""A collection where there is none: people, tonnages and densities add up, nothing observed is replaced."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from jumeau.networks.waste import NETWORK
from jumeau.networks.waste.physics.week import weekdays
from jumeau.territory.partition import bisect


@pytest.fixture(scope="module")
def bare(town):
    """The town without its collection."""
    layers = {name: town.layer(name) for name in town.layers if not name.startswith("waste_")}
    columns = town.columns[~town.columns["layer"].str.startswith("waste_")]
    return type(town)(town.name, town.crs, layers, columns, dict(town.meta))


def complete(territory):
    return NETWORK.behaviour.complete(territory, NETWORK.factors, 1)


def test_tonnages_are_those_of_the_nation(bare):
    made = complete(bare)
    people = float(bare.layers["population"]["residents"].sum())
    per_year = made.layers["waste_containers"].groupby("stream")["mass_rate"].sum() * 365.0 / people
    assert per_year["residual"] == pytest.approx(245.0)
    assert per_year["packaging"] == pytest.approx(25.0 + 14.0)
    assert per_year["glass"] == pytest.approx(33.0 * 0.8)


def test_one_column_for_about_five_hundred_residents(bare):
    sites = complete(bare).layers["waste_sites"]
    drop = sites[sites["kind"] == "drop_off"]
    assert drop["residents"].sum() == pytest.approx(bare.layers["population"]["residents"].sum())
    assert drop["residents"].between(300, 700).all()


def test_columns_are_emptied_at_about_half(bare):
    made = complete(bare)
    columns = made.layers["waste_containers"]
    glass = columns[columns["stream"] == "glass"]
    rounds = made.layers["waste_rounds"].set_index("round_id")
    days = 7.0 * rounds.loc[glass["round_id"], "every"].to_numpy()
    fill = glass["mass_rate"] / 330.0 * 1000.0 * days / glass["volume"]
    assert 0.4 < fill.mean() < 0.65


def test_everything_is_linked_and_sound(bare):
    made = complete(bare)
    assert NETWORK.behaviour.check(made, NETWORK.factors, NETWORK.assumptions()) == []
    # Nobody invents the order in which crews drive today, nor what a ministry has published of the town.
    observed_only = {"waste_stops", "waste_yardsticks"}
    assert observed_only.isdisjoint(made.layers)
    for layer in set(NETWORK.attributes.layers) - observed_only:
        assert layer in made.layers
        told = made.columns[made.columns["layer"] == layer]
        assert set(told["origin"]) == {"synthetic"}
    per_day = {}
    trucks = made.layers["waste_trucks"].set_index("truck_id")
    for row in made.layers["waste_rounds"].to_dict("records"):
        for day in weekdays(row["weekdays"]):
            key = (row["truck_id"], day, row["first_week"] % row["every"])
            per_day[key] = per_day.get(key, 0) + 1
    for (truck, _day, _week), count in per_day.items():
        assert count <= trucks.loc[truck, "count"]


def test_the_order_of_rows_changes_nothing(bare):
    mixed = bare.with_layers({"addresses": bare.layer("addresses").sample(frac=1.0, random_state=4)})
    first, second = (complete(item).layers["waste_containers"] for item in (bare, mixed))
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


def test_observed_columns_stay_and_gaps_are_imputed(bare):
    centre = bare.layers["addresses"].geometry.iloc[[5, 900, 2000]]
    known = gpd.GeoDataFrame(
        {
            "container_id": ["a", "b", "c"],
            "site_id": ["A", "A", "B"],
            "stream": "glass",
            "kind": "drop_off_column",
            "volume": [3000.0, 4000.0, 2000.0],
            "mass_rate": [12.0, np.nan, np.nan],
        },
        geometry=[centre.iloc[0], centre.iloc[0], centre.iloc[2]],
        crs=bare.crs,
    )
    made = complete(bare.with_layers({"waste_containers": known}))
    columns = made.layers["waste_containers"]
    assert list(columns["volume"]) == [3000.0, 4000.0, 2000.0]
    assert columns["mass_rate"].iloc[0] == 12.0
    assert (columns["mass_rate"] > 0.0).all()
    assert list(columns["mass_rate_origin"]) == ["observed", "imputed", "imputed"]
    # Three columns cannot take the glass of a town.
    assert (columns["mass_rate"] <= columns["volume"] * 0.33 / 7.0 + 1e-9).all()
    assert sorted(made.layers["waste_sites"]["site_id"]) == ["A", "B"]
    told = made.columns.drop_duplicates(["layer", "column"], keep="last").set_index(["layer", "column"])["origin"]
    assert ("waste_containers", "volume") not in told.index  # as the user's file told it
    assert told["waste_containers", "round_id"] == "synthetic"
    assert (columns["round_id"] != "").all()


def test_an_empty_layer_is_a_fact(bare):
    empty = NETWORK.attributes.empty("waste_containers", bare.crs)
    made = complete(bare.with_layers({"waste_containers": empty}))
    assert not len(made.layers["waste_containers"])


def test_parts_of_equal_weight():
    rng = np.random.Generator(np.random.PCG64(1))
    xy, weight = rng.random((500, 2)), rng.uniform(1.0, 3.0, 500)
    label = bisect(xy, weight, 7)
    share = np.bincount(label, weight) / weight.sum() * 7
    assert len(share) == 7
    assert np.abs(share - 1.0).max() < 0.06
    # Parts hang together: each is a rectangle that holds no point of another.
    for part in range(7):
        box = shapely.box(*xy[label == part].min(axis=0), *xy[label == part].max(axis=0))
        inside = shapely.contains_properly(box, shapely.points(xy[label != part]))
        assert not inside.any()

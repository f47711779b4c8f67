"""What is wrong with a collection is named: feature, column, value, what to do."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import waste_kit as kit

from jumeau.engine.checks import own_checks
from jumeau.networks.waste import NETWORK
from jumeau.territory.check import check_data

XY = np.array([[500.0, 0.0], [1000.0, 0.0]])


def street(*, width=6.0):
    lines = [shapely.LineString(np.array([[-100.0, 0.0], [1500.0, 0.0]]) + kit.ORIGIN)]
    columns = {"street_id": ["A"], "road_class": ["residential"], "oneway": ["both"], "width": [width]}
    return gpd.GeoDataFrame(columns, geometry=lines, crs=kit.CRS)


def problems(layers, streets=None):
    found = check_data(kit.territory(layers, streets), [NETWORK.attributes], own_checks([NETWORK]))
    return [problem for problem in found if not problem.warning]


def test_a_sound_collection_has_no_problem():
    assert problems(kit.collection(XY)) == []
    assert problems(kit.collection(XY), street()) == []


def test_trucks_of_several_depots_say_theirs(english):
    layers = kit.collection(XY)
    depots = layers["waste_depots"]
    several = pd.concat([depots, depots.assign(depot_id="D2")], ignore_index=True)
    (problem,) = problems(layers | {"waste_depots": several})
    assert (problem.layer, problem.column, problem.features) == ("waste_trucks", "depot_id", ("T1",))
    trucks = layers["waste_trucks"].assign(depot_id="D2")
    assert problems(layers | {"waste_depots": several, "waste_trucks": trucks}) == []


@pytest.mark.parametrize(
    ("changes", "layer", "features", "words"),
    [
        ({"trucks": {"payload": [900.0]}}, "waste_containers", ("S0000-glass", "S0001-glass"), "more than any truck"),
        ({"trucks": {"body": [3.0]}}, "waste_containers", ("S0000-glass", "S0001-glass"), "more than any truck"),
        ({"disposal": {"streams": ["residual"]}}, "waste_containers", ("S0000-glass", "S0001-glass"), "no disposal"),
        ({"trucks": {"streams": ["paper"]}}, "waste_containers", ("S0000-glass", "S0001-glass"), "no truck collects"),
        ({"sites": {"earliest": [14.0, 0.0], "latest": 24.0}}, "waste_sites", ("S0000",), "no truck is on duty"),
        ({"sites": {"earliest": [9.0, 9.0], "latest": [8.0, 10.0]}}, "waste_sites", ("S0000",), "not after"),
        ({"rounds": {"weekdays": ["lundredi"]}}, "waste_rounds", ("R1",), "not a list of days"),
        ({"trucks": {"streams": ["glass plastic"]}}, "waste_trucks", ("T1",), "not known"),
        ({"containers": {"round_id": [None, "R1"]}}, "waste_containers", ("S0000-glass",), "no round"),
        ({"trucks": {"depot_id": ["D9"]}}, "waste_trucks", ("T1",), "unknown feature of the layer « waste_depots »"),
        ({"rounds": {"truck_id": ["T9"]}}, "waste_rounds", ("R1",), "unknown feature of the layer « waste_trucks »"),
        (
            {
                "trucks": {
                    "truck_id": ["T1", "T2"],
                    "streams": ["paper", "glass"],
                    "count": 1,
                    "body": 30.0,
                    "payload": 10_000.0,
                    "crew": 1,
                }
            },
            "waste_rounds",
            ("R1",),
            "do not collect its stream",
        ),
        (
            {"disposal": {"unloading": [200.0]}, "trucks": {"shift_from": [5.0], "shift_to": [8.0]}},
            "waste_disposal",
            ("E1",),
            "longer than any shift",
        ),
    ],
)
def test_each_mistake_names_its_features(english, changes, layer, features, words):
    found = problems(kit.collection(XY, **changes))
    assert len(found) == 1, found
    assert found[0].layer == layer
    assert found[0].features == features
    assert words in found[0].message
    assert found[0].hint


def test_a_site_off_the_network_is_named(english):
    (found,) = problems(kit.collection(np.array([[500.0, 0.0], [1000.0, 900.0]])), street())
    assert found.features == ("S0001",)
    assert "900 m" in found.message


def test_a_disposal_site_far_away_needs_its_road(english):
    layers = kit.collection(XY)
    away = shapely.points(np.array([[9000.0, 0.0]]) + kit.ORIGIN)
    layers["waste_disposal"] = layers["waste_disposal"].set_geometry(away, crs=kit.CRS)
    (found,) = problems(layers, street())
    assert found.layer == "waste_disposal"
    assert "extra_distance" in found.hint
    layers["waste_disposal"]["extra_distance"] = 8.0
    assert problems(layers, street()) == []


def test_streets_that_are_too_narrow_for_any_truck(english):
    (found,) = problems(kit.collection(XY), street(width=2.0))
    assert found.layer == "streets"
    assert found.column == "width"


def test_no_depot_is_told(english):
    layers = kit.collection(XY)
    layers["waste_depots"] = layers["waste_depots"].iloc[:0]
    assert any("no depot" in found.message for found in problems(layers))

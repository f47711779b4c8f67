"""A name that names nothing is told once, with its place and one advice, alike by a check and before a run."""

import numpy as np
import pytest

from jumeau.attributes import AttributeTable
from jumeau.engine.checks import check_layers, own_checks
from jumeau.errors import InputError
from jumeau.network import discover
from jumeau.territory.check import check_territory
from jumeau.territory.model import SHARED, Territory

NETWORKS = list(discover().values())
TABLES = [network.attributes for network in NETWORKS]


@pytest.fixture(autouse=True)
def _english(english):
    pass


def checked(territory):
    """The errors of `territory check`, which a run refuses too."""
    errors, _warnings = check_territory(territory, TABLES, own_checks(NETWORKS))
    try:
        check_layers(territory, NETWORKS)
        refused = ()
    except InputError as error:
        refused = error.problems
    assert sorted(map(str, refused)) == sorted(map(str, errors))
    return errors


def renamed(town, layer, column, name, row=3):
    frame = town.layer(layer)
    values = frame[column].astype(object)
    frame[column] = values.where(np.arange(len(frame)) != row, name)
    return town.with_layers({layer: frame})


def test_the_town_is_sound(town):
    assert checked(town) == []


NODES = "water_junctions / water_tanks / water_reservoirs"


@pytest.mark.parametrize(
    ("layer", "column", "name", "other"),
    # One of each kind, whole or by alternatives, of each network; their likes in the marked set.
    [
        ("lamps", "cabinet_id", "X", "cabinets"),
        pytest.param("lamps", "street_id", "X", "streets", marks=pytest.mark.reproduce),
        ("water_pipes", "to_node", "X", NODES),
        pytest.param("water_pumps", "from_node", "X", NODES, marks=pytest.mark.reproduce),
        pytest.param("water_valves", "to_node", "X", NODES, marks=pytest.mark.reproduce),
        pytest.param("water_pumps", "curve_id", "X", "water_curves", marks=pytest.mark.reproduce),
        ("water_junctions", "pattern_id", "X", "water_patterns"),
        pytest.param("water_connections", "pipe_id", "X", "water_pipes", marks=pytest.mark.reproduce),
        pytest.param("waste_containers", "site_id", "X", "waste_sites", marks=pytest.mark.reproduce),
        pytest.param("waste_containers", "round_id", "X", "waste_rounds", marks=pytest.mark.reproduce),
        ("waste_rounds", "truck_id", "X", "waste_trucks"),
        ("waste_rounds", "stream", "X", "waste_services"),
        pytest.param("waste_sites", "street_id", "X", "streets", marks=pytest.mark.reproduce),
        ("traffic_demand", "origin", "X", "traffic_zones"),
        pytest.param("traffic_demand", "destination", "X", "traffic_zones", marks=pytest.mark.reproduce),
        ("addresses", "building_id", "X", "buildings"),
    ],
)
def test_an_unknown_name_is_told_once(town, layer, column, name, other):
    row = min(3, len(town.layers[layer]) - 1)
    (problem,) = checked(renamed(town, layer, column, name, row))
    table = next(table for table in (*TABLES, SHARED) if layer in table.layers)
    assert (problem.layer, problem.column, problem.value) == (layer, column, name)
    assert problem.features == (str(town.layers[layer][table.identifier(layer)].iloc[row]),)
    assert f"« {other} »" in problem.message
    assert problem.hint.startswith("correct the name")
    assert ("leave it empty" in problem.hint) is not table.get(layer, column).required


def test_a_name_that_is_nearly_right_is_offered(town):
    known = str(town.layers["cabinets"]["cabinet_id"].iloc[1])
    (problem,) = checked(renamed(town, "lamps", "cabinet_id", f"{known} "))
    assert problem.hint == f"did you mean « {known} »?"


def test_any_of_several_layers_may_hold_what_is_named(town):
    tank, source = (str(town.layers[name]["node_id"].iloc[0]) for name in ("water_tanks", "water_reservoirs"))
    for node in (tank, source):
        errors = checked(renamed(town, "water_pipes", "to_node", node))
        assert not any("unknown feature" in problem.message for problem in errors)


@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_text_names_nothing(town, nothing):
    cut = renamed(town, "lamps", "cabinet_id", nothing)
    assert checked(cut) == []
    _errors, warnings = check_territory(cut, TABLES)
    assert any(item.column == "cabinet_id" and len(item.features) == 1 for item in warnings)
    (problem,) = checked(renamed(town, "waste_containers", "site_id", nothing))
    assert (problem.column, problem.message) == ("site_id", "a required value is missing")
    _errors, warnings = check_territory(renamed(town, "waste_containers", "site_id", nothing), TABLES)
    assert not any(item.column == "site_id" for item in warnings)


def without(town, layer):
    layers = {name: frame for name, frame in town.layers.items() if name != layer}
    return Territory(town.name, town.crs, layers, town.columns, town.meta)


def test_an_absent_layer_of_the_network_holds_nothing(town):
    errors = checked(without(town, "water_curves"))
    assert [(problem.layer, problem.column) for problem in errors] == [("water_pumps", "curve_id")]


def test_of_an_absent_shared_layer_nobody_can_tell(town):
    cut = without(town, "buildings")
    assert checked(cut) == []
    _errors, warnings = check_territory(cut, TABLES)
    (problem,) = [item for item in warnings if item.column == "building_id"]
    assert "that the territory lacks" in problem.message


def test_every_reference_names_a_column_that_a_table_declares():
    declared = {(row.layer, row.attribute) for table in (*TABLES, SHARED) for row in table}
    named = {target for table in (*TABLES, SHARED) for row in table for target in row.references}
    assert named
    assert named <= declared


def test_references_are_read_as_alternatives(tmp_path):
    file = tmp_path / "attributes.csv"
    file.write_text(
        "layer,attribute,type,unit,default,required,choices,minimum,maximum,unique,references,description,source\n"
        "pipes,end,string,,,no,,,,,nodes.id|tanks.id,x,x\npipes,name,string,,,no,,,,,,x,x\n",
        encoding="utf-8",
    )
    first, second = AttributeTable.read(file)
    assert first.references == (("nodes", "id"), ("tanks", "id"))
    assert second.references == ()

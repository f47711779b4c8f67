"""What every discovered network must fulfil; a new network gets these tests for free."""

import ast
import pickle
import re
from datetime import date

import geopandas as gpd
import numpy as np
import pytest

from jumeau.bill import BillItem
from jumeau.i18n import catalogue_files
from jumeau.network import discover
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.tables import check_values, typed
from jumeau.units import conversion_factor

NETWORKS = discover()


@pytest.fixture(params=list(NETWORKS))
def network(request):
    return NETWORKS[request.param]


@pytest.fixture
def world_of(town):
    """A function that makes a fresh world of one month for some networks."""
    clock = Clock(date(2025, 1, 1), date(2025, 1, 31))
    place = Place(town, clock, 1.3)

    def make(names):
        crew = CrewSpec("all", 2, (8.0, 16.0), (0, 1, 2, 3, 4))
        return World(place, names, dict.fromkeys(names, crew), 10 * DAY, shared_factors())

    return make


def prepared(network, layers, world, bill=()):
    return network.behaviour.prepare(layers, network.assumptions(), network.factors, bill, world)


def outcome(network, layers, world, replication=0, seed=1):
    made = prepared(network, layers, world)
    network.behaviour.install(made, world, Streams(seed, replication, network.name))
    world.run()
    return network.behaviour.outcome(made, world)


def layers_of(network, territory):
    return {
        name: territory.layer(name) if name in territory.layers else network.attributes.empty(name, territory.crs)
        for name in network.attributes.layers
    }


def territory_layers(network, town):
    """The network's layers that the town has; those that it needs must be there."""
    assert set(network.attributes.needed) <= set(town.layers)
    return [name for name in network.attributes.layers if name in town.layers]


def test_folder_has_its_files(network):
    for name in ("attributes.csv", "factors.csv", "appearance.yaml", "locale/fr.po"):
        assert (network.folder / name).is_file(), name


def test_units_parse(network):
    for attribute in network.attributes:
        if attribute.type in ("float", "integer"):
            conversion_factor(attribute.unit, attribute.unit)
    for item in network.indicators:
        conversion_factor(item.unit, item.unit)


def test_every_factor_has_a_source_and_lies_in_its_range(network):
    assert network.factors.problems() == []


def test_every_factor_is_read_by_the_code(network):
    source = "\n".join(path.read_text(encoding="utf-8") for path in network.folder.rglob("*.py"))
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    stems = {text for text in texts if isinstance(text, str)}
    for name in network.factors:
        # Families such as `gear_loss_hps` are read by their stem.
        assert any(name == text or (text.endswith("_") and name.startswith(text)) for text in stems if text), name


def test_town_has_sound_layers(network, town):
    for layer in network.attributes.layers:
        if layer not in territory_layers(network, town):
            continue
        frame = town.layer(layer)
        ids = frame[network.attributes.identifier(layer)]
        for attribute in network.attributes.of(layer):
            if attribute.type != "geometry" and attribute.attribute in frame:
                assert check_values(frame[attribute.attribute], ids, attribute) == []
    assert network.behaviour.check(town, network.factors, network.assumptions()) == []


def test_indicators_are_those_declared_and_finite(network, town, world_of):
    found = outcome(network, layers_of(network, town), world_of([network.name]))
    assert set(found.indicators) == {item.name for item in network.indicators}
    for item in network.indicators:
        value = found.indicators[item.name]
        assert np.isfinite(value) or item.cell_methods.endswith("mean"), item.name


def test_empty_layers_give_zeros(network, town, world_of):
    empty = {name: frame.iloc[:0] for name, frame in layers_of(network, town).items()}
    found = outcome(network, empty, world_of([network.name]))
    for name, value in found.indicators.items():
        assert value == 0 or np.isnan(value), f"{name} = {value}"


def test_same_seed_same_bytes_and_another_seed_another_world(network, town, world_of):
    layers = layers_of(network, town)
    first, second, other = (outcome(network, layers, world_of([network.name]), seed=seed) for seed in (1, 1, 2))
    assert first.events.equals(second.events)
    assert np.array(list(first.indicators.values())).tobytes() == np.array(list(second.indicators.values())).tobytes()
    assert not first.events.equals(other.events)


def test_inputs_are_not_changed(network, town, world_of):
    layers = layers_of(network, town)
    before = {name: frame.copy() for name, frame in layers.items()}
    outcome(network, layers, world_of([network.name]))
    for name, frame in layers.items():
        assert frame.equals(before[name])


def test_prepared_state_is_picklable(network, town, world_of):
    world = world_of([network.name])
    made = prepared(network, layers_of(network, town), world)
    assert pickle.loads(pickle.dumps(made)) is not None  # noqa: S301 - our own bytes


def test_another_network_does_not_change_the_draws(network):
    alone = Streams(3, 4, network.name).column("asset", "failure", 10)
    _other = Streams(3, 4, "another").column("asset", "failure", 10)
    assert np.array_equal(Streams(3, 4, network.name).column("asset", "failure", 10), alone)


def test_attribute_defaults_are_valid(network):
    for attribute in network.attributes:
        if attribute.default and attribute.type != "geometry":
            frame = gpd.pd.Series([None], dtype=object)
            ids = gpd.pd.Series(["a"])
            assert check_values(typed(frame, attribute), ids, attribute) == [], attribute.attribute


def test_bills_speak_of_money_carbon_and_source(network):
    fields = {"unit_cost", "annual_cost", "life", "power", "messages_per_day", "embodied_carbon", "source"}
    assert fields <= set(BillItem.__dataclass_fields__)
    assert network.measures, "a network without measures compares nothing"


def test_labels_have_a_french_translation(network):
    catalogue = "\n".join(path.read_text(encoding="utf-8") for path in catalogue_files("fr"))
    joined = re.sub(r'"\n"', "", catalogue)
    labels = [item.label for item in network.indicators] + [item.label for item in network.measures.values()]
    labels += [network.label, *(factor.description for factor in network.factors.values())]
    for label in labels:
        escaped = label.replace('"', '\\"')
        assert f'msgid "{escaped}"' in joined, label

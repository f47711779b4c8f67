"""Measures that read nothing of what is drawn are not taken again, and give what they would give anew."""

import pickle
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from jumeau.engine.applied import Applied
from jumeau.engine.ready import make_ready
from jumeau.engine.scenario import read_scenario
from jumeau.factors import Factor, FactorTable
from jumeau.network import Measured
from jumeau.territory.digests import LayerDigests
from jumeau.territory.model import layer_digest


def table(**values):
    return FactorTable(
        {
            name: Factor(name, value, value, value, "1", "2025", "choice", "", "low", "")
            for name, value in values.items()
        }
    )


def layer(*values):
    points = gpd.points_from_xy(range(len(values)), range(len(values)))
    return gpd.GeoDataFrame({"power": list(values), "label": "x"}, geometry=points, crs=2154)


@pytest.fixture
def count():
    return []


def reading(count, *names):
    def make(factors):
        count.append([factors.value(name) for name in names])
        return Measured({"lamps": layer(sum(count[-1]))}, ())

    return make


def test_what_reads_nothing_that_changed_is_given_again(count):
    applied, layers = Applied(), {"lamps": layer(1.0)}
    first = applied(layers, table(price=1.0, reach=2.0), reading(count, "reach"))
    assert applied(dict(layers), table(price=9.0, reach=2.0), reading(count, "reach")) is first
    assert count == [[2.0]]


@pytest.mark.parametrize("other", [{"price": 1.0, "reach": 3.0}, {"price": 1.0, "reach": 2.0, "more": 1.0}])
def test_another_value_of_what_it_reads_is_taken_into_account(count, other):
    applied, layers = Applied(), {"lamps": layer(1.0)}
    applied(layers, table(price=1.0, reach=2.0), lambda factors: reading(count, "reach")(factors.override({}, "")))
    again = applied(layers, table(**other), lambda factors: reading(count, "reach")(factors.override({}, "")))
    # Who passes the whole table on has read all of it; a factor that was not there was not read.
    assert len(count) == 1 + (other["reach"] != 2.0)
    assert again.layers["lamps"]["power"].item() == other["reach"]


def test_other_tables_are_other_layers_even_where_they_are_equal(count):
    applied = Applied()
    for _time in range(2):
        applied({"lamps": layer(1.0)}, table(reach=2.0), reading(count, "reach"))
    assert len(count) == 2


def test_another_process_makes_it_itself(count):
    applied, layers = Applied(), {"lamps": layer(1.0)}
    applied(layers, table(reach=2.0), reading(count, "reach"))
    pickle.loads(pickle.dumps(applied))(layers, table(reach=2.0), reading(count, "reach"))  # noqa: S301 - our own
    assert len(count) == 2


def test_a_draw_of_the_demonstration_gives_what_measures_give_anew():
    situations = make_ready(read_scenario("demo")).situations
    for situation in situations:
        for name, item in situation.networks.items():
            drawn = {key: item.factors[key].high for key in list(item.factors)[::3]}
            again = item.with_factors(drawn, "draw", situation.territory)
            steps = tuple(replace(step, applied=Applied()) for step in item.steps)
            anew = replace(item, steps=steps).with_factors(drawn, "draw", situation.territory)
            assert again.bill == anew.bill
            for key in anew.layers:
                assert layer_digest(again.layers[key]) == layer_digest(anew.layers[key]), (situation.name, name, key)


def test_digests_are_those_of_the_tables():
    digests, one = LayerDigests(), layer(1.0, 2.0)
    assert digests(one) == digests(one) == layer_digest(one)
    assert digests(one, ("label",)) == layer_digest(one.drop(columns="label")) != digests(one)
    assert digests(layer(1.0, np.nan)) != digests(one)


def test_a_table_that_comes_to_lie_where_another_was_is_not_taken_for_it():
    digests = LayerDigests()
    found = {float(value): digests(layer(float(value))) for value in range(50)}
    assert len(set(found.values())) == 50
    assert not digests._known  # none of them is kept alive

"""Zones to guide: what they spare is what days with and without guidance cruise, and the choice is reckoned anew."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from mobility_kit import CRS, VALUES, typed_layers

import jumeau
from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.network import MeasureContext
from jumeau.networks.mobility import NETWORK, devices
from jumeau.networks.mobility.parameters import ParkingGuidance
from jumeau.networks.mobility.parking_sizing import GuidedZones, guided_zones, worth_of_cruising
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.parking_supply import ROOM, blocks_of
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.simulation import guidance_worth
from jumeau.networks.mobility.simulation.guidance_worth import YEAR, cruised_on, days_for
from jumeau.simulation.clock import Clock
from jumeau.simulation.installed import unavailability
from jumeau.simulation.shared import shared_factors
from jumeau.sizeable import SizingContext
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve

CLOCK = Clock(date(2025, 3, 3), date(2025, 3, 30))
SIDE, SPACES = 6, 3
WEST = "Z0"


@pytest.fixture(autouse=True, scope="module")
def few_days():
    """Follow fewer days than people get."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guidance_worth, "DRIVERS", 6_000)
        yield


def town_of(load=(0.9, 0.9), kind="street", sensor=False):
    """Blocks on a grid in a west and an east zone, with the mean load of each from 8 to 14 h; layers, and the state."""
    x, y = (item.ravel() * 80.0 for item in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    count = SIDE**2
    parking = gpd.GeoDataFrame(
        {
            "parking_id": [f"P{row:02d}" for row in range(count)],
            "kind": kind,
            "spaces": SPACES,
            "sensor": sensor,
        },
        geometry=shapely.points(x, y),
        crs=CRS,
    )
    ends = [shapely.Point(80.0, 200.0), shapely.Point(320.0, 200.0)]
    zones = gpd.GeoDataFrame({"zone_id": ["Z0", "Z1"]}, geometry=ends, crs=CRS)
    links = gpd.GeoDataFrame(
        {
            "link_id": ["forth", "back"],
            "from_node": ["Z0", "Z1"],
            "to_node": ["Z1", "Z0"],
            "kind": "connector",
        },
        geometry=[shapely.LineString(ends), shapely.LineString(ends[::-1])],
        crs=CRS,
    )
    layers = typed_layers(parking=parking, traffic_zones=zones, traffic_links=links)
    values = VALUES | {"dwell_other": 1.0, "dwell_commute": 1.0}
    supply = supply_of(layers, values)
    blocks = blocks_of(layers, supply, values)
    rate = np.zeros((2, count, 24))
    rate[:, :, 8:14] = (SPACES * np.array(load)[blocks.zone] / 2.0)[None, :, None]
    state = SimpleNamespace(
        supply=supply,
        blocks=replace(blocks, arriving=rate, most=rate * ROOM),
        values=values,
        rates=rates(values),
        parking_days=4,
    )
    return layers, state


def equipped(state, layers, measures):
    """The state under guidance, demand staying as it is."""
    (measure,) = measures
    chosen = np.isin(layers["parking"]["parking_id"], measure["where"]["attributes"]["parking_id"])
    blocks = state.blocks
    guided = np.where(chosen, measure["adoption"], blocks.guided)
    return SimpleNamespace(**{**vars(state), "blocks": replace(blocks, sensor=blocks.sensor | chosen, guided=guided)})


def asked(made, **parameters):
    layers, state = made
    context = SizingContext(
        NETWORK.factors,
        shared_factors(),
        None,
        lambda: SimpleNamespace(state=state),
        lambda measures, _assumptions=None: SimpleNamespace(state=equipped(state, layers, measures)),
        CLOCK,
    )
    return layers, GuidedZones(**parameters), context


@pytest.fixture(scope="module")
def made():
    return town_of(load=(0.95, 0.75))


@pytest.fixture(scope="module")
def instance(made):
    return guided_zones(*asked(made, adoption=0.6))


def test_days_are_those_of_the_period(made):
    """Days come one from each part of the period; other draws are other days; a year has 365.25 of them."""
    _layers, state = made
    cruised = cruised_on(state, CLOCK)
    assert cruised.shape == (guidance_worth.LEAST, len(state.blocks))
    assert days_for(state.blocks, 20_000, 14, 365) == np.ceil(20_000 / state.blocks.arriving.sum())
    assert (cruised >= 0.0).all()
    assert cruised_on(state, CLOCK) == pytest.approx(cruised)
    assert cruised_on(state, CLOCK, draw=1).sum() != pytest.approx(cruised.sum())
    # The crowded half cruises more: 95 % of the spaces asked for, against 75 %.
    west = state.blocks.zone == 0
    assert cruised[:, west].sum() > 1.5 * cruised[:, ~west].sum() > 0.0


def test_distance_is_time_at_cruising_speed(made, monkeypatch):
    """The kilometres of a year are 365.25 times what a day's searches drive."""
    _layers, state = made
    days = []
    usual = guidance_worth.parking_day

    def kept(*args, **more):
        days.append(usual(*args, **more))
        return days[-1]

    monkeypatch.setattr(guidance_worth, "parking_day", kept)
    cruised = cruised_on(state, CLOCK)
    assert len(days) == len(cruised)
    for row, day in zip(cruised, days, strict=True):
        assert row.sum() == pytest.approx(YEAR * day.cruised / 1000.0)
        hours = day.searches.sum(axis=1) / 3600.0
        assert row == pytest.approx(YEAR * hours * state.values["cruise_speed"], rel=1e-9)


def test_nobody_cruises_where_there_is_room(made):
    _layers, state = made
    blocks = replace(state.blocks, spaces=np.full(len(state.blocks), 1000))
    assert not cruised_on(SimpleNamespace(**{**vars(state), "blocks": blocks}), CLOCK).any()


def test_guidance_that_nobody_follows_spares_nothing(made):
    layers, state = made
    instance = guided_zones(*asked(made, adoption=0.0))
    assert not instance.problem.saving.sum()
    assert instance.together(["Z0", "Z1"]).benefit == 0.0
    after = equipped(state, layers, instance.deploy(["Z0", "Z1"]).measures)
    assert (cruised_on(after, CLOCK) == cruised_on(state, CLOCK)).all()


def test_the_instance_adds_up(made, instance):
    """Each zone has what its drivers are spared when all zones are equipped; together they have it all."""
    layers, state = made
    after = equipped(state, layers, instance.deploy(["Z0", "Z1"]).measures)
    before = cruised_on(state, CLOCK)
    silent = unavailability(devices.SENSOR, NETWORK.factors, shared_factors())
    assert 0.001 < silent < 0.01
    spared = (before - cruised_on(after, CLOCK, silent=silent)).sum(axis=1).mean()
    # Half of them silent is beyond chance.
    assert (before - cruised_on(after, CLOCK, silent=0.5)).sum(axis=1).mean() < 0.9 * spared
    problem = instance.problem
    assert problem.unseen_cost == pytest.approx(before.sum(axis=1).mean())
    assert 0.05 * problem.unseen_cost < spared
    assert problem.benefit(np.arange(2)) == pytest.approx(spared)
    assert solve(problem, Limit(count=1)).names == [WEST]
    # The choice is reckoned on other days: the same within chance, and not the same.
    whole = instance.together(["Z0", "Z1"])
    assert whole.benefit != pytest.approx(spared)
    assert abs(whole.benefit - spared) < 6.0 * whole.error
    assert instance.problem.unit == "km/year"


def test_a_block_alone_guides_nobody(made):
    """Its own drivers alone look at sensors, and there is one: a full block sends them nowhere."""
    layers, state = made
    one = [{"where": {"attributes": {"parking_id": ["P14"]}}, "adoption": 1.0}]
    after = equipped(state, layers, one)
    wrong = after.values | {"sensor_error": 0.0}
    after, before = (SimpleNamespace(**{**vars(item), "values": wrong}) for item in (after, state))
    assert (cruised_on(after, CLOCK) == cruised_on(before, CLOCK)).all()


def test_a_choice_and_its_measure(made, instance):
    layers, _state = made
    deployed = instance.deploy([WEST])
    (measure,) = deployed.measures
    chosen = np.isin(layers["parking"]["parking_id"], measure["where"]["attributes"]["parking_id"])
    assert chosen.sum() == SIDE**2 / 2
    assert deployed.assumptions["parking_days"] == 28
    done = NETWORK.measures["parking_guidance"].apply(
        layers, chosen, ParkingGuidance(adoption=measure["adoption"]), MeasureContext(NETWORK.factors, None)
    )
    assert sum(item.count * item.unit_cost for item in done.bill) == pytest.approx(instance.problem.sites.cost[0])
    assert instance.units == pytest.approx([54.0, 54.0])
    assert list(instance.sites["site_id"]) == ["Z0", "Z1"]


def test_what_has_sensors_costs_nothing_again():
    sensor = np.zeros(SIDE**2, dtype=bool)
    layers, state = town_of()
    sensor[np.flatnonzero(state.blocks.zone == 0)] = True
    sensor[np.flatnonzero(state.blocks.zone == 1)[0]] = True
    instance = guided_zones(*asked(town_of(sensor=sensor)))
    assert list(instance.problem.sites.forbidden) == [True, False]
    assert instance.units == pytest.approx([0.0, 51.0])
    assert len(layers["parking"]) == SIDE**2


def test_car_parks_are_not_equipped(english):
    kind = np.full(SIDE**2, "street", dtype=object)
    kind[:2] = "car_park"
    instance = guided_zones(*asked(town_of(kind=kind)))
    measure = instance.deploy(["Z0", "Z1"]).measures[0]
    assert not {"P00", "P01"} & set(measure["where"]["attributes"]["parking_id"])
    assert any(note.startswith("2 car park(s)") for note in instance.notes)


def test_what_a_kilometre_costs(made):
    """At 15 km/h: 1.43 persons for four minutes at 10 EUR an hour, and some litres."""
    shared = shared_factors()
    worth = worth_of_cruising(made[1], shared)
    time = 1.43 * 10.0 / 15.0
    assert 0.08 < worth - time < 0.35


def test_what_cannot_be_sized(instance, english):
    with pytest.raises(InputError, match="no space along a street") as told:
        guided_zones(*asked(town_of(kind="car_park")))
    assert told.value.problems[0].layer == "parking"
    assert told.value.problems[0].hint
    with pytest.raises(InputError, match="nobody looks for a public space"):
        guided_zones(*asked(town_of(load=(0.0, 0.0))))
    with pytest.raises(InputError, match="cheapest costs 24,300 EUR"):
        jumeau.size(instance.problem, budget="24 kEUR")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--count", "2", "--set", "adoption=150 %"], "adoption"),
        (["--count", "2", "--set", "adopted=30 %"], "adopted"),
        (["--count", "2", "--set", "points=0"], "points"),
        (["--budget", "30 km"], "km"),
        ([], "state a number"),
    ],
)
def test_bad_words(words, said, capsys, tmp_path):
    command = ["size", "parking", "--territory", "bourg_exemple", "--lang", "en", "-o", str(tmp_path / "out")]
    assert main([*command, *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

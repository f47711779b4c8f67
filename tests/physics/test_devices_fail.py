"""Nodes of lamps, fill sensors and parking sensors that fail: who learns of it later, and what it costs."""

from types import SimpleNamespace

import mobility_kit
import numpy as np
import pytest
import waste_kit
from lighting_kit import Lit, small_town
from mobility_kit import square

from jumeau.engine.resolve import resolve
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError
from jumeau.networks.lighting.devices import NODE
from jumeau.networks.mobility.preparation import parking_sensors
from jumeau.networks.mobility.processes import Mobility
from jumeau.networks.waste import NETWORK as WASTE
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY
from jumeau.simulation.device_record import device_indicators
from jumeau.simulation.device_upkeep import DeviceUpkeep
from jumeau.simulation.installed import unavailability

HOPELESS = {"node_failures": 20.0, "node_first_year_failures": 20.0}
LASTING = {"node_failures": 0.0, "node_first_year_failures": 0.0}


def lit(**factors):
    """Return a town of managed lamps that fail often, whose residents say little."""
    town = Lit(small_town(lamps=200, technology="HPS"), warmup=60 * DAY, crews=4)
    return town.having(citizen_delay=400.0, failure_scale_hps=6000.0, **factors).apply("remote_management")


def test_a_dark_lamp_under_a_silent_node_waits_for_another_node():
    lasting, failing = lit(**LASTING).run(), lit(**HOPELESS).run()
    assert lasting.outcome.indicators["device_failures"] == 0.0
    assert failing.outcome.indicators["device_failures"] > 500
    days = [ran.outcome.indicators["detection_days"] for ran in (lasting, failing)]
    # A silence lasts 16 days and the wait for a crew; half of the time or so nodes are silent.
    assert days[1] > days[0] + 2.0
    dark = [ran.outcome.indicators["dark_lamp_nights"] for ran in (lasting, failing)]
    assert dark[1] > dark[0]


def test_no_alarm_comes_from_a_node_while_it_is_silent():
    ran = lit(**HOPELESS).run()
    events = ran.events("lighting")
    names = ran.prepared.state.upkeep.nodes.names
    ends = {(row.number, row.since): row.time for row in events["device_visit"].itertuples()}
    spans = {}
    for row in events["device_silent"].itertuples():
        spans.setdefault(row.asset, []).append((row.time, ends.get((row.number, row.time), np.inf)))
    told = events["detection"][events["detection"]["finder"] == "alarm"]
    assert len(told) > 50
    for row in told.itertuples():
        assert not any(start < row.time < end for start, end in spans.get(names[int(row.lamp)], ()))


def test_lamps_without_nodes_know_nothing_of_their_failures():
    made = [Lit(small_town(), warmup=30 * DAY).having(**factors).run() for factors in (LASTING, HOPELESS)]
    assert made[0].outcome.quantities == made[1].outcome.quantities
    assert not made[1].events("lighting").keys() & {"device_silent", "device_visit"}


def test_nodes_that_fail_are_in_the_account():
    town = lit(node_failures=1.0, node_first_year_failures=1.0, node_false_alarms=0.5)
    ran = town.run()
    replaced, batteries = (ran.outcome.quantities[name] for name in ("lighting_node_replacements", "device_batteries"))
    assert replaced == pytest.approx(200, abs=4 * np.sqrt(200))
    assert batteries == 0.0  # nodes are fed by the lamp's cable
    lines = town.bench.account(ran.outcome, town.bill)
    assert lines["carbon_devices"] == pytest.approx(replaced * town.bench.own.value("node_spare_carbon"))
    false = ran.outcome.indicators["device_false_alarms"]
    assert false == pytest.approx(100, abs=45)
    assert ran.outcome.indicators["device_visits"] == replaced + false


def test_availability_of_nodes_in_a_run_follows_the_closed_form():
    """Days out of service of the run, weekends and queues of crews on top, over those of MTBF and MTTR."""
    town = lit(node_failures=2.0, node_first_year_failures=2.0)
    share = unavailability(NODE, town.bench.own, town.bench.common)
    found = town.run().outcome.indicators["device_days_out"] / (200 * 365.0)
    # From an order on a weekend or at night, crews of working days take up to three days more.
    longest = share / (1.0 - share) * (16.0 + 3.0) / 16.0
    assert 0.95 * share < found < 1.1 * longest / (1.0 + longest)


SENSOR = {"sensor_failures": 0.0, "sensor_first_year_failures": 0.0, "sensor_vandalism": 0.0, "sensor_fouling": 0.0}


def columns(**more):
    """Return glass columns with sensors that are emptied by what is known of their fill."""
    xy = [[400.0 * row, 300.0] for row in range(1, 9)]
    layers = waste_kit.collection(xy, mass_rate=40.0, count=2, **more)
    layers = waste_kit.measured(layers, "dynamic_rounds").layers
    return waste_kit.measured(layers, "fill_sensors").layers


def test_fill_sensors_fail_get_dirty_and_are_served_by_crews():
    options = {"assumptions": {"rehearsals": False}}
    lasting = waste_kit.figures(columns(), factors=SENSOR | {"failing_share": 0.0}, **options)
    mortal = SENSOR | {"sensor_failures": 6.0, "sensor_first_year_failures": 6.0, "sensor_fouling": 6.0}
    failing = waste_kit.figures(columns(), factors=mortal | {"failing_share": 0.0}, **options)
    assert lasting["device_failures"] == lasting["crew_distance"] == lasting["carbon_devices"] == 0.0
    # 16 sensors, a month, a dozen failures a year each while they work.
    assert 5 < failing["device_failures"] < 40
    assert failing["fill_sensor_replacements"] < failing["device_visits"]
    assert failing["carbon_devices"] == pytest.approx(
        failing["fill_sensor_replacements"] * WASTE.factors.value("sensor_spare_carbon")
    )
    assert failing["staff_hours"] != lasting["staff_hours"]
    assert failing["crew_diesel"] > 0.0


def test_a_row_is_blind_when_all_its_sensors_are_silent():
    factors = SENSOR | {"failing_share": 0.0, "reading_dropout": 0.0}
    tried = waste_kit.bench(columns(), factors=factors, assumptions={"rehearsals": False})
    from jumeau.networks.waste.simulation.collection import Collection  # the router is slow to import

    world = tried.world()
    made = Collection(tried.prepare(world=world).state, world, Streams(1, 0, "waste"))
    rows = np.arange(8)
    seen = made.knowledge.estimate(0.0, rows).variance
    made.knowledge.silent[:4] = True
    blind = made.knowledge.estimate(0.0, rows).variance
    assert (blind[:4] > seen[:4]).all()
    assert blind[4:] == pytest.approx(seen[4:])


def test_containers_without_sensors_know_nothing_of_their_failures():
    layers = waste_kit.collection([[400.0 * row, 300.0] for row in range(1, 5)])
    two = [waste_kit.figures(layers, factors={"sensor_failures": rate}) for rate in (0.0, 9.0)]
    assert {name: repr(value) for name, value in two[0].items()} == {
        name: repr(value) for name, value in two[1].items()
    }


def shown_wrongly(silent, radio=None):
    """Return the share of spaces shown wrongly in blocks of ten, of which some have silent sensors."""
    blocks, values = square(size=2)
    made = Mobility.__new__(Mobility)
    made.state = SimpleNamespace(blocks=blocks, values=values | {"sensor_error": 0.1}, radio=radio)
    made.streams = Streams(1, 0, "mobility")
    counts = np.asarray(silent)
    made.devices = SimpleNamespace(silent=counts > 0, silent_rows=counts)
    return made._error(0.0)


def test_spaces_whose_sensors_are_silent_are_shown_wrongly_every_other_time():
    assert shown_wrongly([0, 0, 0, 0]) is None
    # With a share s of silent sensors, s / 2 are stale; of these, the sensors' own errors put some right.
    found = shown_wrongly([0, 5, 10, 2])
    stale = np.array([0.0, 0.25, 0.5, 0.1])
    assert found == pytest.approx(0.1 + stale - 0.2 * stale)
    assert found[2] == pytest.approx(0.5)


def test_parking_sensors_of_the_town_fail_one_by_one(town):
    bench = mobility_kit.bench_of(town).having(sensor_failures=2.0, sensor_first_year_failures=2.0)
    fitted = bench.apply(bench.layers, "parking_guidance", adoption="50 %").layers
    world = bench.world()
    devices = parking_sensors(fitted, bench.own.for_runs(), world)
    assert len(devices) == fitted["parking"]["spaces"].sum()
    upkeep = DeviceUpkeep(devices, world, Streams(1, 0, "mobility"))
    upkeep.start()
    world.run()
    silent = np.bincount(devices.rows, upkeep.silent, minlength=devices.size)
    np.testing.assert_array_equal(upkeep.silent_rows, silent)
    # Two weeks and a day of warm-up; the rate is 2 a year while they work, vandalism on top.
    journal = world.journals["mobility"]
    expected = len(devices) * 2.01 * 14.0 / 365.0
    failures = device_indicators(journal, world.clock.duration)["device_failures"]
    assert failures == pytest.approx(expected * (1.0 - 2.01 * 8.0 / 365.0), abs=4.0 * np.sqrt(expected))
    assert parking_sensors(bench.layers, bench.own.for_runs(), world) is None


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("water: {logger_failures: -0.1 1/year}", "logger_failures"),
        ("water: {logger_battery_life: 0 years}", "logger_battery_life"),
        ("waste: {sensor_fouling: 11 1/year}", "sensor_fouling"),
        ("shared: {device_dispatch: 3 m}", "device_dispatch"),
        ("shared: {device_renewal: 0 years}", "device_renewal"),
    ],
)
def test_rates_and_lives_that_mean_nothing_are_refused_with_their_line(tmp_path, town, stated, name):
    path = tmp_path / "wrong.yaml"
    text = "name: wrong\nterritory: bourg_exemple\nperiod: {start: 2025-01-01, end: 2025-12-31}\nassumptions:\n  "
    measures = "\nvariants:\n  a:\n    measures: [{measure: water.acoustic_loggers, count: 3}]\n"
    path.write_text(text + stated + measures, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        resolve(read_scenario(path), town)
    (problem,) = caught.value.problems
    assert problem.line == 5
    assert name in str(problem)

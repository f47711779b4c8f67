"""Acoustic loggers that fail: what they no longer hear, what it costs, and what sizing expects of them."""

from dataclasses import replace

import numpy as np
import pytest
from water_kit import bench, grid, territory

from jumeau.networks.water.check import check
from jumeau.networks.water.devices import LOGGER
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.physics.awareness import LOGGER as BY_LOGGER
from jumeau.networks.water.physics.awareness import MEANS
from jumeau.networks.water.physics.hearers import hearer_names, hearer_text
from jumeau.networks.water.sizing import LoggerSites, loggers
from jumeau.simulation.clock import DAY
from jumeau.simulation.installed import unavailability
from jumeau.simulation.shared import shared_factors
from jumeau.sizeable import SizingContext
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve

HOPELESS = {"logger_failures": 8.0, "logger_first_year_failures": 8.0}
LASTING = {"logger_failures": 0.0, "logger_first_year_failures": 0.0, "logger_false_alarms": 0.0}


def leaky(**factors):
    """Return a network that leaks a lot, and its layers with loggers."""
    stand = bench(grid(side=6, step=300.0, connections=10), warmup=60 * DAY).having(
        mains_bursts=2.0, mains_reported_share=0.3, service_bursts=0.02, logger_failing_share=0.0, **factors
    )
    stand = replace(stand, shared=shared_factors().override({"device_dispatch": 60.0}, "test"))
    return stand, stand.apply(stand.layers, "acoustic_loggers", coverage="100 %")


def test_silent_loggers_tell_of_leaks_later_and_more_water_is_lost():
    lasting, fitted = leaky(**LASTING)
    failing, _fitted = leaky(**HOPELESS)
    pairs = [
        (lasting.run(fitted.layers, replication=number), failing.run(fitted.layers, replication=number))
        for number in range(4)
    ]
    days = [[ran.outcome.indicators["awareness_days"] for ran in pair] for pair in pairs]
    assert all(after > before + 5.0 for before, after in days)
    more = [other.outcome.quantities["hidden_losses"] - one.outcome.quantities["hidden_losses"] for one, other in pairs]
    assert np.mean(more) > 2.0 * np.std(more, ddof=1) / np.sqrt(len(more))
    assert all(one.outcome.indicators["device_failures"] == 0.0 for one, _other in pairs)
    assert all(other.outcome.indicators["device_days_out"] > 0.0 for _one, other in pairs)


def test_whoever_hears_a_leak_works_at_that_moment():
    stand, fitted = leaky(**HOPELESS)
    ran = stand.run(fitted.layers)
    events, search = ran.events("water"), ran.prepared.state.search
    silent, visits = events["device_silent"], events["device_visit"]
    ends = {(row.number, row.since): row.time for row in visits.itertuples() if row.work == "replacement"}
    spans = {}
    for row in silent.itertuples():
        spans.setdefault(int(row.number), []).append((row.time, ends.get((row.number, row.time), np.inf)))
    heard = events["awareness"][events["awareness"]["means"] == MEANS[BY_LOGGER]]
    assert len(heard) > 20
    for row in heard.itertuples():
        hearers = search.hearers[int(row.pipe)]
        assert any(not any(start <= row.time < end for start, end in spans.get(int(device), ())) for device in hearers)


def test_failures_and_what_they_cost_are_in_the_account():
    stand, fitted = leaky(logger_failures=0.5, logger_first_year_failures=0.5, logger_false_alarms=0.5)
    lasting, _same = leaky(**LASTING)
    one, other = lasting.run(fitted.layers), stand.run(fitted.layers)
    replaced = other.outcome.quantities["acoustic_logger_replacements"]
    assert replaced > 3.0
    before, after = lasting.account(one.outcome), stand.account(other.outcome)
    assert before["carbon_devices"] == 0.0
    assert after["carbon_devices"] == pytest.approx(replaced * stand.own.value("logger_spare_carbon"))
    spare = replaced * stand.own.value("logger_spare_price")
    prices = {"materials": 1.0, "water_input": stand.own.value("marginal_cost")}
    change = sum(each * (other.outcome.quantities[q] - one.outcome.quantities[q]) for q, each in prices.items())
    assert after["materials_cost"] - before["materials_cost"] == pytest.approx(spare + change)
    # Visits and searches for nothing take hours of crews and teams, in the journal of whom they stand.
    jobs = other.events("water")["job"]
    assert (jobs["work"] == "device_visit").sum() >= replaced
    assert (jobs["work"] == "device_check").sum() > 3
    assert other.outcome.quantities["staff_hours"] > one.outcome.quantities["staff_hours"]


def test_batteries_that_radio_empties_are_in_the_account():
    stand, fitted = leaky(**{**LASTING, "logger_battery_life": 1.5})
    ran = stand.run(fitted.layers)
    changed = ran.outcome.quantities["device_batteries"]
    assert changed > 0.5 * len(ran.prepared.state.search.loggers) / 1.5
    lines = stand.account(ran.outcome)
    assert lines["carbon_devices"] == pytest.approx(changed * shared_factors().value("device_battery_carbon"))


def test_where_no_logger_stands_their_failures_change_nothing():
    one, other = (leaky(**factors)[0] for factors in (LASTING, HOPELESS))
    first, second = one.run(), other.run()
    assert first.outcome.quantities == second.outcome.quantities
    assert {name: repr(value) for name, value in first.outcome.indicators.items()} == {
        name: repr(value) for name, value in second.outcome.indicators.items()
    }


def test_loggers_move_no_depot():
    """Where crews start from is decided by the pipes, whatever stands on them."""
    bare, fitted = leaky()
    for layers in (bare.layers, fitted.layers):
        world = bare.world()
        bare.prepare(layers, world)
        place = world.place
    alone = leaky()[0]
    world = alone.world()
    alone.prepare(alone.layers, world)
    assert place._xy[place.central_site()] == world.place._xy[world.place.central_site()]


def test_sizing_expects_of_failing_loggers_what_simulation_shows():
    """The less loggers last, the less they are expected to save, in the closed form and in the runs."""

    def expected(stand):
        context = SizingContext(
            stand.own, stand.common, stand.territory, stand.prepare, lambda _measures: None, stand.clock
        )
        instance = loggers(stand.layers, LoggerSites(), context)
        failure = unavailability(LOGGER, stand.own, stand.common)
        assert instance.problem.sites.failure == pytest.approx(failure)
        answer = solve(instance.problem, Limit(count=12), curve_seconds=0.0)
        benefit = answer.exact.benefit
        return benefit, benefit if answer.failures is None else answer.failures.expected, answer.names, failure

    lasting, failing = leaky(**LASTING)[0], leaky(**HOPELESS)[0]
    nominal, sure, names, none = expected(lasting)
    _nominal, doubtful, _names, share = expected(failing)
    assert none == 0.0
    assert share > 0.5
    assert sure == pytest.approx(nominal)
    assert 0.0 < doubtful < nominal

    def saved(stand):
        fitted = stand.apply(stand.layers, "acoustic_loggers", sites=list(names)).layers
        return np.mean([
            stand.run(replication=number).outcome.quantities["real_losses"]
            - stand.run(fitted, replication=number).outcome.quantities["real_losses"]
            for number in range(5)
        ])  # fmt: skip

    assert 0.0 < saved(failing) < saved(lasting)


def test_unavailability_is_the_closed_form():
    factors, shared = bench(grid()).own, shared_factors()
    renewal = shared.value("device_renewal")
    rate = factors.value("logger_first_year_failures") / renewal
    rate += factors.value("logger_failures") * (1.0 - 1.0 / renewal)
    days = shared.value("device_notice") + shared.value("device_dispatch") + shared.value("device_visit_hours") / 24.0
    between = 365.0 / rate
    assert unavailability(LOGGER, factors, shared) == pytest.approx(days / (between + days))
    assert unavailability(replace(LOGGER, reliability=None), factors, shared) == 0.0


def test_what_hears_a_pipe_is_written_in_its_column():
    _stand, fitted = leaky()
    pipes, junctions = fitted.layers["water_pipes"], fitted.layers["water_junctions"]
    fitted_at = set(junctions["node_id"][junctions["logger"]])
    named = [hearer_names(text) for text in pipes["listeners"].fillna("")]
    assert {name for names in named for name in names} == fitted_at
    heard = (pipes["listened"] > 0.0).to_numpy()
    assert [bool(names) for names in named] == heard.tolist()
    assert hearer_text(()) == ""
    assert hearer_names(hearer_text(("a b", "é", "a b"))) == ("a b", "é")


@pytest.mark.parametrize("text", ["J1", "[1, 2]", '{"J1": 2}'])
def test_a_column_that_is_no_list_is_a_problem(text):
    layers = grid()
    layers["water_pipes"]["listeners"] = ""
    layers["water_pipes"].loc[2, "listeners"] = text
    found = [item for item in check(territory(layers), Assumptions()) if item.column == "listeners"]
    assert [(item.layer, item.features, item.value) for item in found] == [("water_pipes", ("P2",), text)]
    assert found[0].hint

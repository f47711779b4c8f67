"""The life of leaks: drawn in pairs, found, mended by crews, counted."""

from dataclasses import replace

import numpy as np
import pytest
import simpy
from water_kit import audited, bench, frame, grid

from jumeau.networks.water import NETWORK
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.physics.awareness import missed_passes
from jumeau.networks.water.physics.bursts import burst_rates, condition, rates_from_repairs
from jumeau.networks.water.physics.leaks import draw_leaks
from jumeau.networks.water.simulation.night_flow import Rise, Sector
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY
from jumeau.simulation.world import World


def leaky(side=6, step=300.0, **more):
    """Return a bench on a network that leaks a lot: one burst per km and year, half of them hidden."""
    return bench(grid(side=side, step=step, connections=10, **more), warmup=60 * DAY).having(
        mains_bursts=1.0, mains_reported_share=0.5, service_bursts=0.02
    )


def test_bursts_arrive_as_a_poisson_process():
    state = leaky(side=8).prepare().state
    rate = sum(float(family.rate.sum()) for family in state.families)
    counts = []
    for replication in range(200):
        leaks = draw_leaks(state, Streams(3, replication, "water"), 0.0, 365.25 * DAY)
        counts.append(((leaks.start >= 0.0) & (leaks.start < 365.25 * DAY)).sum())
    counts = np.array(counts)
    assert counts.mean() == pytest.approx(rate, abs=3 * np.sqrt(rate / 200))
    assert counts.var(ddof=1) / counts.mean() == pytest.approx(1.0, abs=3 * np.sqrt(2 / 199))


def test_mean_flow_is_that_of_the_family_whatever_the_spread():
    state = leaky(side=8).having(size_spread=0.7).prepare().state
    flows = []
    for replication in range(60):
        leaks = draw_leaks(state, Streams(5, replication, "water"), 0.0, 365 * DAY)
        flows.append(leaks.flow[leaks.family == 0])
    flows = np.concatenate(flows)
    assert flows.mean() == pytest.approx(12.0, abs=3 * flows.std() / np.sqrt(len(flows)))


def test_older_and_worse_materials_burst_more():
    pipes = grid(side=2, material=["ductile_iron", "grey_iron", "hdpe", "ductile_iron", "other"],
                 laid_year=[1985.0, 1985.0, 1985.0, 1945.0, np.nan])["water_pipes"]  # fmt: skip
    found = condition(pipes, NETWORK.factors, 2025.0)
    assert found[0] == pytest.approx(1.0)  # 40 years: the reference
    assert found[1] > found[0] > found[2]
    assert found[3] == pytest.approx(np.exp(0.015 * 40.0))
    assert found[4] == pytest.approx(NETWORK.factors.value("condition_other"))


def test_recorded_repairs_correct_the_rates():
    pipes = grid(side=4, step=1000.0)["water_pipes"]
    prior = burst_rates(pipes, NETWORK.factors, 2025.0)
    expected = float(prior.sum())
    years = 10
    count = round(3 * expected * years)
    repairs = frame(
        {
            "repair_id": [str(number) for number in range(count)],
            "pipe_id": ["P3"] * count,
            "date": [f"{2015 + number % years}-06-01" for number in range(count)],
            "support": ["pipe"] * count,
        }
    )
    rates, span = rates_from_repairs(pipes, repairs, NETWORK.factors, 2025.0)
    assert span == years
    weight = NETWORK.factors.value("repair_history_weight")
    scale = (count + weight) / (expected * years + weight)
    assert rates == pytest.approx(prior * scale)


def test_a_pass_misses_a_leak_a_geometric_number_of_times():
    draw = np.random.default_rng(1).random(20_000)
    missed = missed_passes(draw, np.full(20_000, 0.6))
    assert missed.mean() == pytest.approx(0.4 / 0.6, rel=0.03)
    assert missed_passes(draw, np.ones(20_000)).max() == 0


def test_what_is_decided_shifts_no_leak():
    """The same leaks start before and after, whatever the measure."""
    town = leaky()
    heard = town.apply(town.layers, "acoustic_loggers").layers
    surveyed = town.apply(heard, "leak_survey", interval="30 days").layers

    def started(run):
        leaks = run.events("water")["leak"].query("time > 0")
        return set(zip(leaks["family"], leaks["pipe"], leaks["time"].round(3), strict=True))

    before, after = started(town.run()), started(town.run(surveyed))
    assert before == after
    assert len(before) > 10


def test_every_leak_is_known_located_and_mended_in_that_order():
    events = leaky().run().events("water")
    told = {kind: events[kind].set_index("leak") for kind in ("leak", "awareness", "location", "repair")}
    assert all(table.index.is_unique for table in told.values())  # one thing that happens is one event
    mended = told["repair"].index
    assert len(mended) > 10
    began, known, located, repaired = (table.loc[mended] for table in told.values())
    assert (known["time"] - began["time"]).to_numpy() == pytest.approx(known["delay"], abs=1e-3)
    assert (known["delay"] >= 0.0).all()
    assert (located["time"] >= known["time"]).all()
    assert (repaired["time"] - located["time"]).to_numpy() == pytest.approx(repaired["delay"], abs=1e-3)
    assert (repaired["delay"] > 0.0).all()
    assert all((table["pipe"] == began["pipe"]).all() for table in (known, located, repaired))


def test_a_leak_tells_all_of_itself_in_one_event():
    leaks = leaky().run().events("water")["leak"]
    assert list(leaks["leak"]) == list(range(len(leaks)))
    assert leaks["position"].between(0.0, 1.0).all()
    hidden = leaks["family"].str.endswith("_hidden")
    assert (leaks.loc[hidden, "growth"] > 0.0).all()
    assert (leaks.loc[~hidden, "growth"] == 0.0).all()


def test_crews_work_in_their_hours_only():
    repairs = leaky().run().events("water")["repair"]["time"]
    winter = (repairs % DAY) / 3600.0  # an hour earlier than the clock in summer
    assert (winter > 7.0 + 4.0).all()  # the shortest repair takes four hours
    assert (winter < 16.0 + 6.0).all()  # one that was begun is finished
    assert (np.isin((repairs // DAY) % 7, [3, 4])).sum() == 0  # 1 January 2025 is a Wednesday: no week-ends


def test_more_crews_mend_sooner():
    town = leaky(side=10, step=600.0).having(repair_hours_mains=10.0, repair_hours_service=7.0)
    slow, fast = (replace(town, crew=replace(town.crew, count=count)).run().outcome for count in (1, 8))
    assert slow.indicators["repair_days"] > fast.indicators["repair_days"] + 1.0
    assert slow.quantities["real_losses"] > fast.quantities["real_losses"]


def test_a_street_is_closed_during_the_repair_and_told_on_the_board():
    layers = grid(side=5, step=300.0, connections=10, street_id="S1")
    run = bench(layers).having(mains_bursts=5.0, mains_reported_share=1.0, closing_share=1.0).run()
    history = run.world.board.history
    told = [(moment, value) for moment, topic, key, value in history if topic == "street_closed" and key == "S1"]
    assert len(told) > 10
    closures = run.events("water")["closure"]
    assert len(closures) == len(told) // 2
    # Two repairs may meet in a street: it opens with the last of them.
    ends, at_work, met = set(closures["time"]), 0, 0
    for moment, value in told:
        at_work += -1 if moment in ends else 1
        met = max(met, at_work)
        assert value is (at_work > 0)
    assert met > 1
    assert run.outcome.indicators["street_closures"] == pytest.approx(6.0 * len(closures))


def test_sum_of_pipes_is_the_total_and_the_balance_closes():
    outcome = leaky().run().outcome
    said = outcome.quantities
    pipes = outcome.assets["water_pipes"]["lost_volume"].sum()
    assert pipes == pytest.approx(said["real_losses"], rel=1e-9)
    parts = said["background_losses"] + said["visible_losses"] + said["hidden_losses"]
    assert parts == pytest.approx(said["real_losses"], rel=1e-9)
    assert said["water_input"] == pytest.approx(
        said["authorised_volume"] + said["apparent_losses"] + said["real_losses"], rel=1e-9
    )
    share = said["authorised_volume"] / said["water_input"]
    assert outcome.indicators["network_yield"] == pytest.approx(100 * share)


def test_superposition_is_close_to_epanet_where_leaks_are_few_and_above_it_where_they_are_many():
    few = bench(grid(side=6, step=300.0, connections=10), warmup=60 * DAY)
    assert abs(audited(few).outcome.indicators["superposition_gap"]) < 3.0
    assert audited(leaky()).outcome.indicators["superposition_gap"] > 3.0
    assert np.isnan(leaky().run().outcome.indicators["superposition_gap"])


@pytest.mark.parametrize("exponent", [0.5, 0.8, 1.2])
def test_replayed_leaks_have_their_quality_figure_whatever_the_exponent_of_emitters(exponent):
    layers = grid(side=5, step=300.0, connections=10)
    layers["water_settings"] = frame({"name": ["emitter_exponent"], "value": [str(exponent)]})
    leak = {"pipe": "P7", "start": "2025-01-10 00:00", "diameter": "12 mm"}
    town = bench(layers, draw_leaks=False, known_leaks=[leak])
    gap = audited(town).outcome.indicators["superposition_gap"]
    assert abs(gap) < 1.0
    # Mended before any month ends: nothing to check.
    mended = bench(layers, draw_leaks=False, known_leaks=[{**leak, "end": "2025-01-20 00:00"}])
    assert np.isnan(audited(mended).outcome.indicators["superposition_gap"])


@pytest.mark.parametrize("moment", ["end", "peak"])
def test_a_leak_that_ends_before_it_starts_is_refused(moment):
    leak = {"pipe": "P7", "start": "2025-03-10 00:00", moment: "2025-03-01 00:00", "diameter": "12 mm"}
    with pytest.raises(ValueError, match="2025-03-01"):
        Assumptions.model_validate({"known_leaks": [leak]})


def test_emitters_are_what_the_scenario_says():
    layers = grid(side=4, connections=10)
    layers["water_junctions"].loc[5, "emitter"] = 0.1
    said = {use: bench(layers, draw_leaks=False, emitters=use).run().outcome for use in ("apart", "leaks", "customers")}
    plain = bench(grid(side=4, connections=10), draw_leaks=False).run().outcome.quantities
    flow = said["leaks"].quantities["real_losses"]
    assert flow == pytest.approx(0.1 * 60.0**0.5 * 24 * 365, rel=0.02)  # head of 60 m, hardly any loss of it
    assert said["leaks"].assets["water_pipes"]["lost_volume"].sum() == pytest.approx(flow)
    assert said["apart"].quantities["real_losses"] == 0.0
    assert said["apart"].quantities["consumption"] == pytest.approx(plain["consumption"], rel=1e-5)
    assert said["customers"].quantities["consumption"] == pytest.approx(plain["consumption"] + flow, rel=1e-5)


class Clockwork:
    """An environment whose sector is searched at once, piece by piece."""

    def __init__(self, env):
        self.env, self.alarms, self.found = env, [], []

    def sector(self, threshold):
        def submit(_place, hours, done):
            def work():
                yield self.env.timeout(hours * 3600.0)
                done(self.env.now)

            self.env.process(work())

        return Sector(self.env, threshold, 4 * DAY, 10.0, 7.0, submit, self.alarms.append)

    def rise(self, flow, growth=0.0, place=0.1, missed=0):
        return Rise(self.env.now, growth, flow, place, lambda alarm, moment: self.found.append((alarm, moment)), missed)


def test_a_sector_sounds_once_the_rise_has_lasted():
    work = Clockwork(simpy.Environment())
    sector = work.sector(threshold=1.0)
    sector.add(1, work.rise(0.9))
    work.env.run(until=30 * DAY)
    assert work.alarms == []  # below the threshold
    sector.add(2, work.rise(0.3))
    work.env.run(until=60 * DAY)
    assert work.alarms == [pytest.approx(34 * DAY)]
    assert work.found[0] == (pytest.approx(34 * DAY), pytest.approx(34 * DAY + 5 * 3600.0))


def test_a_growing_leak_crosses_the_threshold_with_the_square_of_time():
    work = Clockwork(simpy.Environment())
    work.sector(threshold=1.0).add(1, work.rise(4.0, growth=60 * DAY))
    work.env.run(until=365 * DAY)
    assert work.alarms[0] == pytest.approx(30 * DAY + 4 * DAY, abs=3600.0)


def test_a_sector_gets_used_to_what_a_search_misses():
    work = Clockwork(simpy.Environment())
    sector = work.sector(threshold=1.0)
    sector.add(1, work.rise(2.0, missed=99))
    work.env.run(until=365 * DAY)
    assert len(work.alarms) == 1
    assert work.found == []


def test_time_grows_no_faster_than_leaks():
    """Counted in events, not in seconds: each leak asks for the same few, however many there are."""
    per_leak = []
    for bursts in (1.0, 8.0):
        town = leaky(side=8).having(mains_bursts=bursts)
        world = town.world()
        steps = count_events(world)
        leaks = len(town.run(world=world).events("water")["leak"])
        per_leak.append((steps() - idle_events()) / leaks)
    assert per_leak[1] < 1.3 * per_leak[0]


def idle_events():
    """Return the events of a year in which nothing leaks."""
    world = bench(grid(side=2), warmup=60 * DAY, draw_leaks=False).world()
    steps = count_events(world)
    world.crew("water")
    world.run()
    return steps()


def count_events(world: World):
    """Count the steps of a world's environment from now on."""
    seen = [0]
    step = world.env.step

    def counted():
        seen[0] += 1
        step()

    world.env.step = counted
    return lambda: seen[0]

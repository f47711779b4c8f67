"""Sectors to watch: closed forms of what the night flow tells, sums, and what many runs of the simulation lose."""

from dataclasses import replace

import numpy as np
import pytest
from water_kit import bench, frame, grid

from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.network import MeasureContext
from jumeau.networks.water import NETWORK
from jumeau.networks.water.parameters import SectorMeters
from jumeau.networks.water.physics.leaks import FAMILIES, Leaks
from jumeau.networks.water.physics.logger_worth import hearing_worth
from jumeau.networks.water.physics.volumes import night_flows
from jumeau.networks.water.sector_sizing import SectorSites, watched_sectors
from jumeau.networks.water.simulation import sector_worth
from jumeau.networks.water.simulation.sector_worth import PACE, SHIFT, found_by_sectors, watching_worth
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.shared import shared_factors
from jumeau.sizeable import SizingContext

NOBODY = np.zeros(2, dtype=bool)


def halves():
    """A square network, fed at a corner, whose pipes belong to a west and an east half."""
    layers = grid(step=200.0, connections=5)
    middle = layers["water_pipes"].geometry.centroid.x
    layers["water_pipes"]["sector_id"] = np.where(middle < middle.median(), "W", "E")
    layers["water_sectors"] = frame({"sector_id": ["W", "E"], "metered": [False, False]}, _outlines(layers))
    return layers


def _outlines(layers):
    pipes = layers["water_pipes"]
    return [pipes.geometry[pipes["sector_id"] == name].union_all().convex_hull for name in ("W", "E")]


def measured(layers, rows, **parameters):
    chosen = np.isin(np.arange(len(layers["water_sectors"])), rows)
    about = MeasureContext(NETWORK.factors, None)
    return NETWORK.measures["sector_meters"].apply(layers, chosen, SectorMeters(**parameters), about)


@pytest.fixture(autouse=True, scope="module")
def few_leaks():
    """Follow fewer leaks than people get."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sector_worth, "LEAKS", 2000)
        yield


@pytest.fixture(scope="module")
def stand():
    """The two halves with more hidden leaks than there ever are."""
    return bench(halves(), warmup=300 * DAY).having(mains_bursts=8.0, mains_reported_share=0.5)


@pytest.fixture(scope="module")
def watched(stand):
    """The same with both sectors metered."""
    layers = measured(stand.layers, [0, 1]).layers
    return replace(stand, territory=stand.territory.with_layers({k: v for k, v in layers.items() if len(v)}))


@pytest.fixture(scope="module")
def state(watched):
    return watched.prepare().state


@pytest.fixture(scope="module")
def worth(state):
    """What hidden leaks lose by pipe, and what watching both sectors saves."""
    return watching_worth(state, NOBODY)


def context(stand, watched):
    return SizingContext(
        stand.own, shared_factors(), stand.territory, stand.prepare, lambda _measures: watched.prepare(), stand.clock
    )


def test_a_leak_alone_is_found_when_its_growth_crosses_the_threshold(state):
    """Start, growth times the root of threshold over flow, the nights that it must last, the walk up to its part."""
    pipes = np.flatnonzero(state.search.sector == 1)[:4]
    count = len(pipes)
    leaks = Leaks(
        pipe=pipes,
        family=np.full(count, FAMILIES.index("mains_hidden")),
        rank=np.arange(count),
        start=np.arange(count) * 1000.0 * DAY,
        growth=np.full(count, 60.0 * DAY),
        flow=np.array([6.0, 9.0, 0.01, 30.0]),
        position=np.array([0.1, 0.9, 0.5, 0.3]),
    )
    search, night = state.search, night_flows(state, leaks)
    found = found_by_sectors(state, leaks, leaks.start + 900.0 * DAY, np.full(count, 1.0))
    hours = search.length[1] / search.speed
    parts = np.ceil(hours / SHIFT)
    place = search.place[pipes] + search.share[pipes] * leaks.position
    walk = (np.floor(place * parts) + 1.0) * hours / parts * PACE * HOUR
    crossing = leaks.start + leaks.growth * np.sqrt(search.threshold[1] / night)
    expected = np.where(night >= search.threshold[1], crossing + search.sector_delay * DAY + walk, np.inf)
    assert np.isinf(expected).tolist() == [False, False, True, False]
    assert found == pytest.approx(expected, rel=1e-9)


def test_what_is_known_before_is_not_found_again(state):
    pipe = np.flatnonzero(state.search.sector == 0)[:1]
    one = Leaks(pipe, np.array([1]), np.zeros(1, dtype=int), np.zeros(1), np.zeros(1), np.array([30.0]), np.zeros(1))
    assert np.isinf(found_by_sectors(state, one, np.array([3.0 * DAY]), np.ones(1))).all()
    assert np.isfinite(found_by_sectors(state, one, np.array([300.0 * DAY]), np.ones(1))).all()


def test_lost_without_sectors_is_the_closed_form_of_loggers(state, worth):
    lost, saved = worth
    assert lost.sum() == pytest.approx(hearing_worth(state)[0].sum(), rel=0.05)
    assert (saved <= lost).all()
    assert saved.sum() > 0.2 * lost.sum()


def test_a_sector_without_leaks_saves_nothing(state):
    west = state.search.sector == 0
    tight = replace(state, families=tuple(replace(item, rate=item.rate * ~west) for item in state.families))
    lost, saved = watching_worth(tight, NOBODY)
    assert lost[west].sum() == saved[west].sum() == 0.0
    assert saved[~west].sum() > 0.0
    none = replace(state, families=tuple(replace(item, rate=item.rate * 0.0) for item in state.families))
    assert watching_worth(none, NOBODY)[1].sum() == 0.0


def test_nothing_is_saved_that_is_not_seen_or_watched_already(state, worth):
    deaf = replace(state, search=replace(state.search, threshold=np.full(2, 1e6)))
    assert watching_worth(deaf, NOBODY)[1].sum() == 0.0
    lost, saved = worth
    less, more = watching_worth(state, np.array([True, False]))
    east = state.search.sector == 1
    assert more[~east].sum() == 0.0
    assert more[east] == pytest.approx(saved[east])
    assert less[~east] == pytest.approx((lost - saved)[~east])


def test_the_instance_adds_up(stand, watched, state, worth):
    instance = watched_sectors(stand.layers, SectorSites(), context(stand, watched))
    problem = instance.problem
    lost, saved = worth
    assert problem.unseen_cost == pytest.approx(lost.sum())
    each = [problem.benefit(np.array([row])) for row in range(2)]
    assert each == pytest.approx([saved[state.search.sector == row].sum() for row in range(2)])
    assert problem.benefit(np.arange(2)) == pytest.approx(sum(each))
    for row in range(2):
        bill = measured(stand.layers, [row]).bill
        assert problem.sites.cost[row] == pytest.approx(sum(item.count * item.unit_cost for item in bill))
    (measure,) = instance.deploy(["E"]).measures
    assert measure == {"measure": "water.sector_meters", "where": {"attributes": {"sector_id": ["E"]}}}


def test_what_is_asked_of_borders_is_deployed(stand, watched, monkeypatch):
    monkeypatch.setattr(sector_worth, "LEAKS", 100)
    asked = watched_sectors(stand.layers, SectorSites(boundaries="metered", max_feeds=5), context(stand, watched))
    assert (
        asked.deploy(["W"]).measures[0] | {"boundaries": "metered", "max_feeds": 5} == asked.deploy(["W"]).measures[0]
    )
    assert asked.sites["closed_valves"].sum() == 0.0


def test_what_is_left_is_what_runs_lose(watched, worth):
    """What hidden leaks still lose in watched sectors is what years of simulation lose."""
    lost, saved = worth
    simulated = [watched.run(replication=number).outcome.quantities["hidden_losses"] for number in range(8)]
    mean, error = np.mean(simulated), np.std(simulated, ddof=1) / np.sqrt(len(simulated))
    assert abs((lost - saved).sum() - mean) < 3.0 * error + 0.05 * mean


def test_a_network_without_sectors(stand, watched, english):
    layers = {**stand.layers, "water_sectors": stand.layers["water_sectors"].iloc[:0]}
    with pytest.raises(InputError, match="no sector to watch"):
        watched_sectors(layers, SectorSites(), context(stand, watched))


def test_sectors_that_are_watched_are_no_candidates(watched, english, monkeypatch):
    monkeypatch.setattr(sector_worth, "LEAKS", 100)
    with pytest.raises(InputError, match="no candidate site"):
        watched_sectors(watched.layers, SectorSites(), context(watched, watched))


def test_bad_words(capsys):
    words = ["size", "sector_meters", "--territory", "bourg_exemple", "--count", "1", "--lang", "en"]
    assert main([*words, "--set", "boundaries=open"]) == 2
    assert "boundaries" in capsys.readouterr().err

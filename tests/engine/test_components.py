"""Networks that are simulated apart find what they would find together, and are run only where something changed."""

from dataclasses import replace

import numpy as np
import pytest
import simpy

from jumeau.engine import campaign, executors
from jumeau.engine.components import Component, components
from jumeau.engine.scenario import read_scenario
from jumeau.network import discover
from jumeau.simulation.board import Board
from jumeau.simulation.crews import CrewSpec

SCENARIO = """
name: apart
title: {fr: Essai, en: Trial}
question: {fr: "Et alors ?", en: "So what?"}
territory: bourg_exemple
period: {start: 2025-01-01, end: 2025-01-31}
warmup: 30 days
seed: 7
replications: 2
draws: 2
draw_replications: 1
assumptions: {waste: {streams: [glass], rehearsals: false}, mobility: {parking_days: 1}}
variants:
  led:
    measures:
      - measure: lighting.led_retrofit
  leaks:
    measures:
      - measure: water.acoustic_loggers
uncertainties:
  water: {mains_bursts: {}}
"""


def crew(name):
    return CrewSpec(name, 1, (8.0, 16.0), (0, 1, 2, 3, 4))


def network(name, posts=(), listens=()):
    return replace(discover()["lighting"], name=name, posts=posts, listens=listens)


def test_who_is_heard_comes_before_who_hears():
    found = components(
        [network("a", listens=("news",)), network("b", posts=("news", "weather")), network("c")],
        {name: crew(name) for name in "abc"},
    )
    assert [item.networks for item in found] == [("b",), ("a",), ("c",)]
    assert found[1].hears == (0,)
    assert found[1].topics == {"news"}
    assert found[1].unheard == {"weather"}
    assert found[2].unheard == {"news", "weather"}


@pytest.mark.parametrize(
    ("networks", "crews"),
    [
        ([network("a", posts=("x",), listens=("y",)), network("b", posts=("y",), listens=("x",))], {}),
        ([network("a"), network("b")], {"a": crew("both"), "b": crew("both")}),
        ([network("a"), network("b", posts=None)], {}),
    ],
    ids=["they hear each other", "they share a crew", "one does not say what it posts"],
)
def test_who_can_meet_is_simulated_together(networks, crews):
    assert [item.networks for item in components(networks, crews)] == [("a", "b")]


def test_who_reads_what_it_does_not_declare_is_refused():
    board = Board(simpy.Environment(), unheard={"news"})
    with pytest.raises(KeyError, match="listens"):
        board.read("news", "a")
    with pytest.raises(KeyError, match="listens"):
        board.listen("news", print)


def test_what_is_repeated_comes_at_the_very_times():
    """Sums of delays lose the last digit of a time; listeners must not."""
    posts = tuple((time, "news", "a", number) for number, time in enumerate(np.cumsum([0.1, 1e5 / 3.0, 0.7, 1e-9])))
    env = simpy.Environment(initial_time=-1e6 / 7.0)
    board = Board(env)
    heard = []
    board.listen("news", lambda time, key, value: heard.append((time, "news", key, value)))
    board.repeat({}, posts)
    env.run(until=1e6)
    assert tuple(heard) == posts
    assert not board.own


def run(text, town, tmp_path):
    path = tmp_path / "apart.yaml"
    path.write_text(text, encoding="utf-8")
    return campaign.run(read_scenario(path), town)


def test_networks_apart_find_what_they_find_together(town, tmp_path, monkeypatch):
    """Water closes streets, which traffic and trucks meet; traffic delays trucks and crews."""
    done = []
    real = executors.simulate

    def simulate(component, *args, **options):
        part = real(component, *args, **options)
        done.append((component.networks, len(part.posts), len(options["heard"])))
        return part

    monkeypatch.setattr(executors, "simulate", simulate)
    apart = run(SCENARIO, town, tmp_path)
    posted = {item.networks: item.posts for item in components(list(discover().values()), {})}
    assert posted[("water",)] == {"street_closed"}
    count = {name: sum(networks == (name,) for networks, *_others in done) for name in discover()}
    # Two replications of two kinds of lighting. Bursts are drawn: two draws with and without listening, beside the
    # central values; whoever hears of closed streets is run as often.
    assert count == {"lighting": 4, "water": 8, "waste": 8, "mobility": 8}
    for name in ("waste", "mobility"):
        assert any(heard for networks, _posts, heard in done if networks == (name,)), "no street was closed"
    monkeypatch.setattr(campaign, "components", lambda networks, _crews: (Component(tuple(n.name for n in networks)),))
    together = run(SCENARIO, town, tmp_path)
    assert apart.dataset.equals(together.dataset)
    assert apart.draws.equals(together.draws)
    assert apart.journal.equals(together.journal)

"""Containers with fill sensors: what is spared is what rehearsals count, and nothing where nothing overflows."""

import numpy as np
import pytest
from waste_kit import bench, collection, plain

import jumeau
from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.networks.waste.physics.state import Prize
from jumeau.networks.waste.simulation import fill_worth as worth_of
from jumeau.networks.waste.simulation.fill_worth import YEAR, fill_worth
from jumeau.networks.waste.simulation.rehearsal import Rehearsal
from jumeau.networks.waste.sizing import BinSites, bins
from jumeau.shrinkage import shrunk
from jumeau.simulation.shared import shared_factors
from jumeau.sizeable import SizingContext

XY = [[300.0 * step, 200.0 * (step % 3)] for step in range(1, 6)]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Three rehearsals of half a year."""
    for name, value in (("LEAST", 3), ("MOST", 3), ("DAYS", 182)):
        monkeypatch.setattr(worth_of, name, value)


def dynamic(**more):
    """A collection whose rounds look at the fill."""
    layers = collection(XY, **more)
    frame = plain({"stream": ["glass"], "policy": ["dynamic"], "weekdays": ["tue fri"]})
    return layers | {"waste_services": frame}


def stand(layers):
    return bench(layers, assumptions={"rehearsals": False}, factors={"prior_error": 0.5})


def context(made, *, prepared=None):
    state = prepared or made.prepare
    return SizingContext(
        made.own, shared_factors(), made.territory, state, lambda _measures, _assumptions=None: state(), made.clock
    )


def test_means_shrunk_to_their_middle():
    """Chance alone shows no differences; what is certain stays; the sum is that of the plain means."""
    draw = np.random.Generator(np.random.PCG64(3))
    noise = draw.standard_normal((20, 50))
    assert np.ptp(shrunk(noise)) < 0.5 * np.ptp(noise.mean(axis=0))
    assert shrunk(noise).sum() == pytest.approx(noise.mean(axis=0).sum())
    sure = np.array([[1.0, 2.0, 5.0]] * 3)
    assert shrunk(sure) == pytest.approx([1.0, 2.0, 5.0])
    # The largest of means of one law promises too much; shrunk, it keeps nearer the truth.
    truth = draw.normal(1.0, 0.3, 200)
    seen = truth + draw.standard_normal((8, 200))
    best = np.argsort(-seen.mean(axis=0))[:20]
    assert abs(shrunk(seen)[best].mean() - truth[best].mean()) < abs(
        seen.mean(axis=0)[best].mean() - truth[best].mean()
    )


def test_tallies_are_the_sums_of_rehearsals():
    made = stand(dynamic(mass_rate=60.0))
    state = made.prepare().state
    (service,) = state.services
    rehearsal = Rehearsal(state, service, service.areas[0], made.clock, days=84, replications=3)
    careless = Prize(spared=0.0, caution=0.02)
    whole, parts = rehearsal.run(careless), rehearsal.tallies(careless)
    assert len(parts) == 3
    assert sum(part.visits.sum() for part in parts) == whole.visits
    assert sum(part.overflows.sum() for part in parts) == whole.overflows > 0


def test_knowing_the_fill_spares_overflows():
    """Rates known to a factor of two, two days of collection a week: sensors avoid overflows; again, none is left."""
    made = stand(dynamic(mass_rate=60.0))
    state = made.prepare().state
    (service,) = state.services
    worth = fill_worth(state, service, service.areas[0], made.clock)
    assert worth.overflows.shape == worth.spared_visits.shape == (len(worth.overflows), len(XY))
    assert worth.spared_overflows.sum() > 0.0
    assert (worth.visit > 0.0).all()
    assert worth.visits.sum(axis=1) / YEAR == pytest.approx(np.round(worth.visits.sum(axis=1) / YEAR))
    fitted = dynamic(mass_rate=60.0)
    fitted["waste_containers"]["sensor"] = True
    state = stand(fitted).prepare().state
    again = fill_worth(state, state.services[0], state.services[0].areas[0], made.clock)
    assert not again.spared_overflows.any()
    assert not again.spared_visits.any()


def test_a_choice_and_its_measure():
    made = stand(dynamic(mass_rate=60.0))
    instance = bins(made.layers, BinSites(), context(made))
    problem = instance.problem
    gain = np.array([problem.benefit(np.array([row])) for row in range(len(XY))])
    assert problem.benefit(np.arange(len(XY))) == pytest.approx(gain.sum())
    assert (np.cumsum(gain) <= problem.unseen_cost).all()
    deployed = instance.deploy(["S0000-glass", "S0003-glass"])
    assert deployed.before == ()
    chosen = np.isin(made.layers["waste_containers"]["container_id"], ["S0000-glass", "S0003-glass"])
    done = made.apply(made.layers, "fill_sensors", chosen)
    assert done.bill[0].count == 2.0
    assert problem.sites.cost[:2] == pytest.approx(done.bill[0].unit_cost)
    cost = bins(made.layers, BinSites(saving="cost"), context(made))
    assert cost.promise is None
    assert cost.problem.unseen_cost > problem.unseen_cost


def test_nothing_to_spare():
    """Containers that hold a year of glass never overflow: sensors avoid nothing."""
    made = stand(dynamic(mass_rate=1.0, volume=20_000.0))
    instance = bins(made.layers, BinSites(), context(made))
    assert instance.problem.benefit(np.arange(len(XY))) == 0.0


def test_rounds_of_the_calendar_become_dynamic_before():
    layers = collection(XY, mass_rate=60.0)
    made = stand(dynamic(mass_rate=60.0))
    instance = bins(layers, BinSites(weekdays="tue fri"), context(made))
    (before,) = instance.deploy(["S0000-glass"]).before
    assert before["measure"] == "waste.dynamic_rounds"
    assert before["weekdays"] == "tue fri"


def test_what_cannot_be_sized():
    made = stand(dynamic())
    with pytest.raises(InputError, match="paper"):
        bins(made.layers, BinSites(stream="paper"), context(made))
    layers = dynamic()
    layers["waste_trucks"]["streams"] = "paper"
    other = stand(layers)
    with pytest.raises(InputError, match="glass"):
        bins(other.layers, BinSites(), context(other))


def test_a_budget_below_one_sensor(english):
    made = stand(dynamic(mass_rate=60.0))
    problem = bins(made.layers, BinSites(), context(made)).problem
    with pytest.raises(InputError, match="does not pay for one site: the cheapest costs"):
        jumeau.size(problem, budget="1 EUR")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--count", "3", "--set", "stream=gold"], "stream"),
        (["--count", "3", "--set", "stream=biowaste"], "collects nothing of the stream « biowaste »"),
        (["--count", "3", "--set", "weekdays=tuesdays"], "weekdays"),
        (["--count", "3", "--set", "saving=time"], "saving"),
        (["--count", "3", "--set", "colour=red"], "colour"),
        (["--budget", "3 km"], "km"),
        ([], "state a number"),
    ],
)
def test_bad_words(words, said, capsys, tmp_path):
    command = ["size", "bins", "--territory", "bourg_exemple", "--lang", "en", "-o", str(tmp_path / "out")]
    assert main([*command, *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

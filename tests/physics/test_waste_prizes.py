"""How dynamic rounds value visits: what rehearsals find, and what they leave alone."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit
from pydantic import ValidationError

from jumeau.networks.waste import NETWORK
from jumeau.networks.waste.physics.state import Prize
from jumeau.networks.waste.simulation.prizes import CAUTION, SPARED, Search
from jumeau.networks.waste.simulation.rehearsal import Rehearsal, Rehearsed

DATES = date(2025, 3, 3), date(2025, 3, 30)


def places(size=20, seed=3):
    return np.random.Generator(np.random.PCG64(seed)).random((size, 2)) * 4_000.0


def dynamic(**more):
    layers = kit.collection(places(), mass_rate=np.linspace(60.0, 180.0, 20), volume=4000.0)
    return kit.measured(layers, "dynamic_rounds", **more).layers


def state_of(layers, **assumptions):
    return kit.bench(layers, *DATES, assumptions=assumptions).prepare().state


class Table:
    """Rehearsals whose outcome is given: service grows with caution, the price has its valley at one weight."""

    def __init__(self, valley, most=1.0):
        self.valley, self.most, self.asked = valley, most, []

    def run(self, prize, _target=None):
        self.asked.append(prize)
        service = self.most - 0.02 / (1.0 + 50.0 * prize.caution * (1.0 + prize.spared))
        price = 1.0 + abs(prize.spared - self.valley) + 0.01 * prize.caution
        return Rehearsed(cost=price, taken=1.0, volume=1.0, beside=1.0 - service)


@pytest.mark.parametrize("valley", SPARED)
@pytest.mark.parametrize("target", [0.985, 0.998])
def test_the_search_finds_what_trying_everything_finds(valley, target):
    table = Table(valley)
    found = Search(table, target).best()
    every = [Prize(spared, caution) for spared in SPARED for caution in CAUTION]
    enough = [prize for prize in every if table.run(prize).service >= target]
    assert table.run(found).price == min(table.run(prize).price for prize in enough)


def test_where_no_way_gives_the_service_the_best_one_stands():
    table = Table(0.5, most=0.9)
    assert Search(table, 0.99).best().caution == CAUTION[-1]


def test_rehearsals_meet_other_deposits_than_runs_and_the_same_ones_each_time():
    state = state_of(dynamic(), rehearsals=False)
    service = state.services[0]
    rehearsal = Rehearsal(state, service, service.areas[0], kit.bench(dynamic(), *DATES).clock)
    careless, careful, again = (rehearsal.run(Prize(0.5, caution)) for caution in (0.05, 2.0, 2.0))
    assert careful == again
    assert careless.volume == careful.volume
    assert careless.service < careful.service
    assert careful.visits > 0
    run = kit.bench(dynamic(), *DATES, assumptions={"rehearsals": False}).run().outcome.indicators
    assert careful.volume / 1000.0 / (rehearsal.days * rehearsal.replications) != pytest.approx(
        run["waste_volume"] / 28.0, rel=1e-6
    )


def test_a_rehearsal_that_ends_early_decides_as_the_whole_one():
    state = state_of(dynamic(), rehearsals=False)
    service = state.services[0]
    rehearsal = Rehearsal(state, service, service.areas[0], kit.bench(dynamic(), *DATES).clock)
    shorter = 0
    for caution in (0.05, 0.3, 2.0):
        whole = rehearsal.run(Prize(0.5, caution))
        for target in (0.9, 0.99, whole.service):
            found = rehearsal.run(Prize(0.5, caution), target)
            assert (found.service >= target) == (whole.service >= target)
            assert found == whole or found.service < target
            shorter += found.volume < whole.volume
    assert shorter


def test_a_service_that_is_asked_for_is_given():
    """Runs meet deposits that no rehearsal has seen."""
    found = {
        share: kit.figures(dynamic(service_level=share), *DATES, warmup=35 * 86_400.0, assumptions={})
        for share in ("95 %", "99.8 %")
    }
    assert found["99.8 %"]["service_level"] > 99.3
    assert found["95 %"]["service_level"] > 92.0
    assert found["95 %"]["service_level"] < found["99.8 %"]["service_level"]
    assert found["95 %"]["truck_hours"] < found["99.8 %"]["truck_hours"]


def test_an_overflow_with_a_value_asks_for_no_service():
    service = state_of(dynamic(overflow_value="30 EUR"), rehearsals=False).services[0]
    assert service.overflow_value == 30.0
    assert np.isnan(service.target)
    service = state_of(dynamic(), rehearsals=False).services[0]
    assert service.target == NETWORK.factors.value("service_target")
    assert service.prize.spared == NETWORK.factors.value("spared_detour")
    with pytest.raises(ValidationError):
        dynamic(overflow_value="30 EUR", service_level="99 %")


def test_what_was_rehearsed_stands_under_other_factors():
    bench = kit.bench(dynamic(), *DATES, assumptions={})
    central = bench.prepare()
    world = bench.world()
    world.central = {"waste": central}
    drawn = bench.having(tonnage_scale=1.1).prepare(world=world)
    assert drawn.state.services[0].prize == central.state.services[0].prize
    assert drawn.state.containers.rate.sum() > central.state.containers.rate.sum()

"""The compiled events of a day of parking beside the same day as SimPy processes."""

from dataclasses import replace

import mobility_kit as kit
import numpy as np
import pytest
import simpy
from parking_by_simpy import SimpyDay

from jumeau.networks.mobility.simulation import parking
from jumeau.networks.mobility.simulation.drivers import drivers_of

ARRAYS = ("searches", "arrived", "passes", "parked", "occupied", "busy")
NUMBERS = ("cruised", "walked", "receipts", "fines", "turned_away")


def town(load, guided, patience):
    blocks, values = kit.square(load=load)
    rng = np.random.default_rng(1)
    parks = np.zeros(len(blocks), dtype=bool)
    parks[[3, 40]] = True
    blocks = replace(
        blocks,
        guided=np.full(len(blocks), guided),
        sensor=rng.random(len(blocks)) < 0.7,
        car_park=parks,
        near=tuple(row[~parks[row]] for row in blocks.near),
    )
    return blocks, values | {"give_up": patience, "sensor_error": 0.1}


@pytest.mark.parametrize("load", [0.5, 0.95, 1.5])
@pytest.mark.parametrize("guided", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("patience", "charged", "midnight"), [(3.0, True, 0.0), (12.0, False, 259_201.0)])
def test_both_days_are_the_same(load, guided, patience, charged, midnight):
    blocks, values = town(load, guided, patience)
    drivers = drivers_of(blocks, 1.0, values, np.random.default_rng(5))
    until = midnight + 86_399.0 if midnight else None
    error = np.linspace(0.0, 0.4, len(blocks)) if midnight else None
    env = simpy.Environment(midnight)
    slow = SimpyDay(env, blocks, drivers, values, charged=charged, error=error)
    env.process(slow.run())
    env.run(until)
    options = {"until": until} if until else {}
    fast = parking.parking_day(blocks, drivers, values, charged=charged, error=error, midnight=midnight, **options)
    for name in ARRAYS:
        assert (getattr(fast, name) == getattr(slow, name)).all(), name
    for name in NUMBERS:
        assert getattr(fast, name) == getattr(slow, name), name
    assert fast.unguided == tuple(slow.unguided)
    assert fast.guided == tuple(slow.guided)


def test_lists_that_outgrow_their_room_change_nothing(monkeypatch):
    blocks, values = town(1.5, 0.3, 60.0)
    drivers = drivers_of(blocks, 1.0, values, np.random.default_rng(5))
    ample = parking.parking_day(blocks, drivers, values, charged=True)
    monkeypatch.setattr(parking, "LISTED", 1)
    tight = parking.parking_day(blocks, drivers, values, charged=True)
    assert ample.cruised == tight.cruised > 0.0
    assert (ample.searches == tight.searches).all()


def test_drivers_of_the_same_second_keep_their_order():
    blocks, values = town(1.5, 0.3, 12.0)
    drivers = drivers_of(blocks, 1.0, values, np.random.default_rng(5))
    drivers = replace(drivers, time=np.floor(drivers.time / 300.0) * 300.0)
    env = simpy.Environment()
    slow = SimpyDay(env, blocks, drivers, values, charged=True)
    env.process(slow.run())
    env.run()
    fast = parking.parking_day(blocks, drivers, values, charged=True)
    assert fast.cruised == slow.cruised
    assert (fast.occupied == slow.occupied).all()


def test_a_day_without_drivers_ends():
    blocks, values = town(0.5, 0.3, 12.0)
    nobody = drivers_of(replace(blocks, arriving=0.0 * blocks.arriving), 1.0, values, np.random.default_rng(5))
    assert not len(nobody)
    found = parking.parking_day(blocks, nobody, values, charged=True)
    assert found.cruised == 0.0
    assert not found.arrived.any()

"""Observed commuters: as many stay, leave and come as the census says, by as many cars; nothing else moves."""

import numpy as np
import pytest
from mobility_kit import VALUES

from jumeau.networks.mobility.layout.rules import SYNTHESIS
from jumeau.networks.mobility.physics.commuters import Commuters, by_direction
from jumeau.networks.mobility.physics.gravity import Skims, vehicle_trips

TABLE = VALUES | {name: factor.value for name, factor in SYNTHESIS.shipped.items()}
#: Two zones inside, two gates.
GATES = np.array([False, False, True, True])
RESIDENTS, JOBS = np.array([900.0, 600.0, 0.0, 0.0]), np.array([200.0, 300.0, 0.0, 0.0])
MINUTES = np.array([[0, 5, 9, 7], [5, 0, 6, 8], [9, 6, 0, 12], [7, 8, 12, 0.0]])
SKIMS = Skims.of(MINUTES, MINUTES / 2)
SEEN = Commuters(np.array([150.0, 450.0, 250.0]), np.array([0.5, 0.9, 0.8]))


def trips(commuters=None, **changes):
    crossing = np.array([0.0, 0.0, 3.0, 1.0])
    return vehicle_trips(RESIDENTS, JOBS, GATES, crossing, SKIMS, TABLE | changes, None, commuters)


def test_vehicles_of_each_direction_are_those_of_its_workers_by_car():
    found = trips(SEEN)[0]
    pool = TABLE["carpool_share"]
    per_car = (1 - pool) / TABLE["car_occupancy"] + pool / TABLE["carpool_occupancy"]
    for pairs, workers, share in zip(by_direction(GATES), SEEN.workers, SEEN.by_car, strict=True):
        wanted = 2.0 * TABLE["attendance"] * workers * share * per_car
        assert found[pairs].sum() == pytest.approx(wanted, rel=1e-4)
    assert found[np.ix_(GATES, GATES)].sum() == 0.0


def test_unknown_modes_keep_those_of_the_factors():
    silent = Commuters(SEEN.workers, np.full(3, np.nan))
    plain = trips(silent)[0]
    assert (trips(SEEN)[0][:2, :2] / plain[:2, :2]) == pytest.approx(
        np.full((2, 2), trips(SEEN)[0][0, 1] / plain[0, 1])
    )


def test_without_flows_the_stated_shares_stand():
    living = TABLE["workers_share"] * RESIDENTS.sum()
    local = TABLE["local_jobs_share"] * JOBS.sum()
    as_stated = Commuters(np.array([local, living - local, JOBS.sum() - local]), np.full(3, np.nan))
    assert trips(as_stated) == pytest.approx(trips())

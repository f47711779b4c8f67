"""Zones with guidance to free spaces on the bundled town: what they promise, and what adding zones up would miss."""

import numpy as np
import pytest

import jumeau
from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.sizing.files import write_sized
from jumeau.sizing.promise import kept_promises

pytestmark = pytest.mark.reproduce


@pytest.fixture(scope="module")
def sized(town):
    """Three zones."""
    return jumeau.size("parking", town, count=3, parameters={"points": 1})


def test_three_zones_keep_their_promise(sized, town, tmp_path):
    """The 95 % interval of forty pairs holds the promise, without what the promise itself does not know."""
    write_sized(sized, tmp_path, "bourg_exemple")
    (kept,) = kept_promises(run(read_scenario(tmp_path / "scenario.yaml"), town, replications=40, workers=2))
    low, high = kept.interval
    assert low < kept.promised < high < 0.0
    assert kept.tolerance < 0.2 * abs(kept.promised)


def test_zones_help_each_other(sized):
    """Each zone equipped alone spares two thirds, added up, of what all spare together: they show each other room."""
    zones = list(sized.instance.sites["site_id"])
    alone = [sized.instance.together([zone]) for zone in zones]
    every = sized.instance.together(zones)
    share = sum(item.benefit for item in alone) / every.benefit
    print([(zone, round(item.benefit), round(item.error)) for zone, item in zip(zones, alone, strict=True)], every)
    assert 0.5 < share < 0.85
    # Credits are made with all zones equipped: they add up to it on other days, within chance.
    credited = sized.solution.problem.benefit(np.arange(len(zones)))
    assert abs(credited - every.benefit) < 0.15 * every.benefit
    # The choice by credits is the one that would be made by zones alone.
    best = sorted(range(len(zones)), key=lambda row: -alone[row].benefit)[:3]
    assert {zones[row] for row in best} == set(sized.solution.names)

"""Bringing infeasible routes back: the steps that are left when one stop goes."""

import random

import pytest
from pyvrp import Activity, ActivityType

from jumeau.routing.trimming import _steps, _without


@pytest.mark.parametrize("seed", range(50))
def test_a_stop_taken_out_leaves_what_building_the_route_anew_would(seed):
    chance = random.Random(seed)
    kinds = [ActivityType.CLIENT if chance.random() < 0.7 else ActivityType.DEPOT for _step in range(9)]
    given = [Activity(kind, place) for place, kind in enumerate(kinds)]
    steps = _steps(given)
    serves = [step.is_client() for step in steps]
    stops = [place for place, step in enumerate(given) if step.is_client()]
    for place, stop in zip((at for at, here in enumerate(serves) if here), stops, strict=True):
        anew = _steps(given[:stop] + given[stop + 1 :])
        assert [step.idx for step in _without(place, steps, serves)] == [step.idx for step in anew]

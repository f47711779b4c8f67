"""The shipped curve of leak loggers over a year, beside variants that were written by hand before there were sweeps."""

import pytest

from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario

pytestmark = pytest.mark.reproduce

#: Change of real losses [m3/year] of variants written by hand, by number of loggers.
BY_HAND = {15: -29_500.0, 60: -52_000.0, 119: -53_000.0}


def test_curve_of_loggers_holds_the_variants_written_by_hand(request, town):
    results = run(read_scenario(request.config.rootpath / "scenarios/capteurs/fuites.yaml"), town, workers=2)
    found = results.sweep()
    table = found.to_frame()
    for count, value in BY_HAND.items():
        low, high = table.loc[count, ["water.real_losses_low", "water.real_losses_high"]]
        assert low < value < high, (count, low, high)
    # Losses fall little beyond 60; what further loggers cost then exceeds what they bring, beyond doubt.
    assert table.loc[119, "marginal_high"] < 0 > table.loc[90, "marginal_high"]
    assert table.loc[60, "marginal_high"] < 0
    # All actors together, the knee lies well before 60.
    assert found.knee is not None
    assert table.index[found.knee] <= 30
    assert 0.5 < table.loc[15, "payback"] < 2.0

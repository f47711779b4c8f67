"""Published placements of sensors: pressure sensors on L-Town."""

import numpy as np
import pytest
from water_kit import LAMBERT, bench, data_file

from jumeau.networks.water.formats.epanet import read_inp
from jumeau.networks.water.sizing import PressureSites, pressure_sensors
from jumeau.simulation.shared import shared_factors
from jumeau.sizeable import SizingContext
from jumeau.sizing.lazy_greedy import lazy_greedy
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve


@pytest.mark.data
@pytest.mark.reproduce
def test_l_town(ledger):
    """33 sensors, leaks of 10 m3/h at 3 h: the optimum is 76.9 % at 0.1 m, and 16 % is within reach at 0.2 m."""
    file = data_file("L-TOWN.inp")
    if not file.is_file():
        pytest.skip("no open data here: set JUMEAU_DATA")
    stand = bench(read_inp(file, LAMBERT).layers)

    context = SizingContext(
        stand.own, shared_factors(), stand.territory, stand.prepare, lambda _measures: None, stand.clock
    )

    def problem(threshold):
        asked = PressureSites(leak="10 m3/h", hour="03:00", threshold=threshold, weights="even", tanks="initial")
        return pressure_sensors(stand.layers, asked, context)

    found = solve(problem("0.1 m").problem, Limit(count=33), curve_seconds=0.0)
    assert found.exact.proved
    assert found.exact.benefit >= 0.768
    ledger("L-Town, 33 pressure sensors, share of leaks of 10 m3/h seen at 0.1 m", 76.9, 100 * found.exact.benefit, "%")
    assert lazy_greedy(found.problem, Limit(count=33)).benefit == pytest.approx(0.757, abs=0.004)
    coarse = problem("0.2 m")
    reach = coarse.problem.benefit(np.arange(len(coarse.problem.sites)))
    ledger("L-Town, share of leaks of 10 m3/h that any sensor sees at 0.2 m", 16.0, 100 * reach, "%")
    assert reach == pytest.approx(0.16, abs=0.005)
    assert reach < coarse.little

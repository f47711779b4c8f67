"""Practice of water services against published figures: energy, pressure and leaks, pressure and bursts."""

import pytest
from water_kit import LAMBERT, bench, data_file

from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet import read_inp
from jumeau.networks.water.physics.energy import water_energy
from jumeau.networks.water.physics.hydraulics import solve


@pytest.fixture(scope="module")
def l_town():
    """L-Town on the bench."""
    file = data_file("L-TOWN.inp")
    if not file.is_file():
        pytest.skip("no open data here: set JUMEAU_DATA")
    return bench(read_inp(file, LAMBERT).layers)


@pytest.mark.data
def test_l_town_keeps_its_production(l_town, ledger):
    """Its only pump, a booster, stood for all of its electricity."""
    found = water_energy(l_town.layers, solve(l_town.layers), l_town.own)
    ledger("L-Town, electricity with its booster beside production", 0.50, found.total, "kWh/m3")
    assert found.pumps == pytest.approx(0.011, abs=0.001)
    assert found.total == pytest.approx(NETWORK.factors.value("specific_energy") + found.pumps)

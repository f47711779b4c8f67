"""Radio against published figures, and Montpellier's lamps from the masts of the ANFR."""

import numpy as np
import pyproj
import pytest

from jumeau.radio.airtime import airtime
from jumeau.radio.gateways import Wanted, losses_of_one, size_gateways
from jumeau.radio.path_loss import hata, loss_model
from jumeau.radio.places import devices_of
from jumeau.radio.site_file import read_sites
from jumeau.sources.projection import project
from jumeau.sources.reading import open_source
from jumeau.territory.mapping import LayerFile

CRS = pyproj.CRS.from_epsg(2154)

#: Île-de-France plans 3,000 gateways for 12,012 km2.
KM2_PER_GATEWAY = 4.0


def test_published_formulas(ledger):
    for height, published in ((30.0, 125.99), (16.0, 129.77)):
        found = float(hata(1.0, height))
        ledger(f"Okumura-Hata, 868 MHz, {height:g} m, 1 km", published, found, "dB")
        assert found == pytest.approx(published, abs=0.005)
    found = float(airtime(50, 12))
    ledger("Airtime of 50 bytes at SF12, ns-3", 2.301952, found, "s")
    assert found == pytest.approx(2.301952, abs=5e-7)


@pytest.mark.reproduce
@pytest.mark.data
def test_gateways_for_the_lamps_of_montpellier(data_folder, ledger):
    pytest.importorskip("xlrd")
    folder = data_folder / "montpellier"
    source = LayerFile(file=str(folder / "VilleMTP_MTP_EclairagePublic.zip"), columns={})
    lamps = project(open_source(source, folder).frame, LayerFile(file="", columns={}), CRS, "", "")[0]
    devices = devices_of(lamps, "__row__", "indoor", 24, 20)
    sites = read_sites(folder / "ANFR_MTP_Supports.xls", CRS)
    area = 57.0  # of the commune [km2]
    model = loss_model("hata_urban")
    one = size_gateways(devices, sites, model, Wanted(redundancy=1, time_limit=30.0))
    two = size_gateways(devices, sites, model, Wanted(redundancy=2, time_limit=30.0))
    ledger("Montpellier, km2 per gateway, devices indoors", KM2_PER_GATEWAY, area / len(one.cover.chosen), "km2")
    ledger("same, each heard by two gateways", KM2_PER_GATEWAY, area / len(two.cover.chosen), "km2")
    assert one.cover.proved
    assert 0.5 * KM2_PER_GATEWAY < area / len(one.cover.chosen) < 2.0 * KM2_PER_GATEWAY
    assert len(two.cover.chosen) > len(one.cover.chosen)
    assert two.cover.gap < 0.2
    # What the loss of the worst gateway takes away, of the messages of the whole town.
    taken = [float(item.plan.delivery.mean() - losses_of_one(item).min()) for item in (one, two)]
    ledger("loss of the worst gateway, one and two hear", np.nan, taken[0], "share")
    assert taken[1] < taken[0]

"""Energy and emissions of vehicles, against the tables of EMEP/EEA and the means of ADEME."""

import numpy as np
import pandas as pd
import pytest
from mobility_kit import VALUES

from jumeau.networks.mobility.physics.emissions import FOLDER, QUANTITIES, curve, rates, vehicles

NAMES = {
    "slowest": "MinSpeed_kmh", "fastest": "MaxSpeed_kmh", "alpha": "Alpha", "beta": "Beta", "gamma": "Gamma",
    "delta": "Delta", "epsilon": "Epsilon", "zeta": "Zita", "eta": "Hta", "reduction": "ReductionFactor_perc",
}  # fmt: skip


@pytest.fixture(scope="module")
def published(data_folder):
    return pd.read_csv(data_folder / "mobility" / "emep_eea_2019_appendix4_ec_nox_pm.csv")


@pytest.mark.data
def test_every_row_reproduces_its_check_value(published):
    table = pd.DataFrame({name: published[source] for name, source in NAMES.items()})
    for row, speed, expected in zip(
        table.to_dict("records"), published["15"], published["EF_gkm_or_ECF_MJkm"], strict=True
    ):
        assert float(curve(np.array([speed]), row)[0]) == pytest.approx(expected, rel=1e-9)
    assert len(published) == 4135


@pytest.mark.data
def test_shipped_coefficients_are_those_published(published):
    shipped = pd.read_csv(FOLDER / "emission_coefficients.csv", keep_default_na=False)
    quantity = {"energy": "EC", "nox": "NOx", "pm": "PM"}
    known = published.astype({"Load": object}).fillna({"Technology": "", "Mode": "", "Load": ""})
    for row in shipped.to_dict("records"):
        same = known[
            (known["Category"] == row["category"])
            & (known["Fuel"] == row["fuel"])
            & (known["Segment"] == row["segment"])
            & (known["EuroStandard"] == row["standard"])
            & (known["Technology"] == row["technology"])
            & (known["Mode"] == row["mode"])
            & (known["Load"].astype(str) == str(row["load"]))
            & (known["Pollutant"] == quantity[row["quantity"]])
        ]
        assert len(same) == 1, row["vehicle"]
        for name, source in NAMES.items():
            assert row[name] == pytest.approx(same.iloc[0][source], rel=1e-8), (row["vehicle"], name)


def carbon(found):
    carriers = ("petrol", "diesel", "electricity")
    return sum(amount * VALUES[f"{name}_carbon"] for name, amount in zip(carriers, found[:3], strict=True))


def test_french_cars_emit_what_ademe_says():
    """0.16 to 0.21 kgCO2e/km between 30 and 110 km/h; ADEME's mean of a car with an engine is 0.192."""
    mix = carbon(rates(VALUES).at("car", np.arange(30.0, 111.0)))
    assert mix.min() > 0.16
    assert mix.max() < 0.21


@pytest.mark.parametrize(
    ("name", "speed", "megajoules"),
    [
        ("petrol_medium_euro_v", 30, 2.976),
        ("petrol_small_euro_vi", 50, 2.012),
        ("diesel_medium_euro_iv", 30, 2.310),
        ("hybrid_medium_euro_vi", 50, 1.345),
        ("plugin_medium_electric", 30, 0.600),
        ("van_diesel_euro_iv", 50, 2.631),
        ("truck_large_euro_vi", 30, 11.813),
        ("bus_diesel_euro_vi", 50, 9.255),
    ],
)
def test_curves_at_known_speeds(name, speed, megajoules):
    table = pd.read_csv(FOLDER / "emission_coefficients.csv").set_index(["vehicle", "quantity"])
    found = curve(np.array([float(speed)]), table.loc[(name, "energy")].to_dict())
    # LCV N1-III Euro 4 has a curve of its own in the published table.
    assert float(found[0]) == pytest.approx(megajoules, rel=2e-3 if "van" not in name else 0.05)


def test_shares_sum_to_one_and_electric_ones_replace_the_others():
    assert vehicles().groupby("kind")["share"].sum().to_numpy() == pytest.approx(np.ones(4))
    speed = np.array([30.0])
    all_electric = rates(VALUES, 1.0).at("car", speed)[:, 0]
    assert all_electric[:2].sum() == 0.0
    assert all_electric[QUANTITIES.index("nox")] == 0.0
    # 0.600 MJ/km of a plug-in car in electric mode, a fifth more: 20 kWh/100 km.
    assert all_electric[2] == pytest.approx(0.600 / 3.6 * 1.2, rel=2e-3)
    known = float(vehicles().loc["electric_medium", "share"])
    assert rates(VALUES, known).table == pytest.approx(rates(VALUES).table, rel=1e-12)


def test_energy_rises_as_traffic_slows_down():
    """The curves are steep and convex below 30 km/h: a daily mean speed would hide the peaks."""
    slow, mean, fast = carbon(rates(VALUES).at("car", np.array([10.0, 20.0, 30.0])))
    assert slow > mean > fast
    assert slow + fast > 2 * mean

"""Path loss against published values, diffraction against its closed form, links against integrals."""

import numpy as np
import pytest
from scipy.special import ndtr

from jumeau.errors import InputError
from jumeau.radio import link
from jumeau.radio.diffraction import EARTH, edge_parameter, knife_edge, terrain_loss
from jumeau.radio.path_loss import hata, log_distance, loss_model, loss_models, outside, reach
from jumeau.radio.relief import Relief
from jumeau.radio.tables import device_models, entry_loss, known


def test_hata_to_a_hundredth_of_a_decibel():
    assert float(hata(1.0, 30.0)) == pytest.approx(125.99, abs=0.005)
    assert float(hata(1.0, 16.0)) == pytest.approx(129.77, abs=0.005)
    for height, exponent in ((30.0, 3.522), (16.0, 3.701)):
        slope = float(hata(10.0, height) - hata(1.0, height)) / 10.0
        assert slope == pytest.approx(exponent, abs=0.001)


def test_open_land_loses_least():
    losses = [float(hata(5.0, 30.0, surroundings=name)) for name in ("urban", "suburban", "open")]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] - losses[1] == pytest.approx(2 * np.log10(868 / 28) ** 2 + 5.4)


def test_coefficients_of_the_models_at_their_distance():
    for name, expected in {"oulu": 128.95, "dortmund": 132.25, "bonn": 132.477}.items():
        assert float(loss_model(name).median(1000.0, 30.0, 868.0)) == expected
    # A model of ns-3's examples at one kilometre; Ghent was fitted at one metre.
    assert float(loss_model("ns3").median(1000.0, 30.0, 868.0)) == pytest.approx(120.5, abs=0.01)
    assert float(log_distance(1.0, 74.85, 2.75, 1.0)) == 74.85


def test_the_logarithm_is_of_base_ten():
    """LoRaSim takes the natural one: its exponent 2.08 acts as 4.79."""
    assert float(log_distance(400.0, 127.41, 2.08, 40.0)) == pytest.approx(127.41 + 20.8)


@pytest.mark.parametrize(
    ("model", "height", "expected"),
    [
        ("oulu", 30, [(7, 1.01, 0.14), (10, 2.46, 0.34), (12, 4.03, 0.55)]),
        ("dortmund", 30, [(7, 0.75, 0.13), (10, 1.65, 0.29), (12, 2.55, 0.45)]),
        ("hata_urban", 30, [(7, 1.20, 0.32), (10, 2.16, 0.58), (12, 2.99, 0.81)]),
    ],
)
def test_range_at_90_percent(model, height, expected):
    for spreading, outdoor, indoor in expected:
        budget = float(link.largest_loss(spreading))
        found = [reach(loss_model(model), budget - walls, 0.9, height) / 1000.0 for walls in (0.0, 20.0)]
        assert found == pytest.approx([outdoor, indoor], abs=0.0051), spreading


def test_range_is_where_the_chance_is_90_percent():
    model = loss_model("oulu")
    far = reach(model, 140.0, 0.9)
    assert float(link.closing(model.median(far, 30.0, 868.0), 140.0, model.scatter)) == pytest.approx(0.9)


def test_fit_on_received_packets_alone_is_biased_low():
    """Packets beyond the sensitivity are not seen: the exponent of what is left is too small, as in Bonn."""
    generator = np.random.default_rng(868)
    distance = 10.0 ** generator.uniform(2.5, 4.0, 40_000)
    loss = log_distance(distance, 128.95, 2.32, 1000.0) + generator.normal(0.0, 7.8, len(distance))

    def exponent(chosen):
        return np.polyfit(10.0 * np.log10(distance[chosen]), loss[chosen], 1)[0]

    assert exponent(loss > 0.0) == pytest.approx(2.32, abs=0.03)
    assert exponent(loss < 139.0) < 2.32 - 0.4


def test_heights_outside_what_hata_was_fitted_on():
    assert outside(loss_model("hata_urban"), [10.0, 29.9, 30.0, 200.0, 201.0]) == 3
    assert outside(loss_model("oulu"), [10.0]) == 0


def test_knife_edge():
    # A grazing edge takes 6 dB; far behind a high one, 13 + 20 log v (ITU-R P.526).
    assert float(knife_edge(0.0)) == pytest.approx(6.0, abs=0.05)
    assert float(knife_edge(10.0)) == pytest.approx(13.0 + 20.0, abs=0.2)
    assert float(knife_edge(-0.8)) == 0.0
    # 868 MHz, 20 m over the line half way of 2 km: v = h sqrt(2 / lambda (1/d1 + 1/d2)).
    assert float(edge_parameter(20.0, 1000.0, 1000.0, 868.0)) == pytest.approx(20.0 * np.sqrt(4e-3 / 0.34538), rel=1e-4)


def grid(z):
    import geopandas as gpd

    x, y = np.meshgrid(np.arange(0.0, 4001.0, 50.0), np.arange(-100.0, 101.0, 50.0))
    return gpd.GeoDataFrame({"z": z(x, y).ravel()}, geometry=gpd.points_from_xy(x.ravel(), y.ravel()), crs=2154)


def test_a_ridge_takes_what_its_edge_takes_and_flat_ground_nothing():
    ends = np.array([[0.0, 0.0]]), np.array([[4000.0, 0.0]])
    flat = Relief.of(grid(lambda x, _y: 0.0 * x))
    assert terrain_loss(flat, ends[0], [30.0], ends[1], 1.5, 868.0).tolist() == [0.0]
    ridge = Relief.of(grid(lambda x, _y: np.where(np.abs(x - 2000.0) < 100.0, 80.0, 0.0)))
    found = float(terrain_loss(ridge, ends[0], [30.0], ends[1], 1.5, 868.0)[0])
    above = 80.0 + 2000.0**2 / (2 * EARTH) - (30.0 + 1.5) / 2.0
    assert found == pytest.approx(float(knife_edge(edge_parameter(above, 2000.0, 2000.0, 868.0))), abs=0.3)


def test_no_relief_is_none():
    assert Relief.of(None) is None
    assert Relief.of(grid(lambda x, _y: 0.0 * x).iloc[:0]) is None


def test_settled_spreading_is_the_fastest_with_the_margin():
    largest = link.largest_loss(np.arange(7, 13))
    assert largest.tolist() == [139.0, 142.0, 145.0, 148.0, 150.5, 153.0]
    assert link.settled_spreading(largest - 10.0, 10.0).tolist() == [7, 8, 9, 10, 11, 12]
    assert link.settled_spreading(largest - 9.9, 10.0).tolist() == [8, 9, 10, 11, 12, 12]
    assert link.settled_spreading([100.0, 200.0], 10.0, most=9).tolist() == [7, 9]


def test_diversity_between_independence_and_the_best_link():
    rows, margin = np.array([0, 0, 1]), np.array([5.0, 2.0, 5.0])
    one = np.ones(3)
    p = ndtr(margin / 8.0)
    independent = link.diversity(rows, margin, one, 2, 8.0, 0.0)
    assert independent == pytest.approx([1.0 - (1.0 - p[0]) * (1.0 - p[1]), p[2]], abs=1e-12)
    together = link.diversity(rows, margin, one, 2, 8.0, 0.4)
    assert p[0] < together[0] < independent[0]
    assert together[1] == pytest.approx(p[2], abs=1e-6)  # alone, correlation is nothing


def test_diversity_against_simulation():
    generator, size, correlation = np.random.default_rng(3), 400_000, 0.4
    common = generator.standard_normal(size)
    heard = np.zeros(size, dtype=bool)
    for margin in (-4.0, 1.0, 3.0):
        shadow = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * generator.standard_normal(size)
        heard |= 8.0 * shadow < margin
    found = link.diversity(np.zeros(3, dtype=int), np.array([-4.0, 1.0, 3.0]), np.ones(3), 1, 8.0, correlation)[0]
    assert found == pytest.approx(heard.mean(), abs=3.0 * np.sqrt(heard.mean() * (1 - heard.mean()) / size))


def test_what_is_unknown_is_told_with_what_is_near():
    for call in (lambda: loss_model("olu"), lambda: entry_loss("outdor"), lambda: hata(1, 30, surroundings="urbain")):
        with pytest.raises(InputError, match=r"oulu|outdoor|urban"):
            call()
    assert known("pit", ["pit"], "") == "pit"
    assert entry_loss("outdoor") == 0.0
    assert entry_loss("pit") > entry_loss("indoor") > 0.0
    assert all(item.setting in ("outdoor", "indoor", "pit") for item in device_models().values())
    assert set(loss_models()) == {
        "oulu",
        "dortmund",
        "ghent",
        "bonn",
        "ns3",
        "hata_urban",
        "hata_suburban",
        "hata_open",
    }

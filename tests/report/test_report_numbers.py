from __future__ import annotations

import pytest

from jumeau.i18n import language
from jumeau.report.numbers import figures, percent, plain, share_percent, significant, unit_label, with_unit
from jumeau.report.sections import indicator_row
from jumeau.results import Record

BASE = {
    "network": "n",
    "indicator": "i",
    "label": "Label",
    "group": "energy",
    "unit": "kWh",
    "better": "lower",
    "key": True,
    "variant": "v",
    "relative_difference": None,
    "variance_ratio": None,
    "correlation": None,
    "p_holm": None,
    "verdict": "undecided",
    "threshold": 0.0,
    "stated": True,
    "replications": 9,
    "range80": None,
}


def record(baseline, variant, difference, ci95, **more):
    return Record(
        **(BASE | {"baseline": baseline, "variant_value": variant, "difference": difference, "ci95": ci95} | more)
    )


@pytest.mark.parametrize(
    ("unit", "english", "french"),
    [
        ("kWh", "kWh", "kWh"),
        ("kgCO2e", "kg\u00a0CO₂e", "kg\u00a0CO₂e"),
        ("EUR/kWh", "€/kWh", "€/kWh"),
        ("EUR/lamp/year", "€/lamp/year", "€/lampe/an"),
        ("lamp-nights", "lamp-nights", "lampes-nuits"),
        ("lamp", "lamps", "lampes"),
        ("failures/year", "failures/year", "pannes/an"),
        ("l/100 km", "l/100\u00a0km", "l/100\u00a0km"),
        ("Wh/m2", "Wh/m²", "Wh/m²"),
        ("percent", "%", "%"),
        ("1", "", ""),
        ("1/year", "1/year", "1/an"),
        ("furlong", "furlong", "furlong"),
    ],
)
def test_units(unit, english, french):
    with language("en"):
        assert unit_label(unit) == english
    with language("fr"):
        assert unit_label(unit) == french


def test_difference_shares_the_last_digit_of_its_interval():
    with language("en"):
        written = figures(record(36_512.3, 20_011.8, -16_500.5, (-17_100.4, -15_900.6)))
    assert (written.baseline, written.variant) == ("36,510", "20,010")
    assert (written.difference, written.interval) == ("−16,500", "−17,100 to −15,900")


def test_whole_numbers_stay_whole():
    with language("en"):
        written = figures(record(120.0, 0.0, -120.0, (-120.0, -120.0)))
    assert (written.baseline, written.variant, written.difference, written.interval) == ("120", "0", "−120", "exact")


def test_sums_of_floats_leave_no_dust():
    with language("en"):
        written = figures(record(1000.0, 1000.0, 1.1e-13, (1.1e-13, 1.1e-13), relative_difference=1.1e-16))
    assert (written.difference, written.relative) == ("0", "0%")


@pytest.mark.parametrize(
    ("level", "size"),
    [
        (318.061, 1.304e-5),
        (13_708.2, 9.4e-7),
        (10.1832, 9.3e-6),
        (0.743672, 6.54e-6),
        (93.9882, 1.56e-4),
        (0.0, 1.6e-7),
    ],
)
def test_what_rounding_leaves_reads_as_nothing(level, size):
    """« −4.990 × 10⁻⁶ » and « (+0.00006104) » told a room that something had changed."""
    ends = (-size, 0.9 * size)
    with language("en"):
        written = figures(record(level, level - size, -size, ends, range80=ends, quantiles=(-size, -size / 2, size)))
    assert (written.difference, written.interval, written.range80) == ("0", "0", "0")
    assert written.quantiles == ("0", "0", "0")


def test_small_figures_of_small_things_stay():
    with language("en"):
        written = figures(record(0.004, 0.003, -0.001, (-0.0012, -0.0008)))
    assert (written.difference, written.interval) == ("−0.00100", "−0.00120 to −0.00080")


def test_a_gain_of_pairing_beyond_measure_has_no_power_of_ten():
    with language("en"):
        row = indicator_row(record(10.0, 9.0, -1.0, (-1.1, -0.9), variance_ratio=4.2e14), str)
    assert row.variance_ratio == ">\u00a010,000"


def test_nothing_is_a_dash():
    nan = float("nan")
    written = figures(record(nan, nan, nan, None))
    assert {written.baseline, written.variant, written.difference, written.relative, written.interval} == {"—"}


def test_sizes_that_nobody_reads_get_a_power_of_ten():
    with language("fr"):
        assert plain(6.3e14, -12) == "6,30\u00a0×\u00a010¹⁴"
        assert plain(-3.2e-9, 10) == "−3,2\u00a0×\u00a010⁻⁹"
        assert plain(1_234_567.0, 0) == "1\u202f234\u202f567"


def test_small_shares():
    with language("en"):
        assert percent(-0.00001) == "≈ 0%"
        assert percent(9.47) == "+947%"
        assert percent(0.0194) == "+1.9%"
        assert percent(None) == "—"
        assert (share_percent(0.002), share_percent(0.999), share_percent(1.0)) == ("<1%", ">99%", "100%")


def test_significant_leaves_idle_zeros_out():
    with language("fr"):
        assert significant(0.16) == "0,16"
        assert significant(4094.0) == "4\u202f094"
        assert significant(0.0) == "0"
        assert with_unit(significant(1.35), "EUR/l") == "1,35\u00a0€/l"

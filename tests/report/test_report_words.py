"""Which networks the first table and the answer speak of."""

import pytest
from test_report_numbers import record

from jumeau.i18n import language
from jumeau.report.words import main_records, sentence, touched


def one(network, indicator, difference, **more):
    return record(1000.0, 1000.0 + difference, difference, (difference, difference), network=network,
                  indicator=indicator, **more)  # fmt: skip


def test_networks_that_a_variant_leaves_alone_are_left_out():
    records = [one("water", "losses", -80.0), one("lighting", "energy", 0.0), one("lighting", "failures", 0.0)]
    shown, still = touched(records)
    assert [item.network for item in shown] == ["water"]
    assert still == {"v": ("lighting",)}


def test_a_side_figure_does_not_bring_its_network_into_the_first_table():
    records = [
        one("water", "losses", -80.0),
        one("mobility", "hours", -0.01),
        one("mobility", "detour_hours", -5.0, key=False),
    ]
    shown, still = touched(records)
    assert still == {"v": ()}  # a figure of the report changes
    keys, quiet = main_records(shown)
    assert [item.network for item in keys] == ["water"]
    assert quiet == ("mobility",)


def test_where_nothing_moves_all_is_shown():
    records = [one("water", "losses", 0.0), one("mobility", "hours", 0.0)]
    assert main_records(records) == (records, ())


def test_assumptions_that_move_a_figure_count():
    keys, quiet = main_records([one("water", "losses", -80.0), one("mobility", "hours", 0.0, range80=(-90.0, 0.0))])
    assert len(keys) == 2
    assert quiet == ()


@pytest.mark.parametrize(("stated", "words"), [(True, "the threshold stated"), (False, "a ten-thousandth")])
def test_a_negligible_difference_says_below_what(stated, words):
    with language("en"):
        assert words in sentence(one("water", "losses", -0.05, verdict="negligible", stated=stated), "Losses")

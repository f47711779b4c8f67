"""The four figures, first of what the terminal and the report say."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from report_campaign import campaign
from town_campaign import NETWORKS, VARIANTS, town_campaign

from jumeau.accounts import FIGURES, LINES
from jumeau.i18n import language
from jumeau.report import write_report
from jumeau.report.before_after import _bars
from jumeau.report.canvas import WIDTH, written_ticks
from jumeau.report.figures import NETWORK, PART, VARIANT, arranged, figure_columns
from jumeau.report.html import annex_path
from jumeau.report.numbers import in_unit, scaled_unit, short_percent


@pytest.fixture(scope="module")
def town():
    return town_campaign()


def test_a_variant_stands_under_the_one_network_that_it_changes_else_under_the_whole(town):
    with language("fr"):
        rows = [(row.depth, row.label) for row in arranged(town, town.figures())]
    assert rows == [
        (NETWORK, "Éclairage public"),
        (VARIANT, VARIANTS["smart"]),
        (NETWORK, "Mobilité"),
        (VARIANT, VARIANTS["streets"]),
        (NETWORK, "Collecte des déchets"),
        (VARIANT, VARIANTS["rounds"]),
        (VARIANT, VARIANTS["sensors"]),
        (NETWORK, "Eau potable"),
        (VARIANT, VARIANTS["leaks"]),
        (NETWORK, "Ensemble"),
        (VARIANT, VARIANTS["connected"]),
        *((PART, label) for label in NETWORKS.values()),
    ]


def test_one_network_alone_has_no_total(town):
    with language("en"):
        rows = arranged(campaign(), campaign().figures())
    assert [row.label for row in rows] == [
        "Public lighting",
        "LED and remote management",
        "Switch-off from 11 pm to 5 am",
    ]


def test_cells_say_what_the_results_say(town):
    """Before, the median difference and P10-P90 of chance and assumptions, as `Results.table` gives them."""
    with language("en"):
        columns = {column.name: column for column in figure_columns(town.figures())}
        row = next(item for item in arranged(town, town.figures()) if item.label == VARIANTS["connected"])
        before = next(item for item in arranged(town, town.figures()) if item.label == "Whole territory")
        cell, level = columns["energy"].cell(row), columns["energy"].cell(before)
    found = town.table().loc[("connected", "total"), "energy [kWh]"]
    assert float(level.value.replace(",", "")) == pytest.approx(found["before"] / 1000, rel=1e-3)
    assert float(cell.value.replace("−", "-")) == pytest.approx(found["p50"] / 1000, abs=0.5)
    low, high = (float(text.replace("−", "-")) for text in cell.span.split("…"))
    assert (low, high) == pytest.approx((found["p10"] / 1000, found["p90"] / 1000), abs=0.5)
    assert cell.share == f"−{abs(100 * found['p50'] / found['before']):.1f}%"
    assert cell.mark == "▼"


def test_the_whole_is_the_sum_of_networks(town):
    table = town.table().xs("difference", axis=1, level=1)
    for variant in VARIANTS:
        by_network = table.loc[variant].drop("total")
        assert np.allclose(by_network.sum(), table.loc[(variant, "total")], rtol=1e-9)


def test_units_are_chosen_once_for_a_figure():
    assert [scaled_unit("kWh", value) for value in (9_000.0, 9_000_000.0, 2e9)] == ["kWh", "MWh", "GWh"]
    assert scaled_unit("l", 1e9) == "l"
    record = campaign(with_draws=False).figures()[0]
    scaled = in_unit(record, "MWh")
    assert scaled.baseline == pytest.approx(record.baseline / 1000)
    assert scaled.ci95 == pytest.approx([end / 1000 for end in record.ci95])


def test_short_shares():
    with language("en"):
        assert [short_percent(share) for share in (-0.6543, 0.0123, 0.0996, 1e-5, 0.0)] == [
            "−65%",
            "+1.2%",
            "+10%",
            "≈ 0%",
            "0%",
        ]


def test_the_report_gives_them_above_everything_else(town, tmp_path):
    page = annex_path(write_report(town, tmp_path / "report.html", "fr")).read_text("utf-8")
    section = page[page.index('id="figures"') : page.index("</section>")]
    assert page.index('id="figures"') < page.index('id="answer"') < page.index('id="key"')
    assert section.count("<caption>") == 1 + len(VARIANTS)
    assert section.count("Argent en euros de 2025") == page.count("euros de 2025") == 1
    connected = section[section.index(f"<caption>{VARIANTS['connected']}") :]
    for label in (*NETWORKS.values(), "Ensemble", "Bas", "P50", "Haut"):
        assert label in connected
    smart = section[section.index(f"<caption>{VARIANTS['smart']}") : section.index(f"<caption>{VARIANTS['leaks']}")]
    assert "Éclairage public" in smart
    assert "Eau potable" not in smart


def test_the_key_tables_do_not_repeat_them(town, tmp_path):
    page = annex_path(write_report(town, tmp_path / "report.html", "en")).read_text("utf-8")
    labels = {LINES[name].label for name in FIGURES}
    rows = {
        part: set(
            re.findall(r'<th scope="row">([^<]*)', page[page.index(f'id="{part}"') : page.index(f'id="{after}"')])
        )
        for part, after in (("key", "money"), ("full", "installed"))
    }
    assert "Calls" in rows["key"]
    assert not labels & rows["key"]
    assert labels <= {label.strip() for label in rows["full"]}


def test_prices_of_other_years_are_named(tmp_path):
    page = annex_path(write_report(campaign(), tmp_path / "report.html", "en")).read_text("utf-8")
    limits = page[page.index('id="limits"') :]
    assert "1 prices are of other years than 2025 and are not brought to it: Price of a LED luminaire (2015)." in limits


def test_the_paired_plot_names_the_rows_that_it_draws(town, tmp_path):
    """Calls of lighting are drawn for the variants that change lighting, totals for all."""
    page = annex_path(write_report(town, tmp_path / "report.html", "fr")).read_text("utf-8")
    figure = page[page.index('id="figure-pairs"') :]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", figure[: figure.index("</svg>")])
    count = Counter(text.rstrip("…") for text in texts)
    drawn = {
        name: sum(number for text, number in count.items() if len(text) > 20 and title.startswith(text))
        for name, title in VARIANTS.items()
        if name != "sensors"  # its title goes on where that of another stops
    }
    assert drawn == {"smart": 3, "leaks": 2, "rounds": 2, "streets": 2, "connected": 3}


@pytest.mark.parametrize("first", [[0.0, 0.0], [68.7, 1.34]])
def test_ticks_of_four_panels_begin_at_nothing_and_keep_apart(first):
    """Hundreds of thousands of litres in a panel of a fourth of the width, whatever the first network takes of them."""
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    grid = figure.subplots(1, 4, sharey=True)
    for axes in grid:
        _bars(axes, np.array([first, [857_154.8, 857_154.8], [447.7, 447.7], [19.9, 20.2]]), 2)
        written_ticks(axes, 2)
    grid[0].set_yticks([0, 1], ["A title of some thirty characters"] * 2)
    figure.draw_without_rendering()
    for axes in grid:
        labels = [label for label in axes.get_xticklabels() if label.get_text()]
        assert labels[0].get_text() == "0"
        boxes = [label.get_window_extent() for label in labels]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))

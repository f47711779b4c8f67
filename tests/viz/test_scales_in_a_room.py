"""What a room sees: no noise in colours, legends that say which side is better, situations that change something."""

from __future__ import annotations

import re

import jumeau_viz
import numpy as np
import pytest
import small_town
from jumeau_viz.appearance import Indicator, read_appearance
from jumeau_viz.assets import build_assets
from jumeau_viz.packing import pack_assets, pack_scale
from jumeau_viz.palettes import DIVERGING, Scale, palette
from jumeau_viz.pictures import legend_title

from jumeau.i18n import language
from jumeau.network import discover

HOURS = Indicator(name="delay", label="Electricity", unit="h", better="lower", least=0.01)


def quiet_streets():
    """Hours lost in a town where nearly all streets lose none: traces of a solver, and a few real delays."""
    return np.concatenate([np.full(980, 4e-4), np.linspace(0.5, 8.0, 20)])


def test_most_streets_without_delay_do_not_make_a_scale_of_traces():
    scale = Scale.sequential([quiet_streets()], "cividis", HOURS.least)
    assert 7.0 <= scale.high <= 10.0
    assert min(np.diff(scale.ticks)) >= HOURS.least * (1 - 1e-9)
    undeclared = Scale.sequential([quiet_streets()], "cividis")
    assert undeclared.high == scale.high


def test_changes_that_are_noise_are_painted_as_none():
    scale = Scale.changes([np.array([1e-5, -2e-5, 0.004, 0.0])], "lower", HOURS.least)
    assert scale.alike
    assert min(np.diff(scale.ticks)) >= HOURS.least * (1 - 1e-9)
    assert (scale.colours(np.array([1e-5, -0.004])) == scale.colours(np.array([0.0]))).all()
    with language("en"):
        assert legend_title(HOURS, scale) == "Change: Electricity [h] (no difference anywhere)"


@pytest.mark.parametrize(("better", "blue"), [("lower", -1.0), ("higher", 1.0), ("neutral", -1.0)])
def test_blue_is_better_wherever_something_is(better, blue):
    indicator = HOURS.model_copy(update={"better": better})
    scale = Scale.changes([np.array([-1.0, 1.0])], better, 0.01)
    red, _green, strong = scale.colours(np.array([blue * scale.high]))[0].astype(int)
    assert strong > red
    assert scale.tick_labels()[0][0] == "\N{MINUS SIGN}"
    with language("en"):
        said = legend_title(indicator, scale)
        words = {"lower": "blue: lower, better", "higher": "blue: higher, better", "neutral": "neither is better"}
        assert words[better] in said
    with language("fr"):
        said = legend_title(indicator, scale)
        assert "mieux" in said
        assert "blue" not in said


def test_bands_of_maps_have_the_colours_of_the_side_that_is_better():
    lower, higher = (Scale.changes([np.array([-1.0, 1.0])], name) for name in ("lower", "higher"))
    assert [band.colour for band in lower.bands()] == [band.colour for band in reversed(higher.bands())]
    assert (palette("orange_grey_blue") == palette(DIVERGING)[::-1]).all()


def test_figures_that_are_all_alike_are_said_to_be():
    scale = Scale.sequential([np.full(50, 57.0)], "viridis", 0.1)
    assert scale.alike
    with language("fr"):
        assert legend_title(HOURS, scale).endswith("(partout pareil)")
    assert not Scale.sequential([np.array([10.0, 50.0])], "viridis", 0.1).alike


def test_figures_that_are_all_high_are_told_apart():
    values = np.linspace(2186.0, 2424.0, 60)
    colours = Scale.sequential([values], "viridis", 1.0).colours(values).astype(int)
    assert np.abs(colours[0] - colours[-1]).max() > 100


def test_single_figures_have_the_decimals_of_their_scale():
    assert Scale.sequential([np.array([0.0, 800.0])], "viridis").digits == 0
    assert Scale.sequential([np.array([0.0, 60.0])], "viridis", 0.1).digits == 1
    assert Scale.changes([np.array([-1.0, 1.0])], "lower", 0.01).digits == 2
    with language("en"):
        packed = pack_scale(Scale.changes([np.array([-1.0, 1.0])], "lower", 0.01), HOURS)
    assert (packed["least"], packed["digits"]) == (0.01, 2)


def test_every_figure_of_our_networks_says_what_is_worth_showing():
    assert jumeau_viz.__name__
    for network in discover().values():
        path = network.folder / "appearance.yaml"
        if not path.is_file():
            continue
        better = {item.name: item.better for item in network.indicators}
        for layer in read_appearance(path, network.attributes):
            sums = {item.attribute: item.sums_to for item in network.attributes.outputs(layer.layer)}
            for item in layer.indicators:
                assert item.least > 0.0, f"{network.name} {item.name}"
                whole = better.get(sums.get(item.name, ""), item.better)
                assert item.better == whole, f"{network.name} {item.name}"


def test_the_page_knows_which_situations_change_a_layer(scene, appearance, captions):
    before, after = small_town.frames().values()
    trace = before.copy()
    trace["energy"] += 1e-4
    layer = build_assets("lighting", appearance, {"baseline": before, "led": after, "water": trace}, scene)
    assert layer.changing == ("led",)
    with language("en"):
        packed = pack_assets(layer, captions)
    assert [(item["name"], item["changes"]) for item in packed["scenarios"]] == [
        ("baseline", True),
        ("led", True),
        ("water", False),
    ]


def test_the_script_writes_no_significant_digits():
    """Four significant digits of a rounding error of 32 bits read « (+0.00006104) »."""
    from jumeau_viz.page import TEMPLATES

    script = (TEMPLATES / "page/page.js").read_text("utf-8")
    assert not re.search("maximumSignificantDigits", script)

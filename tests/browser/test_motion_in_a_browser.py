"""What the page draws while something moves: the level that frames are fed to, what it may leave out, and what comes
back at rest. None of it depends on how fast the machine is."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

FEED = """([first, gaps]) => { const pace = createPace(first); return gaps.map((gap) => pace.feed(gap)); }"""
#: How many corners of triangles a picture takes.
CORNERS = """() => {
  const gl = document.getElementById("view").getContext("webgl2"), draw = gl.drawElements;
  let sum = 0;
  gl.drawElements = function (mode, count, ...rest) { sum += count; draw.call(gl, mode, count, ...rest); };
  window.jumeau.viewer.snapshot(); gl.drawElements = draw; return sum; }"""
PLAIN = "LEVELS.findIndex((level) => level.plain)"


def feed(page, first, gaps):
    """Return the level after each of some frame times [ms]."""
    return page.evaluate(FEED, [first, gaps])


def moving(page, level):
    """Return what the view shows while it moves at a level, as an array (height, width, 3)."""
    shot = page.evaluate(
        "(level) => { const v = window.jumeau.viewer; v.force(level); const shot = v.snapshot(true);"
        " v.force(null); v.snapshot(); return shot; }",
        level,
    )
    return np.asarray(Image.open(BytesIO(b64decode(shot.split(",")[1]))).convert("RGB"))


def blocks(picture):
    """Return the mean colours of 20 by 12 blocks of a picture."""
    small = Image.fromarray(picture.astype(np.uint8)).resize((20, 12), Image.Resampling.BOX)
    return np.asarray(small).astype(float)


def test_slow_frames_lower_the_level_and_fast_ones_raise_it(window):
    page = window().page
    last = page.evaluate("LEVELS.length - 1")
    assert feed(page, 0, [60.0] * 100)[-1] == last
    assert feed(page, 0, [200.0] * 2)[-1] == 2  # far too slow: two steps at once, after two frames
    assert feed(page, last, [16.7] * 1500)[-1] == 0
    # 25 to 43 frames a second are what is wanted: nothing changes.
    assert set(feed(page, 3, [33.3, 33.3, 16.7, 33.3] * 200)) == {3}
    # A machine with a graphics chip is never given less than everything.
    assert set(feed(page, 0, [16.7] * 300)) == {0}
    # One late frame among many is none.
    assert set(feed(page, 0, ([16.7] * 11 + [80.0]) * 20)) == {0}


def test_a_step_that_had_to_be_taken_back_is_tried_less_and_less_often(window):
    page = window().page
    # Level 4 is fast and level 3 is slow: how often is 3 tried in a minute?
    tried = page.evaluate(
        "() => { const pace = createPace(4), tried = []; let clock = 0, level = 4;"
        " while (clock < 60000) { const gap = level < 4 ? 60 : 17; const now = pace.feed(gap);"
        " if (now < level) tried.push(clock); level = now; clock += gap; } return tried; }"
    )
    gaps = np.diff(tried)
    assert 2 <= len(tried) <= 6
    assert np.all(gaps[1:] > 1.5 * gaps[:-1])


@pytest.mark.parametrize("hour", [10.5, 23.5])
def test_at_rest_everything_is_back(window, hour):
    opened = window()
    page = opened.page
    page.evaluate(f"window.jumeau.clock.at({hour})")
    before = opened.pixels()
    page.evaluate("() => { const v = window.jumeau.viewer; v.force(LEVELS.length - 1); v.turn(9, 0); v.turn(-9, 0); }")
    opened.until("document.getElementById('view').width < 1280")
    assert page.evaluate("document.getElementById('labels').hidden")
    opened.until("!window.jumeau.viewer.moving() && document.getElementById('view').width === 1280")
    assert not page.evaluate("document.getElementById('labels').hidden")
    assert np.array_equal(opened.pixels(), before)
    assert opened.troubles == []


@pytest.mark.parametrize("hour", [10.5, 23.5])
@pytest.mark.parametrize("split", [False, True])
def test_what_is_left_out_of_a_still_picture_is_out_of_it(window, hour, split):
    opened = window()
    opened.page.evaluate(
        f"() => {{ const j = window.jumeau, c = j.viewer.camera(); j.clock.at({hour});"
        f" j.page.show({{ split: {str(split).lower()} }});"
        " Object.assign(c, { distance: c.distance / 5, elevation: 25, azimuth: 40 }); j.viewer.redraw(); }"
    )
    near, few = opened.pixels(), opened.page.evaluate(CORNERS)
    opened.page.evaluate("window.jumeau.viewer.cull(false)")
    assert np.array_equal(opened.pixels(), near)
    assert near.std() > 5
    assert few < opened.page.evaluate(CORNERS)


@pytest.mark.parametrize("hour", [10.5, 23.5])
@pytest.mark.parametrize("split", [False, True])
def test_the_moving_picture_shows_the_same_town(window, hour, split):
    opened = window()
    page = opened.page
    page.evaluate(f"window.jumeau.clock.at({hour}); window.jumeau.page.show({{ split: {str(split).lower()} }})")
    still = opened.pixels().astype(float)
    first, last = page.evaluate(f"[{PLAIN}, LEVELS.length - 1]")
    for level in (first, last):
        seen = moving(page, level)
        assert seen.shape[1] == round(1280 * page.evaluate(f"LEVELS[{level}].scale"))
        # By blocks of a twentieth of the width, which leave out what is finer than the coarsest picture.
        gap = np.abs(blocks(still) - blocks(seen))
        assert gap.mean() < 8
        assert gap.max() < 60
    assert opened.troubles == []


def test_markers_keep_their_colours_while_something_moves(window):
    opened = window()
    page = opened.page
    page.evaluate("window.jumeau.clock.at(23.5)")

    def coloured(picture):
        """Share of the pixels that are far from grey, as the scale's colours by night are."""
        return float((np.ptp(picture.astype(int), axis=2) > 60).mean())

    still = coloured(opened.pixels())
    assert still > 0.0005
    assert coloured(moving(page, page.evaluate("LEVELS.length - 1"))) > 0.4 * still


def test_a_picked_asset_is_the_same_one_while_something_moves(window):
    page = window().page
    found = page.evaluate(
        "() => { const v = window.jumeau.viewer, [x, y] = v.project(...v.head(3)), at = () => v.pick(x, y, 12);"
        " const still = at(); v.force(LEVELS.length - 1); v.snapshot(true); const moving = at(); v.force(null);"
        " v.snapshot(); return [still, moving]; }"
    )
    assert found[0] == found[1] >= 0


def test_names_are_neither_cut_nor_under_a_panel(window):
    for width in (1280, 390):
        opened = window(width=width)
        opened.page.wait_for_timeout(300)
        hidden = opened.page.evaluate(
            """() => {
            const box = (item) => item.getBoundingClientRect();
            const panels = [...document.querySelectorAll("#bench > *, #moves, #deck, #headline")].map(box);
            const across = (r, p) => r.left < p.right && r.right > p.left;
            const under = (r, p) => p.width && across(r, p) && r.top < p.bottom && r.bottom > p.top;
            const out = (r) => r.left < -2 || r.right > innerWidth + 2;
            return [...document.querySelectorAll("#labels span")].filter((span) => out(box(span))
              || panels.some((panel) => under(box(span), panel))).map((span) => span.textContent); }"""
        )
        assert hidden == []

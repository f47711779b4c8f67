"""The page as its users meet it: in a browser, without network, by mouse and by keyboard."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from jumeau_viz.palettes import contrast

#: Large windows in one language: drawn by software they take long, and words wrap in small ones.
SIZES = [
    ("fr", 390, 844),
    pytest.param("en", 390, 844, marks=pytest.mark.reproduce),
    pytest.param("fr", 1280, 720, marks=pytest.mark.reproduce),
    ("en", 1280, 720),
    ("fr", 1920, 1080),
    pytest.param("en", 3840, 2160, marks=pytest.mark.reproduce),
]


@pytest.mark.parametrize(("lang", "width", "height"), SIZES)
def test_a_page_asks_nothing_of_the_network_and_fits_the_window(window, lang, width, height):
    shown = window(lang, width, height)
    assert shown.requests == [shown.page.url]
    assert shown.troubles == []
    assert shown.page.evaluate("document.scrollingElement.scrollWidth") <= width
    shown.page.focus("#view")
    shown.page.keyboard.press("p")
    box = shown.page.locator("#view").bounding_box()
    assert box["width"] * box["height"] >= 0.85 * width * height
    covered = shown.page.evaluate(
        """() => { let seen = 0; const w = innerWidth, h = innerHeight, n = 40;
        for (let i = 0; i < n; i++) for (let k = 0; k < n; k++)
          seen += document.elementFromPoint((i + .5) * w / n, (k + .5) * h / n)?.id === "view" ? 1 : 0;
        return seen / n / n; }"""
    )
    assert covered > 0.5


@pytest.mark.parametrize(
    ("lang", "width", "height"),
    [
        ("fr", 390, 844),
        pytest.param("en", 390, 844, marks=pytest.mark.reproduce),
        pytest.param("fr", 1280, 720, marks=pytest.mark.reproduce),
        ("en", 1280, 720),
    ],
)
def test_axe_finds_nothing_serious(window, lang, width, height):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    shown = window(lang, width, height)
    for panel in shown.page.query_selector_all("details:not([open]) > summary"):
        panel.evaluate("item => { item.parentElement.open = true; }")
    found = axe.Axe().run(shown.page).response["violations"]
    serious = [item for item in found if item["impact"] in ("moderate", "serious", "critical")]
    assert [(item["id"], [node["html"][:90] for node in item["nodes"]]) for item in serious] == []


def changed(before, after):
    """Share of the pixels that differ by more than a trace."""
    return float((np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 8).mean())


def test_keys_split_the_view_and_move_its_sliders(window):
    shown = window()
    shown.page.focus("#view")
    single = shown.pixels()
    shown.page.keyboard.press("s")
    split = shown.pixels()
    half = split.shape[1] // 2
    assert changed(single[:, :half], split[:, :half]) == 0.0
    assert changed(single[:, half:], split[:, half:]) > 0.001
    assert shown.page.is_visible("#left-name")
    shown.page.focus("#cut3d")
    for _step in range(20):
        shown.page.keyboard.press("ArrowRight")
    moved = shown.pixels()
    assert changed(split, moved) > 0.0002
    assert "70" in shown.page.get_attribute("#cut3d", "aria-valuetext")
    for slider, step in (("#date", 6), ("#hour", 12)):
        before = shown.pixels()
        shown.page.focus(slider)
        for _step in range(step):
            shown.page.keyboard.press("PageUp")
        assert changed(before, shown.pixels()) > 0.001, slider
    assert shown.troubles == []


def test_night_falls_and_the_lamps_light_the_ground(window):
    shown = window()
    shown.page.focus("#view")
    day = shown.pixels()
    shown.page.keyboard.press("n")
    night = shown.pixels()
    assert day.mean() > 2 * night.mean()
    assert shown.page.get_attribute("#light", "aria-pressed") == "true"
    # Illuminance by the law of the shader, summed over the ground, gives back the flux that the lamps send.
    flux, caught = shown.page.evaluate(
        """() => { const { viewer, page } = window.jumeau, asset = page.assets[0], box = viewer.box();
        const flux = floats(asset.light.flux).slice(0, asset.ids.length).reduce((sum, part) => sum + part, 0);
        let caught = 0; const step = 6, reach = 120;
        for (let x = box[0] - reach; x < box[3] + reach; x += step)
          for (let y = box[1] - reach; y < box[4] + reach; y += step)
            caught += viewer.lux(x, y, "baseline", 21) * step * step;
        return [flux, caught]; }"""
    )
    assert caught == pytest.approx(flux, rel=0.03)


def test_the_page_has_the_sun_where_python_has_it(window):
    from datetime import date

    from jumeau_viz.sunlight import Sunlight

    shown = window()
    table = shown.page.evaluate("JSON.parse(document.getElementById('scene-data').textContent).sun")
    sun = Sunlight.over((table["latitude"], table["longitude"]), "Europe/Paris", date(2024, 1, 1), 366)
    for day, hour in ((0, 9.5), (172, 21.0), (300, 13.25)):
        found = shown.page.evaluate(f"window.jumeau.viewer.sun.place({day}, {hour})")
        assert (found["azimuth"], found["elevation"]) == pytest.approx(sun.direction(day, hour), abs=0.02)


def test_nothing_moves_until_it_is_played(window):
    shown = window(reduced_motion="no-preference")
    start = shown.page.evaluate("window.jumeau.clock.now()")
    shown.page.wait_for_timeout(400)
    assert shown.page.evaluate("window.jumeau.clock.now()") == start
    shown.page.click("#play")
    shown.until(f"window.jumeau.clock.now() > {start} + 0.2")
    shown.page.click("#play")
    shown.settle()
    stopped = shown.page.evaluate("window.jumeau.clock.now()")
    shown.page.wait_for_timeout(300)
    assert shown.page.evaluate("window.jumeau.clock.now()") == stopped


def test_whoever_wants_less_motion_sees_steps_and_no_flights(window):
    shown = window(reduced_motion="reduce")
    shown.page.evaluate("window.jumeau.viewer.fly({ distance: 300 })")
    assert shown.page.evaluate("window.jumeau.viewer.camera().distance") == 300
    shown.page.click("#play")
    times = set()
    for _look in range(12):
        shown.page.wait_for_timeout(100)
        times.add(shown.page.evaluate("window.jumeau.clock.now()"))
    assert len(times) <= 3


def test_markers_stand_out_from_what_is_around_them(window):
    """Fill against rim, read from the drawn pixels, by day and by night, in both situations."""
    shown = window(width=1280, height=900)
    for hour in (11, 23.5):
        shown.page.evaluate(f"window.jumeau.clock.at({hour})")
        for row in (0, 1):
            shown.page.evaluate(f"window.jumeau.page.show({{ row: {row} }})")
            shown.page.evaluate("window.jumeau.viewer.fly({ distance: 420, elevation: 75 })")
            picture = shown.pixels()
            places = shown.page.evaluate(
                """() => { const { viewer, page } = window.jumeau, found = [];
                for (let i = 0; i < page.assets[0].ids.length; i++) {
                  const at = viewer.project(...viewer.head(i)); if (at) found.push(at); }
                return found; }"""
            )
            ratios = []
            for x, y, _depth in places:
                column, line = round(x), round(y)
                if not (20 < column < picture.shape[1] - 20 and 20 < line < picture.shape[0] - 20):
                    continue
                around = picture[line - 12 : line + 13, column - 12 : column + 13].reshape(-1, 3)
                ratios.append(contrast(around, picture[line, column]).max())
            assert len(ratios) > 30
            assert np.quantile(ratios, 0.02) >= 3.0, (hour, row)


def test_a_street_is_found_by_name_without_accents(window):
    shown = window()
    shown.page.click("#seek > summary")
    shown.page.fill("#wanted", "quartier de l ecluse")
    shown.page.press("#wanted", "Enter")
    assert "Écluse" in shown.page.text_content("#found")
    shown.page.fill("#wanted", "nowhere at all")
    shown.page.press("#wanted", "Enter")
    assert "nowhere at all" in shown.page.text_content("#search-answer")
    shown.page.fill("#wanted", "L0012")
    shown.page.press("#wanted", "Enter")
    assert "L0012" in shown.page.text_content("#facts")


def test_a_remark_is_kept_saved_and_read_elsewhere(window, tmp_path):
    shown = window()
    shown.page.click("#opinions > summary")
    hostile = "<img src=x onerror=alert(1)> trop sombre ici"
    shown.page.fill("#remark-text", hostile)
    shown.page.click("#remark button[type=submit]")
    shown.page.click("#vote button[data-choice=for]")
    assert hostile in shown.page.text_content("#remark-list")
    assert shown.page.query_selector("#remark-list img") is None
    with shown.page.expect_download() as awaited:
        shown.page.click("#remark-export")
    path = tmp_path / "remarks.json"
    awaited.value.save_as(path)
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert (saved["format"], saved["version"]) == ("jumeau-remarks", 1)
    remark = saved["remarks"][0]
    assert remark["text"] == hostile
    assert set(remark) == {"id", "day", "network", "layer", "asset", "x", "y", "crs", "variant", "kind", "text"}
    assert 651_000 < remark["x"] < 653_500
    assert saved["votes"][0]["choice"] == "for"
    elsewhere = window("en")
    elsewhere.page.click("#opinions > summary")
    elsewhere.page.set_input_files("#remark-import", str(path))
    elsewhere.page.wait_for_selector("#remark-list li")
    assert hostile in elsewhere.page.text_content("#remark-list")
    elsewhere.page.set_input_files("#remark-import", str(path))
    elsewhere.settle()
    assert elsewhere.page.locator("#remark-list li").count() == 1
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    elsewhere.page.set_input_files("#remark-import", str(bad))
    elsewhere.until("document.getElementById('remark-answer').textContent.includes('no remarks')")
    assert shown.troubles == elsewhere.troubles == []


def test_the_tour_leads_through_situations_with_their_figures(window):
    shown = window()
    shown.page.focus("#view")
    tour = shown.page.evaluate("JSON.parse(document.getElementById('scene-data').textContent).tour")
    assert len(tour) >= 3
    seen = []
    for stop in tour:
        before = shown.pixels()
        shown.page.keyboard.press("PageDown")
        assert shown.page.text_content("#story-title") == stop["title"]
        assert shown.page.text_content("#story-figure strong") == stop["figure"]
        assert shown.page.evaluate("window.jumeau.page.state.row") == stop["row"]
        seen.append((stop["row"], changed(before, shown.pixels())))
    assert len({row for row, _share in seen}) > 1
    assert any(share > 0.001 for _row, share in seen[1:])
    shown.page.keyboard.press("PageUp")
    assert shown.page.text_content("#story-title") == tour[-2]["title"]
    assert shown.troubles == []


def test_large_figures_are_those_of_the_summary(window):
    shown = window("en")
    shown.page.evaluate("window.jumeau.page.show({ row: 1 })")
    text = shown.page.text_content("#big").replace("\u202f", " ").replace("\u00a0", " ")
    assert "−59.1 MWh" in text
    assert "−1.34" not in text
    assert "before: 120 MWh" in text or "before: 120.3 MWh" in text


def test_figures_of_an_asset_are_written_as_python_writes_them(window):
    shown = window("en")
    shown.page.click("#seek > summary")
    shown.page.fill("#wanted", "L0012")
    shown.page.press("#wanted", "Enter")
    told = shown.page.text_content("#facts")
    energy = told[told.index("Electricity") : told.index("Nights")]
    assert re.search(r"\(\N{MINUS SIGN}\d+\)", energy)
    assert not re.search(r"\d\.\d", energy)


def test_situations_that_change_nothing_are_not_offered(window):
    shown = window("en")
    shown.page.evaluate(
        "() => { window.jumeau.page.assets[0].scenarios[1].changes = false; window.jumeau.page.show({}); }"
    )
    offered = shown.page.locator("#situation option").all_text_contents()
    assert len(offered) == 1
    # A tour may name it all the same, and it is marked.
    shown.page.evaluate("window.jumeau.page.show({ row: 1 })")
    assert "changes nothing here" in shown.page.locator("#situation option").all_text_contents()[-1]

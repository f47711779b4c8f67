"""The page (offline, in two languages, readable without pictures), the pictures, and a whole run folder."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
import small_town
from jumeau_viz import render, run_folder
from jumeau_viz.facts import Facts
from jumeau_viz.figures import build_tables
from jumeau_viz.page import build_page, data_uri
from jumeau_viz.pictures import draw, frame_camera, views, write_pictures
from jumeau_viz.probe import PACKAGES, Probe, probe
from jumeau_viz.tour import build_tour
from one_language import foreign as elsewhere
from one_language import words
from PIL import Image

from jumeau.errors import InputError
from jumeau.i18n import language


class Outline(HTMLParser):
    """Collects tags, attributes and visible words of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self._inside = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"[ \n]+", " ", " ".join(self.words))

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def make_page(lang, scene, assets, captions, layers, sources):
    territory = SimpleNamespace(layers=layers)
    with language(lang):
        return build_page(
            scene,
            [assets],
            captions,
            place=small_town.place(layers, scene),
            run="0123456789abcdef",
            pictures=[(assets, sources)] if sources else [],
            tables=build_tables(small_town.SUMMARY, captions),
            tour=build_tour([assets], scene, Facts(small_town.SUMMARY, captions), territory=territory),
            languages=("fr", "en"),
        )


@pytest.fixture(scope="module")
def pages(scene, assets, captions, layers):
    grey = data_uri(np.full((776, 1600, 3), 90, dtype=np.uint8))
    grey = {view.name: grey for view in views(assets, assets.indicators[0])}
    return {lang: make_page(lang, scene, assets, captions, layers, grey) for lang in ("fr", "en")}


def scene_data(page):
    return json.loads(re.search(r'id="scene-data">(.*?)</script>', page, re.DOTALL).group(1))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_is_one_offline_file_in_its_language(pages, lang):
    page = pages[lang]
    outline = Outline(page)
    assert outline.all("html")[0]["lang"] == lang
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]{2,}", page)
    for _tag, attrs in outline.tags:
        for name in ("src", "href"):
            assert attrs.get(name, "#").startswith(("data:", "#", "scene_")), attrs
    assert not outline.all("link")
    policy = next(attrs["content"] for attrs in outline.all("meta") if "http-equiv" in attrs)
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("lang", "expected", "foreign"),
    [
        ("fr", ["[kWh]", "Simulation, et non mesure", "du 1er janvier 2024 au 31 décembre 2024",
                "baisse établie", "120,35", "Argent en euros de 2025", "Quartier du Moulin",
                "Avant : Éclairage actuel"],
         ["Before", "After", "drop"]),
        ("en", ["Electricity [kWh]", "Simulation, not measurement", "1 January 2024 to 31 December 2024",
                "drop established", "120.35", "Money in euros of 2025", "Quartier du Moulin",
                "Before: Present lighting"],
         ["Avant", "Après", "baisse"]),
    ],
)  # fmt: skip
def test_page_says_everything_in_one_language(pages, lang, expected, foreign):
    text = Outline(pages[lang]).text.replace("\u00a0", " ")
    for said in expected:
        assert said in text
    for said in foreign:
        assert said not in text
    texts = scene_data(pages[lang])
    assert texts["lang"] == lang
    # What the view tells is in its data: labels, legends, sentences.
    told = words(pages[lang]) + " " + " ".join(str(texts[name]) for name in ("texts", "assets", "tour", "figures"))
    assert elsewhere(told, lang) == []
    assert ("avant" in texts["texts"]["cut"]) == (lang == "fr")


def test_controls_have_names_and_pictures_have_words(pages):
    outline = Outline(pages["fr"])
    labelled = {attrs["for"] for attrs in outline.all("label") if "for" in attrs}
    # A file's label is wrapped around it.
    controls = [attrs for attrs in outline.all("input") + outline.all("select") if attrs.get("type") != "file"]
    assert all(attrs.get("aria-label") or attrs["id"] in labelled for attrs in controls)
    assert all(len(attrs["alt"]) > 40 for attrs in outline.all("img"))
    assert len(outline.all("img")) == 2
    assert all("scope" in attrs for attrs in outline.all("th"))


def test_viewer_data_give_back_coordinates_values_and_one_scale(pages, scene, assets):
    data = scene_data(pages["en"])
    packed = data["assets"][0]
    heads = np.frombuffer(b64decode(packed["heads"]), dtype="<f4").reshape(-1, 3)
    world = heads.astype(float)[:, :2] + [data["frame"]["origin_x"], data["frame"]["origin_y"]]
    lamps = small_town.lamps()
    assert np.abs(world - lamps.get_coordinates().to_numpy()).max() < 1e-3
    energy = np.frombuffer(b64decode(packed["indicators"][0]["values"]), dtype="<f4").reshape(2, -1)
    assert energy[0] == pytest.approx(lamps["energy"].to_numpy(), rel=1e-6)
    assert packed["indicators"][0]["scale"]["high"] == assets.scale(assets.indicators[0]).high
    for mesh, drawn in zip(data["meshes"], scene.meshes.values(), strict=True):
        kind = "<u4" if mesh["wide"] else "<u2"
        triangles = np.frombuffer(b64decode(mesh["triangles"]), dtype=kind)
        assert triangles.size == mesh["count"] == drawn.triangles.size
        assert triangles.max() < len(b64decode(mesh["points"])) / 12


def test_hostile_names_stay_text(scene, appearance, captions, layers):
    from jumeau_viz.assets import build_assets

    lamps = small_town.lamps()
    lamps.loc[0, "lamp_id"] = "</script><script>alert(1)</script>"
    hostile = build_assets("lighting", appearance, {"baseline": lamps, "led": lamps.copy()}, scene)
    page = make_page("fr", scene, hostile, captions, layers, {})
    assert "<script>alert" not in page
    assert scene_data(page)["assets"][0]["ids"][0] == "</script><script>alert(1)</script>"


def test_the_four_figures_come_first_and_are_not_repeated(pages, captions):
    with language("en"):
        table = build_tables(small_town.SUMMARY, captions)[0]
    assert [group.title for group in table.figures] == ["Public lighting"]  # one network is the whole
    assert [row.label for row in table.figures[0].rows] == ["Energy", "Fuel", "CO₂", "Cost"]
    energy = table.figures[0].rows[0]
    assert (energy.unit, energy.figures.baseline, energy.figures.difference) == ("MWh", "120.35", "−59.11")
    assert energy.figures.quantiles == ("−65.0", "−59.1", "−53.2")
    assert [row.label for row in table.rows] == ["Nights without light"]
    text = Outline(pages["en"].split('id="results"')[1]).text
    places = [text.index(words) for words in ("P10-P90 of the difference", "CO₂", "key indicators", "812")]
    assert places == sorted(places)


def test_several_networks_are_named_and_the_whole_comes_last(captions):
    water = [small_town.figure(name, unit, 10.0, 5.0, "water") for name, unit in (("energy", "kWh"), ("cost", "EUR"))]
    with language("fr"):
        table = build_tables({**small_town.SUMMARY, "figures": [*small_town.SUMMARY["figures"], *water]}, captions)[0]
    assert [group.title for group in table.figures] == ["Éclairage public", "eau", "Ensemble"]


def test_table_writes_signs_decimals_and_missing_intervals(captions):
    record = {
        **small_town.SUMMARY["records"][1],
        "baseline": 2.0,
        "variant_value": 3.0,
        "difference": 1.0,
        "ci95": None,
    }
    minor = {**record, "key": False, "label": "Lesser"}
    with language("fr"):
        table = build_tables({**small_town.SUMMARY, "records": [record, minor]}, captions)[0]
    row = table.rows[0].figures
    assert (float(row.baseline.replace(",", ".")), float(row.variant.replace(",", "."))) == (2.0, 3.0)
    assert row.interval == "—"
    assert row.difference.startswith("+1")
    assert "+50" in row.relative
    assert [item.label for item in table.others] == ["Lesser"]


def test_a_missing_figure_is_a_dash_not_a_number(captions):
    record = {**small_town.SUMMARY["records"][1], "baseline": None, "difference": None}
    with language("en"):
        row = build_tables({**small_town.SUMMARY, "records": [record]}, captions)[0].rows[0]
    assert row.figures.baseline == "—"


@pytest.mark.parametrize(
    ("script", "reason"),
    [("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crash"), ("print('blank')", "blank"),
     ("import time; time.sleep(30)", "timeout"), ("import jumeau_absent_module", "missing")],
)  # fmt: skip
def test_probe_survives_a_machine_that_cannot_draw(monkeypatch, script, reason):
    monkeypatch.setattr("jumeau_viz.probe._SCRIPT", script)
    found = probe.__wrapped__(timeout=2.0)
    assert (found.works, found.reason) == (False, reason)
    with language("en"):
        assert ("jumeau[viz]" if reason == "missing" else PACKAGES) in found.message
    with language("fr"):
        assert found.message.startswith("Aucune image")


@pytest.fixture
def run(tmp_path):
    small_town.write_run(tmp_path)
    return tmp_path


def test_a_run_is_shown_without_pictures_where_none_can_be_drawn(run, monkeypatch, caplog):
    monkeypatch.setattr(run_folder, "probe", lambda: Probe(works=False, reason="crash"))
    written = render(run, languages=("fr",))
    assert [path.name for path in written] == ["scene_fr.html", "map.gpkg", "jumeau.qgs"]
    assert PACKAGES in caplog.text
    page = written[0].read_text(encoding="utf-8")
    assert PACKAGES in page
    assert "Val-sur-Lune (ville synthétique" in page
    assert scene_data(page)["assets"][0]["ids"][0] == "L0000"


def test_a_whole_run_gives_pictures_and_pages(run, can_draw):
    written = {path.name: path for path in render(run, out=run / "shown")}
    expected = {
        f"lighting_{name}_{lang}.png" for name in ("before", "after_led", "difference_led") for lang in ("fr", "en")
    }
    assert set(written) == expected | {"scene_fr.html", "scene_en.html"}
    assert all(path.parent == run / "shown" for path in written.values())
    assert written["scene_fr.html"].stat().st_size < 8_000_000
    with Image.open(written["lighting_before_fr.png"]) as picture:
        assert picture.size == (1600, 1000)
        assert "[kWh]" in picture.info["Description"]
        assert "Simulation, et non mesure" in picture.info["Description"]


def test_folders_that_are_not_runs_are_refused(run, tmp_path):
    with pytest.raises(InputError, match="jumeau run"):
        render(tmp_path / "nowhere")
    (run / "assets.gpkg").write_bytes(b"")
    with pytest.raises(InputError, match=r"assets\.gpkg"):
        render(run)
    for old in ({"records": []}, {"version": 1, "records": []}):
        (run / "summary.json").write_text(json.dumps(old), encoding="utf-8")
        with pytest.raises(InputError, match="jumeau run SCENARIO"):
            render(run)
    (run / "summary.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="JSON"):
        render(run)


def test_only_lamps_differ_between_before_and_after(scene, assets, captions, tmp_path, can_draw):
    indicator, camera = assets.indicators[0], frame_camera(assets)
    images = draw(scene, assets, indicator, camera)
    changed = np.any(images["before"] != images["after_led"], axis=2)
    assert 0.005 < changed.mean() < 0.6
    heads = camera.project(assets.heads, 1600 / 776)
    value = assets.difference("energy", "led")
    row = np.round((1 - heads[:, 1]) / 2 * 775).astype(int)
    column = np.round((heads[:, 0] + 1) / 2 * 1599).astype(int)
    assert changed[row[value < 0], column[value < 0]].mean() > 0.95
    assert changed[row[value == 0], column[value == 0]].mean() < 0.1
    with language("en"):
        first = write_pictures(images, assets, indicator, captions, tmp_path)[0]
    with Image.open(first) as picture:
        title = np.asarray(picture.convert("RGB"))[:96, :800]
    assert title.max() > 220

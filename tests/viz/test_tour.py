"""The guided tour: the one that results suggest, the one that a scenario writes, and what the page is handed."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import small_town
from jumeau_viz.assets import build_assets
from jumeau_viz.captions import Captions
from jumeau_viz.facts import Facts
from jumeau_viz.figures import build_tables
from jumeau_viz.page import build_page
from jumeau_viz.tour import build_tour, stops_of

from jumeau.engine.tour import TourStop
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.remarks import Collection, count_remarks
from jumeau.territory.model import Territory, column_rows

#: Two networks and three variants: LED lamps, other pipes (the same markers here), and both.
VARIANTS = {
    "led": {"title": {"fr": "LED", "en": "LED lamps"}},
    "quiet": {"title": {"fr": "Conduites", "en": "Pipes"}},
    "both": {"title": {"fr": "Les deux", "en": "Both"}},
}
PROVENANCE = small_town.PROVENANCE | {
    "variants": {"baseline": {"title": {"fr": "Aujourd’hui", "en": "Today"}}, **VARIANTS},
    "networks": {
        "lighting": {"label": {"fr": "Éclairage public", "en": "Public lighting"}},
        "water": {"label": {"fr": "Eau potable", "en": "Drinking water"}},
    },
}
#: Energy by network and variant [kWh], before and after.
ENERGY = {
    ("lighting", "led"): (120_000.0, 60_000.0), ("lighting", "quiet"): (120_000.0, 120_000.0),
    ("lighting", "both"): (120_000.0, 80_000.0), ("water", "led"): (400_000.0, 400_000.0),
    ("water", "quiet"): (400_000.0, 300_000.0), ("water", "both"): (400_000.0, 350_000.0),
}  # fmt: skip


def summary():
    figures = []
    for name in VARIANTS:
        of = {network: ENERGY[network, name] for network in ("lighting", "water")}
        of["total"] = tuple(map(sum, zip(*of.values(), strict=True)))
        for network, (before, after) in of.items():
            for figure, unit, factor in (("energy", "kWh", 1.0), ("cost", "EUR", 0.2)):
                made = small_town.figure(figure, unit, before * factor, after * factor, network)
                moved = after != before
                figures.append(made | {"variant": name, "verdict": "drop established" if moved else "negligible"})
    nights = {**small_town.SUMMARY["records"][1], "verdict": "drop established", "ci95": [-180.0, -160.0]}
    records = [{**nights, "variant": name} for name in VARIANTS]
    return {"version": 3, "run_id": "ab" * 16, "figures": figures, "records": records}


def evaluation(**worth):
    """An evaluation whose ranking is by these values."""

    def estimate(value):
        return {"unit": "EUR", "p10": value - 1e4, "p50": value, "p90": value + 1e4, "p_positive": 0.9, "defined": 1.0}

    return {
        "version": 2,
        "horizon": 20,
        "variants": {
            name: {"outside": [], "total": {"collective_value": estimate(value)}, "networks": {}}
            for name, value in worth.items()
        },
    }


@pytest.fixture(scope="module")
def territory():
    return Territory(
        name="val",
        crs=pyproj.CRS.from_user_input(small_town.CRS),
        layers=small_town.layers(),
        columns=column_rows("streets", ["street_id"], "synthetic", source="tests"),
    )


@pytest.fixture(scope="module")
def captions():
    return Captions.from_provenance(PROVENANCE)


@pytest.fixture(scope="module")
def two(scene, appearance):
    """Layers of two networks: `led` changes the first, `quiet` the second, `both` both."""
    same, less = small_town.lamps(), small_town.lamps(variant=True)
    frames = {
        "lighting": {"baseline": same, "led": less, "quiet": same, "both": less},
        "water": {"baseline": same, "led": same, "quiet": less, "both": less},
    }
    return [build_assets(network, appearance, scenarios, scene) for network, scenarios in frames.items()]


def tour(two, scene, captions, territory, lang="en", stops=(), **worth):
    with language(lang):
        facts = Facts(summary(), captions, evaluation(**worth) if worth else None)
        return build_tour(two, scene, facts, territory=territory, stops=stops)


def test_the_tour_changes_layer_and_variant_on_its_way(two, scene, captions, territory):
    stops = tour(two, scene, captions, territory, led=9e4, quiet=5e4, both=-1e4)
    assert 5 <= len(stops) <= 8
    assert [stop.title for stop in stops] == [
        "Whole town", "Public lighting", "Drinking water", "Quartier du Moulin", "All together",
    ]  # fmt: skip
    assert [(stop.layer, stop.scenario, stop.change) for stop in stops] == [
        (0, "baseline", False), (0, "led", True), (1, "quiet", True), (0, "led", True), (0, "led", True),
    ]  # fmt: skip


def test_the_best_variant_is_that_of_the_report(two, scene, captions, territory):
    stops = tour(two, scene, captions, territory, led=1e4, quiet=5e4, both=9e4)
    assert [stop.scenario for stop in stops] == ["baseline", "both", "both", "both", "both"]
    # Without an evaluation, what costs least comes first: -100,000 kWh at 20 cents.
    assert [stop.scenario for stop in tour(two, scene, captions, territory)][-1] == "quiet"


def test_a_variant_without_verdict_comes_after_those_that_have_one(captions):
    found = evaluation(led=1e4, quiet=9e4, both=5e4)
    found["variants"]["quiet"]["outside"] = ["water"]
    assert Facts(summary(), captions, found).ranking() == ["both", "led", "quiet"]


def number(text):
    return float(text.replace("−", "-").replace(",", "."))


@pytest.mark.parametrize(
    ("lang", "label", "value", "words"),
    [
        ("en", "Energy, change: Public lighting", "−60 MWh", "With “LED lamps”: Energy −60 MWh (−50%)"),
        ("fr", "Énergie, écart : Éclairage public", "−60 MWh", "Avec « LED » : Énergie −60 MWh (−50 %)"),
    ],
)
def test_label_and_number_are_those_of_one_row(two, scene, captions, territory, lang, label, value, words):
    def plain(text):
        return text.replace("\u00a0", " ").replace("\u202f", " ")

    stops = tour(two, scene, captions, territory, lang, led=9e4, quiet=5e4, both=-1e4)
    stop = stops[1]
    assert plain(stop.figure_label) == label
    assert plain(stop.figure).replace(",0", "").replace(".0", "") == value
    assert words in plain(stop.text).replace(",0 MWh", " MWh").replace(".0 MWh", " MWh")
    with language(lang):
        tables = build_tables(summary(), captions)
    rows = {
        (group.title, row.label, row.unit, number(row.figures.quantiles[1]))
        for table in tables
        for group in table.figures
        for row in group.rows
    }
    for item, network in zip(stops[1:3], ("lighting", "water"), strict=True):
        written, unit = item.figure.split("\u00a0")
        name = item.figure_label.partition(",")[0]
        title = PROVENANCE["networks"][network]["label"][lang]
        assert item.figure_label.endswith(title)
        assert (title, name, unit, number(written)) in rows
    assert ("before" if lang == "en" else "avant") in stops[0].figure_label
    assert plain(stops[0].figure) in ("520 MWh", "520.0 MWh", "520,0 MWh")


def test_a_quarter_says_that_its_figure_is_of_the_whole_network(two, scene, captions, territory):
    stop = next(
        stop for stop in tour(two, scene, captions, territory, led=9e4, quiet=5e4, both=-1e4) if "Moulin" in stop.title
    )
    assert stop.figure_label == "Nights without light, change: Public lighting (whole network)"
    assert stop.figure.startswith("−172")
    lamps, after = small_town.lamps(), small_town.lamps(variant=True)
    west = lamps.within(small_town.layers()["zones"].geometry.iloc[0])
    gap = (lamps["energy"] - after["energy"]).abs()
    assert f"{round(100 * gap[west].sum() / gap.sum())}%" in stop.text
    assert f"{west.sum()} here" in stop.text


def test_one_network_and_one_variant_still_make_five_stops(assets, scene, layers, territory):
    captions = Captions.from_provenance(small_town.PROVENANCE)
    with language("en"):
        stops = build_tour([assets], scene, Facts(small_town.SUMMARY, captions), territory=territory)
    assert [stop.title for stop in stops] == [
        "Whole town", "Public lighting", "Quartier du Moulin", "Quartier de l’Écluse", "All together",
    ]  # fmt: skip
    assert all(stop.figure and stop.figure_label for stop in stops)


def test_no_zones_no_variant_no_change(assets, scene, captions, appearance):
    with language("en"):
        facts = Facts({"figures": [], "records": []}, captions)
        still = build_assets("lighting", appearance, {"baseline": small_town.lamps()}, scene)
        assert [stop.title for stop in build_tour([still], scene, facts)] == ["Whole town"]
        facts = Facts(small_town.SUMMARY, captions)
        same = build_assets("lighting", appearance, dict.fromkeys(("baseline", "led"), small_town.lamps()), scene)
        assert [stop.title for stop in build_tour([same], scene, facts)] == ["Whole town", "All together"]
        assert len(build_tour([assets], scene, facts)) == 3


WRITTEN = [
    {"title": {"fr": "Avant", "en": "Before"}, "when": "night", "figure": {"network": "total", "figure": "energy"}},
    {
        "title": "Moulin", "place": "Quartier du Moulin", "network": "water", "layer": "lamps", "variant": "quiet",
        "change": True, "text": {"fr": "Une phrase.", "en": "One sentence."}, "figure": {"figure": "cost"}, "when": 8,
        "note": "Lentement.",
    },
    {"title": "Nuits", "network": "lighting", "variant": "led", "figure": {"indicator": "dark_nights"}},
    {"title": "Ici", "place": [652_100.0, 6_780_100.0], "variant": "both", "figure": {"criterion": "collective_value"}},
    {"title": "Perdu", "place": "Quartier qui n’est plus", "when": "day"},
]  # fmt: skip


def written():
    return stops_of({"scenario": {"resolved": {"tour": WRITTEN}}})


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_written_tour_is_shown_as_it_is(two, scene, captions, territory, lang, caplog):
    stops = tour(two, scene, captions, territory, lang, written(), led=9e4, both=-1.5e4)
    assert [stop.title for stop in stops] == [{"fr": "Avant", "en": "Before"}[lang], "Moulin", "Nuits", "Ici", "Perdu"]
    assert [stop.layer for stop in stops] == [0, 1, 0, 0, 0]  # a stop without network keeps the layer before
    assert [stop.scenario for stop in stops] == ["baseline", "quiet", "led", "both", "baseline"]
    assert [stop.change for stop in stops] == [False, True, False, False, False]
    assert [stop.hour for stop in stops] == [23, 8, None, None, 12]
    assert stops[1].text == {"fr": "Une phrase.", "en": "One sentence."}[lang]
    assert stops[1].note.startswith("Lentement.")
    assert [stop.indicator for stop in stops] == [0, 0, 1, 0, 0]
    assert re.match(r"−20[.,]0.k€", stops[1].figure)
    assert stops[2].figure.startswith("−172")
    assert "20" in stops[3].figure_label
    assert stops[3].figure.startswith("−15")
    assert (stops[4].figure, stops[4].figure_label) == ("", "")
    assert stops[1].camera.distance < stops[0].camera.distance
    point = scene.frame.to_local(np.array([[652_100.0, 6_780_100.0]]))[0]
    assert np.abs(stops[3].camera.target[:2] - point).max() < 40
    assert "Quartier qui n’est plus" in caplog.text  # the territory changed since: told, and seen from afar


def test_a_run_of_an_earlier_version_has_no_written_tour():
    assert stops_of({"scenario": {"title": "x"}}) == []
    assert stops_of({"scenario": "x"}) == []
    with pytest.raises(InputError, match=r"provenance\.json"):
        stops_of({"scenario": {"resolved": {"tour": [{"place": "x"}]}}})


KEYS = {
    "target", "distance", "azimuth", "elevation", "viewAngle", "title", "text", "figure", "figureLabel", "note",
    "layer", "indicator", "row", "change", "hour",
}  # fmt: skip


def test_the_page_is_handed_the_tour(two, scene, captions, territory):
    stops = tour(two, scene, captions, territory, "fr", written(), led=9e4, both=1e4)
    with language("fr"):
        page = build_page(
            scene, two, captions, place=small_town.place(territory.layers, scene), pictures=[], tour=stops, run="ab"
        )
    data = json.loads(re.search(r'id="scene-data">(.*?)</script>', page, re.DOTALL)[1])
    assert all(set(stop) == KEYS for stop in data["tour"])
    assert [stop["row"] for stop in data["tour"]] == [0, 2, 1, 3, 0]
    assert [data["assets"][stop["layer"]]["scenarios"][stop["row"]]["name"] for stop in data["tour"]] == [
        "baseline", "quiet", "led", "both", "baseline",
    ]  # fmt: skip
    assert data["run"] == "ab"
    assert [(layer["network"], layer["layer"]) for layer in data["assets"]] == [
        ("lighting", "lamps"), ("water", "lamps"),
    ]  # fmt: skip
    assert data["remarks"] == {"counts": [], "votes": [], "entries": [], "note": ""}
    json.dumps(data, allow_nan=False)


HOSTILE = "</script><script>alert(1)</script>"


def collection():
    def of(number, **changes):
        said = {"id": f"1b4e28ba-2fa1-41d2-883f-0016d3cca4{number:02d}", "kind": "worry", "text": HOSTILE}
        return said | changes

    return Collection.model_validate(
        {
            "run": "cd",
            "remarks": [
                of(0, x=small_town.WEST + 200.0, y=small_town.SOUTH + 100.0, variant="led"),
                of(1, kind="idea", text="Ailleurs"),
            ],
            "votes": [
                {"id": of(2)["id"], "variant": "led", "choice": "for"},
                {"id": of(3)["id"], "variant": "baseline", "choice": "unsure"},
            ],
        }
    )


@pytest.mark.parametrize(("lang", "worry"), [("fr", "Inquiétude"), ("en", "Worry")])
def test_the_page_is_handed_remarks_and_votes(two, scene, captions, lang, worry):
    with language(lang):
        counts = count_remarks(collection(), PROVENANCE)
        page = build_page(scene, two, captions, place=small_town.place({}, scene), pictures=[], remarks=counts)
    assert "<script>alert" not in page
    data = json.loads(re.search(r'id="scene-data">(.*?)</script>', page, re.DOTALL)[1])["remarks"]
    assert [item["count"] for item in data["counts"]] == [0, 1, 1, 0]
    assert {"label": worry, "count": 1} in data["counts"]
    votes = {item["label"]: (item["for"], item["against"], item["unsure"], item["answers"]) for item in data["votes"]}
    assert votes[VARIANTS["led"]["title"][lang]] == (1, 0, 0, 1)
    assert votes[PROVENANCE["variants"]["baseline"]["title"][lang]] == (0, 0, 1, 1)
    assert len(votes) == 4
    entry = data["entries"][0]
    assert len(data["entries"]) == 1  # what has no place cannot be pinned
    assert entry["text"] == HOSTILE
    assert (entry["kind"], entry["kindLabel"], entry["variant"]) == ("worry", worry, VARIANTS["led"]["title"][lang])
    local = np.array([[entry["x"], entry["y"]]])
    world = scene.frame.to_world(local)[0]
    assert np.abs(world - [small_town.WEST + 200.0, small_town.SOUTH + 100.0]).max() < 0.01
    assert entry["z"] == pytest.approx(scene.ground.altitude(local)[0], abs=0.01)


def test_hostile_titles_of_stops_stay_text(two, scene, captions, territory):
    stop = TourStop.model_validate({"title": HOSTILE, "text": HOSTILE, "note": HOSTILE})
    stops = tour(two, scene, captions, territory, "fr", [stop])
    with language("fr"):
        page = build_page(scene, two, captions, place=small_town.place({}, scene), pictures=[], tour=stops)
    assert "<script>alert" not in page
    assert json.loads(re.search(r'id="scene-data">(.*?)</script>', page, re.DOTALL)[1])["tour"][0]["title"] == HOSTILE


def test_a_place_without_shape_is_seen_from_afar(two, scene, captions, territory):
    empty = territory.layers["zones"].assign(geometry=gpd.GeoSeries([None, None], crs=small_town.CRS))
    bare = replace(territory, layers={**territory.layers, "zones": empty})
    stop = TourStop.model_validate({"title": "x", "place": "Quartier du Moulin"})
    assert tour(two, scene, captions, bare, "fr", [stop])[0].camera.distance > 0

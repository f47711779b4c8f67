"""The tour of a scenario: what it names exists, or is told with its line; it changes no run."""

import json
import random

import pytest

from jumeau.cli import main
from jumeau.engine import ready
from jumeau.engine.places import find_place
from jumeau.engine.plan import fingerprints
from jumeau.engine.scenario import read_scenario
from jumeau.engine.schema import json_schema
from jumeau.engine.tour import check_places
from jumeau.errors import InputError
from jumeau.i18n import language

pytestmark = pytest.mark.usefixtures("town_once")

HEAD = """name: told
territory: bourg_exemple
networks: [lighting, waste]
period: {start: 2025-01-01, end: 2025-01-31}
replications: 2
assumptions: {waste: {streams: [glass]}}
variants:
  led:
    measures: [{measure: lighting.led_retrofit}]
"""
#: Line of the first stop.
FIRST = HEAD.count("\n") + 2

TOUR = """tour:
  - {title: Whole town, network: lighting, when: night, figure: {network: total, figure: energy}}
  - title: {fr: Le centre, en: The centre}
    place: Centre ancien
    network: lighting
    layer: lamps
    variant: led
    change: true
    text: {fr: Chaque lampe consomme moins., en: Each lamp uses less.}
    figure: {network: lighting, indicator: dark_lamp_nights}
    when: 22
    note: {fr: Montrer la lampe., en: Show the lamp.}
  - {title: A zone by id, place: Z1}
  - {title: A lamp, place: lighting/lamps/L00001}
  - {title: A point, place: [652010.5, 6780020.1], when: day}
  - {title: In all, variant: led, figure: {criterion: collective_value}}
"""


def told(write_scenario, tour):
    """What `check` says of a tour, its first stop beginning on line `FIRST`."""
    with language("en"):
        with pytest.raises(InputError) as caught:
            ready.make_ready(read_scenario(write_scenario(HEAD + "tour:\n" + tour)))
        return [str(problem) for problem in caught.value.problems]


def test_a_tour_is_read_kept_and_checked(write_scenario, town):
    zone = str(town.layers["zones"]["zone_id"].iloc[0])
    made = ready.make_ready(read_scenario(write_scenario(HEAD + TOUR.replace("Z1", zone))))
    stops = made.scenario.data.tour
    assert [stop.place for stop in stops[3:5]] == ["lighting/lamps/L00001", (652010.5, 6780020.1)]
    assert [stop.when for stop in stops[:2]] == ["night", 22]


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        ("title: A\n    network: lightning", ["tour[0].network", "(value: lightning)", "did you mean « lighting »?"]),
        ("title: A\n    network: water", ["tour[0].network", "unknown network", "(value: water)"]),
        ("title: A\n    layer: lamps", ["tour[0].layer", "add « network: … »"]),
        ("network: lighting\n    title: A\n    layer: lamp", ["tour[0].layer", "did you mean « lamps »?"]),
        ("title: A\n    variant: lde", ["tour[0].variant", "(value: lde)", "did you mean « led »?"]),
        ("title: A\n    change: true", ["tour[0].change", "add « variant: … »"]),
        ("title: A\n    place: Bellevu", ["tour[0].place", "(value: Bellevu)", "did you mean « Bellevue »?"]),
        ("title: A\n    place: lighting/L00001", ["tour[0].place", "network/layer/id"]),
        ("title: A\n    place: lighting/lamp/L1", ["tour[0].place", "did you mean « lamps »?"]),
        ("title: A\n    place: lighting/lamps/L9", ["tour[0].place", "« L9 »", "did you mean « L"]),
        ("title: A\n    place: [1, 2]", ["tour[0].place", "outside the territory", "EPSG:2154"]),
        ("title: A\n    place: [1, 2, 3]", ["tour[0].place", "[x, y]", "(value: [1, 2, 3])"]),
        ("title: A\n    place: [a, b]", ["tour[0].place", "[x, y]"]),
        ("title: A\n    place: 12", ["tour[0].place", "[x, y]", "(value: 12)"]),
        ("title: A\n    place: ''", ["tour[0].place", "leave the key out"]),
        ("title: A\n    when: noon", ["tour[0].when", "(value: noon)", "from 0 to 23"]),
        ("title: A\n    when: 24", ["tour[0].when", "(value: 24)"]),
        ("title: A\n    when: true", ["tour[0].when", "from 0 to 23"]),
        ("title: A\n    figure: {figure: heat}", ["tour[0].figure.figure", "energy, fuel, carbon, cost"]),
        ("title: A\n    figure: {network: water}", ["tour[0].figure", "give one of"]),
        ("title: A\n    figure: {figure: energy, indicator: energy}", ["tour[0].figure", "give one of"]),
        (
            "title: A\n    figure: {network: lighting, indicator: dark_lamps}",
            ["tour[0].figure.indicator", "(value: dark_lamps)", "did you mean « dark_lamp_nights »?"],
        ),
        (
            "title: A\n    figure: {network: totl, figure: energy}",
            ["tour[0].figure.network", "did you mean « total »?"],
        ),
        (
            "title: A\n    variant: led\n    figure: {criterion: collective_valu}",
            ["tour[0].figure.criterion", "did you mean « collective_value »?"],
        ),
        ("title: A\n    figure: {criterion: collective_value}", ["tour[0].figure.criterion", "add « variant: … »"]),
        ("title: ''\n    place: Bellevue", ["tour[0].title", "needs a title"]),
        ("place: Bellevue", ["tour[0].title", "« title » is missing"]),
        ("title: A\n    nots: B", ["tour[0].nots", "did you mean « note »?"]),
    ],
)
def test_what_does_not_exist_is_told_with_its_line(write_scenario, stop, words):
    problems = told(write_scenario, f"  - {stop}\n")
    key = words[0].removeprefix("tour[0].").split(".")[0]
    place = next((n for n, line in enumerate(stop.split("\n")) if line.strip().startswith(f"{key}:")), 0)
    text = next(problem for problem in problems if words[0] in problem)
    assert f"short.yaml:{FIRST + place}: " in text
    for word in words:
        assert word in text


def test_every_problem_is_told_at_once(write_scenario):
    problems = told(write_scenario, "  - {title: A, variant: lde}\n  - {title: B, network: lightning, layer: lamp}\n")
    assert [problem.split(": ")[0].rsplit(":", 1)[1] for problem in problems] == [str(FIRST), str(FIRST + 1)]


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("stop", ["{title: A, variant: lde}", "{title: A, place: Nulle Part}"])
def test_check_and_run_refuse_with_status_2(write_scenario, tmp_path, capsys, command, stop):
    path = write_scenario(HEAD + f"tour:\n  - {stop}\n")
    words = [command, str(path), *(["-o", str(tmp_path / "out")] if command == "run" else [])]
    assert main([*words, "--lang", "fr"]) == 2
    assert f"{path}:{FIRST}: tour[0]." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_tour_has_no_part_in_the_key_of_a_run(write_scenario):
    keys = []
    for number, text in enumerate((HEAD, HEAD + "tour: [{title: A, place: Bellevue}]\n")):
        made = ready.make_ready(read_scenario(write_scenario(text, f"{number}.yaml")))
        common = repr((made.territory.checksum, repr(made.scenario.data.period), made.stage.crews))
        keys.append([fingerprints(situation, common) for situation in made.situations])
    assert keys[0] == keys[1]


def test_a_changed_tour_runs_nothing_again_and_is_kept(write_scenario, tmp_path):
    out = tmp_path / "out"
    text = HEAD.replace("[lighting, waste]", "[lighting]").replace("assumptions: {waste: {streams: [glass]}}\n", "")
    small = text.replace("2025-01-31", "2025-01-03") + "warmup: 0 days\n"
    assert main(["run", str(write_scenario(small)), "-o", str(out), "--workers", "1"]) == 0
    first = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    again = write_scenario(small + "tour: [{title: A, place: Bellevue, network: lighting}]\n")
    assert main(["run", str(again), "-o", str(out), "--workers", "1", "--resume"]) == 0
    kept = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert kept["run"]["resumed"] == kept["run"]["runs"] == first["run"]["runs"]
    assert kept["run_id"] == first["run_id"]
    assert kept["scenario"]["resolved"]["tour"][0]["place"] == "Bellevue"


def test_places_are_found_by_name_whatever_the_case(town):
    assert find_place("bellevue", town).name == "Bellevue"
    name = next(name for name in town.layers["streets"]["name"] if isinstance(name, str) and name)
    street = find_place(name.upper(), town)
    assert (street.kind, street.name) == ("street", name)
    assert street.geometry.length >= max(town.layers["streets"].query("name == @name").length)


def test_the_schema_describes_the_tour_in_both_languages():
    for lang, words in (("en", "One stop of the guided tour."), ("fr", "Une étape de la visite guidée.")):
        with language(lang):
            schema = json_schema()
        assert schema["$defs"]["TourStop"]["description"] == words
        assert {"title", "place", "network", "variant", "layer", "change", "text", "figure", "when", "note"} == set(
            schema["$defs"]["TourStop"]["properties"]
        )


ODD = [
    "null", "[]", "{}", "1", "-3", "true", "''", "'a/b/c'", "lighting/lamps/", "lighting//", "/", "[1]", "[null, null]",
    "[.nan, 1]", "[1e308, 1]", "[true, false]", "{fr: 1}", "{fr: a, xx: b}", "day", "99999999999999999999", "total",
    "[[1, 2], [3]]", "{network: total, figure: energy}", "{network: null, indicator: null}", "{criterion: investment}",
    "{network: [], figure: energy}", "{figure: energy, network: shared}", "'  Bellevue  '", "waste/waste_rounds/X",
]  # fmt: skip


def test_odd_tours_are_read_or_refused(write_scenario, town, english):
    chance = random.Random(1)
    keys = ["title", "place", "network", "layer", "variant", "change", "text", "figure", "when", "note"]
    said = []
    for _number in range(150):
        stop = {"title": "A"} | {key: chance.choice(ODD) for key in chance.sample(keys, chance.randint(1, 4))}
        written = ", ".join(f"{key}: {value}" for key, value in stop.items())
        try:
            check_places(read_scenario(write_scenario(f"{HEAD}tour:\n  - {{{written}}}\n")).on(town), town)
        except InputError as error:
            said.append(str(error))
    assert 50 < len(said) < 150
    assert all(f"short.yaml:{FIRST}: tour[0]" in text for text in said)

"""From a few streets and buildings to a scenario that runs: what the commands list, what the territory's grades say."""

import json
import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely
import yaml

from jumeau.cli import main
from jumeau.network import discover
from jumeau.territory.evidence import Evidence, grade
from jumeau.territory.storage import read_territory

X, Y, STEP, SIDE = 650_000.0, 6_780_000.0, 90.0, 4


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A grid of streets with a house and a block of flats at each crossing, and four lamps with their power."""
    folder = tmp_path_factory.mktemp("town")
    rows = []
    for k in range(SIDE):
        for m in range(SIDE - 1):
            rows.append(shapely.LineString([(X + STEP * m, Y + STEP * k), (X + STEP * (m + 1), Y + STEP * k)]))
            rows.append(shapely.LineString([(X + STEP * k, Y + STEP * m), (X + STEP * k, Y + STEP * (m + 1))]))
    streets = gpd.GeoDataFrame({"id": [f"S{k}" for k in range(len(rows))]}, geometry=rows, crs=2154)
    places = [(X + STEP * k + 20, Y + STEP * m + 20) for k in range(SIDE - 1) for m in range(SIDE - 1)]
    buildings = gpd.GeoDataFrame(
        {"id": [f"B{k}" for k in range(len(places))], "storeys": [1 + k % 4 for k in range(len(places))]},
        geometry=[shapely.box(a, b, a + 12, b + 12) for a, b in places],
        crs=2154,
    )
    lamps = gpd.GeoDataFrame(
        {"id": list("abcd"), "w": [100, 100, 70, 70]},
        geometry=[shapely.Point(X + 20 * k, Y + 3) for k in range(4)],
        crs=2154,
    )
    zones = gpd.GeoDataFrame(
        {"id": ["Z"], "name": ['Centre : « vieux » "bourg"']},
        geometry=[shapely.box(X - 9, Y - 9, X + 300, Y + 300)],
        crs=2154,
    )
    for name, frame in (("streets", streets), ("buildings", buildings), ("lamps", lamps), ("zones", zones)):
        frame.to_file(folder / f"{name}.gpkg")
    (folder / "t.yaml").write_text(
        "name: hameau\ntitle: 'Hameau : l’essai'\nlayers:\n"
        "  streets: {file: streets.gpkg, columns: {street_id: id}}\n"
        "  buildings: {file: buildings.gpkg, columns: {building_id: id, storeys: storeys}}\n"
        "  lamps: {file: lamps.gpkg, columns: {lamp_id: id, power: w, technology: {constant: HPS, origin: observed}}}\n"
        "  zones: {file: zones.gpkg, columns: {zone_id: id, name: name}}\n"
        "population: {residents: 400}\n",
        encoding="utf-8",
    )
    assert main(["territory", "build", str(folder / "t.yaml"), "-o", str(folder / "town.gpkg")]) == 0
    return folder / "town.gpkg"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_first_scenario_is_checked_and_runs(town, tmp_path, capsys, lang):
    file = tmp_path / "sub folder" / "first.yaml"
    file.parent.mkdir()
    assert main(["new", "scenario", "--on", str(town), "-o", str(file), "--lang", lang]) == 0
    text = file.read_text(encoding="utf-8")
    schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)[1]
    assert json.loads((file.parent / schema).read_text(encoding="utf-8"))["properties"]["territory"]
    said = yaml.safe_load(text)
    assert set(said["networks"]) == set(discover())
    assert {"lighting", "together"} <= set(said["variants"])
    assert main(["check", str(file), "--lang", lang]) == 0
    # Half of the lines tell what the others do, in the language asked for.
    assert ("The networks that the territory has" in text) == (lang == "en")
    if lang == "en":
        short = text.replace("end: 2025-12-31", "end: 2025-01-03").replace("replications: 4", "replications: 2")
        file.write_text(short.replace("warmup: 60 days", "warmup: 2 days"), encoding="utf-8")
        assert main(["run", str(file), "-o", str(tmp_path / "out"), "--workers", "1", "--lang", lang]) == 0
        assert (tmp_path / "out" / "summary.json").is_file()
    capsys.readouterr()
    # Nobody's work is replaced.
    before = file.read_bytes()
    assert main(["new", "scenario", "--on", str(town), "-o", str(file), "--lang", lang]) == 2
    assert file.read_bytes() == before


def test_what_is_proposed_exists():
    """Measures, columns and values of the starters are those of their networks."""
    for network in discover().values():
        said = yaml.safe_load((network.folder / "starter.yaml").read_text(encoding="utf-8"))
        for row in said["measures"]:
            measure = network.measures[row["measure"]]
            for column, values in row.get("where", {}).items():
                choices = network.attributes.get(measure.layer, column).choices
                assert not choices or set(values) <= set(choices)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_lists_fit_eighty_columns(town, capsys, monkeypatch, lang):
    monkeypatch.setenv("COLUMNS", "80")
    asked = ("measures", "measures water", "factors", "factors lighting --search led", f"zones {town}")
    for words in (text.split() for text in asked):
        assert main([*words, "--lang", lang]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) > 2
        # A name of a factor or a source without a space cannot be folded.
        assert [line for line in lines if len(line) > 80 and len(line.split()) > 2] == []
    assert main(["factors", "--search", "zzzz", "--lang", lang]) == 2


def test_every_measure_and_factor_is_listed(capsys):
    main(["measures", "--lang", "en"])
    out = capsys.readouterr().out
    for network in discover().values():
        assert all(f"{network.name}.{name}" in out for name in network.measures)
    main(["factors", "--lang", "en"])
    out = capsys.readouterr().out
    for network in discover().values():
        assert all(name in out for name in network.factors)


def test_info_begins_with_people(town, capsys):
    assert main(["territory", "info", str(town), "--lang", "en"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert re.match(r"residents\s+400\s+imputed, total spread over cells", lines[2])
    assert re.match(r"households\s+185\s", lines[3])
    assert re.match(r"jobs\s+160\s", lines[4])


def test_grades_count_what_is_observed(town):
    territory = read_territory(town)
    found = grade(territory, [
        Evidence("lamps", "power", 3.0, "power"), Evidence("lamps", "cabinet_id", 1.0, "cabinets"),
        Evidence("water_pipes", "diameter", 4.0, "pipes"), Evidence("nothing", "at_all", 2.0, "nothing"),
    ])  # fmt: skip
    # Power alone was observed: 3 of 10; what is worth most is asked first, and what is known is not.
    assert found.share == pytest.approx(0.3)
    assert found.letter == "D"
    assert found.asks == ("pipes", "nothing", "cabinets")


def test_evidence_names_columns_that_exist(town):
    territory = read_territory(town)
    from jumeau.territory.model import SHARED

    for network in discover().values():
        assert len(network.evidence) > 3
        for item in network.evidence:
            table = SHARED if item.layer in SHARED.layers else network.attributes
            assert table.get(item.layer, item.column)
        assert 0.0 <= grade(territory, network.evidence).share < 0.8


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_the_map_is_one_file(town, tmp_path, capsys, ending):
    file = tmp_path / f"map.{ending}"
    assert main(["territory", "check", str(town), "--map", str(file), "--lang", "en"]) == 0
    assert "Public lighting: " in capsys.readouterr().out
    if ending == "svg":
        text = file.read_text(encoding="utf-8")
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - written a moment ago
        assert "observed" in text
        assert not re.findall(r'(?:href|src)="(?!#|data:)', text)
    else:
        assert file.read_bytes().startswith(b"\x89PNG")
    assert main(["territory", "check", str(town), "--map", str(tmp_path / "map.pdf")]) == 2
    assert not (tmp_path / "map.pdf").exists()

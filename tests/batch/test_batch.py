"""A batch from the list to its files: some rows done, others set aside with their reason, one table, one map."""

import csv
import json
import re
import sqlite3

import geopandas as gpd
import pytest
from batch_kit import run_batch
from one_language import foreign, words

import jumeau
from jumeau.batches.table import table_columns
from jumeau.cli import main
from jumeau.i18n import language
from jumeau.report.cells import columns as size


def rows(folder):
    with (folder / "batch.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_rows_that_cannot_be_are_set_aside_alone(made):
    assert made.status == 1
    found = rows(made.folder)
    done = [(row["name"], row["variant"]) for row in found if row["status"] == "done"]
    assert done == [(name, variant) for name in ("a", "b", "c") for variant in ("led", "alarms")]
    aside = {row["title"]: row["reason"] for row in found if row["status"] == "quarantined"}
    assert set(aside) == {"Disparue", "Chère", "Double"}
    assert "list.csv:4, colonne territory: " in aside["Disparue"]
    assert "towns/t4.gpkg" in aside["Disparue"]
    assert "list.csv:5, colonne shared.electricity_price: " in aside["Chère"]
    assert "25 EUR/MWhh" in aside["Chère"]
    assert "list.csv:6, colonne name: " in aside["Double"]
    assert "ligne 2" in aside["Double"]
    assert not (made.folder / "gone").exists()
    assert not (made.folder / "dear").exists()


def test_figures_are_those_of_each_runs_own_files(made):
    for row in rows(made.folder):
        if row["status"] != "done":
            continue
        folder = made.folder / row["name"]
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
        said = {item["figure"]: item for item in summary["figures"] if item["variant"] == row["variant"]}
        assert len(said) == 4
        for name, item in said.items():
            stats = {
                "before": "baseline",
                "after": "variant_value",
                "difference": "difference",
                "p10": "p10",
                "p90": "p90",
            }
            for stat, key in stats.items():
                assert float(row[f"{name}_{stat}"]) == item[key], (name, stat)
            assert row[f"{name}_verdict"] == item["verdict"]
            record = next(
                item
                for item in summary["records"]
                if (item["variant"], item["indicator"], item["network"]) == (row["variant"], name, "lighting")
            )
            assert float(row[f"{name}_mean_difference"]) == record["difference"]
        total = json.loads((folder / "evaluation.json").read_text("utf-8"))["variants"][row["variant"]]["total"]
        for name in ("investment", "collective_value"):
            assert [float(row[column]) for column in (name, f"{name}_p10", f"{name}_p90")] == [
                total[name][level] for level in ("p50", "p10", "p90")
            ]


def test_what_rows_change_takes_effect(made):
    found = {row["name"]: row for row in rows(made.folder) if row["variant"] == "led"}
    assert [found[name]["replications"] for name in ("a", "b", "c")] == ["2", "3", "2"]
    assert [found[name]["code"] for name in ("a", "b", "c")] == ["01004", "2A004", ""]
    assert [found[name]["title"] for name in ("a", "b", "c")] == ["Saint-Éloi", "Bourg 2", "Bourg 3"]
    told = json.loads((made.folder / "b" / "provenance.json").read_text("utf-8"))
    measure = told["scenario"]["resolved"]["variants"]["led"]["measures"][0]
    assert float(measure["where"]["share"]) == pytest.approx(0.5)
    assert told["scenario"]["resolved"]["assumptions"]["shared"]["electricity_price"] == "0.25 EUR/kWh"
    assert "replications: 3" in (made.folder / "b" / "scenario.yaml").read_text("utf-8")


def test_the_dictionary_tells_every_column(made):
    found = json.loads((made.folder / "batch.json").read_text("utf-8"))
    header = list(rows(made.folder)[0])
    assert list(found["columns"]) == header == [item.column for item in table_columns()]
    assert found["columns"]["carbon_difference"]["unit"] == "kgCO2e"
    assert found["columns"]["carbon_difference_per_resident"]["unit"] == "kgCO2e/person"
    assert len(found["rows"]) == len(rows(made.folder))
    assert [item["line"] for item in found["quarantine"]] == [4, 5, 6]
    for name in ("energy", "carbon", "cost"):
        total = found["totals"]["variants"]["led"][name]
        own = [row for row in found["rows"] if row["variant"] == "led"]
        assert total["count"] == 3
        assert total["before"] == pytest.approx(sum(row[f"{name}_before"] for row in own))
        assert total["difference"] == pytest.approx(sum(row[f"{name}_mean_difference"] for row in own))


def test_the_map_has_an_outline_for_each_territory(made):
    path = made.folder / "batch.gpkg"
    with sqlite3.connect(path) as base:
        tables = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")}
    assert tables == {"batch_led", "batch_alarms", "quarantined"}
    # Its territory is whole, its price is not.
    assert list(gpd.read_file(path, layer="quarantined")["name"]) == ["dear"]
    led = gpd.read_file(path, layer="batch_led")
    assert led.crs.to_epsg() == 4326
    assert list(led["name"]) == ["a", "b", "c"]
    assert set(led.geom_type) <= {"Polygon", "MultiPolygon"}
    found = {row["name"]: row for row in rows(made.folder) if row["variant"] == "led"}
    assert list(led["carbon_difference"]) == [float(found[name]["carbon_difference"]) for name in led["name"]]
    # Six kilometres lie between the first two towns.
    middle = led.to_crs(2154).centroid
    assert middle.iloc[0].distance(middle.iloc[1]) == pytest.approx(6000, rel=0.02)


def test_the_terminal_tells_it_within_a_screen(made):
    lines = made.out.splitlines()
    assert len(lines) <= 24
    assert max(map(size, lines)) <= 80
    assert "3 territoire(s) calculé(s) sur 6" in lines[0]
    for name in ("gone", "dear", "batch.csv", "batch.html", "Énergie"):
        assert name in made.out
    assert foreign(" ".join(made.out.split()), "fr") == []
    assert "Traceback" not in made.err


@pytest.fixture
def english(made, here):
    """The same batch, told in English: nothing is run again."""
    kept = {path: path.read_bytes() for path in made.folder.glob("batch.*")}
    before = {path: path.stat().st_mtime_ns for path in made.folder.glob("*/summary.json")}
    ran = run_batch(made.home, made.folder, "--resume", lang="en")
    page = (made.folder / "batch.html").read_text("utf-8")
    assert {path: path.stat().st_mtime_ns for path in made.folder.glob("*/summary.json")} == before
    for path, content in kept.items():
        path.write_bytes(content)
    return page, ran


def test_pages_are_in_one_language_and_fetch_nothing(made, english):
    for page, lang in (((made.folder / "batch.html").read_text("utf-8"), "fr"), (english[0], "en")):
        assert f'<html lang="{lang}">' in page
        assert foreign(words(page), lang) == []
        assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
        assert "http" not in page.replace("http-equiv", "")
        assert page.count("data-i=") >= 3 + 6
        assert "towns/t4.gpkg" in page
        assert str(made.home) not in page


def test_what_is_finished_is_not_run_again(english):
    assert english[1].status == 1
    assert "3 of 3 territories were finished" in english[1].err
    assert "3 of 6 territories done, 3 of them finished before; set aside: 3." in " ".join(english[1].out.split())


def test_each_folder_is_that_of_a_run(made, capsys):
    assert main(["show", str(made.folder / "a"), "--lang", "en"]) == 0
    assert "Energy" in capsys.readouterr().out


def test_a_list_or_a_template_that_cannot_be_used_is_refused(made, here, tmp_path, capsys):
    for text, template, told in (
        ("name;territory;replication\na;x\n", "template.yaml", "list.csv:2"),
        ("name;territory;replication\na;x;3\n", "template.yaml", "replications"),
        ("name;territory\na;none.gpkg\nb;none.gpkg\n", "template.yaml", "aucune des 2 lignes"),
        ("name;territory\na;none.gpkg\n", "none.yaml", "none"),
        ("name;territory\na;none.gpkg\n", "broken.yaml", "broken.yaml:3"),
    ):
        (tmp_path / "list.csv").write_text(text, "utf-8")
        broken = (made.home / "template.yaml").read_text("utf-8").replace("title", "titel", 1)
        (tmp_path / "broken.yaml").write_text(broken, "utf-8")
        file = tmp_path / template if template == "broken.yaml" else made.home / template
        out = tmp_path / "out"
        assert main(["batch", str(tmp_path / "list.csv"), "--scenario", str(file), "-o", str(out)]) == 2, told
        assert told in capsys.readouterr().err
        assert not out.exists()


def test_the_same_in_a_script(made, here):
    with language("fr"):
        found = jumeau.batch(made.home / "list.csv", made.home / "template.yaml", made.folder, resume=True, workers=2)
    assert repr(found) == "<Batch of 6 territories: 3 done, 3 set aside>"
    assert [item.row.name for item in found.quarantine] == ["gone", "dear", "a"]
    table = found.table()
    assert list(table["name"]) == [row["name"] for row in rows(made.folder)]
    assert found.done[0].kept


def test_reports_are_written_where_they_are_asked_for(made, here, monkeypatch):
    written, kept = [], (made.folder / "batch.html").read_bytes()

    def write(results, path, lang, territory=None):
        written.append((path.parent.name, lang, territory.name, len(results.variants)))
        path.write_text(f'<html lang="{lang}">', encoding="utf-8")

    monkeypatch.setattr("jumeau.report.html.write_report", write)
    for _time in range(2):  # what is there is not written again
        assert run_batch(made.home, made.folder, "--resume", "--reports").status == 1
    assert '<a href="a/report.html">Saint-Éloi</a>' in (made.folder / "batch.html").read_text("utf-8")
    assert written == [("a", "fr", "town_1", 3), ("b", "fr", "town_2", 3), ("c", "fr", "town_3", 3)]
    for name in ("a", "b", "c"):
        (made.folder / name / "report.html").unlink()
    (made.folder / "batch.html").write_bytes(kept)


def test_ctrl_c_keeps_what_is_finished_and_leaves_no_table(made, here, monkeypatch):
    monkeypatch.setattr("jumeau.report.html.write_report", lambda *_given, **_named: None)
    kept = {path.name: path.read_bytes() for path in made.folder.glob("batch.*")}
    here.stop = 1
    try:
        ran = run_batch(made.home, made.folder, "--resume", "--reports", lang="en")
        assert ran.status == 130
        assert "interrupted after 1 of 3 territories" in ran.err
        assert "--resume" in ran.err
        assert not list(made.folder.glob("batch.*"))
    finally:
        for name, content in kept.items():
            (made.folder / name).write_bytes(content)


def test_qgis_opens_the_map_as_the_page_shows_it(made):
    with sqlite3.connect(made.folder / "batch.gpkg") as base:
        styles = base.execute("SELECT f_table_name, styleName, styleQML, useAsDefault FROM layer_styles").fetchall()
    assert {table for table, *_rest in styles} == {"batch_led", "batch_alarms"}
    first = next(row for row in styles if row[0] == "batch_led" and row[3])
    assert "CO₂" in first[1]
    assert "habitant" in first[1]
    colours = re.findall(r'style="background:(#\w+)"', (made.folder / "batch.html").read_text("utf-8"))
    assert colours
    for colour in colours:
        red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
        assert f"{red},{green},{blue},255" in first[2]

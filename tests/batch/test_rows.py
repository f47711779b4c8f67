"""A row is checked and run where it stands: what it says is told at its line, what changes it makes it run again."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jumeau.batches.listing import Row, read_listing
from jumeau.batches.model import Checked, Setting
from jumeau.batches.rows import Rows
from jumeau.results.storage import read_results


@pytest.fixture
def rows(made):
    """The rows of the batch that was made, to be looked at as `--resume` does."""

    def get(**changes):
        template = (made.home / "template.yaml").read_text(encoding="utf-8")
        listing = read_listing(made.home / "list.csv")
        setting = Setting(
            str(listing.file), listing.columns, template, str(made.home / "template.yaml"), str(made.folder), "fr",
            resume=True,
        )  # fmt: skip
        return Rows(replace(setting, **changes)), {row.line: row for row in listing.rows}

    return get


def checked(rows, row):
    answer = rows.check(row)
    assert "reason" not in answer, answer
    return Checked(**answer["checked"])


def test_what_is_finished_and_unchanged_is_known_by_its_content(made, rows):
    all_rows, by_line = rows()
    row = by_line[2]
    known = checked(all_rows, row)
    assert known.finished
    assert known.place == "zones"
    assert known.synthetic
    assert known.residents > 1000
    # The price, the template, the territory: each of them makes it another run.
    other = replace(row, cells=(("shared.electricity_price", "0,3 EUR/kWh"),))
    assert not checked(all_rows, other).finished
    moved = replace(row, territory="towns/t2.gpkg")
    assert not checked(all_rows, moved).finished
    edited, _rows = rows(template=(made.home / "template.yaml").read_text("utf-8").replace("seed: 42", "seed: 43"))
    assert not checked(edited, row).finished
    # A comment, or a territory that lies elsewhere, does not.
    commented, _rows = rows(template="# seen\n" + (made.home / "template.yaml").read_text("utf-8"))
    assert checked(commented, row).finished
    copy = made.home / "copy.gpkg"
    copy.write_bytes((made.home / "towns" / "t1.gpkg").read_bytes())
    assert checked(all_rows, replace(row, territory="copy.gpkg")).finished


def test_a_folder_in_which_something_else_was_run_is_not_finished(made, rows):
    all_rows, by_line = rows()
    stamp = made.folder / "a" / "row.json"
    kept = stamp.read_text("utf-8")
    try:
        stamp.write_text(json.dumps(json.loads(kept) | {"run_id": "0" * 32}), "utf-8")
        assert not checked(all_rows, by_line[2]).finished
        stamp.write_text(kept[:20], "utf-8")
        assert not checked(all_rows, by_line[2]).finished
    finally:
        stamp.write_text(kept, "utf-8")


@pytest.mark.parametrize(
    ("changes", "column", "told"),
    [
        ({"territory": "towns/none.gpkg"}, "territory", "n’existe pas"),
        ({"territory": "list.csv"}, "territory", "GeoPackage"),
        ({"territory": "towns"}, "territory", ""),
        ({"territory": "elsewhere/t.gpkg"}, "territory", "dossier de la liste"),
        ({"cells": (("replications", "deux"),)}, "replications", "deux"),
        ({"cells": (("shared.electricity_price", "1,500 EUR/kWh"),)}, "shared.electricity_price", "1,500"),
    ],
)
def test_a_refusal_names_list_line_column_and_value(rows, changes, column, told):
    all_rows, by_line = rows()
    answer = all_rows.check(replace(by_line[2], **changes))
    assert ("checked" in answer) == (column != "territory"), "a territory that is read has its place"
    assert f"list.csv:2, colonne {column}: " in answer["reason"]
    assert told in answer["reason"]
    assert "→" in answer["reason"], "what to do"


def test_a_measure_that_finds_nothing_in_a_territory_is_a_reason(made, rows):
    template = (made.home / "template.yaml").read_text("utf-8").replace("[HPS, MERCURY]", "[FLUORESCENT]")
    all_rows, by_line = rows(template=template)
    answer = all_rows.check(by_line[2])
    assert "list.csv:2" in answer["reason"]
    assert "template.yaml:13" in answer["reason"] or "template.yaml:14" in answer["reason"]


def test_whatever_fails_is_a_reason_with_its_trace(made, rows, monkeypatch, tmp_path):
    all_rows, by_line = rows(folder=str(tmp_path))

    def broken(*_given, **_named):
        raise ZeroDivisionError("in a model")

    monkeypatch.setattr("jumeau.engine.campaign.run", broken)
    answer = all_rows.run(by_line[2], checked(all_rows, by_line[2]))
    assert "ZeroDivisionError: in a model" in answer["reason"]
    assert "broken" in (tmp_path / "a" / "failure.log").read_text("utf-8")


def test_runs_that_failed_set_the_row_aside(made, rows, monkeypatch, tmp_path):
    from jumeau.engine import campaign

    all_rows, by_line = rows(folder=str(tmp_path))
    found = replace(read_results(made.folder / "a"), failures=("seed 42",))
    monkeypatch.setattr(campaign, "run", lambda *_given, **_named: found)
    answer = all_rows.run(by_line[2], checked(all_rows, by_line[2]))
    assert "a/run.log" in answer["reason"]
    assert not (tmp_path / "a" / "row.json").exists()


def test_a_full_disk_is_no_fault_of_a_row(rows, monkeypatch):
    all_rows, by_line = rows()
    monkeypatch.setattr("jumeau.batches.rows.room_left", lambda _folder: False)
    assert "full" in all_rows.check(Row(9, "x", "nowhere.gpkg"))
    assert Path(all_rows.setting.listing).is_file()
    assert by_line

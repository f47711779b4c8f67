"""What the terminal says of a run from its first second to its last line, and of its folder afterwards."""

import json
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest
from short_scenario import TWO_NETWORKS

from jumeau.cli import BAD_INPUT, DONE, main
from jumeau.report.cells import columns


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A folder in which a scenario was run from the command line, and what that said."""
    home = tmp_path_factory.mktemp("terminal")
    (home / "short.yaml").write_text(TWO_NETWORKS.replace("replications: 4", "replications: 2"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        patch.setenv("COLUMNS", "80")
        done = subprocess.run(
            [sys.executable, "-m", "jumeau.cli", "run", "short.yaml", "-o", "out", "--workers", "1", "--lang", "fr"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == DONE, done.stderr
    return home, done


@pytest.fixture
def here(ran, monkeypatch):
    """The same folder, from where the run was asked for."""
    monkeypatch.chdir(ran[0])
    monkeypatch.setenv("COLUMNS", "80")
    return Path("out")


def test_a_run_ends_on_one_screen(ran):
    lines = ran[1].stdout.splitlines()
    assert len(lines) <= 24
    assert max(map(columns, lines)) <= 80
    assert lines[-4:] == [
        "Détail\u00a0: jumeau show out [--variant NOM] [--network NOM] [--all]",
        "Sur les années\u00a0: jumeau evaluate out",
        "Rapport\u00a0: out/report.html",
        "Dossier\u00a0: out",
    ]
    for title in ("nothing", "led", "alarms"):
        assert title in ran[1].stdout
    assert "summary.json" not in ran[1].stdout


def test_progress_is_a_line_per_phase_where_it_is_kept(ran):
    told = ran[1].stderr.splitlines()
    assert [line.split("%")[1].strip() for line in told if "%" in line][:5] == [
        "lecture du scénario et du territoire",
        "préparation des réseaux",
        "simulation",
        "évaluation, écriture des résultats",
        "rédaction du rapport",
    ]
    assert len(told) < 10
    assert not set(ran[1].stderr + ran[1].stdout) & set("\r\x1b")


def test_show_says_the_same(ran, here, capsys):
    assert main(["show", str(here), "--lang", "fr"]) == DONE
    assert capsys.readouterr().out == ran[1].stdout


def test_the_log_lists_every_file_of_the_folder(here):
    lines = (here / "run.log").read_text(encoding="utf-8").splitlines()
    listed = [line.removeprefix("written: ") for line in lines if line.startswith("written: ")]
    there = {path.name for path in here.iterdir() if path.is_file()}
    assert set(listed) == there - {"run.log"} - {path.name for path in here.glob("*.lock")}
    assert len(listed) == len(set(listed))


def test_a_report_in_another_language_is_logged_once(here, capsys):
    for _time in range(2):
        assert main(["report", str(here), "--lang", "en"]) == DONE
    assert "out/report_en.html" in capsys.readouterr().out
    log = (here / "run.log").read_text(encoding="utf-8")
    for name in ("report_en.html", "report_en_annex.html", "report.html"):
        assert log.count(f"written: {name}\n") == 1
    for name in ("report_en.html", "report_en_annex.html"):
        (here / name).unlink()


def test_open_hands_the_report_to_the_browser(here, capsys, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    assert main(["open", str(here), "--lang", "fr"]) == DONE
    assert opened == [(here / "report.html").resolve().as_uri()]
    assert capsys.readouterr().out.splitlines() == ["out/report.html"]


def no_browser(_address):
    raise webbrowser.Error("could not locate runnable browser")


@pytest.mark.parametrize("answer", [no_browser, lambda _address: False])
def test_where_there_is_no_browser_open_says_where_the_file_is(here, capsys, monkeypatch, answer):
    monkeypatch.setattr(webbrowser, "open", answer)
    assert main(["open", str(here), "--lang", "en"]) == DONE
    assert capsys.readouterr().out.splitlines() == ["out/report.html", "No browser here: open this file in one."]


def test_open_what_is_not_there(here, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(webbrowser, "open", pytest.fail)
    assert main(["open", str(here), "--3d", "--lang", "en"]) == BAD_INPUT
    assert "jumeau render out" in capsys.readouterr().err
    assert main(["open", str(tmp_path), "--lang", "en"]) == BAD_INPUT
    assert "jumeau run" in capsys.readouterr().err


def test_open_takes_the_page_of_the_language(here, capsys, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    page = here / "3d" / "scene_en.html"
    page.parent.mkdir(exist_ok=True)
    page.write_text("<html>", encoding="utf-8")
    try:
        assert main(["open", str(here), "--3d", "--lang", "en"]) == DONE
        assert opened == [page.resolve().as_uri()]
        assert main(["show", str(here), "--lang", "en"]) == DONE
        assert "3D page: out/3d/scene_en.html" in capsys.readouterr().out
    finally:
        page.unlink()
        page.parent.rmdir()


def test_all_lists_every_indicator_that_the_summary_holds(here, capsys):
    records = json.loads((here / "summary.json").read_text(encoding="utf-8"))["records"]
    wanted = {row["label"] for row in records if row["variant"] == "led" and row["network"] == "lighting"}
    assert main(["show", str(here), "--all", "--variant", "led", "--network", "lighting", "--lang", "en"]) == DONE
    text = " ".join(capsys.readouterr().out.split())
    assert not [label for label in wanted if " ".join(label.split()) not in text]

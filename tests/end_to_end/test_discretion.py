"""A run's folder is handed on: it says nothing of the machine, of who asked, nor anything that a terminal obeys."""

import json
import shutil
import sys
from html.parser import HTMLParser

import geopandas as gpd
from short_scenario import LIGHTING

from jumeau.cli import main
from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.territory.bundled import bundled_folder

EVIL = "<script>alert(1)</script>\x1b[31m \u202e $x_1$ https://alice:hunter2@example.org/a?token=s3cret"


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_folder_is_discreet_and_harmless(tmp_path, monkeypatch, capsys):
    """Evil title, absolute path, secrets in the script's own arguments and environment."""
    home = tmp_path / "alice"
    home.mkdir()
    shutil.copy(bundled_folder("donnees_exemple") / "bourg_exemple.gpkg", home / "town.gpkg")
    scenario = home / "s.yaml"
    # YAML reads JSON's strings; control characters are refused there.
    title = json.dumps("".join(letter for letter in EVIL if letter.isprintable() or letter == "\u202e"))
    text = LIGHTING.replace("territory: bourg_exemple", f"territory: {home / 'town.gpkg'}")
    lines = [f"title: {title}" if line.startswith("title:") else line for line in text.splitlines()]
    scenario.write_text("\n".join([*lines, f"# see {home}/notes.txt"]) + "\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(home / "script.py"), "--password", "hunter2"])
    monkeypatch.setenv("MY_TOKEN", "s3cret")
    out = tmp_path / "out"
    assert main(["run", str(scenario), "-o", str(out), "--replications", "2", "--workers", "1"]) == 0
    printed = capsys.readouterr()
    assert not set(printed.out + printed.err) & set("\x1b\u202e")
    written = {path.name: path.read_text(encoding="utf-8") for path in out.iterdir()
               if path.suffix in (".json", ".log", ".html", ".csv")}  # fmt: skip
    assert {"summary.json", "provenance.json", "run.log", "report.html"} <= set(written)
    for name, content in written.items():
        assert not [word for word in ("hunter2", "s3cret", "alice", str(tmp_path), "script.py") if word in content], (
            name
        )
        assert not set(content) & set("\x1b\u202e"), name
    provenance = json.loads(written["provenance.json"])
    assert provenance["territory"]["path"] == "town.gpkg"
    assert provenance["command"] == "jumeau run s.yaml --lang fr --replications 2"
    tags = Tags(written["report.html"]).found
    assert not [tag for tag, _attrs in tags if tag in ("script", "iframe", "object", "link")]
    assert not [attrs for _tag, attrs in tags if any(name.startswith("on") for name in attrs)]
    policy = [attrs["content"] for _tag, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    assert "default-src 'none'" in policy[0]
    assert "$x_1$" in written["report.html"], "a dollar is printed as it is"


def test_scripts_are_not_told(tmp_path, monkeypatch):
    """A script's words are its own; what it passes as `command` is kept, without secrets."""
    path = tmp_path / "s.yaml"
    path.write_text(LIGHTING, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["/home/alice/x.py", "--password=hunter2"])
    scenario = read_scenario(path)
    assert run(scenario, replications=1).provenance["command"] == ""
    told = run(scenario, replications=1, command="/home/alice/x.py --password=hunter2").provenance["command"]
    assert told == "x.py --password=…"


def test_messages_name_evil_ids_harmlessly(tmp_path, capsys):
    """Ids with escape sequences reach the terminal without them."""
    streets = gpd.read_file(bundled_folder("donnees_exemple") / "bourg_exemple.gpkg", layer="streets").head(5)
    streets["street_id"] = "\x1b[2J\x1b]0;owned\x07same\u202e"
    streets[["street_id", "geometry"]].to_file(tmp_path / "streets.gpkg", layer="streets")
    (tmp_path / "t.yaml").write_text(
        "name: t\nlayers:\n  streets: {file: streets.gpkg, columns: {street_id: street_id}}\n", encoding="utf-8"
    )
    assert main(["territory", "build", str(tmp_path / "t.yaml")]) == 2
    told = capsys.readouterr()
    assert "same" in told.out + told.err
    assert not set(told.out + told.err) & set("\x1b\x07\u202e")

"""A session in a room: what can be chosen, what the words then say, and who may come in."""

from __future__ import annotations

import socket
import sys

import pytest
import small_town
from jumeau_viz import served
from jumeau_viz.open_run import open_run
from jumeau_viz.probe import Probe
from jumeau_viz.session import Session, Shown

from jumeau import cli
from jumeau.commands import serve
from jumeau.errors import InputError
from jumeau.i18n import language


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    small_town.write_run(folder)
    return open_run(folder)


@pytest.fixture
def session(run, can_draw):
    with language("en"):
        made = Session(run, (320, 180))
        yield made
    made.stage.close()


def test_the_tour_leads_through_the_stops_and_around(session):
    assert session.words()["title"] == ""
    for rank, stop in enumerate(session.tour, start=1):
        session.go(1)
        words = session.words()
        assert (words["title"], words["text"], words["figure"], words["note"]) == (
            stop.title, stop.text, stop.figure, stop.note,
        )  # fmt: skip
        assert words["rank"] == f"{rank} / {len(session.tour)}"
        assert (words["situation"], words["change"]) == (stop.scenario, stop.change)
    session.go(1)
    assert session.shown.stop == 0
    session.go(-1)
    assert session.shown.stop == len(session.tour) - 1


def test_choices_change_what_is_seen_and_its_legend(session):
    session.choose({"situation": "led", "change": True})
    assert session.words()["seen"].startswith("Difference, after minus before")
    assert session.words()["ticks"][0]["left"] == "0.00%"
    session.choose({"before": True})
    assert session.words()["seen"] == "Before: Present lighting"
    assert session.words()["change"], "kept for when after comes back"
    by_day = session.words()["bar"]
    session.choose({"before": False, "change": False, "day": False})
    assert session.words()["seen"] == "After: LED and night dimming"
    assert session.words()["bar"] != by_day


def test_what_is_not_there_is_not_shown(session):
    session.choose({"choice": "7:7", "situation": "nothing"})
    assert session.shown == Shown()


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("localhost", True), ("::", False),
     ("192.168.1.4", False), ("town.example", False)],
)  # fmt: skip
def test_only_this_machine_is_let_in_without_a_warning(host, own):
    assert served.is_loopback(host) is own


def test_a_port_that_is_taken_and_an_address_of_another_machine_are_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="--port"):
            serve.check_free("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(InputError, match="203"):
        serve.check_free("203.0.113.7", 8642)


def test_what_is_missing_is_named(run, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "trame.app", None)
    assert cli.main(["serve", str(run.folder), "--lang", "en"]) == 2
    assert "jumeau[serve]" in capsys.readouterr().err
    monkeypatch.setattr(served, "_trame", lambda: None)
    monkeypatch.setattr(served, "probe", lambda: Probe(works=False, reason="crash"))
    assert cli.main(["serve", str(run.folder), "--lang", "fr"]) == 2
    assert "apt-get install" in capsys.readouterr().err


def test_a_port_is_read_strictly(capsys):
    for wrong in ("0", "70000", "x"):
        with pytest.raises(SystemExit):
            cli.main(["serve", "run", "--port", wrong])
    assert "65535" in capsys.readouterr().err

"""One line over the whole job on a terminal, a line per phase elsewhere."""

import io

import pytest

from jumeau.engine import progress
from jumeau.engine.progress import CAMPAIGN, EVALUATING, PREPARING, READING, REPORTING, SIMULATING, TerminalProgress
from jumeau.i18n import language


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self):
        return True


def job(stream, runs=400):
    with TerminalProgress((*CAMPAIGN, REPORTING), stream) as told:
        told.phase(READING)
        told.phase(READING)
        told.phase(PREPARING)
        told.phase(SIMULATING)
        told.expect(runs)
        told.start(runs, 0)
        for _run in range(runs):
            told.step()
        told.start(runs, runs // 2)  # more runs than was thought, for a precision
        for _run in range(runs // 2):
            told.step()
        told.phase(EVALUATING)
        told.phase(REPORTING)
    return stream.getvalue()


@pytest.fixture(params=["fr", "en"])
def lang(request):
    with language(request.param):
        yield request.param


def test_a_line_per_phase_where_lines_are_kept(lang):
    lines = job(io.StringIO()).splitlines()
    assert len(lines) == 6  # five phases, and that some runs were already done
    assert not set("".join(lines)) & set("\r\x1b█")
    words = ("lecture", "préparation", "simulation", "200", "évaluation", "rapport")
    english = ("reading", "preparing", "simulating", "200", "evaluating", "report")
    assert all(word in line for word, line in zip(words if lang == "fr" else english, lines, strict=True))
    shares = [int(line.split()[0].rstrip("%\u202f")) for line in lines if "%" in line]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert len(set(shares)) == 5


def test_a_long_simulation_gives_a_sign_of_life_a_tenth(lang, monkeypatch):
    clock = iter(range(0, 10_000_000, 100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    lines = job(io.StringIO()).splitlines()
    assert 6 < len(lines) <= 6 + 10 + 5
    assert any("400" in line and (" h" in line or "\u00a0h" in line) for line in lines)


def test_one_line_that_never_goes_back(lang, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    text = job(Screen())
    said = "200 of 400 runs were already done" if lang == "en" else "200 simulations sur 400"
    assert text.count("\n") == 1  # what is said stays above
    assert said in text
    assert "\x1b" not in text
    frames = [frame for frame in text.replace("\n", "\r").split("\r") if "█" in frame or "░" in frame]
    assert max(map(len, frames)) <= 59
    shares = [int(frame.split("%")[0].split()[-1].rstrip("\u202f")) for frame in frames]
    assert shares == sorted(shares)
    assert len(set(shares)) > 20
    bars = [frame.count("█") for frame in frames]
    assert bars == sorted(bars)
    # Each frame covers the one before, and nothing stays at the end.
    line = ""
    for piece in text.split("\n")[1].split("\r"):
        line = piece + line[len(piece) :]
        assert not piece.strip() or line.rstrip() == piece.rstrip()
    assert not line.strip()
    left = "reste" if lang == "fr" else "left"
    assert any(left in frame for frame in frames)


def test_a_terminal_that_cannot_go_back_gets_lines(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert len(job(Screen()).splitlines()) == 6


def test_what_is_said_is_harmless():
    stream = io.StringIO()
    TerminalProgress(stream=stream).say("a\x1b[2Jb\u202ec")
    assert stream.getvalue() == "abc\n"

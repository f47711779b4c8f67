"""What is shown and handed on holds no control characters, no secret and no absolute path."""

import pytest

from jumeau.errors import Problem
from jumeau.redaction import everywhere, presentable, redacted, visible


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("/home/alice/town/t.gpkg", "t.gpkg"),
        ("territory: /home/alice/t.gpkg  # mine", "territory: t.gpkg  # mine"),
        ('File "/usr/lib/python3/x.py", line 3', 'File "x.py", line 3'),
        ("file:///home/alice/t.gpkg", "t.gpkg"),
        ("~/town/t.gpkg", "t.gpkg"),
        (r"C:\Users\Alice\t.gpkg", "t.gpkg"),
        ("C:/Users/Alice/t.gpkg", "t.gpkg"),
        (r"\\server\share\t.gpkg", "t.gpkg"),
        ("https://alice:pw@host/a/b?token=abc&x=1", "https://…@host/a/b?token=…&x=1"),
        ("https://host/a?X-Amz-Signature=12ab#f", "https://host/a?X-Amz-Signature=…#f"),
        ("https://host/wfs?apikey=12&request=a", "https://host/wfs?apikey=…&request=a"),
        ("MY_API_KEY=12 jumeau run", "MY_API_KEY=… jumeau run"),
    ],
)
def test_paths_and_secrets_are_cut(written, shown):
    assert redacted(written) == shown


@pytest.mark.parametrize(
    "text",
    ["0.16 EUR/kWh/year, 3 m3/h", "€/an/hab", "data/streets/a.gpkg", "a / b / c", "/an", "2025/2026", "monkey=3",
     "https://www.data.gouv.fr/fr/datasets/?q=eau", "1/2, 3/4", "12 %"],
)  # fmt: skip
def test_units_relative_paths_and_addresses_stay(text):
    assert presentable(text) == text


def test_terminals_obey_nothing():
    assert visible("\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x9b2J") == "red link"
    assert visible("a\u202egpj.exe\u2066\x00\x7f\x85") == "agpj.exe"
    assert visible("two\nlines\tand 1\u202f000 €") == "two\nlines\tand 1\u202f000 €"
    assert visible("a\nerror: b", lines=False) == "a error: b"


def test_a_problem_cannot_be_dressed_up():
    problem = Problem("bad", file="a\x1b[2J.csv", value="x\nerror: all is well", features=("\x1b]0;t\x07id", "b\u202e"))
    assert str(problem).splitlines()[0].startswith("a.csv: bad")
    assert not set(str(problem)) & set("\x1b\x07\u202e")
    assert len(str(problem).splitlines()) == 1


def test_records_keep_their_shape():
    assert everywhere({"a": ["/home/x/y.gpkg", 1, None], "b": {"c": "\x1bx"}}, presentable) == {
        "a": ["y.gpkg", 1, None],
        "b": {"c": "x"},
    }

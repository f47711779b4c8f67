"""The list as spreadsheets write it, and what is said of rows that cannot be."""

import pandas as pd
import pytest

from jumeau.batches.listing import read_listing, safe, suggested
from jumeau.errors import InputError


@pytest.fixture
def listed(tmp_path):
    def write(text, name="list.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_separators_and_marks(listed, sign, encoding):
    text = "name;territory;code;replications\r\nÉze;a.gpkg;01004;\r\nb;b.gpkg;2A004;3\r\n".replace(";", sign)
    found = read_listing(listed(text, encoding=encoding))
    assert found.columns == ("replications",)
    assert [(row.line, row.name, row.code, row.cells) for row in found.rows] == [
        (2, "Éze", "01004", ()),
        (3, "b", "2A004", (("replications", "3"),)),
    ]
    assert not found.refused


def test_blank_rows_and_columns_of_spreadsheets_are_nothing(listed):
    found = read_listing(listed("name;territory;label;\na;a.gpkg;Bourg;\n;;;\n;;;\nb;b.gpkg;;\n"))
    assert [(row.line, row.title) for row in found.rows] == [(2, "Bourg"), (5, "")]
    assert found.columns == ()


def test_a_workbook_is_read_as_it_would_be_typed(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "list.xlsx"
    table = {"name": ["a", "b"], "territory": ["a.gpkg", "b.gpkg"], "code": [1004, "2A004"], "replications": [3, None]}
    pd.DataFrame(table | {"period.end": pd.to_datetime(["2025-01-31", None])}).to_excel(path, index=False)
    found = read_listing(path)
    assert [row.code for row in found.rows] == ["01004", "2A004"], "a number has lost the zero of a code"
    assert found.rows[0].cells == (("replications", "3"), ("period.end", "2025-01-31"))
    assert found.rows[1].cells == ()


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        ("name;territory\nÉ;x\n", "latin-1", "UTF-8"),
        ("name;place\na;x\n", "utf-8", "territory"),
        ("name;territory\n", "utf-8", "aucune ligne"),
        ("name;territory\na;x;y\n", "utf-8", "guillemets"),
        ("name;territory;title;label\na;x;y;z\n", "utf-8", "label"),
        ("", "utf-8", "vide"),
    ],
)
def test_a_list_that_is_none_is_refused(listed, text, encoding, told):
    with pytest.raises(InputError, match=told) as refused:
        read_listing(listed(text, encoding=encoding))
    assert "list.csv" in str(refused.value)


def test_names_that_are_no_folders_are_refused_alone(listed):
    found = read_listing(
        listed("name;territory\na;a.gpkg\nA;b.gpkg\nsaint/éloi;c.gpkg\n;d.gpkg\ne;\nnul;f.gpkg\ng;g.gpkg\n")
    )
    assert sorted(found.refused) == [3, 4, 5, 6, 7]
    assert "ligne 2" in str(found.refused[3][0])
    assert "saint-éloi" in found.refused[4][0].hint
    assert {problem.column for problems in found.refused.values() for problem in problems} == {"name", "territory"}


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\\b", "-rf", "a b", "con.txt", "batch.csv", "x" * 81, "a.", "a*"])
def test_unsafe_names(name):
    assert not safe(name)
    assert safe(suggested(name))

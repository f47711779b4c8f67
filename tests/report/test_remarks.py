"""Remarks and votes: in and out again, whatever is wrong or hostile in the files, and counted beside the results."""

import csv
import json
import re
import unicodedata
from dataclasses import replace
from html import unescape

import geopandas as gpd
import pytest
import shapely
from report_campaign import campaign

from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.remarks import count_remarks, read_remarks
from jumeau.remarks.contacts import masked
from jumeau.remarks.importing import import_remarks
from jumeau.report import write_report
from jumeau.report.form import choices, write_form
from jumeau.report.html import annex_path
from jumeau.results.storage import read_results, write_results
from jumeau.vector_file import layer_names, read_layer

IDS = [f"1b4e28ba-2fa1-41d2-883f-0016d3cca4{number:02d}" for number in range(20)]
PAIR = (652_010.5, 6_780_020.1)


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """The folder of a run, territory elsewhere: its assets tell where it lies."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    points = shapely.points([[651_000, 6_779_000], [653_000, 6_781_000]])
    lamps = gpd.GeoDataFrame({"lamp_id": ["L1", "L2"], "energy": [1.0, 2.0]}, geometry=points, crs="EPSG:2154")
    results = replace(campaign(replications=3, with_draws=False), assets={"lighting_lamps__baseline": lamps})
    write_results(results, folder)
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A copy of that folder."""
    folder = tmp_path / "run"
    folder.mkdir()
    for file in finished.iterdir():
        if file.is_file() and not file.name.startswith("."):
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def run_of(folder):
    return json.loads((folder / "summary.json").read_text(encoding="utf-8"))["run_id"]


def remark(number=0, **changes):
    return {
        "id": IDS[number], "day": "2026-11-27", "network": "lighting", "layer": "lamps", "asset": "L1",
        "x": PAIR[0], "y": PAIR[1], "crs": "EPSG:2154", "variant": "led", "kind": "worry", "text": "Trop sombre",
    } | changes  # fmt: skip


def vote(number=10, **changes):
    return {"id": IDS[number], "day": "2026-11-27", "variant": "led", "choice": "for"} | changes


@pytest.fixture
def export(run, tmp_path):
    """A function that writes a file as the page exports it."""

    def write(remarks=(), votes=(), name="export.json", **changes):
        data = {"format": "jumeau-remarks", "version": 1, "run": run_of(run), "language": "fr"}
        path = tmp_path / name
        text = json.dumps(data | {"remarks": list(remarks), "votes": list(votes)} | changes, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_what_is_imported_is_found_again(run, export):
    done = import_remarks([export([remark(), remark(1, x=None, y=None, crs=None, asset=None)], [vote()])], run)
    assert [path.name for path in done.written] == ["remarks.gpkg", "remarks.csv", "remarks.json"]
    assert (done.remarks, done.votes, done.known) == (2, 1, 0)
    kept = json.loads((run / "remarks.json").read_text(encoding="utf-8"))
    assert kept["format"] == "jumeau-remarks"
    assert kept["run"] == run_of(run)
    assert kept["remarks"][0] == remark()
    assert kept["votes"] == [vote()]
    assert layer_names(run / "remarks.gpkg") == ["remarks"]
    points = read_layer(run / "remarks.gpkg")
    assert points.crs.to_epsg() == 2154
    assert [(row.kind, row.text, row.variant) for row in points.itertuples()] == [("worry", "Trop sombre", "led")]
    assert (points.geometry.x[0], points.geometry.y[0]) == PAIR
    # What the folder keeps is itself a file that can be brought in, and the run is still one.
    assert import_remarks([run / "remarks.json"], run).known == 3
    assert read_results(run).variants == ("baseline", "led", "off")


def test_importing_again_adds_and_loses_nothing(run, export):
    first = export([remark()], [vote()], "one.json")
    second = export([remark(text="written over"), remark(1, text="Autre")], [vote(11, choice="against")], "two.json")
    import_remarks([first, second, first], run)
    import_remarks([second], run)
    kept = read_remarks(run)
    assert [item.text for item in kept.remarks] == ["Trop sombre", "Autre"]
    assert [item.choice for item in kept.votes] == ["for", "against"]
    import_remarks([export([remark(2)], [], "three.json")], run)
    assert len(read_remarks(run).remarks) == 3


def test_no_location_at_all_still_makes_a_layer(run, export):
    import_remarks([export([], [vote()])], run)
    assert len(read_layer(run / "remarks.gpkg")) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "other"}, ["no file of remarks", "other"]),
        ({"version": 2}, ["another version", "(value: 2)"]),
        ({"version": True}, ["another version"]),
        ({"run": "0" * 32}, ["another run", "--any-run"]),
        ({"remarks": [remark(kind="wory")]}, ["remarks[0].kind", "did you mean « worry »?"]),
        ({"remarks": [remark(variant="leds")]}, ["remarks[0].variant", "unknown variant", "did you mean « led »?"]),
        ({"remarks": [remark(network="lightning")]}, ["remarks[0].network", "did you mean « lighting »?"]),
        ({"remarks": [remark(x=0.0)]}, ["remarks[0].x", "outside the territory"]),
        ({"remarks": [remark(crs="EPSG:4326")]}, ["remarks[0].crs", "another system"]),
        ({"remarks": [remark(crs="nonsense")]}, ["remarks[0].crs", "another system"]),
        ({"remarks": [remark(y=None)]}, ["remarks[0].x", "go together"]),
        ({"remarks": [remark(x=True)]}, ["remarks[0].x", "a number is expected"]),
        ({"remarks": [remark(x="1e400")]}, ["remarks[0].x"]),
        ({"remarks": [remark(text="a" * 2001)]}, ["remarks[0].text", "at most 2000"]),
        ({"remarks": [remark(text=None)]}, ["remarks[0].text", "a text is expected"]),
        ({"remarks": [remark(day="tomorrow")]}, ["remarks[0].day", "a date"]),
        ({"remarks": [remark(id="me")]}, ["remarks[0].id", "an identifier"]),
        ({"remarks": ["hello"]}, ["remarks[0]", "a block of keys"]),
        ({"votes": [vote(choice="yes")]}, ["votes[0].choice", "for, against, unsure"]),
        ({"votes": [vote(variant="lde")]}, ["votes[0].variant", "unknown variant"]),
        ({"remarks": [remark(kind="x")] * 50}, ["remarks[0].kind", "and 30 more problems"]),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_nothing_is_written(run, export, changes, words, english):
    path = export(**changes)
    with pytest.raises(InputError) as caught:
        import_remarks([path], run)
    for word in (str(path), *words):
        assert word in str(caught.value)
    assert not [file for file in run.iterdir() if file.name.startswith("remarks")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "null",
        '{"format": "jumeau-remarks", "version": 1, "x": NaN}',
        "[" * 200_000,
        '{"format": "jumeau-remarks", "version": 1, "run": "r", "remarks": {"a": 1}}',
        b"\xff\xfe{",
        "9" * 9000,
    ],
)
def test_what_is_no_json_is_refused_with_status_2(run, tmp_path, text, capsys):
    path = tmp_path / "bad.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["remarks", "import", str(path), "-o", str(run), "--lang", "en"]) == 2
    assert str(path) in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused(export, tmp_path, english):
    with pytest.raises(InputError, match="jumeau run"):
        import_remarks([export()], tmp_path / "nowhere")


def test_remarks_on_another_run_are_taken_when_asked(run, export):
    path = export([remark()], run="0" * 32)
    import_remarks([path], run, any_run=True)
    assert read_remarks(run).run == run_of(run)


def test_remarks_of_an_earlier_run_in_the_folder_are_kept_and_said_to_be(run, export, english):
    import_remarks([export([remark()])], run)
    kept = json.loads((run / "remarks.json").read_text(encoding="utf-8")) | {"run": "0" * 32}
    (run / "remarks.json").write_text(json.dumps(kept), encoding="utf-8")
    provenance = read_results(run).provenance
    assert "earlier run" in count_remarks(read_remarks(run), provenance).reserve()
    with pytest.raises(InputError, match="another run"):
        import_remarks([export([remark(1)])], run)
    assert len(read_remarks(run).remarks) == 1
    import_remarks([export([remark(1)])], run, any_run=True)
    assert len(read_remarks(run).remarks) == 2


def test_nothing_personal_is_kept(run, export, capsys):
    texts = ["Écrivez à jeanne.d@exemple.fr", "06 12 34 56 78 ou +33 6 12 34 56 78", "En 2019, 12 500 kWh, 40 lampes"]
    rows = [remark(number, text=text, day="2026-11-27T10:32:11", name="Jeanne") for number, text in enumerate(texts)]
    path = export(rows, author="Jeanne")
    assert main(["remarks", "import", str(path), "-o", str(run), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "now masked: 2" in told
    assert IDS[0] in told
    assert "author, name" in told
    kept = (run / "remarks.json").read_text(encoding="utf-8")
    for secret in ("Jeanne", "jeanne", "06 12", "+33", "10:32"):
        assert secret not in kept
        assert secret not in (run / "remarks.csv").read_text(encoding="utf-8")
    assert read_remarks(run).remarks[2].text == texts[2]


def test_contacts_stay_when_asked(run, export):
    done = import_remarks([export([remark(text="jeanne@exemple.fr")])], run, keep_contacts=True)
    assert done.contacts == (IDS[0],)
    assert read_remarks(run).remarks[0].text == "jeanne@exemple.fr"


@pytest.mark.parametrize(
    "text",
    [
        "jeanne (at) exemple.fr",
        "a.b+c@sous.exemple.fr",
        "0612345678",
        "06.12.34.56.78",
        "+33(0)612345678",
        "0033 6 12 34 56 78",
    ],
)
def test_contacts_are_found(text):
    assert masked(f"x {text} y") == "x […] y"


@pytest.mark.parametrize(
    "text", ["652010, 6780020", "de 22 h à 5 h 30", "1 234 567 kWh", "L00012", "rue du 8 mai 1945", "@"]
)
def test_what_is_no_contact_stays(text):
    assert masked(text) == text


def test_the_search_for_contacts_is_quick():
    for text in ("a" * 2000, "0" * 2000, "+1" + " 1" * 900, "a@" * 1000, "a.a@" + "a." * 900):
        masked(text)


def test_control_characters_and_marks_of_direction_are_removed(run, export):
    import_remarks([export([remark(text="a\x1b[31mb\x00c\u202ed e\u0301")])], run)
    text = read_remarks(run).remarks[0].text
    assert text == "abcd é"
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "  =", "\n=", "＝", "|"])
def test_a_spreadsheet_takes_no_text_for_a_formula(run, export, start):
    import_remarks([export([remark(text=f'{start}HYPERLINK("a";"b")', asset="=1+1")])], run)
    rows = list(csv.DictReader((run / "remarks.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0]["text"].startswith("'")
    assert rows[0]["asset"] == "'=1+1"
    assert float(rows[0]["x"]) == PAIR[0]


PAPER = """genre;texte;variante;lieu;x;y;vote
Inquiétude;Trop sombre;LED et gestion à distance;;652010,5;6780020,1;contre
;;off;;;;Pour
;;off;;;;Pour
idée;Un banc;;devant l’école;;;
d’accord;Très bien;led;;;;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_table_of_paper_forms_is_read(run, tmp_path, encoding):
    path = tmp_path / "papier.csv"
    path.write_bytes(PAPER.encode(encoding))
    for _time in range(2):
        import_remarks([path], run)
    kept = read_remarks(run)
    assert [(item.kind, item.text, item.variant) for item in kept.remarks] == [
        ("worry", "Trop sombre", "led"),
        ("idea", "[devant l’école] Un banc", None),
        ("agree", "Très bien", "led"),
    ]
    assert (kept.remarks[0].x, kept.remarks[0].y) == PAIR
    assert [(item.variant, item.choice) for item in kept.votes] == [("led", "against"), ("off", "for"), ("off", "for")]
    # The table goes on: what is new is added, and nothing else.
    path.write_bytes((PAPER + ";;off;;;;Pour\n").encode(encoding))
    done = import_remarks([path], run)
    assert (done.votes, done.known) == (1, 6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind,text,name\nidea,a,Jeanne\n", [":1", "unknown or repeated column", "name"]),
        ("kind,genre\nidea,idea\n", [":1", "unknown or repeated column"]),
        ("kind,text\nidee fixe,a\n", [":2", "column kind", "idee fixe", "did you mean « idee »?"]),
        ("kind,text\n,a\n", [":2", "column kind", "of which kind"]),
        ("variant,vote\nled,for\nledd,for\n", [":3", "column variant", "did you mean « led »?"]),
        ("variant,vote\nled,maybe\n", [":2", "column vote", "for, against, unsure"]),
        ("variant,vote\n,for\n", [":2", "column variant", "of which variant"]),
        ("kind,text,x,y\nidea,a,1,\n", [":2", "column y", "give both x and y"]),
        ("kind,text,x,y\nidea,a,1,2\n", ["outside the territory"]),
        (f"kind,text\nidea,{'a' * 2001}\n", [":2", "column text", "at most 2000"]),
    ],
)
def test_a_wrong_table_is_told_with_line_and_column(run, tmp_path, text, words, english):
    path = tmp_path / "paper.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_remarks([path], run)
    for word in words:
        assert word in str(caught.value)
    assert not (run / "remarks.json").exists()


HOSTILE = "</li><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", ["Inquiétude\u00a0: 1", "Pour", "Contre", "Ne sait pas", "n’est pas une enquête représentative"]),
        ("en", ["Worry: 1", "For", "Against", "Unsure", "no representative survey"]),
    ],
)
def test_the_report_counts_and_the_annex_quotes(run, export, lang, words):
    votes = [vote(10), vote(11), vote(12, choice="against"), vote(13, variant="off", choice="unsure")]
    import_remarks([export([remark(text=HOSTILE)], votes)], run)
    page = write_report(read_results(run), run / "report.html", lang)
    text, annex = page.read_text(encoding="utf-8"), annex_path(page).read_text(encoding="utf-8")
    section = text[text.index('id="remarks"') :].split("</section>")[0]
    for word in words:
        assert word in section
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", section)
    numbers = [(unescape(name), re.findall(r">(\d+)</td>", cells)) for name, cells in rows]
    with language(lang):
        titles = [item.label for item in count_remarks(read_remarks(run), read_results(run).provenance).votes]
    assert numbers == [(titles[0], ["2", "1", "0", "3"]), (titles[1], ["0", "0", "1", "1"])]
    for page_text in (text, annex):
        assert "<script" not in page_text
        assert "<img" not in page_text
    assert HOSTILE in unescape(annex)
    assert 'href="report_annex.html#remarks"' in text


def test_a_report_without_remarks_says_nothing_of_them(run):
    text = write_report(read_results(run), run / "report.html", "en").read_text(encoding="utf-8")
    assert 'id="remarks"' not in text


def test_a_report_elsewhere_tells_the_remarks_of_its_run(run, export, tmp_path):
    import_remarks([export([remark()])], run)
    assert main(["report", str(run), "-o", str(tmp_path / "there" / "r.html"), "--lang", "en"]) == 0
    assert 'id="remarks"' in (tmp_path / "there" / "r.html").read_text(encoding="utf-8")


def test_damaged_remarks_are_told_by_the_report(run, capsys):
    (run / "remarks.json").write_text("{", encoding="utf-8")
    assert main(["report", str(run), "--lang", "en"]) == 2
    assert "remarks.json" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_form_has_the_figures_of_the_report_and_asks_no_name(run, lang):
    assert main(["remarks", "form", str(run), "--lang", lang]) == 0
    form = (run / f"form_{lang}.html").read_text(encoding="utf-8")
    results = read_results(run)
    report = write_report(results, run / "report.html", lang).read_text(encoding="utf-8")
    with language(lang):
        rows = choices(results)
    assert len(rows) == 3
    for row in rows:
        for page in (form, report):
            assert row.title in unescape(page)
            for cell in row.cells:
                assert f">{cell.value}" in page
    assert form.count('class="box"') == 3 * len(rows) + 4 * form.count('class="line"')
    assert form.count('class="line"') >= 3
    assert run_of(run) in form
    assert ("Faut-il des LED" if lang == "fr" else "LED, switch-off, or nothing?") in form
    assert ("ni nom" if lang == "fr" else "no name") in form
    assert "<input" not in form
    assert "size: A4" in form
    assert "http" not in form.replace("http-equiv", "")


def test_a_hostile_title_stays_text_on_the_form(tmp_path):
    results = campaign(replications=3, with_draws=False)
    title = {"fr": "<script>alert(1)</script>", "en": "x"}
    provenance = results.provenance | {"scenario": results.provenance["scenario"] | {"title": title, "question": title}}
    form = write_form(replace(results, provenance=provenance), tmp_path / "form.html", "fr").read_text(encoding="utf-8")
    assert "<script" not in form

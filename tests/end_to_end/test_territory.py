"""A territory built, checked and exported with all networks: by the command line and in a script."""

import geopandas as gpd
import pytest
import shapely

from jumeau import InputError, build_territory, check_territory
from jumeau.cli import main
from jumeau.engine.territory import export_territory, writable_formats
from jumeau.network import discover
from jumeau.territory.storage import read_territory, write_territory

X, Y = 770_000.0, 6_280_000.0
HAMLET = """name: hameau
source: commune
layers:
  streets: {file: streets.gpkg, columns: {street_id: ID, oneway: {constant: both}}}
  addresses: {file: addresses.csv, crs: EPSG:2154, x: x, y: y, columns: {address_id: id}}
population:
  totals: {residents: {file: people.csv, column: residents}}
"""
#: A cabinet that does not exist: the files can be read, the check of the whole finds it.
LOST = """layers:
  lamps: {file: lamps.csv, crs: EPSG:2154, x: x, y: y, columns: {lamp_id: id, cabinet_id: cabinet}}
  cabinets: {file: lamps.csv, crs: EPSG:2154, x: x, y: y, columns: {cabinet_id: id}}
"""
OUTPUTS = {"epanet": "net.inp", "gmns": "net"}


@pytest.fixture
def hamlet(tmp_path):
    """Write the files of a hamlet; the function returned writes its territory file, changed."""
    ends = (((0, 0), (100, 0)), ((100, 0), (200, 0)), ((100, 0), (100, 80)))
    lines = [shapely.LineString([(X + x, Y + y) for x, y in pair]) for pair in ends]
    gpd.GeoDataFrame({"ID": ["a", "b", "c"]}, geometry=lines, crs=2154).to_file(tmp_path / "streets.gpkg")
    rows = "".join(f"{row},{X + 10 * row},{Y + 6}\n" for row in range(1, 20))
    (tmp_path / "addresses.csv").write_text("id,x,y\n" + rows, encoding="utf-8")
    (tmp_path / "people.csv").write_text("residents\n120\n", encoding="utf-8")
    (tmp_path / "lamps.csv").write_text(f"id,cabinet,x,y\n1,nowhere,{X + 50},{Y}\n", encoding="utf-8")

    def written(more="", old="", new=""):
        path = tmp_path / "hameau.yaml"
        assert old in HAMLET
        path.write_text(HAMLET.replace(old, new) + more, encoding="utf-8")
        return path

    return written


def told(captured):
    """What was printed, with plain spaces."""
    return (captured.out + captured.err).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_script_builds_what_the_command_line_writes(hamlet, tmp_path, capsys, english):
    path = hamlet()
    territory, report = build_territory(path, seed=7)
    assert set(report.layers) == {"streets", "addresses"}
    for network in discover().values():
        assert set(network.attributes.needed) <= set(territory.layers), network.name
    assert check_territory(territory)[0] == []
    assert main(["territory", "build", str(path), "--seed", "7", "--lang", "en"]) == 0
    assert "hameau.gpkg" in capsys.readouterr().out
    assert read_territory(tmp_path / "hameau.gpkg").checksum == territory.checksum
    assert build_territory(path, seed=8)[0].checksum != territory.checksum


def test_without_synthesis_there_is_what_the_files_hold(hamlet):
    territory, _report = build_territory(hamlet(), synthesise=False)
    assert set(territory.layers) == {"streets", "addresses", "street_nodes", "population"}


def test_stated_assumptions_reach_the_synthesis_and_are_kept(hamlet, tmp_path, capsys):
    usual, _report = build_territory(hamlet())
    block = "  water: {layout_use_resident: '0,29 m3/person/day'}\n  lighting: {layout_spacing_residential: 10 m}\n"
    territory, report = build_territory(hamlet("assumptions:\n" + block))
    # 145 l are shipped.
    used = [town.layers["water_junctions"]["demand"].sum() for town in (usual, territory)]
    assert used[1] == pytest.approx(2.0 * used[0], rel=1e-9)
    assert len(territory.layers["lamps"]) > 2 * len(usual.layers["lamps"])
    assert report.assumptions["water"] == {"layout_use_resident": pytest.approx(290.0)}
    line = "assumptions.water.layout_use_resident: 145 -> 290 l/person/day"
    assert line in str(report)
    write_territory(territory, tmp_path / "t.gpkg")
    assert main(["territory", "info", str(tmp_path / "t.gpkg")]) == 0
    assert line in capsys.readouterr().out


@pytest.mark.parametrize(
    ("block", "line", "words"),
    [
        ("  watr: {layout_use_resident: 1 l/person/day}\n", 9, ["watr", "« water »"]),
        ("  water:\n    layout_use_residen: 1 l/person/day\n", 10, ["layout_use_residen", "« layout_use_resident »"]),
        ("  water:\n    layout_use_resident: 100 kWh\n", 10, ["kWh", "l/person/day"]),
        ("  water:\n    layout_use_resident: 100\n", 10, ["100", "l/person/day"]),
        ("  water: 100\n", 9, ["water"]),
    ],
)
def test_assumptions_that_cannot_be_used(hamlet, tmp_path, capsys, block, line, words):
    path = hamlet("assumptions:\n" + block)
    for lang in ("en", "fr"):
        assert main(["territory", "build", str(path), "--lang", lang]) == 2
        text = told(capsys.readouterr())
        assert f"hameau.yaml:{line}: assumptions." in text
        assert all(word in text for word in words), text
    assert not (tmp_path / "hameau.gpkg").exists()


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [("street_id: ID", "street_id: IDD", "IDD"), ("layers:\n", LOST, "nowhere")],
    ids=["reading", "check"],
)
def test_nothing_is_written_when_a_build_fails(hamlet, tmp_path, capsys, old, new, word):
    before = tmp_path / "out.gpkg"
    before.write_bytes(b"an older one")
    assert main(["territory", "build", str(hamlet("", old, new)), "-o", str(before), "--lang", "en"]) == 2
    text = told(capsys.readouterr())
    assert word in text
    assert "Written" not in text
    assert before.read_bytes() == b"an older one"
    assert not list(tmp_path.glob(".*")), "half a file"


@pytest.mark.parametrize("name", list(writable_formats()))
def test_every_format_that_can_be_written_is_read_back(town, tmp_path, capsys, name):
    output = tmp_path / "out" / OUTPUTS.get(name, "net.gpkg")
    assert main(["territory", "export", "bourg_exemple", "--format", name, "-o", str(output), "--lang", "en"]) == 0
    files = [line.strip() for line in capsys.readouterr().out.splitlines()[1:]]
    assert {path for path in tmp_path.rglob("*.*") if path.is_file()} == {tmp_path / file for file in files}
    path = tmp_path / "again.yaml"
    path.write_text(f"name: again\nimports: [{{format: {name}, file: {output}, crs: EPSG:2154}}]\n", encoding="utf-8")
    again, _report = build_territory(path, synthesise=False)
    # EclExt holds lighting points, and no more than the names of their cabinets.
    held = ("lamps",) if name == "eclext" else writable_formats()[name].attributes.needed
    for layer in held:
        assert len(again.layers[layer]) == len(town.layers[layer]), layer


def test_a_territory_without_the_network_cannot_be_exported(hamlet, tmp_path, capsys):
    territory, _report = build_territory(hamlet(), synthesise=False)
    write_territory(territory, tmp_path / "t.gpkg")
    for name, layer in (("epanet", "water_pipes"), ("gmns", "traffic_links")):
        output = tmp_path / f"out_{name}"
        words = [str(tmp_path / "t.gpkg"), "--format", name, "-o", str(output)]
        assert main(["territory", "export", *words, "--lang", "en"]) == 2
        text = told(capsys.readouterr())
        assert layer in text
        assert "cannot be written" in text
        assert not output.exists()


def test_unknown_formats_are_told_with_the_known_ones(town, tmp_path, capsys, english):
    with pytest.raises(InputError) as caught:
        export_territory(town, "gmn", tmp_path / "x")
    assert "did you mean « gmns »" in str(caught.value)
    assert "epanet (EPANET network (.inp))" in str(caught.value)
    with pytest.raises(SystemExit) as stop:  # a format that is read only
        main(["territory", "export", "bourg_exemple", "--format", "osm_waste", "-o", str(tmp_path / "x")])
    assert stop.value.code == 2
    text = told(capsys.readouterr())
    assert all(name in text for name in writable_formats())


@pytest.mark.parametrize("name", ["epanet", "gmns"])
def test_outputs_in_the_way_are_told(tmp_path, capsys, name):
    taken = tmp_path / "taken"
    if name == "gmns":
        taken.write_text("a file where a folder is wanted")
    else:
        taken.mkdir()
    assert main(["territory", "export", "bourg_exemple", "--format", name, "-o", str(taken), "--lang", "en"]) == 2
    assert "cannot write" in told(capsys.readouterr())
    assert list(tmp_path.iterdir()) == [taken]

"""Networks of traffic from other people's files to results, without any layer of streets: through the command line."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from jumeau.cli import main
from jumeau.networks.mobility.formats.tntp_files import read_network
from jumeau.results.storage import read_results

SCENARIO = """
name: slower
territory: town.gpkg
networks: [mobility]
period: {start: 2025-03-04, end: 2025-03-05}
replications: 2
variants:
  slow: {measures: [{measure: mobility.speed_limit, limit: 30 km/h}]}
"""

GMNS = {
    "node.csv": (
        "node_id,x_coord,y_coord,zone_id\n1,650000,6860000,1\n2,651000,6860000,\n3,652000,6860000,2\n4,651000,6860500,\n"
    ),
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity\n"
        "a,1,2,0,1.0,50,1,900\nb,2,3,0,1.0,50,1,900\nc,1,4,0,1.2,50,1,900\nd,4,3,0,1.2,50,1,900\n"
    ),
    "demand.csv": "o_zone_id,d_zone_id,volume\n1,2,{trips}\n2,1,{trips}\n",
    "config.csv": "dataset_name,long_length,speed,crs\nsmall,km,kph,EPSG:2154\n",
}

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 8
<END OF METADATA>
~ init term capacity length fft b power speed toll type ;
1 3 900 1 1.2 0.15 4 0 0 1 ;
3 1 900 1 1.2 0.15 4 0 0 1 ;
3 2 900 1 1.2 0.15 4 0 0 1 ;
2 3 900 1 1.2 0.15 4 0 0 1 ;
1 4 900 1.2 1.44 0.15 4 0 0 1 ;
4 1 900 1.2 1.44 0.15 4 0 0 1 ;
4 2 900 1.2 1.44 0.15 4 0 0 1 ;
2 4 900 1.2 1.44 0.15 4 0 0 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n 2 : {trips};\nOrigin 2\n 1 : {trips};\n"


def command(*words):
    return main([*map(str, words), "--lang", "en"])


@pytest.fixture
def town(tmp_path, capsys):
    """A function that writes files and a territory file, builds it, and returns what was printed."""

    def build(files, line, status=0, trips=1500, name="net"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / file).write_text(text.replace("{trips}", str(trips)), encoding="utf-8")
        (tmp_path / "town.yaml").write_text(f"name: town\nimports: [{{{line}}}]\n", encoding="utf-8")
        (tmp_path / "slower.yaml").write_text(SCENARIO, encoding="utf-8")
        capsys.readouterr()
        assert command("territory", "build", tmp_path / "town.yaml", "-o", tmp_path / "town.gpkg") == status
        assert (tmp_path / "town.gpkg").is_file() is (status == 0)
        printed = capsys.readouterr()
        return printed.out + printed.err

    build.folder = tmp_path
    return build


def runs(folder):
    """Run the scenario; return its records of mobility by indicator, and the links before."""
    assert command("run", folder / "slower.yaml", "-o", folder / "out") == 0
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    records = {item["indicator"]: item for item in summary["records"] if item["network"] == "mobility"}
    links = gpd.read_file(folder / "out" / "assets.gpkg", layer="mobility_traffic_links__baseline")
    return records, links.set_index("link_id")


def balance(links, ways):
    """Flows of the two ways between the zones at the peak, and the minutes that each takes."""
    found = []
    for way in ways:
        flow = links.loc[way, "peak_vehicles"].to_numpy()
        minutes = (links.loc[way, "length"] / links.loc[way, "peak_speed"]).sum() * 60.0 / 1000.0
        found.append((flow, minutes))
    return found


def test_gmns_runs_without_streets(town, capsys):
    town(GMNS, "format: gmns, file: net, demand_period: 1 h")
    folder = town.folder
    for words in (("territory", "check"), ("territory", "info")):
        assert command(*words, folder / "town.gpkg") == 0
    assert command("territory", "export", folder / "town.gpkg", "--format", "gmns", "-o", folder / "again") == 0
    assert "1 h" in (folder / "again" / "config.csv").read_text(encoding="utf-8")
    assert command("check", folder / "slower.yaml") == 0
    records, links = runs(folder)
    # All trips of the hour are there, and both ways take as long: Wardrop.
    (short, quick), (long, slow) = balance(links, (["a", "b"], ["c", "d"]))
    assert short[0] + long[0] == pytest.approx(1500.0, rel=1e-3)
    assert min(short[0], long[0]) > 0.0
    assert quick == pytest.approx(slow, rel=1e-3)
    assert records["hours"]["verdict"] == "rise established"
    assert command("report", folder / "out") == 0
    capsys.readouterr()
    assert command("render", folder / "out") == 0
    assert (folder / "out" / "3d" / "scene_en.html").is_file()


@pytest.mark.reproduce
def test_what_is_exported_runs_alike(town):
    """A period stated at import travels with the files."""
    town(GMNS, "format: gmns, file: net, demand_period: 07:00-09:00", trips=1500)
    folder = town.folder
    _records, before = runs(folder)
    assert command("territory", "export", folder / "town.gpkg", "--format", "gmns", "-o", folder / "again") == 0
    town({}, "format: gmns, file: again")
    _records, after = runs(folder)
    wanted = before["peak_vehicles"].to_numpy()
    assert after["peak_vehicles"].to_numpy() == pytest.approx(wanted, rel=1e-4, nan_ok=True)


def test_tntp_runs_without_streets(town):
    files = {"small_net.tntp": NET, "small_trips.tntp": TRIPS}
    line = "format: tntp, file: net/small_net.tntp"
    told = town(files, line, status=2)
    for word in ("capacity_period", "demand_period", "nodes: drawn"):
        assert word in told
    town(files, f"{line}, capacity_period: 1 h, demand_period: 1 h, nodes: drawn")
    _records, links = runs(town.folder)
    (short, quick), (long, slow) = balance(links, (["L1", "L3"], ["L5", "L7"]))
    assert short[0] + long[0] == pytest.approx(1500.0, rel=1e-3)
    assert quick == pytest.approx(slow, rel=1e-3)


def test_beyond_what_streets_carry_nothing_is_concluded(town, capsys):
    town(GMNS, "format: gmns, file: net, demand_period: 1 day", trips=900_000)
    records, links = runs(town.folder)
    told = capsys.readouterr().out
    assert "no verdict is given" in told
    assert links["saturation"].max() > 40.0
    for name in ("hours", "delay", "distance", "energy", "fuel", "carbon", "user_hours"):
        assert records[name]["verdict"] == "no verdict", name
    # What has nothing to do with times on streets is judged as ever.
    assert records["investment"]["verdict"] == "rise established"
    assert records["petrol"]["verdict"] == "negligible"
    again = {
        item.indicator: item.verdict for item in read_results(town.folder / "out").records if item.network == "total"
    }
    assert again["energy"] == "no verdict"
    assert again["investment"] == "rise established"
    page = (town.folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "sans verdict" in page or "no verdict" in page


def test_faults_of_gmns_are_told_whole_and_nothing_is_written(town):
    files = GMNS | {"node.csv": GMNS["node.csv"] + "2,659000,6869000,\n"}
    told = town(files, "format: gmns, file: net", status=2)
    for word in ("node.csv:3", "line 3, line 6", "« 2 »"):
        assert word in told


@pytest.mark.reproduce
def test_sioux_falls_flows_as_published(data_folder, town):
    """Flow over capacity on each street in the busiest hour: the best known solution."""
    source = data_folder / "mobility"
    if not (source / "SiouxFalls_net.tntp").is_file():
        pytest.skip("no Sioux Falls here")
    (town.folder / "net").mkdir()
    for name in ("net", "trips"):
        shutil.copyfile(source / f"SiouxFalls_{name}.tntp", town.folder / "net" / f"SiouxFalls_{name}.tntp")
    town({}, "format: tntp, file: net/SiouxFalls_net.tntp, capacity_period: 1 h, demand_period: 1 h, nodes: drawn")
    records, links = runs(town.folder)
    best = pd.read_csv(source / "SiouxFalls_flow.tntp", sep=r"\s+")
    net = read_network(source / "SiouxFalls_net.tntp").links
    assert best["From"].tolist() == net["tail"].tolist()
    assert best["To"].tolist() == net["head"].tolist()
    wanted = (best["Volume"] / net["capacity"]).to_numpy()
    found = links.loc[[f"L{row}" for row in range(1, 77)], "saturation"].to_numpy()
    assert found == pytest.approx(wanted, rel=5e-3)
    assert np.mean(found) == pytest.approx(1.47, abs=0.01)
    # A network loaded to one and a half times its capacity is a test of solvers, not a town.
    assert records["hours"]["verdict"] == "no verdict"


CASES = {
    "blank_capacity": (0, ["link.csv:3", "column capacity", "saturation flow"]),
    "dup_node_id": (2, ["node.csv:3", "line 3, line 6", "« 2 »"]),
    "gmns_config_crs": (0, ["1 link(s) left out, where no car may go"]),
    "over_capacity": (0, []),
}


# Beyond capacity, nothing is concluded: the suite has that of a smaller network, above.
@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.reproduce) if case == "over_capacity" else case for case in CASES],
)
def test_cases_give_what_is_expected_of_them(data_folder, town, case, capsys):
    source = data_folder / "cases" / "traffic" / case
    if not source.is_dir():
        pytest.skip("no such case here")
    status, words = CASES[case]
    files = {path.name: path.read_text(encoding="utf-8") for path in source.glob("*.csv")}
    told = town(files, "format: gmns, file: net", status=status)
    if not status:
        assert "demand_period" in told
    for word in words:
        assert word in told
    if status or case == "gmns_config_crs":
        return
    records, _links = runs(town.folder)
    expected = "no verdict" if case == "over_capacity" else "rise established"
    assert records["hours"]["verdict"] == expected
    assert ("no verdict is given" in capsys.readouterr().out) is (case == "over_capacity")


def test_the_case_of_units_and_uses_is_read_as_it_says(data_folder, town):
    source = data_folder / "cases" / "traffic" / "gmns_config_crs"
    if not source.is_dir():
        pytest.skip("no such case here")
    files = {path.name: path.read_text(encoding="utf-8") for path in source.glob("*.csv")}
    town(files, "format: gmns, file: net, demand_period: 1 day")
    links = gpd.read_file(town.folder / "town.gpkg", layer="traffic_links").set_index("link_id")
    roads = links[links["kind"] == "street"]
    assert sorted(roads.index) == ["1", "1-", "2", "2-"]
    assert roads["length"].to_numpy() == pytest.approx(0.5 * 1609.344)
    assert roads["speed"].to_numpy() == pytest.approx(30 * 1.609344)
    # 0.010 degrees of longitude at 43.61 N are 807 m: they lie in Montpellier, in Lambert-93.
    assert roads.length.to_numpy() == pytest.approx(807.0, abs=3.0)
    west, south, east, north = roads.total_bounds
    assert 765_000 < west < east < 775_000
    assert 6_270_000 < south <= north < 6_285_000

"""Traffic in the formats of others: TNTP and GMNS, what is wrong with them told by file, line and value."""

import numpy as np
import pyproj
import pytest

from jumeau.assignment import Demand, equilibrium
from jumeau.engine.territory import build_territory
from jumeau.errors import InputError
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.formats import tntp
from jumeau.networks.mobility.formats.gmns import read_gmns
from jumeau.networks.mobility.physics.demand import demand_of
from jumeau.networks.mobility.physics.supply import supply_of

CRS = pyproj.CRS.from_epsg(2154)

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 4
<END OF METADATA>
~ init term capacity length fft b power speed toll type ;
1 3 100 1 2 0.15 4 0 0 1 ;
3 2 100 1 2 0.15 4 0 0 1 ;
2 4 100 1 2 0.15 4 0 0 1 ;
4 1 100 1 2 0.15 4 0 0 1 ;
"""
TRIPS = """<NUMBER OF ZONES> 2
<END OF METADATA>
Origin 1
 1 : 0.0; 2 : 150.0;
Origin 2
 1 : 50.0;
"""
NODES = "Node\tX\tY\t;\n1 0 0 ;\n2 2000 0 ;\n3 1000 100 ;\n4 1000 -100 ;\n"


@pytest.fixture
def files(tmp_path):
    for name, text in (("small_net.tntp", NET), ("small_trips.tntp", TRIPS), ("small_node.tntp", NODES)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def values():
    return {name: factor.value for name, factor in NETWORK.factors.items()}


def test_tntp_becomes_a_territory_with_the_same_equilibrium(files):
    (files / "town.yaml").write_text(
        "name: small\nimports: [{format: tntp, file: small_net.tntp, length_unit: km}]\n", encoding="utf-8"
    )
    territory, _report = build_territory(files / "town.yaml", synthesise=False)
    layers = {name: territory.layers[name] for name in ("traffic_links", "traffic_zones")}
    layers["traffic_signals"] = NETWORK.attributes.empty("traffic_signals", territory.crs)
    supply = supply_of(layers, values())
    assert supply.links.free_time == pytest.approx(np.full(4, 120.0))
    assert supply.links.through == 2
    trips = demand_of(territory.layers["traffic_demand"], supply)
    found = equilibrium(supply.links, Demand.of(trips.sum(axis=0)))
    assert sorted(found.total) == pytest.approx([50, 50, 150, 150])


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("small_net.tntp", "1 3 100", "1 3 0", ["small_net.tntp", ":7", "no capacity"]),
        ("small_net.tntp", "3 2 100", "3 9 100", [":8", "does not exist", "9"]),
        ("small_net.tntp", "2 4 100 1 2 0.15 4 0 0 1 ;", "2 4 100 ;", [":9", "cannot be read"]),
        ("small_net.tntp", "<NUMBER OF LINKS> 4", "<NUMBER OF LINKS> 5", ["5 links are announced, 4 found"]),
        ("small_net.tntp", "<END OF METADATA>", "", ["not a TNTP file"]),
        ("small_trips.tntp", "2 : 150.0", "2 : -1", [":4", "negative"]),
        ("small_trips.tntp", "2 : 150.0", "7 : 1", [":4", "does not exist", "7"]),
        ("small_node.tntp", "4 1000 -100 ;\n", "", ["1 node(s) without coordinates", "4"]),
    ],
)
def test_tntp_faults_are_told(files, english, name, old, new, words):
    path = files / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        tntp.read_tntp(files / "small_net.tntp", CRS, "km")
    for word in words:
        assert word in str(caught.value)


GMNS = {
    "node.csv": "node_id,x_coord,y_coord,zone_id\nA,0,0,1\nB,1000,0,\nC,2000,0,2\n",
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity\n1,A,B,0,1,50,1,900\n2,B,C,0,1,50,2,900\n"
    ),
    "demand.csv": "o_zone_id,d_zone_id,volume\n1,2,400\n2,1,100\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in GMNS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_gmns_is_read(folder):
    found = read_gmns(folder, CRS).layers
    links = found["traffic_links"]
    streets = links[links["kind"] == "street"]
    assert streets["link_id"].tolist() == ["1", "2", "1-", "2-"]
    assert streets["capacity"].tolist() == [900.0, 1800.0, 900.0, 1800.0]
    assert streets["length"].tolist() == [1000.0] * 4
    assert found["traffic_zones"]["zone_id"].tolist() == ["zone 1", "zone 2"]
    found = {**found, "traffic_signals": NETWORK.attributes.empty("traffic_signals", CRS)}
    supply = supply_of(found, values())
    assert supply.dropped == 0
    trips = demand_of(found["traffic_demand"], supply)
    flow = equilibrium(supply.links, Demand.of(trips.sum(axis=0))).total
    assert sorted(flow[~supply.connector]) == pytest.approx([100, 100, 400, 400])


def test_gmns_units_are_those_of_the_configuration(folder):
    (folder / "config.csv").write_text("dataset_name,long_length,speed\nx,mile,mph\n", encoding="utf-8")
    links = read_gmns(folder, CRS).layers["traffic_links"]
    assert links["length"].iloc[0] == pytest.approx(1609.344)
    assert links["speed"].iloc[0] == pytest.approx(80.4672)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("link.csv", "1,A,B,0,1,50,1,900", "1,A,Z,0,1,50,1,900", ["link.csv", ":2", "to_node_id", "Z"]),
        ("link.csv", "2,B,C,0,1,50,2,900", "2,B,C,0,1,50,2,0", [":3", "no capacity"]),
        ("link.csv", "1,A,B,0,1,50", "1,A,B,0,one,50", [":2", "length", "one"]),
        ("node.csv", "node_id,", "id,", ["node_id", "missing"]),
        ("demand.csv", "1,2,400", "1,2,-4", ["demand.csv", ":2", "negative"]),
        ("demand.csv", "2,1,100", "3,1,100", [":3", "o_zone_id", "3"]),
    ],
)
def test_gmns_faults_are_told(folder, english, name, old, new, words):
    path = folder / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_gmns(folder, CRS)
    for word in words:
        assert word in str(caught.value)


def test_demand_and_counts_come_from_plain_tables(tmp_path, town):
    """A table without geometry is mapped like any layer."""
    (tmp_path / "od.csv").write_text("from;to;cars\nZ001;Z002;12,5\nZ002;Z001;3\n", encoding="utf-8")
    (tmp_path / "town.yaml").write_text(
        "name: od\nlayers:\n  traffic_demand:\n    file: od.csv\n    decimal: ','\n"
        "    columns: {demand_id: {row: D}, origin: from, destination: to, trips: cars}\n",
        encoding="utf-8",
    )
    territory, _report = build_territory(tmp_path / "town.yaml", synthesise=False)
    frame = territory.layers["traffic_demand"]
    assert frame["trips"].tolist() == [12.5, 3.0]
    assert frame["origin"].tolist() == ["Z001", "Z002"]

"""Traffic in the formats of others: TNTP and GMNS, read and written; what is wrong told by file, line and value."""

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from mobility_kit import typed_layers

from jumeau.assignment import Demand, equilibrium
from jumeau.engine.territory import build_territory
from jumeau.errors import InputError
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.formats.gmns import read_gmns
from jumeau.networks.mobility.formats.gmns_writing import write_gmns
from jumeau.networks.mobility.formats.period import Period, parse_period
from jumeau.networks.mobility.formats.tntp import Told, read_tntp
from jumeau.networks.mobility.physics.day import KINDS, day_shape, workday_scale
from jumeau.networks.mobility.physics.demand import demand_of, mean_day
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.units import QuantityError

CRS = pyproj.CRS.from_epsg(2154)
MEAN_DAY = Period(24.0)
TOLD = Told("km", 1.0, MEAN_DAY)

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
        "name: small\nimports:\n  - {format: tntp, file: small_net.tntp, length_unit: km, capacity_period: 1 h, "
        "demand_period: 1 day}\n",
        encoding="utf-8",
    )
    territory, _report = build_territory(files / "town.yaml", synthesise=False)
    layers = NETWORK.layers(territory)
    supply = supply_of(layers, values())
    assert supply.links.free_time == pytest.approx(np.full(4, 120.0))
    assert supply.links.through == 2
    trips = demand_of(layers["traffic_demand"], supply, values())
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
        read_tntp(files / "small_net.tntp", CRS, TOLD)
    for word in words:
        assert word in str(caught.value)


def test_all_faulty_lines_of_tntp_are_told_and_counted(files, english):
    net, trips = files / "small_net.tntp", files / "small_trips.tntp"
    net.write_text(NET.replace("3 2 100", "3 9 100").replace("2 4 100", "8 4 0").replace("4 1 100", "4 1 nan"), "utf-8")
    with pytest.raises(InputError) as caught:
        read_tntp(net, CRS, TOLD)
    assert [(item.line, item.value, item.features) for item in caught.value.problems] == [
        (8, "9", ("line 8", "line 9")),
        (9, "0", ("line 9", "line 10")),
        (10, "4 1 nan 1 2 0.15 4 0 0 1 ;", ()),
    ]
    net.write_text(NET, encoding="utf-8")
    trips.write_text(TRIPS.replace("150.0", "inf").replace("1 : 50", "5 : -1").replace("Origin 1\n", ""), "utf-8")
    with pytest.raises(InputError) as caught:
        read_tntp(net, CRS, TOLD)
    assert {item.message for item in caught.value.problems} == {
        "trips of no origin",
        "trips are negative or not a number",
        "trips of a zone that does not exist",
    }


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told("km", None, MEAN_DAY), ["small_net.tntp", "capacity_period"]),
        (Told("km", 1.0, None), ["small_trips.tntp", "demand_period"]),
        (Told("km", None, None), ["capacity_period", "demand_period"]),
    ],
)
def test_what_tntp_does_not_tell_is_asked_for_by_name(files, english, told, words):
    with pytest.raises(InputError) as caught:
        read_tntp(files / "small_net.tntp", CRS, told)
    assert len(caught.value.problems) == (2 if told == Told("km") else 1)
    for word in words:
        assert word in str(caught.value)


def test_units_in_the_head_of_a_tntp_file_are_taken(files):
    """As that of Anaheim writes them."""
    head = "<ORIGINAL HEADER>~ \tTail\tHead\tCapacity (veh/h)\tLength (ft)\tFree Flow Time (min)\tB\tPower\t;\n<END"
    net = files / "small_net.tntp"
    net.write_text(NET.replace("<END", head), encoding="utf-8")
    links = read_tntp(net, CRS, Told(demand=MEAN_DAY)).layers["traffic_links"]
    assert links["length"].tolist() == [1.0] * 4  # never below a metre
    assert links["capacity"].tolist() == [100.0] * 4
    assert read_tntp(net, CRS, Told("km", 2.0, MEAN_DAY)).layers["traffic_links"]["capacity"].tolist() == [50.0] * 4


def test_nodes_that_no_file_places_are_drawn_where_that_is_asked(files, english):
    (files / "small_node.tntp").unlink()
    with pytest.raises(InputError, match="nodes: drawn"):
        read_tntp(files / "small_net.tntp", CRS, TOLD)
    found = read_tntp(files / "small_net.tntp", CRS, Told("km", 1.0, MEAN_DAY, drawn=True))
    # A ring of four links of 1 km is drawn as a square; the sides of one whose ways round are 1 and 2 km.
    drawn = shapely.length(found.layers["traffic_links"].geometry.to_numpy())
    assert drawn == pytest.approx(np.full(4, drawn[0]), abs=0.2)
    assert 900.0 < drawn[0] < 1500.0
    told = found.columns[found.columns["column"] == "geometry"]
    assert set(told["origin"][told["layer"].isin(["traffic_links", "traffic_zones"])]) == {"synthetic"}


@pytest.mark.parametrize(
    ("text", "hours", "first"),
    [
        ("1 h", 1.0, None),
        ("1 day", 24.0, None),
        ("30 min", 0.5, None),
        ("07:00-09:00", 2.0, 7.0),
        ("0730_0900", 1.5, 7.5),
        ("7h à 9h", 2.0, 7.0),
        ("22:00-02:00", 4.0, 22.0),
    ],
)
def test_periods_are_read_and_written(text, hours, first):
    found = parse_period(text)
    assert (found.hours, found.first) == (hours, first)
    assert parse_period(str(found)) == found


@pytest.mark.parametrize("text", ["1", "2 days", "0 h", "5 min", "peak", "07:00-", "25:00-26:00", 1, True, None])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(QuantityError):
        parse_period(text)


@pytest.mark.parametrize(("period", "hours"), [("1 h", [17]), ("07:00-09:00", [7, 8]), ("23:00-01:00", [23, 0])])
@pytest.mark.parametrize("kind", ["direct", "heavy", "commute"])
def test_trips_of_some_hours_are_driven_in_these_hours_of_a_working_day(period, hours, kind):
    """What the file counts is what the model has there, whatever else its day holds."""
    told = parse_period(period)
    frame = pd.DataFrame(
        {"kind": [kind], "trips": [600.0], "hours": [told.hours], "first_hour": [told.first or np.nan]}
    )
    day = mean_day(frame, values())
    shape, row = day_shape(values()), KINDS.index(kind)
    driven = (shape.out + shape.back)[row, hours].sum() * day[0] * workday_scale(values())
    assert driven == pytest.approx(600.0)
    assert mean_day(frame.assign(hours=24.0), values()) == pytest.approx([600.0])


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
    found = read_gmns(folder, CRS, MEAN_DAY).layers
    links = found["traffic_links"]
    streets = links[links["kind"] == "street"]
    assert streets["link_id"].tolist() == ["1", "2", "1-", "2-"]
    assert streets["capacity"].tolist() == [900.0, 1800.0, 900.0, 1800.0]
    assert streets["length"].tolist() == [1000.0] * 4
    assert found["traffic_zones"]["zone_id"].tolist() == ["zone 1", "zone 2"]
    found = typed_layers(**found)
    supply = supply_of(found, values())
    assert supply.dropped == 0
    trips = demand_of(found["traffic_demand"], supply, values())
    flow = equilibrium(supply.links, Demand.of(trips.sum(axis=0))).total
    assert sorted(flow[~supply.connector]) == pytest.approx([100, 100, 400, 400])


def test_gmns_units_are_those_of_the_configuration(folder):
    (folder / "config.csv").write_text("dataset_name,long_length,speed\nx,mile,mph\n", encoding="utf-8")
    links = read_gmns(folder, CRS, MEAN_DAY).layers["traffic_links"]
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
        read_gmns(folder, CRS, MEAN_DAY)
    for word in words:
        assert word in str(caught.value)


def test_gmns_crs_is_that_of_the_configuration(folder, english):
    (folder / "config.csv").write_text("dataset_name,crs\nx,EPSG:3945\n", encoding="utf-8")
    assert read_gmns(folder, CRS, MEAN_DAY).layers["traffic_links"].crs.to_epsg() == 3945
    (folder / "config.csv").write_text("dataset_name,crs\nx,nonsense\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"config\.csv:2, column crs: unknown CRS « nonsense »"):
        read_gmns(folder, CRS, MEAN_DAY)


CENTROIDS = {
    "node.csv": (
        "node_id,name,x_coord,y_coord,node_type,zone_id\n9,North,0,500,centroid,1\nA,,0,0,,\nB,,1000,0,,2\nC,,2000,0,,2\n"
    ),
    "link.csv": (
        "link_id,from_node_id,to_node_id,directed,length,facility_type,free_speed,lanes,capacity,vdf_alpha,vdf_beta\n"
        "1,A,B,0,1,primary,50,1,900,0.5,2\n2,B,C,0,1,street,50,2,900,,\n3,9,A,0,0.5,,30,1,5000,0,1\n"
    ),
    "demand.csv": "o_zone_id,d_zone_id,volume\n1,2,400\n2,1,100\n",
}


def test_gmns_centroids_are_zones_and_their_links_connectors(tmp_path):
    for name, text in CENTROIDS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = read_gmns(tmp_path, CRS, MEAN_DAY).layers
    zones = found["traffic_zones"].set_index("zone_id")
    # Zone 1 is its centroid; zone 2 has none, and lies in the middle of its nodes.
    assert zones["name"].to_dict() == {"9": "North", "zone 2": "2"}
    assert [(point.x, point.y) for point in zones.geometry] == [(0.0, 500.0), (1500.0, 0.0)]
    links = found["traffic_links"].set_index("link_id")
    assert links["kind"].to_dict() == {
        **dict.fromkeys(("1", "2", "1-", "2-"), "street"),
        **dict.fromkeys(("3", "3-", "zone 2>B", "zone 2>C", "zone 2<B", "zone 2<C"), "connector"),
    }
    assert links["road_class"].dropna().to_dict() == {"1": "primary", "1-": "primary"}
    assert links.loc[["1", "3"], "b"].tolist() == [0.5, 0.0]
    assert links.loc["1", "power"] == 2.0
    assert np.isnan(links.loc["2", "b"])
    assert found["traffic_demand"][["origin", "destination"]].to_numpy().tolist() == [["9", "zone 2"], ["zone 2", "9"]]


def same_traffic(before, after):
    """Links, zones and demand are the same, whatever the order of the zones."""
    ours, theirs = (layers["traffic_links"].set_index("link_id") for layers in (before, after))
    assert ours.index.tolist() == theirs.index.tolist()
    for column in ("from_node", "to_node", "kind"):
        assert ours[column].tolist() == theirs[column].tolist()
    for column in ("length", "speed", "capacity", "b", "power"):
        assert column not in ours or np.allclose(ours[column], theirs[column], rtol=1e-9, equal_nan=True), column
    assert shapely.hausdorff_distance(ours.geometry.to_numpy(), theirs.geometry.to_numpy()).max() < 2e-3
    ours, theirs = (layers["traffic_zones"].set_index("zone_id").sort_index() for layers in (before, after))
    assert ours.index.tolist() == theirs.index.tolist()
    assert ours.distance(theirs).max() < 2e-3


def one_way(layers):
    """One-way vehicles of a mean day by pair of zones."""
    frame = layers["traffic_demand"]
    both = frame["kind"].isin(("commute", "other"))
    there = frame.assign(trips=frame["trips"].where(~both, frame["trips"] / 2))
    back = there[both].rename(columns={"origin": "destination", "destination": "origin"})
    return pd.concat([there, back]).groupby(["origin", "destination"])["trips"].sum()


@pytest.mark.parametrize("files", [GMNS, CENTROIDS], ids=["plain", "centroids"])
def test_gmns_survives_writing_and_reading(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    layers = read_gmns(tmp_path, CRS, MEAN_DAY).layers
    written = write_gmns(layers, tmp_path / "again")
    assert sorted(path.name for path in written) == ["config.csv", "demand.csv", "link.csv", "node.csv"]
    again = read_gmns(tmp_path / "again", pyproj.CRS.from_epsg(4326)).layers  # the files tell their CRS
    assert again["traffic_links"].crs == CRS
    same_traffic(layers, again)
    assert set(layers["traffic_zones"]["name"]) == set(again["traffic_zones"]["name"])
    for column in ("origin", "destination", "trips"):
        assert layers["traffic_demand"][column].tolist() == again["traffic_demand"][column].tolist()
    # And so for ever.
    second = write_gmns(again, tmp_path / "second")
    third = write_gmns(read_gmns(tmp_path / "second", CRS).layers, tmp_path / "third")
    assert [path.read_bytes() for path in second] == [path.read_bytes() for path in third]


def test_the_town_survives_gmns(town, tmp_path):
    write_gmns(town.layers, tmp_path)
    again = read_gmns(tmp_path, town.crs).layers
    same_traffic(town.layers, again)
    assert one_way(again).to_dict() == pytest.approx(one_way(town.layers).to_dict())
    links = town.layers["traffic_links"]
    assert again["traffic_links"]["road_class"].tolist() == links["road_class"].tolist()
    lanes = pd.read_csv(tmp_path / "link.csv")["lanes"].dropna()
    assert (lanes == lanes.round()).all(), "lanes are whole in GMNS"
    assert (links["lanes"].dropna() % 1 > 0).any(), "a town where that says something"


def test_zones_that_may_be_passed_stay_so_in_gmns(files):
    """In TNTP zones are nodes of the streets; where ways may pass them, GMNS knows them as nodes of a zone."""
    net = files / "small_net.tntp"
    for through, kinds in ((3, {"centroid"}), (1, {""})):
        net.write_text(NET.replace("<FIRST THRU NODE> 3", f"<FIRST THRU NODE> {through}"), encoding="utf-8")
        layers = read_tntp(net, CRS, TOLD).layers
        write_gmns(layers, files / "net")
        nodes = pd.read_csv(files / "net" / "node.csv", dtype=str, keep_default_na=False)
        assert set(nodes["node_type"][nodes["zone_id"] != ""]) == kinds
        flows = []
        for each in (layers, read_gmns(files / "net", CRS).layers):
            whole = {**each, "traffic_signals": NETWORK.attributes.empty("traffic_signals", CRS)}
            supply = supply_of(whole, values())
            trips = demand_of(whole["traffic_demand"], supply, values())
            found = equilibrium(supply.links, Demand.of(trips.sum(axis=0)))
            street = ~supply.connector
            names = whole["traffic_links"]["link_id"].to_numpy()[supply.row[street]]
            flows.append(dict(zip(names, zip(found.total[street], found.time[street], strict=True), strict=True)))
        assert flows[0].keys() == flows[1].keys()
        for link, (flow, time) in flows[0].items():
            assert flows[1][link] == pytest.approx((flow, time)), link


def test_gmns_without_demand_leaves_none_of_another_network(folder):
    layers = read_gmns(folder, CRS, MEAN_DAY).layers
    del layers["traffic_demand"]
    assert (folder / "demand.csv").is_file()
    write_gmns(layers, folder)
    assert "traffic_demand" not in read_gmns(folder, CRS, MEAN_DAY).layers


def test_trips_of_unknown_zones_are_not_written(folder, tmp_path, english):
    layers = dict(read_gmns(folder, CRS, MEAN_DAY).layers)
    layers["traffic_demand"] = layers["traffic_demand"].assign(destination=["zone 2", "zone 7"])
    with pytest.raises(InputError, match="zone 7") as caught:
        write_gmns(layers, tmp_path / "out")
    assert caught.value.problems[0].features == ("D000002",)
    assert not (tmp_path / "out").exists()


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

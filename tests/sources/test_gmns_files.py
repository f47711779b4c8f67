"""GMNS folders as others write them: units, uses, geometries apart, and all that is wrong with them told at once."""

import numpy as np
import pyproj
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.networks.mobility.formats.gmns import read_gmns
from jumeau.networks.mobility.formats.period import Period

CRS = pyproj.CRS.from_epsg(2154)
DAY = Period(24.0)

NODES = "node_id,x_coord,y_coord,zone_id\nA,0,0,1\nB,1000,0,\nC,2000,0,2\nD,1000,500,\n"
LINKS = (
    "link_id,from_node_id,to_node_id,directed,length,free_speed,lanes,capacity\n"
    "1,A,B,0,1,50,1,900\n2,B,C,0,1,50,2,900\n"
)
DEMAND = "o_zone_id,d_zone_id,volume\n1,2,400\n2,1,100\n"


@pytest.fixture
def folder(tmp_path):
    """A folder of tables, with a function that writes one."""

    def write(**tables):
        for name, text in {"node": NODES, "link": LINKS, "demand": DEMAND, **tables}.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def streets(found):
    links = found.layers["traffic_links"]
    return links[links["kind"] == "street"].set_index("link_id")


def problems(folder, period=DAY):
    with pytest.raises(InputError) as caught:
        read_gmns(folder, CRS, period)
    return caught.value.problems


def test_units_and_crs_of_the_configuration_hold(folder):
    config = "dataset_name,short_length,long_length,speed,crs,geometry_field_format\nx,foot,Feet,MPH,32619,WKT\n"
    found = read_gmns(folder(config=config), CRS, DAY)
    assert found.layers["traffic_links"].crs.to_epsg() == 32619
    assert streets(found)["length"].iloc[0] == pytest.approx(0.3048)
    assert streets(found)["speed"].iloc[0] == pytest.approx(80.4672)
    # A link of a foot that is drawn a kilometre long is odd.
    (odd,) = found.warnings
    assert odd.column == "length"


@pytest.mark.parametrize(
    ("column", "value"), [("long_length", "furlong"), ("speed", "knot"), ("geometry_field_format", "shp"), ("crs", "1")]
)
def test_what_a_configuration_says_and_nobody_knows_is_told(folder, english, column, value):
    (found,) = problems(folder(config=f"dataset_name,{column}\nx,{value}\n"))
    assert (found.column, found.value, found.line) == (column, value, 2)
    assert found.file.endswith("config.csv")


def test_the_period_of_trips_is_warned_of_by_name_unless_a_file_states_it(folder, english):
    taken = read_gmns(folder(), CRS)
    (found,) = (item for item in taken.warnings if item.column == "demand_period")
    assert found.warning
    assert "a mean day" in found.message
    assert "demand_period" in found.hint
    assert taken.layers["traffic_demand"]["hours"].tolist() == [24.0, 24.0]
    assert not [item for item in read_gmns(folder(), CRS, Period(1.0, None)).warnings if item.column == "demand_period"]
    trips = read_gmns(folder(config="dataset_name,demand_period\nx,07:00-09:00\n"), CRS).layers["traffic_demand"]
    assert trips["hours"].tolist() == [2.0, 2.0]
    assert trips["first_hour"].tolist() == [7.0, 7.0]


def test_the_settings_of_an_assignment_state_the_period(folder):
    """As DTALite keeps them beside its tables."""
    settings = (
        "[agent_type],agent_type,name,\n,p,passenger,\n,,,\n"
        "[demand_period],demand_period_id,demand_period,time_period\n,1,AM,0700_0800\n"
    )
    trips = read_gmns(folder(settings=settings), CRS).layers["traffic_demand"]
    assert (trips["hours"].iloc[0], trips["first_hour"].iloc[0]) == (1.0, 7.0)


USES = (
    "link_id,from_node_id,to_node_id,directed,lanes,capacity,free_speed,facility_type,allowed_uses\n"
    'car,A,B,0,1,900,50,,"auto, bike"\nall,B,C,0,1,900,50,ARTERIAL,ALL\nlane,B,D,0,1,900,50,,GP\n'
    'path,A,C,0,0,,,sidewalk,"walk, bike"\nbus,A,D,0,1,900,50,,bus\nold,D,C,0,,,,SIDEWALK,\nnone,A,C,0,0,900,50,,auto\n'
)
GROUPS = 'use_group,uses,description\nGP,"sov, HOV",\nHOV,"hov2,hov3+",\n'


def test_links_where_no_car_may_go_are_no_roads(folder, english):
    found = read_gmns(folder(link=USES, use_group=GROUPS), CRS, DAY)
    assert [name for name in streets(found).index if not name.endswith("-")] == ["car", "all", "lane"]
    notes = "\n".join(found.notes)
    assert "3 link(s) left out, where no car may go" in notes
    assert "1 link(s) left out, without a lane" in notes


def test_an_unknown_use_is_told_rather_than_guessed(folder, english):
    (found,) = problems(folder(link=USES))
    assert (found.column, found.value, found.line) == ("allowed_uses", "GP", 4)


def test_capacity_is_per_lane_and_one_that_is_missing_is_told(folder, english):
    text = LINKS.replace("1,A,B,0,1,50,1,900", "1,A,B,0,1,50,1,").replace("50,2,900", "50,,900")
    found = read_gmns(folder(link=text), CRS, DAY)
    assert np.isnan(streets(found)["capacity"].loc["1"])
    assert streets(found)["capacity"].loc["2"] == 900.0
    assert [(item.column, item.line) for item in found.warnings] == [("lanes", 3), ("capacity", 2)]
    assert "saturation flow" in found.warnings[1].message
    assert streets(read_gmns(folder(), CRS, DAY))["capacity"].loc["2"] == 1800.0


def test_identifiers_given_twice_are_told_with_both_lines(folder, english):
    found = problems(folder(node=NODES + "B,9000,9000,\n", link=LINKS + "1,A,C,0,1,50,1,900\n"))
    assert [(item.column, item.line, item.features) for item in found] == [
        ("node_id", 3, ("line 3", "line 6")),
        ("link_id", 2, ("line 2", "line 4")),
    ]
    assert "« B »" in found[0].message


def test_lines_are_those_of_the_file_even_behind_blank_ones(folder, english):
    (found,) = problems(folder(node=NODES.replace("D,1000", "\n\nD,one")))
    assert found.line == 7


def test_all_that_is_wrong_is_told_at_once_and_counted(folder, english):
    rows = "".join(f"x{row},A,Z{row},0,1,fast,1,0\n" for row in range(7))
    found = problems(folder(link=LINKS + rows, demand=DEMAND + "9,1,-3\n1,8,2\n"), None)
    told = {(item.column, item.line, max(len(item.features), 1)) for item in found}
    assert told == {
        ("to_node_id", 4, 7),
        ("free_speed", 4, 7),
        ("capacity", 4, 7),
        ("volume", 4, 1),
        ("o_zone_id", 4, 1),
        ("d_zone_id", 5, 1),
    }
    assert "[7 feature(s): line 4, line 5, line 6, line 7, line 8, …]" in str(found[0])


def test_what_is_missing_of_a_folder_is_told_whole(tmp_path, english):
    """A folder that holds links alone, such as some examples of the specification."""
    (tmp_path / "link.csv").write_text(LINKS.replace("from_node_id", "from"), encoding="utf-8")
    found = problems(tmp_path)
    assert {(item.file.rsplit("/", 1)[-1], item.column) for item in found} == {
        ("node.csv", ""),
        ("link.csv", "from_node_id"),
        ("node.csv", "zone_id"),
    }


def test_geometries_may_lie_apart_and_run_backwards(folder, english):
    head = "link_id,from_node_id,to_node_id,directed,geometry_id,geometry,dir_flag,length,free_speed,lanes,capacity\n"
    links = head + (
        "1,A,B,1,g1,,1,1,50,1,900\n2,B,A,1,g1,,-1,1,50,1,900\n"
        '3,B,C,1,,"LINESTRING (1000 0, 1500 10, 2000 0)",1,1,50,1,900\n4,C,B,1,g9,,1,1,50,1,900\n'
    )
    shapes = 'geometry_id,geometry\ng1,"LINESTRING (0 0, 500 20, 1000 0)"\n'
    found = read_gmns(folder(link=links, geometry=shapes), CRS, DAY)
    drawn = streets(found).geometry
    assert shapely.to_wkt(drawn["1"], trim=True) == "LINESTRING (0 0, 500 20, 1000 0)"
    assert shapely.to_wkt(drawn["2"], trim=True) == "LINESTRING (1000 0, 500 20, 0 0)"
    assert shapely.get_num_points(drawn["3"]) == 3
    assert shapely.get_num_points(drawn["4"]) == 2
    assert [(item.column, item.value) for item in found.warnings] == [("geometry_id", "g9")]


def test_geometries_in_geojson_are_read_and_what_is_none_is_told(folder, english):
    config = "dataset_name,geometry_field_format\nx,geojson\n"
    head = "link_id,from_node_id,to_node_id,directed,geometry,length,free_speed,lanes,capacity\n"
    good = '1,A,B,1,"{""type"":""LineString"",""coordinates"":[[0,0],[500,9],[1000,0]]}",1,50,1,900\n'
    found = read_gmns(folder(config=config, link=head + good + "2,B,A,1,,1,50,1,900\n"), CRS, DAY)
    assert shapely.get_num_points(streets(found).geometry["1"]) == 3
    (bad,) = problems(folder(config=config, link=head + good + "2,B,A,1,POINT (1 1),1,50,1,900\n"))
    assert (bad.column, bad.line) == ("geometry", 3)


def test_coordinates_that_look_like_degrees_are_told(folder, english):
    nodes = "node_id,x_coord,y_coord,zone_id\nA,3.87,43.61,1\nB,3.88,43.61,\nC,3.89,43.61,2\nD,3.88,43.62,\n"
    found = read_gmns(folder(node=nodes), CRS, DAY)
    assert "x_coord" in [item.column for item in found.warnings]
    found = read_gmns(folder(node=nodes, config="dataset_name,crs\nx,4326\n"), CRS, DAY)
    assert not found.warnings


def test_the_way_back_never_takes_a_name_that_is_taken(folder):
    links = LINKS + "1-,C,A,1,2,50,1,900\n"
    names = list(streets(read_gmns(folder(link=links), CRS, DAY)).index)
    assert sorted(names) == ["1", "1-", "1--", "2", "2-"]


def test_a_table_in_another_encoding_is_read_when_that_is_said(folder, english):
    path = folder()
    text = NODES.replace("node_id,", "node_id,name,").replace("A,0", "A,Église,0").replace("B,1", "B,,1")
    (path / "node.csv").write_bytes(text.replace("C,2", "C,,2").replace("D,1", "D,,1").encode("latin-1"))
    assert problems(path)[0].line == 2
    assert len(read_gmns(path, CRS, DAY, "latin-1").layers["traffic_zones"]) == 2


def test_names_that_a_shapefile_cut_and_those_of_tools_are_known(folder):
    """As an example of the specification and DTALite write them."""
    head = "Link_ID,from_node_,to_node_id,directed,length,free_speed,lanes,capacity,allowed_us,VDF_alpha1,VDF_beta1\n"
    links = head + "1,A,B,0,1,50,1,900,walk;bike;auto,0.2,5\n2,B,C,0,1,50,1,900,walk;bike, ,\n3,B,C,0,1,50,1,900,,,\n"
    found = streets(read_gmns(folder(link=links), CRS, DAY))
    assert sorted(found.index) == ["1", "1-", "3", "3-"]
    assert (found["b"].loc["1"], found["power"].loc["1"]) == (0.2, 5.0)

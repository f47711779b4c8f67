"""Roads that a drawing leaves open, and those that leave the territory: gaps healed, gates at a known border."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from mobility_kit import CRS, VALUES

from jumeau.networks.mobility.layout.border import limits_of
from jumeau.networks.mobility.layout.gaps import gaps_of, healed, pieces
from jumeau.networks.mobility.layout.links import links_of
from jumeau.networks.mobility.layout.rules import SYNTHESIS
from jumeau.networks.mobility.layout.zones import gates_of, zoning
from jumeau.networks.mobility.physics.counts import counts_of
from jumeau.networks.mobility.physics.gates import counted_gates, with_counts
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.territory.graph import StreetGraph, road_classes
from jumeau.territory.model import COLUMN_FIELDS, Territory

#: So few streets have no border that follows them: the convex hull stands for it.
TABLE = SYNTHESIS.factors({}).override({"border_ratio": 1.0}, "test")

#: A square of side streets of 2 km, with an avenue through its middle that is open over 40 m, a side street that ends
#: 10 m before another one, and a main road that ends far from anything.
LINES = {
    "s1": ("Rue A", "residential", "both", [(0, 0), (2000, 0)]),
    "s2": ("Rue B", "residential", "both", [(2000, 0), (2000, 2000)]),
    "s3": ("Rue C", "residential", "both", [(2000, 2000), (0, 2000)]),
    "s4": ("Rue D", "residential", "both", [(0, 2000), (0, 0)]),
    "m1": ("Avenue M", "primary", "both", [(0, 0), (700, 700)]),
    "m2": ("Avenue M", "primary", "both", [(730, 725), (2000, 2000)]),
    "d1": ("Rue E", "residential", "both", [(2000, 0), (1400, 600)]),
    "d2": ("Rue F", "residential", "both", [(1393, 607), (1300, 900)]),
    "l1": ("Route L", "secondary", "both", [(0, 2000), (500, 1400)]),
}


def territory_of(lines, **layers):
    streets = gpd.GeoDataFrame(
        {
            "street_id": list(lines),
            "name": [row[0] for row in lines.values()],
            "road_class": [row[1] for row in lines.values()],
            "oneway": [row[2] for row in lines.values()],
        },
        geometry=[shapely.LineString(row[3]) for row in lines.values()],
        crs=CRS,
    )
    return Territory("made", streets.crs, {"streets": streets, **layers}, pd.DataFrame(columns=list(COLUMN_FIELDS)))


def gaps_in(lines, **factors):
    made = territory_of(lines)
    streets = made.layers["streets"]
    arcs = StreetGraph.whole(streets)
    table = TABLE.override({name: float(value) for name, value in factors.items()}, "test")
    return made, arcs, gaps_of(arcs, streets, road_classes(streets)[arcs.street], table)


def test_a_main_road_goes_on_where_its_next_piece_begins():
    made, arcs, gaps = gaps_in(LINES)
    assert len(gaps) == 1
    (told,) = gaps.told(made.layers["streets"], arcs)
    assert told.startswith(("m1 > ", "m2 > "))
    assert told.endswith("(39.1 m)")  # sqrt(30^2 + 25^2)
    joined = healed(arcs, gaps)
    assert len(joined.street) == len(arcs.street) + 2
    ends = {tuple(arcs.xy[node]) for node in (gaps.end[0], gaps.other[0])}
    assert ends == {(700.0, 700.0), (730.0, 725.0)}


def test_the_missing_piece_is_a_link_of_the_class_of_its_road():
    made, arcs, gaps = gaps_in(LINES)
    streets = made.layers["streets"]
    joined = healed(arcs, gaps)
    missing = joined.taken(np.arange(len(joined.street)) >= len(arcs.street))
    found = pieces(missing, links_of(made, missing, TABLE), streets)
    assert found["road_class"].tolist() == ["primary"] * 2
    assert found["road"].tolist() == ["Avenue M"] * 2
    assert found["link_id"].is_unique
    assert found["link_id"].str.startswith("gap m").all()
    assert found["length"].tolist() == pytest.approx([39.05] * 2)
    assert found.geometry.length.to_numpy() == pytest.approx(np.hypot(30, 25))


def test_how_far_is_a_factor_and_one_way_streets_stay_so():
    assert len(gaps_in(LINES, gap_same_name=30, gap_reach=30)[2]) == 0
    assert len(gaps_in(LINES, gap_same_name=0, gap_reach=0)[2]) == 0
    one = LINES | {
        "m1": ("Avenue M", "primary", "forward", LINES["m1"][3]),
        "m2": ("Avenue M", "primary", "forward", LINES["m2"][3]),
    }
    _made, arcs, gaps = gaps_in(one)
    joined = healed(arcs, gaps)
    (piece,) = range(len(arcs.street), len(joined.street))
    # From where the first piece ends to where the second starts, never back.
    assert tuple(joined.xy[joined.tail[piece]]) == (700.0, 700.0)
    assert tuple(joined.xy[joined.head[piece]]) == (730.0, 725.0)


def test_what_lies_behind_an_end_is_no_way_on():
    """A street beside the last metres of a main road, behind its end, is not joined."""
    lines = LINES | {"x": ("Avenue X", "primary", "both", [(1000, 0), (1000, 300)]),
                     "y": ("Rue Y", "primary", "both", [(1000, 260), (1400, 250)])}  # fmt: skip
    lines["m2"] = ("Avenue N", "primary", "both", [(900, 900), (2000, 2000)])
    _made, arcs, gaps = gaps_in(lines, gap_same_name=45)
    joined = {(tuple(arcs.xy[a]), tuple(arcs.xy[b])) for a, b in zip(gaps.end, gaps.other, strict=True)}
    assert ((1000.0, 300.0), (1000.0, 260.0)) not in joined


# Gates ----------------------------------------------------------------------------------------------------------------


def quarters():
    """Two areas with a sliver between them, whose border touches the east of the streets."""
    areas = [shapely.box(-500, -500, 998, 2500), shapely.box(1002, -500, 2030, 2500)]
    return gpd.GeoDataFrame({"zone_id": ["a", "b"], "name": ["A", "B"]}, geometry=areas, crs=CRS)


def test_a_main_road_that_touches_the_border_is_a_gate():
    lines = LINES | {"b": ("Boulevard B", "tertiary", "both", [(2000, 1000), (2000, 1100)]),
                     "c": ("Rue G", "residential", "both", [(2000, 1100), (1500, 1300)]),
                     "d": ("Rue H", "residential", "both", [(2000, 1000), (1500, 800)])}  # fmt: skip
    made = territory_of(lines, zones=quarters())
    limits = limits_of(made)
    assert shapely.distance(limits, shapely.Point(1000, 1000)) > 500.0  # the sliver is no border
    streets = made.layers["streets"]
    arcs = StreetGraph.whole(streets)
    classes = road_classes(streets)[arcs.street]
    alone, _weight = gates_of(arcs, classes, TABLE)
    found, weight = gates_of(arcs, classes, TABLE, limits)
    added = {tuple(arcs.xy[nodes[0]]) for nodes in found} - {tuple(arcs.xy[nodes[0]]) for nodes in alone}
    # The boulevard's two nodes are one gate; the avenue's corner is another; side streets are none.
    assert len(added & {(2000.0, 1000.0), (2000.0, 1100.0)}) == 1
    assert (2000.0, 2000.0) in added
    assert (2000.0, 0.0) not in added
    assert len(weight) == len(found)
    none, _weight = gates_of(arcs, classes, TABLE.override({"gate_border": 0.0}, "test"), limits)
    assert len(none) == len(alone)


def test_counts_on_the_road_of_a_gate_are_what_passes_it():
    from test_traffic_estimation import ALL, counted, street_grid, typed_layers

    layers = typed_layers(**street_grid(zones=6))
    gate = np.array(["gate"] * 3 + ["internal"] * 3)
    layers["traffic_zones"] = layers["traffic_zones"].assign(
        kind=gate, crossing=[3.0, 1.5, 0.5, np.nan, np.nan, np.nan]
    )
    supply = supply_of(layers, ALL | VALUES)
    first = supply.links.head[supply.links.tail == 0][0]
    street = str(supply.street[(supply.links.tail == first) & ~supply.connector][0])
    frame = typed_layers(traffic_counts=counted([street], [4000.0]))["traffic_counts"]
    counts = counts_of(frame, supply)
    row = int(supply.zone_row[0])
    told = counted_gates(layers["traffic_zones"], layers["traffic_links"], supply, counts, 10.0)
    assert told[row] == 8000.0  # both directions
    found = with_counts(
        layers["traffic_zones"], layers["traffic_links"], supply, counts, {"gate_count_reach": 10.0}
    )["crossing"]  # fmt: skip
    # The others keep their weight over that of the gate that is counted.
    assert found[row] == 8000.0
    assert found[1] / found[0] == pytest.approx(0.5)
    assert found[3:].isna().all()
    far = counted_gates(layers["traffic_zones"], layers["traffic_links"], supply, counts.part(np.array([False])), 10.0)
    assert np.isnan(far).all()


@pytest.mark.parametrize("living", [True, False])
def test_places_where_nobody_lives_or_works_make_no_zone(living):
    """A zone lies among its people: sheds at the other end of the town neither make one of their own nor move one.

    Where nobody lives at all, the places themselves stand for people: no zone lies at the origin of coordinates.
    """
    corner = [(x, y) for x in (100.0, 200.0, 300.0) for y in (100.0, 200.0)]
    far = [(x, y) for x in (1700.0, 1800.0, 1900.0) for y in (1700.0, 1800.0)]
    places = gpd.GeoDataFrame(
        {"address_id": [f"a{row}" for row in range(12)]}, geometry=[shapely.Point(*xy) for xy in corner + far], crs=CRS
    )
    cells = gpd.GeoDataFrame(
        {"cell_id": ["near", "far"], "residents": [600.0 * living, 0.0], "jobs": [60.0 * living, 0.0]},
        geometry=[shapely.box(0, 0, 1000, 1000), shapely.box(1000, 1000, 2000, 2000)],
        crs=CRS,
    )
    made = territory_of(LINES, addresses=places, population=cells)
    table = TABLE.override({"zone_people": 50.0}, "test")
    found = zoning(made, StreetGraph.whole(made.layers["streets"]), table).zones
    inside = found[found["kind"] == "internal"]
    assert inside["residents"].sum() == pytest.approx(600.0 * living)
    xy = shapely.get_coordinates(inside.geometry.to_numpy())
    low, high = (100.0, 300.0) if living else (100.0, 1900.0)
    assert xy.min() >= low
    assert xy.max() <= high
    assert len(inside) >= 1

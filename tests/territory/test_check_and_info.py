"""The check finds what was broken on purpose; the description adds up, in both languages."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from jumeau.attributes import AttributeTable
from jumeau.engine.checks import check_layers
from jumeau.errors import Problem
from jumeau.i18n import language
from jumeau.network import discover
from jumeau.territory.check import check_territory
from jumeau.territory.graph import street_parts
from jumeau.territory.info import align, info_table, territory_info, told_rule
from jumeau.territory.model import Territory, column_rows

X, Y = 770000.0, 6280000.0


def village(**changes):
    streets = gpd.GeoDataFrame(
        {"street_id": ["1", "2"], "name": ["A", "B"], "road_class": ["residential", "tertiary"],
         "oneway": ["both", "both"],
         "from_node": ["a", "b"], "to_node": ["b", "c"], "width": [5.0, 7.0],
         "width_origin": ["observed", "imputed"]},
        geometry=[shapely.LineString([(X, Y), (X + 600, Y)]), shapely.LineString([(X + 600, Y), (X + 1000, Y)])],
        crs=2154,
    )  # fmt: skip
    nodes = gpd.GeoDataFrame(
        {"node_id": ["a", "b", "c"]}, geometry=gpd.points_from_xy([X, X + 600, X + 1000], [Y] * 3), crs=2154
    )
    layers = {"streets": streets, "street_nodes": nodes} | changes
    rows = [
        column_rows(name, [str(c) for c in layer.columns if not str(c).endswith("_origin")], "observed", source="town")
        for name, layer in layers.items()
    ]
    return Territory("village", pyproj.CRS.from_epsg(2154), layers, pd.concat(rows, ignore_index=True))


def messages(problems):
    return {(problem.layer, problem.column): problem for problem in problems}


@pytest.fixture(autouse=True)
def _english(english):
    pass


def test_sound_village():
    assert check_territory(village()) == ([], [])


def test_unknown_nodes_and_streets_without_length():
    streets = village().layer("streets")
    streets.loc[1, "to_node"] = "nowhere"
    streets.loc[0, "geometry"] = shapely.LineString([(X, Y), (X, Y)])
    errors, _warnings = check_territory(village(streets=streets))
    assert messages(errors)["streets", "to_node"].features == ("2",)
    assert "nowhere" in messages(errors)["streets", "to_node"].value
    assert any(problem.message == "streets without length" and problem.features == ("1",) for problem in errors)


def test_parts_that_hang_apart():
    streets = village().layer("streets")
    extra = streets.iloc[[0, 0]].copy()
    extra["street_id"], extra["from_node"], extra["to_node"] = ["3", "4"], ["x", "b"], ["y", "a"]
    extra.geometry = extra.geometry.translate(0, 500)
    both = pd.concat([streets, extra], ignore_index=True)
    assert street_parts(both).tolist() == [0, 0, 1, 0]
    nodes = pd.concat([village().layer("street_nodes"), gpd.GeoDataFrame({"node_id": ["x", "y"]},
                       geometry=gpd.points_from_xy([X, X], [Y + 500, Y + 501]), crs=2154)])  # fmt: skip
    _errors, warnings = check_territory(village(streets=both, street_nodes=nodes))
    apart = next(problem for problem in warnings if "2 parts" in problem.message)
    assert apart.features == ("3",)


def test_bad_values_ids_and_geometry():
    streets = village().layer("streets")
    streets["street_id"] = "1"
    streets.loc[0, "width"] = -3.0
    streets.loc[1, "road_class"] = "boulevard"
    streets.loc[1, "geometry"] = None
    errors, _warnings = check_territory(village(streets=streets))
    told = {problem.message for problem in errors}
    assert {"an identifier stands more than once", "missing, empty or infinite geometry"} <= told
    assert messages(errors)["streets", "width"].value == "-3.0"
    assert messages(errors)["streets", "road_class"].value == "boulevard"


def test_lamps_far_away_and_without_cabinet(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text(
        "layer,attribute,type,unit,default,required,choices,minimum,maximum,unique,references,description,source\n"
        "lamps,geometry,geometry,Point,,yes,,,,,,x,x\nlamps,lamp_id,string,,,yes,,,,yes,,x,x\n"
        "lamps,cabinet_id,string,,,no,,,,,cabinets.cabinet_id,x,x\n"
        "lamps,street_id,string,,,no,,,,,streets.street_id,x,x\ncabinets,geometry,geometry,Point,,yes,,,,,,x,x\n"
        "cabinets,cabinet_id,string,,,yes,,,,yes,,x,x\n", encoding="utf-8",
    )  # fmt: skip
    lamps = gpd.GeoDataFrame(
        {"lamp_id": ["L1", "L2", "L3"], "cabinet_id": ["C1", "C9", None]},
        geometry=gpd.points_from_xy([X + 10, X + 20, X + 30], [Y + 5, Y + 99, Y + 101]), crs=2154,
    )  # fmt: skip
    cabinets = gpd.GeoDataFrame({"cabinet_id": ["C1"]}, geometry=gpd.points_from_xy([X], [Y]), crs=2154)
    errors, warnings = check_territory(village(lamps=lamps, cabinets=cabinets), [AttributeTable.read(table)])
    assert messages(errors)["lamps", "cabinet_id"].features == ("L2",)
    assert messages(warnings)["lamps", "cabinet_id"].features == ("L3",)
    assert next(problem for problem in warnings if "100 m" in problem.message).features == ("L3",)


def test_layer_far_away_undeclared_layer_and_silent_column():
    away = gpd.GeoDataFrame({"zone_id": ["z"], "name": ["Z"]}, geometry=[shapely.box(0, 6e6, 9, 6e6 + 9)], crs=2154)
    stray = gpd.GeoDataFrame({"id": ["s"]}, geometry=gpd.points_from_xy([X], [Y]), crs=2154)
    territory = village(zones=away, stray=stray)
    territory = Territory(territory.name, territory.crs, territory.layers, territory.columns.query("column != 'width'"))
    _errors, warnings = check_territory(territory)
    told = {(problem.layer, problem.column) for problem in warnings}
    assert {("zones", ""), ("stray", ""), ("streets", "width")} <= told


def test_checks_of_networks_are_called_where_their_layers_are_sound():
    tables, checks = [AttributeTable([])], [lambda _territory: [Problem("the network says no")]]
    errors, _warnings = check_territory(village(), tables, checks)
    assert [problem.message for problem in errors] == ["the network says no"]
    streets = village().layer("streets")
    streets.loc[0, "width"] = -3.0
    errors, _warnings = check_territory(village(streets=streets), tables, checks)
    assert [problem.column for problem in errors] == ["width"]


def test_info_adds_up():
    table = info_table(village())
    assert table.figures["street length"] == pytest.approx((1.0, "km")) or table.figures["street length"][0] == 1.0
    width = table.columns.set_index(["layer", "column"]).loc[("streets", "width")]
    assert (width["observed"], width["imputed"], width["synthetic"]) == (0.5, 0.5, 0.0)
    assert (table.layers[["observed", "imputed", "synthetic"]].sum(axis=1) - 1).abs().max() < 1e-12
    assert list(table.sources["source"]) == ["town"]


@pytest.mark.parametrize(("lang", "words"), [("fr", ["longueur des rues", "observé", "50 %", "1,0 km"]),
                                              ("en", ["length of streets", "observed", "50 %", "1.0 km"])])  # fmt: skip
def test_info_in_both_languages(lang, words):
    with language(lang):
        text = territory_info(village())
    for word in words:
        assert word in text.replace("\u00a0", " ").replace("\u202f", " ")
    assert all(line == line.rstrip() for line in text.splitlines())


def test_rules_are_told_in_french():
    with language("fr"):
        told = told_rule("translated from the column: SENS; elsewhere by default: both")
        nested = told_rule("read from the column: V; elsewhere: usual value of the road class and direction")
    told, nested = (text.replace("\u00a0", " ").replace("\u202f", " ") for text in (told, nested))
    assert told == "traduit de la colonne : SENS; ailleurs, par défaut : both"
    assert nested == "lu dans la colonne : V; ailleurs : valeur usuelle de la classe et du sens de la rue"


def test_a_rule_of_several_sentences_is_told_in_french_after_another_one():
    discover()  # each network brings its own messages
    own = "class of the street; residential where there is no street"
    with language("fr"):
        told, alone = told_rule(f"read from the column: V; elsewhere: {own}"), told_rule(own)
    assert alone != own
    assert told.replace("\u00a0", " ") == f"lu dans la colonne : V; ailleurs : {alone}".replace("\u00a0", " ")


def test_aligned_columns():
    assert align([["é", "10"], ["abc", "9"]], right=(1,)) == ["é    10", "abc   9"]


@pytest.mark.parametrize("odd", [None, shapely.Point(), shapely.Point(np.nan, np.nan), shapely.Point(np.inf, 0.0)])
def test_what_has_no_place_is_told_and_hinders_no_other_check(town, odd):
    streets, lamps = town.layers["streets"].copy(), town.layers["lamps"].copy()
    streets.loc[0, "geometry"] = shapely.LineString() if odd is not None else None
    lamps.loc[3, "geometry"] = odd
    changed = replace(town, layers={**town.layers, "streets": streets, "lamps": lamps})
    network = discover()["lighting"]
    errors, _warnings = check_territory(changed, [network.attributes])
    told = {problem.layer: problem.features for problem in errors}
    assert told["lamps"] == (lamps.loc[3, "lamp_id"],)
    assert told["streets"] == (streets.loc[0, "street_id"],)
    assert territory_info(changed)


def test_before_a_run_only_what_somebody_brought_is_told(town):
    """The ends of the zones' connectors name no street; the same gap in an inventory is the user's to look at."""
    network = discover()["lighting"]
    lamps = town.layer("lamps")
    lamps["cabinet_id"] = lamps["cabinet_id"].mask(lamps.index < 3)
    gaps = town.with_layers({"lamps": lamps})
    assert check_layers(gaps, [network]) == []
    own = replace(gaps, meta={**gaps.meta, "synthetic": "no"})
    assert check_layers(own, [network]) == []
    rows = own.columns.assign(origin=own.columns["origin"].mask(own.columns["layer"] == "lamps", "observed"))
    (told,) = check_layers(replace(own, columns=rows), [network])
    assert (told.layer, told.column, len(told.features)) == ("lamps", "cabinet_id", 3)

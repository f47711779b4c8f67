"""What completion fills in, what it leaves alone, and what it says of both."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest

from jumeau.factors import FactorTable
from jumeau.network import discover
from jumeau.territory.completion import Rule, fill, lay_out, missing
from jumeau.territory.model import Territory, column_rows
from jumeau.territory.synthesis import Synthesis

CRS = pyproj.CRS.from_epsg(2154)
RULE = Rule("a rule", source="a table", licence="free", date="2025")


def masts(**columns):
    """Three masts whose columns were read from a file of a town."""
    frame = gpd.GeoDataFrame(
        {"mast_id": ["a", "b", "c"], **columns}, geometry=gpd.points_from_xy([7e5] * 3, [66e5] * 3), crs=CRS
    )
    said = [name for name in frame.columns if not name.endswith("_origin")]
    rows = column_rows("masts", said, "observed", rule="read", source="town", licence="LO", date="2014")
    return Territory("masts", CRS, {"masts": frame}, rows)


def row_of(territory, column, layer="masts"):
    (row,) = territory.columns.query("layer == @layer and column == @column").to_dict("records")
    return [row[name] for name in ("origin", "rule", "source", "licence", "date")]


def test_a_column_that_is_not_there_becomes_the_rules():
    made = fill(masts(), "masts", "height", [8.0, 9.0, None], RULE)
    frame = made.layers["masts"]
    assert frame["height"].tolist()[:2] == [8.0, 9.0]
    assert missing(frame, "height").tolist() == [False, False, True]
    assert row_of(made, "height") == ["imputed", "a rule", "a table", "free", "2025"]
    assert list(frame.columns) == ["mast_id", "height", "geometry"]


def test_a_column_without_any_value_becomes_the_rules_whatever_was_said_of_it():
    made = fill(masts(height=[None, "", None], height_origin="observed"), "masts", "height", [8, 9, 7], RULE)
    assert made.layers["masts"]["height"].dtype == np.int64
    assert "height_origin" not in made.layers["masts"]
    assert row_of(made, "height") == ["imputed", "a rule", "a table", "free", "2025"]


def test_no_value_is_replaced_and_each_has_its_origin():
    before = masts(height=[5.0, np.nan, np.nan])
    made = fill(before, "masts", "height", [1.0, 2.0, np.nan], RULE)
    frame = made.layers["masts"]
    assert frame["height"].tolist()[:2] == [5.0, 2.0]
    assert frame["height_origin"].tolist()[:2] == ["observed", "imputed"]
    assert row_of(made, "height") == ["observed", "read; elsewhere: a rule", "town; a table", "LO", "2014"]
    shares = made.origin_shares().set_index("column").loc["height"]
    assert (shares["observed"], shares["imputed"], shares["count"]) == (0.5, 0.5, 2)
    assert before.layers["masts"]["height"].isna().sum() == 2  # the territory given is as it was


def test_the_same_rule_again_is_told_once_and_another_one_after_it():
    made = fill(masts(height=[5.0, np.nan, np.nan]), "masts", "height", [1.0, 2.0, np.nan], RULE)
    again = fill(made, "masts", "height", [9.0, 9.0, 3.0], RULE)
    assert again.layers["masts"]["height"].tolist() == [5.0, 2.0, 3.0]
    assert row_of(again, "height")[1:3] == ["read; elsewhere: a rule", "town; a table"]
    other = fill(made, "masts", "height", [9.0, 9.0, 3.0], Rule("another", "synthetic"))
    assert other.layers["masts"]["height_origin"].tolist() == ["observed", "imputed", "synthetic"]
    assert row_of(other, "height")[1:3] == ["read; elsewhere: a rule; elsewhere: another", "town; a table"]


def test_an_empty_text_is_no_value():
    made = fill(masts(use=["road", "", None]), "masts", "use", ["x", "park", ""], RULE)
    assert made.layers["masts"]["use"].tolist()[:2] == ["road", "park"]
    assert missing(made.layers["masts"], "use").tolist() == [False, False, True]
    assert made.layers["masts"]["use_origin"].tolist()[:2] == ["observed", "imputed"]


def test_values_of_which_nothing_is_said_were_given_by_somebody():
    bare = masts(height=[5.0, np.nan, np.nan])
    bare = Territory("masts", CRS, bare.layers, bare.columns.query("column != 'height'"))
    made = fill(bare, "masts", "height", [1.0, 2.0, 3.0], RULE)
    assert made.layers["masts"]["height_origin"].tolist() == ["observed", "imputed", "imputed"]


def test_one_origin_needs_no_companion():
    imputed = masts(height=[5.0, np.nan, np.nan]).with_layers({}, Rule("first").rows("masts", ["height"]))
    made = fill(imputed, "masts", "height", [1.0, 2.0, 3.0], RULE)
    assert "height_origin" not in made.layers["masts"]
    assert row_of(made, "height")[:2] == ["imputed", "first; elsewhere: a rule"]


def test_nothing_to_fill_changes_nothing():
    full = masts(height=[1.0, 2.0, 3.0])
    assert fill(full, "masts", "height", [9.0, 9.0, 9.0], RULE) is full
    assert fill(full, "masts", "age", [None, np.nan, ""], RULE) is full


def test_numbers_stay_numbers_and_the_order_of_rows_stays():
    town = masts(height=pd.Series([5, None, None], dtype=object))
    mixed = town.with_layers({"masts": town.layers["masts"].iloc[[2, 0, 1]]})
    made = fill(mixed, "masts", "height", [7.0, 0.0, 8.0], RULE).layers["masts"]
    assert made["height"].dtype == np.float64
    assert made["height"].to_dict() == {2: 7.0, 0: 5.0, 1: 8.0}
    assert list(made.index) == [2, 0, 1]


def test_a_new_layer_is_told_of_by_one_rule_or_by_one_for_each_column():
    frame = masts(height=[1.0, 2.0, 3.0]).layers["masts"]
    town = Territory("empty", CRS, {}, column_rows("masts", [], "observed"))
    one = lay_out(town, {"masts": frame}, {"masts": RULE})
    assert row_of(one, "height") == row_of(one, "geometry") == ["imputed", "a rule", "a table", "free", "2025"]
    two = lay_out(town, {"masts": frame}, {"masts": {"mast_id": Rule("read", "observed"), "height": RULE}})
    assert set(two.columns["column"]) == {"mast_id", "height"}
    assert row_of(two, "mast_id")[0] == "observed"
    with pytest.raises(ValueError, match="origin"):
        lay_out(town, {"masts": frame}, {"masts": Rule("a rule", "guessed")})


def test_a_synthesis_cites_its_figures(tmp_path):
    file = tmp_path / "synthesis_factors.csv"
    file.write_text(
        "name,value,low,high,unit,year,source,licence,confidence,description\n"
        "height,8,6,10,m,2025,x,y,low,z\nspacing,30,25,35,m,2025,x,y,low,z\n",
        encoding="utf-8",
    )
    synthesis = Synthesis("masts", file, {"masts": "masts along streets"})
    given = FactorTable({"height": synthesis.shipped["height"], "price": synthesis.shipped["spacing"]})
    table = synthesis.factors(given.override({"height": 9.0}, "scenario"))
    assert [table.value(name) for name in ("height", "spacing", "price")] == [9.0, 30.0, 30.0]
    town = Territory("empty", CRS, {}, column_rows("masts", [], "observed"))
    made = synthesis.lay_out(town, {"masts": masts().layers["masts"]}, {"masts": "two of them on a bridge"})
    cited = ["Jumeau, masts/synthesis_factors.csv", "Apache-2.0", ""]
    assert row_of(made, "mast_id") == ["synthetic", "masts along streets; two of them on a bridge", *cited]
    filled = synthesis.fill(made, "masts", "height", [8.0, 8.0, 8.0], "usual height")
    assert row_of(filled, "height") == ["imputed", "usual height", *cited]


def test_given_gates_keep_what_was_counted_at_them(town):
    """Zones that the territory gave are completed, not made anew when only the demand is missing."""
    mobility = discover()["mobility"]
    zones = town.layer("traffic_zones")
    gates = np.flatnonzero(zones["kind"] == "gate")
    counted = zones["crossing"].where(zones.index == gates[0])
    zones = zones.assign(crossing=counted.where(counted.isna(), 4321.0))
    layers = {name: frame for name, frame in town.layers.items() if name != "traffic_demand"}
    said = [str(column) for column in zones.columns]
    rows = column_rows("traffic_zones", said, "observed", rule="read", source="town", licence="LO")
    given = Territory(town.name, town.crs, layers, town.columns, town.meta).with_layers({"traffic_zones": zones}, rows)
    made = mobility.behaviour.complete(given, mobility.factors, 1)
    after = made.layers["traffic_zones"]
    assert after["crossing"][gates[0]] == 4321.0
    assert after["crossing"][gates].notna().all()
    assert after["crossing_origin"][gates].tolist() == ["observed"] + ["imputed"] * (len(gates) - 1)
    assert row_of(made, "residents", "traffic_zones")[:3] == ["observed", "read", "town"]

"""Tables of attributes: layers typed, defaults applied once, inputs and outputs told apart."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from jumeau.attributes import AttributeTable, check_values, default_value, typed_layer
from jumeau.factors import FactorTable

ATTRIBUTES = """\
layer,attribute,type,unit,default,required,choices,minimum,maximum,unique,references,description,source,status,\
cell_methods,sums_to
taps,geometry,geometry,Point,,yes,,,,,,Where,test,input,,
taps,tap_id,string,,,yes,,,,yes,,Identifier,test,input,,
taps,flow,float,l/h,12.5,no,,0,100,,,Flow,test,input,,
taps,depth,float,m,,no,,,,,,Depth,test,input,,
taps,year,integer,1,1990,no,,,,,,Year,test,input,,
taps,repaired,integer,1,,no,,,,,,Year of repair,test,input,,
taps,kind,enum,,iron,no,iron|brass,,,,,Kind,test,input,,
taps,open,boolean,,yes,no,,,,,,Whether it runs,test,input,,
taps,locked,boolean,,no,no,,,,,,Whether it is locked,test,input,,
taps,note,string,,,no,,,,,,Note,test,input,,
taps,water,float,m3,,no,,,,,,Water let run,test,output,time: sum,water
"""


@pytest.fixture
def table(tmp_path):
    """The attributes of a layer of taps."""
    (tmp_path / "attributes.csv").write_text(ATTRIBUTES, encoding="utf-8")
    return AttributeTable.read(tmp_path / "attributes.csv")


def taps(**columns):
    return gpd.GeoDataFrame({"tap_id": ["a", "b"], **columns}, geometry=shapely.points([0, 1], [0, 1]), crs=2154)


def test_defaults_stand_where_nothing_is_said(table):
    found = typed_layer(taps(), table, "taps")
    assert [row.attribute for row in table.of("taps") if row.type != "geometry"] == [
        name for name in found.columns if name != "geometry"
    ]
    for name, value in {"flow": 12.5, "year": 1990, "kind": "iron", "open": True, "locked": False}.items():
        assert found[name].tolist() == [value] * 2, name
    assert found["depth"].isna().all()
    assert found["repaired"].isna().all()
    assert found["note"].tolist() == [None] * 2
    assert found.dtypes[["flow", "depth", "year", "open", "locked"]].astype(str).tolist() == [
        "float64", "float64", "int64", "bool", "bool"
    ]  # fmt: skip


def test_what_is_said_stays_and_gaps_are_filled(table):
    given = taps(
        flow=[3, None],
        year=["2001", None],
        kind=[None, "brass"],
        open=[False, None],
        locked=["yes", None],
        note=[12.0, "hot"],
        owner=["x", "y"],
    )
    before = given.copy()
    found = typed_layer(given, table, "taps")
    assert found["flow"].tolist() == [3.0, 12.5]
    assert found["year"].tolist() == [2001, 1990]
    assert found["kind"].tolist() == ["iron", "brass"]
    assert found["open"].tolist() == [False, True]
    assert found["locked"].tolist() == [True, False]
    assert found["note"].tolist() == ["12", "hot"]
    assert found["owner"].tolist() == ["x", "y"]
    # The layer that was given is left alone, and a second pass finds nothing to do.
    pd.testing.assert_frame_equal(pd.DataFrame(given), pd.DataFrame(before))
    pd.testing.assert_frame_equal(pd.DataFrame(typed_layer(found, table, "taps")), pd.DataFrame(found))


def test_a_layer_that_is_absent_is_empty_and_has_every_column(table):
    empty = table.empty("taps", taps().crs)
    assert len(empty) == 0
    assert set(empty.columns) == set(typed_layer(taps(), table, "taps").columns)
    again = typed_layer(empty, table, "taps")
    assert len(again) == 0


def test_outputs_are_no_columns_of_the_territory(table):
    (water,) = table.outputs("taps")
    assert (water.attribute, water.unit, water.cell_methods, water.sums_to) == ("water", "m3", "time: sum", "water")
    assert table.outputs() == (water,)
    assert table.outputs("pipes") == ()
    assert "water" not in {row.attribute for row in table}
    assert "water" not in typed_layer(taps(), table, "taps").columns


def test_a_default_fulfils_what_its_row_asks(table):
    values = {row.attribute: default_value(row) for row in table}
    assert values["flow"] == 12.5
    assert values["year"] == 1990
    assert (values["open"], values["locked"], values["note"]) == (True, False, None)
    for row in table:
        if row.default:
            assert check_values(pd.Series([default_value(row)]), pd.Series(["a"]), row) == []


FACTORS = """\
name,value,low,high,unit,year,source,licence,confidence,description,use,index,vat
leak_rate,0.1,0.05,0.2,1,2025,test,test,high,Leaks,run,,
tap_price,90,60,120,EUR,2020,test,test,low,Price of a tap,account,cpi,excluded
"""


def test_runs_read_only_what_is_theirs(tmp_path):
    (tmp_path / "factors.csv").write_text(FACTORS, encoding="utf-8")
    table = FactorTable.read(tmp_path / "factors.csv")
    assert not table.problems()
    assert set(table.for_runs()) == {"leak_rate"}
    with pytest.raises(KeyError):
        table.for_runs().value("tap_price")
    assert set(table.for_runs(("tap_price", "other"))) == {"leak_rate", "tap_price"}
    scaled = table["tap_price"].scaled(1.1, 2025)
    assert (scaled.low, scaled.value, scaled.high) == pytest.approx((66.0, 99.0, 132.0))
    assert (scaled.year, scaled.vat) == ("2025", "excluded")
    assert np.isclose(table.override({"tap_price": 70.0}, "scenario").value("tap_price"), 70.0)
    (tmp_path / "factors.csv").write_text(FACTORS.replace("account", "acount"), encoding="utf-8")
    assert FactorTable.read(tmp_path / "factors.csv").problems() == ["tap_price: use 'acount'"]

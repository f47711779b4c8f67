"""Figures by quarter: assets counted where they stand, once each, and a total that is the network's own figure."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr
from report_campaign import campaign, provenance

from jumeau.i18n import language
from jumeau.report.html import write_report
from jumeau.report.quarters import quarter_tables
from jumeau.results import Results

CRS = "EPSG:2154"
#: West, east, and a place outside both; the third lamp stands on the border and counts in the west.
PLACES = [(10, 50), (90, 50), (50, 50), (300, 50)]
BEFORE = np.array([400.0, 300.0, 200.0, 100.0])
AFTER = {"led": np.array([100.0, 300.0, 200.0, 100.0]), "off": BEFORE + 1e-6}


def quarters():
    return gpd.GeoDataFrame(
        {"zone_id": ["Q1", "Q2"], "name": ["Le Moulin", "L’Écluse"], "kind": "quarter"},
        geometry=[shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100)],
        crs=CRS,
    )


def lamps(energy):
    return gpd.GeoDataFrame({"lamp_id": list("abcd"), "energy": energy}, geometry=shapely.points(PLACES), crs=CRS)


def results(whole=1.0, zones=(), **layers):
    levels = np.array([BEFORE.sum(), *(values.sum() for values in AFTER.values())]) * whole
    attrs = {
        "network": "lighting", "indicator": "electricity", "long_name": "Electricity", "units": "kWh",
        "group": "energy", "better": "lower", "key": 1,
    }  # fmt: skip
    values = np.repeat(levels[:, None], 3, axis=1)
    dataset = xr.Dataset(
        {"lighting_electricity": (("scenario", "replication"), values, attrs)},
        coords={"scenario": ["baseline", *AFTER]},
        attrs={"title": "demo"},
    )
    told = provenance()
    told["scenario"]["resolved"] = {
        "variants": {"led": {"measures": [{"measure": "lighting.led_retrofit", "where": {"zones": list(zones)}}]}}
    }
    known = campaign()
    assets = {f"lighting_lamps__{name}": lamps(item) for name, item in {"baseline": BEFORE, **AFTER}.items()}
    return Results(
        dataset, None, assets | layers, known.bill, known.factors, known.origins, {}, known.journal, told
    )  # fmt: skip


def test_each_asset_counts_once_where_it_stands():
    with language("en"):
        (table,) = quarter_tables(results(), quarters())
    assert table.label == "Electricity (kWh)"
    assert table.variants == ("LED and remote management",)
    assert [(row.name, row.before) for row in table.rows] == [
        ("Le Moulin", "600"),
        ("L’Écluse", "300"),
        ("Elsewhere", "100"),
    ]
    assert [row.changes[0].difference for row in table.rows] == ["\N{MINUS SIGN}300 (\N{MINUS SIGN}50.0%)", "0", "0"]
    assert (table.total.before, table.total.changes[0].after) == ("1,000", "700")


def test_a_table_that_does_not_make_the_figure_of_the_network_is_left_out():
    assert quarter_tables(results(whole=1.01), quarters()) == []


def test_without_quarters_or_changes_there_is_no_table():
    still = {f"lighting_lamps__{name}": lamps(BEFORE) for name in AFTER}
    assert quarter_tables(results(), None) == []
    assert quarter_tables(results(**still), quarters()) == []


@pytest.mark.parametrize("name", ["Le Moulin", "Q1"])
def test_quarters_that_a_measure_is_limited_to_are_marked(name):
    (table,) = quarter_tables(results(zones=[name]), quarters())
    assert table.limited
    assert [row.changes[0].here for row in table.rows] == [True, False, False]


def test_a_line_counts_in_the_quarter_of_its_middle():
    from jumeau.report.quarters import _sums

    pipes = gpd.GeoDataFrame(
        {"lost_volume": [7.0, 5.0]},
        geometry=[
            shapely.LineString([(40, 10), (45, 10), (90, 10)]),
            shapely.MultiLineString([[(0, 5), (10, 5)], [(10, 5), (30, 5)]]),
        ],
        crs=CRS,
    )
    assert _sums(pipes, "lost_volume", quarters()).tolist() == [5.0, 7.0, 0.0]


@pytest.mark.parametrize(("lang", "words"), [("en", "By quarter"), ("fr", "Par quartier")])
def test_the_report_folds_them_under_their_heading(tmp_path, monkeypatch, lang, words):
    monkeypatch.setattr("jumeau.report.html.quarters_of_run", lambda *_given: quarters())
    page = write_report(results(zones=["Q1"]), tmp_path / "report.html", lang).read_text("utf-8")
    assert f"<summary>{words}</summary>" in page
    assert "Le Moulin" in page
    assert "◆" in page


def test_a_report_is_written_where_the_territory_is_gone(tmp_path):
    page = write_report(results(), tmp_path / "report.html", "en").read_text("utf-8")
    assert "By quarter" not in page

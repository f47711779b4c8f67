"""The face of results: tables, a drawing, short descriptions; folders of another version are refused."""

from __future__ import annotations

import sys
from dataclasses import replace

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from town_campaign import NETWORKS, VARIANTS, town_campaign

from jumeau.accounts import FIGURES, TOTAL
from jumeau.cli import BAD_INPUT, main
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.results.model import Results
from jumeau.results.storage import read_results, write_results


@pytest.fixture(scope="module")
def town() -> Results:
    return town_campaign()


def test_compare_is_a_table_of_records(town):
    table = town.compare()
    assert len(table) == len(town.records)
    assert table.index.equals(pd.RangeIndex(len(table)))
    record = town.records[3]
    row = table.iloc[3]
    assert (row["network"], row["indicator"], row["unit"]) == (record.network, record.indicator, record.unit)
    assert (row["ci95_low"], row["ci95_high"]) == record.ci95
    assert (row["p10"], row["p50"], row["p90"]) == record.quantiles
    assert not {"ci95", "range80", "quantiles"} & set(table)
    alone = replace(town, dataset=town.dataset.isel(replication=[0]), draws=None).compare()
    assert alone["ci95_low"].isna().all()


def test_table_holds_the_four_figures_with_their_units(town):
    table = town.table()
    assert list(table.columns.levels[0].sort_values()) == ["carbon [kgCO2e]", "cost [EUR]", "energy [kWh]", "fuel [l]"]
    assert list(table.index) == [(variant, network) for variant in VARIANTS for network in (*NETWORKS, TOTAL)]
    energy = table["energy [kWh]"]
    assert np.allclose(energy["after"] - energy["before"], energy["difference"])
    assert (energy["p10"] <= energy["p50"]).all()
    assert (energy["p50"] <= energy["p90"]).all()
    assert len(town.figures()) == len(table) * len(FIGURES)


def test_a_network_s_variables_are_named_by_indicator(town):
    whole = town.network(TOTAL)
    assert set(whole) == set(FIGURES)
    parts = sum(town.network(name)["cost"] for name in NETWORKS)
    assert np.allclose(parts, whole["cost"], rtol=1e-12)
    assert whole["cost"].attrs["units"] == "EUR"
    with pytest.raises(InputError, match="waste, water, total"):
        town.network("sewers")


def test_descriptions_are_short_and_name_what_is_there(town):
    text = repr(town)
    assert len(text) < 500
    for word in ("demo", *NETWORKS, *VARIANTS, "8 replications", "6 draws"):
        assert word in text
    assert "total" not in text.splitlines()[1]


def test_a_notebook_shows_the_four_figures(town):
    with language("fr"):
        page = town._repr_html_()
    assert page.count("<tr>") == 2 + sum(
        1 + count for count in (1, 1, 1, 1, 1, 4)
    )  # heads; networks changed, and total
    assert "Ensemble" in page
    assert "Simulation, et non mesure" in page
    hostile = replace(town, provenance=town.provenance | {"scenario": {"title": "a<b>"}})._repr_html_()
    assert "a&lt;b&gt;" in hostile
    assert "<b>" not in hostile


def test_plot_draws_each_variant_s_difference_and_range(town):
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    axes = town.plot()
    assert len(axes) == len(FIGURES)
    records = [item for item in town.figures() if item.network == TOTAL and item.indicator == "cost"]
    dots = [line.get_xdata()[0] for line in axes[3].lines if line.get_marker() == "o"]
    assert dots == [record.quantiles[1] for record in records]
    ranges = [tuple(line.get_xdata()) for line in axes[3].lines if len(line.get_xdata()) == 2][1:]
    assert ranges == [(record.quantiles[0], record.quantiles[2]) for record in records]
    plt.close(axes[0].figure)


@pytest.fixture
def lamps(town):
    frame = gpd.GeoDataFrame({"energy": [1.0, 2.0]}, geometry=shapely.points([[2, 48], [3, 49]]), crs=4326)
    return replace(town, assets={"lighting_lamps__baseline": frame})


def test_explore_says_what_is_missing(lamps, monkeypatch):
    with pytest.raises(InputError, match="lighting_lamps__baseline"):
        lamps.explore("lighting", "cabinets", "energy")
    with pytest.raises(InputError, match="energy"):
        lamps.explore("lighting", "lamps", "power")
    monkeypatch.setitem(sys.modules, "folium", None)
    with pytest.raises(InputError, match=r"jumeau\[explore\]"):
        lamps.explore("lighting", "lamps", "energy")


def test_explore_draws_a_map(lamps):
    pytest.importorskip("folium")
    pytest.importorskip("mapclassify")
    assert "energy" in lamps.explore("lighting", "lamps", "energy")._repr_html_()


def test_folders_of_another_version_are_refused_with_what_to_do(town, tmp_path, capsys):
    write_results(town, tmp_path)
    assert repr(read_results(tmp_path).records) == repr(town.records)
    assert read_results(tmp_path).dataset.attrs == town.dataset.attrs
    for version in (None, 1, 99):
        dataset = xr.load_dataset(tmp_path / "results.nc", engine="netcdf4")
        dataset.attrs.pop("format_version", None)
        dataset.attrs |= {} if version is None else {"format_version": version}
        dataset.to_netcdf(tmp_path / "results.nc", engine="netcdf4", mode="w")
        for command in ("report", "render"):
            assert main([command, str(tmp_path), "--lang", "en"]) == BAD_INPUT
            told = capsys.readouterr().err
            assert "another version of Jumeau" in told
            assert "jumeau run SCENARIO" in told
            assert "Traceback" not in told

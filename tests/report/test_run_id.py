"""The files of a folder are those of one run, or it is refused."""

import shutil
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from town_campaign import town_campaign

from jumeau.errors import InputError
from jumeau.results.storage import check_results, read_results, write_results


@pytest.fixture(scope="module")
def town_results():
    frame = gpd.GeoDataFrame({"energy": [1.0, 2.0]}, geometry=shapely.points([[2, 48], [3, 49]]), crs=4326)
    journal = pd.DataFrame({"time": [0.5], "kind": ["failure"]})
    return replace(town_campaign(), assets={"lighting_lamps__baseline": frame}, journal=journal)


@pytest.fixture
def two(town_results, tmp_path):
    """Two runs that found different things, each in its folder."""
    other = replace(
        town_results,
        dataset=town_results.dataset + 1.0,
        journal=pd.DataFrame({"time": [1.0], "kind": ["other"]}),
    )
    for name, values in town_results.dataset.data_vars.items():
        other.dataset[name].attrs = values.attrs
    other.dataset.attrs = town_results.dataset.attrs
    write_results(town_results, tmp_path / "one")
    write_results(other, tmp_path / "two")
    return tmp_path / "one", tmp_path / "two"


@pytest.mark.parametrize("name", ["results.nc", "summary.json", "provenance.json", "assets.gpkg", "journal.csv"])
def test_a_folder_with_a_file_of_another_run_is_refused_by_its_name(two, name, english):
    one, other = two
    assert read_results(one).provenance["run_id"] != read_results(other).provenance["run_id"]
    shutil.copy(other / name, one / name)
    with pytest.raises(InputError, match="several runs") as caught:
        read_results(one)
    assert name in str(caught.value) or name == "results.nc"


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.98])
def test_a_file_that_was_cut_is_refused(two, kept, english):
    path = two[0] / "results.nc"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    for read in (read_results, check_results):
        with pytest.raises(InputError, match=r"results\.nc.*not a readable result file"):
            read(two[0])


def test_what_is_found_again_has_the_same_id_and_bytes(town_results, tmp_path):
    write_results(town_results, tmp_path / "one")
    again = replace(town_results, provenance={**town_results.provenance, "command": "another", "run": {}})
    write_results(again, tmp_path / "two")
    for name in ("summary.json", "journal.csv", "assets.gpkg"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_failed_runs_are_counted_once_when_read_again(town_results, tmp_path):
    failures = ("situation led, replication 2\nTraceback:\n  line\nRuntimeError: a pump", "another\n\nof two lines")
    write_results(replace(town_results, failures=failures), tmp_path)
    assert read_results(tmp_path).failures == failures

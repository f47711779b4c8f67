"""A disk that fills up at any moment of the writing: a message, what stood before intact, nothing cut."""

import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from town_campaign import town_campaign

from jumeau.cli import BAD_INPUT, main
from jumeau.errors import InputError
from jumeau.report.html import write_report
from jumeau.results.storage import read_results, write_results


@pytest.fixture(scope="module")
def town():
    points = shapely.points(np.linspace(2.0, 3.0, 2000), 48.0)
    frame = gpd.GeoDataFrame({"energy": np.arange(2000.0)}, geometry=points, crs=4326)
    journal = pd.DataFrame({"time": np.arange(20_000.0), "kind": "failure"})
    return replace(town_campaign(), assets={"lighting_lamps__baseline": frame}, journal=journal)


@contextmanager
def files_up_to(size):
    """Let the system refuse files that are larger [bytes]."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_results_are_whole_or_refused_at_every_size(town, tmp_path, english):
    write_results(town, tmp_path / "whole")
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "whole").iterdir()}
    assert len(sizes) == 5
    for name, size in sizes.items():
        folder = tmp_path / f"{name}-does-not-fit"
        with files_up_to(size - 1), pytest.raises(InputError, match=r"cannot write.*(larger than is allowed|full)"):
            write_results(town, folder)
        for path in folder.iterdir():
            assert path.stat().st_size == sizes[path.name], f"{path.name} is cut"
        with pytest.raises(InputError):
            read_results(folder)


def test_what_stood_in_the_folder_stands(town, tmp_path, english):
    write_results(town, tmp_path)
    before = contents(tmp_path)
    with files_up_to(1000), pytest.raises(InputError):
        write_results(replace(town, dataset=town.dataset.isel(replication=slice(0, 4))), tmp_path)
    assert contents(tmp_path) == before
    assert repr(read_results(tmp_path).records) == repr(town.records)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_report_is_whole_or_refused(town, tmp_path, capsys, lang):
    write_results(town, tmp_path)
    write_report(town, tmp_path / "report.html", lang)
    before = contents(tmp_path)
    with files_up_to(20_000):
        assert main(["report", str(tmp_path), "--lang", lang]) == BAD_INPUT
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert ("fichier dépasserait" if lang == "fr" else "larger than is allowed") in told
    assert contents(tmp_path) == before


def test_standard_output_that_is_full_is_told():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "jumeau.cli", "schema", "--lang", "en"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == BAD_INPUT
    assert "Traceback" not in done.stderr
    assert "the disk is full" in done.stderr

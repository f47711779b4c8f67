"""A run's folder: `results.nc`, `summary.json`, `assets.gpkg`, `provenance.json`, `journal.csv`.

Figures and provenance stay apart: from one run to the next, whatever the number of workers, the figures are the same
bytes; only provenance (durations, command) differs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import netCDF4
import pandas as pd
import xarray as xr

from jumeau.errors import InputError, Problem
from jumeau.files import atomic, write_text
from jumeau.geopackage import write_geopackage
from jumeau.i18n import _
from jumeau.results.comparison import Record
from jumeau.results.model import Results
from jumeau.results.run_id import RUN_ID, check_one_run, described, run_id, text_digest
from jumeau.vector_file import layer_names, read_layer

SUMMARY_FORMAT = "jumeau-summary"
SUMMARY_VERSION = 3

#: Of `results.nc`: variables, tables and attributes as they are named now.
RESULTS_FORMAT = "jumeau-results"
RESULTS_VERSION = 4

#: What a damaged `results.nc` raises, by what is damaged: HDF5's own errors are RuntimeError.
DAMAGED = (OSError, KeyError, ValueError, RuntimeError)

TABLES = ("bill", "factors", "origins", "reported")

#: What is published of the place: a table of its own, only where there is any.
PUBLISHED = "published"


def write_json(data: object, path: Path) -> Path:
    """Write JSON, not-a-number as null, keys in their own order, always the same bytes for the same data."""
    text = json.dumps(_plain(data), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return write_text(path, text)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "item") and not isinstance(value, str):
        return _plain(value.item())
    return value


def summary(results: Results) -> dict[str, Any]:
    """Return the public summary: one record per network, indicator and variant (see docs/summary.md)."""
    provenance = results.provenance
    return {
        "format": SUMMARY_FORMAT,
        "version": SUMMARY_VERSION,
        RUN_ID: provenance.get(RUN_ID, ""),
        "nature": "simulation, not measurement",
        "scenario": provenance["scenario"]["name"],
        "territory": provenance["territory"],
        "period": provenance["period"],
        "seed": provenance["seed"],
        "base_year": provenance["base_year"],
        "replications": int(results.dataset.sizes["replication"]),
        "draws": int(results.draws.sizes["draw"]) if results.draws is not None else 0,
        "samples": results.sample_count,
        "failed": results.failed,
        "figures": [figure(record) for record in results.figures()],
        "records": [record.to_dict() for record in results.records],
        "reported": results.reported.to_dict("records"),
        **({PUBLISHED: results.published.to_dict("records")} if len(results.published) else {}),
        **({"sweep": results.sweep().summary()} if results.swept else {}),
    }


#: What a figure of the summary takes from its record.
_FIGURE = ("variant", "network", "label", "unit", "baseline", "verdict")


def figure(record: Record) -> dict[str, Any]:
    """Return one of the four figures of a network, or of all together, before and after.

    The difference is the median, so that it lies in its own range; that of central assumptions is in the records.
    """
    low, middle, high = record.quantiles or (None, None, None)
    return {
        "figure": record.indicator,
        **{name: getattr(record, name) for name in _FIGURE},
        "variant_value": record.baseline + record.median,
        "difference": record.median,
        "p10": low,
        "p50": middle,
        "p90": high,
    }


def identified(results: Results) -> Results:
    """Return results whose provenance holds the id of what was found; see `run_id`."""
    if RUN_ID in results.provenance:
        return results
    found = run_id(summary(results), results.journal_text, results.assets)
    return results.under_id({**results.provenance, RUN_ID: found})


def write_results(results: Results, folder: Path) -> list[Path]:
    """Write a campaign's results: every file under the id of what was found, `results.nc` last.

    Parameters
    ----------
    results : Results
    folder : Path
        Made if absent.

    Returns
    -------
    list of Path
        The files written.
    """
    folder = Path(folder)
    results = identified(results)
    journal = results.journal_text
    found = str(results.provenance[RUN_ID])
    return [
        write_json(summary(results), folder / "summary.json"),
        _write_assets(results.assets, found, folder / "assets.gpkg"),
        write_text(folder / "journal.csv", journal),
        write_json(dict(results.provenance), folder / "provenance.json"),
        atomic(folder / "results.nc", lambda path: _write_netcdf(results, text_digest(journal), path)),
    ]


def _write_netcdf(results: Results, journal: str, path: Path) -> None:
    dataset = results.dataset.copy()
    dataset.attrs |= {"format": RESULTS_FORMAT, "format_version": RESULTS_VERSION}
    dataset.attrs |= {RUN_ID: results.provenance[RUN_ID], "journal": journal}
    for name in TABLES:
        dataset.attrs[name] = getattr(results, name).to_csv(index=False)
    if len(results.published):
        dataset.attrs[PUBLISHED] = results.published.to_csv(index=False)
    dataset.attrs["overrides"] = json.dumps({key: list(value) for key, value in results.overrides.items()})
    dataset.attrs["thresholds"] = json.dumps(dict(results.thresholds))
    dataset.attrs["failures"] = json.dumps(results.failures, ensure_ascii=False)
    dataset.to_netcdf(path, engine="netcdf4", mode="w")
    if results.draws is not None:
        results.draws.to_netcdf(path, engine="netcdf4", mode="a", group="draws")
    record = xr.Dataset(attrs={"provenance": json.dumps(_plain(dict(results.provenance)), ensure_ascii=False)})
    record.to_netcdf(path, engine="netcdf4", mode="a", group="provenance")


def _write_assets(assets: Mapping[str, gpd.GeoDataFrame], found: str, path: Path) -> Path:
    if not assets:
        return write_text(path, "")
    return write_geopackage(path, assets, described(found))


def read_results(folder: Path | str) -> Results:
    """Read the folder of a campaign.

    Raises
    ------
    InputError
        When the folder holds no finished campaign, files of several ones, or one that another version of Jumeau wrote.
    """
    folder = Path(folder)
    path = folder / "results.nc"
    if not path.is_file():
        raise InputError(no_results(folder, path.name))
    try:
        with netCDF4.Dataset(path) as file:
            uncertain = "draws" in file.groups  # the scenario may declare no uncertain assumption
        dataset = xr.load_dataset(path, engine="netcdf4")
        check_version(dataset.attrs.pop("format_version", 1), RESULTS_VERSION, path)
        provenance = xr.load_dataset(path, engine="netcdf4", group="provenance").attrs["provenance"]
        draws = xr.load_dataset(path, engine="netcdf4", group="draws") if uncertain else None
    except DAMAGED as error:
        raise InputError(
            Problem(_("not a readable result file: {error}").format(error=error), file=str(path))
        ) from error
    attrs = dataset.attrs
    attrs.pop("format")
    check_one_run(folder, attrs.pop(RUN_ID), attrs.pop("journal"))
    tables = {name: pd.read_csv(StringIO(attrs.pop(name)), keep_default_na=False) for name in TABLES[:-1]}
    tables["reported"] = _reported(attrs.pop("reported"))
    tables[PUBLISHED] = _published(attrs.pop(PUBLISHED, ""))
    overrides = {key: tuple(value) for key, value in json.loads(attrs.pop("overrides")).items()}
    thresholds = json.loads(attrs.pop("thresholds"))
    failures = tuple(json.loads(attrs.pop("failures")))
    journal = folder / "journal.csv"
    return Results(
        dataset=dataset,
        draws=draws,
        assets=StoredAssets(folder / "assets.gpkg"),
        overrides=overrides,
        journal=pd.read_csv(journal, low_memory=False) if journal.is_file() else pd.DataFrame(),
        provenance=json.loads(provenance),
        thresholds=thresholds,
        failures=failures,
        **tables,
    )


def check_results(folder: Path) -> None:
    """Refuse a folder that holds no finished run of this version, without reading what was found.

    Raises
    ------
    InputError
    """
    path = folder / "results.nc"
    if not path.is_file():
        raise InputError(no_results(folder, path.name))
    try:
        with netCDF4.Dataset(path) as file:
            there = set(file.ncattrs())
            attrs = {name: file.getncattr(name) for name in ("format_version", RUN_ID, "journal") if name in there}
            check_version(attrs.get("format_version", 1), RESULTS_VERSION, path)
            found, journal = attrs[RUN_ID], attrs["journal"]
    except DAMAGED as error:
        raise InputError(
            Problem(_("not a readable result file: {error}").format(error=error), file=str(path))
        ) from error
    check_one_run(folder, str(found), str(journal))


def no_results(folder: Path, name: str) -> Problem:
    """Return what to tell of a folder that lacks the file `name` of a finished run."""
    return Problem(
        _("no results here (no {name})").format(name=name),
        file=str(folder),
        hint=_("run « jumeau run SCENARIO -o {folder} » first").format(folder=folder),
    )


def _reported(text: str) -> pd.DataFrame:
    """Return the table of reported indicators, what is missing as not a number; ids stay text."""
    if not text.strip():
        return pd.DataFrame()
    return pd.read_csv(StringIO(text), dtype={"id": str, "note": str}).fillna({"note": ""})


def _published(text: str) -> pd.DataFrame:
    """Return the table of published values; names and codes stay text."""
    if not text.strip():
        return pd.DataFrame()
    words = ["network", "framework", "id", "label", "unit", "body", "source", "note"]
    return pd.read_csv(StringIO(text), dtype=dict.fromkeys(words, str)).fillna(dict.fromkeys(words, ""))


def check_version(found: object, wanted: int, path: Path) -> None:
    """Refuse a file of a run that another version of Jumeau wrote.

    Raises
    ------
    InputError
        When the versions of the format differ.
    """
    if found != wanted:
        raise InputError(
            Problem(
                _("this run was written by another version of Jumeau (format {found}, here {wanted})").format(
                    found=found, wanted=wanted
                ),
                file=str(path),
                hint=_("run the scenario again: « jumeau run SCENARIO -o {folder} »").format(folder=path.parent),
            )
        )


class StoredAssets(Mapping[str, gpd.GeoDataFrame]):
    """The tables of `assets.gpkg` by name, each read when it is first asked for: few readers need many of them.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        When it is no GeoPackage; a table that is damaged is told when it is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        there = path.is_file() and path.stat().st_size > 0
        # What maps add, such as the styles of QGIS, is no table of assets; see `asset_table`.
        self._names = tuple(name for name in layer_names(path) if "__" in name) if there else ()
        self._known: dict[str, gpd.GeoDataFrame] = {}

    def __getitem__(self, name: str) -> gpd.GeoDataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._known:
            self._known[name] = read_layer(self._path, name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

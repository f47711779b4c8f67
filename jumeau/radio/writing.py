"""Writes what was found: a GeoPackage for QGIS, a CSV to order from."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from jumeau.files import check_writable, write_text
from jumeau.geopackage import write_geopackage

GATEWAYS, COVERAGE = "gateways", "device_coverage"


def write_tables(folder: Path, gateways: gpd.GeoDataFrame, devices: gpd.GeoDataFrame) -> list[Path]:
    """Write `gateways.csv` and `coverage.gpkg` with the layers `gateways` and `device_coverage`; return the files."""
    check_writable(folder)
    rows = pd.DataFrame(gateways.drop(columns="geometry"))
    rows["x"], rows["y"] = gateways.geometry.x, gateways.geometry.y
    degrees = gateways.to_crs(4326).geometry
    rows["longitude"], rows["latitude"] = degrees.x.round(6), degrees.y.round(6)
    return [
        write_text(folder / "gateways.csv", rows.to_csv(index=False, lineterminator="\n")),
        write_geopackage(folder / "coverage.gpkg", {GATEWAYS: gateways, COVERAGE: devices}),
    ]

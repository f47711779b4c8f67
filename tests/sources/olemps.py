"""Olemps (Aveyron): BD TOPO 3 as it was delivered, its roads given the columns that the delivery lost.

The geometry of the roads is IGN's; their columns are made here, with the headers of BD TOPO 3 shapefiles, and are not
observations: `TRONCON_DE_ROUTE.dbf` is missing from the delivery.
"""

import os
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[3] / "shared" / "data"))
DELIVERY = DATA / "olemps" / "bdtopo_v3_12174.zip"


def delivered(folder):
    """Unpack the delivery into a folder as shapefiles, roads with columns."""
    with zipfile.ZipFile(DELIVERY) as archive:
        archive.extractall(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a shapefile without .dbf
        lines = pyogrio.read_dataframe(folder / "TRONCON_DE_ROUTE.shp").geometry
    for part in folder.glob("TRONCON_DE_ROUTE.*"):
        part.unlink()
    roads(lines).to_file(folder / "TRONCON_DE_ROUTE.shp", encoding="UTF-8")
    return folder


def roads(lines):
    """Roads with the columns of BD TOPO 3: the longest are the most important, the shortest are paths."""
    rank = np.argsort(np.argsort(-lines.length.to_numpy())) / len(lines)
    importance = np.select([rank < 0.05, rank < 0.2, rank < 0.5], ["3", "4", "5"], "5")
    values = {
        "ID": [f"TRONROUT{row:016d}" for row in range(len(lines))],
        "NATURE": np.where(rank > 0.95, "Chemin", "Route à 1 chaussée"),
        "NOM_COLL_G": "Rue du Puy",
        "IMPORTANCE": importance,
        "FICTIF": "Non",
        "POS_SOL": "0",
        "ETAT": "En service",
        "NB_VOIES": np.where(rank > 0.95, 0, 2),
        "LARGEUR": np.where(rank > 0.95, 0.0, 5.5),
        "SENS": "Double sens",
        "VIT_MOY_VL": np.select([rank < 0.05, rank < 0.2], [70, 50], 30),
        "ACCES_VL": "Libre",
        "RESTR_H": None,
        "RESTR_P": None,
    }
    return gpd.GeoDataFrame(values, geometry=lines.to_numpy(), crs=2154)

"""Networks cut at a border do not fail: random windows of a real city, with its one-way streets and loops."""

import os
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from jumeau.engine.territory import build_factors
from jumeau.network import discover
from jumeau.sources.imports import placed
from jumeau.sources.osm.territory import read_osm_territory
from jumeau.territory.cropping import crop
from jumeau.territory.crs import usual_crs
from jumeau.territory.derive import derive
from jumeau.territory.graph import strong_part
from jumeau.territory.model import Territory, column_rows

MONACO = Path(os.environ.get("JUMEAU_DATA", "../shared/data")) / "monaco" / "monaco.osm.gz"
WINDOWS = 30

pytestmark = pytest.mark.skipif(not MONACO.exists(), reason="no open data here")


@cache
def city():
    crs = usual_crs(7.42, 43.74, "MC")
    found = placed(read_osm_territory(MONACO), crs)
    return Territory("monaco", crs, dict(found.layers), found.columns, {"country": "MC", "timezone": "Europe/Monaco"})


@cache
def mobility():
    networks = discover()
    return networks["mobility"], build_factors()["mobility"], [item.attributes for item in networks.values()]


@pytest.mark.parametrize("seed", range(WINDOWS))
def test_a_window_of_the_city_is_laid_out(seed):
    rng = np.random.default_rng(seed)
    streets = city().layers["streets"].geometry.to_numpy()
    middle = streets[rng.integers(len(streets))].centroid
    wide, high = rng.uniform(50.0, 600.0, 2)
    window = shapely.box(middle.x - wide, middle.y - high, middle.x + wide, middle.y + high)
    area = shapely.affinity.rotate(window, rng.uniform(0.0, 90.0))
    network, factors, tables = mobility()
    cut, _notes = crop(city(), area, tables)
    limits = gpd.GeoDataFrame({"limit_id": ["w"], "name": ["window"], "own": [True]}, geometry=[area], crs=cut.crs)
    cut = cut.with_layers({"limits": limits}, column_rows("limits", limits.columns, "observed"))
    found = network.behaviour.complete(derive(cut)[0], factors, seed)
    zones, links = found.layers["traffic_zones"], found.layers["traffic_links"]
    # From every zone a way leads to every other one, which is what the equilibrium asks for.
    names, codes = np.unique(np.concatenate([links["from_node"], links["to_node"]]).astype(str), return_inverse=True)
    tail, head = codes[: len(links)], codes[len(links) :]
    strong = strong_part(tail, head, len(names))
    joined = set(names[strong])
    internal = zones["kind"] == "internal"
    assert set(zones["zone_id"][internal].astype(str)) <= joined or len(zones) == 1
    # Gates stand where the border is.
    away = shapely.distance(zones.geometry.to_numpy()[~internal], shapely.boundary(area))
    assert (away <= factors.value("gate_border") + factors.value("gate_spacing")).all()

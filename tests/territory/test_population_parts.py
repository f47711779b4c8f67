"""People of parts of a territory that are kept apart: sums by part, rows without a value, mistakes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.sources.totals import read_totals
from jumeau.territory.model import COLUMN_FIELDS, Territory
from jumeau.territory.population import Population
from jumeau.territory.spread import spread_totals

CRS = "EPSG:2154"
TABLE = "iris,people,jobs\n0101,300,10\n0102,100,\n0201,40,800\n0301,,\n"


@pytest.fixture
def territory():
    """Ten addresses in the west, two in the middle, four in the east."""
    x = [*range(50, 950, 90), 1100, 1300, 2100, 2200, 2300, 2400]
    addresses = gpd.GeoDataFrame(
        {"address_id": [f"A{number}" for number in range(len(x))]}, geometry=shapely.points(x, 50.0), crs=CRS
    )
    areas = [shapely.box(0, 0, 1000, 100), shapely.box(1000, 0, 2000, 100), shapely.box(2000, 0, 3000, 100)]
    zones = gpd.GeoDataFrame({"zone_id": list("abc"), "name": ["West", "Middle", "East"]}, geometry=areas, crs=CRS)
    return Territory(
        "made", addresses.crs, {"addresses": addresses, "zones": zones}, pd.DataFrame(columns=list(COLUMN_FIELDS))
    )


def population(folder, **zones):
    (folder / "people.csv").write_text(TABLE, encoding="utf-8")
    told = {"01": "West", "02": "Middle", "03": ("East",)} | zones
    total = {"file": "people.csv", "parts": {"column": "iris", "first": 2, "zones": told}}
    return Population.model_validate(
        {"cell": "1000 m", "totals": {"residents": total | {"column": "people"}, "jobs": total | {"column": "jobs"}}}
    )


def test_each_part_keeps_its_people(territory, tmp_path):
    block = population(tmp_path)
    made, note = spread_totals(territory, block, read_totals(block, tmp_path))
    cells = made.layers["population"].sort_values("cell_id").set_index("cell_id")
    west, middle, east = "E0N0", "E1000N0", "E2000N0"
    assert cells.loc[west, "residents"] == pytest.approx(400.0)
    assert cells.loc[middle, "residents"] == pytest.approx(40.0)
    # A part without any value has as many for each address as the others; a row without one is the mean of its part.
    assert cells.loc[east, "residents"] == pytest.approx(4 * 440.0 / 12)
    assert cells.loc[west, "jobs"] == pytest.approx(20.0)
    assert cells.loc[middle, "jobs"] == pytest.approx(800.0)
    assert cells.loc[east, "jobs"] == pytest.approx(4 * 820.0 / 12)
    # Jobs no longer follow residents.
    assert np.corrcoef(cells["residents"], cells["jobs"])[0, 1] < 0.5
    assert "habitants" in note


def test_rows_of_no_part_and_zones_that_do_not_exist_are_refused(territory, tmp_path):
    block = population(tmp_path)
    (tmp_path / "people.csv").write_text(TABLE + "0901,5,5\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_totals(block, tmp_path)
    assert caught.value.problems[0].value == "09"
    block = population(tmp_path, **{"02": "Nowhere"})
    with pytest.raises(InputError) as caught:
        spread_totals(territory, block, read_totals(block, tmp_path))
    assert caught.value.problems[0].value == "Nowhere"

"""People where they live and work: totals on their own, dwellings and floor area, a real commune's buildings."""

import os
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from jumeau.engine.territory import build_territory
from jumeau.sources.build import build_from_files
from jumeau.territory.carriers import building_weights, known_jobs
from jumeau.territory.model import COLUMN_FIELDS, Territory
from jumeau.territory.people import people_at
from jumeau.territory.residents import complete_people

CRS = "EPSG:2154"
X, Y = 700_000.0, 6_600_000.0
OLEMPS = Path(os.environ.get("JUMEAU_DATA", "../shared/data")) / "olemps" / "bdtopo_v3_12174.zip"
#: Residents of the commune by the census, as the delivery itself says (COMMUNE.POPULATION), and its dwellings.
OLEMPS_RESIDENTS, OLEMPS_DWELLINGS = 3439, 1429

#: A house, a block of flats on the same footprint, a shed of 15 m2, an annexe as large as the house, a hall of 400 m2.
BUILDINGS = {
    "building_id": ["house", "block", "shed", "annexe", "hall"],
    "use": ["residential", "residential", None, "annex", "industrial"],
    "storeys": [1, 4, 1, 1, 1],
}
SIDES = [10.0, 10.0, 15.0**0.5, 10.0, 20.0]


def squares(sides=SIDES, step=300.0):
    return [shapely.box(X + step * k, Y, X + step * k + side, Y + side) for k, side in enumerate(sides)]


def town(folder, block, layers=("buildings",)):
    """A territory file on a few layers, with a block `population`; return its path."""
    frames = {
        "buildings": gpd.GeoDataFrame(BUILDINGS, geometry=squares(), crs=CRS),
        "streets": gpd.GeoDataFrame(
            {"street_id": ["long", "short"]},
            geometry=[shapely.LineString([(X, Y), (X + 900, Y)]), shapely.LineString([(X + 900, Y), (X + 1200, Y)])],
            crs=CRS,
        ),
    }
    text = f"name: town\nlayers:\n{'' if layers else '  {}'}"
    for name in layers:
        frames[name].to_file(folder / f"{name}.gpkg")
        columns = ", ".join(f"{column}: {column}" for column in frames[name].columns if column != "geometry")
        text += f"  {name}: {{file: {name}.gpkg, columns: {{{columns}}}}}\n"
    (folder / "t.yaml").write_text(text + block, encoding="utf-8")
    return folder / "t.yaml"


def by_cell(territory, column):
    cells = territory.layers["population"]
    return {
        int((shape.centroid.x - X) // 300): value for shape, value in zip(cells.geometry, cells[column], strict=True)
    }


@pytest.mark.parametrize("written", ["38000", '"38 000"', "{file: p.csv, column: n}"])
def test_a_total_in_one_line_is_spread_by_floor_area(tmp_path, written):
    (tmp_path / "p.csv").write_text("n\n30000\n8000\n", encoding="utf-8")
    file = town(tmp_path, f"population: {{residents: {written}, jobs: 900, cell: 100 m}}\n")
    territory, _report = build_from_files(file)
    residents, jobs = by_cell(territory, "residents"), by_cell(territory, "jobs")
    assert sum(residents.values()) == pytest.approx(38_000.0, rel=1e-12)
    # One storey and four of the same footprint; nobody lives in a shed, an annexe or a hall; all work there.
    assert residents == pytest.approx({0: 7600.0, 1: 30_400.0, 2: 0.0, 3: 0.0, 4: 0.0})
    assert jobs == pytest.approx({0: 0.0, 1: 0.0, 2: 0.0, 3: 0.0, 4: 900.0})
    rule = territory.columns.set_index(["layer", "column"]).loc[("population", "residents")]
    assert rule["origin"] == "imputed"
    assert "floor area" in rule["rule"]


def test_totals_go_along_streets_where_nothing_else_is_known(tmp_path):
    file = town(tmp_path, "population: {residents: 1200, cell: 10000 m}\n", layers=("streets",))
    territory, _report = build_from_files(file)
    assert territory.layers["population"]["residents"].sum() == pytest.approx(1200.0)
    assert (
        "by length of streets"
        in territory.columns.set_index(["layer", "column"]).loc[("population", "residents"), "rule"]
    )


def made(**layers):
    """A territory of layers that are given as they are."""
    return Territory("made", gpd.GeoSeries(crs=CRS).crs, layers, pd.DataFrame(columns=list(COLUMN_FIELDS)))


def test_known_dwellings_weigh_more_than_floors():
    frame = gpd.GeoDataFrame(BUILDINGS | {"dwellings": [1, 12, np.nan, np.nan, 0]}, geometry=squares(), crs=CRS)
    homes, work, told = building_weights(frame)
    assert told
    assert homes.tolist() == [1.0, 12.0, 0.0, 0.0, 0.0]
    assert work.tolist() == [0.0, 0.0, 0.0, 0.0, 400.0]


def test_who_is_not_given_is_estimated_and_said():
    frame = gpd.GeoDataFrame(BUILDINGS, geometry=squares(), crs=CRS)
    territory, notes = complete_people(made(buildings=frame))
    cells = territory.layers["population"]
    # 500 m2 of floors, three quarters lived in, 92.5 m2 a dwelling, 82 % of them lived in by 2.16 persons.
    assert cells["residents"].sum() == pytest.approx(500 * 0.75 / 92.5 * 0.82 * 2.16)
    assert cells["households"].sum() == pytest.approx(cells["residents"].sum() / 2.16)
    assert cells["jobs"].sum() == pytest.approx(0.4 * cells["residents"].sum())
    assert len(notes) == 2
    assert set(territory.columns.query("layer == 'population'")["origin"]) == {"imputed"}


def test_jobs_are_those_of_establishments_by_the_middle_of_their_band():
    places = gpd.GeoDataFrame(
        {
            "establishment_id": ["a", "b", "c", "d"],
            "staff_band": ["01", "11", "NN", None],
            "jobs": [np.nan, np.nan, np.nan, 30.0],
        },
        geometry=shapely.points([[X, Y], [X, Y], [X + 300, Y], [X + 600, Y]]),
        crs=CRS,
    )
    assert known_jobs(places).tolist() == [1.5, 14.5, 0.0, 30.0]
    frame = gpd.GeoDataFrame(BUILDINGS, geometry=squares(), crs=CRS)
    territory, _notes = complete_people(made(buildings=frame, establishments=places))
    assert territory.layers["population"]["jobs"].sum() == pytest.approx(46.0)
    _residents, jobs = people_at(territory, frame.set_geometry(frame.centroid), 2.0)
    assert jobs == pytest.approx([16.0, 0.0, 30.0, 0.0, 0.0])


def test_a_cell_shares_its_people_by_floors_and_its_jobs_by_use():
    frame = gpd.GeoDataFrame(BUILDINGS, geometry=squares(step=30.0), crs=CRS)
    cell = gpd.GeoDataFrame(
        {"cell_id": ["c"], "residents": [50.0], "jobs": [7.0]}, geometry=[shapely.box(X, Y, X + 200, Y + 200)], crs=CRS
    )
    doors = gpd.GeoDataFrame(
        {"address_id": list("abcdef"), "building_id": ["house", "block", "block", "shed", "annexe", "hall"]},
        geometry=shapely.points([[X, Y], [X + 30, Y], [X + 35, Y], [X + 60, Y], [X + 90, Y], [X + 120, Y]]),
        crs=CRS,
    )
    residents, jobs = people_at(made(buildings=frame, population=cell, addresses=doors), doors, 2.0)
    assert residents == pytest.approx([10.0, 20.0, 20.0, 0.0, 0.0, 0.0])
    assert jobs == pytest.approx([0.0, 0.0, 0.0, 0.0, 0.0, 7.0])


def test_some_buildings_are_not_the_town():
    """The town hall and a school among the addresses of a town hold neither all its people nor all its jobs."""
    frame = gpd.GeoDataFrame(
        {"building_id": ["hall"], "use": ["public"]}, geometry=[shapely.box(X, Y, X + 30, Y + 30)], crs=CRS
    )
    doors = gpd.GeoDataFrame(
        {"address_id": list("abcd")}, geometry=shapely.points([[X + 50 * k, Y] for k in range(4)]), crs=CRS
    )
    cell = gpd.GeoDataFrame(
        {"cell_id": ["c"], "residents": [8.0], "jobs": [4.0]}, geometry=[shapely.box(X, Y, X + 200, Y + 200)], crs=CRS
    )
    residents, jobs = people_at(made(buildings=frame, population=cell, addresses=doors), doors, 2.0)
    assert residents == pytest.approx(2.0)
    assert jobs == pytest.approx(1.0)


@pytest.mark.data
@pytest.mark.skipif(not OLEMPS.exists(), reason="open data absent")
@pytest.mark.parametrize(("block", "within"), [("", 0.35), ("population: {residents: 3439}\n", 1e-9)])
def test_olemps_has_the_residents_of_its_census(tmp_path, block, within):
    """BD TOPO tells dwellings: national ratios alone come within a third of the census, a total in one line is kept."""
    (tmp_path / "t.yaml").write_text(
        "name: olemps\nlayers:\n  buildings:\n"
        f"    file: {OLEMPS.resolve()}\n    layer: BATIMENT\n    encoding: utf-8\n    duplicates: first\n"
        "    drop_invalid: true\n    columns:\n      building_id: ID\n      dwellings: NB_LOGTS\n"
        "      height: {column: HAUTEUR, missing: [0]}\n"
        "      use: {column: USAGE1, missing: [Indifférencié], map: {Résidentiel: residential, Annexe: annex, "
        "Commercial et services: commercial, Industriel: industrial, Agricole: industrial, Sportif: public, "
        "Religieux: public}}\n" + block,
        encoding="utf-8",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # measured geometries
        territory, report = build_territory(tmp_path / "t.yaml")
    people = territory.layers["population"]
    assert territory.layers["buildings"]["dwellings"].sum() == OLEMPS_DWELLINGS
    assert people["residents"].sum() == pytest.approx(OLEMPS_RESIDENTS, rel=within)
    assert people["jobs"].sum() > 0.0
    assert report.people
    assert str(report).startswith(report.people[0])

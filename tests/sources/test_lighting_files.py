"""Lighting points of EclExt: by the names of the standard, with what could not be carried over told."""

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely

from jumeau.errors import InputError
from jumeau.networks.lighting.formats.eclext import read_eclext
from jumeau.networks.lighting.formats.eclext_writing import write_eclext

LAMBERT = pyproj.CRS.from_epsg(2154)

HEADER = (
    "idPointLumineux;X;Y;statut;eclairagePublic;usage;typeSource;structure;temperatureCouleur;puissance;hauteurFeu;"
    "fluxLuminaire;ulrInstalle;datePremiereInstallation;valideDe;extinctionNuit;profilNocturne;eclairageAdaptatif"
)
ROWS = (
    "a;770005,2;6279003;functional;true;A;SHP;LANT;2000;100;7,5;8500;0,03;2004-06-01;2023-01-01;false;;",
    "b;770030;6279003;functional;oui;B1;LED;BOR;3000;38;1;4600;0;15/09/2019;2023-01-01;false;NUIT;TG",
    "c;770055;6279003;functional;true;PU;XX;PROJ;XX;XX;;;;;2023-01-01;true;;EN",
    "d;770080;6279003;decommissioned;true;A;VM;BL;4000;125;4;;;1985;2023-01-01;false;;",
    "e;770090;6279003;functional;non;A;VM;BL;4000;125;4;;;1985;2023-01-01;false;;",
)


def points(folder, *rows, header=HEADER):
    folder.mkdir(exist_ok=True)
    path = folder / "PointLumineux.csv"
    path.write_text("\n".join([header, *(rows or ROWS)]), encoding="utf-8")
    return path


def lamps(path, **words):
    imported = read_eclext(path, LAMBERT, **words)
    return imported.layers["lamps"].set_index("lamp_id"), " | ".join(imported.notes)


def test_columns_codes_and_dates_are_read_by_name(tmp_path, english):
    found, notes = lamps(points(tmp_path), profiles={"NUIT": "23:30-05:30=0.5"})
    assert list(found.index) == ["a", "b", "c"]
    assert found.loc["a", ["technology", "power", "height", "installed_year"]].tolist() == ["HPS", 100.0, 7.5, 2004.0]
    assert found.loc["b", ["technology", "usage", "installed_year", "managed"]].tolist() == [
        "LED", "bollard", 2019.0, True
    ]  # fmt: skip
    assert found.loc["c", ["technology", "power", "cct", "legal_category"]].isna().all()
    assert found.loc["b", "profile"] == "23:30-05:30=0.5"
    assert found.geometry["a"].equals(shapely.Point(770005.2, 6279003))
    assert "decommissioned »: 1 (d)" in notes
    assert "not public lighting: 1 (e)" in notes
    assert "hours that are not told: 1 (c)" in notes


def test_night_profiles_come_from_their_tables(tmp_path):
    folder = points(tmp_path / "eclext").parent
    (folder / "PlageVariation.csv").write_text(
        "nomPlage,grandeurVariation,heureDebut,heureFin,formatVariation,valeur\n"
        "P1,F,23:00HL,01:00HL,%,50\nP2,EX,01:00HL,05:00HL,%,\nP3,P,05:00,06:00,VA,19\n",
        encoding="utf-8",
    )
    (folder / "ProfilContientPlage.csv").write_text("nomProfil,nomPlage\nNUIT,P1\nNUIT,P2\nNUIT,P3\n", encoding="utf-8")
    found, notes = lamps(folder)
    assert found.loc["b", "profile"] == "23:00-01:00=0.5 + 01:00-05:00=0 + 05:00-06:00=0.5"
    assert "NUIT" not in notes


def test_windows_that_follow_the_sun_become_windows_of_ours(tmp_path, english):
    folder = points(tmp_path / "eclext").parent
    (folder / "PlageVariation.csv").write_text(
        "nomPlage,grandeurVariation,heureDebut,heureFin,formatVariation,valeur\nP1,F,-196MN,+15LS,%,50\n",
        encoding="utf-8",
    )
    (folder / "ProfilContientPlage.csv").write_text("nomProfil,nomPlage\nNUIT,P1\n", encoding="utf-8")
    found, notes = lamps(folder)
    assert found.loc["b", "profile"] == "midnight_point(-196)-sunrise(+15)=0.5"
    assert "NUIT" not in notes


@pytest.mark.parametrize("start", ["22:00Z", "-900MN", "+15XX"])
def test_windows_that_no_profile_can_hold_are_told_with_their_lamps(tmp_path, english, start):
    folder = points(tmp_path / "eclext").parent
    (folder / "PlageVariation.csv").write_text(
        f"nomPlage,grandeurVariation,heureDebut,heureFin,formatVariation,valeur\nP1,F,{start},+15LS,%,50\n",
        encoding="utf-8",
    )
    (folder / "ProfilContientPlage.csv").write_text("nomProfil,nomPlage\nNUIT,P1\n", encoding="utf-8")
    found, notes = lamps(folder)
    assert "profile" not in found
    assert f"{start} to +15LS" in notes
    assert "« NUIT »" in notes
    assert "(1: b)" in notes


def test_a_geographic_file_is_read_too_its_short_names_included(tmp_path):
    table = pd.read_csv(points(tmp_path), sep=";", decimal=",", dtype={"datePremiereInstallation": str})
    frame = gpd.GeoDataFrame(
        table.drop(columns=["X", "Y"]).rename(columns=lambda name: name[:10]),
        geometry=gpd.points_from_xy(table["X"], table["Y"]),
        crs=LAMBERT,
    )
    frame.to_file(tmp_path / "lighting.gpkg", layer="PointLumineux")
    found, _notes = lamps(tmp_path / "lighting.gpkg")
    assert found.loc["a", ["technology", "power", "installed_year"]].tolist() == ["HPS", 100.0, 2004.0]


def test_the_last_version_of_a_point_counts(tmp_path, english):
    later = ROWS[0].replace("SHP", "LED").replace("2023-01-01", "2025-01-01")
    found, notes = lamps(points(tmp_path, later, *ROWS))
    assert found.loc["a", "technology"] == "LED"
    assert "earlier versions of lighting points left out: 1" in notes


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (";100;", ";cent;", ["puissance", "cent", "a"]),
        ("2004-06-01", "hier", ["datePremiereInstallation", "hier", "not a date"]),
        ("770005,2", "", ["missing, empty or infinite geometry", "a"]),
        ("b;770030", "a;770030", ["identifiers that stand more than once", "a"]),
    ],
)
def test_what_cannot_be_read_is_told_with_its_point(tmp_path, english, old, new, words):
    path = points(tmp_path, *"\n".join(ROWS).replace(old, new, 1).split("\n"))
    with pytest.raises(InputError) as caught:
        lamps(path)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_table_without_points_or_coordinates_is_refused(tmp_path, english):
    with pytest.raises(InputError, match="the table « PointLumineux » is missing"):
        lamps(tmp_path)
    with pytest.raises(InputError, match="have no coordinates"):
        lamps(points(tmp_path, header=HEADER.replace(";X;", ";A;")))
    with pytest.raises(InputError, match="not a night profile"):
        lamps(points(tmp_path), profiles={"NUIT": "half"})


# Written --------------------------------------------------------------------------------------------------------------

PROFILES = (None, "23:00-05:00=0.5", "23:00-01:00=0.5 + 01:00-05:00=0", "midnight_point(-196)-sunrise(+15)=0.35", None)


def stock(**changes):
    values = {
        "lamp_id": ["a", "b", "c", "d", "e"],
        "cabinet_id": "AR1",
        "technology": ["LED", "HPS", "MERCURY", "MH", None],
        "power": [38.0, 100.0, 125.0, 70.5, None],
        "height": [7.5, 8.0, None, 4.0, 4.0],
        "installed_year": pd.array([2019, 2004, 1985, None, None], dtype="Int64"),
        "usage": ["road", "bollard", "ambience", "projector", "recessed"],
        "flux": [4600.0, 8500.0, None, None, None],
        "cct": [3000.0, 2000.0, None, None, None],
        "ulr": [0.0, 0.03, None, None, None],
        "legal_category": ["a", "b", "g", None, "e"],
        "managed": [True, False, False, False, True],
        "profile": list(PROFILES),
    } | changes
    places = gpd.points_from_xy([770005.25 + row for row in range(5)], [6279003.5] * 5)
    return gpd.GeoDataFrame(values, geometry=places, crs=LAMBERT)


def test_lamps_come_back_as_they_were_written(tmp_path):
    before = stock().set_index("lamp_id")
    path = tmp_path / "lamps.gpkg"
    assert write_eclext({"lamps": stock()}, path) == [path]
    found, notes = lamps(path)
    assert notes == ""
    kept = [name for name in before.columns if name not in ("cabinet_id", "geometry", "managed")]
    for name in kept:
        written, read = (list(frame[name].astype(object).where(frame[name].notna(), None)) for frame in (before, found))
        assert read == written, name
    assert (found["managed"] == True).tolist() == before["managed"].tolist()  # noqa: E712 - empty where not managed
    assert found.geometry.geom_equals(before.geometry).all()


@pytest.mark.parametrize("profile", ["23:00-05:00=0.5@sat,sun", "23:00-05:00=0 + 01:00-02:00=on", "eco"])
def test_profiles_without_a_counterpart_are_refused_with_their_lamps(tmp_path, english, profile):
    text = [None, profile, None, None, profile]
    with pytest.raises(InputError) as caught:
        write_eclext({"lamps": stock(profile=text)}, tmp_path / "lamps.gpkg")
    assert caught.value.problems[0].features == ("b", "e")
    assert not (tmp_path / "lamps.gpkg").exists()


def test_a_territory_without_lamps_has_nothing_to_write(tmp_path, english):
    with pytest.raises(InputError, match="no lamp to write"):
        write_eclext({"lamps": stock().iloc[:0]}, tmp_path / "lamps.gpkg")

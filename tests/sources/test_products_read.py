"""Products are read rightly: places, codes, numbers and people, against what the files themselves or others say."""

import os
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from jumeau.engine.draft import Wanted, draft_territory
from jumeau.engine.territory import build_territory, import_formats
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.mobility.formats.road_counts import daily_means
from jumeau.sources.products.communes import of_commune
from jumeau.territory.carriers import known_jobs

DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[3] / "shared" / "data")) / "national"
LAMBERT = pyproj.CRS.from_epsg(2154)

sampled = pytest.mark.skipif(not DATA.is_dir(), reason="the samples of national open data are absent")


def read(product, path, crs=LAMBERT, **options):
    item = next(item for item in import_formats() if item.name == product)
    return item.read(path, item.options(format=product, file=str(path), **options), crs)


@sampled
@pytest.mark.parametrize("file", ["ban_import_test_data.csv", "ban_with_ids_test_data.csv"])
def test_degrees_of_the_ban_are_its_metres(file):
    table = pd.read_csv(DATA / "addresses" / file, sep=";", dtype=str)
    layer = read("ban", DATA / "addresses" / file).layers["addresses"]
    x, y = table["x"].astype(float).to_numpy(), table["y"].astype(float).to_numpy()
    assert layer["address_id"].tolist() == table["id"].tolist()
    assert np.hypot(layer.geometry.x.to_numpy() - x, layer.geometry.y.to_numpy() - y).max() < 1.0
    assert layer["label"].iloc[1] == "2 Impasse de la Treille"


@sampled
@pytest.mark.parametrize("there", [3035, 4326, 2154])
def test_round_trips_are_below_a_metre(there, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = gpd.read_file(DATA / "buildings" / "bdtopo_for_test.gpkg")
    frame.drop(columns=["date_creation", "date_modification"]).to_crs(there).to_file(tmp_path / "x.gpkg", layer="a")
    before = frame.set_index("cleabs").geometry.centroid
    layer = read("bdtopo", tmp_path / "x.gpkg").layers["buildings"].set_index("building_id")
    assert layer.geometry.centroid.distance(before.loc[layer.index], align=True).max() < 1.0


@sampled
def test_buildings_of_bd_topo():
    layer = read("bdtopo", DATA / "buildings" / "bdtopo_for_test.gpkg").layers["buildings"].set_index("building_id")
    first = layer.loc["BATIMENT0000000312141233"]
    assert (first["height"], first["storeys"], first["use"], first["dwellings"]) == (1.9, 1, "annex", 0)
    # The one whose times have a second 60, without a height.
    assert np.isnan(layer.loc["BATIMENT0000000312141318", "height"])
    assert not layer.geometry.has_z.any()


def test_cells_of_the_grid_lie_north_then_east(tmp_path):
    """A synthetic cell with the exact header of INSEE: that of the Hôtel de Ville in Paris, by pyproj."""
    east, north = pyproj.Transformer.from_crs(4326, 3035, always_xy=True).transform(2.3522, 48.8566)
    corner = (int(east // 200) * 200, int(north // 200) * 200)
    cell = f"CRS3035RES200mN{corner[1]}E{corner[0]}"
    rows = f"idcar_200m,i_est_200,lcog_geo,ind,men\n{cell},1,75104,812.5,401\nother,0,01004,3,1\n"
    (tmp_path / "carreaux.csv").write_text(rows, encoding="utf-8")
    made = read("filosofi", tmp_path / "carreaux.csv")
    layer = made.layers["population"]
    assert layer["cell_id"].tolist() == [cell]
    place = gpd.GeoSeries([shapely.Point(2.3522, 48.8566)], crs=4326).to_crs(2154).iloc[0]
    assert layer.geometry.iloc[0].contains(place)
    assert layer.geometry.iloc[0].area == pytest.approx(40_000.0, rel=0.01)
    assert layer["residents"].tolist() == [812.5]
    # INSEE imputed it.
    said = made.columns.set_index("column")
    assert said.loc["residents", "origin"] == "imputed"
    assert layer["residents"].sum() == read("filosofi", tmp_path / "carreaux.csv", commune="75056").layers[
        "population"]["residents"].sum()  # fmt: skip


def test_establishments_bring_jobs_by_their_band(tmp_path):
    """Closed ones and those of other communes are left out; 10 to 19 employees are 14.5, none stated is none known."""
    x, y = pyproj.Transformer.from_crs(4326, 2154, always_xy=True).transform(2.5, 44.35)
    head = (
        "siret;x;y;plg_code_commune;trancheEffectifsEtablissement;etatAdministratifEtablissement;enseigne1Etablissement"
    )
    rows = ["00012345600011;11;A;Mairie", "00012345600012;NN;A;", "00012345600013;;A;Café", "00012345600014;21;F;Usine"]
    lines = [
        f"{siret};{x + 10 * row:.1f};{y:.1f};12174;{rest}"
        for row, (siret, rest) in enumerate(text.split(";", 1) for text in rows)
    ]
    lines.append(f"00012345600015;{x:.1f};{y:.1f};12202;53;A;Ailleurs")
    (tmp_path / "etablissements.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    layer = read("sirene", tmp_path / "etablissements.csv", commune="12174").layers["establishments"]
    assert layer["establishment_id"].tolist() == ["00012345600011", "00012345600012", "00012345600013"]
    assert known_jobs(layer)[:2].tolist() == [14.5, 0.0]
    assert np.isnan(known_jobs(layer)[2])
    assert layer.geometry.iloc[0].distance(shapely.Point(x, y)) < 0.1


def test_amenities_without_a_place_are_told(tmp_path):
    head = "AN;DEPCOM;DCIRIS;TYPEQU;LAMBERT_X;LAMBERT_Y;QUALITE_XY"
    rows = ["2024;12174;121740000;A206;663000.5;6360000.5;Bonne", "2024;12174;121740000;B203;;;Non géolocalisé"]
    (tmp_path / "bpe.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    made = read("bpe", tmp_path / "bpe.csv", commune="12174")
    layer = made.layers["establishments"]
    assert layer["activity"].tolist() == ["A206"]
    assert (layer.geometry.x.iloc[0], layer.geometry.y.iloc[0]) == (663000.5, 6360000.5)
    assert any("1" in str(note) for note in made.notes)


@pytest.mark.parametrize(
    ("written", "commune", "held"),
    [("01004", "01004", True), ("1004", "01004", True), ("2A004", "2A004", True), ("2a004", "2A004", True),
     ("75104", "75056", True), ("13209", "13055", True), ("69385", "69123", True), ("75104", "69123", False),
     ("0100401005", "01005", True), ("", "01004", False)],
)  # fmt: skip
def test_codes_of_communes_stay_texts(written, commune, held):
    assert of_commune(pd.Series([written]), commune).tolist() == [held]


ROADS_2 = {
    "ID": ["a", "b", "c", "d"], "PREC_PLANI": [1.5] * 4,
    "NATURE": ["Route à 1 chaussée", "Autoroute", "Sentier", "Bac auto"],
    "NUMERO": ["NC", "A75", "NC", "NC"], "NOM_VOIE_G": ["R DU PUY", "NR", None, None],
    "IMPORTANCE": ["5", "1", "NC", "5"],
    "FICTIF": ["Non"] * 4,
    "LARGEUR": [5.5, 7.0, 0.0, 0.0], "NB_VOIES": [2, 2, 0, 0], "POS_SOL": ["0", "1", "0", "0"],
    "SENS": ["Double", "Direct", "NC", "NC"],
}  # fmt: skip
ROADS_3 = {
    "cleabs": ["a", "b", "c", "d"], "nature": ["Route à 1 chaussée", "Bretelle", "Chemin", "Route à 2 chaussées"],
    "importance": ["4", "1", "5", "2"], "fictif": [False, False, False, True],
    "position_par_rapport_au_sol": ["0", "-1", "0", "0"], "nombre_de_voies": [2, 1, None, 2],
    "largeur_de_chaussee": [6.0, 4.0, None, 7.0],
    "sens_de_circulation": ["Double sens", "Sens inverse", "Sans objet", "x"],
    "vitesse_moyenne_vl": [45, 70, 1, 80],
    "acces_vehicule_leger": ["Libre", "Libre", "Physiquement impossible", "Libre"],
    "nom_collaboratif_gauche": ["Rue du Puy", None, None, None], "cpx_numero": ["D888", None, None, None],
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "classes", "ways", "lanes"),
    [
        (ROADS_2, ["residential", "motorway", "pedestrian"], ["both", "forward", "both"], [2, 2, None]),
        (ROADS_3, ["tertiary", "primary", "track"], ["both", "backward", "closed"], [2, 1, None]),
    ],
)
def test_roads_of_both_versions(values, classes, ways, lanes, tmp_path):
    """Synthetic roads with the exact columns of BD TOPO 2 (shapefile) and 3 (GeoPackage)."""
    lines = [
        shapely.LineString([(660_000, 6_360_000 + 10 * row, 1.0), (660_100, 6_360_000 + 10 * row, 2.0)])
        for row in range(4)
    ]
    frame = gpd.GeoDataFrame(values, geometry=lines, crs=2154)
    name = "x.shp" if "ID" in values else "x.gpkg"
    frame.to_file(tmp_path / name)
    layer = read("bdtopo", tmp_path / name).layers["streets"]
    assert layer["street_id"].tolist() == ["a", "b", "c"]
    assert layer["road_class"].tolist() == classes
    assert layer["oneway"].tolist() == ways
    assert [None if pd.isna(value) else value for value in layer["lanes"]] == lanes
    assert layer["level"].astype(int).tolist()[1] != 0
    assert layer["name"].iloc[0] in ("R DU PUY", "Rue du Puy")
    assert not layer.geometry.has_z.any()


def test_counts_of_national_roads_are_put_on_the_right_side_of_a_crossing(tmp_path):
    """Synthetic sections with the header of TMJA: decimal comma, Lambert-93, both ends."""
    x, y = 660_000.0, 6_360_000.0
    lines = [shapely.LineString([(x + a, y), (x + a + 500, y)]) for a in (0, 500)]
    values = {"ID": ["west", "east"], "NUM": ["N88", "N88"]}
    gpd.GeoDataFrame(values, geometry=lines, crs=2154).to_file(tmp_path / "s.gpkg")
    rows = [
        "route;cumulD;xD;yD;xF;yF;anneeMesureTrafic;TMJA;ratio_PL",
        f"N0088;0;{x + 500:.1f};{y:.1f};{x + 1000:.1f};{y + 5:.1f};2019;12345,5;7,1".replace(".", ","),
        f"N0088;9;{x + 500:.1f};{y:.1f};{x:.1f};{y:.1f};2019;8000;7,1".replace(".", ","),
        "A0001;0;100000,0;6800000,0;100500,0;6800000,0;2019;90000;20",
    ]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n", encoding="latin-1")
    file = tmp_path / "t.yaml"
    file.write_text(
        "name: t\nlayers:\n  streets: {file: s.gpkg, columns: {street_id: ID, road_class: {constant: primary}}, "
        "keep: {road: NUM}}\nimports:\n- {format: tmja, file: t.csv}\n",
        encoding="utf-8",
    )
    with language("en"):
        territory, report = build_territory(file, synthesise=False)
    counts = territory.layers["traffic_counts"].set_index("street_id")
    assert counts["vehicles"].to_dict() == {"east": 12345.5, "west": 8000.0}
    assert counts["year"].astype(int).tolist() == [2019, 2019]
    assert "traffic counts: 2 on streets, of 3" in str(report)


@sampled
def test_days_of_counters_are_local_days():
    """The measures of Eco-Compteur are daily: their mean is that of the rows, by pandas alone."""
    table = pd.read_csv(DATA / "mobility" / "comptage_measure_eco_compteur.csv", dtype={"channel_id": str})
    names = {"channel_id": "channel", "start_datetime": "start", "end_datetime": "end"}
    means = daily_means(table.rename(columns=names))
    table["year"] = table["start_datetime"].str[:4].astype(int)
    full = table[table["year"] == 2022].groupby("channel_id")["count"].mean()
    for channel in means.index:
        assert means.loc[channel, "vehicles"] == pytest.approx(full[channel], rel=0.01)


def test_hours_make_a_day():
    rows = [("c", f"2024-03-0{day}T{hour:02d}:00:00+01:00", f"2024-03-0{day}T{hour:02d}:59:59+01:00", 10)
            for day in (1, 2) for hour in range(24 if day == 1 else 5)]  # fmt: skip
    means = daily_means(pd.DataFrame(rows, columns=["channel", "start", "end", "count"]))
    assert means.loc["c", "vehicles"] == 240.0


def iris_of_two_communes(folder):
    """The census and the contours of two communes: synthetic rows under the headers of INSEE and IGN."""
    rows = ["IRIS;COM;TYP_IRIS;LAB_IRIS;P20_POP;P20_POP0002"]
    rows += [f"0100401{n:02d};01004;H;1;{1000.5 + n:.3f};40".replace(".", ",") for n in (1, 2)]
    rows += ["010040199;01004;H;1;7;0", "010050000;01005;Z;5;1700;60"]
    (folder / "base.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    values = {
        "INSEE_COM": ["01004", "01004", "01004", "01005"],
        "CODE_IRIS": ["010040101", "010040102", "010040102", "010050000"],
        "NOM_IRIS": ["Centre", "Gare", "Gare", "Ambérieux"],
        "TYP_IRIS": ["H", "H", "H", "Z"],
    }
    boxes = [shapely.box(row * 1000, 0, row * 1000 + 900, 900) for row in range(4)]
    frame = gpd.GeoDataFrame(values, geometry=boxes, crs=LAMBERT)
    frame.geometry = frame.translate(880_000, 6_540_000)
    frame.to_file(folder / "iris.gpkg")
    return folder


def test_the_census_by_iris_lies_where_the_contours_are(tmp_path):
    folder = iris_of_two_communes(tmp_path)
    with language("en"):
        made = read("rp_iris", folder / "base.csv", commune="01004", contours=str(folder / "iris.gpkg"))
    frame = made.layers["population"].set_index("cell_id")
    assert frame["residents"].to_dict() == {"010040101": 1001.5, "010040102": 1002.5}
    # Both pieces of the station's quarter.
    assert frame.geometry.area.to_dict() == {"010040101": 810_000.0, "010040102": 1_620_000.0}
    assert "IRIS of the census without a contour, left out: 1 (010040199)" in made.notes[1]
    everything = read("rp_iris", folder / "base.csv", contours=str(folder / "iris.gpkg"))
    assert len(everything.layers["population"]) == 3


@pytest.mark.parametrize(
    ("contours", "commune", "told"),
    [
        ("", "", "tells no place"),
        ("base.csv", "", "no table of INSEE and IGN"),
        ("iris.gpkg", "35001", "in both"),
    ],
)
def test_a_census_without_its_contours_is_told(tmp_path, contours, commune, told):
    folder = iris_of_two_communes(tmp_path)
    beside = str(folder / contours) if contours else ""
    with language("en"), pytest.raises(InputError) as error:
        read("rp_iris", folder / "base.csv", commune=commune, contours=beside)
    assert told in str(error.value)


def test_a_folder_with_both_gives_the_population(tmp_path):
    folder = iris_of_two_communes(tmp_path)
    draft = draft_territory(folder, Wanted(commune="01004")).draft
    entry = next(entry for entry in draft.entries if entry.format == "rp_iris")
    assert entry.layers == ("population",)
    assert dict(entry.keys) == {"commune": "01004", "contours": "iris.gpkg"}

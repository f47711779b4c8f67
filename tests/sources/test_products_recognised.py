"""Every sample of national open data is recognised by its columns, read, or refused with a reason."""

import gzip
import os
import shutil
from pathlib import Path

import pyproj
import pytest

from jumeau.engine.territory import import_formats
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.sources.products.catalogue import catalogue, preference
from jumeau.sources.products.recognition import recognised

DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[3] / "shared" / "data")) / "national"
LAMBERT = pyproj.CRS.from_epsg(2154)

#: File -> product, layers read, features of the first; None is a product that is not used yet.
READ = {
    "addresses/bal_1.4_valid.csv": ("bal", {"addresses": 1}),
    "addresses/bal_1.5_valid.csv": ("bal", {"addresses": 1}),
    "addresses/bal_import_test_data.csv": ("bal", {"addresses": 7}),
    "addresses/bal_strasbourg_bad_sample.csv": ("bal", {"addresses": 15}),
    "addresses/ban_import_test_data.csv": ("ban", {"addresses": 50}),
    "addresses/ban_with_ids_test_data.csv": ("ban", {"addresses": 4}),
    "buildings/adresses_bdnb_7.csv": ("bdnb", {"addresses": 3}),
    "buildings/batiment_construction_bdnb_7.csv": ("bdnb", {"buildings": 3}),
    "buildings/bdnb_2023_01_addresses.csv": ("bdnb", {"addresses": 3}),
    "buildings/bdnb_2023_01_bdgs.csv": ("bdnb", {"buildings": 2}),
    "buildings/bdtopo_for_test.gpkg": ("bdtopo", {"buildings": 5}),
    "buildings/cities.geojson": ("communes", {"zones": 2, "limits": 2, "population": 2}),
    "buildings/sample_bdtopo.shp": ("bdtopo", {"buildings": 1}),
    "buildings/sample_rnb.geojson": ("rnb", {"buildings": 11}),
    "mobility/bnls_valide.csv": ("bnls", {"parking": 2}),
    "mobility/irve_statique_valide.csv": ("irve", {"charge_points": 2}),
    "mobility/onstreet_parking_valid.geojson": ("stationnement_voirie", {"parking": 2}),
    "buildings/DPE_existants_sample.csv": ("dpe", None),
    "buildings/DPE_neufs_sample.csv": ("dpe", None),
    "buildings/DPE_tertiaires_sample.csv": ("dpe", None),
    "buildings/rel_batiment_groupe_adresse_7.csv": ("bdnb", None),
    "calendar/jours_feries.csv": ("jours_feries", None),
    "calendar/vacances_scolaires.csv": ("vacances_scolaires", None),
    "green/arbres_exemple_valide.csv": ("arbres", None),
    "indicators/territoires_en_transitions_indicateurs.csv": ("territoires_en_transitions", None),
    "mobility/comptage_channel_eco_compteur.csv": ("comptage_mobilites", None),
    "mobility/comptage_measure_eco_compteur.csv": ("comptage_mobilites", None),
    "mobility/irve_dynamique_valide.csv": ("irve_dynamique", None),
    "mobility/zfe_voie_speciale_valide.geojson": ("zfe", None),
    "mobility/zfe_zone_valide.geojson": ("zfe", None),
    "weather/tmy_45.000_8.000_2005_2023.csv": ("pvgis", None),
    "weather/tmy_47.360_2.080_2005_2020.csv": ("pvgis", None),
}
#: File -> words of the reason.
REFUSED = {
    "addresses/bal_schema_v1.3.json": "a schema",
    "addresses/bal_schema_v1.4.json": "a schema",
    "addresses/bal_schema_v1.5.json": "a schema",
    "green/arbres_schema_v0.2.0.json": "a schema",
    "mobility/bnls_schema_v0.1.5.json": "a schema",
    "mobility/irve_schema_statique_v2.3.0.json": "a schema",
    "insee/insee_catalogue_extract.json": "JSON without a layer",
    "weather/pvgis_hourly_45_8_10kWp_CIS_2axis.json": "JSON without a layer",
    "mobility/comptage_site_eco_compteur.csv": "channel, measure",
}
#: Parts of a shapefile.
PARTS = (".dbf", ".shx", ".prj", ".cpg")
FOLDERS = ("addresses", "buildings", "calendar", "green", "indicators", "insee", "mobility", "weather")

sampled = pytest.mark.skipif(not DATA.is_dir(), reason="the samples of national open data are absent")


@sampled
def test_no_sample_is_forgotten():
    files = {f"{folder}/{item.name}" for folder in FOLDERS for item in (DATA / folder).iterdir()}
    assert {name for name in files if not name.endswith(PARTS)} == {*READ, *REFUSED}


def read(product, path, crs=LAMBERT):
    item = next(item for item in import_formats() if item.name == catalogue()[product].format)
    return item.read(path, item.options(format=item.name, file=str(path)), crs)


@sampled
@pytest.mark.parametrize("name", list(READ))
def test_a_sample_is_recognised_and_read(name):
    product, layers = READ[name]
    known, left = recognised(DATA / name)
    assert [item.product.name for item in known] == [product]
    assert not left
    if layers is not None:
        made = read(product, DATA / name)
        assert {layer: len(frame) for layer, frame in made.layers.items()} == layers
        assert all(frame.crs == LAMBERT for frame in made.layers.values())
    else:
        assert not known[0].layers


@sampled
@pytest.mark.parametrize("name", list(REFUSED))
def test_a_sample_is_refused_with_a_reason(name):
    with language("en"):
        known, left = recognised(DATA / name)
        if known:
            with pytest.raises(InputError, match=REFUSED[name]):
                read(known[0].product.name, DATA / name)
        else:
            assert REFUSED[name] in left[0].reason


@sampled
def test_names_of_files_tell_nothing(tmp_path):
    shutil.copy(DATA / "addresses" / "ban_import_test_data.csv", tmp_path / "bdtopo.csv")
    packed = tmp_path / "buildings.csv.gz"
    packed.write_bytes(gzip.compress((DATA / "addresses" / "bal_1.4_valid.csv").read_bytes()))
    inside = tmp_path / "deep" / "er"
    inside.mkdir(parents=True)
    shutil.copy(DATA / "buildings" / "bdtopo_for_test.gpkg", inside / "x.gpkg")
    known, left = recognised(tmp_path)
    assert {item.held.file.name: item.product.name for item in known} == {
        "bdtopo.csv": "ban", "buildings.csv.gz": "bal", "x.gpkg": "bdtopo"
    }  # fmt: skip
    assert not left


#: Headers as their producers write them (open data of France, 2015-2024).
HEADERS = {
    "filosofi": [
        "IdINSPIRE;Id_carr1km;I_est_cr;Depcom;Ind;Men;Men_pauv;Ind_snv",
        "Idcar_200m,I_est_200,Idcar_1km,I_est_1km,Idcar_nat,Ind,Men,Men_pauv,Ind_snv,Log_av45",
        "idcar_200m,i_est_200,idcar_1km,lcog_geo,ind,men,men_pauv,men_1ind",
    ],
    "rp_iris": ["Recensement de la population\n\nIRIS;REG;DEP;UU2010;COM;LIBCOM;P17_POP;P17_POP0002"],
    "bpe": ["REG;DEP;DEPCOM;DCIRIS;AN;TYPEQU;NB_EQUIP", "AN;DEPCOM;DCIRIS;TYPEQU;LAMBERT_X;LAMBERT_Y;QUALITE_XY"],
    "sirene": ["siret;x;y;qualite_xy;plg_code_commune;trancheEffectifsEtablissement;etatAdministratifEtablissement"],
    "mobpro": ["COMMUNE;ARM;DCFLT;DCLT;AGEREVQ;IPONDI;TRANS;TYPL"],
    "tmja": ["dateReferentiel;route;longueur;prD;cumulD;xD;yD;prF;xF;yF;anneeMesureTrafic;TMJA;ratio_PL"],
    "sispea": ["Code_service;Nom_service;D102.0;P104.3;P106.3"],
    "sinoe": ["ANNEE;C_REGION;L_REGION;C_DEPT;N_DEPT;L_TYP_REG_TRAITEMENT;TONNAGE_DMA"],
    "enedis": ["Année;Code commune;Nom commune;Nb sites;Conso totale (MWh)", "annee;code_commune;conso_totale_mwh"],
    "rnb": ["rnb_id;point;shape;status;ext_ids;addresses;plots;validated_by"],
}


@pytest.mark.parametrize(("product", "header"), [(name, text) for name, texts in HEADERS.items() for text in texts])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_vintages_are_recognised_by_their_headers(product, header, encoding, tmp_path):
    row = ";".join(["1"] * (header.splitlines()[-1].count(";") + 1))
    (tmp_path / "x.csv").write_text(header + "\n" + row + "\n", encoding=encoding)
    known, _left = recognised(tmp_path)
    assert [item.product.name for item in known] == [product]


def test_what_lacks_a_column_is_told_with_it(tmp_path):
    (tmp_path / "a.csv").write_text("id;numero;rep;nom_voie;code_insee;lon\n1;2;;Rue;01004;5\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("couleur;forme\nbleu;rond\n", encoding="utf-8")
    (tmp_path / "c.7z").write_bytes(b"7z")
    with language("en"):
        _known, left = recognised(tmp_path)
    reasons = {item.held.file.name: item.reason for item in left}
    assert "BAN" in reasons["a.csv"]
    assert "lacks the column(s): lat" in reasons["a.csv"]
    assert "no known product" in reasons["b.csv"]
    assert "unpack it" in reasons["c.7z"]


def test_structures_are_recognised(tmp_path):
    (tmp_path / "feed").mkdir()
    for name in ("stops.txt", "trips.txt", "stop_times.txt"):
        (tmp_path / "feed" / name).write_text("a,b\n", encoding="utf-8")
    (tmp_path / "a.inp").write_text("[TITLE]\n\n[JUNCTIONS]\n", encoding="utf-8")
    (tmp_path / "b.osm.gz").write_bytes(gzip.compress(b"<?xml version='1.0'?><osm version='0.6'></osm>"))
    (tmp_path / "c.asc").write_text("ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n5\n", encoding="utf-8")
    found = {item.held.file.name: item.product.name for item in recognised(tmp_path)[0]}
    assert found == {"feed": "gtfs", "a.inp": "epanet", "b.osm.gz": "osm", "c.asc": "relief"}


def test_the_catalogue_holds_together():
    formats = {item.name for item in import_formats()} | {"osm"}
    for product in catalogue().values():
        assert not product.format or product.format in formats, product.name
        for table in product.tables:
            assert set(table.required) <= set(table.keys), (product.name, table.name)
            keys = {*table.keys, "label", "id", "spaces", "price", "power"}
            written = [rule if isinstance(rule, str) else rule.column for rule in table.columns.values()]
            assert {*filter(None, written), *table.codes, *table.blank, *table.where} <= keys, (
                product.name,
                table.name,
            )
    assert {name for names in preference().values() for name in names} <= set(catalogue())


@sampled
@pytest.mark.parametrize(("part", "junk"), [("prj", b"\xb3\xae PROJCS"), ("dbf", None), ("shx", b"")])
def test_damaged_parts_of_a_shapefile_are_told(part, junk, tmp_path):
    for item in (DATA / "buildings").glob("sample_bdtopo.*"):
        content = item.read_bytes()
        if item.suffix == f".{part}":
            content = content.replace("é".encode(), b"\xae\xb3") if junk is None else junk
        (tmp_path / item.name).write_bytes(content)
    known, left = recognised(tmp_path)
    assert len(known) + len(left) == 1
    assert all(item.reason for item in left)
    for item in known:
        assert len(read(item.product.name, item.held.file).layers["buildings"]) == 1

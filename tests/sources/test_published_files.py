"""SISPEA and SINOE: the right service, département and year; numbers as they are written; what cannot be used is told.

Headers are those of the producers, rows are synthetic.
"""

import openpyxl
import pyproj
import pytest

from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.waste.formats.sinoe import read_sinoe
from jumeau.networks.water.formats.sispea import UNITS, read_sispea

CRS = pyproj.CRS.from_epsg(2154)

HEAD = (
    "Id SISPEA de l'entité de gestion;Nom de l'entité de gestion;Nom collectivité;N° INSEE si commune;Distribution;"
    "Année;D101.0;D102.0;P104.3;P106.3;VP.077"
)
SERVICES = [
    HEAD,
    "11;eau potable;Ambérieu;1004;1;2023;14000;1,90;80,0;3,1;95",
    "11;eau potable;Ambérieu;1004;1;2024;14 200;1,95;81,25;2,9;96,5",
    "12;eau potable - secteur nord;Ambérieu;01004;1;2024;300;2,10;70;ND;4",
    "13;production;Ambérieu;01004;0;2024;50000;;90;1;2",
    "14;eau potable;Ajaccio;2A004;1;2024;71000;1.7;75.5;6;310",
    "15;eau potable;Syndicat des Monts;;1;2024;9000;2,5;88;1,2;402",
]


def written(folder, lines=SERVICES, name="table.csv", encoding="utf-8-sig"):
    (folder / name).write_text("\n".join(lines) + "\n", encoding=encoding)
    return folder / name


def read(path, commune="", service=""):
    with language("en"):
        return read_sispea(path, commune, service, CRS)


def values(made, layer="water_yardsticks"):
    return made.layers[layer].set_index("indicator")["value"].to_dict()


def test_the_last_year_of_the_service_that_serves_most(tmp_path):
    """A code that lost its zero, decimal commas, digits in groups, other services and years told."""
    made = read(written(tmp_path), "01004")
    assert values(made) == {"D101.0": 14200.0, "D102.0": 1.95, "P104.3": 81.25, "P106.3": 2.9, "VP.077": 96.5}
    frame = made.layers["water_yardsticks"]
    assert set(frame["year"]) == {2024}
    assert set(frame["body"]) == {"Ambérieu, eau potable (11)"}
    assert frame.set_index("indicator")["unit"].to_dict() == {code: UNITS[code] for code in values(made)}
    told = "\n".join(made.notes)
    assert "secteur nord (12)" in told
    assert "production (13)" in told
    assert "2023" in told
    assert (made.columns["origin"] == "observed").all()


def test_corsica_and_a_service_by_name_or_code(tmp_path):
    path = written(tmp_path)
    assert values(read(path, "2A004"))["P104.3"] == 75.5
    assert values(read(path, "", "syndicat des monts"))["VP.077"] == 402.0
    assert values(read(path, "01004", "12")) == {"D101.0": 300.0, "D102.0": 2.1, "P104.3": 70.0, "VP.077": 4.0}


def test_sewerage_is_passed_over_and_answers_of_hubeau_are_unfolded(tmp_path):
    rows = [
        "code_service;nom_service;codes_commune;annee;type_service;indicateurs",
        """1;Assainissement;"['01004']";2024;AC;"{'P104.3': 1.0, 'D102.0': 9.0}\"""",
        """2;Eau de l'Ain;"['01004', '01005']";2022;AEP;"{'P104.3': 77.5, 'D102.0': 2.0}\"""",
    ]
    made = read(written(tmp_path, rows), "01005")
    assert values(made) == {"D102.0": 2.0, "P104.3": 77.5}
    with pytest.raises(InputError, match="cannot be read"):
        read(written(tmp_path, [rows[0], "2;Eau;01005;2022;AEP;rien"]), "01005")


def test_a_workbook_with_titles_tells_its_year_by_its_name(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Entités de gestion"
    sheet.append(["Données SISPEA"])
    sheet.append(
        ["Id SISPEA de l'entité de gestion", "Nom de l'entité de gestion", "N° INSEE si commune", "D102.0", "P104.3"]
    )
    sheet.append([7, "eau potable", "01004", 2.04, 83.1])
    book.save(tmp_path / "SISPEA_FR_2024_AEP.xlsx")
    made = read(tmp_path / "SISPEA_FR_2024_AEP.xlsx", "01004")
    assert values(made) == {"D102.0": 2.04, "P104.3": 83.1}
    assert set(made.layers["water_yardsticks"]["year"]) == {2024}


def test_values_that_cannot_be_are_left_out_and_told(tmp_path):
    lines = [SERVICES[0], "11;eau;A;01004;1;2024;100;2;104;-3;5"]
    made = read(written(tmp_path, lines), "01004")
    assert set(values(made)) == {"D101.0", "D102.0", "VP.077"}
    assert [(item.column, item.line) for item in made.warnings] == [("P104.3", 2), ("P106.3", 2)]


@pytest.mark.parametrize(
    ("commune", "service", "told"),
    [("", "", "of one service"), ("35001", "", "state « service: »"), ("", "Ambérieux", "did you mean « Ambérieu »")],
)
def test_what_is_not_there_is_refused(tmp_path, commune, service, told):
    with pytest.raises(InputError) as error:
        read(written(tmp_path), commune, service)
    assert told in str(error.value)


def test_cells_that_are_no_numbers_and_columns_that_are_missing(tmp_path):
    with pytest.raises(InputError) as error:
        read(written(tmp_path, [*SERVICES[:1], "11;eau;A;01004;1;2024;100;2;environ 80;1;5"]), "01004")
    problem = error.value.problems[0]
    assert (problem.line, problem.column, problem.value) == (2, "P104.3", "environ 80")
    with pytest.raises(InputError) as error:
        read(written(tmp_path, ["Code_service;Nom_service;P104.3", "1;a;80"]), "01004")
    assert "d102_0" in str(error.value)
    with pytest.raises(InputError, match="none of the indicators"):
        read(written(tmp_path, [SERVICES[0], "11;eau;A;01004;1;2024;;;;;"]), "01004")


SINOE = [
    "ANNEE,C_REGION,L_REGION,C_DEPT,N_DEPT,L_TYP_REG_DECHET,TONNAGE_OMA_T,POPULATION,RATIO_OMA",
    '2019,84,ARA,01,Ain,Ordures ménagères résiduelles,130000,650000,"200,5"',
    "2021,84,ARA,01,Ain,Ordures ménagères résiduelles,125000,655000,190.8",
    "2021,84,ARA,01,Ain,Verre,22000,655000,33.6",
    '2021,84,ARA,01,Ain,"Emballages, journaux-magazines",32000,655000,48.9',
    "2021,84,ARA,01,Ain,Déchets verts,1000,655000,1.5",
    "2021,84,ARA,69,Rhône,Ordures ménagères résiduelles,400000,1900000,210",
]


def waste(path, commune="01004"):
    with language("en"):
        return read_sinoe(path, commune, CRS)


def test_kilograms_of_the_departement_of_the_last_year(tmp_path):
    made = waste(written(tmp_path, SINOE))
    assert values(made, "waste_yardsticks") == {"OMR": 190.8, "EMR": 48.9, "VERRE": 33.6}
    assert set(made.layers["waste_yardsticks"]["body"]) == {"Ain (01)"}
    # A code that lost its zero.
    bare = [line.replace(",01,Ain", ",1,Ain") for line in SINOE]
    assert values(waste(written(tmp_path, bare)), "waste_yardsticks")["VERRE"] == 33.6


def test_tables_of_tonnages_and_other_places_are_refused(tmp_path):
    with pytest.raises(InputError, match="not in the file"):
        waste(written(tmp_path, SINOE), "35001")
    with pytest.raises(InputError, match="per inhabitant"):
        waste(written(tmp_path, ["ANNEE,C_DEPT,L_TYP_REG_DECHET,TONNAGE_DMA", "2021,01,Verre,5"]))
    with pytest.raises(InputError) as error:
        waste(written(tmp_path, [SINOE[0], "2021,84,ARA,01,Ain,Verre,5,5,beaucoup"]))
    assert (error.value.problems[0].line, error.value.problems[0].column) == (2, "RATIO_OMA")
    with pytest.raises(InputError, match="one that is simulated"):
        waste(written(tmp_path, [SINOE[0], SINOE[5]]))

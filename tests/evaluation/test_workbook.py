"""The spreadsheet: its formulas, recalculated by LibreOffice, give what Jumeau computes; a changed rate too."""

import shutil
import subprocess

import numpy as np
import openpyxl
import pytest

from jumeau.accounts import TOTAL
from jumeau.cli import main
from jumeau.evaluation.stated import evaluate_stated
from jumeau.evaluation.workbook import NAMED, write_workbook
from jumeau.i18n import language

PROJECT = """
name: priced
title: {fr: Projet, en: Project}
base_year: 2023
prices:
  electricity_price: 0.2 EUR/kWh
  electricity_carbon: 0.058 kgCO2e/kWh
  petrol_price: 1.8 EUR/l
  petrol_carbon: 2.7 kgCO2e/l
evaluation:
  start: 2026
  reference: {nox_value: 5 EUR/kg}
  drifts: {electricity_price: 1 %}
  deployment: {all: {2026: 40 %, 2028: 60 %}}
  financing: {fctva: true, grants: [{name: DETR, share: 20 %}], loan: {share: 40 %, rate: 3.5 %, years: 15}}
variants:
  a:
    title: {fr: Variante A, en: Variant A}
    purchases:
      - {kind: works, price: 85 kEUR, life: 24 years, embodied: 12000 kgCO2e}
      - {kind: device, price: 15 kEUR, life: 8 years, fee: 400 EUR/year}
    yearly:
      - {quantity: electricity, amount: -60 MWh}
      - {quantity: user_petrol, amount: -900 l}
      - {quantity: nox, amount: -12 kg}
      - {item: levies, amount: 700 EUR, mirror: other_public}
  loss:
    purchases: [{kind: works, price: 50 kEUR, life: 10 years}]
    yearly: [{item: energy, amount: 1 kEUR}]
"""

office = shutil.which("soffice")
needs_office = pytest.mark.skipif(office is None, reason="LibreOffice is not on this machine")

#: Criteria that the sheet computes, by name; those that are times or rates may be none.
SHOWN = (
    "investment",
    "financial_benefit",
    "socio_economic_benefit",
    "collective_value",
    "collective_value_per_euro",
    "net_public_value",
    "net_present_socio_economic_value",
    "internal_rate",
    "modified_rate",
    "simple_payback",
    "discounted_payback",
    "annual_equivalent",
    "carbon_net",
    "carbon_value",
    "abatement_cost",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "project.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def central(project, **changes):
    """Return the evaluation of the project, with these keys of its block over the file's."""
    return evaluate_stated(project, changes).evaluation


def recalculated(path, folder):
    """Return the workbook as LibreOffice computes it."""
    subprocess.run(
        [office, "--headless", "--calc", f"-env:UserInstallation=file://{folder}/profile", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return openpyxl.load_workbook(folder / "out" / path.name, data_only=True)


def criteria_in(sheet):
    """Return the criteria of a sheet: the block of formulas, in the order of `SHOWN`."""
    last = sheet.max_row + 1
    rows = [row for row in range(1, last) if str(sheet.cell(row, 3).fill.fgColor.rgb).endswith("E2EFDA")]
    assert len(rows) == len(SHOWN)
    return {name: sheet.cell(row, 3).value for name, row in zip(SHOWN, rows, strict=True)}


def expected(evaluation, variant):
    """Return the criteria of central flows, computed here from the flows that the evaluation gives."""
    flows = evaluation.changes(variant).sum("network")
    rate = evaluation.assumed.reference.value("discount_rate")
    cofp = evaluation.assumed.reference.value("public_funds_cost")
    money = ["vat_paid", "fctva", "grants", "cee", "loan_drawn", "loan_repaid"]
    own = flows.drop_sel(item=money).sum("item")
    factor = (1.0 + rate) ** -np.arange(flows.sizes["year"])
    worth = {actor: float(own.sel(actor=actor).to_numpy() @ factor) for actor in own["actor"].values}
    others = worth["users"] + worth["third_parties"] + worth["environment"]
    public = worth["authority"] + worth["other_public"]
    spent = -flows.sel(actor="authority", item=["initial_investment", "renewal", "studies"]).sum("item").to_numpy()
    return {
        "investment": float(spent @ factor),
        "financial_benefit": worth["authority"],
        "socio_economic_benefit": worth["other_public"] + others,
        "collective_value": public + others,
        "net_public_value": public,
        "net_present_socio_economic_value": others + cofp * public,
    }


@needs_office
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_libreoffice_finds_the_same_values(project, tmp_path, lang):
    evaluation = central(project)
    with language(lang):
        path = write_workbook(evaluation, tmp_path / "value.xlsx")
    book = recalculated(path, tmp_path)
    for variant in ("a", "loss"):
        found = criteria_in(book[variant])
        for name, value in expected(evaluation, variant).items():
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-6), name
    assert not [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("#")
    ]
    loss = criteria_in(book["loss"])
    assert loss["simple_payback"] == loss["discounted_payback"] == ">20"
    assert loss["abatement_cost"] == "—"


@needs_office
def test_rates_times_and_tonnes_too(tmp_path):
    """Case A of the specification, through a spreadsheet."""
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nbase_year: 2023\nevaluation: {start: 2026}\nvariants:\n  a:\n"
        "    purchases:\n      - {kind: w, price: 85 kEUR, life: 20 years, embodied: 30000 kgCO2e}\n"
        "      - {kind: d, price: 15 kEUR, life: 10 years}\n"
        "    yearly:\n      - {item: energy, amount: 12 kEUR}\n"
        "      - {quantity: avoided_emissions, amount: 10 tCO2e}\n",
        encoding="utf-8",
    )
    book = recalculated(write_workbook(evaluate_stated(path).evaluation, tmp_path / "a.xlsx"), tmp_path)
    found = criteria_in(book["a"])
    assert found["financial_benefit"] == pytest.approx(64_325.771, abs=5e-4)
    assert found["internal_rate"] == pytest.approx(0.09455533, abs=5e-9)
    assert found["simple_payback"] == pytest.approx(8.0 + 1 / 3, abs=1e-9)
    assert found["discounted_payback"] == pytest.approx(11.138, abs=5e-4)
    assert found["annual_equivalent"] == pytest.approx(4_404.046, abs=5e-4)
    assert found["carbon_value"] == pytest.approx(44_912.64, abs=5e-3)
    assert found["collective_value_per_euro"] == pytest.approx(0.984600, abs=5e-7)
    assert found["net_present_socio_economic_value"] == pytest.approx(122_103.565, abs=5e-4)
    assert found["abatement_cost"] == pytest.approx(-378.39, abs=5e-3)


@needs_office
def test_another_rate_in_the_sheet_is_another_rate_here(project, tmp_path):
    path = write_workbook(central(project), tmp_path / "value.xlsx")
    book = openpyxl.load_workbook(path)
    place = book.defined_names["discount_rate"].attr_text.replace("$", "").split("!")
    book[place[0].strip("'")][place[1]] = 0.05
    book.save(path)
    found = criteria_in(recalculated(path, tmp_path)["a"])
    dearer = central(project, reference={"discount_rate": "5 %", "nox_value": "5 EUR/kg"})
    for name, value in expected(dearer, "a").items():
        assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-6), name


def test_formulas_are_formulas_and_samples_are_not(project, tmp_path):
    path = write_workbook(central(project), tmp_path / "value.xlsx")
    book = openpyxl.load_workbook(path)
    assert set(book.defined_names) == set(NAMED)
    sheet = book["a"]
    for value in criteria_in(sheet).values():
        assert str(value).startswith("=")
    text = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None)
    assert "discount_rate" in text
    # What was found by samples stands as figures.
    said = central(project).estimate("investment", "a", TOTAL)
    values = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float)]
    assert any(value == pytest.approx(said.p50) for value in values)


def test_the_same_evaluation_makes_the_same_cells(project, tmp_path):
    first = openpyxl.load_workbook(write_workbook(central(project), tmp_path / "1.xlsx"))
    second = openpyxl.load_workbook(write_workbook(central(project), tmp_path / "2.xlsx"))
    for one, other in zip(first, second, strict=True):
        assert [[cell.value for cell in row] for row in one] == [[cell.value for cell in row] for row in other]


def test_a_run_on_the_command_line(folder, tmp_path):
    assert main(["evaluate", str(folder), "-o", str(tmp_path / "e.json"), "--xlsx", str(tmp_path / "e.xlsx")]) == 0
    book = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert book.sheetnames == ["Lisez-moi", "Hypothèses", "led", "rounds", "nothing"]


def test_what_a_user_writes_is_no_formula_and_names_of_sheets_end(tmp_path):
    long = "a_very_long_name_of_a_variant_that_"
    variants = "".join(f"  {long}{letter}: {{title: =1+1}}\n" for letter in "xyz")
    path = tmp_path / "p.yaml"
    path.write_text(f"name: p\nbase_year: 2023\ntitle: =HYPERLINK(1)\nvariants:\n{variants}", encoding="utf-8")
    evaluation = evaluate_stated(path).evaluation
    book = openpyxl.load_workbook(write_workbook(evaluation, tmp_path / "p.xlsx"))
    assert len(set(book.sheetnames)) == 5
    assert book.worksheets[0]["A1"].data_type == "s"
    assert all(book[name]["A1"].data_type == "s" for name in book.sheetnames[2:])
    assert (tmp_path / "p.xlsx").read_bytes() == write_workbook(evaluation, tmp_path / "q.xlsx").read_bytes()

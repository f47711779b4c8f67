"""Bills by delivery point: read as they are sent, and set beside what a run says of the cabinets."""

from dataclasses import replace
from datetime import date

import pytest
from lighting_kit import Lit, small_town

from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError
from jumeau.networks.lighting.bills import compare, main
from jumeau.networks.lighting.formats.bills import read_bills
from jumeau.simulation.clock import Clock

POINTS = ["01234567890123", "30000000000001"]
SCENARIO = """
name: billed
territory: bourg_exemple
period: {start: 2025-01-01, end: 2025-12-31}
warmup: 0 days
seed: 7
replications: 1
networks: [lighting]
variants:
  off: {measures: [{measure: lighting.switch_off, from: "23:00", to: "05:00"}]}
assumptions: {lighting: {TARIFF failed_lamps_consume: true}}
"""


def metered_town():
    town = small_town()
    cabinets = town.layers["cabinets"].assign(delivery_point=POINTS)
    return replace(town, layers={**town.layers, "cabinets": cabinets})


def results_of(folder, tariff=""):
    path = folder / "billed.yaml"
    path.write_text(SCENARIO.replace("TARIFF", tariff), encoding="utf-8")
    return run(read_scenario(path), metered_town(), folder / "run")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    return results_of(tmp_path_factory.mktemp("billed"))


def written(folder, *rows, header="PDL;Date de début;Date de fin;Consommation (kWh);Montant HT"):
    path = folder / "factures.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def kwh(first, last):
    return Lit(metered_town(), clock=Clock(first, last)).still()["electricity"] / 2


def test_bills_that_agree_with_the_model_show_no_gap_whatever_their_season(ran, tmp_path):
    winter, summer = kwh(date(2025, 1, 1), date(2025, 2, 28)), kwh(date(2025, 5, 10), date(2025, 8, 20))
    path = written(
        tmp_path,
        f"{POINTS[0]};01/01/2025;28/02/2025;{winter:.1f};100,00 €".replace(".", ","),
        f"{POINTS[0]};10/05/2025;20/08/2025;{summer:.1f};".replace(".", ","),
    )
    found = compare(read_bills(path), ran)
    (row,) = found.table.to_dict("records")
    assert row["cabinet_id"] == "C0"
    assert row["days"] == 59 + 103
    assert row["model_kwh"] == pytest.approx(winter + summer, rel=0.005)
    assert abs(row["energy_gap"]) < 0.005
    assert row["billed_eur"] == 100.0
    # Plain prices: 16 c EUR a kWh, 3 kVA at 120 EUR a year.
    assert row["model_eur"] == pytest.approx(0.16 * row["model_kwh"] + 3 * 120 * row["days"] / 365, rel=1e-6)


def test_a_cabinet_that_burns_too_much_is_seen_and_what_is_not_matched_is_told(ran, tmp_path):
    whole = kwh(date(2025, 1, 1), date(2025, 12, 31))
    path = written(
        tmp_path,
        f"{POINTS[0]};2025-01-01;2025-12-31;{1.25 * whole:.1f};1200",
        "19999999999999;2025-01-01;2025-12-31;500;80",
    )
    found = compare(read_bills(path), ran)
    assert found.table["energy_gap"].iloc[0] == pytest.approx(1 / 1.25 - 1, abs=0.005)
    assert found.unknown_points == ("19999999999999",)
    assert found.unbilled == ("C1",)
    said = found.told()
    assert "19999999999999" in said
    assert "C1" in said
    # The variant's cabinets beside the same bills.
    less = compare(read_bills(path), ran, "off").table["model_kwh"].iloc[0]
    assert less < 0.6 * found.table["model_kwh"].iloc[0]


def test_a_run_by_tariff_is_compared_by_tariff(tmp_path):
    ran = results_of(tmp_path, "tariff: {option: LU},")
    path = written(tmp_path, f"{POINTS[0]};2025-01-01;2025-12-31;9000;1320", header="PRM;du;au;kWh;Total TTC")
    (row,) = compare(read_bills(path), ran).table.to_dict("records")
    assert row["billed_eur"] == pytest.approx(1100.0)
    lines = ran.dataset.sel(scenario="baseline").mean("replication")
    cost = float(lines["lighting_energy_cost"]) - 1.35 * float(lines["lighting_crew_diesel"])
    assert row["model_eur"] == pytest.approx(cost / 2, rel=0.01)


def test_numbers_and_points_as_spreadsheets_write_them(tmp_path):
    path = written(
        tmp_path, "1234567890123;01.02.2025;28.02.2025;1\u202f234,5;", header="N° PRM;Début;Fin;kWh;Montant HT"
    )
    path.write_text(path.read_text(encoding="utf-8").replace("N° PRM", "Numéro PRM"), encoding="utf-8")
    (row,) = read_bills(path).table.to_dict("records")
    assert (row["point"], row["energy"]) == ("01234567890123", 1234.5)
    assert row["net"] != row["net"]


@pytest.mark.parametrize(
    ("row", "line", "said"),
    [
        ("1,23E+13;01/01/2025;31/01/2025;10;1", 2, "14"),
        (f"{POINTS[0]};31/13/2025;31/01/2025;10;1", 2, "date"),
        (f"{POINTS[0]};01/02/2025;31/01/2025;10;1", 2, "avant"),
        (f"{POINTS[0]};01/01/2025;31/01/2025;beaucoup;1", 2, "beaucoup"),
        (f"{POINTS[0]};01/01/2025;31/01/2025;10;1\n{POINTS[0]};15/01/2025;28/02/2025;10;1", 3, "ligne 2"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path, row, line, said):
    with pytest.raises(InputError) as caught:
        read_bills(written(tmp_path, row))
    (problem,) = caught.value.problems
    assert problem.line == line
    assert said in str(caught.value)


def test_columns_that_are_missing_are_named(tmp_path):
    with pytest.raises(InputError, match="Conso"):
        read_bills(written(tmp_path, "a;b", header="PDL;Conso"))


def test_from_the_command_line(ran, tmp_path, capsys):
    path = written(tmp_path, f"{POINTS[1]};2025-01-01;2025-12-31;9000;1500")
    folder = tmp_path / "billed"
    folder.mkdir()
    results_of(folder)
    assert main([str(folder / "run"), str(path), "-o", str(tmp_path / "gaps.csv")]) == 0
    assert "C1" in capsys.readouterr().out
    assert (tmp_path / "gaps.csv").read_text(encoding="utf-8").startswith("cabinet_id,delivery_point,days")
    assert main([str(folder / "run"), str(written(tmp_path, "x;y;z;1;1"))]) == 2

"""The price list: sourced, brought to a base year by its index, and told where it cannot be."""

import pytest
from babel.messages.pofile import read_po

from jumeau.accounts import BASE_YEAR, account_factors, brought_to
from jumeau.accounts.lines import LINES
from jumeau.accounts.price_list import indices, not_brought
from jumeau.accounts.quantity import ACTORS, CARRIERS, VOCABULARY
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError
from jumeau.i18n import catalogue_files
from jumeau.simulation.events import crew_events
from jumeau.simulation.shared import shared_factors

#: Consumer prices in France, mean of the year, base 2015.
CPI = {2019: 104.19, 2022: 111.91, 2025: 120.82}


def test_every_factor_has_a_source_and_every_price_a_stated_treatment_of_vat():
    table = account_factors()
    assert not table.problems()
    for name, factor in table.items():
        if factor.unit.startswith("EUR"):
            assert factor.vat in ("included", "excluded", "none"), name
            assert not factor.index or int(factor.year) in indices()[factor.index], name
        else:
            assert not factor.vat, name
            assert not factor.index, name


def test_prices_follow_the_index_from_their_own_year():
    shipped, now = account_factors(), shared_factors()
    assert BASE_YEAR == 2025
    # Stated in euros of 2022.
    crew = now["crew_hourly_cost"]
    assert (shipped["crew_hourly_cost"].value, shipped["crew_hourly_cost"].year) == (30.0, "2022")
    ratio = CPI[2025] / CPI[2022]
    assert (crew.low, crew.value, crew.high) == pytest.approx((25 * ratio, 30 * ratio, 35 * ratio), rel=1e-12)
    assert crew.year == "2025"
    assert now.value("value_of_time") == pytest.approx(10 * ratio, rel=1e-12)
    # Stated in euros of 2025 already; emissions and heating values have no euros.
    for name in ("electricity_price", "diesel_price", "electricity_carbon", "diesel_energy", "vat_rate"):
        assert now[name] == shipped[name]


def test_any_year_that_the_index_knows_can_be_the_base():
    then = brought_to(account_factors(), 2019)
    assert then.value("electricity_price") == pytest.approx(0.16 * CPI[2019] / CPI[2025], rel=1e-12)
    assert then.value("crew_hourly_cost") == pytest.approx(30 * CPI[2019] / CPI[2022], rel=1e-12)
    # There and back again.
    back = brought_to(then, 2025)
    for name, factor in shared_factors().items():
        if name in back:
            assert back.value(name) == pytest.approx(factor.value, rel=1e-12)


def test_a_price_without_index_stays_and_is_told():
    assert not_brought(shared_factors(), 2025) == ("subscription_price",)
    assert shared_factors(2019).value("subscription_price") == 120.0
    assert not_brought(shared_factors(2022), 2022) == ()
    # What the scenario states is in the scenario's euros.
    stated = shared_factors().override({"subscription_price": 130.0}, "scenario")
    assert not_brought(stated, 2025) == ()


@pytest.mark.parametrize("year", [2030, 1999])
def test_a_year_that_the_index_does_not_know_is_refused_with_the_file(tmp_path, year, english):
    path = tmp_path / "late.yaml"
    path.write_text(
        "name: late\nterritory: bourg_exemple\nperiod: {start: 2025-01-01, end: 2025-01-31}\n"
        f"base_year: {year}\nvariants: {{alarms: {{measures: [{{measure: lighting.remote_management}}]}}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        read_scenario(path).shared_factors()
    (problem,) = refused.value.problems
    assert problem.file == str(path)
    assert str(year) in problem.message
    assert "cpi" in problem.message
    assert problem.hint == "choose a year from 2008 to 2025"


def test_what_people_read_of_the_account_is_in_french():
    catalogue = {}
    for path in catalogue_files("fr"):
        with path.open("rb") as stream:
            catalogue |= {item.id: item.string for item in read_po(stream, locale="fr") if item.id}
    texts = [item.label for table in (LINES, VOCABULARY, ACTORS, CARRIERS) for item in table.values()]
    texts += [item.description for table in (VOCABULARY, ACTORS, shared_factors()) for item in table.values()]
    texts += [column.description for columns in crew_events().values() for column in columns]
    assert [text for text in texts if not catalogue.get(text)] == []

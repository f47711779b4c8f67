"""Electricity of overseas departments and of Corsica is theirs; another country is told what is used."""

import pytest

from jumeau.accounts import account_factors
from jumeau.accounts.place import Where, of_place, told_of
from jumeau.i18n import language

#: Order of 10 April 2012 (TRAT1209296A), annex I [kgCO2e/kWh], and a town of each.
ORDER = {
    ("2A", "20R", "FR-2B"): (0.583, (41.93, 8.74)),
    ("971", "GP", "Guadeloupe"): (0.688, (16.24, -61.53)),
    ("973", "Guyane"): (0.350, (4.94, -52.33)),
    ("972", "MQ"): (0.825, (14.60, -61.07)),
    ("976",): (0.765, (-12.78, 45.23)),
    ("974", "La Réunion"): (0.764, (-20.88, 55.45)),
}


def carbon(place):
    return of_place(account_factors(), place)["electricity_carbon"]


@pytest.mark.parametrize(("codes", "case"), list(ORDER.items()))
def test_electricity_is_that_of_the_place(codes, case):
    value, location = case
    for code in codes:
        assert carbon(Where("FR", code)).value == value
    # Where nobody states the department, the place tells it.
    found = carbon(Where("FR", "", location))
    assert found.value == value
    assert found.low < value < found.high
    assert "TRAT1209296A" in found.source
    assert f"{value:g}" in told_of(Where("FR", codes[0]))


def test_a_department_may_be_given_as_a_country():
    assert carbon(Where("MQ")).value == 0.825


def test_the_mainland_and_other_countries_have_the_default_table():
    default = account_factors()["electricity_carbon"]
    for place in (Where("FR", "CVL", (47.4, 2.1)), Where("FR"), Where("FI", "", (60.2, 24.9))):
        assert carbon(place) == default
    assert told_of(Where("FR", "CVL", (47.4, 2.1))) == ""
    for lang in ("fr", "en"):
        with language(lang):
            assert "FI" in told_of(Where("FI"))
            assert "electricity_carbon" in told_of(Where("FI"))

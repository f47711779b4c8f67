"""Quantities: what French and English people write, and what must never be guessed."""

import pytest

from jumeau.i18n import language
from jumeau.network import discover
from jumeau.simulation.shared import shared_factors
from jumeau.units import QuantityError, conversion_factor, parse_clock, parse_quantity, quantity_text


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0,5 kW", "W", 500.0),
        ("1 500 kWh", "kWh", 1500.0),
        ("1\u202f500\u00a0kWh", "kWh", 1500.0),
        ("1 500,5 W", "kW", 1.5005),
        ("12 €/kWh", "EUR/kWh", 12.0),
        ("120 €/kVA/an", "EUR/kVA/year", 120.0),
        ("9 l/100 km", "l/km", 0.09),
        ("5 L/100km", "l/100 km", 5.0),
        ("50 %", "1", 0.5),
        (0.3, "1", 0.3),
        ("2 j", "h", 48.0),
        ("1 an", "day", 365.25),
        ("58 gCO2e/kWh", "kgCO2e/kWh", 0.058),
        ("35 lm/m2", "lx", 35.0),
        ("35 lm/m²", "lm/m2", 35.0),
        ("-3°", "degree", -3.0),
        ("0,125 kW", "W", 125.0),
        ("2e3 W", "kW", 2.0),
        ("3600 kJ", "kWh", 1.0),
    ],
)
def test_reads_what_people_write(text, unit, value):
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "1,500 kW",
        "80",
        80,
        "80 kg",
        "80 kWh",
        "80 kwatt",
        "abc",
        "1 50 kW",
        "nan W",
        "inf W",
        True,
        None,
        "",
        "W",
        "5 W W",
    ],
)
def test_refuses_rather_than_guesses(text):
    with pytest.raises(QuantityError):
        parse_quantity(text, "W")


def test_a_dropped_currency_is_refused():
    with pytest.raises(QuantityError):
        parse_quantity("12 /kWh", "EUR/kWh")


def test_messages_name_the_unit_and_the_nearest_one():
    with language("en"), pytest.raises(QuantityError, match="Did you mean kWh"):
        parse_quantity("5 kWhh", "kWh")
    with language("fr"), pytest.raises(QuantityError, match="sans unité"):
        parse_quantity("80", "W")


def test_conversion_is_exact_both_ways():
    assert conversion_factor("kWh", "MJ") * conversion_factor("MJ", "kWh") == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "hours"), [("22:30", 22.5), ("22h30", 22.5), ("6h", 6.0), ("24:00", 24.0), ("0:00", 0.0)]
)
def test_clock_times(text, hours):
    assert parse_clock(text) == hours


@pytest.mark.parametrize("text", ["25:00", "24:01", "12:75", "noon", 1350, None])
def test_bad_clock_times(text):
    with pytest.raises(QuantityError):
        parse_clock(text)


def test_what_is_written_can_be_read():
    """Every unit that a factor has: written, read, the same number; and the advice on a missing unit is right."""
    tables = [shared_factors(), *(network.factors for network in discover().values())]
    units = {factor.unit for table in tables for factor in table.values()}
    assert "1/day" in units
    for unit in units:
        assert parse_quantity(quantity_text(20.5, unit), unit) == 20.5
    with language("fr"), pytest.raises(QuantityError) as caught:
        parse_quantity(20, "1/day")
    assert "20/day" in str(caught.value)

"""The account, against sums done by hand."""

from dataclasses import replace

import numpy as np
import pytest

from jumeau.accounts import FIGURES, LINES, VOCABULARY, Installed, energy_content, lines_of, value
from jumeau.accounts.valuation import emission_of, price_of
from jumeau.bill import BillItem
from jumeau.factors import Factor, FactorTable
from jumeau.simulation.shared import shared_factors
from jumeau.units import QuantityError

FACTORS = shared_factors()
NOTHING = Installed(0.0, 0.0, 0.0)
LOGGER = BillItem(
    network="fountains",
    measure="watch",
    kind="logger",
    label="Logger",
    count=3.0,
    unit_cost=200.0,
    annual_cost=12.0,
    life=10.0,
    power=0.0,
    messages_per_day=24.0,
    embodied_carbon=15.0,
    observes="",
    assets=("a", "b", "c"),
    layer="fountains",
    source="",
)


def factor(name, amount, unit, **more):
    return Factor(name, amount, amount, amount, unit, "2025", "test", "test", "high", "Test", **more)


def floats(lines):
    return {name: float(amount) for name, amount in lines.items()}


def of(*names):
    return {name: VOCABULARY[name] for name in names}


def test_energy_of_a_unit_of_each_carrier():
    assert energy_content("electricity", FACTORS) == 1.0
    assert energy_content("gas", FACTORS) == 1.0
    assert energy_content("diesel", FACTORS) == pytest.approx(35.6 / 3.6, rel=1e-12)
    assert energy_content("petrol", FACTORS) == pytest.approx(31.1 / 3.6, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "price"),
    [
        # The authority pays no VAT, whichever way the list states the price.
        ("electricity", 0.16),
        ("diesel", 1.35),
        ("petrol", 1.75 / 1.2),
        ("subscribed_power_years", 120.0),
        # Users pay it.
        ("user_diesel", 1.35 * 1.2),
        ("user_petrol", 1.75),
        ("user_electricity", 0.30),
        # Where there is none, nobody pays it.
        ("staff_hours", 30.0 * 120.82 / 111.91),
        ("user_hours", 10.0 * 120.82 / 111.91),
        # What is money already has no price.
        ("materials", 1.0),
        ("user_payments", 1.0),
    ],
)
def test_who_pays_vat(name, price):
    assert price_of(VOCABULARY[name], FACTORS) == pytest.approx(price, rel=1e-12)


def test_a_service_by_hand():
    given = {
        "electricity": 10_000.0,
        "subscribed_power_years": 6.0,
        "diesel": 200.0,
        "crew_diesel": 50.0,
        "staff_hours": 100.0,
        "crew_distance": 555.0,
        "materials": 400.0,
        "user_diesel": 1000.0,
        "user_hours": 30.0,
        "user_payments": 77.0,
        "nox": 5.0,
    }
    found = floats(value(given, of(*given), Installed(9e3, 36.0, 45.0), FACTORS))
    agents, time = 30.0 * 120.82 / 111.91, 10.0 * 120.82 / 111.91
    expected = {
        "energy": 10_000.0 + 1250.0 * 35.6 / 3.6,
        "fuel": 1250.0,
        "carbon": 10_000.0 * 0.058 + 1250.0 * 3.10,
        "carbon_use": 10_000.0 * 0.058 + 1200.0 * 3.10,
        "carbon_crews": 50.0 * 3.10,
        "subscription_cost": 720.0,
        "energy_cost": 1600.0 + 720.0 + 250.0 * 1.35,
        "staff_cost": 100.0 * agents,
        "materials_cost": 400.0,
        "fee_cost": 36.0,
        "cost": 1600.0 + 720.0 + 250.0 * 1.35 + 100.0 * agents + 400.0 + 36.0,
        "user_energy_cost": 1000.0 * 1.35 * 1.2,
        "user_time_cost": 30.0 * time,
        "user_payment_cost": 77.0,
        "user_cost": 1000.0 * 1.35 * 1.2 + 30.0 * time + 77.0,
        "investment": 9e3,
        "embodied_carbon": 45.0,
    }
    assert found == pytest.approx(expected, rel=1e-12)


def test_parts_add_up_to_the_whole():
    given = {name: float(place) for place, name in enumerate(VOCABULARY, start=1)}
    found = value(given, VOCABULARY, Installed(1e3, 21.0, 9.0), FACTORS)
    assert set(found) == set(lines_of(VOCABULARY))
    for whole in ("cost", "user_cost", "carbon"):
        parts = [amount for line, amount in found.items() if LINES[line].part_of == whole]
        assert len(parts) > 1
        assert np.sum(parts) == pytest.approx(float(found[whole]), rel=1e-12)
    # The bill of energy holds its fixed part, and what is paid by the kilowatt-hour and the litre.
    by_unit = sum(
        given[name] * price_of(VOCABULARY[name], FACTORS)
        for name in ("electricity", "gas", "diesel", "petrol", "crew_diesel")
    )
    assert float(found["energy_cost"] - found["subscription_cost"]) == pytest.approx(by_unit, rel=1e-12)


def test_many_runs_are_valued_at_once():
    given = {"electricity": np.arange(6.0).reshape(2, 3), "crew_diesel": 1.0}
    found = value(given, of(*given), NOTHING, FACTORS)
    assert {array.shape for array in found.values()} == {(2, 3)}
    for place in np.ndindex(2, 3):
        one = value({"electricity": given["electricity"][place], "crew_diesel": 1.0}, of(*given), NOTHING, FACTORS)
        assert floats({name: array[place] for name, array in found.items()}) == floats(one)


def test_only_the_lines_that_something_feeds():
    assert lines_of(of("nox")) == (*FIGURES, "fee_cost", "investment", "embodied_carbon")
    assert FIGURES == ("energy", "fuel", "carbon", "cost")
    assert {"subscription_cost", "energy_cost"} <= set(lines_of(of("subscribed_power_years")))
    assert "subscription_cost" not in lines_of(of("electricity"))


def test_a_quantity_in_another_unit_than_its_price():
    own = replace(VOCABULARY["electricity"], name="pump_electricity", unit="MWh")
    found = value({"pump_electricity": 2.0}, {"pump_electricity": own}, NOTHING, FACTORS)
    assert float(found["energy"]) == pytest.approx(2000.0)
    assert float(found["energy_cost"]) == pytest.approx(320.0)
    assert float(found["carbon"]) == pytest.approx(116.0)
    volume = replace(own, unit="m3")
    for wrong in (price_of, emission_of):
        with pytest.raises(QuantityError):
            wrong(volume, FACTORS)


def test_a_network_prices_what_no_other_buys():
    own = replace(
        VOCABULARY["electricity"],
        name="salt",
        unit="kg",
        carrier="",
        price="salt_price",
        cost_line="materials_cost",
        emission="salt_carbon",
    )
    table = FACTORS.replaced(
        {
            "salt_price": factor("salt_price", 90.0, "EUR/tonne", vat="excluded"),
            "salt_carbon": factor("salt_carbon", 0.2, "kgCO2e/kg"),
        }
    )
    found = value({"salt": 500.0}, {"salt": own}, NOTHING, table)
    assert float(found["cost"]) == float(found["materials_cost"]) == pytest.approx(45.0)
    assert float(found["carbon"]) == pytest.approx(100.0)
    assert float(found["energy"]) == 0.0


def test_what_a_bill_comes_to():
    bill = (LOGGER, replace(LOGGER, count=1.0, unit_cost=50.0, annual_cost=0.0, embodied_carbon=1.0))
    assert Installed.of(bill, 0.5) == Installed(650.0, 18.0, 46.0)
    assert Installed.of((), 1.0) == NOTHING


def test_a_bill_at_other_prices():
    table = FactorTable(
        {
            "logger_price": factor("logger_price", 300.0, "EUR"),
            "logger_fee": factor("logger_fee", 20.0, "EUR/year"),
            "logger_carbon": factor("logger_carbon", 30.0, "kgCO2e"),
        }
    )
    named = replace(LOGGER, cost_factor="logger_price", fee_factor="logger_fee", carbon_factor="logger_carbon")
    assert Installed.of((named,), 1.0, table) == Installed(900.0, 60.0, 90.0)
    # What the scenario, or a measure, states itself is no factor's.
    assert Installed.of((LOGGER,), 1.0, table) == Installed.of((LOGGER,), 1.0) == Installed(600.0, 36.0, 45.0)
    stated = replace(named, cost_factor="")
    assert Installed.of((stated,), 1.0, table) == Installed(600.0, 60.0, 90.0)

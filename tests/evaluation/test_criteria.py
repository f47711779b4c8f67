"""The specification's own cases: five criteria, carbon, cost of public funds; identities; transfers that cancel."""

import numpy as np
import pytest

from jumeau.evaluation.criteria import CRITERIA, FIVE, Rules, criteria
from jumeau.evaluation.financing import finance_project
from jumeau.evaluation.flows import lay_out
from jumeau.evaluation.parameters import Financing
from jumeau.evaluation.project import Effect, Emission, Project, Purchase
from jumeau.evaluation.schedule import Schedule, growth

RATE, START, COFP = 0.032, 2026, 1.2


def one(value):
    return np.array([float(value)])


def carbon_value(years=21):
    """256 EUR in 2025, as the rate of discount grows."""
    return 256.0 * growth(one(RATE), START, years, 2025)


def rules(cofp=COFP, rate=RATE):
    value = carbon_value()
    return Rules(one(rate), one(cofp), value)


def case_a(*, carbon=False, more=()):
    """100 kEUR spent, 12 a year saved, 15 spent again in year 10 on what then serves to the horizon."""
    purchases = (
        Purchase("one", "works", "Works", one(85e3), one(20), one(0), one(0)),
        Purchase("one", "device", "Device", one(15e3), one(10), one(0), one(15e3 if carbon else 0), count=10),
    )
    effects = (Effect("one", "energy", "authority", np.full((1, 1), 12e3)), *more)
    emissions = (Emission("one", np.full((1, 1), 10e3)),) if carbon else ()
    return Project("a", 1, {"one": Schedule(20)}, purchases, effects, (), emissions)


def found(project, **options):
    ledger = lay_out(project, carbon_value(), detailed=True)
    return {name: float(value[0]) for name, value in criteria(ledger, ["one"], rules(**options)).items()}, ledger


def test_case_a():
    values, _ledger = found(case_a())
    assert values["financial_benefit"] == pytest.approx(64_325.771, abs=5e-4)
    assert values["investment"] == pytest.approx(110_946.979, abs=5e-4)
    assert values["internal_rate"] == pytest.approx(0.09455533, abs=5e-9)
    assert values["simple_payback"] == pytest.approx(8.333, abs=5e-4)
    assert values["discounted_payback"] == pytest.approx(11.138, abs=5e-4)
    assert values["annual_equivalent"] == pytest.approx(4_404.046, abs=5e-4)
    assert values["socio_economic_benefit"] == 0.0
    assert np.isnan(values["abatement_cost"])


def test_case_a_with_carbon():
    """Embodied carbon of 30 t in all, 10 t avoided a year: discounted carbon is the net tonnes at today's value."""
    values, _ledger = found(case_a(carbon=True))
    net = 20 * 10.0 - 30.0
    assert values["carbon_net"] == pytest.approx(net)
    assert values["carbon_value"] == pytest.approx(256 * 1.032 * net, rel=1e-12)
    assert values["carbon_value"] == pytest.approx(44_912.64, abs=5e-3)
    assert values["collective_value"] == pytest.approx(109_238.411, abs=5e-4)
    assert values["collective_value_per_euro"] == pytest.approx(0.984600, abs=5e-7)
    assert values["gross_ratio"] == pytest.approx(1.984600, abs=5e-7)
    assert values["net_present_socio_economic_value"] == pytest.approx(122_103.565, abs=5e-4)
    assert values["abatement_cost"] == pytest.approx(-378.39, abs=5e-3)
    assert values["net_present_socio_economic_value"] - values["collective_value"] == pytest.approx(
        12_865.154, abs=5e-4
    )


@pytest.mark.parametrize("late", [1, 2, 3])
def test_discounted_carbon_does_not_depend_on_its_year(late):
    """The value of a tonne grows as fast as it is discounted: only the tonnes that are lost count."""
    on_time = Project("a", 1, {"one": Schedule(20)}, (), (), (), (Emission("one", np.full((1, 1), 10e3)),))
    ledger = lay_out(on_time, carbon_value(), delay=late)
    value = float(criteria(ledger, ["one"], rules())["carbon_value"][0])
    assert value == pytest.approx(256 * 1.032 * 10 * (20 - late), rel=1e-12)


def test_late_benefits_while_costs_keep_their_dates():
    for late, worth in ((0, 64.325771), (1, 52.6979), (2, 41.4305), (3, 30.5125)):
        ledger = lay_out(case_a(), carbon_value(), delay=late)
        benefit = float(criteria(ledger, ["one"], rules())["financial_benefit"][0])
        assert benefit / 1e3 == pytest.approx(worth, abs=5e-5)


def test_the_value_to_society_counts_public_euros_once():
    """Levies and VAT only change hands: the socio-economic value differs by the cost of public funds times the net."""
    more = (
        Effect("one", "levies", "authority", np.full((1, 1), 1e3), mirror="other_public"),
        Effect("one", "user_energy", "users", np.full((1, 1), 5e3)),
        Effect("one", "taxes", "users", np.full((1, 1), 1e3), mirror="other_public"),
        Effect("one", "service_receipts", "authority", np.full((1, 1), 2e3), mirror="users"),
    )
    for cofp in (1.0, 1.2, 1.3):
        values, _ledger = found(case_a(carbon=True, more=more), cofp=cofp)
        gap = values["net_present_socio_economic_value"] - values["collective_value"]
        assert gap == pytest.approx((cofp - 1.0) * values["net_public_value"], abs=1e-9 * abs(values["investment"]))
    plain, _ledger = found(case_a(carbon=True))
    # 5,000 a year of users' energy are the one gain that nobody else loses.
    years = sum(1.032**-year for year in range(1, 21))
    assert values["collective_value"] - plain["collective_value"] == pytest.approx(5e3 * years, rel=1e-9)


def test_transfers_cancel_over_actors():
    project = case_a(carbon=True)
    ledger = lay_out(project, carbon_value(), detailed=True)
    given = Financing.model_validate(
        {
            "fctva": True,
            "grants": [{"name": "DETR", "share": "20 %"}, {"name": "Region", "amount": "5 kEUR"}],
            "cee": {"device": "9300 kWh"},
            "loan": {"share": "50 %", "rate": "3.5 %", "years": 15},
        }
    )
    before = criteria(ledger, ["one"], rules())
    finance_project(ledger, project, given, vat=0.2, fctva=0.16404, cee_price=one(0.0083), inflation=one(0.02))
    after = criteria(ledger, ["one"], rules())
    moved = {}
    for (_network, item, _actor), amount in ledger.booked.items():
        if item in ("vat_paid", "fctva", "grants", "cee", "loan_drawn", "loan_repaid"):
            moved[item] = moved.get(item, 0.0) + amount
    assert set(moved) == {"vat_paid", "fctva", "grants", "cee", "loan_drawn", "loan_repaid"}
    # Ten devices, certificates paid as they are installed.
    paid = ledger.booked["one", "cee", "authority"][0]
    assert paid[0] == pytest.approx(10 * 9300 * 0.0083)
    assert not paid[1:].any()
    for item, amount in moved.items():
        np.testing.assert_allclose(amount, 0.0, atol=1e-9, err_msg=item)
    for name in FIVE:
        assert after[name][0] == before[name][0]
    assert after["cash_value"][0] != before["cash_value"][0]


def test_vat_and_its_compensation_leave_a_third_of_a_percent():
    """16.404 % of 120 is 19.6848: of 100 invested, 0.3152 is left to pay when compensated in the same year."""
    project = Project("a", 1, {"one": Schedule(20)}, (Purchase("one", "w", "W", one(100), one(20), one(0), one(0)),))
    ledger = lay_out(project, carbon_value())
    given = Financing.model_validate({"fctva": True, "fctva_delay": 0})
    finance_project(ledger, project, given, vat=0.2, fctva=0.16404, cee_price=one(0), inflation=one(0))
    assert ledger.sum("one", "financing").sum() == pytest.approx(-0.3152, abs=1e-10)


def test_a_loan_at_the_discount_rate_is_worth_nothing():
    """Real rate of the loan equal to the discount rate, whatever is owed at the horizon: no value is made."""
    project = Project("a", 1, {"one": Schedule(10)}, (Purchase("one", "w", "W", one(100), one(10), one(0), one(0)),))
    for years in (5, 10, 25):
        ledger = lay_out(project, carbon_value(11))
        given = Financing.model_validate({"loan": {"share": 0.5, "rate": 1.032 * 1.02 - 1.0, "years": years}})
        finance_project(ledger, project, given, vat=0.2, fctva=0.16404, cee_price=one(0), inflation=one(0.02))
        flows = ledger.sum("one", "financing")[0]
        assert flows[0] == 50.0
        assert float((flows * 1.032 ** -np.arange(11)).sum()) == pytest.approx(0.0, abs=1e-9)


def test_nothing_changed_is_nothing():
    project = Project("none", 1, {"one": Schedule(20)})
    values, _ledger = found(project)
    zero = {name for name, item in CRITERIA.items() if item.unit in ("EUR", "tCO2e", "EUR/year", "year")}
    assert {name: values[name] for name in zero} == dict.fromkeys(zero, 0.0)
    # Ratios and rates of nothing are none.
    assert all(np.isnan(values[name]) for name in ("collective_value_per_euro", "internal_rate", "abatement_cost"))


def test_tonnes_that_are_not_avoided_have_no_cost():
    project = Project("a", 1, {"one": Schedule(20)}, (), (), (), (Emission("one", np.full((1, 1), -1e3)),))
    values, _ledger = found(project)
    assert values["carbon_net"] == pytest.approx(-20.0)
    assert np.isnan(values["abatement_cost"])
    assert np.isnan(values["cost_per_tonne"])

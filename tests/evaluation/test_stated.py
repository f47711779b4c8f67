"""Projects stated in a file: the specification's case through the same door as users', and what is told of mistakes."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from jumeau.accounts import TOTAL
from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.evaluation.stated import evaluate_stated
from jumeau.evaluation.stated_file import PublishedBlock, PurchaseBlock, StatedFile, StatedVariant, YearlyBlock

CASE_A = """
name: case_a
base_year: 2023
evaluation: {horizon: 20, start: 2026}
variants:
  a:
    purchases:
      - {kind: works, price: 85 kEUR, life: 20 years, embodied: 30000 kgCO2e}
      - {kind: device, price: 15 kEUR, life: 10 years}
    yearly:
      - {item: energy, amount: 12 kEUR}
      - {quantity: avoided_emissions, amount: 10 tCO2e}
    published:
      - {criterion: simple_payback, value: 8.4 years, source: another one}
  none: {}
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "project.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_case_a_with_carbon_through_the_file(write):
    stated = evaluate_stated(write(CASE_A))
    evaluation = stated.evaluation
    found = {name: stated.evaluation.estimate(name, "a").p50 for name in stated.evaluation.samples.data_vars}
    assert found["financial_benefit"] == pytest.approx(64_325.771, abs=5e-4)
    assert found["internal_rate"] == pytest.approx(0.09455533, abs=5e-9)
    assert found["carbon_value"] == pytest.approx(44_912.64, abs=5e-3)
    assert found["collective_value_per_euro"] == pytest.approx(0.984600, abs=5e-7)
    assert found["net_present_socio_economic_value"] == pytest.approx(122_103.565, abs=5e-4)
    assert found["abatement_cost"] == pytest.approx(-378.39, abs=5e-3)
    assert found["investment"] == pytest.approx(110_946.979, abs=5e-4)
    assert found["collective_value"] == pytest.approx(109_238.411, abs=5e-4)
    assert found["simple_payback"] == pytest.approx(8.333, abs=5e-4)
    assert found["discounted_payback"] == pytest.approx(11.138, abs=5e-4)
    assert found["annual_equivalent"] == pytest.approx(4_404.046, abs=5e-4)
    # Both read the same flows: they differ by what public money costs beyond itself.
    beyond = found["net_present_socio_economic_value"] - found["collective_value"]
    assert beyond == pytest.approx(12_865.154, abs=5e-4)
    assert evaluation.assumed.reference.value("public_funds_cost") == 1.2
    late = stated.evaluation.delays.sel(variant="a", quantile=0.5).to_numpy() / 1e3
    np.testing.assert_allclose(late, [64.325771, 52.6979, 41.4305, 30.5125], atol=5e-5)
    assert not stated.comparisons[0].inside  # 8.333 years in every draw: 8.4 is missed, and said to be


def test_a_delay_of_none_is_the_project_itself(write):
    found = evaluate_stated(write(CASE_A)).evaluation
    now = found.delays.sel(variant="a", delay=0).to_numpy()
    np.testing.assert_array_equal(
        now, np.quantile(found.samples["financial_benefit"].sel(variant="a", network=TOTAL), [0.1, 0.5, 0.9])
    )


def test_what_goes_from_one_to_another_adds_up_to_nothing(write):
    """A receipt that users pay, VAT and its compensation, a grant and a loan: nothing is made or lost on the way."""
    text = """
name: moved
base_year: 2025
evaluation:
  horizon: 15
  financing: {fctva: true, grants: [{name: State, share: 30 %}], loan: {share: 50 %, rate: 4 %, years: 10}}
variants:
  a:
    purchases: [{kind: works, price: 100 kEUR, life: 15 years}]
    yearly: [{item: service_receipts, amount: 9 kEUR, mirror: users}]
"""
    flows = evaluate_stated(write(text)).evaluation.changes("a").sum("network")
    moved = ["service_receipts", "vat_paid", "fctva", "grants", "loan_drawn", "loan_repaid"]
    for item in moved:
        chosen = flows.sel(item=item)
        assert np.abs(chosen.to_numpy()).max() > 0.0, item
        np.testing.assert_allclose(chosen.sum("actor").to_numpy(), 0.0, atol=1e-9)


def test_a_total_is_paid_once_and_a_price_for_each(write):
    text = """
name: bought
base_year: 2025
evaluation: {horizon: 5, reference: {discount_rate: 0}}
variants:
  each: {purchases: [{kind: node, count: 40, price: 250 EUR, low: 200 EUR, high: 300 EUR, life: 10 years}]}
  all: {purchases: [{kind: node, count: 40, total: 10 kEUR, low: 8 kEUR, high: 12 kEUR, life: 10 years}]}
"""
    found = evaluate_stated(write(text)).evaluation
    for name in ("each", "all"):
        drawn = found.samples["investment"].sel(variant=name, network=TOTAL).to_numpy()
        # Quantiles of a triangular law between 8,000 and 12,000, in closed form.
        expected = [8000 + np.sqrt(0.1 * 4000 * 2000), 10_000, 12_000 - np.sqrt(0.1 * 4000 * 2000)]
        np.testing.assert_allclose(np.quantile(drawn, [0.1, 0.5, 0.9]), expected, rtol=1e-3)


def test_a_variant_without_anything_is_worth_nothing(write):
    found = evaluate_stated(write(CASE_A)).evaluation
    for name in ("investment", "financial_benefit", "socio_economic_benefit", "carbon_net"):
        assert not found.samples[name].sel(variant="none", network=TOTAL).to_numpy().any()


def test_a_quantity_is_priced_by_the_shared_list(write):
    """1,000 kWh a year at 0.2 EUR and 0.058 kg: 200 EUR to the authority, 58 kg."""
    text = """
name: priced
base_year: 2025
prices: {electricity_price: 0.2 EUR/kWh, electricity_carbon: 0.058 kgCO2e/kWh}
evaluation: {horizon: 10}
variants: {a: {yearly: [{quantity: electricity, amount: -1000 kWh}]}}
"""
    found = evaluate_stated(write(text)).evaluation
    assert found.budget("a").loc["energy", 2030] == pytest.approx(200.0)
    assert found.estimate("carbon_avoided", "a").p50 == pytest.approx(0.58)


def test_what_users_pay_holds_vat_that_the_state_gets(write):
    text = """
name: users
base_year: 2025
prices: {petrol_price: 1.8 EUR/l, petrol_carbon: 2.7 kgCO2e/l}
evaluation: {horizon: 1, reference: {discount_rate: 0}}
variants: {a: {yearly: [{quantity: user_petrol, amount: -1000 l}]}}
"""
    found = evaluate_stated(write(text)).evaluation
    flows = found.changes("a").sum(["network", "year"])
    assert float(flows.sel(item="user_energy", actor="users")) == pytest.approx(1500.0)
    assert float(flows.sel(item="taxes", actor="users")) == pytest.approx(300.0)
    assert float(flows.sel(item="taxes", actor="other_public")) == pytest.approx(-300.0)
    assert float(flows.sel(item="carbon").sum("actor")) == pytest.approx(2.7 * 256 * 1.0292 * 1.032, rel=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("price: 85 kEUR", "price: 85", "EUR"),
        ("life: 10 years", "life: -10 years", "-10 years"),
        ("life: 10 years", "lfe: 10 years", "lfe"),
        ("item: energy, amount", "item: enrgy, amount", "enrgy"),
        ("item: energy, amount: 12 kEUR", "item: energy, amount: 12 kWh", "kWh"),
        ("criterion: simple_payback", "criterion: payback", "payback"),
        ("horizon: 20", "horizon: 0", "horizon of 0 years"),
        ("base_year: 2023", "base_year: 2090", "2090"),
        ("{item: energy,", "{quantity: fusion,", "fusion"),
        (
            "item: energy, amount: 12 kEUR",
            "item: energy, amount: 12 kEUR, low: 20 kEUR, high: 30 kEUR",
            "yaml:11: variants.a.yearly[0]",
        ),
        (
            "item: energy, amount: 12 kEUR",
            "item: energy, amount: 12 kEUR, low: 12 kEUR",
            "yaml:11: variants.a.yearly[0]",
        ),
        ("life: 10 years", "life: 10 years, life_low: 12 years", "yaml:9: variants.a.purchases[1]"),
        ("price: 15 kEUR", "price: -15 kEUR", "yaml:9: variants.a.purchases[1]"),
        ("price: 15 kEUR", "price: 15 kEUR, total: 15 kEUR", "yaml:9: variants.a.purchases[1]"),
        ("price: 15 kEUR, ", "", "yaml:9: variants.a.purchases[1]"),
        ("value: 8.4 years", "value: 8.4 years, to: 2 years", "yaml:14: variants.a.published[0]"),
    ],
)
def test_mistakes_are_told(write, capsys, old, new, said):
    assert old in CASE_A
    path = write(CASE_A.replace(old, new))
    assert main(["evaluate", str(path), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_unknown_prices_are_told_with_their_line(write):
    with pytest.raises(InputError, match=r"project\.yaml:4.*electricty_price"):
        evaluate_stated(
            write("name: p\nbase_year: 2025\nprices:\n  electricty_price: 0.2 EUR/kWh\nvariants: {a: {}}\n")
        )


def test_the_example_of_the_documents_is_valued(write):
    page = (Path(__file__).parents[2] / "docs" / "stated_projects.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    found = evaluate_stated(write(example)).evaluation
    # 60 nodes at 250 EUR, less 500 EUR of training a year and 20 MWh at the shared price.
    bought = found.budget("sensors")
    assert bought.loc["initial_investment", 2026] == pytest.approx(-15_000)
    assert bought.loc["training", 2030] == pytest.approx(-500)
    assert bought.loc["energy", 2030] == pytest.approx(20_000 * 0.16)


def test_every_key_is_told():
    page = (Path(__file__).parents[2] / "docs" / "stated_projects.md").read_text(encoding="utf-8")
    for model in (StatedFile, StatedVariant, PurchaseBlock, YearlyBlock, PublishedBlock):
        for key in model.model_fields:
            assert f"`{key}`" in page, (model.__name__, key)


def test_what_was_published_and_caveats_are_written_too(write, tmp_path):
    path = write(
        CASE_A.replace("  none: {}", "      - {criterion: financial_benefit, sign: positive, source: them}\n  none: {}")
        + "caveats: [Mind the step.]\n"
    )
    assert main(["evaluate", str(path), "-o", str(tmp_path), "--lang", "en"]) == 0
    found = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert found["caveats"] == ["Mind the step."]
    assert found["published"] == [
        {
            "variant": "a",
            "criterion": "simple_payback",
            "low": 8.4,
            "high": 8.4,
            "source": "another one",
            "within": False,
        },
        {"variant": "a", "criterion": "financial_benefit", "low": 0.0, "high": None, "source": "them", "within": True},
    ]
    assert found["variants"]["a"]["total"]["financial_benefit"]["p50"] == pytest.approx(64_325.771, abs=5e-4)

"""What an evaluation must not say without a word: recomputed by hand, or refused."""

import copy
import dataclasses
import json

import numpy as np
import pytest

from jumeau.accounts import TOTAL
from jumeau.cli import main
from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError
from jumeau.evaluation.finance import annual_equivalent
from jumeau.evaluation.financing import finance_project
from jumeau.evaluation.flows import lay_out
from jumeau.evaluation.parameters import Financing
from jumeau.evaluation.project import Project, Purchase
from jumeau.evaluation.request import read_request
from jumeau.evaluation.schedule import Schedule
from jumeau.evaluation.stated import evaluate_stated
from jumeau.results.storage import read_results

FAST = {"samples": 400}

OWN_PRICES = """
name: own_prices
territory: bourg_exemple
period: {start: 2025-03-01, end: 2025-03-01}
warmup: 0 days
seed: 7
replications: 2
networks: [lighting]
baseline: {}
variants:
  cheap:
    measures: []
    assumptions: {shared: {electricity_price: 0.08 EUR/kWh}}
  led:
    measures:
      - measure: lighting.led_retrofit
        where: {attributes: {technology: [HPS]}}
  led_dear:
    measures:
      - measure: lighting.led_retrofit
        where: {attributes: {technology: [HPS]}}
    assumptions: {lighting: {led_price: 1500 EUR}, shared: {electricity_price: 0.20 EUR/kWh}}
"""


@pytest.fixture(scope="module")
def priced(tmp_path_factory):
    place = tmp_path_factory.mktemp("own_prices")
    (place / "own_prices.yaml").write_text(OWN_PRICES, encoding="utf-8")
    run(read_scenario(place / "own_prices.yaml"), folder=place / "run")
    return read_results(place / "run")


def test_prices_that_a_variant_states_value_all_that_it_uses(priced):
    """A variant that only pays less for its electricity saves on every kilowatt-hour."""
    used = priced.dataset["lighting_electricity"].mean("replication") * 365
    found = priced.evaluate(FAST)
    before = 0.16 * float(used.sel(scenario="baseline"))
    cheap = found.budget("cheap")
    assert list(cheap.index) == ["energy"]
    np.testing.assert_allclose(
        cheap.loc["energy"].to_numpy()[1:], before - 0.08 * float(used.sel(scenario="baseline")), rtol=1e-9
    )
    dear = found.budget("led_dear")
    assert dear.loc["energy"].iloc[1] == pytest.approx(before - 0.20 * float(used.sel(scenario="led_dear")))
    assert dear.loc["initial_investment"].iloc[0] == pytest.approx(
        found.budget("led").loc["initial_investment"].iloc[0] / 700 * 1500
    )


def test_what_a_variant_states_is_certain_in_the_samples_too(priced):
    found = priced.evaluate(FAST)
    paid = -found.budget("led_dear").loc["initial_investment"].iloc[0]
    first = found.yearly.sel({"variant": "led_dear", "class": "investment"}).isel(year=0).to_numpy()
    np.testing.assert_allclose(first, paid, rtol=1e-12)
    # The baseline's own price stays drawn, in all variants alike.
    assert np.ptp(found.yearly.sel({"variant": "led", "class": "investment"}).isel(year=0).to_numpy()) > 0
    record = next(
        item
        for item in priced.records
        if (item.variant, item.network, item.indicator) == ("led_dear", TOTAL, "investment")
    )
    np.testing.assert_allclose(record.quantiles, paid, rtol=1e-12)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        # Without « start », the first year is that of the period.
        ({"deployment": {"lighting": {2020: "100 %"}}}, "2020"),
        ({"deployment": {"lighting": {2025: "50 %", 2060: "50 %"}}}, "2060"),
        ({"uncertain": {"discount_rate": {"low": "-200 %", "high": "300 %"}}}, "-200 %"),
        ({"financing": {"cee": {"led_luminair": "9300 kWh"}}}, "led_luminair"),
        ({"financing": {"grants": [{"name": name, "share": "60 %"} for name in "ab"]}}, "120"),
        ({"drifts": {"lighting.led_life": "5 %"}}, "led_life"),
        ({"drifts": {"spare_part_led": "5 %"}}, "spare_part_led"),
        ({"flows": [{"item": "hosting", "amount": "-5 kEUR", "year": 5, "every": 1, "until": 3}]}, "until"),
        ({"flows": [{"item": "hosting", "amount": "-5 kEUR", "year": 1, "until": 3}]}, "until"),
        ({"reference": {"discount_rate": "-3 %"}}, "discount_rate"),
    ],
)
def test_a_block_that_would_say_something_else_is_refused(results, block, said):
    with pytest.raises(InputError, match=said):
        results.evaluate({**FAST, **block})


@pytest.mark.parametrize(
    "prices",
    [
        {("shared", "electricity_price"): float("nan")},
        {("shared", "electricity_price"): -1.0},
        {("shared", "electricty_price"): 0.2},
        {("lightning", "led_price"): 700.0},
    ],
)
def test_prices_from_a_script_are_checked_too(results, prices):
    with pytest.raises(InputError, match=r"electric|led_price"):
        results.evaluate(FAST, prices=prices)


def test_a_base_year_of_zero_is_no_base_year(results):
    with pytest.raises(InputError, match="0"):
        results.evaluate(FAST, base_year=0)


@pytest.mark.parametrize("delays", [[], [2, 3], [3, 0, 2, 2]])
def test_the_cost_of_a_delay_is_told_against_no_delay(results, delays):
    found, usual = results.evaluate({**FAST, "delays": delays}), results.evaluate(FAST)
    assert list(found.delays["delay"].values) == sorted({0, *delays})
    for delay, cost in found.cost_of_delay("led").items():
        assert cost == pytest.approx(usual.cost_of_delay("led")[delay])


def test_a_rate_of_the_command_line_leaves_other_parameters(folder, tmp_path):
    path = tmp_path / "prices.yaml"
    path.write_text("evaluation: {reference: {carbon_value: 500 EUR/tCO2e}}\n", encoding="utf-8")
    told = tmp_path / "told.json"
    words = ["evaluate", str(folder), "--prices", str(path), "--discount-rate", "1 %", "-o", str(told)]
    assert main(words) == 0
    assert '"carbon_value": 500.0' in told.read_text()
    assert '"discount_rate": 0.01' in told.read_text()


def test_a_rate_of_the_command_line_leaves_those_of_a_stated_project(tmp_path):
    path = tmp_path / "stated.yaml"
    path.write_text(STATED + "evaluation: {reference: {carbon_value: 500 EUR/tCO2e}}\n", encoding="utf-8")
    found = evaluate_stated(path, {"reference": {"discount_rate": "1 %"}}).evaluation.assumed.reference
    assert (found.value("carbon_value"), found.value("discount_rate")) == (500.0, 0.01)


def test_fees_and_what_is_left_follow_the_price_of_their_year(results):
    """Twenty years at -5 % a year; nodes live 12 years, are bought again in year 12 and serve 8 of them."""
    plain = results.evaluate(FAST).changes("led").sel(actor="authority", network="lighting")
    found = results.evaluate({**FAST, "drifts": {"node_price": "-5 %", "led_price": "-5 %", "node_fee": "3 %"}})
    moved = found.changes("led").sel(actor="authority", network="lighting")
    fees, fell = plain.sel(item="fees").to_numpy(), moved.sel(item="fees").to_numpy()
    assert fees.any()
    np.testing.assert_allclose(fell, fees * 1.03 ** np.arange(21), rtol=1e-9)
    nodes = float(plain.sel(item="renewal").isel(year=12))
    lamps = float(plain.sel(item="initial_investment").isel(year=0)) - nodes
    assert float(moved.sel(item="residual_value").isel(year=20)) == pytest.approx(
        -nodes * 0.95**12 * (4 / 12) - lamps * (4 / 24)
    )


def purchase(**changes):
    alone = {
        "network": "n",
        "kind": "lamp",
        "label": "",
        "price": np.array([1000.0]),
        "life": np.array([30.0]),
        "fee": np.zeros(1),
        "embodied": np.zeros(1),
        "count": 10.0,
    }
    return Purchase(**{**alone, **changes})


def financed(given, *purchases, schedule=None):
    schedule = schedule or Schedule(4)
    project = Project("p", 1, {"n": schedule}, purchases)
    ledger = lay_out(project, np.zeros(schedule.years), detailed=True)
    none = np.zeros(1)
    finance_project(
        ledger, project, Financing.model_validate(given), vat=0.2, fctva=0.16, cee_price=none + 0.01, inflation=none
    )
    return ledger


def test_grants_never_pay_more_than_what_is_invested():
    grants = [{"name": "a", "amount": "800 EUR"}, {"name": "b", "amount": "800 EUR"}, {"name": "c", "share": "50 %"}]
    paid = financed({"grants": grants}, purchase()).booked["n", "grants", "authority"]
    assert paid.sum() == pytest.approx(1000.0)


def test_grants_and_loans_are_of_the_price_that_is_paid():
    """Half is bought two years later at 80 % of the price: 900 in all."""
    growth = np.array([1.0, 0.9, 0.8, 0.7, 0.6])
    given = {"grants": [{"name": "a", "share": "50 %"}], "loan": {"share": "50 %", "rate": "0 %", "years": 2}}
    ledger = financed(given, purchase(growth=growth), schedule=Schedule(4, {0: 0.5, 2: 0.5}))
    assert ledger.booked["n", "initial_investment", "authority"].sum() == pytest.approx(-900.0)
    assert ledger.booked["n", "grants", "authority"].sum() == pytest.approx(450.0)
    np.testing.assert_allclose(ledger.booked["n", "loan_drawn", "authority"][0], [250, 0, 200, 0, 0])


def test_certificates_are_for_what_is_added():
    """Ten lamps in place of six that the baseline installs; then the same item twice."""
    cee = {"cee": {"lamp": "100 kWh"}}
    before = dataclasses.replace(purchase(), sign=-1.0, count=6.0)
    assert financed(cee, purchase(), before).booked["n", "cee", "authority"].sum() == pytest.approx(4 * 100 * 0.01)
    assert financed(cee, purchase(sign=2.0)).booked["n", "cee", "authority"].sum() == pytest.approx(20 * 100 * 0.01)


STATED = """
name: stated
variants:
  a:
    purchases: [{kind: lamp, price: 1000 EUR, life: 10 years, network: city}]
    yearly: [{quantity: electricity, amount: -5000 kWh, network: city}]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # A network of such a name would count twice in the whole, or hide the price list.
        ("network: city", "network: common", "common"),
        ("network: city", "network: total", "total"),
        ("network: city", "network: shared", "shared"),
        ("  a:", "  baseline:", "baseline"),
        ("quantity: electricity, amount: -5000 kWh", "item: staff, amount: 9 EUR, mirror: authority", "mirror"),
        ("quantity: electricity,", "quantity: electricity, actor: users,", "actor"),
        ("variants:", "prices: {electricity_price: -3 EUR/kWh}\nvariants:", "electricity_price"),
        ("variants:", "prices: {vat_rate: -300 %}\nvariants:", "vat_rate"),
    ],
)
def test_a_stated_project_that_would_be_miscounted_is_refused(tmp_path, capsys, old, new, said):
    path = tmp_path / "stated.yaml"
    path.write_text(STATED.replace(old, new), encoding="utf-8")
    assert main(["evaluate", str(path), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "stated.yaml:" in told


@pytest.fixture
def portfolio(folder, tmp_path):
    document = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))

    def write(keys="", more="", horizon=20, **changes):
        for name in "ab":
            found = {**copy.deepcopy(document), **changes.get(name, {})}
            (tmp_path / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
        path = tmp_path / "portfolio.yaml"
        path.write_text(
            f"name: p\nhorizon: {horizon}\nbudgets: {{2025: 1 MEUR}}\nprojects:\n"
            f"  a: {{run: a.json, variant: led{keys}}}\n  b: {{run: b.json, variant: led}}\n{more}",
            encoding="utf-8",
        )
        return path

    return write


def test_a_portfolio_of_sound_evaluations_is_solved(portfolio):
    assert main(["portfolio", str(portfolio())]) == 0
    # Shorter than what was evaluated is a choice: what would come later is left out.
    assert main(["portfolio", str(portfolio(horizon=15))]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        # Two projects in euros that are not the same would be added.
        ({"a": {"base_year": 2015}}, "2015"),
        # The years beyond the evaluation would count for nothing.
        ({"horizon": 25}, "--horizon 25"),
        ({"a": {"version": 99}}, "99"),
        ({"keys": ", investment: 5 EUR"}, "investment"),
        ({"keys": ", lead_time: 3 months"}, "lead_time"),
    ],
)
def test_evaluations_that_do_not_go_together_are_refused(portfolio, capsys, words, said):
    assert main(["portfolio", str(portfolio(**words)), "--lang", "en"]) == 2
    assert said in capsys.readouterr().err


def test_an_evaluation_whose_flows_are_no_numbers_is_refused(portfolio, tmp_path, capsys):
    path = portfolio()
    broken = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    broken["variants"]["led"]["flows"]["budget"]["mean"][3] = float("nan")
    (tmp_path / "a.json").write_text(json.dumps(broken), encoding="utf-8")
    assert main(["portfolio", str(path), "--lang", "en"]) == 2
    assert "a.json" in capsys.readouterr().err


def failed(dataset, **where):
    """The same results, in which some runs of lighting failed."""
    found = dataset.copy(deep=True)
    for array in found.data_vars.values():
        if array.attrs["network"] == "lighting":
            array.loc[where] = np.nan
    return found


def test_other_replications_stand_in_alike_for_one_that_failed(results):
    lacking = dataclasses.replace(
        results, dataset=failed(results.dataset, scenario="baseline", replication=0), draws=None
    ).sampled
    rows = lacking.replications_of(1)[:, 0]
    found = lacking.quantities("baseline", "lighting", rows)["electricity"]
    _values, often = np.unique(found, return_counts=True)
    # Two are left: of 5,000 samples, each is met about as often (ten standard deviations of a fair coin).
    assert len(often) == 2
    assert abs(often[0] - 2500) < 10 * np.sqrt(5000 * 0.25)
    # Where nothing failed, worlds are those that other networks meet.
    known = results.dataset["lighting_electricity"].sel(scenario="baseline").to_numpy()
    np.testing.assert_array_equal(found[rows > 0], known[rows[rows > 0]])


def test_a_draw_that_failed_is_left_out(results):
    draws = results.draws
    lacking = dataclasses.replace(results, draws=failed(draws, scenario="led", draw=2)).sampled
    assert set(np.unique(lacking.draw_of)) == {0, 2, 3}
    assert set(np.unique(results.sampled.draw_of)) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("own", "more", "wanted"),
    [
        ({}, "", 0),
        ({"reference": {"carbon_value": "300 EUR/tCO2e"}}, "", 2),
        ({"reference": {"carbon_value": "300 EUR/tCO2e"}}, "evaluation: {reference: {discount_rate: 1 %}}", 2),
        ({"reference": {"carbon_value": "300 EUR/tCO2e"}}, "evaluation: {reference: {carbon_value: 250 EUR/tCO2e}}", 0),
        ({"reference": {"discount_rate": "0.01"}}, "", 0),
        ({"flows": [{"item": "studies", "amount": -3e4}]}, "", 2),
        ({"flows": [{"item": "studies", "amount": -3e4}]}, "evaluation: {flows: []}", 0),
        ({"financing": {"grants": [{"name": "a", "amount": 3e4}]}}, "", 2),
        ({"financing": {"grants": [{"name": "a", "share": 0.2}]}}, "", 0),
        ({"variants": {"led": {"flows": [{"item": "studies", "amount": -3e4}]}}}, "", 2),
    ],
)
def test_amounts_of_the_scenario_do_not_change_year_in_silence(results, tmp_path, own, more, wanted):
    """Thirty thousand euros of 2025 are not thirty thousand euros of 2020."""
    path = tmp_path / "prices.yaml"
    path.write_text(f"base_year: 2020\n{more}\n", encoding="utf-8")
    scenario = {**results.provenance["scenario"], "resolved": {"evaluation": own}}
    asked = dataclasses.replace(results, provenance={**results.provenance, "scenario": scenario})
    if wanted:
        with pytest.raises(InputError, match=r"prices\.yaml:1"):
            read_request(path, asked)
    else:
        assert read_request(path, asked).base_year == 2020


@pytest.mark.parametrize("rate", [0.0, 1e-15, -1e-12, 1e-9])
def test_an_annual_equivalent_is_whole_near_no_rate(rate):
    assert float(annual_equivalent(1.0, rate, 20)) == pytest.approx(1 / 20, rel=1e-7)

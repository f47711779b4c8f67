"""A finished run valued over the years: nothing physical changes, transfers cancel, medians lie in their range."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from jumeau.accounts import FIGURES, TOTAL
from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.evaluation import CRITERIA, FIVE
from jumeau.evaluation.items import FINANCING, ITEMS

FAST = {"samples": 400}


@pytest.fixture(scope="module")
def evaluation(results):
    return results.evaluate()


def digests(folder, *but):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and path.name not in but
    }


def test_no_headline_lies_outside_its_own_range(evaluation, folder):
    for item in evaluation.estimates:
        if item.defined:
            assert item.p10 <= item.p50 <= item.p90, item
    written = json.loads((folder / "evaluation.json").read_text())
    for figure in written["figures"]:
        assert figure["p10"] <= figure["p50"] <= figure["p90"]
    summary = json.loads((folder / "summary.json").read_text())
    assert {figure["figure"] for figure in summary["figures"]} == set(FIGURES)
    for figure in summary["figures"]:
        assert figure["p10"] <= figure["difference"] == figure["p50"] <= figure["p90"]


def test_a_variant_that_changes_nothing_is_worth_exactly_nothing(evaluation):
    for network in evaluation.networks:
        chosen = evaluation.samples.sel(variant="nothing", network=network)
        for name, criterion in CRITERIA.items():
            values = chosen[name].to_numpy()
            if criterion.unit in ("EUR", "EUR/year", "tCO2e", "year"):
                assert not values.any(), (network, name)
            else:
                assert np.isnan(values).all() or not values.any(), (network, name)
    assert not evaluation.changes("nothing").any()


def test_networks_add_up_to_the_whole(evaluation):
    parts = [name for name in evaluation.networks if name != TOTAL]
    for name in (*FIVE[:4], "net_present_socio_economic_value", "carbon_net", "net_public_value"):
        array = evaluation.samples[name]
        np.testing.assert_allclose(
            array.sel(network=parts).sum("network").to_numpy(),
            array.sel(network=TOTAL).to_numpy(),
            rtol=1e-9,
            atol=1e-6,
        )


def test_criteria_are_those_of_the_flows(results):
    """Central flows, summed and discounted outside, give the criteria of a single certain sample."""
    found = results.evaluate(
        {
            "financing": {
                "fctva": True,
                "grants": [{"name": "DETR", "share": "20 %"}],
                "loan": {"share": "50 %", "rate": "3 %", "years": 12},
            }
        }
    )
    flows = found.changes("led").sum("network")
    factor = 1.032 ** -np.arange(21)
    kinds = {name: item.kind for name, item in ITEMS.items()}
    own = [name for name, kind in kinds.items() if kind != FINANCING]
    moved = [name for name, kind in kinds.items() if kind == FINANCING]
    # Transfers stand twice with opposite signs.
    assert np.abs(flows.sel(item=moved, actor="authority").to_numpy()).sum() > 0
    np.testing.assert_allclose(flows.sel(item=moved).sum("actor").to_numpy(), 0.0, atol=1e-6)
    levies = flows.sel(item=["levies", "service_receipts", "taxes"]).sum("actor").to_numpy()
    np.testing.assert_allclose(levies, 0.0, atol=1e-9)
    actors = found.by_actor("led").sum()
    authority = flows.sel(item=own, actor="authority").sum("item").to_numpy()
    assert found.by_actor("led").loc[["energy"], "authority"].sum() == pytest.approx(
        float(flows.sel(item="energy", actor="authority").to_numpy() @ factor)
    )
    assert float(actors.sum()) == pytest.approx(float(flows.sum(["item", "actor"]).to_numpy() @ factor))
    everybody = flows.sel(item=own).sum(["item", "actor"]).to_numpy()
    assert authority[0] < 0 < authority[1]
    benefit, collective = float(authority @ factor), float(everybody @ factor)
    # Prices are drawn about central ones: the median lies on the same side, within the range.
    estimate = found.estimate("financial_benefit", "led")
    assert estimate.p10 < benefit < estimate.p90
    assert collective == pytest.approx(
        benefit
        + float(
            flows.sel(item=own)
            .sum("item")
            .sel(actor=["users", "other_public", "third_parties", "environment"])
            .sum("actor")
            .to_numpy()
            @ factor
        )
    )


def test_the_horizon_and_the_rate_move_what_they_should(results):
    """Undiscounted, over no renewal, the financial benefit is yearly savings times years, less investment."""
    found = results.evaluate({**FAST, "horizon": 5, "reference": {"discount_rate": 0}})
    budget = found.budget("led")
    saving = budget.loc[["energy", "fees"]].sum()
    np.testing.assert_allclose(saving.to_numpy()[1:], saving.to_numpy()[1], rtol=1e-9)
    assert saving.to_numpy()[0] == 0.0
    longer = results.evaluate({**FAST, "horizon": 10, "reference": {"discount_rate": 0}})
    assert longer.estimate("carbon_avoided", "led").p50 == pytest.approx(
        2 * found.estimate("carbon_avoided", "led").p50, rel=0.05
    )
    dear = results.evaluate({**FAST, "reference": {"discount_rate": "8 %"}})
    cheap = results.evaluate({**FAST, "reference": {"discount_rate": "1 %"}})
    for variant in ("led",):
        assert dear.estimate("carbon_net", variant) == cheap.estimate("carbon_net", variant)
        assert (
            dear.estimate("socio_economic_benefit", variant).p50 < cheap.estimate("socio_economic_benefit", variant).p50
        )


def test_prices_of_the_valuation_are_exactly_proportional(results):
    """Energy saved at twice the price is worth twice as much, and nothing else moves."""
    once = results.evaluate(FAST, prices={("shared", "electricity_price"): 0.2})
    twice = results.evaluate(FAST, prices={("shared", "electricity_price"): 0.4})
    np.testing.assert_allclose(
        twice.budget("led").loc["energy"].to_numpy(), 2 * once.budget("led").loc["energy"].to_numpy(), rtol=1e-9
    )
    rest = [name for name in once.budget("led").index if name != "energy"]
    np.testing.assert_array_equal(once.budget("led").loc[rest].to_numpy(), twice.budget("led").loc[rest].to_numpy())
    np.testing.assert_array_equal(once.samples["carbon_net"].to_numpy(), twice.samples["carbon_net"].to_numpy())


def test_a_deployment_in_stages_pays_in_stages(results):
    staged = results.evaluate({**FAST, "start": 2025, "deployment": {"lighting": {2025: "40 %", 2027: "60 %"}}})
    at_once = results.evaluate(FAST)
    paid, before = staged.budget("led").loc["initial_investment"], at_once.budget("led").loc["initial_investment"]
    assert paid[2025] == pytest.approx(0.4 * before[2025])
    assert paid[2027] == pytest.approx(0.6 * before[2025])
    energy, full = staged.budget("led").loc["energy"], at_once.budget("led").loc["energy"]
    assert energy[2025] == 0.0
    assert energy[2026] == pytest.approx(0.4 * full[2026])
    assert energy[2028] == pytest.approx(full[2026])


def test_the_same_samples_for_all_variants_and_from_one_time_to_the_next(results, evaluation):
    again = results.evaluate()
    for name in FIVE:
        np.testing.assert_array_equal(again.samples[name].to_numpy(), evaluation.samples[name].to_numpy())


def test_a_variant_is_compared_with_doing_nothing(folder, evaluation):
    table = evaluation.regret()
    samples = evaluation.samples["collective_value"].sel(network="total")
    best = np.maximum(samples.max("variant"), 0.0)
    assert table.loc["baseline", "regret"] == pytest.approx(float(best.mean()))
    assert table.loc["led", "regret"] == pytest.approx(float((best - samples.sel(variant="led")).mean()))
    assert table["best"].sum() == pytest.approx(1.0)
    written = json.loads((folder / "evaluation.json").read_text())["variants"]["led"]
    assert (written["best"], written["regret"]) == tuple(table.loc["led", ["best", "regret"]])


def test_another_rate_changes_nothing_physical(folder, tmp_path, capsys):
    before = digests(folder, "evaluation.json")
    first = json.loads((folder / "evaluation.json").read_text())
    kept = (folder / "evaluation.json").read_bytes()
    assert main(["evaluate", str(folder), "--discount-rate", "1.5 %", "--lang", "en"]) == 0
    assert "discounted at 1.5%" in capsys.readouterr().out
    assert digests(folder, "evaluation.json") == before
    second = json.loads((folder / "evaluation.json").read_text())
    assert second["discount_rate"] == 0.015
    assert second["figures"] == first["figures"]
    assert second["variants"]["led"]["total"]["carbon_net"] == first["variants"]["led"]["total"]["carbon_net"]
    assert main(["evaluate", str(folder)]) == 0
    assert (folder / "evaluation.json").read_bytes() == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prices: {electricty_price: 0.2 EUR/kWh}", "electricity_price"),
        ("prices: {electricity_price: 0.2}", "EUR/kWh"),
        ("prices: {lighting: {led_life: -3 years}}", "led_life"),
        ("prices: {lighting: {gear_loss_hps: 10 %}}", "run it again"),
        ("base_year: 1990", "1990"),
        ("evaluation: {horizon: 0}", "horizon of 0 years"),
        ("evaluation: {horizon: 20, horizonn: 3}", "horizonn"),
        ("evaluation: {drifts: {electricite: 1 %}}", "electricite"),
        ("evaluation: {deployment: {lighting: {2025: 40 %}}}", "40 %, not 100 %"),
        ("evaluation: {deployment: {lighting: {2020: 100 %}}}", "before the first year, 2025"),
        ("evaluation: {horizon: 5, deployment: {all: {2030: 100 %}}}", "serves no year of the horizon"),
        ("evaluation: {horizon: 5, flows: [{item: studies, amount: -1 EUR, year: 6}]}", "after the horizon"),
        ("evaluation: {variants: {leds: {}}}", "leds"),
        ("evaluation: {flows: [{item: loan_drawn, amount: 3 EUR}]}", "loan_drawn"),
        ("evaluation: {trajectories: {electricity_carbon: {soon: 0.02 kgCO2e/kWh}}}", "soon"),
        ("evaluation: {uncertain: {discount_rate: {low: 4 %, high: 2 %}}}", "discount_rate"),
        ("evaluation: {table: nowhere.csv}", "nowhere.csv"),
    ],
)
def test_what_cannot_be_is_told(folder, tmp_path, capsys, text, said):
    path = tmp_path / "prices.yaml"
    path.write_text(text + "\n", encoding="utf-8")
    before = digests(folder)
    assert main(["evaluate", str(folder), "--prices", str(path), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert digests(folder) == before


def test_a_table_of_the_user_is_visible(results, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text(
        "name,value,low,high,unit,year,source,licence,confidence,description\n"
        "public_funds_cost,1.3,1.2,1.4,1,2026,our own,facts,high,Cost of public funds\n",
        encoding="utf-8",
    )
    found = results.evaluate({**FAST, "table": "mine.csv"}, folder=tmp_path)
    row = found.factors.set_index("name").loc["public_funds_cost"]
    assert (row["value"], row["overridden"], row["source"]) == (1.3, True, "mine.csv")
    plain = results.evaluate(FAST)
    gap = found.samples["net_present_socio_economic_value"] - plain.samples["net_present_socio_economic_value"]
    np.testing.assert_allclose(gap.to_numpy(), 0.1 * plain.samples["net_public_value"].to_numpy(), rtol=1e-9, atol=1e-6)
    table.write_text(table.read_text().replace("public_funds_cost", "public_fund_cost"), encoding="utf-8")
    with pytest.raises(InputError, match="public_funds_cost"):
        results.evaluate({**FAST, "table": "mine.csv"}, folder=tmp_path)


def test_a_stated_flow_with_a_range_is_drawn_once_for_all_variants(results):
    flow = {"item": "hosting", "amount": "-10 kEUR", "low": "-20 kEUR", "high": "-5 kEUR", "year": 1, "every": 1}
    found, plain = results.evaluate({**FAST, "flows": [flow]}), results.evaluate(FAST)
    gap = (found.samples["financial_benefit"] - plain.samples["financial_benefit"]).sel(network=TOTAL)
    np.testing.assert_allclose(gap.sel(variant="led").to_numpy(), gap.sel(variant="rounds").to_numpy(), rtol=1e-6)
    years = sum(1.032**-year for year in range(1, 21))
    assert (gap > -20e3 * years).all()
    assert (gap < -5e3 * years).all()
    assert float(gap.std()) > 0


def test_levels_of_a_year_are_the_account_s(results):
    """What the baseline costs in a year is the account of the period, brought to a year."""
    found = results.evaluate(FAST)
    yearly = found.flows.sel(scenario="baseline", actor="authority", network="lighting").isel(year=1).sum("item")
    cost = float(results.dataset["lighting_cost"].sel(scenario="baseline").mean())
    assert -float(yearly) == pytest.approx(cost * 365 / 4, rel=1e-9)


def test_a_variant_with_prices_of_its_own(tmp_path):
    """A cheaper contract changes no kilowatt-hour, and saves the difference of prices on all of them."""
    from jumeau.engine.campaign import run
    from jumeau.engine.scenario import read_scenario

    path = tmp_path / "contract.yaml"
    path.write_text(
        "name: contract\nterritory: bourg_exemple\nperiod: {start: 2025-03-01, end: 2025-03-02}\nwarmup: 0 days\n"
        "replications: 2\nnetworks: [lighting]\nassumptions: {shared: {electricity_price: 0.20 EUR/kWh}}\n"
        "variants:\n  contract: {assumptions: {shared: {electricity_price: 0.15 EUR/kWh}}, measures: []}\n"
        "  dear_led:\n    assumptions: {lighting: {led_price: 900 EUR}}\n"
        "    measures: [{measure: lighting.led_retrofit, where: {attributes: {technology: [HPS]}}}]\n",
        encoding="utf-8",
    )
    results = run(read_scenario(path))
    found = results.evaluate(FAST)
    used = float(results.dataset["lighting_electricity"].sel(scenario="baseline").mean()) * 365 / 2
    assert found.budget("contract").loc["energy", 2030] == pytest.approx(0.05 * used, rel=1e-9)
    assert found.estimate("financial_benefit", "contract").p10 > 0
    assert float(abs(found.samples["carbon_net"].sel(variant="contract", network=TOTAL)).max()) < 1e-9
    lamps = float(results.bill["count"].sum())
    assert found.budget("dear_led").loc["initial_investment", 2025] == pytest.approx(-900 * lamps)


def test_blocks_are_laid_over_each_other_by_name():
    """A certificate says nothing of a grant, a maturity nothing of a lead time; a list replaces a list."""
    from jumeau.evaluation.parameters import over

    own = {
        "horizon": 20,
        "financing": {"fctva": True, "grants": [{"name": "DETR", "share": 0.2}]},
        "variants": {
            "led": {"lead_time": "9 months", "deployment": {"all": {2025: 1.0}}},
            "other": {"maturity": "new"},
        },
        "flows": [{"item": "studies"}],
        "deployment": {"lighting": {2025: 0.4, 2026: 0.6}},
    }
    new = {
        "financing": {"cee": {"led_luminaire": "9300 kWh"}},
        "variants": {"led": {"maturity": "new"}},
        "flows": [],
        "deployment": {"lighting": {2026: 1.0}},
    }
    found = over(own, new, {"horizon": 15})
    assert found["financing"] == {**own["financing"], **new["financing"]}
    assert found["variants"]["led"] == {**own["variants"]["led"], "maturity": "new"}
    assert found["variants"]["other"] == {"maturity": "new"}
    assert found["flows"] == []
    assert found["deployment"] == {"lighting": {2026: 1.0}}
    assert found["horizon"] == 15
    assert own["financing"] == {"fctva": True, "grants": [{"name": "DETR", "share": 0.2}]}


def _twice(results, factor):
    """Return a run in which every quantity of lighting is that many times as large."""
    dataset = results.dataset.copy()
    draws = results.draws.copy()
    for name in results.sampled.vocabularies["lighting"]:
        for table in (dataset, draws):
            table[f"lighting_{name}"] = table[f"lighting_{name}"] * factor
            table[f"lighting_{name}"].attrs = results.dataset[f"lighting_{name}"].attrs
    return replace(results, dataset=dataset, draws=draws)


def test_years_that_were_simulated_apart(results):
    """Twice the quantities in 2035: in 2030 one and four ninths of them, from 2035 on twice."""
    plain = results.evaluate(FAST)
    found = results.evaluate(FAST, later={2035: _twice(results, 2.0)})
    once, now = plain.budget("led").loc["energy"], found.budget("led").loc["energy"]
    assert now[2026] == pytest.approx(once[2026])
    assert now[2030] == pytest.approx(once[2030] * (1 + 4 / 9))
    assert now[2035] == pytest.approx(2 * once[2035])
    assert now[2045] == pytest.approx(2 * once[2045])
    assert found.budget("led").loc["initial_investment"].equals(plain.budget("led").loc["initial_investment"])
    assert found.later == (2035,)
    assert not found.changes("nothing").any()
    same = results.evaluate(FAST, later={2035: results})
    np.testing.assert_allclose(
        same.samples["collective_value"].to_numpy(), plain.samples["collective_value"].to_numpy(), rtol=1e-9, atol=1e-6
    )


def test_runs_of_other_campaigns_are_refused(results, folder, tmp_path, capsys):
    with pytest.raises(InputError, match="2050"):
        results.evaluate(FAST, later={2050: results})
    other = replace(results, dataset=results.dataset.isel(scenario=[0, 1]))
    with pytest.raises(InputError, match="2035"):
        results.evaluate(FAST, later={2035: other})
    assert (
        main(["evaluate", str(folder), "--later", f"2035={folder}", "-o", str(tmp_path / "e.json"), "--lang", "en"])
        == 0
    )
    assert "Simulated apart: 2035" in " ".join(capsys.readouterr().out.split())
    assert "2035" in json.loads((tmp_path / "e.json").read_text())["years_simulated"]

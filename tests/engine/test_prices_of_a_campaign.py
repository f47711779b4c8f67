"""A campaign whose draws change prices: what is simulated, what is only valued, and what is written of it."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from jumeau.engine import campaign, executors
from jumeau.engine.scenario import read_scenario
from jumeau.results.storage import read_results

SCENARIO = """
name: prices
territory: bourg_exemple
networks: [lighting]
period: {start: 2025-01-01, end: 2025-01-31}
warmup: 20 days
replications: 2
draws: 4
draw_replications: 2
variants:
  led:
    measures:
      - {measure: lighting.led_retrofit, where: {attributes: {technology: [HPS, MERCURY]}}}
uncertainties:
  shared: {electricity_price: {}, electricity_carbon: {}}
  lighting: {led_price: {}}
"""


@pytest.fixture
def counted(monkeypatch):
    """How many runs were simulated."""
    done = []
    real = executors.simulate

    def simulate(*args, **options):
        done.append(args)
        return real(*args, **options)

    monkeypatch.setattr(executors, "simulate", simulate)
    return done


def run(text, town, tmp_path, folder=None):
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    return campaign.run(read_scenario(path), town, folder)


def test_draws_of_prices_are_valued_not_simulated(town, tmp_path, counted):
    results = run(SCENARIO, town, tmp_path)
    assert len(counted) == 2 * 2  # two situations, two replications; no draw
    central, draws = results.dataset, results.draws
    for name in ("lighting_electricity", "lighting_failures", "lighting_energy"):
        assert (draws[name] == central[name]).all(), name
    price = draws["shared.electricity_price"]
    assert len(np.unique(price)) == 4
    bill = draws["lighting_energy_cost"] - draws["lighting_subscription_cost"] - 1.35 * draws["lighting_crew_diesel"]
    xr.testing.assert_allclose(bill, draws["lighting_electricity"] * price, rtol=1e-9)
    use = draws["lighting_electricity"] * draws["shared.electricity_carbon"]
    xr.testing.assert_allclose(draws["lighting_carbon_use"], use, rtol=1e-9)
    count = float(results.bill["count"].sum())
    led = draws["lighting_investment"].sel(scenario="led", replication=0, drop=True)
    xr.testing.assert_allclose(led, count * draws["lighting.led_price"], rtol=1e-9)
    assert (draws["total_cost"] == draws["lighting_cost"]).all()


def test_a_draw_that_runs_read_is_simulated(town, tmp_path, counted):
    results = run(SCENARIO.replace("led_price: {}", "gear_loss_hps: {}"), town, tmp_path)
    assert len(counted) == 2 * 2 * (1 + 4)
    used = results.draws["lighting_electricity"].sel(scenario="baseline")
    assert len(np.unique(used.mean("replication"))) == 4


def test_assets_keep_what_the_territory_says(town, tmp_path):
    results = run(SCENARIO, town, tmp_path)
    given = town.layer("lamps").set_index("lamp_id")
    table = results.assets["lighting_lamps__baseline"].set_index("lamp_id")
    said = [name for name in given.columns if name != "geometry"]
    for name in said:
        known = given[name].notna()
        assert (table.loc[known, name] == given.loc[known, name]).all(), name
    # With its gear a discharge lamp draws more than its nominal power.
    discharge = given["technology"] == "HPS"
    assert (table.loc[discharge, "system_power"] > given.loc[discharge, "power"]).all()


def test_the_journal_names_assets_and_columns(town, tmp_path):
    folder = tmp_path / "run"
    results = run(SCENARIO, town, tmp_path, folder)
    journal = results.journal
    assert not {"asset", "first", "second"} & set(journal.columns)
    lamps = set(town.layer("lamps")["lamp_id"])
    for kind, texts in (("failure", None), ("detection", {"alarm", "patrol", "citizen"}), ("repair", None)):
        events = journal[journal["kind"] == kind]
        assert len(events), kind
        assert set(events["lamp"]) <= lamps, kind
        assert texts is None or set(events["finder"]) <= texts
    patrols = journal[journal["kind"] == "patrol"]
    assert patrols["lamp"].isna().all()
    assert (patrols["distance"] > 0).all()
    repairs = journal[(journal["kind"] == "repair") & (journal["scenario"] == "baseline")]
    failures = journal[(journal["kind"] == "failure") & (journal["scenario"] == "baseline")]
    found = repairs.merge(failures, left_on=["lamp", "failed"], right_on=["lamp", "time"])
    assert len(found) == len(repairs)
    written = pd.read_csv(folder / "journal.csv", dtype={"lamp": object})
    assert list(written.columns) == list(journal.columns)
    assert written["lamp"].equals(journal["lamp"].astype(object))
    assert read_results(folder).journal["distance"].equals(journal["distance"])


def test_money_is_in_euros_of_the_base_year(town, tmp_path):
    plain = SCENARIO.split("draws:", maxsplit=1)[0] + "variants: {same: {}}\n"
    now = run(plain, town, tmp_path)
    then = run(plain + "base_year: 2022\n", town, tmp_path)
    stated = "assumptions: {shared: {crew_hourly_cost: 31 EUR/h}}\n"
    told = run(plain + "base_year: 2022\n" + stated, town, tmp_path)
    hours = now.dataset["lighting_staff_hours"]
    assert (then.dataset["lighting_staff_hours"] == hours).all()
    ratio = 120.82 / 111.91
    assert np.allclose(now.dataset["lighting_staff_cost"], 30 * ratio * hours, rtol=1e-12)
    assert np.allclose(then.dataset["lighting_staff_cost"], 30 * hours, rtol=1e-12)
    assert np.allclose(told.dataset["lighting_staff_cost"], 31 * hours, rtol=1e-12)
    assert then.dataset.attrs["base_year"] == then.provenance["base_year"] == 2022

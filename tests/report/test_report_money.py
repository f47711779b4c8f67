from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from report_campaign import campaign, provenance

from jumeau.i18n import language
from jumeau.report.money import Payback, paybacks
from jumeau.report.weights import weights
from jumeau.report.words import main_record, period_years, sentence, tone


def period(start, end):
    return {"period": {"start": start, "end": end}}


def test_a_calendar_year_is_one_year():
    assert period_years(period("2025-01-01", "2025-12-31")) == 1.0
    assert period_years(period("2024-01-01", "2024-12-31")) == 1.0
    assert period_years(period("2024-07-01", "2026-06-30")) == 2.0
    assert period_years(period("2025-01-01", "2025-01-07")) == pytest.approx(7 / 365.25)


def test_payback_is_investment_over_saving():
    results = campaign(with_draws=False)
    led, off = paybacks(results)
    cost = results.dataset["total_cost"]
    saved = cost.sel(scenario="baseline").mean().item() - cost.sel(scenario="led").mean().item()
    assert led.investment == 452 * 700 + 51 * 100
    assert led.saving == pytest.approx(saved, rel=1e-12)
    assert led.years == pytest.approx(led.investment / saved, rel=1e-12)
    assert led.interval[0] < led.saving < led.interval[1]
    assert (off.state, off.years) == ("not repaid", None)


def test_half_a_year_is_brought_to_a_year():
    half = campaign(with_draws=False)
    shorter = replace(half, provenance=provenance() | period("2025-01-01", "2025-06-30"))
    assert paybacks(shorter)[0].saving == pytest.approx(paybacks(half)[0].saving * 365.25 / 181)


def test_investment_is_what_the_account_says_beyond_the_baseline():
    """The bill has to say the same, but is not summed up again."""
    results = campaign(with_draws=False)
    dataset = results.dataset.copy()
    # The baseline buys something too.
    dataset["total_investment"] = dataset["total_investment"].copy(data=dataset["total_investment"] + 4_000.0)
    changed = replace(results, dataset=dataset, bill=results.bill.iloc[:0])
    assert paybacks(changed)[0].investment == pytest.approx(452 * 700 + 51 * 100)


def test_what_assumptions_may_turn_round_is_not_repaid_for_sure():
    results = campaign()
    record = next(item for item in results.records if (item.network, item.indicator) == ("total", "cost"))
    assert record.range80[1] < 0
    assert paybacks(results)[0].state == "repaid"
    draws = results.draws.copy()
    draws["total_cost"] = draws["total_cost"].copy()
    draws["total_cost"].loc[{"scenario": "led", "draw": slice(0, 8)}] *= 3.0
    assert paybacks(replace(results, draws=draws))[0].state == "perhaps"


@pytest.mark.parametrize(
    ("item", "state", "words"),
    [
        (Payback("v", 1000.0, 100.0, (80.0, 125.0)), "repaid", "10 years (from 8 to 12.5)"),
        (Payback("v", 1000.0, 100.0, None), "repaid", "10 years"),
        (Payback("v", 1000.0, 8000.0, (6000.0, 12000.0)), "repaid", "1.5 months (from 1 to 2)"),
        (Payback("v", 1000.0, 10.0, (-5.0, 25.0)), "perhaps", "100 years, not established: the saving may be nil"),
        (Payback("v", 1000.0, -10.0, (-12.0, -8.0)), "not repaid", "not repaid"),
        (Payback("v", 0.0, 10.0, (8.0, 12.0)), "nothing to repay", "nothing to repay"),
        (Payback("v", 1000.0, math.nan, None), "unknown", "not computed"),
    ],
)
def test_words_of_payback(item, state, words):
    with language("en"):
        assert (item.state, item.text()) == (
            state,
            words.replace("0 years", "0\u00a0years").replace(" months", "\u00a0months"),
        )
        assert item.sentence().endswith(".")


def test_marcoussis_pays_back_in_28_6_years():
    """A published case: 200,000 EUR invested for 7,000 EUR a year, said to pay back in 28.6 years."""
    assert Payback("v", 200_000.0, 7_000.0, None).years == pytest.approx(28.6, abs=0.05)


def test_total_speaks_for_its_group():
    records = [record for record in campaign(with_draws=False).records if record.variant == "led"]
    assert (main_record(records, "money").network, main_record(records, "money").indicator) == ("total", "cost")
    assert main_record(records, "carbon").indicator == "carbon"
    assert main_record(records, "service").indicator == "failures"
    assert main_record(records, "unheard of") is None


def test_tone_follows_what_is_wanted():
    record = next(item for item in campaign(with_draws=False).records if item.indicator == "energy")
    assert tone(record) == "favourable"
    assert tone(replace(record, better="higher")) == "unfavourable"
    assert tone(replace(record, better="neutral")) == "neutral"
    assert tone(replace(record, verdict="undecided")) == "neutral"


def test_sentences():
    with language("fr"):
        found = {item.indicator: sentence(item, "X") for item in campaign().records if item.variant == "off"}
    assert found["failures"].startswith("X\u00a0: indécis")
    assert found["subscribed_power"].startswith("X\u00a0: aucun écart.")
    assert found["no_data"] == "X\u00a0: non disponible."
    # What is established is told by its median, which lies in the range told beside it.
    assert "hausse établie, +1\u202f080\u00a0€ (+1,9\u202f%) (médiane)" in found["cost"]
    assert "de +780 à +1\u202f440\u00a0€" in found["cost"]
    assert "huit cas sur dix" in found["cost"]
    hours = next(
        item
        for item in campaign(with_draws=False).records
        if item.indicator == "burning_hours" and item.variant == "off"
    )
    with language("fr"):
        assert "la même dans chacune des 12 répliques" in sentence(hours, "X")


def test_weights_are_spearman_s():
    """Saving in euros follows the price alone, that in kilowatt-hours the loss alone: ranks agree fully."""
    results = campaign()
    with language("en"):
        found = {
            (item.variant, item.indicator, item.label): item.correlation for item in weights(results, results.records)
        }
    first = ("LED and remote management", "Electricity used", "Loss of the control gear")
    assert found[first] == pytest.approx(-1.0)
    price = results.draws["lighting.electricity_price"].to_numpy()
    loss = results.draws["lighting.gear_loss"].to_numpy()
    ranks = [np.argsort(np.argsort(values)) for values in (price, loss)]
    size = len(price)
    by_hand = 1 - 6 * float(((ranks[0] - ranks[1]) ** 2).sum()) / (size * (size**2 - 1))
    other = ("LED and remote management", "Electricity used", "Variable price of electricity")
    assert found[other] == pytest.approx(-by_hand)

"""Draws of uncertain assumptions: as many as a precision asks for; correlated; each of its own name."""

import numpy as np
import pytest
from scipy import stats

from jumeau.engine.campaign import run
from jumeau.engine.plan import draw_factors
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError

TEXT = """
name: drawn
territory: bourg_exemple
period: {{start: 2025-03-01, end: 2025-03-02}}
warmup: 0 days
replications: 2
draws: {draws}
draw_replications: 1
networks: [lighting]
baseline: {{}}
variants:
  led: {{measures: [{{measure: lighting.led_retrofit, where: {{attributes: {{technology: [HPS]}}}}}}]}}
uncertainties:
  lighting: {{led_power_ratio_hps: {{}}, gear_loss_hps: {{}}}}
{more}
"""


@pytest.fixture
def write(tmp_path):
    def written(draws, more=""):
        path = tmp_path / "drawn.yaml"
        path.write_text(TEXT.format(draws=draws, more=more), encoding="utf-8")
        return path

    return written


def precision(half_width, most=40):
    return f"{{minimum: 5, maximum: {most}, precision: {{indicator: lighting.energy, half_width: {half_width}}}}}"


def half_width(results):
    """Half the 95 % interval of the mean by which draws move what LEDs save."""
    energy = results.draws["lighting_energy"]
    gaps = (energy.sel(scenario="led") - energy.sel(scenario="baseline")).mean("replication")
    count = gaps.sizes["draw"]
    return float(stats.t.ppf(0.975, count - 1) * gaps.std(ddof=1) / np.sqrt(count))


def test_as_many_draws_as_the_precision_asks_for(write):
    rough = run(read_scenario(write(precision("500 kWh"))))
    assert rough.draws.sizes["draw"] == 5
    wanted = 0.6 * half_width(rough)
    fine = run(read_scenario(write(precision(f"{wanted:.3f} kWh"))))
    assert 5 < fine.draws.sizes["draw"] < 40
    assert half_width(fine) <= wanted
    # The first draws are the same ones.
    name = "lighting.led_power_ratio_hps"
    assert not np.array_equal(rough.draws[name].values, fine.draws[name].values[:4])
    np.testing.assert_array_equal(rough.draws[name].values, fine.draws[name].values[:5])
    most = run(read_scenario(write(precision("0.1 kWh", 6))))
    assert most.draws.sizes["draw"] == 6


def test_a_precision_that_cannot_be_is_told(write):
    with pytest.raises(InputError, match=r"drawn\.yaml:7.*energie"):
        run(
            read_scenario(
                write("{minimum: 5, maximum: 9, precision: {indicator: lighting.energie, half_width: 1 kWh}}")
            )
        )


def test_draws_are_correlated_by_rank(write):
    pair = "[lighting.gear_loss_hps, lighting.led_power_ratio_hps]"
    scenario = read_scenario(write(400, f"correlations: [{{between: {pair}, rank: 70 %}}]"))
    found = [(d["lighting"]["gear_loss_hps"], d["lighting"]["led_power_ratio_hps"]) for d in draw_factors(scenario)]
    assert stats.spearmanr(found).statistic == pytest.approx(0.7, abs=0.05)
    plain = draw_factors(read_scenario(write(400)))
    # Each keeps its own values, in another order.
    assert sorted(first for first, _second in found) == sorted(d["lighting"]["gear_loss_hps"] for d in plain)


def test_what_else_is_uncertain_changes_no_draw(write):
    alone = draw_factors(read_scenario(write(8)))
    more = draw_factors(read_scenario(write(8, "  shared: {electricity_price: {}}")))
    assert [d["lighting"] for d in alone] == [d["lighting"] for d in more]


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("[lighting.gear_loss_hps, lighting.gear_los]", "gear_los"),
        ("[lighting.gear_loss_hps, lighting.gear_loss_mh]", "gear_loss_mh"),
        ("[lighting.gear_loss_hps, shared.gas_price]", "gas_price"),
    ],
)
def test_correlations_that_cannot_be_are_told(write, pair, said):
    with pytest.raises(InputError, match=said):
        draw_factors(read_scenario(write(8, f"correlations: [{{between: {pair}, rank: 50 %}}]")))


def test_what_a_variant_states_for_itself_is_certain_there(write):
    """Its own price of parts of the bill stands; the other situations keep the range of the row."""
    path = write(0)
    text = path.read_text(encoding="utf-8").replace(
        "uncertainties:\n  lighting: {led_power_ratio_hps: {}, gear_loss_hps: {}}\n", ""
    )
    text += (
        "  known:\n    assumptions: {lighting: {led_price: 500 EUR}}\n"
        "    measures: [{measure: lighting.led_retrofit, where: {attributes: {technology: [HPS]}}}]\n"
    )
    path.write_text(text, encoding="utf-8")
    found = run(read_scenario(path))
    records = {
        item.variant: item for item in found.records if (item.network, item.indicator) == ("total", "investment")
    }
    low, middle, high = records["known"].quantiles
    assert low == middle == high == records["known"].difference
    assert records["led"].quantiles[0] < records["led"].quantiles[2]

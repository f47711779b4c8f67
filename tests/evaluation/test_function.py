"""A criterion as a function of uncertain numbers: the evaluation's own figures, and what indices say of them."""

import re
from pathlib import Path

import numpy as np
import pytest

from jumeau.evaluation.function import criterion_function, heaviest
from jumeau.evaluation.sensitivity import sobol, tornado


@pytest.fixture(scope="module")
def benefit(results):
    return criterion_function(results, "led", "financial_benefit")


def test_central_values_give_the_central_flows(results, benefit):
    function, _laws = benefit
    flows = results.evaluation.changes("led").sel(actor="authority").sum(["network", "item"]).to_numpy()
    assert function({})[0] == pytest.approx(float(flows @ 1.032 ** -np.arange(21)), rel=1e-9)


def test_money_is_linear_in_a_price(benefit):
    function, laws = benefit
    assert "lighting.led_price" in laws
    found = function({"lighting.led_price": np.array([400.0, 600.0, 800.0])})
    assert found[0] - found[1] == pytest.approx(found[1] - found[2], rel=1e-9)
    assert found[0] > found[1]


def test_tornado_and_switching_value(results, benefit):
    """The price at which the project is worth nothing is that of a straight line through two others."""
    function, laws = benefit
    names = heaviest(results, "led", "financial_benefit", 4)
    assert "lighting.led_price" in names
    bars = {bar.name: bar for bar in tornado(function, {name: laws[name] for name in names})}
    assert list(bars) == sorted(bars, key=lambda name: -abs(bars[name].swing))
    bar = bars["lighting.led_price"]
    low, high = function({"lighting.led_price": np.array([300.0, 900.0])})
    medians = {name: np.full(2, float(laws[name].ppf(0.5))) for name in names if name != "lighting.led_price"}
    low, high = function({**medians, "lighting.led_price": np.array([300.0, 900.0])})
    zero = 300.0 + 600.0 * low / (low - high)
    if bar.switching_value is not None:
        assert bar.switching_value == pytest.approx(zero, rel=1e-6)
    else:
        assert not laws["lighting.led_price"].low <= zero <= laws["lighting.led_price"].high


def test_indices_of_two_prices_share_the_variance(benefit):
    """Additive in two prices: first-order indices add up to one, and total ones are the same."""
    function, laws = benefit
    chosen = {name: laws[name] for name in ("lighting.led_price", "lighting.node_price")}
    found = sobol(function, chosen, base=512)
    first = {name: found.first[name].value for name in chosen}
    assert sum(first.values()) == pytest.approx(1.0, abs=0.05)
    for name in chosen:
        assert found.total[name].value == pytest.approx(first[name], abs=0.08)


def test_the_example_of_the_documentation_runs(folder, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    example = re.search(r"## Sensitivity.*?```python\n(.*?)```", page, re.DOTALL).group(1)
    pytest.importorskip("SALib")
    monkeypatch.chdir(folder.parent)
    exec(example, {})  # noqa: S102 - it is ours
    assert "lighting.led_price" in capsys.readouterr().out

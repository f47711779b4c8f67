"""Sensitivity against functions whose indices have a closed form (Ishigami and Homma 1990; linear)."""

import sys

import numpy as np
import pytest
from scipy import stats

from jumeau.errors import InputError
from jumeau.evaluation import sensitivity
from jumeau.evaluation.emulator import Emulator
from jumeau.evaluation.sensitivity import given_data, morris, sobol, tornado
from jumeau.sampling import Law, sample

pytest.importorskip("SALib")

PI = {name: Law("uniform", -np.pi, 0.0, np.pi) for name in ("x1", "x2", "x3")}
#: a = 7, b = 0.1.
FIRST = {"x1": 0.3139, "x2": 0.4424, "x3": 0.0}
TOTAL = {"x1": 0.5576, "x2": 0.4424, "x3": 0.2437}
UNIT = Law("uniform", 0.0, 0.5, 1.0)


def ishigami(x):
    return np.sin(x["x1"]) + 7.0 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])


def linear(x):
    return 3.0 * x["a"] - 5.0 * x["b"] + 0.5 * x["c"] + 1.0


def test_sobol_finds_ishigamis_indices():
    found = sobol(ishigami, PI, base=4096, second_order=True)
    for given, closed in ((found.first, FIRST), (found.total, TOTAL)):
        for name, value in closed.items():
            assert given[name].value == pytest.approx(value, abs=0.02)
            half = (given[name].high - given[name].low) / 2
            # A 95 % interval misses one index in twenty; twice its half-width hardly any.
            assert abs(given[name].value - value) <= 2 * half
            assert given[name].low <= given[name].value <= given[name].high
    assert found.second["x1", "x3"].value == pytest.approx(0.2437, abs=0.03)
    assert found.second["x1", "x2"].value == pytest.approx(0.0, abs=0.03)
    assert (found.fixed, found.evaluations) == ((), 4096 * 8)


def test_sobol_without_second_order_costs_less_and_repeats_itself():
    found = sobol(ishigami, PI, base=256, seed=3)
    assert found == sobol(ishigami, PI, base=256, seed=3)
    assert found != sobol(ishigami, PI, base=256, seed=4)
    assert (found.second, found.evaluations) == ({}, 256 * 5)


def test_many_inputs_are_screened_first():
    laws = {f"i{place:02d}": UNIT for place in range(20)}
    weights = {name: 1.0 if place % 7 == 3 else 0.001 for place, name in enumerate(laws)}
    found = sobol(lambda x: sum(weights[name] * x[name] for name in laws), laws, base=512, kept=3)
    assert sorted(found.first) == [name for name, weight in weights.items() if weight == 1.0]
    assert len(found.fixed) == 17
    assert found.evaluations == 20 * 21 + 512 * 5
    assert [index.value for index in found.first.values()] == pytest.approx([1 / 3] * 3, abs=0.02)


def test_given_data_agrees_with_closed_forms():
    drawn = sample(PI, 5000, 2)
    found = given_data(drawn, ishigami(drawn))
    for name, value in FIRST.items():
        assert found[name].value == pytest.approx(value, abs=0.03)
        assert found[name].low - 0.01 <= value <= found[name].high + 0.01
    laws = {"a": UNIT, "b": UNIT, "c": UNIT}
    drawn = sample(laws, 5000, 3)
    squares = {"a": 9.0, "b": 25.0, "c": 0.25}
    for name, index in given_data(drawn, linear(drawn)).items():
        assert index.value == pytest.approx(squares[name] / sum(squares.values()), abs=0.03)


def test_morris_orders_inputs():
    found = {effect.name: effect for effect in morris(ishigami, PI, trajectories=400)}
    # Every elementary effect that there is on the four levels, by brute force.
    grid = np.linspace(0.05, 0.95, 4)
    points = dict(zip(PI, (axis.ravel() for axis in np.meshgrid(grid, grid, grid)), strict=True))
    strengths = {}
    for name, law in PI.items():
        start = points[name] < 0.4
        before = {key: PI[key].ppf(values[start]) for key, values in points.items()}
        after = before | {name: law.ppf(points[name][start] + 0.6)}
        effects = (ishigami(after) - ishigami(before)) / (2 / 3)
        strengths[name] = np.abs(effects).mean()
        assert found[name].strength == pytest.approx(strengths[name], rel=0.15)
        assert found[name].spread == pytest.approx(effects.std(), rel=0.15)
    assert list(found) == sorted(strengths, key=strengths.get, reverse=True)
    straight = morris(linear, {"a": UNIT, "b": UNIT, "c": UNIT})
    assert [effect.name for effect in straight] == ["b", "a", "c"]
    # From P5 to P95 is nine tenths of the range.
    assert [effect.mean for effect in straight] == pytest.approx([-4.5, 2.7, 0.45])
    assert [effect.spread for effect in straight] == pytest.approx([0.0] * 3, abs=1e-9)


def test_morris_takes_laws_without_end():
    found = morris(lambda x: np.log(x["a"]) + x["b"], {"a": Law("lognormal", 1.0, 2.0, 9.0), "b": UNIT})
    assert found[0].name == "a"


def test_tornado_of_a_linear_function():
    laws = {"a": Law("triangular", 0.0, 1.0, 2.0), "b": UNIT, "c": Law("lognormal", 1.0, 2.0, 4.0)}
    bars = tornado(linear, laws)
    medians = {"a": 1.0, "b": 0.5, "c": 2.0}
    centre = 3.0 - 2.5 + 1.0 + 1.0
    assert [bar.name for bar in bars] == ["b", "a", "c"]
    found = {bar.name: bar for bar in bars}
    assert found["b"].inputs == pytest.approx((0.1, 0.9))
    assert found["b"].outputs == pytest.approx((centre + 2.0, centre - 2.0))
    # The P10 of a triangle on 0..2: sqrt(0.1 * 2).
    assert found["a"].swing == pytest.approx(3.0 * 2.0 * (1.0 - np.sqrt(0.2)))
    assert found["c"].swing == pytest.approx(0.5 * 3.0)
    assert all(bar.centre == pytest.approx(centre) for bar in bars)
    # 3 a - 2.5 + 1 + 1 = 0 at a = 1/6; b would be at 1 and c below zero: one at its end, one nowhere.
    assert found["a"].switching_value == pytest.approx(medians["a"] - centre / 3.0)
    assert found["b"].switching_value == pytest.approx(1.0)
    assert found["c"].switching_value is None
    assert not any(bar.several for bar in bars)


def test_several_switching_values_are_flagged():
    (bar,) = tornado(lambda x: (x["a"] - 0.2) * (x["a"] - 0.61), {"a": UNIT})
    assert bar.several
    assert bar.switching_value == pytest.approx(0.61)
    (jump,) = tornado(lambda x: np.where(x["a"] < 0.3, -1.0, 1.0), {"a": UNIT})
    assert jump.switching_value == pytest.approx(0.3)
    assert tornado(linear, {}) == []
    (flat,) = tornado(lambda x: np.maximum(x["a"] - 0.5, 0.0), {"a": UNIT})
    assert not flat.several


@pytest.mark.usefixtures("english")
def test_bad_outputs_are_refused():
    with pytest.raises(ValueError, match="not a finite number"):
        tornado(lambda x: np.full(len(x["a"]), np.nan), {"a": UNIT})
    with pytest.raises(ValueError, match="shape"):
        tornado(lambda x: 1.0, {"a": UNIT})
    with pytest.raises(ValueError, match="does not vary"):
        sobol(lambda x: np.ones(len(x["a"])), {"a": UNIT, "b": UNIT}, base=8)
    with pytest.raises(ValueError, match="power of two, not 1000"):
        sobol(ishigami, PI, base=1000)
    with pytest.raises(ValueError, match="99 draws are too few"):
        given_data(sample(PI, 99, 1), np.arange(99.0))


def test_what_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    with pytest.raises(InputError, match=r"jumeau\[sensitivity\]"):
        sensitivity.morris(ishigami, PI)


def test_emulator_is_exact_where_the_function_is_quadratic():
    laws = {"a": UNIT, "b": Law("lognormal", 1.0, 2.0, 4.0), "c": UNIT}

    def quadratic(x):
        return 4.0 + x["a"] * x["b"] - 2.0 * x["c"] ** 2 + x["b"]

    drawn, fresh = sample(laws, 200, 1), sample(laws, 500, 2)
    found = Emulator.fit(drawn, quadratic(drawn)).predict(fresh)
    assert found.values == pytest.approx(quadratic(fresh), abs=1e-4)
    assert found.q2 > 0.999999
    wide = {name: np.append(values[:9], 99.0) for name, values in fresh.items()}
    assert Emulator.fit(drawn, quadratic(drawn)).predict(wide).outside >= 1


def test_leave_one_out_is_that_of_as_many_fits():
    drawn = sample({"a": UNIT, "b": UNIT}, 30, 4)
    output = np.exp(2.0 * drawn["a"]) + np.abs(drawn["b"] - 0.4)
    found = Emulator.fit(drawn, output)
    scaled = (np.column_stack(list(drawn.values())) - found.centre) / found.width
    a, b = scaled.T
    terms = (np.column_stack([a, b, a**2, b**2, a * b]) - found.means) / found.scales
    # Rows of the penalty below those of the data, the intercept free of it.
    penalty = np.column_stack([np.zeros(5), np.sqrt(found.penalty * 30) * np.eye(5)])
    design = np.column_stack([np.ones(30), terms])
    for left in range(30):
        kept = np.arange(30) != left
        weights = np.linalg.lstsq(
            np.vstack([design[kept], penalty]), np.concatenate([output[kept], np.zeros(5)]), rcond=None
        )[0]
        assert output[left] - design[left] @ weights == pytest.approx(found.residuals[left])


@pytest.mark.usefixtures("english")
def test_emulator_is_honest_where_the_function_is_not_smooth():
    def steps(x):
        return np.floor(5.0 * x["a"]) % 2 + 0.3 * np.floor(3.0 * x["b"])

    laws = {"a": UNIT, "b": UNIT}
    drawn, fresh = sample(laws, 300, 1), sample(laws, 20_000, 2)
    found = Emulator.fit(drawn, steps(drawn))
    assert found.q2 < 0.8
    with pytest.raises(ValueError, match="predicts too little"):
        found.predict(fresh)
    told = found.predict(fresh, insist=True)
    true = float(np.sqrt(np.mean((told.values - steps(fresh)) ** 2)))
    assert told.error == pytest.approx(true, rel=0.1)
    assert told.q2 == pytest.approx(1.0 - true**2 / np.var(steps(fresh)), abs=0.1)


def test_emulator_finds_nothing_in_noise():
    noise = stats.norm.ppf(sample({"n": UNIT}, 100, 9)["n"])
    assert Emulator.fit(sample({"a": UNIT, "b": UNIT}, 100, 1), noise).q2 < 0.1

"""Portfolios: the optimum against every plan there is; what is shared is paid once; quick wins; communes that share."""

import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumeau.cli import main
from jumeau.errors import InputError, JumeauError
from jumeau.evaluation.mutualisation import MutualBlock, Sharing
from jumeau.evaluation.portfolio import Candidate, SharedThing, greedy, next_euro, optimise, quick_win
from jumeau.evaluation.portfolio_file import read_portfolio

EXAMPLE = Path(__file__).parents[2] / "scenarios" / "portefeuille.yaml"


def value_of(candidates, shared, budgets, starts, *, carry_over=False):
    """Return what a plan is worth, None where it does not hold: written apart from the programme."""
    years = len(budgets)
    spent, value, needed = [0.0] * (years + 40), 0.0, {}
    done = {c.name: s for c, s in zip(candidates, starts, strict=True) if s is not None}
    for candidate in candidates:
        start = done.get(candidate.name)
        if start is None:
            if candidate.compulsory:
                return None
            continue
        if start not in candidate.starts(years):
            return None
        for other, wait in candidate.after.items():
            if other not in done or done[other] + wait > start:
                return None
        for later, cost in enumerate(candidate.investment):
            spent[start + later] += cost
        value += candidate.value[start]
        for need in candidate.needs:
            needed[need] = min(needed.get(need, years), start)
    groups = [c.group for c in candidates if c.name in done and c.group]
    if len(set(groups)) < len(groups):
        return None
    # A shared thing may be bought earlier than needed: the best year of those that hold.
    best = None
    things = [thing for thing in shared if thing.name in needed]
    for when in product(*(range(needed[thing.name] + 1) for thing in things)):
        paid = list(spent)
        total = value
        for thing, year in zip(things, when, strict=True):
            paid[year] += thing.cost
            total += thing.value[year]
        pool, holds = 0.0, True
        for year, budget in enumerate(budgets):
            pool = (pool if carry_over else 0.0) + budget - paid[year]
            holds &= pool >= -1e-6
        if holds and (best is None or total > best):
            best = total
    return best


def brute_force(candidates, shared, budgets, *, carry_over=False):
    """Return the best value over all plans."""
    years = [None, *range(len(budgets))]
    found = [
        value_of(candidates, shared, budgets, starts, carry_over=carry_over)
        for starts in product(years, repeat=len(candidates))
    ]
    known = [value for value in found if value is not None]
    return max(known) if known else None


def falling(first, years, loss):
    return np.array([first * loss**year for year in range(years)])


def eight(years=5):
    """Eight projects: a shared platform, an order to keep, alternatives, dates."""
    return (
        [
            Candidate("a", "A", np.array([250.0, 100.0]), falling(410, years, 0.93), needs=("platform",)),
            Candidate("b", "B", np.array([30.0]), falling(150, years, 0.95)),
            Candidate("c", "C", np.array([160.0]), falling(190, years, 0.9), group="x", needs=("platform",)),
            Candidate("d", "D", np.array([60.0]), falling(120, years, 0.94), group="x"),
            Candidate("e", "E", np.array([240.0]), falling(260, years, 0.9), needs=("platform",)),
            Candidate("f", "F", np.array([45.0]), falling(-20, years, 0.9), compulsory=True, earliest=1),
            Candidate("g", "G", np.array([80.0]), falling(200, years, 0.92), latest=2),
            Candidate("h", "H", np.array([150.0]), falling(240, years, 0.95), after={"g": 1}),
        ],
        [SharedThing("platform", "P", 90.0, -falling(150, years, 0.95))],
    )


def best_of_all(candidates, shared, budgets, *, carry_over=False):
    """Return the best value over all 6^8 plans of eight projects, in arrays, written apart from the programme."""
    years, never = len(budgets), len(budgets)
    starts = np.indices((years + 1,) * len(candidates), dtype=np.int8).reshape(len(candidates), -1)
    holds = np.ones(starts.shape[1], dtype=bool)
    value, paid = np.zeros(starts.shape[1]), np.zeros((years, starts.shape[1]))
    place = {item.name: number for number, item in enumerate(candidates)}
    groups = {}
    for item, start in zip(candidates, starts, strict=True):
        done = start < never
        value += np.append(item.value, 0.0)[start]
        last = years - 1 if item.latest is None else item.latest
        holds &= ~done | ((start >= item.earliest) & (start <= last))
        if item.compulsory:
            holds &= done
        for other, wait in item.after.items():
            holds &= ~done | (starts[place[other]] + wait <= start)
        for later, cost in enumerate(item.investment):
            for year in range(later, years):
                paid[year] += np.where(start == year - later, cost, 0.0)
        if item.group:
            groups[item.group] = groups.get(item.group, 0) + done
    for count in groups.values():
        holds &= count <= 1
    (thing,) = shared
    first = np.min([start for item, start in zip(candidates, starts, strict=True) if thing.name in item.needs], axis=0)
    best = -np.inf
    for bought in range(years + 1):
        fits = holds & ((bought <= first) if bought < never else (first == never))
        pool = np.zeros(starts.shape[1])
        for year, budget in enumerate(budgets):
            pool = (pool if carry_over else 0.0) + budget - paid[year] - (thing.cost if year == bought else 0.0)
            fits &= pool >= -1e-6
        if fits.any():
            best = max(best, value[fits].max() + (thing.value[bought] if bought < never else 0.0))
    return best


@pytest.mark.parametrize("carry_over", [False, True])
def test_eight_projects_over_five_budgets_against_every_plan(carry_over):
    candidates, shared = eight()
    budgets = [200.0, 260.0, 300.0, 120.0, 150.0]
    plan = optimise(candidates, shared, budgets, carry_over=carry_over)
    starts = [plan.starts.get(item.name) for item in candidates]
    assert value_of(candidates, shared, budgets, starts, carry_over=carry_over) == pytest.approx(plan.value)
    assert plan.gap <= 1e-6
    assert plan.value == pytest.approx(best_of_all(candidates, shared, budgets, carry_over=carry_over))
    rule = greedy(candidates, shared, budgets, carry_over=carry_over)
    assert not rule.missing
    assert rule.value <= plan.value + 1e-6


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(10, 200), st.integers(-50, 300), st.booleans()), min_size=2, max_size=4),
    st.lists(st.integers(0, 250), min_size=3, max_size=3),
    st.booleans(),
)
def test_small_portfolios_against_every_plan(projects, budgets, carry_over):
    candidates = [
        Candidate(
            f"p{place}", "P", np.array([float(cost)]), falling(float(worth), 3, 0.9), needs=("s",) if needy else ()
        )
        for place, (cost, worth, needy) in enumerate(projects)
    ]
    candidates[1] = replace(candidates[1], after={"p0": 1})
    shared = [SharedThing("s", "S", 40.0, -falling(60.0, 3, 0.9))]
    budgets = [float(item) for item in budgets]
    plan = optimise(candidates, shared, budgets, carry_over=carry_over)
    assert plan.value == pytest.approx(brute_force(candidates, shared, budgets, carry_over=carry_over), abs=1e-6)
    rule = greedy(candidates, shared, budgets, carry_over=carry_over)
    assert rule.value <= plan.value + 1e-6
    starts = [rule.starts.get(item.name) for item in candidates]
    assert value_of(candidates, shared, budgets, starts, carry_over=carry_over) is not None
    richer = optimise(candidates, shared, [item + 50.0 for item in budgets], carry_over=carry_over)
    assert richer.value >= plan.value - 1e-6


def test_a_shared_platform_is_paid_once():
    candidates, shared = eight()
    plan = optimise(candidates, shared, [1000.0] * 5)
    users = [item for item in candidates if "platform" in item.needs and item.name in plan.starts]
    assert len(users) > 1
    assert list(plan.shared) == ["platform"]
    spent = sum(item.investment.sum() for item in candidates if item.name in plan.starts) + 90.0
    assert plan.spent.sum() == pytest.approx(spent)
    assert plan.shared["platform"] <= min(plan.starts[item.name] for item in users)
    # Nobody needs it: it is not bought.
    alone = optimise([item for item in candidates if not item.needs], shared, [1000.0] * 5)
    assert not alone.shared


def test_what_cannot_hold_is_told():
    candidates, shared = eight()
    with pytest.raises(JumeauError):
        optimise(candidates, shared, [10.0] * 5)  # the compulsory one costs 45


def test_the_next_euro_is_worth_nothing_where_budgets_do_not_bind():
    candidates, shared = eight()
    assert next_euro(candidates, shared, [5000.0] * 5) == pytest.approx([0.0] * 5)


def test_quick_wins():
    good = Candidate(
        "q",
        "Q",
        np.array([1.0]),
        np.array([1.0]),
        discounted_payback=2.9,
        lead_time=12,
        p_positive=0.8,
        maturity="proven",
    )
    assert quick_win(good) == []
    for change in ({"discounted_payback": 3.1}, {"lead_time": 12.5}, {"p_positive": 0.79}, {"maturity": "new"}):
        assert len(quick_win(replace(good, **change))) == 1
    assert len(quick_win(replace(good, discounted_payback=float("nan"), lead_time=13))) == 2


def test_the_example_is_solved_and_written(tmp_path, capsys):
    assert main(["portfolio", str(EXAMPLE), "-o", str(tmp_path), "--lang", "fr"]) == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) <= 80
    written = json.loads((tmp_path / "portfolio.json").read_text())
    assert len(written["quick_wins"]) == 8
    assert written["quick_wins"]["clocks"] == []
    assert written["optimum"]["value"] >= written["by_value_per_euro"]["value"]
    done = written["optimum"]["starts"]
    assert done["heating"] >= done["buildings"] + 1
    assert len({"leaks", "leaks_small", "leaks_full"} & set(done)) <= 1
    assert list(written["optimum"]["shared"]) == ["platform"]
    assert "Horloges astronomiques · oui" in out


def test_a_project_of_a_run(folder, tmp_path):
    """Value and investment of a variant that was evaluated: its own flows, seen from the first budget."""
    path = tmp_path / "p.yaml"
    path.write_text(
        f"name: p\nbudgets: {{2025: 10 MEUR, 2026: 10 MEUR}}\n"
        f"projects:\n  led: {{run: {json.dumps(str(folder))}, variant: led}}\n",
        encoding="utf-8",
    )
    candidate = read_portfolio(path).candidates[0]
    said = json.loads((folder / "evaluation.json").read_text())["variants"]["led"]
    flows = said["flows"]
    # Expectations add up: discounted expected flows are the mean of the values.
    mean = sum(
        (1.2 * (budget + public) + others) * 1.032**-year
        for year, (budget, public, others) in enumerate(
            zip(
                flows["budget"]["mean"],
                flows["other_public"]["mean"],
                flows["users_and_environment"]["mean"],
                strict=True,
            )
        )
    )
    assert candidate.value[0] == pytest.approx(mean, rel=1e-9)
    spread = said["total"]["net_present_socio_economic_value"]
    assert spread["p10"] < candidate.value[0] < spread["p90"]
    assert candidate.investment[0] == pytest.approx(flows["investment"]["mean"][0])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("needs: [platform]\n  clocks", "needs: [plateform]\n  clocks", "platform"),
        ("after: {buildings: 1}", "after: {building: 1}", "buildings"),
        ("after: {buildings: 1}", "after: {heating: 1}", "heating"),
        ("2026: 400 kEUR", "2026: -400 kEUR", "-400"),
        ("2027: 400 kEUR, ", "", "budgets"),
        ("horizon: 20 years", "horizon: 0", "horizon"),
        ("lead_time: 4 months", "leadtime: 4 months", "leadtime"),
        ("lead_time: 9 months", "after: {heating: 1}", "heating"),
        ("p_positive: 95 %", "p_positive: 195 %", "195"),
    ],
)
def test_mistakes_are_told(tmp_path, capsys, old, new, said):
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "p.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main(["portfolio", str(path), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "p.yaml:" in told
    assert "Traceback" not in told


def test_a_run_that_is_not_there(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("name: p\nbudgets: {2026: 1 EUR}\nprojects: {a: {run: nowhere, variant: b}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"p\.yaml:3.*nowhere"):
        read_portfolio(path)


@pytest.mark.parametrize("variants", ["[]", '{"b": {}}', '{"b": {"flows": {"budget": {}}}}', '{"b": 3}'])
def test_a_damaged_evaluation_is_told(tmp_path, variants):
    (tmp_path / "evaluation.json").write_text(
        '{"format": "jumeau-evaluation", "version": 2, "variants": ' + variants + "}", encoding="utf-8"
    )
    path = tmp_path / "p.yaml"
    path.write_text("name: p\nbudgets: {2026: 1 EUR}\nprojects: {a: {run: ., variant: b}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"p\.yaml:3"):
        read_portfolio(path)


COMMUNES = {
    "fixed_cost": "90 kEUR",
    "unit_price": "100 EUR",
    "exponent": 0.1,
    "members": {
        "a": {"population": 6000, "points": 100, "yearly_gain": "5 kEUR"},
        "b": {"population": 3000, "points": 50, "yearly_gain": "3 kEUR"},
        "c": {"population": 1000, "points": 10, "yearly_gain": "1 kEUR"},
    },
}


def test_communes_that_share():
    """By hand, ten years without discounting: 10 times the gain, less devices at 100 n^-0.1, less the part paid."""
    block = MutualBlock.model_validate(COMMUNES)
    sharing = Sharing(block, 0.0, 10)
    price = 100 * 3**-0.1
    found = {item.name: item for item in sharing.all_together().shares}
    assert found["a"].alone == pytest.approx(50e3 - 100 * 100 - 90e3)
    assert found["a"].together == pytest.approx(50e3 - 100 * price - 54e3)
    assert found["c"].paid == pytest.approx(9e3)
    assert sum(item.paid for item in found.values()) == pytest.approx(90e3)
    assert found["b"].together == pytest.approx(30e3 - 50 * price - 27e3)
    # n communes like a: 50,000 - 100 * 100 n^-0.1 - 90,000/n is first positive at 3.
    assert found["a"].needed == 3
    equal = Sharing(MutualBlock.model_validate({**COMMUNES, "key": "equal"}), 0.0, 10)
    assert equal.paid("c", ["a", "b", "c"]) == pytest.approx(30e3)
    points = Sharing(MutualBlock.model_validate({**COMMUNES, "key": "points"}), 0.0, 10)
    assert points.paid("c", ["a", "b", "c"]) == pytest.approx(90e3 / 16)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 300), st.integers(-2000, 9000)), min_size=2, max_size=6),
    st.sampled_from(["population", "points", "equal"]),
    st.floats(0.0, 0.2),
)
def test_with_such_keys_nobody_gains_by_leaving(members, key, exponent):
    """A cost that is shared in proportion, and prices that fall: whoever joins lowers what all others pay."""
    block = MutualBlock.model_validate(
        {
            "fixed_cost": "10 kEUR",
            "unit_price": "50 EUR",
            "exponent": exponent,
            "key": key,
            "members": {
                f"m{place}": {"population": people, "points": points, "yearly_gain": f"{gain} EUR"}
                for place, (people, points, gain) in enumerate(members)
            },
        }
    )
    found = Sharing(block, 0.03, 10).all_together()
    assert found.stable
    assert found.complete
    assert all(item.together >= item.alone - 1e-6 for item in found.shares)


def test_large_groups_say_what_was_not_looked_at():
    members = {f"m{place}": {"population": 10, "points": 1, "yearly_gain": "1 kEUR"} for place in range(13)}
    block = MutualBlock.model_validate({"fixed_cost": "10 kEUR", "unit_price": "1 EUR", "members": members})
    assert not Sharing(block, 0.03, 10).all_together().complete


def test_a_rule_that_leaves_out_what_is_compulsory_says_so():
    """Two compulsory projects and one place each: the first taken by the rule stands in the way of the second."""
    free = Candidate("a", "a", np.array([10.0]), np.array([5.0, 4.0]), compulsory=True)
    bound = Candidate("b", "b", np.array([10.0]), np.array([-3.0, -3.0]), latest=0, compulsory=True)
    plan, rule = optimise([free, bound], [], [10.0, 10.0]), greedy([free, bound], [], [10.0, 10.0])
    assert (dict(plan.starts), plan.value, plan.missing) == ({"a": 1, "b": 0}, 1.0, ())
    assert (dict(rule.starts), rule.missing) == ({"a": 0}, ("b",))


@pytest.mark.parametrize(("carry_over", "left"), [(False, [4.0, 10.0]), (True, [4.0, 14.0])])
def test_what_is_left_by_year(carry_over, left):
    only = Candidate("a", "a", np.array([6.0]), np.array([5.0, 4.0]))
    assert optimise([only], [], [10.0, 10.0], carry_over=carry_over).unspent.tolist() == left


def test_files_keep_the_roadmap_and_the_sharing(tmp_path):
    assert main(["portfolio", str(EXAMPLE), "-o", str(tmp_path), "--lang", "en"]) == 0
    document = json.loads((tmp_path / "portfolio.json").read_text(encoding="utf-8"))
    table = pd.read_csv(tmp_path / "roadmap.csv")
    assert table["cumulated_value"].iloc[-1] == pytest.approx(document["optimum"]["value"])
    assert table["cumulated_value"].to_numpy() == pytest.approx(np.cumsum(table["value"]))
    assert sum(item["paid"] for item in document["sharing"]["shares"]) > 90e3
    left = np.array(document["budgets"]) - document["optimum"]["spent"]
    assert document["optimum"]["unspent"] == pytest.approx(left)


def test_after_may_be_a_list(tmp_path):
    text = """name: p
budgets: {2026: 10 EUR}
projects:
  a: {investment: 1 EUR, yearly_value: 1 EUR}
  b: {investment: 1 EUR, yearly_value: 1 EUR, after: [a]}
"""
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    assert dict(read_portfolio(path).candidates[1].after) == {"a": 0}


def test_the_snippet_of_the_page_is_solved(tmp_path):
    page = (EXAMPLE.parents[1] / "docs" / "portfolio.md").read_text(encoding="utf-8")
    path = tmp_path / "page.yaml"
    path.write_text(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1], encoding="utf-8")
    portfolio = read_portfolio(path)
    plan = optimise(portfolio.candidates, portfolio.shared, portfolio.budgets)
    assert set(plan.starts) == {"clocks", "meters", "heating"}
    assert plan.starts["heating"] > plan.starts["meters"]
    assert list(plan.shared) == ["platform"]


def test_variants_of_one_run_are_not_taken_together(folder, tmp_path):
    """Each holds what the other does: both would count it twice."""
    path = tmp_path / "p.yaml"
    where = json.dumps(str(folder))
    path.write_text(
        "name: p\nbudgets: {2025: 100 MEUR}\nprojects:\n"
        f"  led: {{run: {where}, variant: led, compulsory: true}}\n  rounds: {{run: {where}, variant: rounds}}\n",
        encoding="utf-8",
    )
    portfolio = read_portfolio(path)
    assert set(optimise(portfolio.candidates, (), portfolio.budgets).starts) == {"led"}

"""What lies outside what its model means is not judged over the years either."""

import json
import math
from dataclasses import replace

import pytest

from jumeau.cli import main
from jumeau.evaluation.storage import document
from jumeau.i18n import language
from jumeau.report.evaluation_table import evaluation_lines
from jumeau.report.html import annex_path, write_report
from jumeau.results.comparison import OUTSIDE_OF
from jumeau.results.storage import write_results

FAST = {"samples": 200}


@pytest.fixture(scope="module")
def unfit(results):
    """Return the run as if its trucks had driven where the model means nothing, in one variant."""
    dataset = results.dataset.copy()
    name = next(name for name in dataset.data_vars if name.startswith("waste_") and "quantity" in dataset[name].attrs)
    dataset[name].attrs[OUTSIDE_OF] = json.dumps(["rounds"])
    return replace(results, dataset=dataset)


def test_no_chances_are_given(unfit, results):
    found, before = unfit.evaluate(FAST), results.evaluate(FAST)
    assert found.outside == {"rounds": ("waste",)}
    for network, known in (("waste", False), ("total", False), ("lighting", True)):
        assert math.isnan(found.estimate("collective_value", "rounds", network).p_positive) is not known
    assert found.estimate("collective_value", "led") == before.estimate("collective_value", "led")
    said = document(found)["variants"]
    assert (said["rounds"]["outside"], said["led"]["outside"]) == (["waste"], [])
    assert said["rounds"]["total"]["collective_value"]["p_positive"] is None


def test_the_baseline_outside_leaves_no_variant_in(results):
    dataset = results.dataset.copy()
    name = next(name for name in dataset.data_vars if name.startswith("waste_") and "quantity" in dataset[name].attrs)
    dataset[name].attrs[OUTSIDE_OF] = json.dumps(["baseline"])
    assert set(replace(results, dataset=dataset).evaluate(FAST).outside) == {"led", "rounds", "nothing"}


def test_readers_are_told(unfit, tmp_path):
    with language("en"):
        lines = evaluation_lines(unfit.evaluate(FAST))
    first, last = (next(place for place, line in enumerate(lines) if line == title) for title in ("rounds", "nothing"))
    text = " ".join(line.strip() for line in lines[first:last])
    assert "∅ No verdict: something of Waste collection lies outside" in text
    assert "%" not in "".join(line for line in lines[first:last] if "value" in line)
    page = annex_path(write_report(unfit, tmp_path / "report.html", "fr")).read_text(encoding="utf-8")
    assert "∅ Sans verdict" in page
    everything = replace(unfit, dataset=unfit.dataset.copy())
    for array in everything.dataset.data_vars.values():
        array.attrs[OUTSIDE_OF] = json.dumps(["baseline"])
    assert 'id="drivers"' in page
    assert 'id="drivers"' not in annex_path(write_report(everything, tmp_path / "none.html", "fr")).read_text(
        encoding="utf-8"
    )


def test_a_portfolio_does_not_choose_it(unfit, tmp_path, capsys):
    write_results(unfit, tmp_path / "run")
    assert main(["evaluate", str(tmp_path / "run"), "--horizon", "20", "--lang", "en"]) == 0
    path = tmp_path / "p.yaml"
    text = "name: p\nbudgets: {2026: 1 MEUR}\nprojects: {a: {run: run, variant: rounds}}\n"
    path.write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert main(["portfolio", str(path), "--lang", "en"]) == 2
    assert "p.yaml:3" in (told := capsys.readouterr().err)
    assert "« rounds » has no verdict" in told

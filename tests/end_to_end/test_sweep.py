"""A sweep from its scenario to its figures: the shipped curve of leak loggers, shortened, and all that tells of it."""

import json
import re

import numpy as np
import pytest

from jumeau.cli import main
from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.evaluation.criteria import CRITERIA
from jumeau.results.storage import read_results

LONG = "scenarios/capteurs/fuites.yaml"


def shortened(root, folder):
    """Write the shipped scenario with a short period, few values, and the replications given."""
    text = (root / LONG).read_text(encoding="utf-8")
    for old, new in (
        ("2025-12-31", "2025-03-31"),
        ("warmup: 90 days", "warmup: 20 days"),
        ("[15, 30, 60, 90, 119]", "[15, 60, 119]"),
        ("  replications: {minimum: 8, maximum: 40}\n", "  replications: {minimum: 4, maximum: 6}\n"),
    ):
        assert old in text
        text = text.replace(old, new)
    path = folder / "fuites.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def swept(request, town, tmp_path_factory):
    """Folder and results of the short sweep."""
    folder = tmp_path_factory.mktemp("sweep")
    scenario = read_scenario(shortened(request.config.rootpath, folder))
    return folder, run(scenario, town, folder)


def test_curve_of_loggers_within_stated_bounds(swept):
    _folder, results = swept
    table = results.sweep().to_frame()
    assert list(table["devices"]) == [15, 60, 119]
    # 1,000 EUR each, as the table of factors has it.
    assert list(table["investment"]) == [15_000, 60_000, 119_000]
    # Every further logger finds leaks, ever fewer: losses fall along the curve, and by less for each.
    losses = table["water.real_losses"].to_numpy()
    each = np.diff(losses, prepend=0.0) / np.diff(table.index, prepend=0.0)
    assert (np.diff(losses) < 0).all()
    assert (np.diff(each) > 0).all()
    # From 60 on, a logger that costs 3.5 kEUR over 20 years hears next to nothing that others do not.
    assert table.loc[119, "marginal_high"] < 0
    assert 3000 < table.loc[119, "unit_cost"] < 4500
    assert results.sweep().knee != 2


def test_it_stops_by_its_own_rule_and_says_so(swept):
    _folder, results = swept
    found = results.sweep()
    assert results.replications in (4, 6)
    assert found.stopped == ("decided" if found.decided else "maximum")
    assert found.decided or results.replications == 6


def test_worth_is_that_of_the_evaluation(swept):
    _folder, results = swept
    # Criteria are sums of flows: the mean over replications is the value of the mean year, central assumptions.
    for row in results.sweep().rows:
        by_actor = results.evaluation.by_actor(row.name)
        assert row.worth == pytest.approx(float(by_actor.to_numpy().sum()), rel=1e-9)
        bought = results.bill[results.bill["variant"] == row.name]
        assert row.investment == pytest.approx(float((bought["count"] * bought["unit_cost"]).sum()))


def test_the_variant_itself_is_a_point_of_its_curve(swept):
    _folder, results = swept
    # The variant hears 95 % of its pipes with as many loggers as the last value: the same runs, reused.
    assert float(results.bill[results.bill["variant"] == "loggers"]["count"].sum()) == 119.0
    arrays = results.dataset["water_real_losses"]
    assert (arrays.sel(scenario="loggers") == arrays.sel(scenario="loggers_count_119")).all()
    assert results.provenance["run"]["runs"] == 5 * results.replications


def test_summary_and_read_results_hold_the_curve(swept):
    folder, results = swept
    written = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["sweep"]
    again = read_results(folder).sweep()
    assert [row["worth"] for row in written["rows"]] == pytest.approx([row.worth for row in again.rows])
    assert written["knee"] == results.sweep().summary()["knee"]
    assert again.to_frame().equals(results.sweep().to_frame())
    # Maps and pages show the scenario's own situations, and the value that the sweep ends on.
    kept = {name.rpartition("__")[2] for name in results.assets}
    assert kept == {"baseline", "loggers", *filter(None, [results.sweep().ending])}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_terminal_and_report_tell_the_same_rows(swept, capsys, lang):
    folder, results = swept
    assert main(["show", str(folder), "--lang", lang]) == 0
    told = capsys.readouterr().out
    assert all(len(line) <= 80 for line in told.splitlines() if str(folder) not in line)
    assert main(["report", str(folder), "--lang", lang]) == 0
    pages = [path for path in folder.glob("report*.html") if "annex" not in path.name]
    page = next(path for path in pages if f'<html lang="{lang}"' in path.read_text("utf-8"))
    text = page.read_text(encoding="utf-8")
    section = text[text.index('<section aria-labelledby="sweep">') :].split("</section>")[0]
    assert '<figure id="figure-sweep">' in section
    rows = re.findall(r'<tr><th scope="row">(\d+)', section)
    assert rows == ["15", "60", "119"]
    for row in results.sweep().rows:
        assert any(line.split()[:1] == [f"{row.value:.0f}"] for line in told.splitlines())
    # The values of the curve do not crowd the other tables.
    assert "loggers_count_119" not in text.replace(section, "")
    # Nothing is left unfilled in a sentence.
    assert not re.search(r"\{\w+\}", re.sub(r"<[^>]*>", "", section))


def test_check_tells_how_many_runs(request, tmp_path, capsys):
    assert main(["check", str(shortened(request.config.rootpath, tmp_path)), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "runs: 16, up to 24" in told
    assert re.search(r"expected time: [\d,.]+.(s|min|h)", told)


def test_a_price_is_swept_without_any_further_run(request, town, tmp_path):
    path = shortened(request.config.rootpath, tmp_path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("  measure: water.acoustic_loggers\n  parameter: count\n", "  factor: water.logger_price\n")
    text = text.replace("values: [15, 60, 119]", "values: [200 EUR, 2000 EUR]").replace("  budget: 80000 EUR\n", "")
    text = text.replace("        where: {attr", "        count: 15\n        where: {attr")
    path.write_text(text, encoding="utf-8")
    scenario = read_scenario(path)
    results = run(scenario, town, replications=2)
    # The baseline and the variant; a price changes no run.
    assert results.provenance["run"]["runs"] == 2 * 2 + 2 * 2
    found = results.sweep()
    assert found.stopped == "given"
    low, high = found.rows
    assert low.devices == high.devices
    assert low.worth > high.worth
    assert found.device == ""
    # Nothing but the price differs: the loss is what 15 loggers cost more, again and again over the horizon.
    assert low.interval[1] - low.interval[0] == pytest.approx(high.interval[1] - high.interval[0])


def test_criteria_that_may_be_judged_exist():
    from jumeau.evaluation.sweep import NET

    assert set(NET) <= set(CRITERIA)
    assert all(CRITERIA[name].better == "higher" for name in NET)

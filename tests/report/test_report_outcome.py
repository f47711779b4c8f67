"""The outcome of a run at a glance: every printed number is its row of `summary.json`, on one screen."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import xarray as xr
from report_campaign import campaign
from town_campaign import NETWORKS, VARIANTS, town_campaign
from valued_campaign import valued_campaign

from jumeau.accounts import FIGURES, LINES
from jumeau.cli import BAD_INPUT, DONE, main
from jumeau.i18n import language
from jumeau.report.cells import columns, folded
from jumeau.report.numbers import unit_label
from jumeau.report.outcome import chosen_lines, outcome_lines
from jumeau.results.storage import _plain, write_results
from jumeau.results.summary import read_summary
from jumeau.results.titles import NAMES, SYMBOLS
from jumeau.units import conversion_factor

NUMBER = r"[−+]?\d[\d\u202f.,]*"
ESCAPE = "\x1b"
LARGER = ("kWh", "MWh", "GWh", "l", "kgCO2e", "tCO2e", "EUR", "kEUR", "MEUR")


def many_variants(times):
    """The town's campaign, each of its variants several times."""
    town = town_campaign()
    names = list(VARIANTS)
    dataset, draws = town.dataset, town.draws
    titles = dict(town.provenance["variants"])
    for copy in range(1, times):
        alias = {name: f"{name}_{copy}" for name in names}
        titles |= {alias[name]: titles[name] for name in names}
        dataset, draws = (
            xr.concat(
                [known, given.sel(scenario=names).assign_coords(scenario=list(alias.values()))],
                "scenario",
                combine_attrs="override",
            )
            for known, given in ((dataset, town.dataset), (draws, town.draws))
        )
    return replace(town, dataset=dataset, draws=draws, provenance=town.provenance | {"variants": titles})


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A function that writes the folder `run` of a campaign, from where it is asked for by its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    def write(results):
        write_results(replace(results, assets={}), tmp_path / "run")
        return json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))

    return write


def value(text, lang):
    """The number that is printed, and half its last digit."""
    bare = text.replace("\u202f", "").replace("−", "-")
    bare = bare.replace(",", ".") if lang == "fr" else bare.replace(",", "")
    _whole, dot, decimals = bare.partition(".")
    zeros = len(bare) - len(bare.rstrip("0")) if not dot and bare.strip("-+0") else 0
    return float(bare), 0.5001 * 10.0 ** (zeros if not dot else -len(decimals))


def unit_of(figure, text):
    """The unit in which a figure is printed: the one whose label stands in its head."""
    kinds = [unit for unit in LARGER if unit == LINES[figure].unit or _related(unit, figure)]
    labels = {unit_label(unit.replace("CO2e", "") if figure == "carbon" else unit): unit for unit in kinds}
    return labels[text]


def _related(unit, figure):
    try:
        conversion_factor(LINES[figure].unit, unit)
    except Exception:  # noqa: BLE001 - another kind of quantity
        return False
    return True


def figure_of(name, lang):
    with language(lang):
        from jumeau.i18n import _

        return next(figure for figure in FIGURES if _(NAMES[figure]) == name)


def rows_of(lines, lang):
    """Every line of figures of the tall table: variant, network's label, figure, and what stands in it."""
    found, variant, network = [], "", ""
    head = re.compile(
        rf"^\s+(?P<name>[\w₂É]+) \((?P<unit>[^)]+)\)\s+(?P<before>{NUMBER}) → +(?P<after>{NUMBER})\s+"
        rf"(?P<change>{NUMBER})\s+(?:(?P<share>(?:≈\s)?[−+]?[\d.,]+\s?%)\s+)?(?:(?P<low>{NUMBER})…(?P<high>{NUMBER})\s+)?"
        rf"(?P<mark>[▲▼?≈∅—]) (?P<words>.+)$"
    )
    for line in lines:
        told = head.match(line)
        if told:
            figure = figure_of(told["name"], lang)
            found.append((variant, network, figure, unit_of(figure, told["unit"]), told))
        elif line.endswith("]"):
            variant = line[line.rindex("[") + 1 : -1]
        else:
            network = line.strip()
    return found


def same(text, lang, wanted):
    number, half = value(text, lang)
    assert number == pytest.approx(wanted, abs=half), (text, wanted)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_number_of_show_is_its_row_of_the_summary(here, capsys, lang):
    figures = {(row["variant"], row["network"], row["figure"]): row for row in here(town_campaign())["figures"]}
    asked = [word for name in ("total", *NETWORKS) for word in ("--network", name)]
    assert main(["show", "run", *asked, "--lang", lang]) == DONE
    printed = capsys.readouterr().out
    assert max(map(columns, printed.splitlines())) <= 80
    labels = {label: name for name, label in NETWORKS.items()}
    labels |= {"Ensemble": "total", "Whole territory": "total"}
    rows = rows_of(printed.splitlines(), lang)
    assert {row[0] for row in rows} == set(VARIANTS)
    assert {labels[row[1]] for row in rows} == {*NETWORKS, "total"}
    with language(lang):
        from jumeau.i18n import _

        words = {verdict: _(verdict) for verdict in SYMBOLS}
    for variant, network, figure, unit, told in rows:
        row = figures[variant, labels[network], figure]
        factor = conversion_factor(row["unit"], unit)
        for name, key in (("before", "baseline"), ("after", "variant_value"), ("change", "difference")):
            same(told[name], lang, row[key] * factor)
        if told["low"]:
            same(told["low"], lang, row["p10"] * factor)
            same(told["high"], lang, row["p90"] * factor)
        else:  # its ends are the same
            assert row["p10"] == pytest.approx(row["p90"])
        assert told["mark"] == SYMBOLS[row["verdict"]]
        assert told["words"] == words[row["verdict"]]
        if told["share"] and "≈" not in told["share"]:
            same(re.sub(r"\s?%", "", told["share"]), lang, 100 * row["difference"] / row["baseline"])


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_number_side_by_side_is_its_row_of_the_summary(here, capsys, lang):
    figures = {
        (row["variant"], row["figure"]): row for row in here(town_campaign())["figures"] if row["network"] == "total"
    }
    assert main(["show", "run", "--lang", lang]) == DONE
    table = [line.split("│") for line in capsys.readouterr().out.splitlines() if line.count("│") == 4]
    heads, before, *rest = table
    heads = [re.fullmatch(r"(\S+) \((.+)\)", cell.strip()) for cell in heads[1:]]
    names = [figure_of(head[1], lang) for head in heads]
    assert names == list(FIGURES)
    factors = [
        conversion_factor(LINES[name].unit, unit_of(name, head[2])) for name, head in zip(names, heads, strict=True)
    ]
    for cell, name, factor in zip(before[1:], names, factors, strict=True):
        same(cell.strip(), lang, figures["smart", name]["baseline"] * factor)
    assert len(rest) == 2 * len(VARIANTS)
    for variant, top, below in zip(VARIANTS, rest[::2], rest[1::2], strict=True):
        for name, factor, first, second in zip(names, factors, top[1:], below[1:], strict=True):
            row = figures[variant, name]
            after, change, mark = re.fullmatch(rf"\s*({NUMBER})\s+({NUMBER})(.)", first).groups()
            same(after, lang, row["variant_value"] * factor)
            same(change, lang, row["difference"] * factor)
            assert mark == SYMBOLS[row["verdict"]]
            for end, key in zip(second.strip().split("…"), ("p10", "p90"), strict=True):
                same(end, lang, row[key] * factor)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("command", ["show", "report"])
@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.reproduce)])
def test_all_that_is_said_at_the_end_stands_on_one_screen(here, capsys, lang, command, times):
    here(many_variants(times))
    assert main([command, "run", "--lang", lang]) == DONE
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert len(lines) <= 24
    assert max(map(columns, lines)) <= 80
    assert ESCAPE not in captured.out + captured.err
    text = captured.out
    assert "jumeau show run [--variant" in text
    others = "Autres variantes (" if lang == "fr" else "Other variants ("
    assert (others in text) == (times > 1)
    assert ("run/report.html" in text) == (command == "report")
    assert "SYNTH" in text


def test_few_variants_take_a_line_per_figure_and_networks_where_they_have_room(here, capsys):
    town = town_campaign()
    kept = ["baseline", "smart"]
    here(replace(town, dataset=town.dataset.sel(scenario=kept), draws=town.draws.sel(scenario=kept)))
    assert main(["show", "run", "--lang", "fr"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    rows = rows_of(lines, "fr")
    # The whole first, then the one network that it changes.
    assert [row[1] for row in rows] == ["Ensemble"] * 4 + ["Éclairage public"] * 4
    assert "Inchangé\u00a0: Mobilité, Collecte des déchets, Eau potable." in " ".join(line.strip() for line in lines)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("draws", [True, False])
def test_fits_the_terminal(lang, width, draws):
    town, alone = town_campaign(with_draws=draws), campaign(with_draws=draws)
    with language(lang):
        lines = outcome_lines(town, width, 24) + outcome_lines(alone, width, 24)
        lines += chosen_lines(town, list(VARIANTS), ["total", *NETWORKS], width)
    assert max(map(columns, lines)) <= width


def test_what_is_read_back_is_what_was_found(here):
    for results in (town_campaign(), campaign(), valued_campaign(draws=12), valued_campaign()):
        here(results)
        found = read_summary(Path("run"))
        # As JSON: what is unknown is not equal to itself.
        for ours, theirs in ((found.records, results.records), (found.figures(), results.figures())):
            assert _plain([item.to_dict() for item in ours]) == _plain([item.to_dict() for item in theirs])
        for name in ("variants", "networks", "replications", "draw_count", "sample_count", "failed"):
            assert getattr(found, name) == getattr(results, name), name
        for width in (80, 120):
            assert outcome_lines(found, width, 24) == outcome_lines(results, width, 24)


def test_all_lists_every_indicator(here, capsys):
    records = here(campaign())["records"]
    assert main(["show", "run", "--all", "--lang", "en"]) == DONE
    text = " ".join(capsys.readouterr().out.split())
    for record in records:
        assert text.count(record["label"]) >= 2, record["label"]  # once per variant
    assert main(["show", "run", "--all", "--variant", "off", "--lang", "en"]) == DONE
    assert "LED and remote management" not in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_names_that_are_not_known(here, capsys, lang):
    here(town_campaign())
    assert main(["show", "run", "--variant", "smrat", "--lang", lang]) == BAD_INPUT
    told = capsys.readouterr().err
    assert "« smart »" in told.replace("\u00a0", " ")
    assert all(f"{name} ({title})" in told for name, title in VARIANTS.items())
    assert main(["show", "run", "--network", "sewers", "--all", "--lang", lang]) == BAD_INPUT
    told = capsys.readouterr().err
    assert all(f"{name} ({label})" in told for name, label in NETWORKS.items())
    assert "total (" in told
    assert main(["show", "elsewhere", "--lang", lang]) == BAD_INPUT
    assert "jumeau run" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": "jumeau-summary", "version": 3}'])
def test_a_summary_that_is_none(here, capsys, tmp_path, text):
    here(campaign())
    (tmp_path / "run" / "summary.json").write_text(text, encoding="utf-8")
    assert main(["show", "run", "--lang", "en"]) == BAD_INPUT
    told = capsys.readouterr().err
    assert "run" in told
    assert "Traceback" not in told


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self):
        return True


def shown(monkeypatch, **environment):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, setting in environment.items():
        monkeypatch.setenv(name, setting)
    screen = Screen()
    with monkeypatch.context() as context:
        context.setattr(sys, "stdout", screen)
        assert main(["show", "run", "--lang", "en"]) == DONE
    return screen.getvalue()


def test_colours_are_for_terminals_that_take_them_and_say_nothing_alone(here, monkeypatch, capsys):
    here(campaign())
    coloured = shown(monkeypatch, TERM="xterm-256color")
    assert ESCAPE in coloured
    assert main(["show", "run", "--lang", "en"]) == DONE
    plain = capsys.readouterr().out
    assert ESCAPE not in plain
    assert re.sub("\x1b\\[\\d+m", "", coloured) == plain
    assert shown(monkeypatch, TERM="xterm", NO_COLOR="1") == plain
    assert shown(monkeypatch, TERM="dumb") == plain
    assert shown(monkeypatch) == plain


def test_titles_cannot_command_the_terminal(here, monkeypatch, tmp_path):
    here(campaign())
    path = tmp_path / "run" / "provenance.json"
    path.write_text(path.read_text("utf-8").replace("LED and remote", "LED \\u001b[2J\\u202eand remote"), "utf-8")
    told = shown(monkeypatch, TERM="xterm")
    assert "LED and remote" in told
    assert "\x1b[2J" not in told
    assert "\u202e" not in told


def test_one_replication_says_no_range():
    with language("en"):
        chance = outcome_lines(town_campaign(with_draws=False), 80, 24)
        single = outcome_lines(campaign(replications=1, with_draws=False), 80, 24)
    assert "chance alone" in chance[0]
    text = "\n".join(single)
    assert "P10-P90" not in text
    assert "▼" not in text
    assert "? undecided" in text
    assert "nothing is established" in " ".join(text.split())


def test_columns_of_letters():
    assert columns("Énergie") == columns("E\u0301nergie") == 7
    assert columns("東京") == 4
    assert folded("a bb\u00a0cc ddd", 5) == ["a", "bb\u00a0cc", "ddd"]
    assert folded("éclairage et eau", 8, most=1) == ["éclaira…"]
    for width in (1, 2, 3, 7):
        assert "".join(folded("東京 abcdefgh", width, " ")).replace(" ", "") == "東京abcdefgh"

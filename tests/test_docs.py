"""The documents: their scenarios can be run on the bundled town, their links lead somewhere, their cases exist."""

import importlib.util
import re
from pathlib import Path

import pytest

from jumeau.effort import EFFORTS, ByEffort
from jumeau.engine.resolve import resolve
from jumeau.engine.scenario import read_scenario
from jumeau.network import discover
from jumeau.territory.file import ImportOptions

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md"))]
SNIPPETS = [
    pytest.param(snippet, id=f"{page.name}-{number}")
    for page in PAGES
    for number, snippet in enumerate(
        re.findall(r"```yaml\n(name: .*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    )
]


def test_there_are_snippets():
    assert len(SNIPPETS) >= 4


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_scenarios_of_the_documents_resolve(snippet, town, tmp_path):
    path = tmp_path / "snippet.yaml"
    path.write_text(snippet, encoding="utf-8")
    situations = resolve(read_scenario(path), town)
    assert len(situations) >= 2
    assert all(situation.measures for situation in situations[1:])


def test_formats_and_their_keys_are_told():
    page = (ROOT / "docs" / "territory.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for network in discover().values():
        for item in network.formats.values():
            row = next(line for line in rows if f"`{item.name}`" in line.split("|")[1])
            own = set(item.options.model_fields) - set(ImportOptions.model_fields)
            assert own == set(re.findall(r"`(\w+)`", row.split("|")[3])), item.name
            assert ("yes" in row.split("|")[4]) == (item.write is not None), item.name


def test_what_efforts_change_is_told():
    page = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)\.(\w+)`, [^|]+\| (\S+) \| (\S+) \| (\S+) \|$", page, re.MULTILINE)
    told = {(network, name): tuple(map(float, values)) for network, name, *values in rows}
    assert told == {
        (network.name, name): tuple(float(mark.at(effort, field.default)) for effort in EFFORTS)
        for network in discover().values()
        for name, field in network.assumptions.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, ByEffort)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_ledger_names_every_reproduced_case():
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    for file in (ROOT / "tests" / "reproduction").glob("test_*_cases.py"):
        cases = set(re.findall(r'ledger\(\s*f?"(\w+)', file.read_text(encoding="utf-8")))
        assert len(cases) >= 3, file
        for case in cases:
            assert case in page, case


def test_the_reference_is_what_the_tables_say():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for name, text in generate.pages().items():
        written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
        assert written == text, f"{name} is stale: run « make reference »"


def test_excerpts_of_the_plugin_are_its_files():
    page = (ROOT / "docs" / "add_a_network.md").read_text(encoding="utf-8")
    folder = ROOT / "docs" / "plugin" / "jumeau_fountains"
    excerpts = re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert len(excerpts) >= 6
    for name, excerpt in excerpts:
        assert excerpt in (folder / name).read_text(encoding="utf-8"), name

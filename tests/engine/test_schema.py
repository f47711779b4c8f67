"""The schemas for editors: every file of the project is valid, slips are told where they are, in the language."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from jumeau.cli import main
from jumeau.engine.schema import KINDS, json_schema
from jumeau.i18n import language
from jumeau.units import parse_clock, parse_quantity
from jumeau.yaml_file import read_yaml

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.fr.md", *sorted((ROOT / "docs").glob("*.md"))]
#: What a file of each kind has, and the others have not.
SIGNS = {"territory": "layers", "portfolio": "projects", "scenario": "period", "project": "variants"}


def kind_of(text):
    """Return which kind of file a text is, by its keys at the margin."""
    keys = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    return next((kind for kind, key in SIGNS.items() if {"name", key} <= keys), None)


def written():
    """Yield every whole YAML file of the project and of its documents."""
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        yield pytest.param(path.read_text(encoding="utf-8"), id=str(path.relative_to(ROOT)))
    for page in PAGES:
        blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for number, block in enumerate(blocks):
            if kind_of(block):
                yield pytest.param(block, id=f"{page.name}-{number}")


@pytest.fixture(scope="module")
def validators():
    with language("en"):
        made = {kind: jsonschema.Draft202012Validator(json_schema(kind)) for kind in KINDS}
    for validator in made.values():
        validator.check_schema(validator.schema)
    return made


def plain(value):
    """Return what a reader of JSON would see: keys are texts there."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def faults(validator, text, folder):
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return [
        (".".join(map(str, error.absolute_path)), error.message)
        for error in validator.iter_errors(plain(dict(read_yaml(path))))
    ]


FILES = list(written())


def test_every_kind_is_among_them():
    assert {kind_of(item.values[0]) for item in FILES} == set(KINDS)
    assert len(FILES) >= 20


@pytest.mark.parametrize("text", FILES)
def test_every_file_of_the_project_is_valid(text, validators, tmp_path):
    assert faults(validators[kind_of(text)], text, tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after", "place", "word"),
    [
        ("weekdays:", "weekday:", "variants.rounds.measures.0", "'weekday'"),
        ("waste.dynamic_rounds", "waste.dynamic_round", "variants.rounds.measures.0.measure", "'waste.dynamic_round'"),
        ("seed:", "seeds:", "", "'seeds'"),
        ("where: {attributes:", "where: {attribute:", "variants.rounds.measures.0.where", "'attribute'"),
    ],
)
def test_a_slip_is_told_where_it_is_and_nowhere_else(before, after, place, word, validators, tmp_path):
    text = (ROOT / "scenarios" / "demo.yaml").read_text(encoding="utf-8")
    found = faults(validators["scenario"], text.replace(before, after), tmp_path)
    assert place in {where for where, _message in found}
    assert len(found) == text.count(before)
    assert all(word in message for _where, message in found)


def nodes(part):
    """Yield every mapping of a schema."""
    if isinstance(part, dict):
        yield part
    for item in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from nodes(item)


@pytest.mark.parametrize("kind", KINDS)
def test_examples_can_be_read(kind):
    found = [node for node in nodes(json_schema(kind)) if {"examples", "x-unit"} <= node.keys()]
    for node in found:
        for example in node["examples"]:
            if node["x-unit"] == "h" and ":" in str(example):
                parse_clock(example)
            else:
                parse_quantity(example, node["x-unit"])
    assert len(found) >= 1


def described(schema):
    """Return the descriptions of a schema."""
    return [node["description"] for node in nodes(schema) if isinstance(node.get("description"), str)]


@pytest.mark.parametrize("kind", KINDS)
def test_descriptions_are_in_the_language(kind):
    with language("en"):
        english = described(json_schema(kind))
    with language("fr"):
        french = described(json_schema(kind))
    assert len(english) == len(french) > 20
    same = {text for text, other in zip(english, french, strict=True) if text == other}
    assert same == set()


def test_the_command_prints_the_schema_of_each_kind(capsys):
    for kind in KINDS:
        assert main(["schema", kind, "--lang", "en"]) == 0
        with language("en"):
            assert json.loads(capsys.readouterr().out) == json_schema(kind)
    assert main(["schema", "--lang", "en"]) == 0
    text = capsys.readouterr().out
    for word in ("lighting.led_retrofit", "electricity_price", "x-unit", "EUR/kWh", "half_width"):
        assert word in text

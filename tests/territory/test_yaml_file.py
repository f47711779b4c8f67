"""YAML without its traps, with lines; pydantic's errors in the reader's language."""

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.units import Quantity
from jumeau.yaml_file import parse_yaml, plain_value, read_yaml, validate


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Block):
    start: str = Field(alias="from")
    level: Annotated[float, Quantity("W")] = 0.0


class Filter(Block):
    inside: tuple[str, ...] | None = Field(default=None, alias="in")
    min: float | None = None


class Fast(Block):
    kind: Literal["fast"]
    speed: int = Field(ge=0)


class Slow(Block):
    kind: Literal["slow"]
    patience: int = 1


class Model(Block):
    name: str
    replications: int = Field(default=3, gt=0, le=10)
    windows: tuple[Window, ...] = ()
    mode: Literal["quick", "exact"] = "quick"
    where: Mapping[str, str | tuple[str, ...] | Filter] = {}
    steps: tuple[Annotated[Fast | Slow, Field(discriminator="kind")], ...] = ()


def mistakes(text, lang="en"):
    with language(lang), pytest.raises(InputError) as caught:
        validate(Model, parse_yaml(text, "s.yaml"))
    return plain(caught.value)


def plain(text):
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def syntax(text, lang="en"):
    with language(lang), pytest.raises(InputError) as caught:
        parse_yaml(text, "s.yaml")
    return plain(caught.value)


@pytest.mark.parametrize(
    "text", ["no", "off", "yes", "22:30", "1:30:00", "2025-01-01", "01004", "1_000", "0x1F", "0o7"]
)
def test_texts_that_yaml_1_1_would_turn_into_something_else(text):
    assert plain_value(text) == text
    assert parse_yaml(f"a: {text}")["a"] == text


@pytest.mark.parametrize(("text", "value"), [("12", 12), ("-3", -3), ("0", 0), ("1.5", 1.5), (".5", 0.5), ("1e3", 1e3),
                                             ("true", True), ("False", False), ("~", None), ("", None)])  # fmt: skip
def test_plain_values(text, value):
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


def test_quotes_and_blocks_make_texts():
    read = parse_yaml("a: '12'\nb: \"true\"\nc: |\n  5\nd: >-\n  7\n")
    assert dict(read) == {"a": "12", "b": "true", "c": "5\n", "d": "7"}


def test_keys_are_texts_and_lines_are_known():
    read = parse_yaml("a:\n  70: x\n  b:\n    - 1\n    - c: 2\n", "f.yaml")
    assert read["a"]["70"] == "x"
    assert read.line("a", "b", 1, "c") == 5
    assert read.at("a", "b", 1).line("c") == 5
    assert read.line("a", "70", "nothing") == 2
    assert dict(read.at("nowhere")) == {}


def test_duplicate_keys_are_refused_with_both_lines():
    assert (
        syntax("a: 1\nb: {c: 1,\n  c: 2}\n")
        == "s.yaml:3: b.c: the key stands twice (first on line 2)\n    → keep one of the two"
    )
    assert "figure deux fois" in syntax("a: 1\na: 2\n", "fr")


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("a: 1\n\tb: 2\n", "s.yaml:2: a tab", "une tabulation"),
        ("a: b: c\n", "s.yaml:1: a « : » stands", "est mal placé"),
        ("a: [1\nb: 2\n", "s.yaml:2: a list or block in brackets", "n’est pas fermé"),
        ("a: 'b\n", "a quotation mark is not closed", "un guillemet"),
        ("a: *b\n", "s.yaml:1: an alias", "n’a pas d’ancre"),
        ("a: &b [*b]\n", "s.yaml:1: an alias contains itself", "se contient lui-même"),
        ("a: !!int 3\n", "s.yaml:1: the tag « !!int »", "l’étiquette"),
        ("a: !python/object:os.system x\n", "the tag « !python/object:os.system »", "l’étiquette"),
        ("- a\n", "s.yaml:1: a block of keys is expected", "un bloc de clés"),
        ("", "s.yaml: the file is empty", "le fichier est vide"),
        ("a: 1\n---\nb: 2\n", "several documents", "plusieurs documents"),
        ("a: @b\n", "a sign that YAML reserves", "signe réservé"),
    ],
)
def test_syntax_errors(text, english, french):
    assert english in syntax(text)
    assert french in syntax(text, "fr")


def test_repeated_aliases_do_not_fill_the_memory():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "repeat too much" in syntax("\n".join(lines))


def test_files_that_cannot_be_read(tmp_path, english):
    (tmp_path / "scenario.yaml").write_bytes("a: 1\nb: é\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"scenario.yaml:2: the file is not in UTF-8"):
        read_yaml(tmp_path / "scenario.yaml")
    with pytest.raises(InputError, match=r"did you mean « scenario\.yaml »"):
        read_yaml(tmp_path / "scenari.yaml")
    with pytest.raises(InputError, match="the folder does not exist"):
        read_yaml(tmp_path / "x" / "scenari.yaml")
    with pytest.raises(InputError):
        read_yaml(tmp_path)
    (tmp_path / "bom.yaml").write_bytes("\ufeffa: 1\n".encode())
    assert read_yaml(tmp_path / "bom.yaml")["a"] == 1


def test_unknown_keys_offer_the_nearest_or_list_all():
    told = mistakes("name: a\nreplicatons: 2\n")
    assert told == "s.yaml:2: replicatons: unknown key « replicatons »\n    → did you mean « replications »?"
    assert "known keys: name, replications, windows, mode, where, steps" in mistakes("name: a\nzzz: 2\n")
    french = mistakes("name: a\nreplicatons: 2\n", "fr")
    assert "clé inconnue « replicatons »" in french
    assert "vouliez-vous dire « replications »" in french


def test_keys_of_inner_blocks():
    told = mistakes("name: a\nwindows:\n  - {form: x}\n")
    assert "s.yaml:3: windows[0].form: unknown key « form »\n    → did you mean « from »?" in told
    assert "windows[0].from: the key « from » is missing" in told
    told = mistakes("name: a\nsteps:\n  - {kind: fast, speed: 1, sped: 2}\n")
    assert "did you mean « speed »?" in told
    assert "known keys: kind, patience" in mistakes("name: a\nsteps:\n  - {kind: slow, zzzz: 2}\n")
    told = mistakes("name: a\nsteps:\n  - kind: slow\n    speed: 1\n")
    assert told == "s.yaml:4: steps[0].speed: unknown key « speed »\n    → it goes with: fast"


def test_unions_speak_for_the_branch_that_was_meant():
    assert mistakes("name: a\nwhere:\n  B: {inn: [a]}\n") == (
        "s.yaml:3: where.B.inn: unknown key « inn »\n    → did you mean « in »?"
    )
    assert mistakes("name: a\nwhere: {C: [1]}\n").startswith("s.yaml:2: where.C[0]: a text is expected (value: 1)")
    assert mistakes("name: a\nwhere: {D: {min: x}}\n") == "s.yaml:2: where.D.min: a number is expected (value: x)"
    assert mistakes("name: a\nwhere: {E: 5}\n").startswith("s.yaml:2: where.E: a text is expected (value: 5)")
    told = mistakes("name: a\nsteps:\n  - patience: 1\n    kind: f\n")
    assert "s.yaml:4: steps[0].kind: « f » is not one of: fast, slow" in told


@pytest.mark.parametrize(
    ("line", "english", "french"),
    [
        ("replications: 0", "must be above 0 (value: 0)", "doit être supérieur à 0"),
        ("replications: 11", "must be at most 10", "doit valoir au plus 10"),
        ("replications: 3.5", "a whole number is expected (value: 3.5)", "un nombre entier"),
        ("replications: many", "a whole number is expected (value: many)", "un nombre entier"),
        ("mode: quik", "« quik » is not one of: quick, exact\n    → did you mean « quick »?", "n’est pas l’un de"),
        ("windows: 3", "a list is expected (value: 3)", "une liste"),
        ("windows: [3]", "windows[0]: a block of keys is expected", "un bloc de clés"),
        ("windows: [{from: a, level: 3}]", "windows[0].level: 3 has no unit", "windows[0].level"),
        ("windows: [{from: 5}]", "put it between quotes", "entre guillemets"),
        ("steps: [{speed: 1}]", "the key « kind » is missing", "la clé « kind » manque"),
    ],
)
def test_values(line, english, french):
    assert english in mistakes(f"name: a\n{line}\n")
    assert "s.yaml:2: " in mistakes(f"name: a\n{line}\n")
    assert french in mistakes(f"name: a\n{line}\n", "fr")


def test_missing_key_and_all_mistakes_at_once():
    told = mistakes("mode: x\nreplications: 0\n")
    assert told.count("s.yaml:") == 3
    assert "name: the key « name » is missing" in told


def test_blocks_keep_their_place(english):
    whole = parse_yaml("networks:\n  lighting:\n    nam: a\n", "s.yaml")
    with pytest.raises(InputError) as caught:
        validate(Model, whole.at("networks", "lighting"))
    assert "s.yaml:3: networks.lighting.nam: unknown key « nam »" in str(caught.value)


def test_valid_data_gives_the_model():
    model = validate(
        Model, parse_yaml("name: a\nwindows: [{from: 22:30, level: '0,5 kW'}]\nwhere: {A: x, B: {in: [y]}}\n")
    )
    assert model.windows[0].level == 500.0
    assert model.windows[0].start == "22:30"

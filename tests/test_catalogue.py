"""Everything that a person reads exists in French: no message without its translation, no placeholder lost."""

import ast
import re
from pathlib import Path

import jumeau_viz
import numpy as np
import pytest
from babel import numbers
from babel.messages.pofile import read_po

from jumeau.i18n import catalogue_files, format_number, format_significant, language

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def catalogue():
    assert jumeau_viz.__name__
    found = {}
    for path in catalogue_files("fr"):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="fr"):
                if message.id:
                    found[message.id] = message.string
    return found


def messages():
    """Every literal that is handed to `_` in the product's code, with where it stands."""
    for folder in (ROOT / "jumeau", ROOT / "viz"):
        for path in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"):
                    continue
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted(item for item in folder.rglob("templates/**/*") if item.is_file()):
            text = path.read_text(encoding="utf-8")
            for match in re.finditer(r"""\b_\(\s*(?:"([^"]*)"|'([^']*)')""", text):
                yield match[1] or match[2], str(path.relative_to(ROOT))


def test_every_message_is_translated(catalogue):
    missing = {f"{place}: {text}" for text, place in messages() if text and not catalogue.get(text)}
    assert not missing, "\n".join(sorted(missing))


def test_placeholders_are_kept(catalogue):
    def fields(text):
        return set(re.findall(r"\{(\w+)(?:![rs])?(?::[^ }]*)?\}", text))

    wrong = [text for text, translation in catalogue.items() if translation and fields(text) != fields(translation)]
    assert not wrong


def test_french_is_french(catalogue):
    same = [text for text, translation in catalogue.items() if text == translation and len(text.split()) > 4]
    assert not same
    straight = [text for text in catalogue.values() if text and re.search(r'\w"\s|\s"\w', text)]
    assert not straight, "French quotes are « »"


def test_numbers_are_written_in_the_language():
    with language("fr"):
        assert format_number(1234567.891, 1) == "1\u202f234\u202f567,9"
        assert format_number(float("nan")) == "—"
        assert format_significant(0.00012345) == "0,000123"
        assert format_significant(-98765.4) == "-98\u202f800"
    with language("en"):
        assert format_number(-0.0001, 2) == "0.00"
        assert format_number(1234.5, 1) == "1,234.5"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_numbers_are_written_as_babel_writes_them(lang):
    rng = np.random.default_rng(7)
    sizes = (rng.choice([-1.0, 1.0], 400) * 10.0 ** rng.uniform(-6.0, 17.0, 400)).tolist()
    with language(lang):
        for value, digits in zip(sizes, rng.integers(-2, 7, 400).tolist(), strict=True):
            pattern = "#,##0" + ("." + "0" * digits if digits > 0 else "")
            rounded = round(value, digits) + 0.0
            assert format_number(value, digits) == numbers.format_decimal(rounded, format=pattern, locale=lang)

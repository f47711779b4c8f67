"""YAML that is no scenario of anybody ends at once, in a message with its line."""

import time

import pytest
from pydantic import Field

from jumeau.errors import InputError
from jumeau.units import QuantityError, parse_clock, parse_number, parse_quantity
from jumeau.yaml_file import parse_yaml, plain_value, validate
from jumeau.yaml_types import Block

DIGITS = "9" * 5000


def _watts(text):
    return parse_quantity(text, "W")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: " + "[" * 500 + "]" * 500, 2, "nested"),
        ("a: 1\nb: " + "{c: " * 500 + "1" + "}" * 500, 2, "nested"),
        ("a: 1\nb: " + "[" * 50_000, 2, "nested"),
        ("a0: &a0 1\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 500)), 1, "nested"),
        ('a: 1\nb: "\\e[31mred"', 2, "control character"),
        ('a: 1\nb: "\\ud800"', 2, "control character"),
        ('a: 1\n"b\\0": 1', 2, "simple text"),
    ],
)
def test_hostile_texts_are_refused(english, text, line, words):
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        parse_yaml(text)
    assert words in str(caught.value)
    assert caught.value.problems[0].line == line
    assert time.monotonic() - began < 10.0


def test_numbers_of_thousands_of_digits_stay_texts():
    assert plain_value(DIGITS) == DIGITS
    assert plain_value("12") == 12


@pytest.mark.parametrize(
    "text",
    [
        "1" + " " * 2000 + "a\nb",
        "1" + " 000" * 50_000,
        "1 " + "*".join(["W"] * 50_000),
        "1 " + " per " * 20_000,
        DIGITS + " W",
        " " * 100_000 + "x",
    ],
)
@pytest.mark.parametrize("read", [_watts, parse_number, parse_clock])
def test_no_text_makes_the_reading_of_a_quantity_long(text, read):
    began = time.monotonic()
    with pytest.raises(QuantityError) as caught:
        read(text)
    assert time.monotonic() - began < 2.0
    assert len(str(caught.value)) < 400


class Small(Block):
    """A block with each kind of simple value."""

    count: int = Field(default=1, ge=0)
    level: float | None = None
    lit: bool = False
    many: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("count: true", "a whole number is expected"),
        ("level: true", "a number is expected"),
        ("level: .nan", "finite"),
        ("level: .inf", "finite"),
        ("lit: 1", "« true » or « false »"),
        ("many: [1, true]", "a whole number is expected"),
    ],
)
def test_truth_values_are_no_numbers(english, text, words):
    with pytest.raises(InputError, match=words):
        validate(Small, parse_yaml(text))


def test_what_is_of_its_kind_is_read():
    found = validate(Small, parse_yaml("{count: 2, level: 3, lit: true, many: [1, 2]}"))
    assert (found.count, found.level, found.lit, found.many) == (2, 3.0, True, (1, 2))

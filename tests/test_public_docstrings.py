"""Docstrings of the public names keep to numpydoc."""

import inspect

import pytest
from numpydoc.validate import validate

import jumeau

#: Left out: examples and links stand in the documents (EX01, SA01, ES01); a one-line « Return … » says what is returned
#: (RT01, RT03); attributes of dataclasses are under Attributes, a type that says it all needs no sentence (PR01, PR07).
LEFT_OUT = {"EX01", "SA01", "ES01", "RT01", "RT03", "PR01", "PR07"}


def names():
    for name in jumeau.__all__:
        item = getattr(jumeau, name)
        yield f"{item.__module__}.{item.__qualname__}"
        for member, value in vars(item).items() if inspect.isclass(item) else ():
            if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | classmethod)):
                yield f"{item.__module__}.{item.__qualname__}.{member}"


@pytest.mark.parametrize("name", list(names()))
def test_public_docstrings_are_numpydoc(name):
    found = [f"{code}: {message}" for code, message in validate(name)["errors"] if code not in LEFT_OUT]
    assert not found

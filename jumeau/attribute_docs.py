"""What the docstrings below the attributes of a class say, read from its source when somebody asks.

Pydantic does the same as each model is made; at the start of every command, that would take a third of a second for
texts that schemas and pages of reference alone are made of.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache


@cache
def attribute_docs(cls: type) -> Mapping[str, str]:
    """Return the docstring of each attribute of a class that has one, inherited ones among them.

    Parameters
    ----------
    cls : type
        One that was made at run time has no source, hence none of its own.
    """
    found: dict[str, str] = {}
    for parent in reversed(cls.__mro__):
        if parent.__module__.split(".")[0] not in ("builtins", "pydantic"):
            found |= _own(parent)
    return found


def _own(cls: type) -> dict[str, str]:
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return {}
    if not isinstance(definition, ast.ClassDef) or definition.name != cls.__name__:
        return {}
    found = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        told = following.value if isinstance(following, ast.Expr) else None
        if not isinstance(statement, ast.AnnAssign) or not isinstance(told, ast.Constant):
            continue
        if isinstance(statement.target, ast.Name) and isinstance(told.value, str):
            found[statement.target.id] = inspect.cleandoc(told.value)
    return found


def field_docs(model: type) -> Mapping[str, str]:
    """Return what each field of a model says of itself, by the name of its attribute.

    Parameters
    ----------
    model : type
        A Pydantic model; a description that its field states comes first.
    """
    docs = attribute_docs(model)
    fields = getattr(model, "model_fields", {})
    return {name: field.description or docs.get(name, "") for name, field in fields.items()}

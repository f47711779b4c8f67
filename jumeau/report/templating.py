"""The one environment of the report's templates: every text escaped, without secrets, paths and control characters."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from jumeau.i18n import _
from jumeau.redaction import everywhere, presentable


@cache
def templates() -> Environment:
    """Return the environment of the templates beside this module."""
    environment = Environment(
        loader=PackageLoader("jumeau.report"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["_"] = _
    return environment


def _finalize(value: Any) -> Any:
    """Return what is printed."""
    return everywhere(value, presentable) if isinstance(value, str) else value

"""Versions of the libraries that figures rest on."""

from __future__ import annotations

import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, requires, version

from jumeau.network import ENTRY_POINTS


@cache
def library_versions() -> dict[str, str]:
    """Return the version of Python, of Jumeau, of all that it requires, and of the packages of plug-in networks.

    What is required is read where it is declared, so that a library that comes later is not forgotten.
    """
    named = {"jumeau", *_required("jumeau")}
    for point in entry_points(group=ENTRY_POINTS):
        if point.dist is not None:
            named |= {point.dist.name, *_required(point.dist.name)}
    found = {"python": platform.python_version()}
    for name in sorted(named):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "?"
    return found


def _required(package: str) -> list[str]:
    """Return the names of the packages that one requires, extras left out."""
    try:
        lines = requires(package) or []
    except PackageNotFoundError:
        return []
    names = (re.match(r"[\w.-]+", line) for line in lines if "extra ==" not in line)
    return [match[0].lower() for match in names if match]

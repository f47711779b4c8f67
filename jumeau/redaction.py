"""Text that may be shown and handed on: no control characters, no secrets, no absolute paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

#: Control characters of C0 and C1 but tab and line feed, marks that turn the direction of writing (Unicode UAX 9), line
#: and paragraph separators, surrogates that no encoding writes.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
#: A whole escape sequence of a terminal (ECMA-48), so that no `[31m` stays behind; titles and links of xterm as well.
_ESCAPE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c)?"
)

_SIGNED_IN = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^/\s@\"'<>]+@", re.IGNORECASE)
_PARAMETER = re.compile(
    r"(?P<name>(?<![A-Za-z0-9])(?:[\w-]*(?:token|password|passwd|secret|signature|credential)s?|(?:[\w-]*[_-])?"
    r"(?:api)?(?:key|pwd|sig|auth))=)[^&\s#\"'<>]+",
    re.IGNORECASE,
)
_PART = r"[^\s/\\\"'<>|:;,()\[\]{}`«»]+"
_POSIX = re.compile(
    rf"(?:file://|(?<![^\s\"'=:,;(\[{{`«<>|])(?!//))(?:~[\w.-]*)?(?:/+{_PART})*/+(?P<last>{_PART})/?", re.IGNORECASE
)
_WINDOWS = re.compile(rf"(?<![A-Za-z0-9])(?:file:/+)?(?:[A-Za-z]:[\\/]+|\\\\+)(?:{_PART}[\\/]+)*(?P<last>{_PART})?")

HIDDEN = "…"


def visible(text: str, *, lines: bool = True) -> str:
    """Return a text without escape sequences, control characters and marks of direction.

    Parameters
    ----------
    text : str
    lines : bool
        Whether line feeds and tabs stay; otherwise each becomes a space, so that a name cannot pass for another line.
    """
    shown = _UNSEEN.sub("", _ESCAPE.sub("", text))
    return shown if lines else re.sub(r"[\n\t]+", " ", shown)


def redacted(text: str) -> str:
    """Return a text without secrets (`user:password@`, `?token=`), absolute paths being cut to their last name."""
    text = _SIGNED_IN.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _PARAMETER.sub(rf"\g<name>{HIDDEN}", text)
    return _POSIX.sub(_name, _WINDOWS.sub(_name, text))


def presentable(text: str) -> str:
    """Return a text that is both `redacted` and `visible`: it may be printed, and handed on."""
    return visible(redacted(text))


def everywhere(value: Any, change: Callable[[str], str]) -> Any:
    """Return the same mappings and lists with every text changed.

    Parameters
    ----------
    value : object
        What is neither a mapping, a list, a tuple nor a plain text stays as it is; so does markup, made safe by others.
    change : callable
        For instance `visible` or `presentable`.
    """
    if isinstance(value, str):
        return value if hasattr(value, "__html__") else change(value)
    if isinstance(value, Mapping):
        return {everywhere(key, change): everywhere(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [everywhere(item, change) for item in value]
    return value


def show(*texts: object, **options: Any) -> None:
    """Print texts without what a terminal would obey."""
    print(*(visible(str(text)) for text in texts), **options)  # noqa: T201 - the command line's own


def _name(match: re.Match[str]) -> str:
    # One part alone (« /year ») is a unit or a division more often than a path.
    whole = match[0]
    return whole if re.fullmatch(rf"/{_PART}", whole) else match["last"] or HIDDEN

"""Reads the files of remarks that the page exports, and the one that a run's folder keeps."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.input_file import regular_file
from jumeau.redaction import visible
from jumeau.remarks.model import FORMAT, VERSION, Collection, Remark, Vote
from jumeau.yaml_file import validate

#: Bytes of the largest file.
LARGEST_FILE = 50_000_000
#: Problems of one file that are told; a file of another kind has one in every line.
MOST_TOLD = 20


@dataclass(frozen=True)
class Given:
    """What a file holds.

    Attributes
    ----------
    collection : Collection
    dropped : tuple of str
        Keys that are none of the format, such as a name: they are not kept.
    unplaced : tuple of str
        Places in words that the territory does not know: they stay in the text.
    """

    collection: Collection
    dropped: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()


def read_export(file: Path) -> Given:
    """Read a file that the page exports.

    Raises
    ------
    InputError
        When it is no such file, of another version, or holds what cannot be, with the place in the file.
    """
    data = _json(checked_size(file))
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError(
            Problem(
                _("this is no file of remarks"),
                file=str(file),
                value=str(data.get("format", "")) if isinstance(data, dict) else "",
                hint=_("give what the page exports, or the table of a paper form (CSV)"),
            )
        )
    if data.get("version") != VERSION or isinstance(data["version"], bool):
        raise InputError(
            Problem(
                _("the file of remarks is of another version (here {wanted})").format(wanted=VERSION),
                file=str(file),
                value=str(data.get("version")),
                hint=_("render the page again with this version of Jumeau, or use the version that exported it"),
            )
        )
    dropped: dict[str, None] = {}
    clean = _only_known(data, Collection, dropped)
    for key, model in (("remarks", Remark), ("votes", Vote)):
        if isinstance(clean.get(key), list):
            clean[key] = [_entry(item, model, dropped) for item in clean[key]]
    try:
        found = validate(Collection, clean, file)
    except InputError as error:
        raise InputError(*few([replace(item, file=str(file)) for item in error.problems], file)) from None
    return Given(found, tuple(dropped))


def checked_size(file: Path) -> Path:
    """Return a regular file of a size that can be read.

    Raises
    ------
    InputError
    """
    size = regular_file(file).stat().st_size
    if size > LARGEST_FILE:
        message = _("the file is larger than {most} MB").format(most=LARGEST_FILE // 1_000_000)
        raise InputError(Problem(message, file=str(file), value=f"{size / 1e6:.0f} MB"))
    return file


def few(problems: list[Problem], file: Path) -> list[Problem]:
    """Return the first problems, and one that says how many more there are."""
    if len(problems) <= MOST_TOLD:
        return problems
    more = _("and {count} more problems").format(count=len(problems) - MOST_TOLD)
    return [*problems[:MOST_TOLD], Problem(more, file=str(file))]


def cleaned(text: str) -> str:
    """Return a text without control characters, in composed letters."""
    return unicodedata.normalize("NFC", visible(text)).strip()


def _entry(item: Any, model: type[BaseModel], dropped: dict[str, None]) -> Any:
    if not isinstance(item, Mapping):
        return item
    found = _only_known(item, model, dropped)
    for key, value in found.items():
        if isinstance(value, str):
            found[key] = cleaned(value)
    if isinstance(found.get("day"), str):
        # A time of day would tell who spoke when: the day alone is kept.
        found["day"] = found["day"][:10] or None
    return found


def _only_known(item: Mapping[str, Any], model: type[BaseModel], dropped: dict[str, None]) -> dict[str, Any]:
    """Return the keys of the format; a name or an address that another program adds is not kept."""
    dropped.update({cleaned(str(key))[:40]: None for key in item if key not in model.model_fields})
    return {key: value for key, value in item.items() if key in model.model_fields}


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes().decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise InputError(
            Problem(_("the file is not in UTF-8"), file=str(file), hint=_("save the file in UTF-8"))
        ) from None
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        reason = getattr(error, "msg", "") or _("a value that JSON does not have")
        message = _("the file is not valid JSON: {reason}").format(reason=reason)
        raise InputError(Problem(message, file=str(file), line=line)) from None
    except OSError as error:
        raise InputError(Problem(_("cannot be read: {error}").format(error=error.strerror), file=str(file))) from error


def _no_number(_name: str) -> NoReturn:
    raise ValueError

"""YAML files as people write them, read without YAML's traps and with the line of everything.

The scalars are those of YAML 1.2: `no`, `on` and `22:30` are texts, dates stay texts, and so do codes such
as `01004`, which must not lose their zero. A key that stands twice is refused. Line numbers are kept by key
path, so that whatever is wrong later on (a pydantic model, a file that the YAML names) is told with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.input_file import regular_file
from jumeau.yaml_messages import explain

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

#: More values than any hand-written file has: aliases repeated inside aliases would grow without end.
MOST_VALUES = 500_000

#: Blocks and lists inside each other, more than any file that people write has.
DEEPEST = 40

#: Digits beyond which a plain scalar stays a text: no quantity is written so, and Python refuses to read many more.
LONGEST_NUMBER = 100

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CONSTANTS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class _Loader(yaml.SafeLoader):
    """Composes the tree of nodes, of a depth that people write; values are made by `_Reader`."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own way to say that no plain scalar has a type
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _TooDeepError(self.peek_event().start_mark.line + 1)  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _TooDeepError(Exception):
    """Carries the line on which nesting exceeds `DEEPEST`."""


@dataclass(frozen=True)
class LocatedMapping(Mapping[str, Any]):
    """The content of a YAML file (or of one of its blocks) that knows its lines.

    Attributes
    ----------
    data : dict
        Plain Python values; keys are texts as written.
    file : str
        Path of the file, for messages.
    lines : mapping of tuple to int
        Line of each key path, counted from 1.
    prefix : tuple
        Key path of this block in the file; empty for the whole file.
    """

    data: Mapping[str, Any]
    file: str = ""
    lines: Mapping[Path_, int] | None = None
    prefix: Path_ = ()

    def __getitem__(self, key: str) -> Any:
        """Return a value by key."""
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys."""
        return iter(self.data)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self.data)

    def line(self, *path: str | int) -> int | None:
        """Return the line of a key path inside this block, or of its nearest parent that has one."""
        full = (*self.prefix, *path)
        known = self.lines or {}
        return next((known[full[:size]] for size in range(len(full), -1, -1) if full[:size] in known), None)

    def at(self, *path: str | int) -> LocatedMapping:
        """Return a block of the file; an absent or empty one is an empty mapping.

        Raises
        ------
        InputError
            When what stands there is not a mapping.
        """
        value: Any = self.data
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else value[key]
            if value is None:
                value = {}
        if not isinstance(value, Mapping):
            raise InputError(self.problem(path, _("a block of keys is expected"), value=str(value)))
        return LocatedMapping(value, self.file, self.lines, (*self.prefix, *path))

    def problem(self, path: Path_, message: str, hint: str = "", value: str = "") -> Problem:
        """Return a problem located at a key path of this block."""
        where = dotted((*self.prefix, *path))
        text = f"{where}: {message}" if where else message
        return Problem(text, hint=hint, file=self.file, line=self.line(*path), value=value)


def dotted(path: Path_) -> str:
    """Return a key path as people read it: `variants[0].measure`."""
    text = ""
    for item in path:
        text += f"[{item}]" if isinstance(item, int) else f".{item}" if text else str(item)
    return text


def read_yaml(path: Path | str) -> LocatedMapping:
    """Read a YAML file whose top level is a mapping.

    Parameters
    ----------
    path : Path or str

    Raises
    ------
    InputError
        When the file is missing, not UTF-8, not YAML, empty, or has a key twice; with the line.
    """
    file = Path(path)
    try:
        text = regular_file(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(
            _("the file is not in UTF-8"),
            file=str(file),
            line=_line_of(file, error.start),
            hint=_("save the file in UTF-8"),
        )
        raise InputError(problem) from None
    except OSError as error:
        message = _("cannot be read: {error}").format(error=error.strerror)
        raise InputError(Problem(message, file=str(file))) from error
    return parse_yaml(text, str(file))


def parse_yaml(text: str, file: str = "") -> LocatedMapping:
    """Read YAML text; see `read_yaml`."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except _TooDeepError as error:
        raise InputError(Problem(_("blocks and lists are nested too deep"), file=file, line=error.args[0])) from None
    except yaml.MarkedYAMLError as error:
        raise InputError(_syntax_problem(error, file)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = _("a character that YAML does not allow")
        raise InputError(Problem(message, file=file, line=line, value=repr(error.character))) from None
    if node is None:
        raise InputError(Problem(_("the file is empty"), file=file))
    reader = _Reader(file)
    data = reader.value(node, (), ())
    if reader.problems:
        raise InputError(*reader.problems)
    if not isinstance(data, dict):
        hint = _("write « key: value » lines")
        raise InputError(Problem(_("a block of keys is expected"), file=file, line=1, hint=hint))
    return LocatedMapping(data, file, reader.lines)


class _Reader:
    """Turns nodes into values and notes the line of each key path."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Path_, parents: tuple[int, ...]) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if len(parents) > DEEPEST:  # by aliases: the tree itself is not that deep
            message = _("blocks and lists are nested too deep")
            raise InputError(Problem(message, file=self.file, line=node.start_mark.line + 1))
        if id(node) in parents or len(self.lines) > MOST_VALUES:
            message = _("an alias contains itself, or aliases repeat too much")
            raise InputError(Problem(message, file=self.file, line=node.start_mark.line + 1))
        inside = (*parents, id(node))
        self._check_tag(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, inside)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, rank), inside) for rank, item in enumerate(node.value)]
        text = str(node.value)
        hidden = next((letter for letter in text if _is_control(letter)), "")
        if hidden:
            message = _("{path}: a control character stands in the text").format(path=dotted(path))
            hint = _("remove it")
            line = node.start_mark.line + 1
            self.problems.append(Problem(message, hint=hint, file=self.file, line=line, value=ascii(hidden)))
        return text if getattr(node, "style", None) else plain_value(text)

    def _mapping(self, node: yaml.MappingNode, path: Path_, inside: tuple[int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(_("a key must be a simple text"), file=self.file, line=line))
                continue
            name = str(key.value)
            if any(_is_control(letter) for letter in name):
                message = _("a key must be a simple text")
                self.problems.append(Problem(message, file=self.file, line=line, value=ascii(name)))
                continue
            if name in found:
                message = _("{path}: the key stands twice (first on line {line})").format(
                    path=dotted((*path, name)), line=self.lines[*path, name]
                )
                self.problems.append(Problem(message, file=self.file, line=line, hint=_("keep one of the two")))
                continue
            self.lines[*path, name] = line
            found[name] = self.value(item, (*path, name), inside)
        return found

    def _check_tag(self, node: yaml.Node) -> None:
        tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
        if tag not in ("!!str", "!!map", "!!seq", "!"):
            message = _("the tag « {tag} » is not known here").format(tag=tag)
            self.problems.append(Problem(message, file=self.file, line=node.start_mark.line + 1))


def _is_control(letter: str) -> bool:
    """Tell whether a character is one that terminals, pages and files cannot show: a control, or half a pair."""
    return letter not in "\t\n\r" and unicodedata.category(letter) in ("Cc", "Cs")


def plain_value(text: str) -> Any:
    """Return the value of an unquoted YAML scalar.

    Examples
    --------
    >>> plain_value("12"), plain_value("1e3"), plain_value("true"), plain_value("null")
    (12, 1000.0, True, None)
    >>> plain_value("no"), plain_value("22:30"), plain_value("01004"), plain_value("2025-01-01")
    ('no', '22:30', '01004', '2025-01-01')
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def validate(model: type[Model], data: LocatedMapping | Mapping[str, Any], file: Path | str = "") -> Model:
    """Return the model that the data describe.

    Parameters
    ----------
    model : type of BaseModel
        Should forbid extra keys.
    data : LocatedMapping or mapping
        A located one gives lines; its block's path prefixes the messages.
    file : Path or str
        For the messages, where `data` does not know it.

    Raises
    ------
    InputError
        With one problem per mistake: `file:line: path: message`, and the nearest known key or choice.
    """
    located = data if isinstance(data, LocatedMapping) else LocatedMapping(data, str(file))
    try:
        return model.model_validate(dict(located.data))
    except ValidationError as error:
        mistakes = explain(error, model, located.data)
        raise InputError(
            *(located.problem(item.path, item.message, item.hint, item.value) for item in mistakes)
        ) from None


def _line_of(file: Path, position: int) -> int:
    return file.read_bytes()[:position].count(b"\n") + 1


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    """Say what PyYAML met, in the reader's language."""
    told = f"{error.context or ''} {error.problem or ''}"
    hint = ""
    if "mapping values are not allowed" in told:
        message = _("a « : » stands where it cannot")
        hint = _("check the indentation of the line before, or put the text between quotes")
    elif "'\\t'" in told:
        message = _("a tab character is used for indentation")
        hint = _("indent with spaces")
    elif "could not find expected ':'" in told:
        message = _("a key has no « : »")
    elif "expected <block end>" in told:
        message = _("the indentation does not fit the lines above")
        hint = _("keys of one block start in the same column; put texts with special signs between quotes")
    elif "expected ',' or" in told:
        message = _("a list or block in brackets is not closed, or lacks a comma")
    elif "while scanning a quoted scalar" in told:
        message = _("a quotation mark is not closed")
    elif "undefined alias" in told:
        message = _("an alias (« *name ») has no anchor (« &name ») before it")
    elif "expected a single document" in told:
        message = _("the file holds several documents (« --- »)")
    elif "cannot start any token" in told:
        message = _("a text starts with a sign that YAML reserves")
        hint = _("put the text between quotes")
    else:
        message = _("this is not YAML: {told}").format(told=told.strip())
    mark = error.problem_mark or error.context_mark
    return Problem(message, hint=hint, file=file, line=mark.line + 1 if mark else None)

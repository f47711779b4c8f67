"""What is wrong with a YAML block, in the reader's language: pydantic's errors turned into sentences."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from jumeau.errors import nearest, shorten
from jumeau.i18n import _

Location = tuple[str | int, ...]
#: Path in the data, names of union branches with the depth at which they stood, pydantic's error.
_Placed = tuple[Location, tuple[tuple[int, str], ...], dict[str, Any]]

#: Pydantic's errors that say "this is no value of my kind": the other branches of a union tell more.
_KIND_ERRORS = (
    "string_type", "int_type", "float_type", "bool_type", "list_type", "tuple_type", "dict_type",
    "model_attributes_type", "model_type", "mapping_type", "set_type", "none_required", "date_type",
    "literal_error",
)  # fmt: skip

#: Errors whose sentence holds the value already, or that have none.
_SAID = ("missing", "extra_forbidden", "literal_error", "enum", "union_tag_invalid", "union_tag_not_found")


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong: where in the block, what, and what to do.

    Attributes
    ----------
    path : tuple of str or int
        Key path inside the block.
    message, hint, value : str
    """

    path: Location
    message: str
    hint: str = ""
    value: str = ""


def explain(error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]) -> list[Mistake]:
    """Return the mistakes of a block, one per place.

    Parameters
    ----------
    error : ValidationError
        What pydantic said.
    model : type of BaseModel
        The model that was wanted; its fields are the known keys.
    data : mapping
        What the user wrote.
    """
    placed = [(*_place(tuple(item["loc"]), data, item["type"]), dict(item)) for item in error.errors(include_url=False)]
    chosen = _one_branch(placed)
    mistakes: dict[tuple[Location, str], Mistake] = {}
    for where, _labels, item in chosen:
        path = where
        if item["type"] == "union_tag_invalid":
            path = (*where, item["ctx"]["discriminator"].strip("'"))
        message, hint = _sentence(item, path, model)
        value = "" if item["type"] in _SAID else _shown(item.get("input"))
        if item["type"] == "value_error" and value in message:
            value = ""
        mistakes.setdefault((path, message), Mistake(path, message, hint, value))
    return list(mistakes.values())


def _place(location: Location, data: Any, kind: str) -> tuple[Location, tuple[tuple[int, str], ...]]:
    """Split pydantic's location into the path in the data and the names of union branches on the way.

    Returns
    -------
    path, labels : tuple
        Each label comes with the depth at which it stood.
    """
    path: list[str | int] = []
    labels: list[tuple[int, str]] = []
    value = data
    for rank, item in enumerate(location):
        last = rank == len(location) - 1
        if _holds(value, item):
            value = value[item]
            path.append(item)
        elif last and kind == "missing":
            path.append(item)
        else:
            labels.append((len(path), str(item)))
    return tuple(path), tuple(labels)


def _holds(value: Any, item: str | int) -> bool:
    if isinstance(value, Mapping):
        return item in value
    return isinstance(item, int) and isinstance(value, list | tuple) and item < len(value)


def _one_branch(placed: list[_Placed]) -> list[_Placed]:
    """Keep, of the branches of each union, the one that the user most probably meant; outer unions first."""
    kept = list(placed)
    for rank in range(max((len(labels) for _path, labels, _item in placed), default=0)):
        unions: dict[tuple[Any, ...], dict[str, list[_Placed]]] = {}
        for entry in kept:
            path, labels, _item = entry
            if len(labels) > rank and labels[rank][1] != "[key]":
                depth, name = labels[rank]
                unions.setdefault((path[:depth], labels[:rank]), {}).setdefault(name, []).append(entry)
        for (union, _outer), branches in unions.items():
            # A branch refused for its kind alone was not meant; then the fewest mistakes win.
            best = min(branches.values(), key=lambda entries: (_refused(entries, union), len(entries)))
            # Where every kind is possible and none was written, the first branch speaks for all.
            spoken = best[:1] if _refused(best, union) else best
            dropped = {id(entry) for entries in branches.values() for entry in entries}
            dropped -= {id(entry) for entry in spoken}
            kept = [entry for entry in kept if id(entry) not in dropped]
    return kept


def _refused(entries: list[_Placed], union: Location) -> bool:
    return any(path == union and item["type"] in _KIND_ERRORS for path, _labels, item in entries)


def _sentence(item: Mapping[str, Any], path: Location, model: type[BaseModel]) -> tuple[str, str]:
    """Return the message and the hint of one pydantic error."""
    kind = str(item["type"])
    context: Mapping[str, Any] = item.get("ctx") or {}
    key = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        location = tuple(item["loc"])
        message = _("unknown key « {key} »").format(key=key)
        owners = _owners(model, location)
        if owners:
            return message, _("it goes with: {names}").format(names=shorten(owners))
        beside = _block_beside(model, location, key)
        hint = _("it stands under « {block} »").format(block=beside) if beside else ""
        known = known_keys(model, location[:-1])
        return message, hint or _did_you_mean(key, known, _("known keys: {known}"))
    if kind == "missing":
        return _("the key « {key} » is missing").format(key=key), _("add « {key}: … »").format(key=key)
    if kind in ("literal_error", "enum"):
        return _choice(str(item["input"]), re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if kind == "union_tag_invalid":
        return _choice(str(context["tag"]), re.findall(r"'([^']*)'", str(context["expected_tags"])))
    if kind == "union_tag_not_found":
        name = str(context["discriminator"]).strip("'")
        return _("the key « {key} » is missing").format(key=name), _("it says which kind of block this is")
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", "")) or _("the value cannot be used"), ""
    bound = _bound(kind, context)
    if bound:
        return bound, ""
    for start, sentence in _kinds():
        if kind.startswith(start):
            return sentence, _quotes(kind, item.get("input"))
    return _("the value cannot be used: {told}").format(told=item["msg"]), ""


def _choice(written: str, choices: Sequence[str]) -> tuple[str, str]:
    message = _("« {value} » is not one of: {choices}").format(value=written, choices=", ".join(choices))
    near = nearest(written, choices)
    return message, _("did you mean « {near} »?").format(near=near) if near else ""


def _bound(kind: str, context: Mapping[str, Any]) -> str:
    """Return the sentence of an error on a limit, empty for other errors."""
    sentences = {
        "greater_than": (_("must be above {limit}"), "gt"),
        "greater_than_equal": (_("must be at least {limit}"), "ge"),
        "less_than": (_("must be below {limit}"), "lt"),
        "less_than_equal": (_("must be at most {limit}"), "le"),
        "multiple_of": (_("must be a multiple of {limit}"), "multiple_of"),
        "too_short": (_("at least {limit} item(s) are wanted"), "min_length"),
        "too_long": (_("at most {limit} item(s) are allowed"), "max_length"),
        "string_too_short": (_("at least {limit} character(s) are wanted"), "min_length"),
        "string_too_long": (_("at most {limit} character(s) are allowed"), "max_length"),
        "string_pattern_mismatch": (_("must have the form « {limit} »"), "pattern"),
    }
    if kind not in sentences:
        return ""
    sentence, name = sentences[kind]
    return sentence.format(limit=context.get(name, ""))


def _kinds() -> tuple[tuple[str, str], ...]:
    """Return what each family of type errors says; the first prefix that fits is taken."""
    block = _("a block of keys is expected")
    items = _("a list is expected")
    return (
        ("string", _("a text is expected")),
        ("int_from_float", _("a whole number is expected")),
        ("int", _("a whole number is expected")),
        ("float", _("a number is expected")),
        ("decimal", _("a number is expected")),
        ("finite_number", _("a finite number is expected")),
        ("bool", _("« true » or « false » is expected")),
        ("list", items),
        ("tuple", items),
        ("set", items),
        ("frozen_set", items),
        ("iterable", items),
        ("dict", block),
        ("mapping", block),
        ("model", block),
        ("date", _("a date such as « 2025-01-31 » is expected")),
        ("time", _("a time such as « 22:30 » is expected")),
        ("none_required", _("nothing is expected here")),
        ("path", _("a path is expected")),
    )


def _quotes(kind: str, value: Any) -> str:
    """Return the advice for a text that YAML reads as something else."""
    if kind == "string_type" and isinstance(value, bool | int | float):
        return _("put it between quotes")
    return ""


def _did_you_mean(word: str, known: Sequence[str], otherwise: str) -> str:
    near = nearest(word, known)
    if near:
        return _("did you mean « {near} »?").format(near=near)
    return otherwise.format(known=shorten(known, 15)) if known else ""


def _shown(value: Any) -> str:
    """Return the value met, shortened; blocks are not repeated to the one who wrote them."""
    if value is None or isinstance(value, Mapping):
        return ""
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def known_keys(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that the model knows at a location, union branches included.

    Parameters
    ----------
    model : type of BaseModel
    location : tuple
        Pydantic's location of the block, names of union branches included.
    """
    names = [name for candidate in _at(model, location) if _is_model(candidate) for name in field_names(candidate)]
    return list(dict.fromkeys(names))


def _at(model: type[BaseModel], location: Location) -> list[Any]:
    """Return the annotations that may stand at pydantic's location."""
    candidates = _branches(model)
    for item in location:
        following = [branch for candidate in candidates for branch in _step(candidate, item)]
        # An item that leads nowhere names a branch of a union.
        named = [candidate for candidate in candidates if _answers_to(candidate, item)]
        candidates = following or named or candidates
    return candidates


def _owners(model: type[BaseModel], location: Location) -> list[str]:
    """Return the tags of the other branches of a union that know the key at pydantic's location."""
    if len(location) < 2:
        return []
    *block, label, key = location
    branches = [branch for branch in _at(model, tuple(block)) if _is_model(branch)]
    if not any(_answers_to(branch, label) for branch in branches):
        return []
    return [tag for branch in branches if key in field_names(branch) for tag in _tags(branch)]


def _tags(branch: type[BaseModel]) -> list[str]:
    """Return the tag that tells a branch from the others: the only value of one of its fields."""
    literals = (get_args(info.annotation) for info in branch.model_fields.values() if _is_literal(info.annotation))
    return [str(values[0]) for values in literals if len(values) == 1]


def _is_literal(annotation: Any) -> bool:
    return get_origin(annotation) is Literal


def _block_beside(model: type[BaseModel], location: Location, key: str) -> str:
    """Return the block beside the one at fault that knows the key, such as a price of another list; else nothing."""
    outer = location[:-2]
    if len(location) < 2 or location[-2] not in (blocks := known_keys(model, outer)):
        return ""
    return next((block for block in blocks if key in known_keys(model, (*outer, block))), "")


def _answers_to(candidate: Any, label: str | int) -> bool:
    """Tell whether a branch has this name, or the tag that tells it from the other branches."""
    if getattr(candidate, "__name__", "") == label:
        return True
    fields = candidate.model_fields.values() if _is_model(candidate) else ()
    return any(_is_literal(info.annotation) and label in get_args(info.annotation) for info in fields)


def field_names(model: type[BaseModel]) -> list[str]:
    """Return the keys of a model as they are written in YAML."""
    return [_written(name, info) for name, info in model.model_fields.items()]


def _written(name: str, info: Any) -> str:
    alias = info.validation_alias or info.alias
    return alias if isinstance(alias, str) else name


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _branches(annotation: Any) -> list[Any]:
    """Return the alternatives of an annotation, without `Annotated` and `None`."""
    if hasattr(annotation, "__metadata__"):
        return _branches(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [branch for item in get_args(annotation) for branch in _branches(item)]
    return [] if annotation in (None, type(None)) else [annotation]


def _step(candidate: Any, item: str | int) -> list[Any]:
    """Return the annotations one key or index further."""
    if _is_model(candidate):
        return [
            branch
            for name, info in candidate.model_fields.items()
            if item in (name, _written(name, info))
            for branch in _branches(info.annotation)
        ]
    arguments = get_args(candidate)
    origin = get_origin(candidate)
    if isinstance(item, int) and isinstance(origin, type) and issubclass(origin, Sequence) and arguments:
        return _branches(arguments[0])
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
        return _branches(arguments[1])
    return []

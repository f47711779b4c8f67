"""JSON Schemas of the files that people write, as editors want them: one error where it is, in the reader's language.

Pydantic describes a union as `oneOf` all its branches, and an editor that finds a misspelt key in one of thirty
measures then says that none of the thirty fits. Here the tag chooses the branch first, so that it names the key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from pydantic import BaseModel

from jumeau.engine.scenario_model import scenario_model
from jumeau.engine.territory import build_factors, import_formats
from jumeau.evaluation.parameters import evaluation_model
from jumeau.evaluation.portfolio_file import PortfolioFile
from jumeau.evaluation.stated_file import StatedFile
from jumeau.i18n import _
from jumeau.territory.file import territory_model

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _territory() -> type[BaseModel]:
    options = {item.name: item.options for item in import_formats() if item.read is not None}
    return territory_model(options, build_factors())


def _scenario() -> type[BaseModel]:
    return scenario_model()


def _project() -> type[BaseModel]:
    return StatedFile


def _portfolio() -> type[BaseModel]:
    return PortfolioFile


#: Kinds of files that have a schema, and the model that reads each.
KINDS: Mapping[str, Callable[[], type[BaseModel]]] = {
    "scenario": _scenario,
    "territory": _territory,
    "project": _project,
    "portfolio": _portfolio,
}


def json_schema(kind: str = "scenario") -> Schema:
    """Return the JSON Schema of a kind of file, described in the current language.

    Parameters
    ----------
    kind : str
        One of `KINDS`: a scenario, a territory, a project given by figures, or a portfolio.
    """
    schema = KINDS[kind]().model_json_schema()
    if kind == "project":
        _with_evaluation(schema)
    schema = _chosen_first(_described(_without_titles(schema)))
    titles = {
        "scenario": _("Jumeau scenario"),
        "territory": _("Jumeau territory"),
        "project": _("Jumeau project given by figures"),
        "portfolio": _("Jumeau portfolio"),
    }
    return {"$schema": DIALECT, "title": titles[kind], **schema}


def _with_evaluation(schema: Schema) -> None:
    """Describe the block that a file of projects hands to the evaluation, which reads it with its own model."""
    block = evaluation_model().model_json_schema()
    schema.setdefault("$defs", {}).update(block.pop("$defs", {}))
    described = schema["properties"]["evaluation"].get("description", "")
    schema["$defs"]["Evaluation"] = block
    schema["properties"]["evaluation"] = {
        "anyOf": [{"$ref": "#/$defs/Evaluation"}, {"type": "null"}],
        "default": None,
        "description": described,
    }


def _nodes(part: Any) -> Iterator[Schema]:
    """Yield every mapping of a schema, outermost first."""
    if isinstance(part, dict):
        yield part
        for item in part.values():
            yield from _nodes(item)
    elif isinstance(part, list):
        for item in part:
            yield from _nodes(item)


def _schemas(part: Schema) -> Iterator[Schema]:
    """Yield every subschema, but not the mappings whose keys are names of the user's."""
    for node in _nodes(part):
        if any(isinstance(node.get(key), kind) for key, kind in _MARKS.items()):
            yield node


#: What a mapping holds that is a schema, and of which type: a property of the same name is a mapping itself.
_MARKS: Mapping[str, type | tuple[type, ...]] = {
    "type": (str, list),
    "anyOf": list,
    "oneOf": list,
    "$ref": str,
    "const": (str, int, float),
    "enum": list,
    "description": str,
}


def _without_titles(schema: Schema) -> Schema:
    """Return a schema without pydantic's titles, which repeat the keys in capitals."""
    found = deepcopy(schema)
    for node in _nodes(found):
        if isinstance(node.get("title"), str):
            del node["title"]
    return found


def _described(schema: Schema) -> Schema:
    """Return a schema whose descriptions are in the current language, factors with their shipped value and source."""
    for node in _schemas(schema):
        text = node.get("description")
        if not isinstance(text, str):
            continue
        told = _(" ".join(text.split()))
        shipped = node.get("x-shipped")
        if shipped:
            told = f"{told} ({shipped}; {_(node['x-source'])})"
        node["description"] = told
    return schema


def _chosen_first(schema: Schema) -> Schema:
    """Return a schema whose unions say by `if` which branch applies, so that what is wrong is told of that one."""
    definitions = schema.get("$defs", {})
    for node in list(_schemas(schema)):
        if "discriminator" in node:
            _by_tag(node)
        elif isinstance(node.get("anyOf"), list):
            _by_kind(node, definitions)
    return schema


def _by_tag(node: Schema) -> None:
    """Let the tag of a union choose its branch."""
    discriminator = node.pop("discriminator")
    node.pop("oneOf")
    key, branches = discriminator["propertyName"], discriminator["mapping"]
    node |= {
        "type": "object",
        "required": [key],
        "properties": {key: {"enum": list(branches)}},
        "allOf": [
            {"if": {"properties": {key: {"const": tag}}, "required": [key]}, "then": {"$ref": reference}}
            for tag, reference in branches.items()
        ],
    }


def _by_kind(node: Schema, definitions: Mapping[str, Any]) -> None:
    """Let the kind of what is written choose between one block and what is no block."""
    blocks = [branch for branch in node["anyOf"] if _is_block(branch, definitions)]
    others = [branch for branch in node["anyOf"] if branch not in blocks]
    if len(blocks) != 1 or not others:
        return
    del node["anyOf"]
    node |= {
        "if": {"type": "object"},
        "then": blocks[0],
        "else": others[0] if len(others) == 1 else {"anyOf": others},
    }


def _is_block(branch: Schema, definitions: Mapping[str, Any]) -> bool:
    if "$ref" in branch:
        branch = definitions.get(branch["$ref"].rsplit("/", 1)[-1], {})
    return branch.get("type") == "object"

"""What is asked of a study or a sizing: its parameters, and factors of its network, as a user states them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, create_model

from jumeau.errors import InputError, Problem, nearest
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.territory.model import Territory
from jumeau.yaml_file import LocatedMapping, parse_yaml, read_yaml, validate
from jumeau.yaml_types import factor_fields

P = TypeVar("P", bound=BaseModel)


@dataclass(frozen=True)
class Request(Generic[P]):
    """What was asked, checked.

    Attributes
    ----------
    parameters : BaseModel
    stated : mapping
        Factors that the user states, in their units.
    written : mapping
        The same, as they were written.
    folder : Path
        What relative paths start from.
    """

    parameters: P
    stated: Mapping[str, float]
    written: Mapping[str, Any]
    folder: Path


def read_request(
    name: str, model: type[P], factors: FactorTable, file: Path | None, values: Sequence[tuple[str, str]]
) -> Request[P]:
    """Read what is asked.

    Parameters
    ----------
    name : str
        Of what it is asked of.
    model : type of BaseModel
        Of its parameters.
    factors : FactorTable
        Of its network: their names may stand beside the parameters'.
    file : Path, optional
        YAML file.
    values : sequence of (str, str)
        The same as keys and values; they stand over those of the file.

    Raises
    ------
    InputError
        On a key or a value that cannot be.
    """
    data = read_yaml(file) if file is not None else LocatedMapping({}, _("parameters"))
    over = {key: parse_yaml(f"value: {text or '~'}", f"--set {key}")["value"] for key, text in values}
    data = replace(data, data={**data.data, **over})
    own = set(model.model_fields) | {field.alias for field in model.model_fields.values() if field.alias}
    # One model for both, for messages that know both.
    beside = {key: field for key, field in factor_fields(factors).items() if key not in own}
    checked = validate(create_model(f"{name}_request", __base__=model, **beside), data)
    return Request(
        model.model_validate({key: value for key, value in data.items() if key in own}),
        {key: getattr(checked, key) for key in beside if key in checked.model_fields_set},
        {key: value for key, value in data.items() if key in beside},
        file.parent if file is not None else Path(),
    )


def unknown(name: str, known: Mapping[str, str], message: str) -> InputError:
    """Return the error of a name that is none; `known` gives labels by name, `message` takes them as `{names}`."""
    near = nearest(name, list(known))
    hint = _("did you mean « {near} »?").format(near=near) if near else ""
    names = ", ".join(f"{key} ({_(label)})" for key, label in known.items())
    return InputError(Problem(message.format(name=name, names=names), value=name, hint=hint))


def check_needs(territory: Territory, needs: Collection[str], message: str) -> None:
    """Refuse a territory that lacks a layer; `message` takes it as `{layer}`.

    Raises
    ------
    InputError
    """
    absent = [layer for layer in needs if not territory.has(layer)]
    hint = _("map that layer in the territory file, or let « territory build » synthesise it")
    if absent:
        raise InputError(*(Problem(message.format(layer=layer), layer=layer, hint=hint) for layer in absent))

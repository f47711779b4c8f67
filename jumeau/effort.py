"""How much work a scenario asks for: `quick`, `normal` or `thorough`.

What a network does less of, or more, stands beside the assumption that says how much:

    gap: Annotated[float, ByEffort(quick=1e-4, thorough=1e-6)] = 1e-5

A value that the scenario states itself stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import BaseModel

from jumeau.attribute_docs import field_docs
from jumeau.i18n import LocalText, _, format_number, sentences_in_all_languages

Effort = Literal["quick", "normal", "thorough"]

NORMAL: Effort = "normal"

EFFORTS: tuple[Effort, ...] = get_args(Effort)


@dataclass(frozen=True)
class ByEffort:
    """Marks an assumption whose default depends on the effort; its plain default is that of `normal`.

    Attributes
    ----------
    quick, thorough : object
        Values of the assumption's type.
    """

    quick: Any
    thorough: Any

    def at(self, effort: Effort, normal: Any) -> Any:
        """Return the value at an effort."""
        return {"quick": self.quick, "thorough": self.thorough}.get(effort, normal)


def by_effort(model: type[BaseModel], effort: Effort) -> Mapping[str, Any]:
    """Return the assumptions of a model that an effort changes, by the name of their attribute.

    Parameters
    ----------
    model : type of BaseModel
    effort : str
    """
    if effort == NORMAL:
        return {}
    return {
        name: mark.at(effort, field.default)
        for name, field in model.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, ByEffort)
    }


def traded(assumptions: BaseModel, label: str, effort: Effort) -> tuple[LocalText, ...]:
    """Return what a network trades for time, or takes time for: a sentence for each assumption, in all languages.

    Parameters
    ----------
    assumptions : BaseModel
        The network's structured assumptions in a situation; those that state another value trade nothing.
    label : str
        Of the network, as a message id.
    effort : str
    """
    model = type(assumptions)
    changes = {name: value for name, value in by_effort(model, effort).items() if getattr(assumptions, name) == value}
    docs = field_docs(model)

    def say() -> list[str]:
        message = _("effort « {effort} », {network}: {now} instead of {normal}. {meaning}")
        return [
            message.format(
                effort=effort,
                network=_(label).lower(),
                now=_short(value),
                normal=_short(model.model_fields[name].default),
                meaning=_(" ".join(docs[name].split())),
            )
            for name, value in changes.items()
        ]

    return tuple(sentences_in_all_languages(say))


def _short(value: Any) -> str:
    """Return a value as a reader writes it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        # As many decimals as it has.
        return format_number(float(value), -min(int(Decimal(repr(value)).normalize().as_tuple().exponent), 0))
    return str(value)

"""`jumeau measures`: what a scenario can do to each network."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jumeau.attribute_docs import field_docs
from jumeau.commands.parser import Commands, network_word
from jumeau.commands.status import DONE
from jumeau.commands.terminal import entries, width, write
from jumeau.i18n import _

if TYPE_CHECKING:
    from jumeau.network import Measure, Network


def add(commands: Commands) -> None:
    """Add the command."""
    measures = commands.add("measures", _("list the measures that scenarios can take"), _measures)
    network_word(measures, _("a network, whose measures are told with their parameters; all by default"))


def _measures(arguments: argparse.Namespace) -> int:
    from jumeau.network import discover

    networks = discover()
    chosen = [networks[arguments.network]] if arguments.network else list(networks.values())
    lines: list[str] = []
    for network in chosen:
        lines += ["", _(network.label)] if lines else [_(network.label)]
        if arguments.network:
            for measure in network.measures.values():
                lines += ["", *_told(network, measure)]
        else:
            lines += entries(
                [(f"{network.name}.{name}", _(item.label)) for name, item in network.measures.items()], width()
            )
    if not arguments.network:
        lines += ["", _("Their parameters: jumeau measures NETWORK")]
    write(lines)
    return DONE


def _told(network: Network, measure: Measure) -> Iterator[str]:
    """Yield what a measure is: its name, what it does, the layer that it selects in, its parameters."""
    yield f"{network.name}.{measure.name}"
    doc = " ".join((measure.parameters.__doc__ or "").split())
    yield from entries([("", _(doc))], width(), gap=2)
    yield from entries([("", _("layer {name}").format(name=measure.layer))], width(), gap=2)
    rows = []
    docs = field_docs(measure.parameters)
    for name, field in measure.parameters.model_fields.items():
        told = _(" ".join(docs[name].split()))
        told += f" ({_('required')})" if field.is_required() else ""
        rows.append((f"  {field.alias or name}", told))
    yield from entries(rows, width())

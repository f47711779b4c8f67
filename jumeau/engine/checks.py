"""What is refused before the first run: a territory that lacks a layer, or holds values that no run can use."""

from __future__ import annotations

from collections.abc import Sequence

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.network import Network
from jumeau.territory.check import check_attributes, check_geometry
from jumeau.territory.model import SHARED, Territory


def check_layers(territory: Territory, networks: Sequence[Network]) -> None:
    """Refuse a territory that the networks cannot be simulated on.

    Checked: missing layers and required columns; values out of range, of a wrong type or unknown; identifiers that
    stand twice; absent, empty or not-a-number geometry; then what each network checks by itself. The shared layers
    are checked too.

    Raises
    ------
    InputError
        With every problem found, each with its layer, column, features and value.
    """
    problems: list[Problem] = []
    tables = {layer: network.attributes for network in networks for layer in network.attributes.layers}
    for network in networks:
        problems += [
            Problem(
                _("the network « {network} » needs the layer « {layer} », that the territory lacks").format(
                    network=network.name, layer=layer
                ),
                layer=layer,
                hint=_("map that layer in the territory file, or let « territory build » synthesise it"),
            )
            for layer in network.attributes.needed
            if layer not in territory.layers
        ]
    for layer, table in (tables | dict.fromkeys(SHARED.layers, SHARED)).items():
        if layer not in territory.layers:
            continue
        frame = territory.layers[layer]
        problems += check_geometry(layer, frame, table) + check_attributes(layer, frame, table)
    # A network's own check may take for granted what its table says.
    problems = problems or [
        problem for network in networks for problem in network.behaviour.check(territory) if not problem.warning
    ]
    if problems:
        raise InputError(*problems)

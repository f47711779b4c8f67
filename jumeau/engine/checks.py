"""What is refused before the first run: a territory that lacks a layer, or holds values that no run can use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from jumeau.engine.assumptions import baseline_assumptions
from jumeau.engine.scenario import Scenario
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.network import Network
from jumeau.territory.check import Check, check_data, made_layers
from jumeau.territory.model import Territory


def own_checks(networks: Sequence[Network], scenario: Scenario | None = None) -> list[Check]:
    """Return what each network checks by itself: under a scenario's baseline, or under what is shipped."""

    def bound(network: Network) -> Check:
        factors, assumptions = network.factors, network.assumptions()
        if scenario is not None:
            factors, assumptions = baseline_assumptions(scenario, network)
        return partial(network.behaviour.check, factors=factors, assumptions=assumptions)

    return [bound(network) for network in networks]


def check_layers(territory: Territory, networks: Sequence[Network], scenario: Scenario | None = None) -> list[Problem]:
    """Refuse a territory that the networks cannot be simulated on.

    Beside layers that are missing, the errors are those of `jumeau territory check`, as far as the layers of these
    networks and the shared ones are concerned.

    Parameters
    ----------
    territory : Territory
    networks : sequence of Network
    scenario : Scenario, optional
        Its baseline's factors and assumptions count; those shipped by default.

    Returns
    -------
    list of Problem
        What is odd about features that are named, in layers that somebody brought; it stops nobody. Of an
        invented town nothing: `jumeau territory check` tells it.

    Raises
    ------
    InputError
        With every problem found, each with its layer, column, features and value.
    """
    problems = [
        Problem(
            _("the network « {network} » needs the layer « {layer} », that the territory lacks").format(
                network=network.name, layer=layer
            ),
            layer=layer,
            hint=_("map that layer in the territory file, or let « territory build » synthesise it"),
        )
        for network in networks
        for layer in network.attributes.needed
        if layer not in territory.layers
    ]
    found = check_data(territory, [network.attributes for network in networks], own_checks(networks, scenario))
    problems += [problem for problem in found if not problem.warning]
    if problems:
        raise InputError(*problems)
    own = set(territory.layers) if territory.synthetic else made_layers(territory)
    return [problem for problem in found if problem.warning and problem.features and problem.layer not in own]

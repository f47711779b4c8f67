"""Territories with all the networks that there are: built and completed, checked, written in the formats of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from jumeau.engine.checks import own_checks
from jumeau.engine.yardsticks import standing_yardsticks
from jumeau.errors import InputError, Problem, nearest
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.network import Network, discover
from jumeau.sources.build import build_from_files
from jumeau.sources.format import Format
from jumeau.sources.guard import guarded_territory
from jumeau.sources.products import PRODUCTS
from jumeau.sources.report import BuildReport
from jumeau.territory import check
from jumeau.territory.evidence import Grade, grade
from jumeau.territory.model import Territory
from jumeau.territory.residents import complete_people


def build_territory(path: Path | str, *, synthesise: bool = True, seed: int = 2025) -> tuple[Territory, BuildReport]:
    """Return the territory that a territory file describes; nothing is written.

    Parameters
    ----------
    path : Path or str
        YAML file.
    synthesise : bool
        Whether networks lay out the layers that are missing and impute missing values, all flagged.
    seed : int
        Of what is synthesised or imputed: the same seed gives the same values.

    Returns
    -------
    territory : Territory
    report : BuildReport
        What happened on the way, for people.

    Raises
    ------
    InputError
        With everything that is wrong with the files, or that stops a network from completing its layers.
    """
    networks, factors = discover(), build_factors()
    territory, report = build_from_files(
        path,
        [network.attributes for network in networks.values()],
        import_formats(),
        factors,
    )
    if synthesise:
        with guarded_territory(territory):
            territory, people = complete_people(territory)
            report = replace(report, people=people)
            for name, network in networks.items():
                table = factors[name].override(report.assumptions.get(name, {}), _("territory file"))
                territory = network.behaviour.complete(territory, table, seed)
    return territory, report


def import_formats() -> list[Format]:
    """Return what a territory file may import: the products that the territory itself is made of, and networks."""
    return [*PRODUCTS.values(), *(item for network in discover().values() for item in network.formats.values())]


def build_factors() -> dict[str, FactorTable]:
    """Return the factors that a territory file may state, by network: its own and those of completion."""
    return {name: _factors_of(network.name) for name, network in discover().items()}


@cache
def _factors_of(name: str) -> FactorTable:
    """Return one network's, the same table each time: what is made of it is made once."""
    network = discover()[name]
    return FactorTable({**network.layout_factors, **network.factors})


def check_territory(territory: Territory) -> tuple[list[Problem], list[Problem]]:
    """Return what is wrong with a territory for the networks that there are.

    Returns
    -------
    errors : list of Problem
        What would make results wrong.
    warnings : list of Problem
        What looks odd, or is missing and will be imputed.
    """
    networks = list(discover().values())
    return check.check_territory(territory, [network.attributes for network in networks], own_checks(networks))


def territory_grades(territory: Territory) -> dict[str, Grade]:
    """Return how much of each network rests on observation, by name; networks that do not declare it are left out."""
    return {name: grade(territory, network.evidence) for name, network in discover().items() if network.evidence}


def territory_yardsticks(territory: Territory) -> pd.DataFrame:
    """Return what is published of a territory beside what its layers tell; see `standing_yardsticks`."""
    return standing_yardsticks(territory, discover().values())


def writable_formats() -> Mapping[str, Network]:
    """Return the formats that can be written, each with its network, by name."""
    return {
        name: network
        for network in discover().values()
        for name, item in network.formats.items()
        if item.write is not None
    }


def export_territory(territory: Territory, name: str, path: Path) -> list[Path]:
    """Write a network of a territory in somebody else's format; return the files written.

    Parameters
    ----------
    territory : Territory
    name : str
        Name of a format that can be written.
    path : Path
        File or folder, as the format has it.

    Raises
    ------
    InputError
        When no network writes the format, the territory lacks the network's layers, or `path` cannot be written.
    """
    known = writable_formats()
    network = known.get(name)
    write = network.formats[name].write if network is not None else None
    if network is None or write is None:
        near = nearest(name, list(known))
        hint = _("did you mean « {near} »?").format(near=near) if near else ""
        names = ", ".join(f"{key} ({_(known[key].formats[key].label)})" for key in known)
        message = _("no network writes the format « {name} »; the formats: {names}").format(name=name, names=names)
        raise InputError(message, hint=hint)
    absent = [layer for layer in network.attributes.needed if not territory.has(layer)]
    if absent:
        message = _("the network « {network} » cannot be written: the territory has no feature of « {layer} »")
        hint = _("map that layer in the territory file, or let « territory build » synthesise it")
        raise InputError(
            *(Problem(message.format(network=network.name, layer=layer), layer=layer, hint=hint) for layer in absent)
        )
    return write(territory.layers, path)

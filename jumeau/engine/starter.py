"""A first scenario for a territory: the networks that it has, a few sensible measures each, comments that say why.

What is proposed of a network stands in its folder (`starter.yaml`); one without it is simulated as it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jumeau.columns import texts
from jumeau.engine.ready import make_ready
from jumeau.engine.scenario import read_scenario_text
from jumeau.errors import InputError
from jumeau.i18n import _, local
from jumeau.network import Network, discover
from jumeau.territory.model import Territory
from jumeau.yaml_file import read_yaml

FILE = "starter.yaml"


@dataclass(frozen=True)
class Proposal:
    """A measure that is proposed.

    Attributes
    ----------
    name : str
        With its network: `lighting.dimming`.
    says : str
        What it does, in words (message id).
    lines : tuple of str
        Lines of its block after its name.
    """

    name: str
    says: str
    lines: tuple[str, ...]


def present(territory: Territory) -> list[Network]:
    """Return the networks that a territory has layers for."""
    return [
        network
        for network in discover().values()
        if network.attributes.needed and all(territory.has(layer) for layer in network.attributes.needed)
    ]


def proposals(network: Network, territory: Territory) -> list[Proposal]:
    """Return the measures that are proposed of a network: those whose features the territory has."""
    found = []
    for row in _starter(network).get("measures", []):
        layer = network.measures[row["measure"]].layer
        if not territory.has(layer):
            continue
        lines = [str(line) for line in row.get("lines", [])]
        filters = []
        for column, values in row.get("where", {}).items():
            held = set(texts(territory.layers[layer], column))
            kept = [value for value in values if value in held]
            filters.append(f"{column}: [{', '.join(kept)}]" if kept else "")
        if not all(filters):
            continue
        where = [f"where: {{attributes: {{{', '.join(filters)}}}}}"] if filters else []
        found.append(Proposal(f"{network.name}.{row['measure']}", row["says"], (*where, *lines)))
    return found


def _starter(network: Network) -> Mapping[str, Any]:
    file = network.folder / FILE
    return read_yaml(file).data if file.is_file() else {}


def _assumptions(network: Network, territory: Territory) -> list[tuple[str, str]]:
    """Return lines of assumptions that are proposed of a network, each with what it does."""
    return [
        (line, row["says"])
        for row in _starter(network).get("assumptions", [])
        if territory.has(row["layer"])
        and set(row["values"]) & set(texts(territory.layers[row["layer"]], row["column"]))
        for line in row["lines"]
    ]


def starter_scenario(territory: Territory, place: str, file: Path, schema: str) -> str:
    """Return the text of a first scenario, in the current language; it can be checked and run as it is.

    Parameters
    ----------
    territory : Territory
    place : str
        The territory as the scenario names it: a path relative to its file, or a bundled name.
    file : Path
        Where the scenario is to stand: it is checked as if it stood there.
    schema : str
        Name of the schema's file, for editors.

    Raises
    ------
    InputError
        When the territory has no network to simulate, or cannot be simulated.
    """
    networks = present(territory)
    if not networks:
        hint = _("let « territory build » lay out its networks, or map their layers")
        raise InputError(_("the territory has no network to simulate"), hint=hint)
    offered = {network.name: proposals(network, territory) for network in networks}

    def text() -> str:
        return _text(territory, place, schema, networks, offered)

    try:
        make_ready(read_scenario_text(text(), file), territory)
    except InputError:
        # A measure that this territory cannot take is left out; what is wrong with the territory itself is told.
        make_ready(read_scenario_text(_text(territory, place, schema, networks, {}), file), territory)
        for name, items in offered.items():
            offered[name] = [item for item in items if _stands(item, name, text, offered, file, territory)]
    return text()


def _stands(
    item: Proposal,
    name: str,
    text: Callable[[], str],
    offered: dict[str, list[Proposal]],
    file: Path,
    territory: Territory,
) -> bool:
    """Return whether a measure can be checked alone."""
    before = dict(offered)
    offered.update({**{key: [] for key in offered}, name: [item]})
    try:
        make_ready(read_scenario_text(text(), file), territory)
    except InputError:
        return False
    finally:
        offered.update(before)
    return True


def _text(
    territory: Territory,
    place: str,
    schema: str,
    networks: Sequence[Network],
    offered: Mapping[str, Sequence[Proposal]],
) -> str:
    """Return the lines of a scenario, comments in the current language."""
    title = local(territory.title())
    names = [network.name for network in networks]
    lines = [
        f"# yaml-language-server: $schema={schema}",
        *_comment(
            _("A first scenario, to be made yours: « jumeau check » tells what it would run, « jumeau run » runs it.")
        ),
        *_comment(_("« jumeau measures » and « jumeau factors » list what can be added and assumed.")),
        f"name: {territory.name[:30].strip('_')}_first" if territory.name[:1].isalpha() else "name: first_scenario",
        f"title: {_quoted(_('First scenario: {place}').format(place=title))}",
        f"territory: {_quoted(place)}",
        "",
        *_comment(_("The networks that the territory has; leave out those that you do not ask about.")),
        f"networks: [{', '.join(names)}]",
        *_comment(_("What is simulated, both days included; a shorter period runs sooner.")),
        "period: {start: 2025-01-01, end: 2025-12-31}",
        *_comment(_("Time simulated ahead, so that the period starts in a settled state.")),
        "warmup: 60 days",
        *_comment(_("The same seed gives the same figures; before and after meet the same failures.")),
        "seed: 1",
        *_comment(_("How often chance is tried: more narrows the intervals, and takes longer.")),
        "replications: 4",
    ]
    stated = {network.name: _assumptions(network, territory) for network in networks}
    if any(stated.values()):
        lines += ["", *_comment(_("What replaces the shipped assumptions.")), "assumptions:"]
        for name, items in stated.items():
            lines += [f"  {name}:"] if items else []
            for line, says in items:
                lines += [*_comment(_(says), 4), f"    {line}"]
    lines += ["", *_comment(_("The situation before is the territory as it is; each variant is a situation after."))]
    shown = [network for network in networks if offered.get(network.name)]
    if not shown:
        return "\n".join([*lines, "variants: {}"]) + "\n"
    lines.append("variants:")
    for network in shown:
        lines += [f"  {network.name}:", f"    title: {_quoted(_(network.label))}", "    measures:"]
        lines += _measures(offered[network.name])
    if len(shown) > 1:
        lines += ["  together:", f"    title: {_quoted(_('All of them'))}", "    measures:"]
        lines += _measures([item for network in shown for item in offered[network.name]], say=False)
    return "\n".join(lines) + "\n"


def _measures(items: Sequence[Proposal], *, say: bool = True) -> list[str]:
    lines = []
    for item in items:
        lines += _comment(_(item.says), 6) if say else []
        lines += [f"      - measure: {item.name}", *(f"        {line}" for line in item.lines)]
    return lines


def _comment(text: str, indent: int = 0, width: int = 100) -> list[str]:
    """Return a comment folded at a width."""
    lines, room = [""], width - indent - 2
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return [f"{' ' * indent}# {line}" for line in lines]


def _quoted(text: str) -> str:
    """Return a text as YAML reads it back, whatever it holds."""
    return json.dumps(text, ensure_ascii=False)


def place_of(given: str, file: Path) -> str:
    """Return how a scenario in a file names a territory given on the command line."""
    from jumeau.territory.bundled import BUNDLED

    if given in BUNDLED:
        return given
    return Path(os.path.relpath(Path(given).absolute(), file.absolute().parent)).as_posix()

"""Which networks have to share one simulation, and which can be simulated one after the other.

Networks meet through crews that serve several of them, and through the board. Those that only hear what others post are
simulated after these, to whom it is repeated at the very times: what they find is the same, and a variant that leaves
them, and all that they hear, as they are needs no run of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from jumeau.network import Network
from jumeau.simulation.board import Post
from jumeau.simulation.crews import CrewSpec


@dataclass(frozen=True)
class Component:
    """Networks that are simulated together.

    Attributes
    ----------
    networks : tuple of str
        In the order of their names.
    hears : tuple of int
        Positions of the components of which something is repeated to this one.
    topics : frozenset of str
        What is repeated.
    unheard : frozenset of str
        Topics that others post and that are none of this one's business.
    posts : frozenset of str or None
        Topics that its networks may post; None where one of them does not say.
    """

    networks: tuple[str, ...]
    hears: tuple[int, ...] = ()
    topics: frozenset[str] = frozenset()
    unheard: frozenset[str] = frozenset()
    posts: frozenset[str] | None = None

    def heard(self, posts: Iterable[Post]) -> list[Post]:
        """Return those of some posts that it hears, in order of time."""
        return sorted((post for post in posts if post[1] in self.topics), key=lambda post: post[0])


def components(networks: Sequence[Network], crews: Mapping[str, CrewSpec]) -> tuple[Component, ...]:
    """Return the components of some networks, those that are heard before those that hear them.

    Parameters
    ----------
    networks : sequence of Network
        In the order of their names.
    crews : mapping of str to CrewSpec
        By network: those that name the same specification share the pool.
    """
    names = tuple(network.name for network in networks)
    if any(network.posts is None for network in networks):
        return (Component(names),) if names else ()
    by_name = {network.name: network for network in networks}
    # An arrow from who posts to who hears it; crews that are shared point both ways.
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    for one in networks:
        for other in networks:
            if one is other:
                continue
            shared = one.name in crews and other.name in crews and crews[one.name].name == crews[other.name].name
            if shared or set(one.posts or ()) & set(other.listens):
                graph.add_edge(one.name, other.name)
    condensed = nx.condensation(graph)
    order = list(nx.lexicographical_topological_sort(condensed, key=lambda node: min(condensed.nodes[node]["members"])))
    place = {node: number for number, node in enumerate(order)}
    return tuple(
        _component(
            tuple(sorted(condensed.nodes[node]["members"])),
            tuple(sorted(place[before] for before in condensed.predecessors(node))),
            by_name,
        )
        for node in order
    )


def _component(members: tuple[str, ...], hears: tuple[int, ...], by_name: Mapping[str, Network]) -> Component:
    listened = {topic for name in members for topic in by_name[name].listens}
    own = {topic for name in members for topic in by_name[name].posts or ()}
    foreign = {topic for name, network in by_name.items() if name not in members for topic in network.posts or ()}
    return Component(members, hears, frozenset(listened & foreign), frozenset(foreign - listened - own), frozenset(own))

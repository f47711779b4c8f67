"""What runs found, valued: indicators, quantities and lines of the account as arrays, by network and in total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import LINES, TOTAL, VOCABULARY, Installed, value
from jumeau.engine.parts import Part
from jumeau.engine.resolve import Draw, Situation
from jumeau.i18n import _
from jumeau.indicators import IndicatorSpec
from jumeau.network import Network, ordered
from jumeau.simulation.shared import SHARED

Floats = NDArray[np.float64]


def variables(networks: Sequence[Network]) -> Iterator[tuple[str, IndicatorSpec]]:
    """Yield what is said: owner (a network, or `total`) and specification, in the order of results.

    Totals hold the lines of the account, and the shared quantities that several networks give.
    """
    for network in networks:
        for spec in network.said:
            yield network.name, spec
    yield from ((TOTAL, spec) for spec in _total_specs(networks))


def _total_specs(networks: Iterable[Network]) -> Iterator[IndicatorSpec]:
    found: dict[str, list[IndicatorSpec]] = {}
    for network in networks:
        for spec in network.said:
            found.setdefault(spec.name, []).append(spec)
    yield from (found[name][0] for name in LINES if name in found)
    for name, quantity in VOCABULARY.items():
        if sum(name in network.quantities for network in networks) > 1:
            yield IndicatorSpec(name, quantity.label, quantity.unit, "time: sum", quantity.better, quantity.group)


def valued(
    situation: Situation, parts: Sequence[Part | None], years: float, draw: Draw | None = None
) -> dict[str, Floats]:
    """Return what some runs of a situation found, by `<owner>_<name>`, each of shape (parts,).

    Parameters
    ----------
    situation : Situation
    parts : sequence of Part or None
        A run that is missing is not a number.
    years : float
        Length of the period [year].
    draw : mapping, optional
        Factor values of a draw of uncertain assumptions, prices among them.

    Returns
    -------
    dict of str to ndarray
        One for each of `variables`.
    """
    draw = draw or {}
    source = _("draw of an uncertain assumption")
    shared = situation.shared.override(draw.get(SHARED, {}), source)
    drawn = situation.simulated(draw)
    found: dict[str, Floats] = {}
    networks = ordered(situation.networks)

    def column(kind: str, name: str) -> Floats:
        return np.array([np.nan if part is None else getattr(part, kind)[name] for part in parts], dtype=np.float64)

    for network in networks:
        item = situation.networks[network.name]
        if drawn.get(network.name):
            # What runs read may also decide what is bought.
            item = item.with_factors(drawn[network.name], source, situation.territory)
        factors = item.factors.override(draw.get(network.name, {}), source)
        quantities = {name: column("quantities", f"{network.name}_{name}") for name in network.quantities}
        lines = value(
            quantities,
            network.quantities,
            Installed.of(item.bill, years, factors),
            shared.replaced(dict(factors)),
        )
        # A network that failed has no bill to speak of either.
        gone = np.array([part is None for part in parts], dtype=bool)
        said: Mapping[str, Floats] = {
            **{name: np.where(gone, np.nan, array) for name, array in lines.items()},
            **{item.name: column("indicators", f"{network.name}_{item.name}") for item in network.indicators},
            **quantities,
        }
        found |= {f"{network.name}_{spec.name}": said[spec.name] for spec in network.said}
    for spec in _total_specs(networks):
        keys = [f"{network.name}_{spec.name}" for network in networks]
        found[f"{TOTAL}_{spec.name}"] = np.sum([found[key] for key in keys if key in found], axis=0)
    return found

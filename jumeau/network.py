"""The contract that a network fulfils, and how networks are found.

A network is one folder in `jumeau/networks/` (or a plug-in announced by the entry point group `jumeau.networks`)
whose `__init__.py` exports `NETWORK`. The engine, the report and the 3D view know networks by this contract only.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel

from jumeau.bill import Bill
from jumeau.errors import Problem
from jumeau.i18n import LocalText
from jumeau.randomness import Streams
from jumeau.simulation.place import Place
from jumeau.simulation.world import World
from jumeau.tables import AttributeTable, FactorTable
from jumeau.territory.model import Territory

Layers = Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class IndicatorSpec:
    """What one indicator is.

    Attributes
    ----------
    name : str
        Short name inside its network, for instance `energy`.
    label : str
        What a person reads (English message id).
    unit : str
        Unit, in the vocabulary of `jumeau.units`.
    cell_methods : str
        CF cell methods, for instance `time: sum`.
    better : str
        `lower`, `higher` or `neutral`.
    group : str
        Heading in tables: `energy`, `carbon`, `money`, `service`, `work`, `compliance`.
    additive : bool
        Whether values of networks can be added in a total (energy, carbon, money).
    key : bool
        Whether it belongs to the short table that the command line prints.
    """

    name: str
    label: str
    unit: str
    cell_methods: str
    better: str = "lower"
    group: str = "service"
    additive: bool = False
    key: bool = False


@dataclass(frozen=True)
class MeasureContext:
    """What a measure may look at, beside its own network's layers.

    Attributes
    ----------
    factors : FactorTable
        The network's factors, the scenario's overrides included.
    territory : Territory
        Shared layers; read only.
    """

    factors: FactorTable
    territory: Territory


@dataclass(frozen=True)
class Measured:
    """What a measure returns: new layers, what they cost, and a note for the log."""

    layers: Layers
    bill: Bill
    notes: tuple[str, ...] = ()


class MeasureFunction(Protocol):
    """A pure function: layers, the features that `where` selected, its parameters -> new layers and a bill."""

    def __call__(
        self, layers: Layers, selected: NDArray[np.bool_], parameters: Any, context: MeasureContext
    ) -> Measured:
        """Apply the measure; `selected` is aligned with the rows of the measure's layer."""
        ...


@dataclass(frozen=True)
class Measure:
    """One measure of a network.

    Attributes
    ----------
    name : str
        Key in YAML, after the network's name: `lighting.led_retrofit`.
    label : str
        What a person reads (English message id).
    layer : str
        Layer that `where` selects in.
    parameters : type of BaseModel
        Frozen pydantic model of its YAML block, without `measure` and `where`.
    apply : MeasureFunction
        The pure function.
    shown_without : bool
        Whether a variant with the measure is also shown without it, so that nobody lends it what the others bring.
    """

    name: str
    label: str
    layer: str
    parameters: type[BaseModel]
    apply: MeasureFunction
    shown_without: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one run says about one network.

    Attributes
    ----------
    indicators : mapping of str to float
        One value per `IndicatorSpec`, in its unit.
    assets : mapping of str to DataFrame
        Per-asset figures by layer, rows aligned with the layer, columns named as indicators.
    events : DataFrame
        The network's journal: time [s], kind, asset, and numbers.
    """

    indicators: Mapping[str, float]
    assets: Mapping[str, pd.DataFrame]
    events: pd.DataFrame


class Traces(Protocol):
    """A function that draws what happened in a run: layers by name, from the journal of one run."""

    def __call__(self, prepared: Prepared, events: pd.DataFrame, place: Place) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers; their names get the situation's."""
        ...


@dataclass(frozen=True)
class Prepared:
    """A network made ready for many runs: arrays computed once per variant and parameter draw.

    Attributes
    ----------
    state : object
        The network's own, opaque to the engine; must be picklable.
    notes : tuple of LocalText
        For the log and the report, which may be read in another language than that of the run.
    """

    state: Any
    notes: tuple[LocalText, ...] = ()


@dataclass(frozen=True)
class Appearance:
    """Where a network's 3D description lies."""

    path: Path
    title: str = ""


@dataclass(frozen=True)
class Network:
    """One urban network, as the engine sees it.

    Attributes
    ----------
    name, label : str
        Key in YAML and file names; what a person reads.
    folder : Path
        Where its data files lie.
    attributes, factors
        Its tables.
    assumptions : type of BaseModel
        Frozen pydantic model of its structured assumptions (profiles, schedules); single numbers are factors.
    measures : mapping of str to Measure
    indicators : tuple of IndicatorSpec
    behaviour : Behaviour
        The functions that the engine calls.
    traces : Traces, optional
        Draws what happened in the first replication, such as the ways of trucks.
    """

    name: str
    label: str
    folder: Path
    attributes: AttributeTable
    factors: FactorTable
    assumptions: type[BaseModel]
    measures: Mapping[str, Measure]
    indicators: tuple[IndicatorSpec, ...]
    behaviour: Behaviour
    dependencies: tuple[str, ...] = field(default=())
    traces: Traces | None = None

    def indicator(self, name: str) -> IndicatorSpec:
        """Return the specification of an indicator."""
        return next(item for item in self.indicators if item.name == name)


class Behaviour(Protocol):
    """What a network does."""

    def check(self, territory: Territory, factors: FactorTable, assumptions: Any) -> list[Problem]:
        """Return what is wrong with the network's layers, beyond what `attributes.csv` can say.

        What that says holds already: columns, values, geometry, names of features elsewhere. Factors and assumptions
        are those of a scenario's baseline, or as shipped.
        """
        ...

    def complete(self, territory: Territory, factors: FactorTable, seed: int) -> Territory:
        """Return the territory with this network's missing layers synthesised and missing values imputed, flagged."""
        ...

    def prepare(self, layers: Layers, assumptions: Any, factors: FactorTable, bill: Bill, world: World) -> Prepared:
        """Compute what does not depend on chance: arrays by class and period, travel distances.

        `world.place` memoises what variants share (the sun, distances along streets).
        """
        ...

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Register the network's SimPy processes in `world.env`."""
        ...

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Compute indicators and per-asset figures from the journal, after the run."""
        ...


@cache
def discover() -> Mapping[str, Network]:
    """Return every network: the folders of `jumeau.networks`, then plug-ins. Sorted by name."""
    package = importlib.import_module("jumeau.networks")
    found: dict[str, Network] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"jumeau.networks.{info.name}")
        found[module.NETWORK.name] = module.NETWORK
    for point in entry_points(group="jumeau.networks"):
        network: Network = point.load()
        if network.name in found:
            raise RuntimeError(f"two networks are called {network.name!r}")
        found[network.name] = network
    return dict(sorted(found.items()))


def ordered(names: Sequence[str]) -> list[Network]:
    """Return the networks of these names, in the order of their names."""
    networks = discover()
    return [networks[name] for name in sorted(names)]

"""The contract that a network fulfils, and how networks are found.

A network is one folder in `jumeau/networks/` (or a plug-in announced by the entry point group `jumeau.networks`)
whose `__init__.py` exports `NETWORK`. The engine, the report and the 3D view know networks by this contract only.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
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

from jumeau.accounts import LINES, TOTAL, Vocabulary, lines_of, read_quantities
from jumeau.attributes import AttributeTable, typed_layer
from jumeau.bill import Bill
from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.i18n import LocalText, add_catalogue
from jumeau.indicators import IndicatorSpec, read_indicators
from jumeau.randomness import Streams
from jumeau.reported import ReportedSpec, read_reported
from jumeau.simulation.events import EventTable, read_events
from jumeau.simulation.place import Place
from jumeau.simulation.shared import SHARED
from jumeau.simulation.world import World
from jumeau.sizeable import Sizing
from jumeau.sources.format import Format
from jumeau.study import Study, StudyTables, read_study_tables
from jumeau.territory.evidence import Evidence, read_evidence
from jumeau.territory.model import Territory
from jumeau.yardsticks import Yardstick, read_yardsticks

Layers = Mapping[str, gpd.GeoDataFrame]


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
        One value per row of `indicators.csv`, in its unit.
    quantities : mapping of str to float
        One value per row of `quantities.csv`, in its unit: what the account values.
    assets : mapping of str to DataFrame
        Per-asset figures by layer, rows aligned with the layer, columns as `attributes.csv` declares outputs.
    """

    indicators: Mapping[str, float]
    quantities: Mapping[str, float]
    assets: Mapping[str, pd.DataFrame]


class Traces(Protocol):
    """A function that draws what happened in a run: layers by name, from the journal of one run."""

    def __call__(
        self, prepared: Prepared, events: Mapping[str, pd.DataFrame], place: Place
    ) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers, given events by kind; their names get the situation's."""
        ...


class Announce(Protocol):
    """A function that schedules on the board what is known ahead of a run, before any network is installed."""

    def __call__(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Write it by `world.board.schedule`."""
        ...


#: Parts of a day by which `Network.hours` says how features vary.
HALF_HOURS = 48


class Hours(Protocol):
    """A function that says how the features of a layer vary through an ordinary day."""

    def __call__(self, layer: str, features: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
        """Return shares of the full output by half-hour of local time (n, 48); None for layers that do not vary.

        Features are as a run gives them, measures applied.
        """
        ...


@dataclass(frozen=True)
class Outside:
    """Figures of a situation that lie outside what their model means: they are printed, and nothing is concluded.

    Attributes
    ----------
    names : tuple of str
        Indicators and quantities of the network. Lines of the account that these quantities feed go with them.
    reason : LocalText
        A sentence that says why; it is told as notes are.
    """

    names: tuple[str, ...]
    reason: LocalText


@dataclass(frozen=True)
class Prepared:
    """A network made ready for many runs: arrays computed once per variant and parameter draw.

    Attributes
    ----------
    state : object
        The network's own, opaque to the engine; must be picklable.
    notes : tuple of LocalText
        For the log and the report, which may be read in another language than that of the run.
    outside : tuple of Outside
        What is not to be judged.
    """

    state: Any
    notes: tuple[LocalText, ...] = ()
    outside: tuple[Outside, ...] = ()


@dataclass(frozen=True)
class Network:
    """One urban network, as the engine sees it.

    Attributes
    ----------
    name, label : str
        Key in YAML and file names; what a person reads.
    folder : Path
        Where its data files lie.
    attributes : AttributeTable
        What its layers say, and what runs give of their features (`attributes.csv`).
    factors : FactorTable
        Every number that is not the user's (`factors.csv`).
    assumptions : type of BaseModel
        Frozen pydantic model of its structured assumptions (profiles, schedules); single numbers are factors.
    measures : mapping of str to Measure
    indicators : tuple of IndicatorSpec
        What it says beside its quantities (`indicators.csv`).
    quantities : mapping of str to Quantity
        What it uses, makes and pays (`quantities.csv`).
    events : EventTable
        What it records (`events.csv`).
    behaviour : Behaviour
        The functions that the engine calls.
    decides_on : tuple of str
        Prices of the shared list that its simulation reads since somebody in it decides by them, such as a planner of
        rounds; all others only value what was simulated.
    traces : Traces, optional
        Draws what happened in the first replication, such as the rounds of trucks.
    formats : mapping of str to Format
        The files of others that it reads or writes; their names are its own among all networks.
    layout_factors : FactorTable
        Factors that only the completion of a territory uses; a territory file may state them beside `factors`.
    reported : tuple of ReportedSpec
        Indicators of public frameworks that it can feed (`reported.csv`, which may be absent).
    yardsticks : tuple of Yardstick
        Values that others publish and that it can be held against (`yardsticks.csv`, which may be absent).
    studies : mapping of str to Study
        What it can work out about a territory as it stands, by name.
    study_tables : mapping
        Columns of their tables (`studies.csv`, which may be absent).
    hours : Hours, optional
        How its features vary through an ordinary day, for whoever shows them.
    evidence : tuple of Evidence
        What each layer and column is worth to it (`evidence.csv`, which may be absent).
    posts : tuple of str, optional
        Topics of the board that it writes in the course of a run. Where a network says so of itself, it is simulated
        apart from those that it cannot meet, and only where something that it depends on has changed. Where it does
        not, all networks are simulated together.
    listens : tuple of str
        Topics of the board that it reads and that others post; what is announced, everybody may read.
    announce : Announce, optional
        Schedules on the board what is known ahead of a run.
    sizings : mapping of str to Sizing
        Devices whose number and places it can ask for, by name.
    """

    name: str
    label: str
    folder: Path
    attributes: AttributeTable
    factors: FactorTable
    assumptions: type[BaseModel]
    measures: Mapping[str, Measure]
    indicators: tuple[IndicatorSpec, ...]
    quantities: Vocabulary
    events: EventTable
    behaviour: Behaviour
    decides_on: tuple[str, ...] = ()
    traces: Traces | None = None
    formats: Mapping[str, Format] = field(default_factory=dict)
    layout_factors: FactorTable = field(default_factory=lambda: FactorTable({}))
    reported: tuple[ReportedSpec, ...] = ()
    yardsticks: tuple[Yardstick, ...] = ()
    studies: Mapping[str, Study] = field(default_factory=dict)
    study_tables: StudyTables = field(default_factory=dict)
    hours: Hours | None = None
    evidence: tuple[Evidence, ...] = ()
    posts: tuple[str, ...] | None = None
    listens: tuple[str, ...] = ()
    announce: Announce | None = None
    sizings: Mapping[str, Sizing] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        folder: Path,
        label: str,
        assumptions: type[BaseModel],
        measures: Iterable[Measure],
        behaviour: Behaviour,
        *,
        name: str = "",
        decides_on: tuple[str, ...] = (),
        traces: Traces | None = None,
        formats: Mapping[str, Format] | None = None,
        layout_factors: FactorTable | None = None,
        studies: Iterable[Study] = (),
        hours: Hours | None = None,
        posts: tuple[str, ...] | None = None,
        listens: tuple[str, ...] = (),
        announce: Announce | None = None,
        sizings: Iterable[Sizing] = (),
    ) -> Network:
        """Return the network whose tables lie in a folder, which gives it its name unless one is given.

        Parameters
        ----------
        folder : Path
            Holds `attributes.csv`, `factors.csv`, `indicators.csv`, `quantities.csv`, `appearance.yaml`, `locale/`, and
            `events.csv` where it records anything but the work of crews.
        label, assumptions, measures, behaviour, name, decides_on, traces, formats, layout_factors, studies, hours,
        posts, listens, announce, sizings
            See the class.
        """
        return cls(
            name=name or folder.name,
            label=label,
            folder=folder,
            attributes=AttributeTable.read(folder / "attributes.csv"),
            factors=FactorTable.read(folder / "factors.csv"),
            assumptions=assumptions,
            measures={item.name: item for item in measures},
            indicators=read_indicators(folder / "indicators.csv"),
            quantities=read_quantities(folder / "quantities.csv"),
            events=read_events(folder / "events.csv"),
            behaviour=behaviour,
            decides_on=decides_on,
            traces=traces,
            formats=formats or {},
            layout_factors=layout_factors or FactorTable({}),
            reported=read_reported(folder / "reported.csv"),
            yardsticks=read_yardsticks(folder / "yardsticks.csv"),
            studies={item.name: item for item in studies},
            study_tables=read_study_tables(folder / "studies.csv"),
            hours=hours,
            evidence=read_evidence(folder),
            posts=posts,
            listens=listens,
            announce=announce,
            sizings={item.name: item for item in sizings},
        )

    def layers(self, territory: Territory) -> dict[str, gpd.GeoDataFrame]:
        """Return the network's layers of a territory, as the behaviour gets them.

        Each has every column that `attributes.csv` declares, in its type, defaults applied; one that the territory
        lacks is empty.
        """
        table = self.attributes
        return {
            name: typed_layer(territory.layer(name).reset_index(drop=True), table, name)
            if name in territory.layers
            else table.empty(name, territory.crs)
            for name in table.layers
        }

    @property
    def said(self) -> tuple[IndicatorSpec, ...]:
        """All that is said of the network: its indicators, its quantities, and the lines of the account."""
        quantities = (
            IndicatorSpec(item.name, item.label, item.unit, "time: sum", item.better, item.group, item.key == "yes")
            for item in self.quantities.values()
        )
        return (*account_specs(lines_of(self.quantities)), *self.indicators, *quantities)


def account_specs(lines: Iterable[str]) -> tuple[IndicatorSpec, ...]:
    """Return lines of the account as indicators."""
    return tuple(
        IndicatorSpec(line.name, line.label, line.unit, line.cell_methods, line.better, line.group, line.key)
        for line in (LINES[name] for name in lines)
    )


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

    def prepare(self, layers: Layers, assumptions: Any, factors: FactorTable, world: World) -> Prepared:
        """Compute what does not depend on chance: arrays by class and period, travel distances.

        Parameters
        ----------
        layers : mapping of str to GeoDataFrame
            Every layer that `attributes.csv` declares, with every column, in its type, defaults applied.
        assumptions : BaseModel
        factors : FactorTable
            Those of use `run`.
        world : World
            `world.place` memoises what variants share (the sun, distances along streets).
        """
        ...

    def install(self, prepared: Prepared, world: World, streams: Streams) -> None:
        """Register the network's SimPy processes in `world.env`."""
        ...

    def outcome(self, prepared: Prepared, world: World) -> Outcome:
        """Compute indicators, quantities and per-asset figures from the journal, after the run."""
        ...


#: Under which packages announce networks.
ENTRY_POINTS = "jumeau.networks"

#: Names that stand beside networks' in scenarios and results.
RESERVED = (SHARED, TOTAL)


@cache
def discover() -> Mapping[str, Network]:
    """Return every network: the folders of `jumeau.networks`, then plug-ins. Sorted by name.

    Raises
    ------
    ValueError
        When two networks have one name, or a name that is reserved.
    """
    package = importlib.import_module("jumeau.networks")
    found: dict[str, Network] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"jumeau.networks.{info.name}")
        found[module.NETWORK.name] = module.NETWORK
    for point in entry_points(group=ENTRY_POINTS):
        network: Network = point.load()
        if network.name in found or network.name in RESERVED:
            raise ValueError(f"the network {network.name!r} of {point.value} has a name that is taken")
        add_catalogue(network.folder / "locale")
        found[network.name] = network
    formats = [name for network in found.values() for name in network.formats]
    if len(set(formats)) < len(formats):
        raise ValueError(f"two networks announce a format of the same name: {sorted(formats)}")
    sizings = [name for network in found.values() for name in network.sizings]
    if len(set(sizings)) < len(sizings):
        raise ValueError(f"two networks size something of the same name: {sorted(sizings)}")
    return dict(sorted(found.items()))


def ordered(names: Iterable[str]) -> list[Network]:
    """Return the networks of these names, in the order of their names."""
    networks = discover()
    return [networks[name] for name in sorted(names)]

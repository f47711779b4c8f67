"""What of a network can be sized: how many devices, and where. A network may offer it; `jumeau.sizing` solves it.

A network that can say, of a territory, where its devices may stand, what happens there, and what each device saves of
it, announces that as a `Sizing`: the solvers, the tables, the files and the scenario to run are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import BillItem
from jumeau.factors import FactorTable
from jumeau.placement import PlacementProblem
from jumeau.simulation.clock import Clock
from jumeau.territory.model import Territory
from jumeau.yaml_types import Block


class PreparesWith(Protocol):
    """A function: measures, and assumptions of the network -> prepared state; both as they stand in a scenario."""

    def __call__(self, measures: Sequence[Mapping[str, Any]], assumptions: Mapping[str, Any] | None = None, /) -> Any:
        """Return the state that the network's own `prepare` makes under them."""
        ...


@dataclass(frozen=True)
class SizingContext:
    """What an instance may be made from, beside its network's layers.

    Attributes
    ----------
    factors : FactorTable
        The network's, what the user states included.
    shared : FactorTable
        Those of all networks, prices among them.
    territory : Territory
        Read only.
    prepare : callable
        Returns the state that the network's own `prepare` makes of the territory as it stands: what is sized then
        rests on the very arrays that are simulated.
    prepare_with : callable
        The same under measures and, as a second argument, assumptions of the network beside those that are stated;
        both as they stand in a scenario.
    clock : Clock
        Period of the situation before.
    """

    factors: FactorTable
    shared: FactorTable
    territory: Territory
    prepare: Callable[[], Any]
    prepare_with: PreparesWith
    clock: Clock


class SizingParameters(Block):
    """What can be said of every instance."""

    forbidden: tuple[str, ...] = ()
    """Sites where nothing may stand."""
    compulsory: tuple[str, ...] = ()
    """Sites that are chosen in any case."""


@dataclass(frozen=True)
class Deployment:
    """A choice of sites as measures of a scenario.

    Attributes
    ----------
    before : tuple of mapping
        Measures that the devices need and that the situation before has as well, as they stand in a scenario.
    measures : tuple of mapping
        Those of the variant, after them.
    assumptions : mapping
        Of the network, for a simulation of the same things as those that were counted.
    """

    measures: tuple[Mapping[str, Any], ...]
    before: tuple[Mapping[str, Any], ...] = ()
    assumptions: Mapping[str, Any] | None = None


class Deploys(Protocol):
    """A function: ids of the sites chosen -> measures."""

    def __call__(self, sites: Sequence[str]) -> Deployment:
        """Return the measures that install devices at some sites."""
        ...


@dataclass(frozen=True)
class Together:
    """What a choice of sites saves as a whole, where it is not what each saves added up.

    Attributes
    ----------
    benefit : float
        In the unit of the problem, for a year.
    error : float
        Standard error of it.
    """

    benefit: float
    error: float


class Reckons(Protocol):
    """A function: ids of the sites chosen -> what they save as a whole."""

    def __call__(self, sites: Sequence[str]) -> Together:
        """Return what devices at these sites save, all of them at work."""
        ...


@dataclass(frozen=True)
class Promise:
    """What a run has to show if the choice keeps its word.

    Attributes
    ----------
    figure : str
        Indicator or quantity of the network whose difference, after less before, is promised.
    factor : float
        Of the figure per unit of benefit, for a year: -1 where a benefit of 1 m3 lowers it by 1 m3 a year.
    uncertainty : float
        Relative half-width of what the model itself does not know, chance left out; where the choice is reckoned as a
        whole, its own error counts instead.
    reasons : tuple of str
        Why a simulation may say something else (English message ids), the likeliest first.
    """

    figure: str
    factor: float
    uncertainty: float = 0.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instance:
    """A problem of placement that a network made of a territory, and what its numbers mean.

    Attributes
    ----------
    problem : PlacementProblem
        Weights are numbers a year where nothing else is said; costs of sites those of `device`.
    device : BillItem
        One device, priced by the network's own factors.
    layer : str
        Layer that sites are features of.
    sites : GeoDataFrame
        One row a site, in the order of the problem: `site_id`, what tells where it is, geometry.
    benefit : str
        What the benefit is, in the current language.
    events : str
        What is seen, in the current language.
    units : ndarray, optional
        Devices that each site takes, shape (n,); one where absent.
    draws : ndarray, optional
        Weights of the events under draws of uncertain rates, shape (draws, m).
    worth : float
        What a unit of benefit saves in a year [EUR]; not a number where it has no price.
    deploy : Deploys, optional
        None where the network has no measure that such devices feed.
    promise : Promise, optional
        With `deploy`.
    together : Reckons, optional
        Where sites help or hinder each other beyond what the problem says: the choice is reckoned as a whole, and that
        is what is promised.
    points : int
        Numbers of sites of the curve that are reckoned so as well.
    little : float
        Share of what happens below which all sites together are not enough.
    too_little : str
        What to say then, in the current language.
    notes : tuple of str
        What was assumed, in the current language.
    """

    problem: PlacementProblem
    device: BillItem
    layer: str
    sites: gpd.GeoDataFrame
    benefit: str
    events: str
    units: NDArray[np.float64] | None = None
    draws: NDArray[np.float64] | None = None
    worth: float = float("nan")
    deploy: Deploys | None = None
    promise: Promise | None = None
    together: Reckons | None = None
    points: int = 1
    little: float = 0.0
    too_little: str = ""
    notes: tuple[str, ...] = ()


class SizingFunction(Protocol):
    """A function: typed layers and parameters -> an instance."""

    def __call__(self, layers: Mapping[str, gpd.GeoDataFrame], parameters: Any, context: SizingContext) -> Instance:
        """Make the instance."""
        ...


@dataclass(frozen=True)
class Sizing:
    """One thing of a network that can be sized.

    Attributes
    ----------
    name : str
        What the command line calls it, unique among all networks: `loggers`.
    label : str
        What a person reads (English message id).
    parameters : type of SizingParameters
        Frozen pydantic model; every key has a default.
    instance : SizingFunction
    needs : tuple of str
        Layers without which there is nothing to size.
    """

    name: str
    label: str
    parameters: type[SizingParameters]
    instance: SizingFunction
    needs: tuple[str, ...] = ()

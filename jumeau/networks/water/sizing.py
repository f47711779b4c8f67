"""What of the water network can be sized: acoustic loggers, and pressure sensors that see leaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.networks.water import devices
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.held import day_of
from jumeau.networks.water.physics.logger_graph import logger_graph
from jumeau.networks.water.physics.logger_worth import hearing_worth, pieces
from jumeau.networks.water.physics.sensitivity import instant_at, sensitivity
from jumeau.networks.water.physics.state import State
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.sampling import law_of, sample
from jumeau.simulation.installed import unavailability
from jumeau.sizeable import Deployment, Instance, Promise, Sizing, SizingContext, SizingParameters
from jumeau.units import Quantity
from jumeau.yaml_types import ClockTime

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Draws of uncertain rates.
DRAWS = 16
#: Share of leaks below which no number of pressure sensors is enough.
ENOUGH = 0.5

Range = Annotated[float, Quantity("m", minimum=1.0, maximum=2000.0)]


class LoggerSites(SizingParameters):
    """Acoustic loggers at junctions, where hidden leaks lose the most water before they are known."""

    range_metal: Range | None = None
    """How far a logger hears along metal pipes; the factor where absent."""
    range_plastic: Range | None = None
    """How far a logger hears along plastic pipes; the factor where absent."""


class PressureSites(SizingParameters):
    """Pressure sensors at junctions, so that leaks show by a fall of pressure."""

    leak: Annotated[float, Quantity("m3/h", minimum=0.01, maximum=10_000.0)] = 10.0
    """Flow of a leak."""
    hour: ClockTime = 3.0
    """Clock time at which it is looked for."""
    threshold: Annotated[float, Quantity("m", minimum=0.001, maximum=100.0)] = 0.1
    """Fall of pressure from which a sensor tells it from noise."""
    tanks: Literal["settled", "initial"] = "settled"
    """Whether tanks and pumps are as an ordinary day leaves them at that hour, or as the network first states them."""
    weights: Literal["bursts", "even"] = "bursts"
    """Whether junctions count by the hidden bursts expected around them, or alike."""
    failing_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """Share of the sensors that are out of order at any time."""


def loggers(layers: Layers, parameters: LoggerSites, context: SizingContext) -> Instance:
    """Return where loggers may stand, and what each saves: m3 a year of hidden leaks that are known sooner."""
    factors = context.factors
    metal = factors.value("logger_range_metal") if parameters.range_metal is None else parameters.range_metal
    plastic = factors.value("logger_range_plastic") if parameters.range_plastic is None else parameters.range_plastic
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    graph, linked = logger_graph(layers, metal, plastic)
    state: State = context.prepare().state
    lost, saved = hearing_worth(state)
    pipe, share, piece, node = pieces(graph)
    whole = np.flatnonzero(linked)[pipe]
    heard = factors.value("logger_sensitivity") * saved[whole] * share
    names = texts(pipes, "pipe_id").astype(str)[whole]
    events = Events.of(_numbered(names), 1.0, lost[whole] * share)
    device = devices.LOGGER.bill("acoustic_loggers", "water_junctions", ["one"], factors)[0]
    silent = unavailability(devices.LOGGER, factors, context.shared)
    failing = 1.0 - (1.0 - factors.value("logger_failing_share")) * (1.0 - silent)
    places = _junctions(junctions, device.unit_cost, failing)
    matrix = sparse.coo_matrix((heard[piece], (piece, node)), shape=(len(events), len(places)))

    def deploy(sites: Sequence[str]) -> Deployment:
        measure: dict[str, Any] = {"measure": "water.acoustic_loggers", "sites": list(sites)}
        given = {"range_metal": parameters.range_metal, "range_plastic": parameters.range_plastic}
        measure |= {name: f"{value:g} m" for name, value in given.items() if value is not None}
        return Deployment((measure,))

    notes = [
        _("a leak that is heard is known after {days} days on average").format(
            days=format_number(factors.value("logger_delay"), 1)
        )
    ]
    if state.search.metered.any():
        notes.append(_("sector meters find leaks too: what loggers add beside them is less than what is counted here"))
    return Instance(
        problem=PlacementProblem.of_savings(places, events, matrix, "m3/year"),
        device=device,
        layer="water_junctions",
        sites=_shown(junctions),
        benefit=_("water that hidden leaks no longer lose"),
        events=_("stretches of pipe"),
        draws=_drawn_rates(bursts.materials(pipes)[whole], factors),
        worth=worth_of_water(context),
        deploy=deploy,
        promise=Promise(
            "real_losses",
            -1.0,
            reasons=(
                "a year of leaks is a small sample of what is expected in the long run",
                "teams and crews queue in the simulation; the promise takes a mean delay to repair",
                "where several loggers hear one pipe, the simulation takes their mean number along it",
            ),
        ),
        notes=tuple(notes),
    )


def pressure_sensors(layers: Layers, parameters: PressureSites, context: SizingContext) -> Instance:
    """Return where pressure sensors may stand, and which leaks each sees."""
    junctions, factors = layers["water_junctions"], context.factors
    names = [str(name) for name in texts(junctions, "node_id")]
    day = day_of(layers)
    instant = instant_at(day, parameters.hour)
    drop = sensitivity(day, instant, names, names, parameters.leak, fresh=parameters.tanks == "initial")
    weight = np.full(len(names), 1.0 / max(len(names), 1))
    if parameters.weights == "bursts":
        weight = _hidden_bursts(layers, context.prepare().state)
    device = devices.PRESSURE_SENSOR.bill("pressure_sensors", "water_junctions", ["one"], factors)[0]
    sites = _junctions(junctions, device.unit_cost, parameters.failing_share)
    even = parameters.weights == "even"
    problem = PlacementProblem.of_cover(
        sites,
        Events.of(names, weight),
        sparse.csr_matrix(drop >= parameters.threshold),
        "1" if even else "1/year",
    )
    told = _(
        "pressure sensors alone are not enough: even one at every junction would see {share} % of these leaks; size "
        "acoustic loggers and sector meters instead"
    )
    return Instance(
        problem=problem,
        device=device,
        layer="water_junctions",
        sites=_shown(junctions),
        benefit=_("share of leaks that are seen") if even else _("hidden leaks that are seen"),
        events=_("leaks"),
        little=ENOUGH,
        too_little=told,
        notes=(
            _(
                "a leak of {flow} m3/h at each junction at {hour} h lowers the pressure by {fall} m or more where it "
                "is seen"
            ).format(
                flow=format_number(parameters.leak, 1),
                hour=format_number(instant.clock, 2),
                fall=format_number(parameters.threshold, 2),
            ),
        ),
    )


def worth_of_water(context: SizingContext) -> float:
    """Return what a cubic metre that is no longer lost saves: treatment and electricity [EUR/m3]."""
    electricity = context.factors.value("specific_energy") * context.shared.value("electricity_price")
    return context.factors.value("marginal_cost") + electricity


def _drawn_rates(material: NDArray[np.object_], factors: FactorTable) -> Floats:
    """Return relative rates of hidden leaks by event, under draws of what is assumed of materials.

    Each material's condition, and the frequency of bursts, have the law of their factor's range. Repairs that are on
    record narrow this; they are not reckoned with.
    """
    names = [f"condition_{name}" for name in np.unique(material.astype(str))]
    every = {name: law_of(factors[name]) for name in (*names, "mains_bursts")}
    drawn = sample({name: law for name, law in every.items() if law is not None}, DRAWS, seed=1)
    scale = {name: drawn[name] / factors.value(name) if name in drawn else np.ones(DRAWS) for name in every}
    found = np.stack([scale[f"condition_{name}"] for name in material.astype(str)], axis=1)
    return np.asarray(found * scale["mains_bursts"][:, None], dtype=np.float64)


def _hidden_bursts(layers: Layers, state: State) -> Floats:
    """Return the hidden leaks expected a year around each junction: half of those of each pipe at each end."""
    rate = sum((item.rate * item.relative for item in state.families if item.hidden), start=np.zeros(state.count))
    rows = {str(name): row for row, name in enumerate(texts(layers["water_junctions"], "node_id"))}
    found = np.zeros(len(rows))
    for column in ("from_node", "to_node"):
        for name, each in zip(texts(layers["water_pipes"], column).astype(str), rate, strict=True):
            if name in rows:
                found[rows[name]] += each / 2.0
    return found


def _junctions(junctions: gpd.GeoDataFrame, cost: float, failing: float) -> Sites:
    shapes = junctions.geometry
    return Sites.of(
        texts(junctions, "node_id").astype(str), cost, failure=failing, x=shapes.x.to_numpy(), y=shapes.y.to_numpy()
    )


def _shown(junctions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"site_id": texts(junctions, "node_id").astype(str), "elevation": numbers(junctions, "elevation")},
        geometry=junctions.geometry.to_numpy(),
        crs=junctions.crs,
    )


def _numbered(names: NDArray[Any]) -> NDArray[np.object_]:
    """Return names made unique by their number of appearance: `P1/1`, `P1/2`."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name}/{seen[name]}")
    return np.array(found, dtype=object)


SIZINGS = (
    Sizing("loggers", "Acoustic loggers", LoggerSites, loggers, ("water_pipes", "water_junctions")),
    Sizing(
        "pressure_sensors",
        "Pressure sensors that see leaks",
        PressureSites,
        pressure_sensors,
        ("water_pipes", "water_junctions"),
    ),
)

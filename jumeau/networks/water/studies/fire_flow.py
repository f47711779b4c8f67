"""Fire defence: what each hydrant gives at the residual pressure, at the hour at which customers take the most."""

from __future__ import annotations

from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import numbers, texts
from jumeau.errors import shorten
from jumeau.i18n import _, format_number
from jumeau.networks.water.layout.hydrants import attached, spaced_hydrants
from jumeau.networks.water.physics.fire import FireFlow, fire_flow
from jumeau.networks.water.physics.held import Layers, day_of, held
from jumeau.networks.water.physics.served import customers_at, served
from jumeau.study import Studied, Study, StudyContext
from jumeau.units import Quantity
from jumeau.yaml_types import Block

Floats = NDArray[np.float64]

#: Verdicts, from the best.
COMPLIANT, LIGHT_ONLY, INSUFFICIENT, UNREACHED = "compliant", "light_risk_only", "insufficient", "no_pipe_near"


class FireFlowParameters(Block):
    """Tell what each hydrant gives at 1 bar at the peak hour, and whether that is enough."""

    risk: Literal["ordinary", "light"] = "ordinary"
    """Risk that hydrants without a flow of their own (`required_flow`) have to cover."""
    spacing: Annotated[float, Quantity("m", minimum=10.0, maximum=5000.0)] | None = None
    """Spacing along mains of the hydrants that stand for a layer that is missing; the factor where absent."""
    reach: Annotated[float, Quantity("m", minimum=0.1, maximum=500.0)] = 30.0
    """A hydrant farther than this from every pipe is left out."""


def study(layers: Layers, parameters: FireFlowParameters, context: StudyContext) -> Studied:
    """Return what each hydrant gives, and which connections no compliant hydrant is near to."""
    factors = context.factors
    known = layers["water_hydrants"]
    spacing = factors.value("hydrant_spacing") if parameters.spacing is None else parameters.spacing
    hydrants = known if len(known) else spaced_hydrants(layers, spacing)
    network, node = attached(layers, hydrants, parameters.reach)
    there = node != ""
    usual = factors.value(f"fire_flow_{parameters.risk}")
    wanted = numbers(hydrants, "required_flow", usual)
    residual = factors.value("fire_residual_pressure")
    kv = _kv(hydrants, factors.value("hydrant_kv"))
    junctions = list(texts(network["water_junctions"], "node_id").astype(str))
    day = day_of(network)
    found: list[FireFlow | None] = [None] * len(hydrants)
    with held(day, day.peak, list(node[there])) as hour:
        calm = hour.pressures(junctions)
        storage = hour.storage(list(texts(network["water_tanks"], "node_id").astype(str)))
        for row in np.flatnonzero(there):
            found[row] = fire_flow(
                hour, node[row], junctions, wanted=float(wanted[row]), residual=residual, kv=float(kv[row])
            )
    behind = served(layers, numbers(layers["water_pipes"], "length") / 1000.0, factors).customers
    customers = customers_at(layers, junctions, behind)
    table = _table(hydrants, node, wanted, found, factors.value("fire_flow_light"))
    table["origin"] = texts(hydrants, "origin", "observed")
    low = factors.value("minimum_service_pressure")
    table["customers_below_minimum"] = [
        float(customers[(item.elsewhere < low) & (calm >= low)].sum()) if item is not None else 0.0 for item in found
    ]
    table["lowest_elsewhere"] = [float(item.elsewhere.min()) if item is not None else np.nan for item in found]
    reach = factors.value(f"fire_distance_{parameters.risk}")
    far = _undefended(layers, table, reach)
    compliant = (table["verdict"] == COMPLIANT).to_numpy()
    reserve = float(usual * factors.value("fire_duration"))
    return Studied(
        tables={"hydrants": table, "undefended": far},
        summary={
            "hydrants": len(table),
            "compliant": int(compliant.sum()),
            "compliant_share": 100.0 * float(compliant.mean()) if len(table) else np.nan,
            "median_flow": float(table["flow"].median()) if len(table) else np.nan,
            "undefended_connections": len(far),
            "peak_hour": day.peak.clock,
            "peak_demand": float(day.demand.max()),
            "storage": storage,
            "reserve": reserve,
        },
        notes=_notes(hydrants, there, spacing, storage, reserve),
    )


def _kv(hydrants: gpd.GeoDataFrame, usual: float) -> Floats:
    """Return the flow coefficient of hydrants: that of the factor at 100 mm, by the square of the diameter."""
    return np.asarray(usual * (numbers(hydrants, "diameter", 100.0) / 100.0) ** 2, dtype=np.float64)


def _table(
    hydrants: gpd.GeoDataFrame, node: NDArray[np.object_], wanted: Floats, found: list[FireFlow | None], light: float
) -> gpd.GeoDataFrame:
    flow = np.array([item.flow if item is not None else np.nan for item in found])
    verdict = np.select(
        [node == "", flow >= wanted, flow >= light], [UNREACHED, COMPLIANT, LIGHT_ONLY], INSUFFICIENT
    ).astype(object)
    return gpd.GeoDataFrame(
        {
            "hydrant_id": texts(hydrants, "hydrant_id"),
            "node_id": node,
            "static_pressure": [item.rest if item is not None else np.nan for item in found],
            "flow": flow,
            "required_flow": wanted,
            "pressure_at_required": [item.at_wanted if item is not None else np.nan for item in found],
            "measured_flow": numbers(hydrants, "measured_flow"),
            "verdict": verdict,
        },
        geometry=hydrants.geometry.to_numpy(),
        crs=hydrants.crs,
    )


def _undefended(layers: Layers, table: gpd.GeoDataFrame, reach: float) -> gpd.GeoDataFrame:
    """Return the connections farther than the reach, as the crow flies, from every compliant hydrant."""
    connections = layers["water_connections"]
    shapes = connections.geometry.to_numpy()
    points = shapely.get_coordinates(shapely.centroid(shapes))
    good = table[(table["verdict"] == COMPLIANT) & table.geometry.notna()]
    away = np.full(len(connections), np.inf)
    if len(good) and len(connections):
        away = cKDTree(shapely.get_coordinates(good.geometry.to_numpy())).query(points)[0]
    far = away > reach
    return gpd.GeoDataFrame(
        {
            "connection_id": texts(connections, "connection_id")[far],
            "distance": np.where(np.isfinite(away[far]), away[far], np.nan),
        },
        geometry=shapes[far],
        crs=connections.crs,
    )


def _notes(
    hydrants: gpd.GeoDataFrame, there: NDArray[np.bool_], spacing: float, storage: float, reserve: float
) -> tuple[str, ...]:
    found = []
    if "origin" in hydrants:
        text = _(
            "the territory has no layer « water_hydrants »: {count} synthetic ones, {spacing} m apart, stand for it"
        )
        found.append(text.format(count=len(hydrants), spacing=format_number(spacing)))
    if not there.all():
        names = shorten(texts(hydrants, "hydrant_id")[~there].astype(str).tolist())
        found.append(_("{count} hydrant(s) are near no pipe ({ids})").format(count=int((~there).sum()), ids=names))
    if storage < reserve:
        text = _("tanks hold {volume} m3 at that hour, less than the {reserve} m3 that a fire takes")
        found.append(text.format(volume=format_number(storage), reserve=format_number(reserve)))
    found.append(_("one hydrant at a time; the flow that firemen find also depends on the hydrant's own state"))
    return tuple(found)


FIRE_FLOW = Study(
    "fire_flow",
    "Fire defence: flow of each hydrant at 1 bar, at the peak hour",
    FireFlowParameters,
    study,
    ("water_pipes", "water_junctions"),
)

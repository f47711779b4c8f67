"""Traffic where the territory has none: links, zones, demand, signals, spaces, vehicles, from streets and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.assignment import Demand, equilibrium
from jumeau.attributes import typed_layer
from jumeau.columns import numbers
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.layout.gaps import gaps_of, healed, pieces
from jumeau.networks.mobility.layout.links import connectors, links_of
from jumeau.networks.mobility.layout.parking import inhabited, parking_of
from jumeau.networks.mobility.layout.rules import SYNTHESIS
from jumeau.networks.mobility.layout.signals import signals_of
from jumeau.networks.mobility.layout.zones import zoning
from jumeau.networks.mobility.physics import calibration
from jumeau.networks.mobility.physics.commuters import commuters_of
from jumeau.networks.mobility.physics.day import KINDS, day_shape
from jumeau.networks.mobility.physics.demand import demand_of, gravity_trips
from jumeau.networks.mobility.physics.parking_demand import accumulation, arrivals
from jumeau.networks.mobility.physics.supply import Supply, supply_of
from jumeau.networks.mobility.physics.transit import TIMETABLE
from jumeau.networks.mobility.tables import ATTRIBUTES
from jumeau.territory.check import check_layer
from jumeau.territory.graph import StreetGraph, road_classes
from jumeau.territory.model import Territory


def complete(territory: Territory, factors: FactorTable, seed: int = 0) -> Territory:
    """Return the territory with what traffic needs; what is added is flagged, what is observed is kept.

    Parameters
    ----------
    territory : Territory
        With `streets`; people come from `population` and `addresses`, counts from `traffic_counts`.
    factors : FactorTable
        Factors of the network; those of `synthesis_factors.csv` serve beside them.
    seed : int
        Of the networks over which flows are averaged where counts are met.
    """
    table = SYNTHESIS.factors(factors)
    if not territory.has("streets"):
        return _without(territory, ATTRIBUTES.needed)
    given = [name for name in ("traffic_links", "traffic_zones") if name in territory.layers]
    if len(given) == 1:
        raise InputError(
            Problem(
                _("links and zones of traffic belong together, and only one of them is there"),
                hint=_("give « traffic_links » and « traffic_zones », or leave both to be made"),
                layer=given[0],
            )
        )
    if not given:
        territory = laid_out(territory, table)
    if not territory.has("traffic_links"):
        return territory
    values = {name: factor.value for name, factor in table.items()}
    blank = ATTRIBUTES.empty("traffic_signals", territory.crs)
    supply = supply_of(
        {
            "traffic_links": _typed(territory, "traffic_links"),
            "traffic_zones": _typed(territory, "traffic_zones"),
            "traffic_signals": blank,
        },
        values,
    )
    if "traffic_demand" not in territory.layers:
        territory = _with_demand(territory, supply, table, seed, zones_given=bool(given))
    elif wrong := [item for item in check_layer(territory, "traffic_demand", ATTRIBUTES) if not item.warning]:
        raise InputError(*wrong)
    if not {"traffic_signals", "parking"} <= set(territory.layers):
        trips = demand_of(_typed(territory, "traffic_demand"), supply, values)
        territory = _with_crossings(territory, supply, trips, values, table)
    return _with_vehicles(territory, table)


def _typed(territory: Territory, name: str) -> gpd.GeoDataFrame:
    """Return a layer as physics reads it: every column, defaults applied."""
    return typed_layer(territory.layers[name], ATTRIBUTES, name)


def _without(territory: Territory, names: Sequence[str]) -> Territory:
    """Return the territory with empty layers where it lacks them: there is nothing to make them of."""
    absent = [name for name in names if name not in territory.layers]
    return SYNTHESIS.lay_out(territory, {name: ATTRIBUTES.empty(name, territory.crs) for name in absent})


def laid_out(territory: Territory, table: FactorTable) -> Territory:
    """Return the territory with links and zones made from its streets and people.

    Parameters
    ----------
    territory : Territory
    table : FactorTable
        Factors of the network and of its synthesis.
    """
    arcs = StreetGraph.whole(territory.layers["streets"])
    if not len(arcs.street):
        return _without(territory, ("traffic_zones", "traffic_links", "traffic_demand"))
    streets = territory.layers["streets"]
    gaps = gaps_of(arcs, streets, road_classes(streets)[arcs.street], table)
    drawn = np.arange(len(arcs.street) + int(gaps.outward.sum() + gaps.inward.sum())) < len(arcs.street)
    arcs = healed(arcs, gaps)
    made = zoning(territory, arcs, table)
    links = links_of(territory, arcs.taken(made.kept & drawn), table)
    parts = [links, connectors(made.zones, made.joins, territory, table)]
    if (added := made.kept & ~drawn).any():
        missing = arcs.taken(added)
        parts.insert(1, pieces(missing, links_of(territory, missing, table), streets))
    layer = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=territory.crs)
    for name in ("heavy", "cycleway"):
        layer[name] = layer[name].fillna(name == "heavy").astype(bool)
    left = int((~made.kept & drawn).sum())
    note = _("{count} of {all} arcs have no return route").format(
        count=format_number(left), all=format_number(int(drawn.sum()))
    )
    notes = [note] if left else []
    if len(gaps):
        joined = _("{count} gaps of main roads joined: {gaps}")
        notes.append(joined.format(count=len(gaps), gaps=", ".join(gaps.told(streets, arcs))))
    layers = {"traffic_zones": made.zones, "traffic_links": layer}
    return SYNTHESIS.lay_out(territory, layers, dict.fromkeys(layers, "; ".join(notes)))


def _with_demand(
    territory: Territory, supply: Supply, table: FactorTable, seed: int, *, zones_given: bool
) -> Territory:
    """Add trips between the zones, and what passes the gates that tell nothing of it."""
    zones = territory.layers["traffic_zones"]
    note, values = "", {name: factor.value for name, factor in table.items()}
    seen = {name: _typed(territory, name) for name in (*TIMETABLE, "commuter_flows") if territory.has(name)}
    if any(table[name].overridden for name in ("workers_share", "local_jobs_share")):
        # Who states these shares knows better than the census.
        seen.pop("commuter_flows", None)
    if territory.has("traffic_counts"):
        layers = {name: _typed(territory, name) for name in ("traffic_zones", "traffic_counts", "traffic_links")}
        layers |= seen
        made = calibration.calibrate(layers, supply, values, seed)
        trips, note = made.trips, made.note
        if len(made.flows) and not zones_given:
            territory = _with_ensemble(territory, supply, made)
    else:
        typed = _typed(territory, "traffic_zones")
        trips = gravity_trips(typed, supply, values, seen)
    note = "; ".join(filter(None, [note, *_told(seen, float(numbers(zones, "residents", 0.0).sum()))]))
    # Less than one vehicle in twenty days is nobody.
    kind, origin, destination = np.nonzero(trips >= 0.05)
    frame = gpd.GeoDataFrame(
        {
            "demand_id": [f"D{row:06d}" for row in range(1, len(kind) + 1)],
            "origin": supply.zones[origin],
            "destination": supply.zones[destination],
            "kind": np.array(KINDS, dtype=object)[kind],
            "trips": trips[kind, origin, destination].round(3),
        },
        geometry=[None] * len(kind),
        crs=territory.crs,
    )
    crossing = trips.sum(axis=0)
    gates = ~inhabited(zones)[supply.zone_row]
    passing = np.full(len(zones), np.nan)
    passing[supply.zone_row] = np.where(gates, crossing.sum(axis=0) + crossing.sum(axis=1), np.nan)
    layers = {"traffic_demand": frame}
    if not zones_given:
        # What stood there was the weight of the roads.
        layers["traffic_zones"] = zones.assign(crossing=passing.round(0))
    territory = SYNTHESIS.lay_out(territory, layers, dict.fromkeys(layers, note))
    rule = "vehicles of the demand that pass the gate"
    return SYNTHESIS.fill(territory, "traffic_zones", "crossing", passing.round(0), rule)


def _told(seen: Mapping[str, gpd.GeoDataFrame], residents: float) -> list[str]:
    """Return what of the demand rests on a timetable or on flows of commuters."""
    notes = []
    if "transit_links" in seen:
        notes.append(_("shares of the modes by the timetable of public transport"))
    if "commuter_flows" in seen:
        found = commuters_of(seen, residents)
        if found is None:
            text = _("flows of commuters are not those of so many residents, and are left aside: {residents}")
            notes.append(text.format(residents=format_number(residents, 0)))
        else:
            shares = [100.0 * found.local / max(total, 1e-9) for total in (found.living, found.working)]
            text = _("commuters as observed: {living} % of workers stay, {working} % of jobs are held by residents")
            notes.append(text.format(living=format_number(shares[0], 0), working=format_number(shares[1], 0)))
    return notes


def _with_ensemble(territory: Territory, supply: Supply, made: calibration.Calibrated) -> Territory:
    """Tell on each link what the ensemble says of it; connectors are no streets."""
    mean = made.flows.mean(axis=0)
    columns = {"ensemble_vehicles": mean, "ensemble_spread": made.flows.std(axis=0)}
    if made.curve is not None:
        columns["expected_vehicles"] = made.curve(mean)
    rule = "mean day of an ensemble of networks with drawn times, demand met with counts"
    for name, values in columns.items():
        found = np.full(len(territory.layers["traffic_links"]), np.nan)
        found[supply.row[~supply.connector]] = values[~supply.connector].round(1)
        territory = SYNTHESIS.fill(territory, "traffic_links", name, found, rule, "synthetic")
    return territory


def _with_crossings(
    territory: Territory, supply: Supply, trips: np.ndarray, values: dict[str, float], table: FactorTable
) -> Territory:
    """Lay out signals by the flows of a mean day, and spaces by those who arrive."""
    added: dict[str, gpd.GeoDataFrame] = {}
    if "traffic_signals" not in territory.layers:
        # The mean of the hours in which people are about: a sixteenth of the day.
        whole = trips.sum(axis=0)
        mean = Demand.of(0.5 * (whole + whole.T) / 16.0)
        found = equilibrium(supply.links, mean, gap=1e-3, names=supply.zones.tolist())
        ends = np.zeros((len(supply.nodes), 2))
        lines = territory.layers["traffic_links"].geometry.to_numpy()[supply.row]
        ends[supply.links.head] = shapely.get_coordinates(shapely.get_point(lines, -1)).reshape(-1, 2)
        street = ~supply.connector
        nearest = shapely.get_coordinates(shapely.get_point(lines[street], -1)).reshape(-1, 2)
        ends[supply.links.head[street]] = nearest
        added["traffic_signals"] = signals_of(supply, 16.0 * found.total, ends, table).set_crs(territory.crs)
    if "parking" not in territory.layers:
        arriving = arrivals(trips, day_shape(values), values)
        peak = np.zeros(len(supply.zones))
        peak[supply.zone_row] = accumulation(arriving, values).max(axis=1)
        added["parking"] = parking_of(territory, territory.layers["traffic_zones"], peak, table)
    return SYNTHESIS.lay_out(territory, added)


def _with_vehicles(territory: Territory, table: FactorTable) -> Territory:
    zones = territory.layers["traffic_zones"]
    inside = inhabited(zones)
    residents = np.where(inside, numbers(zones, "residents", 0.0), 0.0)
    cars = float(residents.sum()) * table.value("car_ratio")
    electric = table.value("electric_cars")
    added: dict[str, gpd.GeoDataFrame] = {}
    if "vehicle_fleets" not in territory.layers:
        town = float(np.ceil(residents.sum() / 1000.0 * table.value("fleet_ratio")))
        added["vehicle_fleets"] = gpd.GeoDataFrame(
            {
                "fleet_id": ["municipal", "private"],
                "owner": ["municipal", "private"],
                "vehicles": [town, round(cars)],
                "distance": [table.value("fleet_distance"), np.nan],
                "electric": [0.0, electric],
            },
            geometry=[None, None],
            crs=territory.crs,
        )
    if "charge_points" not in territory.layers:
        number = int(np.ceil(cars * electric / table.value("station_cars")))
        chosen = np.argsort(-residents, kind="stable")[: min(number, int(inside.sum()))]
        added["charge_points"] = gpd.GeoDataFrame(
            {
                "station_id": [f"B{row:03d}" for row in range(1, len(chosen) + 1)],
                **ATTRIBUTES.defaults("charge_points", "use"),
                "points": 2,
                **ATTRIBUTES.defaults("charge_points", "power"),
            },
            geometry=zones.geometry.to_numpy()[chosen],
            crs=territory.crs,
        )
    return SYNTHESIS.lay_out(territory, added)

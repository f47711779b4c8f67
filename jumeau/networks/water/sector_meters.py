"""The measure that closes the borders of sectors but for few metered links, and watches their night flow."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.bill import Bill, BillItem
from jumeau.columns import changed, flags, texts
from jumeau.errors import shorten
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.network import Layers, MeasureContext, Measured
from jumeau.networks.water import devices
from jumeau.networks.water.parameters import SectorMeters
from jumeau.networks.water.physics.sector_topology import NONE
from jumeau.networks.water.sectorisation import Plan, plan_of, stations

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MEASURE = "sector_meters"


def sector_meters(layers: Layers, selected: Bools, parameters: SectorMeters, context: MeasureContext) -> Measured:
    """Close the borders of the selected sectors by valves, as far as pressure allows it, and meter what stays open."""
    sectors = layers["water_sectors"]
    done = int((selected & flags(sectors, "metered")).sum())
    notes = (_("{count} sector(s) have a meter already").format(count=done),) if done and not parameters.anew else ()
    if not len(layers["water_pipes"]) or (not parameters.anew and done == int(selected.sum())):
        return Measured(layers, (), notes)
    plan = plan_of(layers, selected, parameters, context.factors)
    new = _sectors(_gates(_pipes(layers, plan), plan), plan, selected, anew=parameters.anew)
    return Measured(new, _bill(plan, parameters, context.factors), (*notes, *_notes(layers, plan, parameters)))


def _pipes(layers: Layers, plan: Plan) -> Layers:
    """Return the layers with the sector of each pipe, and what stands where it leads to another one."""
    pipes, topology, found = layers["water_pipes"], plan.topology, plan.crossings
    count = topology.pipes
    before, boundary, at = (texts(pipes, name) for name in ("sector_id", "sector_boundary", "boundary_node"))
    sector = np.concatenate([plan.names, [""]])[plan.zoning.pipe].astype(object)
    device = np.full(count, "", dtype=object)
    place = np.full(count, "", dtype=object)
    status = texts(pipes, "status", "open").copy()
    on_pipe = found.link < count
    decided = on_pipe & (plan.planned | plan.known)
    for rows, kind in ((decided & plan.metered, "metered"), (decided & ~plan.metered, "closed")):
        device[found.link[rows]] = kind
        place[found.link[rows]] = topology.nodes[found.node[rows]]
    status[found.link[on_pipe & ~plan.metered]] = "closed"
    shut, nodes = plan.shut
    device[shut], place[shut] = "closed", topology.nodes[nodes]
    # What other sectors have at their borders stays.
    kept = (device == "") & (boundary != "") & (sector == before)
    device, place = np.where(kept, boundary, device), np.where(kept, at, place)
    touched = (sector != before) | (device != boundary) | (place != at) | (status != texts(pipes, "status", "open"))
    values = {"sector_id": sector, "sector_boundary": device, "boundary_node": place}
    new = changed(layers, "water_pipes", touched, MEASURE, {**values, "status": status})
    table = new["water_pipes"]
    # Where nothing stands, nothing is said.
    return {**new, "water_pipes": table.assign(**{name: table[name].where(table[name] != "", None) for name in values})}


def _gates(layers: Layers, plan: Plan) -> Layers:
    """Return the layers with the pumps and valves that are metered."""
    metered = set(plan.crossings.link[(plan.planned | plan.known) & plan.metered].tolist())
    first = plan.topology.pipes
    for name in ("water_pumps", "water_valves"):
        rows = np.isin(np.arange(first, first + len(layers[name])), sorted(metered))
        first += len(layers[name])
        new = rows & ~flags(layers[name], "metered")
        if new.any():
            layers = changed(layers, name, new, MEASURE, {"metered": True})
    return layers


def _sectors(layers: Layers, plan: Plan, selected: Bools, *, anew: bool) -> Layers:
    """Return the layers with the sectors that are watched, drawn anew where it was asked for."""
    from jumeau.networks.water.layout.sectors import outlines  # Shapely's unions are for those who draw

    sectors, pipes = layers["water_sectors"], layers["water_pipes"]
    closed = np.zeros(len(plan.names), dtype=np.int64)
    both = plan.crossings.sectors()[plan.planned & ~plan.metered]
    np.add.at(closed, both[both >= 0], 1)
    for row in plan.shut[0].tolist():
        ends = {int(plan.zoning.node[side[row]]) for side in (plan.topology.start, plan.topology.end)} - {NONE}
        closed[sorted(ends)] += 1
    chosen = selected
    if anew:
        kept = sectors[~selected]
        known = texts(pipes, "sector_id")
        drawn = outlines(
            pipes.geometry.to_numpy(), np.where(np.isin(known, plan.names[len(kept) :]), known, ""), pipes.crs
        )
        fresh = pd.DataFrame({"sector_id": plan.names[len(kept) :]}).merge(drawn, on="sector_id", how="left")
        table = pd.concat([kept, fresh.reindex(columns=sectors.columns)], ignore_index=True)
        sectors = gpd.GeoDataFrame(table, geometry="geometry", crs=pipes.crs)
        layers = {**layers, "water_sectors": sectors}
        chosen = np.arange(len(sectors)) >= len(kept)
    return changed(
        layers,
        "water_sectors",
        chosen,
        MEASURE,
        {"metered": True, "meters": plan.meters.astype(np.float64), "closed_valves": closed.astype(np.float64)},
    )


def _bill(plan: Plan, parameters: SectorMeters, factors: FactorTable) -> Bill:
    """Return the meters, by layer and by size, and the valves."""
    topology, found = plan.topology, plan.crossings
    station = stations(topology, found)
    layer, name = topology.layer[found.link], topology.name[found.link]
    diameter = topology.diameter[found.link]
    new = plan.planned & plan.metered
    bill: list[BillItem] = []
    for key in ("water_pipes", "water_pumps", "water_valves"):
        rows = new & station & (layer == key)
        bill += devices.STATION_METER.bill(MEASURE, key, list(name[rows]), factors, price=parameters.unit_cost)
    tables = (
        (new & ~station, devices.SECTOR_METERS, parameters.unit_cost),
        (plan.planned & ~plan.metered, devices.SECTOR_VALVES, parameters.valve_cost),
    )
    for chosen, table, price in tables:
        least = 0.0
        for limit, device in table:
            rows = chosen & (diameter > least) & (diameter <= limit)
            bill += device.bill(MEASURE, "water_pipes", list(name[rows]), factors, price=price)
            least = limit
    return tuple(bill)


def _notes(layers: Layers, plan: Plan, parameters: SectorMeters) -> tuple[str, ...]:
    """Return what the reader should know of the sectors."""
    watched = np.flatnonzero(plan.chosen)
    meters, closed = int((plan.planned & plan.metered).sum()), int((plan.planned & ~plan.metered).sum())
    text = _("{count} sector(s): {meters} metered link(s), {most} at most for one of them; {closed} valve(s) closed")
    most = int(plan.meters[watched].max(initial=0))
    found = [text.format(count=len(watched), meters=meters, most=most, closed=closed)]
    if plan.before is not None and plan.after is not None and len(plan.after.lowest):
        text = _("lowest pressure at customers on the busiest day: {before} m with open borders, {after} m once closed")
        low = [format_number(float(run.lowest.min()), 1) for run in (plan.before, plan.after)]
        found.append(text.format(before=low[0], after=low[1]))
    lacking = plan.crossings.part_sector[plan.feeds.missing > 0.0]
    if len(lacking):
        text = _("pressure falls by {gap} m more than allowed, whatever border stays open, in: {ids}")
        names = [str(plan.names[row]) for row in np.unique(lacking[lacking >= 0])]
        found.append(text.format(gap=format_number(float(plan.feeds.missing.max()), 1), ids=shorten(names)))
    over = watched[plan.meters[watched] > parameters.max_feeds]
    if len(over) and parameters.boundaries == "closed":
        text = _(
            "{count} sector(s) have more than {most} metered links, since pressure, large mains, pumps or reducing "
            "valves ask for them ({ids})"
        )
        names = [str(plan.names[row]) for row in over]
        found.append(text.format(count=len(over), most=parameters.max_feeds, ids=shorten(names)))
    pieces = plan.in_pieces()
    if pieces:
        text = _("{count} sector(s) lie in pieces that only mains outside of them join ({ids})")
        found.append(text.format(count=len(pieces), ids=shorten(pieces)))
    before = texts(layers["water_pipes"], "sector_id")
    after = np.concatenate([plan.names, [""]])[plan.zoning.pipe]
    gone = (before != after) & (before != "") & (not parameters.anew)
    for rows, text in (
        (
            gone & (after != ""),
            _("{count} pipe(s) go over to the sector beside them: no border can be there"),
        ),
        (gone & (after == ""), _("{count} pipe(s) that serve nobody lead water to other sectors, and are in none")),
    ):
        if rows.any():
            found.append(text.format(count=int(rows.sum())))
    return tuple(found)

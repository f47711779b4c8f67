"""A plausible collection where the territory has none: bins, columns, depot, trucks and rounds of the calendar."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, rows_of, texts, totals
from jumeau.factors import FactorTable
from jumeau.networks.waste.layout.fleet import add_fleet, add_places, add_services, wheeled_bins
from jumeau.networks.waste.layout.rules import SYNTHESIS
from jumeau.networks.waste.physics.roads import CLASSES, roads_of
from jumeau.networks.waste.physics.stop_order import stated_orders
from jumeau.networks.waste.tables import ATTRIBUTES
from jumeau.territory.completion import missing
from jumeau.territory.model import Territory
from jumeau.territory.partition import bisect
from jumeau.territory.people import people_at

#: Why a container has a round although the territory does not say it.
ROUND_RULE = "by the round sheet that names their site"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def complete(territory: Territory, factors: FactorTable) -> Territory:
    """Return the territory with a whole collection; what is added is flagged, what is observed is kept.

    Parameters
    ----------
    territory : Territory
        Without `waste_containers`, bins and columns are laid out for `addresses` (or `buildings`) along `streets`.
        With them, sites, tonnages, depot, trucks and rounds are added where they lack. A layer without features is a
        fact: it stays empty.
    factors : FactorTable
        Factors of the network; those of `synthesis_factors.csv` serve beside them.
    """
    table = SYNTHESIS.factors(factors)
    if "waste_containers" not in territory.layers:
        territory = _laid_out(territory, table)
    territory = _with_sites(territory)
    territory = _with_rates(territory, table)
    if not territory.has("waste_containers"):
        return territory
    territory = SYNTHESIS.lay_out(territory, add_services(territory))
    territory = SYNTHESIS.lay_out(territory, add_places(territory, table))
    territory = _with_rounds(territory)
    added, names = add_fleet(territory, table)
    territory = SYNTHESIS.lay_out(territory, added)
    rule = SYNTHESIS.rules["waste_rounds"]
    return SYNTHESIS.fill(territory, "waste_containers", "round_id", names, rule, "synthetic")


def _with_rounds(territory: Territory) -> Territory:
    """Give containers without a round the one whose sheet names their site and whose stream is theirs."""
    if not territory.has("waste_rounds"):
        return territory
    layers = {name: territory.layers[name] for name in ("waste_rounds", "waste_stops") if name in territory.layers}
    stream_of = dict(zip(*(texts(layers["waste_rounds"], name) for name in ("round_id", "stream")), strict=True))
    of = {(site, stream_of.get(name)): name for name, sites in stated_orders(layers).items() for site in sites}
    if not of:
        return territory
    containers = territory.layers["waste_containers"]
    pairs = zip(texts(containers, "site_id"), texts(containers, "stream"), strict=True)
    names = np.array([of.get(pair, "") for pair in pairs], dtype=object)
    return SYNTHESIS.fill(territory, "waste_containers", "round_id", names, ROUND_RULE, "imputed")


def residents(territory: Territory, factors: FactorTable) -> gpd.GeoDataFrame:
    """Return the places where people live, in the order of their identifiers, with a column `residents`."""
    if territory.has("addresses"):
        frame, key = territory.layer("addresses"), "address_id"
    elif territory.has("buildings"):
        frame = territory.layer("buildings")
        frame = frame[np.isin(texts(frame, "use", "residential"), ("residential", "mixed"))]
        frame, key = frame.set_geometry(frame.representative_point()), "building_id"
    else:
        return gpd.GeoDataFrame({"residents": []}, geometry=[], crs=territory.crs)
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    frame = frame.iloc[np.argsort(texts(frame, key).astype(str), kind="stable")].reset_index(drop=True)
    people, _jobs = people_at(territory, frame, factors.value("layout_persons_per_dwelling"))
    return frame.assign(residents=people)


def _laid_out(territory: Territory, factors: FactorTable) -> Territory:
    homes = residents(territory, factors)
    homes = homes[homes["residents"] > 0.0].reset_index(drop=True)
    if not territory.has("streets") or not len(homes):
        return SYNTHESIS.lay_out(territory, {name: ATTRIBUTES.empty(name, territory.crs) for name in ATTRIBUTES.needed})
    usable = _usable(territory, factors)
    kerb_sites, kerb = _kerbside(territory, homes, usable, factors)
    drop_sites, drop = _drop_off(homes, territory.layers["streets"].geometry.to_numpy()[usable], factors, territory.crs)
    sites = gpd.GeoDataFrame(pd.concat([kerb_sites, drop_sites], ignore_index=True), crs=territory.crs)
    containers = gpd.GeoDataFrame(pd.concat([kerb, drop], ignore_index=True), crs=territory.crs)
    return SYNTHESIS.lay_out(territory, {"waste_sites": sites, "waste_containers": containers})


def _usable(territory: Territory, factors: FactorTable) -> Ints:
    """Return the rows of the streets that trucks may use; all of them where there is none."""
    streets = territory.layers["streets"]
    rates = {f"speed_{name}": factors.value(f"speed_{name}") for name in (*CLASSES, "other")}
    roads = roads_of(streets, rates, factors.value("street_width"))
    usable = np.unique(roads.graph.street[np.isfinite(roads.seconds)])
    return usable if len(usable) else np.arange(len(streets))


def _kerbside(
    territory: Territory, homes: gpd.GeoDataFrame, usable: Ints, factors: FactorTable
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return one site per piece of street, at the middle of its addresses, and its bins."""
    streets = territory.layers["streets"]
    lines = streets.geometry.to_numpy()
    points = homes.geometry.to_numpy()
    street = usable[shapely.STRtree(lines[usable]).query_nearest(points, all_matches=False)[1]]
    along = shapely.line_locate_point(lines[street], points)
    pieces = np.maximum(np.ceil(shapely.length(lines) / factors.value("layout_stop_length")), 1.0)
    length = shapely.length(lines) / pieces
    piece = np.minimum(np.floor(along / np.maximum(length[street], 1e-9)), pieces[street] - 1.0).astype(np.int64)
    keys, group = np.unique(np.stack([street, piece], axis=1), axis=0, return_inverse=True)
    group = group.ravel()
    people = totals(group, homes["residents"], len(keys))
    middle = pd.Series(along).groupby(group).median().to_numpy(dtype=np.float64)
    places = shapely.line_interpolate_point(lines[keys[:, 0]], middle)
    # More people than a stop can serve are those of several stops at the same place.
    stops = np.maximum(np.ceil(people / factors.value("layout_stop_residents")), 1.0).astype(np.int64)
    keys, people, places = (np.repeat(item, stops, axis=0) for item in (keys, people / stops, places))
    names = np.array([f"K{row:05d}" for row in range(1, len(keys) + 1)], dtype=object)
    sites = gpd.GeoDataFrame(
        {
            "site_id": names,
            "kind": "kerbside",
            "street_id": texts(streets, "street_id")[keys[:, 0]],
            "residents": people,
        },
        geometry=places,
        crs=territory.crs,
    )
    bins = [_bins(stream, names, people, factors) for stream in ("residual", "packaging")]
    columns = pd.concat(bins, ignore_index=True)
    return sites, gpd.GeoDataFrame(columns, geometry=np.tile(places, len(bins)), crs=territory.crs)


def _bins(stream: str, names: NDArray[np.object_], people: Floats, factors: FactorTable) -> pd.DataFrame:
    # Paper goes into the same bin as light packaging.
    paper = factors.value("tonnage_paper") if stream == "packaging" else 0.0
    mass = people * (factors.value(f"tonnage_{stream}") + paper) / 365.0
    density = factors.value(f"density_{stream}")
    falls = mass / density * 1000.0 * factors.value(f"layout_{stream}_days")
    volume = factors.value("layout_bin_volume")
    count = np.maximum(np.ceil(falls * factors.value("layout_bin_margin") / volume), 1.0)
    return pd.DataFrame(
        {
            "container_id": [f"{name}-{stream}" for name in names],
            "site_id": names,
            "stream": stream,
            "kind": "wheeled_bin",
            "volume": volume,
            "count": count.astype(np.int64),
            "mass_rate": mass,
        }
    )


def _drop_off(
    homes: gpd.GeoDataFrame, lines: NDArray[np.object_], factors: FactorTable, crs: Any
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return one site for so many residents, on the street nearest to the middle of its catchment, and its column."""
    people = homes["residents"].to_numpy(dtype=np.float64)
    xy = shapely.get_coordinates(homes.geometry.to_numpy())
    number = max(round(float(people.sum()) / factors.value("layout_column_residents")), 1)
    group = bisect(xy, people, number)
    size = int(group.max()) + 1
    served = totals(group, people, size)
    centre = np.stack([totals(group, people * xy[:, axis], size) / served for axis in range(2)], axis=1)
    away = np.hypot(*(xy - centre[group]).T)
    order = np.lexsort((away, group))
    nearest = order[np.unique(group[order], return_index=True)[1]]
    middle = homes.geometry.to_numpy()[nearest]
    street = lines[shapely.STRtree(lines).query_nearest(middle, all_matches=False)[1]]
    places = shapely.line_interpolate_point(street, shapely.line_locate_point(street, middle))
    names = np.array([f"V{row:04d}" for row in range(1, size + 1)], dtype=object)
    mass = served * factors.value("tonnage_glass") * factors.value("layout_glass_share") / 365.0
    sites = gpd.GeoDataFrame(
        {"site_id": names, "kind": "drop_off", "street_id": None, "residents": served}, geometry=places, crs=crs
    )
    volume = factors.value("layout_column_volume")
    columns = gpd.GeoDataFrame(
        {
            "container_id": [f"{name}-glass" for name in names],
            "site_id": names,
            "stream": "glass",
            "kind": "drop_off_column",
            "volume": volume,
            "count": 1,
            "mass_rate": mass,
        },
        geometry=places,
        crs=crs,
    )
    return sites, columns


def _with_sites(territory: Territory) -> Territory:
    """Give containers without a site one: those that name the same site, else each its own."""
    containers = territory.layers["waste_containers"]
    if "waste_sites" in territory.layers:
        return territory
    if not len(containers):
        sites = ATTRIBUTES.empty("waste_sites", territory.crs)
        return SYNTHESIS.lay_out(territory, {"waste_sites": sites}, origin="imputed")
    own = np.array([f"S-{name}" for name in texts(containers, "container_id")], dtype=object)
    territory = SYNTHESIS.fill(territory, "waste_containers", "site_id", own, "each its own site")
    named = texts(territory.layers["waste_containers"], "site_id")
    first = np.unique(named.astype(str), return_index=True)[1]
    drop = ~wheeled_bins(containers)
    sites = gpd.GeoDataFrame(
        {"site_id": named[first], "kind": np.where(drop[first], "drop_off", "kerbside")},
        geometry=containers.geometry.to_numpy()[first],
        crs=territory.crs,
    )
    return SYNTHESIS.lay_out(territory, {"waste_sites": sites}, origin="imputed")


def _with_rates(territory: Territory, factors: FactorTable) -> Territory:
    """Give containers without a tonnage theirs: residents go to the nearest site of each stream."""
    if not territory.has("waste_containers") or not territory.has("waste_sites"):
        return territory
    containers, sites = territory.layer("waste_containers"), territory.layers["waste_sites"]
    gap = missing(containers, "mass_rate")
    if not gap.any():
        return territory
    rate = np.full(len(containers), np.nan)
    homes = residents(territory, factors)
    site = rows_of(texts(sites, "site_id"), texts(containers, "site_id"))
    streams = texts(containers, "stream")
    volume = numbers(containers, "volume", 1.0)
    volume = volume * numbers(containers, "count", ATTRIBUTES.default("waste_containers", "count"))
    for stream in sorted(set(streams[gap])):
        mine = np.flatnonzero((streams == stream) & (site >= 0))
        if not len(mine):
            continue  # their sites do not exist: the check tells of it
        places = sites.geometry.to_numpy()[site[mine]]
        near = shapely.STRtree(places).query_nearest(homes.geometry.to_numpy(), all_matches=False)[1]
        people = totals(near, homes["residents"], len(mine)) if len(homes) else np.zeros(len(mine))
        # Containers of one place share its residents by their volume.
        alike = np.unique(site[mine], return_inverse=True)[1].ravel()
        part = volume[mine] / totals(alike, volume[mine], int(alike.max()) + 1)[alike]
        people = totals(alike, people, int(alike.max()) + 1)[alike] * part
        share = factors.value("layout_glass_share") if stream == "glass" else 1.0
        found = people * factors.value(f"tonnage_{stream}") * share / 365.0
        # Maps of containers are rarely complete: nobody brings waste to what is full at once.
        weekly = volume[mine] / 1000.0 * factors.value(f"density_{stream}") / 7.0
        rate[mine] = np.minimum(found, weekly)
    rule = "residents of the nearest site of each stream, national tonnages; at most what fills it in a week"
    return SYNTHESIS.fill(territory, "waste_containers", "mass_rate", rate, rule)

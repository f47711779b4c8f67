"""Services, depot, disposal site, trucks and rounds of the calendar, where the territory says nothing of them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, rows_of, texts
from jumeau.factors import FactorTable
from jumeau.networks.waste.physics.site_work import halts, lifts
from jumeau.networks.waste.physics.state import STREAMS
from jumeau.networks.waste.physics.week import WEEKDAYS
from jumeau.networks.waste.tables import ATTRIBUTES
from jumeau.territory.graph import StreetGraph
from jumeau.territory.model import Territory
from jumeau.territory.partition import bisect

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Most weeks between two passes of a calendar.
LONGEST = 8


def _table(columns: dict[str, object], crs: object) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(columns)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), crs=crs), crs=crs)


def wheeled_bins(containers: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which containers are wheeled bins, the others being emptied by a crane; shape (n,)."""
    return np.asarray(texts(containers, "kind", ATTRIBUTES.default("waste_containers", "kind")) == "wheeled_bin")


def add_services(territory: Territory) -> dict[str, gpd.GeoDataFrame]:
    """Return a service of the calendar for each stream that has containers."""
    if "waste_services" in territory.layers:
        return {}
    streams = set(texts(territory.layers["waste_containers"], "stream"))
    names = [name for name in STREAMS if name in streams]
    columns: dict[str, object] = {"stream": names, **ATTRIBUTES.defaults("waste_services", "policy", "weekdays")}
    return {"waste_services": _table(columns, territory.crs)}


def add_places(territory: Territory, factors: FactorTable) -> dict[str, gpd.GeoDataFrame]:
    """Return a depot and a disposal site."""
    found: dict[str, gpd.GeoDataFrame] = {}
    sites = shapely.get_coordinates(territory.layers["waste_sites"].geometry.to_numpy())
    centre = sites.mean(axis=0)
    nodes = sites
    if territory.has("streets"):
        graph = StreetGraph.build(territory.layers["streets"])
        nodes = graph.xy if len(graph.nodes) else sites
    away = np.hypot(*(nodes - centre).T)
    if "waste_depots" not in territory.layers:
        spot = nodes[int(np.argmax(away))]
        buildings = territory.layers.get("buildings")
        if buildings is not None:
            works = buildings[texts(buildings, "use") == "industrial"]
            if len(works):
                place = shapely.get_coordinates(works.representative_point().to_numpy())
                middle = place[int(np.argmin(np.hypot(*(place - place.mean(axis=0)).T)))]
                spot = nodes[int(np.argmin(np.hypot(*(nodes - middle).T)))]
        found["waste_depots"] = gpd.GeoDataFrame(
            {"depot_id": ["D1"], **ATTRIBUTES.defaults("waste_depots", "extra_distance", "chargers")},
            geometry=[shapely.Point(spot)],
            crs=territory.crs,
        )
    if "waste_disposal" not in territory.layers:
        depots = found.get("waste_depots", territory.layers.get("waste_depots"))
        known = depots is not None and len(depots)
        depot = shapely.get_coordinates(depots.geometry.iloc[0])[0] if known and depots is not None else centre
        outer = np.flatnonzero(away >= np.quantile(away, 0.98))
        exit_ = nodes[outer[int(np.argmin(np.hypot(*(nodes[outer] - depot).T)))]]
        inside = float(np.hypot(*(exit_ - depot))) / 1000.0
        beyond = max(factors.value("layout_disposal_distance") - inside, 0.0)
        found["waste_disposal"] = gpd.GeoDataFrame(
            {
                "disposal_id": ["E1"],
                "streams": [None],
                **ATTRIBUTES.defaults("waste_disposal", "opens", "closes"),
                "bays": [_bays(territory, factors)],
                "extra_distance": [round(beyond, 1)],
            },
            geometry=[shapely.Point(exit_)],
            crs=territory.crs,
        )
    return found


def _bays(territory: Territory, factors: FactorTable) -> int:
    """Return as many bays as let the day's loads through in three hours, two at the least."""
    mass = float(numbers(territory.layers["waste_containers"], "mass_rate", 0.0).sum()) * 7.0 / 5.0
    loads = mass / (0.7 * factors.value("layout_payload"))
    return max(int(np.ceil(loads * factors.value("unloading_time") / 180.0)), 2)


@dataclass(frozen=True)
class Stock:
    """The containers of a territory as rounds see them; shapes (n,)."""

    site: Ints
    xy: Floats
    volume: Floats
    capacity: Floats
    mass: Floats
    flow: Floats
    wheeled: NDArray[np.bool_]
    stream: NDArray[np.object_]

    @classmethod
    def of(cls, territory: Territory, factors: FactorTable) -> Stock:
        """Read the layers."""
        frame, sites = territory.layers["waste_containers"], territory.layers["waste_sites"]
        streams = texts(frame, "stream")
        usual = np.array([factors.value(f"density_{name}") for name in streams], dtype=np.float64)
        mass = numbers(frame, "mass_rate", 0.0)
        site = rows_of(texts(sites, "site_id"), texts(frame, "site_id"))
        volume = numbers(frame, "volume")
        return cls(
            site,
            shapely.get_coordinates(sites.geometry.to_numpy())[np.maximum(site, 0)],
            volume,
            volume * numbers(frame, "count", ATTRIBUTES.default("waste_containers", "count")),
            mass,
            mass / numbers(frame, "density", usual) * 1000.0,
            wheeled_bins(frame),
            streams,
        )


def add_fleet(territory: Territory, factors: FactorTable) -> tuple[dict[str, gpd.GeoDataFrame], NDArray[np.object_]]:
    """Return trucks and rounds, and the round that empties each container, shape (n,), empty where there is none."""
    given = texts(territory.layers["waste_containers"], "round_id")
    fixed = _of_calendar(territory)
    found: dict[str, gpd.GeoDataFrame] = {}
    rounds: list[dict[str, object]] = []
    names = given.copy()
    if "waste_rounds" not in territory.layers:
        stock = Stock.of(territory, factors)
        for stream in [name for name in STREAMS if name in fixed]:
            mine = np.flatnonzero((stock.stream == stream) & (given == "") & (stock.site >= 0))
            if len(mine):
                label, described = _rounds(stock, mine, stream, factors)
                rounds += described
                names[mine] = np.array([item["round_id"] for item in described], dtype=object)[label]
        if rounds:
            found["waste_rounds"] = _table({key: [item[key] for item in rounds] for key in rounds[0]}, territory.crs)
    if "waste_trucks" not in territory.layers:
        found["waste_trucks"] = _trucks(territory, rounds, factors)
        if "waste_rounds" in found:
            kerb, crane = _kinds(territory)
            of = dict.fromkeys(crane, "crane") | dict.fromkeys(kerb, "kerbside")
            frame = found["waste_rounds"]
            found["waste_rounds"] = frame.assign(truck_id=[of[stream] for stream in frame["stream"]])
    return found, names


def _of_calendar(territory: Territory) -> set[str]:
    services = territory.layers["waste_services"]
    policy = texts(services, "policy", ATTRIBUTES.default("waste_services", "policy"))
    return set(texts(services, "stream")[policy == "calendar"])


def _rounds(stock: Stock, mine: Ints, stream: str, factors: FactorTable) -> tuple[Ints, list[dict[str, object]]]:
    """Return the round of each container of a stream, and the rounds: parts of about the same work."""
    wheeled = bool(stock.wheeled[mine].any())
    if wheeled:
        days = factors.value(f"layout_{stream}_days") if stream in ("residual", "packaging") else 7.0
    else:
        fill = stock.flow[mine].sum() / stock.capacity[mine].sum()
        days = min(factors.value("calendar_fill") / max(fill, 1e-9), 7.0 * LONGEST)
    weeks = max(round(days / 7.0), 1)
    passes = max(round(7.0 / days), 1) if days < 7.0 else 1
    interval = 7.0 * weeks / passes
    kinds = np.where(stock.wheeled[mine], "kerbside", "column")
    at_site = np.array([factors.value(f"site_time_{kind}") for kind in kinds])
    one = np.where(stock.wheeled[mine], factors.value("lift_time_bin"), factors.value("lift_time_column"))
    number = lifts(
        stock.flow[mine] * interval,
        stock.volume[mine],
        stock.capacity[mine],
        stock.wheeled[mine],
        _values(factors, "set_out_fill"),
    )
    spacing = np.array(
        [factors.value("layout_stop_spacing" if kind == "kerbside" else "layout_column_spacing") for kind in kinds]
    )
    work = (
        at_site * np.where(stock.wheeled[mine], halts(number, _values(factors, "lifts_per_stop")), 1.0) + number * one
    )
    work += spacing / (factors.value("speed_other") / 3.6)
    work += _dumping(stock, mine, interval, factors)
    # The way out and home, and the break, are no work at sites.
    hours = ATTRIBUTES.defaults("waste_trucks", "shift_from", "shift_to")
    shift = (hours["shift_to"] - hours["shift_from"]) * 3600.0
    way = 2.0 * factors.value("layout_disposal_distance") / factors.value("speed_extra") * 3600.0
    whole = 0.85 * (shift - way - factors.value("unloading_time") * 60.0)
    label = bisect(stock.xy[mine], work, int(np.ceil(work.sum() / whole)))
    described: list[dict[str, object]] = []
    for row in range(int(label.max()) + 1):
        first = row % 5
        # Twice a week: Monday and Thursday, Tuesday and Friday, …
        chosen = sorted({(first + round(part * 5.0 / passes)) % 5 for part in range(passes)})
        described.append(
            {
                "round_id": f"{stream}-{row + 1:02d}",
                "stream": stream,
                "weekdays": " ".join(WEEKDAYS[day] for day in chosen),
                "every": weeks,
                "first_week": row // 5 % weeks,
            }
        )
    return label, described


def _values(factors: FactorTable, *names: str) -> dict[str, float]:
    return {name: factors.value(name) for name in names}


def _dumping(stock: Stock, mine: Ints, interval: float, factors: FactorTable) -> Floats:
    """Return the share of the unloadings that each container asks for [s], half of them being that of each round."""
    way = 2.0 * factors.value("layout_disposal_distance") / factors.value("speed_extra") * 3600.0
    wheeled = stock.wheeled[mine]
    body = np.where(
        wheeled, factors.value("layout_body") * factors.value("layout_compaction"), factors.value("layout_body_column")
    )
    volume = stock.flow[mine] * interval / 1000.0 / body
    share = np.maximum(volume, stock.mass[mine] * interval / factors.value("layout_payload"))
    return np.asarray(share * (way + factors.value("unloading_time") * 60.0) * 0.5, dtype=np.float64)


def _kinds(territory: Territory) -> tuple[list[str], list[str]]:
    """Return the streams collected with bins, and those collected with a crane."""
    frame = territory.layers["waste_containers"]
    streams = texts(frame, "stream")
    wheeled = wheeled_bins(frame)
    kerb = [name for name in STREAMS if (wheeled & (streams == name)).any()]
    return kerb, [name for name in STREAMS if (streams == name).any() and name not in kerb]


def _trucks(territory: Territory, rounds: list[dict[str, object]], factors: FactorTable) -> gpd.GeoDataFrame:
    kerb, crane = _kinds(territory)
    rows: list[dict[str, object]] = []
    for name, streams in (("kerbside", kerb), ("crane", crane)):
        if not streams:
            continue
        bins = name == "kerbside"
        rows.append(
            {
                "truck_id": name,
                "streams": " ".join(streams),
                "count": _busiest([item for item in rounds if item["stream"] in streams]),
                **ATTRIBUTES.defaults("waste_trucks", "energy"),
                "body": factors.value("layout_body" if bins else "layout_body_column"),
                "compaction": factors.value("layout_compaction") if bins else 1.0,
                "payload": factors.value("layout_payload"),
                "crew": int(factors.value(f"layout_crew_{'kerbside' if bins else 'column'}")),
                **ATTRIBUTES.defaults("waste_trucks", "shift_from", "shift_to"),
            }
        )
    return _table({key: [row[key] for row in rows] for key in rows[0]}, territory.crs)


def _busiest(rounds: list[dict[str, object]]) -> int:
    """Return the most rounds of one day."""
    days: dict[tuple[int, int], float] = {}
    for item in rounds:
        every = int(str(item["every"]))
        for week in range(LONGEST):
            if (week - int(str(item["first_week"]))) % every == 0:
                for word in str(item["weekdays"]).split():
                    key = (week, WEEKDAYS.index(word))
                    days[key] = days.get(key, 0.0) + 1.0
    return int(max(days.values(), default=1))

"""Figures of a mean working day that chance does not touch: of the whole network, and of each feature."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, rows_of, texts
from jumeau.networks.mobility.physics.counts import Counts, Fit, counts_of
from jumeau.networks.mobility.physics.day import HOURS, workday_scale
from jumeau.networks.mobility.physics.emissions import energy_of
from jumeau.networks.mobility.physics.state import Day
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.networks.mobility.physics.totals import HEAVY, LIGHT, QUANTITIES, Meter
from jumeau.units import ratio

Floats = NDArray[np.float64]

#: Figures of the whole network; missing where there is no traffic.
OVERALL = ("access", "access_worst", "signal_delay", "count_r2", "count_geh")

#: Hours among which the busiest one of a morning is sought.
_MORNING = slice(6, 10)


class Figures:
    """The figures of one day.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    day : Day
    meter : Meter
        Of the links of the day.
    """

    def __init__(self, layers: Mapping[str, gpd.GeoDataFrame], day: Day, meter: Meter) -> None:
        self.layers = layers
        self.day = day
        self.meter = meter
        self.supply = meter.supply
        self.street = ~self.supply.connector

    @cached_property
    def vehicles(self) -> Floats:
        """Vehicles of each hour, shape (24, m)."""
        return np.asarray(self.day.flow[:, LIGHT] + self.day.flow[:, HEAVY] / self.meter.values["heavy_units"])

    @cached_property
    def counts(self) -> Counts:
        """The counts that lie on links in use."""
        return counts_of(self.layers["traffic_counts"], self.supply, self.meter.values["count_years"])

    @cached_property
    def at_counts(self) -> Floats:
        """Vehicles of a mean day where they are counted."""
        return self.counts.modelled(self.vehicles.sum(axis=0) / workday_scale(self.meter.values))

    @cached_property
    def access(self) -> Floats:
        """Jobs that each zone reaches by car, fewer the longer it takes, shape (zones,).

        References
        ----------
        W. G. Hansen, "How accessibility shapes land use", Journal of the American Institute of Planners 25, 1959.
        """
        jobs = numbers(self.layers["traffic_zones"], "jobs")[self.supply.zone_row]
        return np.asarray(np.exp(-self.meter.values["access_decay"] * self.day.cost) @ jobs)

    @cached_property
    def signal_delay(self) -> tuple[Floats, Floats]:
        """Delay of all vehicles at each signalised crossing on a working day [s], and how many pass it."""
        lost, passed = (np.zeros(len(self.layers["traffic_signals"])) for _item in range(2))
        entering = np.flatnonzero(self.supply.signal >= 0)
        for hour, made in enumerate(self.day.signals):
            if made is None or not len(entering):
                continue
            flow = self.day.flow[hour].sum(axis=0)
            late = made.delay(flow + self.day.cruising[hour])[entering]
            np.add.at(lost, self.supply.signal[entering], late * flow[entering])
            np.add.at(passed, self.supply.signal[entering], flow[entering])
        return lost, passed

    @cached_property
    def beyond(self) -> tuple[float, float]:
        """Share of the time driven on streets where more than `delay_range` of the capacity is asked for, and the most.

        The equilibrium gives times for flows that no street carries; they grow with a power of the flow, and mean
        nothing far above the capacity. Streets whose time does not depend on flow are left out.
        """
        flow = self.day.flow.sum(axis=1)
        capacity = np.stack([self._capacity(hour) for hour in range(HOURS)])
        load = np.where(self.street & (self.supply.links.b > 0.0), flow / capacity, 0.0)
        spent = np.where(self.street, flow * self.day.time, 0.0)
        above = load > self.meter.values["delay_range"]
        return ratio(float(spent[above].sum()), float(spent.sum())), float(load.max(initial=0.0))

    def overall(self) -> dict[str, float]:
        """Return the figures of the network; see `OVERALL`."""
        lost, passed = (float(item.sum()) for item in self.signal_delay)
        return {**self._equity(), "signal_delay": ratio(lost, passed), **self._fit()}

    def features(self) -> dict[str, dict[str, Floats]]:
        """Return the figures of links, zones and crossings, by layer and column."""
        zones = np.full(len(self.layers["traffic_zones"]), np.nan)
        zones[self.supply.zone_row] = self.access
        zones[texts(self.layers["traffic_zones"], "kind") != "internal"] = np.nan
        lost, passed = self.signal_delay
        mean = np.divide(lost, passed, out=np.full(len(lost), np.nan), where=passed > 0.0)
        return {
            "traffic_links": self._links(),
            "traffic_zones": {"access": zones},
            "traffic_signals": {"delay": mean},
        }

    def _equity(self) -> dict[str, float]:
        """Return the jobs that residents reach by car, and those of the tenth of residents who reach the fewest."""
        people = numbers(self.layers["traffic_zones"], "residents")[self.supply.zone_row]
        if people.sum() <= 0.0:
            return {"access": 0.0, "access_worst": 0.0}
        order = np.argsort(self.access, kind="stable")
        before = np.cumsum(people[order]) - people[order]
        part = np.clip(0.1 * people.sum() - before, 0.0, people[order])
        return {
            "access": float(np.average(self.access, weights=people)),
            "access_worst": float((self.access[order] * part).sum() / part.sum()),
        }

    def _fit(self) -> dict[str, float]:
        """Return how well flows meet the counts on which nothing was calibrated."""
        judged = self.counts.held_out
        daily = Fit.of(self.at_counts[judged], self.counts.vehicles[judged])
        counted = judged & ~np.isnan(self.counts.morning)
        peak = self.counts.modelled(self.vehicles[_MORNING].max(axis=0))
        hourly = Fit.of(peak[counted], self.counts.morning[counted])
        return {"count_r2": daily.r2, "count_geh": 100.0 * hourly.geh5}

    def _links(self) -> dict[str, Floats]:
        size, supply, day = len(self.layers["traffic_links"]), self.supply, self.day
        peak = int(np.argmax(self.vehicles[:, self.street].sum(axis=1)))
        taken = np.zeros((len(QUANTITIES), len(supply.links)))
        for hour in range(HOURS):
            taken += self.meter.by_link(day.flow[hour], day.time[hour])
        used = {name: taken[QUANTITIES.index(name)] for name in ("petrol", "diesel", "electricity")}
        figures = {
            "vehicles": self.vehicles.sum(axis=0),
            "peak_vehicles": self.vehicles[peak],
            **{f"flow_{hour:02d}": self.vehicles[hour] for hour in range(HOURS)},
            "peak_speed": supply.length / day.time[peak] * 3.6,
            "saturation": day.flow[peak].sum(axis=0) / self._capacity(peak),
            "delay": (self.vehicles * (day.time - supply.links.free_time)).sum(axis=0) / 3600.0,
            **used,
            "energy": energy_of(np.stack(list(used.values())), self.meter.values),
            "nox": taken[QUANTITIES.index("nox")],
        }
        found = {}
        for name, value in figures.items():
            found[name] = np.full(size, np.nan)
            found[name][supply.row[self.street]] = value[self.street]
        if len(self.counts):
            found["count_residual"] = np.full(size, np.nan)
            residual = self.at_counts - self.counts.vehicles
            for place in (self.counts.first, np.where(self.counts.second >= 0, self.counts.second, self.counts.first)):
                found["count_residual"][supply.row[place]] = residual
        return found

    def _capacity(self, hour: int) -> Floats:
        """Return what links carry in an hour, their signals included [pcu/h]."""
        usual, made = self.supply.links.capacity, self.day.signals[hour]
        return usual if made is None else np.where(made.green < 1.0, np.minimum(usual, made.capacity), usual)


def street_delay(supply: Supply, time: Floats, streets: gpd.GeoDataFrame | None) -> Floats:
    """Return the time on each street over that without traffic, the mean of both directions, shape (24, streets).

    Parameters
    ----------
    supply : Supply
    time : ndarray, shape (24, m)
        [s].
    streets : GeoDataFrame or None
        The layer `streets`.
    """
    names = np.zeros(0, dtype=str) if streets is None else texts(streets, "street_id").astype(str)
    row = rows_of(names, supply.street.astype(str))
    known = (row >= 0) & ~supply.connector
    # A count of nothing is made of whole numbers, whatever its weights are.
    free = np.bincount(row[known], supply.links.free_time[known], len(names)).astype(np.float64)
    spent = np.stack([np.bincount(row[known], each[known], len(names)) for each in time]).astype(np.float64)
    return np.asarray(np.divide(spent, free, out=np.ones_like(spent), where=free > 0.0))

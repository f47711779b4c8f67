"""Renewal plan by risk: expected yearly cost of the bursts of each main, and what a yearly budget renews first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.renewal import plan, renewal_order
from jumeau.networks.water.studies.isolation import shut_off
from jumeau.simulation.shared import shared_factors
from jumeau.study import Studied, Study, StudyContext
from jumeau.units import Quantity
from jumeau.yaml_types import Block, Money

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Year that ages are counted to where nothing tells one.
USUAL_YEAR = 2025

#: A valve that names no pipe stands on the nearest one within this distance [m].
VALVE_REACH = 5.0


class RenewalParameters(Block):
    """Rank mains by the yearly cost of their bursts, and plan their renewal within a yearly budget."""

    budget: Money | None = None
    """Money to spend each year; the price of the factor for 1 % of the length where absent."""
    years: Annotated[int, Field(ge=1, le=100)] = 10
    """Years of the plan."""
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    """First year; the year after the last in which a pipe was laid where absent."""
    cost: Annotated[float, Quantity("EUR/km", minimum=0.0)] | None = None
    """Cost of renewal; the factor where absent."""
    reach: Annotated[float, Quantity("m", minimum=0.01, maximum=100.0)] = VALVE_REACH
    """A valve that names no pipe stands on the nearest one within this distance."""


@dataclass(frozen=True)
class Risk:
    """What the bursts of each main cost; arrays of shape (pipes,).

    Attributes
    ----------
    rate : ndarray
        Bursts of the main [1/km/year].
    km : ndarray
        Length.
    repair, water, interruption : ndarray
        Cost of a burst: repair, water lost until it is mended, customers without water meanwhile [EUR].
    customers : ndarray
        Without water during the repair.
    years : float
        Years of recorded repairs that rates learn from.
    observed : bool
        Whether valves are those of a layer.
    """

    rate: Floats
    km: Floats
    repair: Floats
    water: Floats
    interruption: Floats
    customers: Floats
    years: float
    observed: bool

    @property
    def burst(self) -> Floats:
        """Cost of a burst [EUR]."""
        return self.repair + self.water + self.interruption

    @property
    def yearly(self) -> Floats:
        """Expected cost of bursts [EUR/year]."""
        return self.rate * self.km * self.burst

    @property
    def per_km(self) -> Floats:
        """The same per length [EUR/km/year]: as renewal is paid by the kilometre, what ranks pipes."""
        return self.rate * self.burst


def pipe_risk(layers: Layers, factors: FactorTable, year: float, reach: float) -> Risk:
    """Return what the bursts of each main cost.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    factors : FactorTable
        The network's.
    year : float
        Year that ages are counted to.
    reach : float
        Of valves that name no pipe [m].
    """
    pipes = layers["water_pipes"]
    shared = shared_factors()
    rate, years = bursts.rates_from_repairs(pipes, layers["water_repairs"], factors, year)
    km = numbers(pipes, "length") / 1000.0
    shut = shut_off(layers, reach, factors)
    own = shut.parts.link[: len(pipes)]
    customers = (shut.inside + shut.beyond)[own]
    hours = factors.value("repair_hours_mains")
    labour = hours * shared.value("crew_size") * shared.value("crew_hourly_cost")
    each = np.ones(len(pipes))
    return Risk(
        rate,
        km,
        repair=each * (factors.value("repair_cost") + labour),
        water=each * _lost(factors) * factors.value("marginal_cost"),
        interruption=customers * hours * factors.value("interruption_value"),
        customers=customers,
        years=years,
        observed=shut.observed,
    )


def _lost(factors: FactorTable) -> float:
    """Return the water that a burst of a main loses until it is mended, at 50 m of pressure [m3]."""
    shows = factors.value("mains_reported_share")
    told = factors.value("report_delay") + factors.value("notice_visible")
    # A hidden one waits for half of the time between two surveys, or until it surfaces where that is sooner.
    found = min(factors.value("survey_interval") / 2.0, 365.0 * factors.value("surfacing_time"))
    hidden = found + factors.value("notice_hidden")
    return 24.0 * (
        shows * told * factors.value("mains_reported_flow")
        + (1.0 - shows) * hidden * factors.value("mains_hidden_flow")
    )


def first_year(layers: Layers, stated: int | None) -> int:
    """Return the first year of a plan."""
    if stated is not None:
        return stated
    laid = numbers(layers["water_pipes"], "laid_year")
    known = laid[~np.isnan(laid)]
    return int(known.max()) + 1 if len(known) else USUAL_YEAR


def _growth(layers: Layers, factors: FactorTable, year: int, years: int) -> Floats:
    """Return the burst frequency of each year relative to the first one's, shape (pipes, years + 1)."""
    pipes = layers["water_pipes"]
    frequency = np.stack([bursts.condition(pipes, factors, year + later) for later in range(years + 1)], axis=1)
    return np.asarray(frequency / frequency[:, :1], dtype=np.float64)


def study(layers: Layers, parameters: RenewalParameters, context: StudyContext) -> Studied:
    """Return the risk of each main, and the plan that a yearly budget allows."""
    factors = context.factors
    pipes = layers["water_pipes"]
    year = first_year(layers, parameters.year)
    risk = pipe_risk(layers, factors, float(year), parameters.reach)
    price = factors.value("renewal_price") if parameters.cost is None else parameters.cost
    cost = price * risk.km
    budget = 0.01 * float(cost.sum()) if parameters.budget is None else parameters.budget
    new = pipes.assign(material="ductile_iron", laid_year=float(year), burst_rate=np.nan)
    renewed = factors.value("mains_bursts") * bursts.condition(new, factors, float(year)) * risk.km * risk.burst
    names = texts(pipes, "pipe_id")
    found = plan(
        risk.yearly, renewed, _growth(layers, factors, year, parameters.years), cost, risk.km, names,
        budget=budget, years=parameters.years,
    )  # fmt: skip
    rank = np.zeros(len(pipes), dtype=np.int64)
    rank[renewal_order(risk.per_km, names)] = np.arange(1, len(pipes) + 1)
    table = gpd.GeoDataFrame(
        {
            "pipe_id": names,
            "rank": rank,
            "year": np.where(found.year >= 0, (found.year + year).astype(str), ""),
            "material": bursts.materials(pipes),
            "laid_year": numbers(pipes, "laid_year"),
            "diameter": numbers(pipes, "diameter"),
            "length": risk.km,
            "burst_rate": risk.rate,
            "customers": risk.customers,
            "burst_cost": risk.burst,
            "interruption_cost": risk.interruption,
            "yearly_cost": risk.yearly,
            "yearly_cost_per_km": risk.per_km,
            "renewal_cost": cost,
        },
        geometry=pipes.geometry.to_numpy(),
        crs=pipes.crs,
    )
    years = pd.DataFrame(
        {
            "year": np.arange(year, year + parameters.years),
            "spent": found.spent,
            "length": found.length,
            "yearly_cost": found.risk[1:],
            "yearly_cost_untouched": found.untouched[1:],
        }
    )
    return Studied(
        tables={"pipes": table, "years": years},
        summary={
            "yearly_cost": float(found.risk[0]),
            "bursts": float((risk.rate * risk.km).sum()),
            "budget": budget,
            "length": float(found.length.sum()),
            "spent": float(found.spent.sum()),
            "yearly_cost_after": float(found.risk[-1]),
            "yearly_cost_untouched": float(found.untouched[-1]),
        },
        notes=_notes(risk),
    )


def _notes(risk: Risk) -> tuple[str, ...]:
    notes = []
    if risk.years > 0:
        text = _("burst rates learn from {years} year(s) of recorded repairs, material by material")
        notes.append(text.format(years=round(risk.years)))
    else:
        notes.append(_("no repair is recorded: burst rates are those usual for material and age"))
    if not risk.observed:
        notes.append(_("valves are placed by rule: the territory has no layer « water_isolation_valves »"))
    notes.append(_("a customer-hour without water is valued to rank pipes (« interruption_value »); nobody pays it"))
    return tuple(notes)


RENEWAL = Study(
    "renewal",
    "Renewal plan: mains by the yearly cost of their bursts, within a yearly budget",
    RenewalParameters,
    study,
    ("water_pipes",),
)

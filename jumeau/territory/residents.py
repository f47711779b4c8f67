"""People where nobody told of them: residents by dwellings or floor area, households and jobs by national ratios."""

from __future__ import annotations

import numpy as np

from jumeau.columns import numbers
from jumeau.i18n import _, format_number
from jumeau.territory.carriers import carriers_of, establishment_jobs, known_jobs, people_factors
from jumeau.territory.completion import Rule, fill
from jumeau.territory.model import Territory
from jumeau.territory.population import KnownTotal, Population
from jumeau.territory.spread import spread_totals

#: Any of them can carry people.
CARRIERS = ("buildings", "addresses", "streets")

RESIDENTS = "estimated from dwellings, the share of them that is lived in and persons per household"
HOUSEHOLDS = "residents over persons per household"
ESTABLISHMENTS = "jobs of establishments, told or the middle of their size band"
JOBS = "residents times the national ratio of jobs"


def complete_people(territory: Territory) -> tuple[Territory, tuple[str, ...]]:
    """Return the territory with the residents, households and jobs that it lacks, all imputed, and what was done.

    Parameters
    ----------
    territory : Territory
        With or without a layer `population`.
    """
    factors = people_factors()
    notes = []
    if not territory.has("population"):
        if not any(territory.has(layer) for layer in CARRIERS):
            return territory, ()
        dwellings = float(carriers_of(territory).homes.sum())
        people = dwellings * factors.value("dwellings_occupied") * factors.value("persons_per_household")
        if people <= 0.0:
            return territory, ()
        territory = _spread(territory, "residents", people, RESIDENTS, "persons_per_household")
        notes.append(
            _(
                "No population is given: {residents} residents are estimated from {dwellings} dwellings, counted or by "
                "floor area. State them: « population: {{residents: …}} »"
            ).format(residents=format_number(people), dwellings=format_number(dwellings))
        )
    residents = np.nan_to_num(numbers(territory.layers["population"], "residents", 0.0))
    ratio = factors["persons_per_household"]
    rule = Rule(HOUSEHOLDS, source=ratio.source, licence=ratio.licence, date=ratio.year)
    territory = fill(territory, "population", "households", residents / ratio.value, rule)
    return _with_jobs(territory, float(residents.sum()), notes)


def _with_jobs(territory: Territory, residents: float, notes: list[str]) -> tuple[Territory, tuple[str, ...]]:
    if not np.isnan(numbers(territory.layers["population"], "jobs")).all():
        return territory, tuple(notes)
    factors = people_factors()
    if territory.has("establishments") and np.nansum(known_jobs(territory.layers["establishments"])) > 0.0:
        jobs = float(establishment_jobs(territory)[1].sum())
        return _spread(territory, "jobs", jobs, ESTABLISHMENTS, ""), tuple(notes)
    jobs = residents * factors.value("jobs_per_resident")
    notes.append(
        _("No jobs are given: {jobs} are taken, {ratio} for each resident as in France").format(
            jobs=format_number(jobs), ratio=format_number(factors.value("jobs_per_resident"), 2)
        )
    )
    return _spread(territory, "jobs", jobs, JOBS, "jobs_per_resident"), tuple(notes)


def _spread(territory: Territory, name: str, value: float, told: str, factor: str) -> Territory:
    """Return the territory with an estimated total spread over its cells."""
    source = people_factors()[factor] if factor else None
    total = KnownTotal(value, 1, 0, *((source.source, source.licence, source.year) if source else ()))
    block = Population.model_validate({name: value})
    return spread_totals(territory, block, {name: total}, told)[0]

"""Rounds of vehicles over a set of stops, by PyVRP: what is to be served, by whom, and the plan that comes out.

=================  ==========================================================================
`RoutingProblem`   stops, depots, disposal sites, vehicles, travel between all of them
`solve`            the plan of a problem; the same problem and seed give the same plan
`capped`           the plan that keeps caps on the stops and loads of a day
`in_order`         the round of a vehicle that serves stops in a given order
`servable`         which stops a vehicle could serve alone: no plan can hold the others
`PlanCache`        plans by problem, so that the same demand is not solved twice
`Roads`            times, distances and lines between sites along the streets
`UsualWays`        the streets on the quickest ways between sites
`EdgeProblem`      rounds that serve streets rather than points, brought to a `RoutingProblem`
=================  ==========================================================================
"""

from jumeau.routing.cache import PlanCache
from jumeau.routing.caps import capped
from jumeau.routing.edges import EdgeProblem
from jumeau.routing.feasibility import servable
from jumeau.routing.given import in_order
from jumeau.routing.plan import Plan, Route
from jumeau.routing.problem import Facility, RoutingProblem, Stops, Vehicle
from jumeau.routing.roads import Roads, Sites, Travel
from jumeau.routing.solver import solve
from jumeau.routing.usual_ways import UsualWays

__all__ = [
    "EdgeProblem",
    "Facility",
    "Plan",
    "PlanCache",
    "Roads",
    "Route",
    "RoutingProblem",
    "Sites",
    "Stops",
    "Travel",
    "UsualWays",
    "Vehicle",
    "capped",
    "in_order",
    "servable",
    "solve",
]

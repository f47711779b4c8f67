"""Plans that were made already: days of equal demand ask for one solve."""

from __future__ import annotations

from jumeau.routing.plan import Plan
from jumeau.routing.problem import RoutingProblem
from jumeau.routing.solver import solve


class PlanCache:
    """Plans by problem, seed and effort."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, int, int], Plan] = {}
        self.solved = 0
        self.asked = 0

    def solve(self, problem: RoutingProblem, seed: int, iterations: int) -> Plan:
        """Return the plan of a problem, made once."""
        key = (problem.digest, seed, iterations)
        self.asked += 1
        if key not in self._plans:
            self._plans[key] = solve(problem, seed, iterations)
            self.solved += 1
        return self._plans[key]

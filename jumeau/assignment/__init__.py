"""User equilibrium of traffic: links whose time grows with their flow, demand between zones, who takes which way.

Knows nothing of territories, hours or scenarios: arrays in, arrays out, any unit of time.
"""

from __future__ import annotations

from jumeau.assignment.demand import Demand
from jumeau.assignment.equilibrium import Equilibrium, equilibrium
from jumeau.assignment.links import Links
from jumeau.assignment.routes import incidence, loaded
from jumeau.assignment.signals import Signals
from jumeau.assignment.skims import Skim, skim

__all__ = ["Demand", "Equilibrium", "Links", "Signals", "Skim", "equilibrium", "incidence", "loaded", "skim"]

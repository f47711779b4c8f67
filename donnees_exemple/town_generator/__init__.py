"""Generator of the synthetic example town: no real place, no real person.

The plan (`plan.yaml`) fixes the river, the main roads and what each plot became; streets, buildings,
people and names are grown from it with one seed.
"""

from __future__ import annotations

from .town import generate_town

__all__ = ["generate_town"]

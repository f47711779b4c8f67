"""The door from the territory up to the readers of foreign data: `jumeau territory build`."""

from jumeau.sources.build import BuildReport, Complete, build_territory

__all__ = ["BuildReport", "Complete", "build_territory"]

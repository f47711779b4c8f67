"""Readers of foreign data, each returning tables or layers; the only place that opens foreign files."""

from jumeau.sources.build import BuildReport, build_territory

__all__ = ["BuildReport", "build_territory"]

"""One labelled dataset; paired comparison; storage; provenance."""

from jumeau.results.comparison import Record, compare
from jumeau.results.model import Results

__all__ = ["Record", "Results", "compare"]

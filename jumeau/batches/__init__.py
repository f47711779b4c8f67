"""One scenario on many territories: a list, a template, a run folder for each, one table and one map of all.

A row that cannot be used, or whose campaign fails, is set aside alone with its reason; the others go on.
"""

from jumeau.batches.model import DONE, QUARANTINED, Batch, Outcome

__all__ = ["DONE", "QUARANTINED", "Batch", "Outcome"]

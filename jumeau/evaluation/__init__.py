"""From a simulated year to a horizon: five criteria, carbon, financing, with ranges; knows no network."""

from jumeau.evaluation.criteria import CRITERIA, FIVE
from jumeau.evaluation.evaluate import evaluate
from jumeau.evaluation.model import Estimate, Evaluation
from jumeau.evaluation.storage import write_evaluation

__all__ = ["CRITERIA", "FIVE", "Estimate", "Evaluation", "evaluate", "write_evaluation"]

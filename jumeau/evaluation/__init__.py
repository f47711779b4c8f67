"""From a simulated year to a horizon: five criteria, carbon, financing, with ranges; knows no network."""

from jumeau.evaluation.criteria import CRITERIA, FIVE
from jumeau.evaluation.curve import Curve
from jumeau.evaluation.evaluate import evaluate
from jumeau.evaluation.model import Estimate, Evaluation
from jumeau.evaluation.storage import write_evaluation
from jumeau.evaluation.sweep import read_sweep

__all__ = ["CRITERIA", "FIVE", "Curve", "Estimate", "Evaluation", "evaluate", "read_sweep", "write_evaluation"]

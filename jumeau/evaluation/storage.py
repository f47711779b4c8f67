"""`evaluation.json`: per variant and network, each criterion with its range; flows by year (docs/evaluation.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from jumeau.accounts import TOTAL
from jumeau.evaluation.criteria import CRITERIA
from jumeau.evaluation.items import FINANCING, ITEMS
from jumeau.evaluation.model import Evaluation
from jumeau.evaluation.reference import REFERENCE
from jumeau.results.run_id import RUN_ID
from jumeau.results.storage import figure, write_json

FORMAT = "jumeau-evaluation"
VERSION = 2
FILE = "evaluation.json"

#: Quantiles by the names that they have in the file.
LEVELS = (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))


def write_evaluation(evaluation: Evaluation, path: Path) -> Path:
    """Write an evaluation: the same bytes for the same figures."""
    return write_json(document(evaluation), path)


def document(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as plain data."""
    assumed, provenance = evaluation.assumed, evaluation.provenance
    reference, standing = assumed.reference, evaluation.regret()
    return {
        "format": FORMAT,
        "version": VERSION,
        RUN_ID: provenance.get(RUN_ID, ""),
        "nature": "simulation, not measurement",
        "scenario": provenance["scenario"]["name"],
        "base_year": assumed.base_year,
        "start": assumed.start,
        "horizon": assumed.block.horizon,
        "discount_rate": reference.value("discount_rate"),
        "public_funds_cost": reference.value("public_funds_cost"),
        "samples": assumed.block.samples,
        "draws": evaluation.draws,
        "replications": evaluation.replications,
        "years_simulated": _simulated(evaluation),
        "changed": {
            "prices": dict(evaluation.prices),
            REFERENCE: {name: item.value for name, item in reference.items() if item.overridden},
        },
        "figures": [figure(record) for record in evaluation.figures],
        "variants": {name: _variant(evaluation, name, standing) for name in evaluation.variants},
    }


def _simulated(evaluation: Evaluation) -> str:
    if not evaluation.replications:
        return "none"
    if evaluation.later:
        years = ", ".join(map(str, evaluation.later))
        return f"the period of the run and {years}; in proportion between them"
    return "the period simulated stands for every year"


def _variant(evaluation: Evaluation, name: str, standing: pd.DataFrame) -> dict[str, Any]:
    block = evaluation.assumed.block.variant(name)
    title = block.title or evaluation.provenance.get("variants", {}).get(name, {}).get("title") or name
    return {
        "title": title,
        "outside": list(evaluation.outside.get(name, ())),
        "maturity": block.maturity,
        "lead_time_months": block.lead_time,
        "qualitative": {key: {"score": item.score, "reason": item.reason} for key, item in block.qualitative.items()},
        TOTAL: _criteria(evaluation, name, TOTAL),
        "networks": {
            network: _criteria(evaluation, name, network)
            for network in evaluation.networks
            if network != TOTAL and _touched(evaluation, name, network)
        },
        "actors": _by_actor(evaluation, name),
        "best": float(standing["best"][name]),
        "regret": float(standing["regret"][name]),
        "settled": evaluation.settled("collective_value", name),
        "delays": {
            str(int(delay)): {
                key: float(evaluation.delays.sel(variant=name, delay=delay, quantile=level)) for key, level in LEVELS
            }
            for delay in evaluation.delays["delay"].values
        },
        "flows": _flows(evaluation, name),
    }


def _by_actor(evaluation: Evaluation, variant: str) -> dict[str, float]:
    """Return the present value of a variant to each actor, financing left out, central assumptions."""
    table = evaluation.by_actor(variant)
    own = table[[ITEMS[str(item)].kind != FINANCING for item in table.index]]
    return {str(actor): float(value) for actor, value in own.sum().items()}


def _touched(evaluation: Evaluation, variant: str, network: str) -> bool:
    chosen = evaluation.samples.sel(variant=variant, network=network)
    return any(
        bool((chosen[name] != 0.0).any()) for name in ("investment", "financial_benefit", "socio_economic_benefit")
    )


def _criteria(evaluation: Evaluation, variant: str, network: str) -> dict[str, Any]:
    return {name: evaluation.estimate(name, variant, network).to_dict() for name in CRITERIA}


def _flows(evaluation: Evaluation, variant: str) -> dict[str, Any]:
    chosen, means = evaluation.yearly.sel(variant=variant), evaluation.means.sel(variant=variant)

    def series(kind: str) -> dict[str, list[float]]:
        found = {
            key: [float(value) for value in chosen.sel({"class": kind, "quantile": level})] for key, level in LEVELS
        }
        return {**found, "mean": [float(value) for value in means.sel({"class": kind})]}

    return {
        "years": list(evaluation.years),
        "investment": series("investment"),
        "budget": series("authority"),
        "other_public": series("other_public"),
        "users_and_environment": series("others"),
        "financing": series("financing"),
        "carbon_avoided": series("avoided"),
        "carbon_embodied": series("embodied"),
    }

"""The JSON record of a sizing, documented in docs/sizing.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from jumeau.sizing.solve import Solution
from jumeau.sizing.territory import Sized

FORMAT, VERSION = "jumeau-size", 1


def solution_record(solution: Solution) -> dict[str, Any]:
    """Return the JSON record of a solution."""
    problem, limit, points = solution.problem, solution.limit, solution.curve
    sites = problem.sites
    whole = problem.unseen_cost

    def answer(chosen: Any, benefit: float) -> dict[str, Any]:
        return {
            "sites": [str(name) for name in sites.id[chosen]],
            "count": len(chosen),
            "cost": float(sites.cost[chosen].sum()),
            "benefit": benefit,
            "share": benefit / whole if whole else None,
            "remaining": whole - benefit,
        }

    best = solution.exact
    record: dict[str, Any] = {
        "unit": problem.unit,
        "limit": {key: value for key, value in asdict(limit).items() if value is not None},
        "candidates": int((~sites.forbidden).sum()),
        "forbidden": [str(name) for name in sites.id[sites.forbidden]],
        "compulsory": [str(name) for name in sites.id[sites.compulsory]],
        "events": len(problem.events),
        "unseen_cost": whole,
        "unseeable_events": int(problem.unseeable.sum()),
        "best": answer(solution.chosen, best.benefit),
        "greedy": {
            **answer(solution.greedy.chosen, solution.greedy.benefit),
            "gap": solution.greedy_gap,
            "guarantee": solution.greedy.guarantee or None,
            "evaluations": solution.greedy.evaluations,
        },
        "bound": best.bound,
        "bounds": "cost" if limit.target is not None else "benefit",
        "gap": best.gap,
        "proved": bool(best.proved),
        "seconds": round(best.seconds, 3),
        "order": [
            {"site": name, "benefit": float(value)}
            for name, value in zip(solution.names, solution.order.value[1:], strict=True)
        ],
        "statistics": asdict(solution.statistics),
        "curve": [
            {
                "count": int(points.count[row]),
                "greedy": float(points.greedy[row]),
                "best": float(points.best[row]),
                "bound": float(points.bound[row]),
                "proved": bool(points.proved[row]),
                "next": float(points.next[row]),
                "cost": float(points.cost[row]),
            }
            for row in range(len(points.count))
        ],
        "knee": points.knee,
        "warnings": [item.message for item in solution.warnings],
    }
    failures = solution.failures
    if failures is not None:
        record["failures"] = {
            "nominal": failures.nominal,
            "expected": failures.expected,
            "robust_sites": [str(name) for name in sites.id[failures.robust]],
            "robust_expected": failures.robust_expected,
            "regret": failures.regret,
        }
    return record


def sized_record(sized: Sized) -> dict[str, Any]:
    """Return the JSON record of what was sized on a territory."""
    from jumeau import __version__

    device, instance = sized.instance.device, sized.instance
    return {
        "format": FORMAT,
        "version": VERSION,
        "jumeau": __version__,
        "what": sized.sizing.name,
        "network": sized.network.name,
        "territory": {"name": sized.territory.name, "checksum": sized.territory.checksum},
        "parameters": sized.parameters.model_dump(mode="json", by_alias=True),
        "device": {
            "kind": device.kind,
            "unit_cost": device.unit_cost,
            "annual_cost": device.annual_cost,
            "life": device.life,
            "embodied_carbon": device.embodied_carbon,
            "source": device.source,
        },
        "benefit": instance.benefit,
        "devices": devices_at(sized),
        "worth": instance.worth,
        "expected": sized.expected,
        "paying": paying(sized),
        "rates": _rates(sized),
        "whole": _whole(sized),
        "notes": list(instance.notes),
        **solution_record(sized.solution),
    }


def _whole(sized: Sized) -> dict[str, Any] | None:
    """Return what the choice, and numbers of sites of the curve, save as a whole."""
    whole = sized.whole
    if whole is None:
        return None
    rows = zip(whole.count.tolist(), whole.benefit.tolist(), whole.error.tolist(), strict=True)
    return {
        **asdict(whole.choice),
        "curve": [dict(zip(("count", "benefit", "error"), row, strict=True)) for row in rows],
    }


def _rates(sized: Sized) -> dict[str, Any] | None:
    """Return how the choice holds under uncertain rates, all devices at work."""
    rates = sized.rates
    if rates is None:
        return None
    low, middle, high = (float(value) for value in np.quantile(rates.benefit, (0.1, 0.5, 0.9)))
    return {
        "draws": len(rates.benefit),
        "benefit_p10": low,
        "benefit_p50": middle,
        "benefit_p90": high,
        "regret_mean": float(rates.regret.mean()),
        "regret_most": float(rates.regret.max()),
        "information": rates.information,
    }


def impact_record(solution: Solution, file: str) -> dict[str, Any]:
    """Return the JSON record of the problem of an `.impact` file."""
    from jumeau import __version__

    return {"format": FORMAT, "version": VERSION, "jumeau": __version__, "impact": file, **solution_record(solution)}


def devices_at(sized: Sized) -> float:
    """Return how many devices the sites chosen take."""
    units = sized.instance.units
    return float(len(sized.solution.chosen) if units is None else units[sized.solution.chosen].sum())


def yearly_cost(sized: Sized) -> float:
    """Return what one device costs a year, its price spread over its life [EUR/year]."""
    device = sized.instance.device
    return device.unit_cost / device.life + device.annual_cost if device.life else device.annual_cost


def paying(sized: Sized) -> int | None:
    """Return how many sites each save more than their devices cost in a year; None where the benefit has no price.

    Where choices are reckoned as a whole, later sites may save more than earlier ones: it is the number, of those
    reckoned, that leaves the most once devices are paid.
    """
    points, worth, units = sized.solution.curve, sized.instance.worth, sized.instance.units
    if not np.isfinite(worth):
        return None
    path = sized.solution.greedy.chosen
    devices = np.ones(len(path)) if units is None else units[path]
    if sized.whole is not None:
        count = np.concatenate([[0], sized.whole.count])
        saved = np.concatenate([[0.0], sized.whole.benefit])
        paid = np.concatenate([[0.0], np.cumsum(devices)])[count]
        return int(count[int(np.argmax(saved * worth - paid * yearly_cost(sized)))])
    pays = points.next * worth >= yearly_cost(sized) * devices[points.count - 1]
    return int(points.count[pays].max()) if pays.any() else 0

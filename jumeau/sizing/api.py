"""`jumeau.size`: the same as the command, in a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jumeau.engine.starter import place_of
from jumeau.placement import PlacementProblem
from jumeau.sizing.limits import limit_of
from jumeau.sizing.solve import Solution, solve
from jumeau.sizing.territory import Sized, size_territory
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory


def size(
    what: str | PlacementProblem,
    territory: Territory | str | Path | None = None,
    *,
    count: int | None = None,
    budget: str | float | None = None,
    target: str | float | None = None,
    scenario: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    seconds: float = 10.0,
    progress: Callable[[str], None] | None = None,
) -> Sized | Solution:
    """Return where to put how many devices: both answers, the bound, the curve, and how they hold.

    Parameters
    ----------
    what : str or PlacementProblem
        What to size (`loggers`), or a problem of one's own, such as `jumeau.sizing.impact_file.read_impact` reads.
    territory : Territory, str or Path, optional
        With a name of `what`: a territory, its file, or a bundled name.
    count : int, optional
        Most devices.
    budget : str or float, optional
        Most money, such as `"60 kEUR"`; a number is in EUR.
    target : str or float, optional
        Benefit to reach for the least money: a number in the problem's unit, or a share of what happens, such as `"60
        %"`.
    scenario : str or Path, optional
        Scenario whose baseline is the situation before.
    parameters : mapping, optional
        Of what is sized, and factors of its network, as YAML would give them.
    seconds : float
        Most time for the exact answer, and again for the curve.
    progress : callable, optional
        Told in words what is being done.

    Returns
    -------
    Sized or Solution
        `Sized` for a territory, with its `.solution`; `Solution` for a problem of one's own.

    Raises
    ------
    InputError
    """
    limit = limit_of(count, budget, target)
    if isinstance(what, PlacementProblem):
        return solve(what, limit(what), seconds=seconds, curve_seconds=seconds, progress=progress)
    if territory is None:
        raise TypeError("a territory is needed to size something by its name")
    place = ""
    if not isinstance(territory, Territory):
        place = place_of(str(territory), Path("size.yaml"))
        territory = read_territory(territory)
    values = [(key, json.dumps(value, ensure_ascii=False)) for key, value in (parameters or {}).items()]
    return size_territory(
        territory, what, limit, place=place, scenario=scenario, values=values, seconds=seconds, progress=progress
    )

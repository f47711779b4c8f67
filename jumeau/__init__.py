"""Jumeau: digital twin and scenario engine for territories.

=================  =========================================================
`build_territory`  build a territory from foreign files, as its territory file says
`check_territory`  what is wrong with a territory: errors and warnings
`read_territory`   read a territory, by path or bundled name
`read_scenario`    read and check a scenario file
`run`              run a scenario: baseline, variants, paired replications
`batch`            run one scenario on many territories: one table, one map
`read_results`     read the folder of a finished run
`size`             how many devices, and where, for what benefit, how sure
`write_report`     write the HTML report of a run
`render`           draw the pictures and the 3D page of a run
`Territory`        what exists
`Scenario`         what is asked
`Results`          what was found: `.table()`, `.compare()`, `.plot()`
`InputError`       something that the user gave cannot be used
`JumeauError`      base class of Jumeau's errors
=================  =========================================================
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jumeau_viz.run_folder import render

    from jumeau.batches.api import batch
    from jumeau.engine.campaign import run
    from jumeau.engine.scenario import Scenario, read_scenario
    from jumeau.engine.territory import build_territory, check_territory
    from jumeau.errors import InputError, JumeauError
    from jumeau.report.html import write_report
    from jumeau.results.model import Results
    from jumeau.results.storage import read_results
    from jumeau.sizing.api import size
    from jumeau.territory.model import Territory
    from jumeau.territory.storage import read_territory

# Imported on first use: `jumeau --help` need not load GDAL.
_HOMES = {
    "build_territory": "jumeau.engine.territory",
    "check_territory": "jumeau.engine.territory",
    "read_territory": "jumeau.territory.storage",
    "read_scenario": "jumeau.engine.scenario",
    "run": "jumeau.engine.campaign",
    "batch": "jumeau.batches.api",
    "read_results": "jumeau.results.storage",
    "size": "jumeau.sizing.api",
    "write_report": "jumeau.report.html",
    "render": "jumeau_viz",
    "Territory": "jumeau.territory.model",
    "Scenario": "jumeau.engine.scenario",
    "Results": "jumeau.results.model",
    "InputError": "jumeau.errors",
    "JumeauError": "jumeau.errors",
}

__all__ = [
    "InputError",
    "JumeauError",
    "Results",
    "Scenario",
    "Territory",
    "batch",
    "build_territory",
    "check_territory",
    "read_results",
    "read_scenario",
    "read_territory",
    "render",
    "run",
    "size",
    "write_report",
]

try:
    __version__ = version("jumeau")
except PackageNotFoundError:  # a source tree that was not installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'jumeau' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])

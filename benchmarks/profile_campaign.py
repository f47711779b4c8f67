"""Where the time of a campaign goes: processor time by phase and by network, what is counted on the way, peak memory.

One process, a few pairs; processor time, so that what else the machine does counts little. Counts are the same on every
machine: a change that saves work shows in them before it shows in seconds.

    python benchmarks/profile_campaign.py [--replications 2] [--draws 2] [--pictures] [SCENARIO …]

The bundled demonstration by default; any scenario whose territory is built, such as those of `scenarios/montpellier`.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import simpy

from jumeau.assignment import solver as assignment
from jumeau.engine import campaign
from jumeau.engine.progress import Phase, Silent
from jumeau.engine.scenario import read_scenario
from jumeau.network import discover
from jumeau.networks.water.physics import epanet_results
from jumeau.routing import roads
from jumeau.routing import solver as routing


def megabytes() -> float:
    """Return the most memory that the process has held so far [MB]."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if platform.system() == "Darwin" else 1024)


class Phases(Silent):
    """Processor time between the phases that a campaign tells of."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []

    def phase(self, phase: Phase) -> None:
        """Take note of a phase that begins."""
        self.begin(phase.label)

    def begin(self, label: str) -> None:
        """Take note of what begins, and of the end of what was."""
        self.end()
        self.rows.append([label, time.process_time(), time.perf_counter(), None])

    def end(self) -> None:
        """Take note of the end of the last phase."""
        if self.rows and self.rows[-1][3] is None:
            row = self.rows[-1]
            row[1:] = [time.process_time() - row[1], time.perf_counter() - row[2], megabytes()]


class Meter:
    """Processor time and calls of functions, by name."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()

    def around(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return a function that is timed."""

        @wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **options)
            finally:
                self.seconds[name] += time.process_time() - began
                self.calls[name] += 1

        return timed

    def method(self, owner: type, attribute: str, name: str) -> None:
        """Time a method of a class."""
        setattr(owner, attribute, self.around(getattr(owner, attribute), name))

    def function(self, function: Callable[..., Any], name: str) -> None:
        """Time a function wherever it was imported."""
        timed = self.around(function, name)
        for module in list(sys.modules.values()):
            for key, value in list(getattr(module, "__dict__", {}).items()):
                if value is function:
                    setattr(module, key, timed)


def metered() -> Meter:
    """Return a meter on what networks do and on what costs most in them."""
    meter = Meter()
    for network in discover().values():
        for step in ("prepare", "install", "outcome"):
            meter.method(type(network.behaviour), step, f"{network.name}: {step}")
    meter.method(simpy.Environment, "run", "events of all networks")
    meter.method(assignment.Solver, "run", "traffic equilibria")
    meter.method(roads.Roads, "travel", "tables of distances")
    meter.function(routing.solve, "routing problems")
    meter.function(epanet_results.run_text, "runs of EPANET")
    step = simpy.Environment.step

    def counted(self: simpy.Environment) -> None:
        meter.calls["events"] += 1
        step(self)

    simpy.Environment.step = counted  # type: ignore[method-assign]
    return meter


def shortened(text: str, replications: int, draws: int) -> str:
    """Return a scenario with so many replications and draws; what it does not state stays unstated."""
    text = re.sub(r"^replications:.*(\n[ \t]+.*)*", f"replications: {replications}", text, flags=re.MULTILINE)
    return re.sub(r"^draws:.*(\n[ \t]+.*)*", f"draws: {draws}", text, flags=re.MULTILINE)


def profile(name: str, meter: Meter, replications: int, draws: int, *, pictures: bool) -> None:
    """Run a scenario and print where its time went."""
    given = read_scenario(name)
    phases = Phases()
    meter.seconds.clear()
    meter.calls.clear()
    with tempfile.TemporaryDirectory(dir=given.folder if Path(name).is_file() else None) as room:
        file, folder = Path(room) / "scenario.yaml", Path(room) / "run"
        text = shortened(given.text, replications, draws)
        if Path(name).is_file():
            text = re.sub(r"^territory:\s*(\S+\.gpkg)", r"territory: ../\1", text, flags=re.MULTILINE)
        file.write_text(text, encoding="utf-8")
        results = campaign.run(read_scenario(file), folder=folder, progress=phases)
        phases.begin("report")
        from jumeau.report.html import write_report

        write_report(results, folder / "report.html", "en")
        if pictures:
            phases.begin("pictures and pages")
            from jumeau_viz import render

            render(folder)
        phases.end()
    variants = len(results.variants)
    print(f"\n{name}: {variants} variant(s), {replications} pair(s), {draws} draw(s)")
    print(f"{'phase':34}{'processor s':>12}{'clock s':>10}{'peak MB':>10}")
    for label, used, lasted, most in phases.rows:
        print(f"{label:34}{used:12.1f}{lasted:10.1f}{most:10.0f}")
    used, lasted = (sum(row[place] for row in phases.rows) for place in (1, 2))
    print(f"{'in all':34}{used:12.1f}{lasted:10.1f}{megabytes():10.0f}")
    print(f"\n{'of which':34}{'processor s':>12}{'calls':>10}")
    for label, seconds in meter.seconds.most_common():
        count = meter.calls["events"] if label == "events of all networks" else meter.calls[label]
        print(f"{label:34}{seconds:12.1f}{count:10,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=["demo"])
    parser.add_argument("--replications", type=int, default=2)
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--pictures", action="store_true", help="draw the pictures and pages too")
    arguments = parser.parse_args()
    meter = metered()
    for name in arguments.scenarios:
        profile(name, meter, arguments.replications, arguments.draws, pictures=arguments.pictures)


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()

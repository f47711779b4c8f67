"""A campaign: every run of a scenario, its results in one dataset."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from jumeau.engine.assemble import assemble
from jumeau.engine.checks import check_layers
from jumeau.engine.executors import Done, Executor, ProcessExecutor, SerialExecutor, Shared
from jumeau.engine.parts import Part, PartStore, decode
from jumeau.engine.plan import CENTRAL, Run, draw_factors, fingerprint
from jumeau.engine.progress import Progress, Silent
from jumeau.engine.resolve import Situation, resolve
from jumeau.engine.run import Stage, prepare
from jumeau.engine.scenario import WEEKDAYS, Crew, Precision, Replications, Scenario
from jumeau.engine.valued import valued, variables
from jumeau.errors import InputError, Interrupted, JumeauError, Problem, nearest
from jumeau.files import check_writable
from jumeau.i18n import LANGUAGES, LocalText, _, format_number, language, local
from jumeau.network import Prepared, ordered
from jumeau.results.comparison import paired
from jumeau.results.model import Results, asset_table
from jumeau.results.storage import write_results
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory
from jumeau.units import parse_quantity


@dataclass(frozen=True)
class Target:
    """When replications may stop: a variable, and half of its interval."""

    variable: str
    half_width: float


def run(
    scenario: Scenario,
    territory: Territory | None = None,
    folder: Path | str | None = None,
    *,
    replications: int | None = None,
    workers: int = 1,
    resume: bool = False,
    progress: Progress | None = None,
    command: str = "",
) -> Results:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario
    territory : Territory, optional
        Read from the scenario's `territory` by default.
    folder : path, optional
        Where results are written; nothing is written by default.
    replications : int, optional
        Instead of the scenario's.
    workers : int
        Processes; 1 runs everything in this one.
    resume : bool
        Whether to take the valid parts that an earlier, interrupted run left in `folder`.
    progress : Progress, optional
        Told how far the work is.
    command : str
        Kept in the provenance.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        On anything in the scenario or the territory that cannot be used, before the first run.
    Interrupted
        On Ctrl-C; finished parts are kept.
    """
    began = time.monotonic()
    progress = progress or Silent()
    if folder is not None:
        check_writable(Path(folder))
    if territory is None:
        territory = read_territory(scenario.territory_path())
    scenario = scenario.on(territory)
    check_layers(territory, ordered(scenario.networks()), scenario)
    situations = resolve(scenario, territory)
    draws = draw_factors(scenario)
    target = _target(scenario)
    stage = Stage(
        _place(scenario, territory, situations[0]),
        _crews(scenario),
        scenario.data.warmup * DAY,
        scenario.data.seed,
    )
    prepared = tuple(prepare(situation, stage) for situation in situations)
    stage.place.distances()
    common = repr((territory.checksum, repr(scenario.data.period), stage.crews, stage.warmup, stage.seed))
    store = PartStore(Path(folder) / "parts" if folder is not None else None)
    if not resume:
        store.clear()
    shared = Shared(
        tuple(situations),
        prepared,
        tuple(fingerprint(situation, common) for situation in situations),
        tuple(situations[0].simulated(draw) for draw in draws),
        stage,
        store.folder,
    )
    work = _Work(shared, store, workers, progress)
    with closing(work.many):
        count = work.central(scenario, replications, target)
        if draws:
            planned = [
                Run(place, draw, replication)
                for draw in range(1, len(draws) + 1)
                for place in range(len(situations))
                for replication in range(min(scenario.data.draw_replications, count))
            ]
            # A draw that only changes prices is valued on the runs of central assumptions.
            work.execute([run for run in planned if shared.same(run) == run])
    progress.finish()
    results = assemble(
        scenario,
        territory,
        situations,
        work.parts,
        count,
        work.failures,
        min(scenario.data.draw_replications, count),
        stage.place.clock,
        draws,
        shared.same,
    )
    notes = [
        _of_situation(item.name, note)
        for item, made in zip(situations, prepared, strict=True)
        for part in made.values()
        for note in part.notes
    ]
    results = replace(
        results,
        assets={**results.assets, **_traces(situations, prepared, work.parts, stage.place, territory)},
        provenance=_provenance(scenario, territory, situations, command)
        | {
            "notes": notes,
            "run": {
                "duration_s": round(time.monotonic() - began, 3),
                "workers": workers,
                "runs": len(work.parts),
                "resumed": work.resumed,
            },
        },
    )
    if folder is not None:
        write_results(results, Path(folder))
        _log(Path(folder), results)
    return results


def _traces(
    situations: Sequence[Situation],
    prepared: Sequence[Mapping[str, Prepared]],
    parts: Mapping[Run, Part],
    place: Place,
    territory: Territory,
) -> dict[str, gpd.GeoDataFrame]:
    """Return what networks draw of the first replication, such as the rounds of trucks, by name of table."""
    found: dict[str, gpd.GeoDataFrame] = {}
    for number, situation in enumerate(situations):
        part = parts.get(Run(number, CENTRAL, 0))
        if part is None or part.events is None:
            continue
        for network in ordered(situation.networks):
            if network.traces is None:
                continue
            events = {kind: table for (owner, kind), table in part.events.items() if owner == network.name}
            for layer, frame in network.traces(prepared[number][network.name], events, place).items():
                drawn = frame if frame.crs is not None else frame.set_crs(territory.crs)
                found[asset_table(network.name, layer, situation.name)] = drawn
    return found


def _of_situation(name: str, note: LocalText) -> LocalText:
    """Return a note with the situation that it is about."""
    if isinstance(note, str):
        return f"{name}: {note}"
    return {lang: f"{name}: {text}" for lang, text in note.items()}


class _Work:
    """The runs of a campaign, in batches, with what came of them."""

    def __init__(self, shared: Shared, store: PartStore, workers: int, progress: Progress) -> None:
        self.shared = shared
        self.store = store
        self.progress = progress
        self.serial = SerialExecutor()
        self.many: Executor = self.serial if workers <= 1 else ProcessExecutor(workers)
        self.parts: dict[Run, Part] = {}
        self.failures: list[str] = []
        self.resumed = 0

    def central(self, scenario: Scenario, replications: int | None, target: Target | None) -> int:
        """Run the replications of the central assumptions; return how many."""
        asked = scenario.data.replications
        situations = range(len(self.shared.situations))

        def runs(first: int, last: int) -> list[Run]:
            return [Run(place, CENTRAL, number) for place in situations for number in range(first, last)]

        if replications is not None or target is None or not isinstance(asked, Replications):
            count = replications or (asked.minimum if isinstance(asked, Replications) else asked)
            self.execute(runs(0, count))
            return count
        count = asked.minimum
        self.execute(runs(0, count))
        while count < asked.maximum:
            worst = self._half_width(target, count)
            if worst <= target.half_width:
                break
            # The half-width falls with the square root of the number of pairs.
            wanted = int(np.ceil(count * (worst / target.half_width) ** 2))
            following = min(asked.maximum, max(count + 2, min(wanted, 2 * count)))
            self.progress.say(
                _("{count} replications: half-width {found:.4g}, wanted {wanted:.4g}").format(
                    count=count, found=worst, wanted=target.half_width
                )
            )
            self.execute(runs(count, following))
            count = following
        return count

    def _half_width(self, target: Target, count: int) -> float:
        def values(place: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            parts = [self.parts.get(Run(place, CENTRAL, number)) for number in range(count)]
            return valued(self.shared.situations[place], parts, self.shared.stage.place.clock.years)[target.variable]

        widths = [0.0]
        for place in range(1, len(self.shared.situations)):
            interval = paired(values(0), values(place)).interval
            widths.append((interval[1] - interval[0]) / 2 if interval else float("inf"))
        return max(widths)

    def execute(self, runs: Sequence[Run]) -> None:
        """Execute the runs that no valid part exists for; runs of the same content are executed once."""
        alike: dict[str, list[Run]] = {}
        for item in runs:
            alike.setdefault(self.shared.key(item), []).append(item)
        missing = []
        for key, same in alike.items():
            part = self.store.read(key)
            if part is None:
                missing.append(same[0])
            else:
                self.parts.update(dict.fromkeys(same, part))
                self.resumed += len(same)
        self.progress.start(len(alike), len(alike) - len(missing))
        # A pool costs seconds to start: a handful of runs is done sooner here.
        chosen = self.many if len(missing) > 2 else self.serial
        try:
            # Closed at once on Ctrl-C, wherever it strikes: left to the garbage collector, it would keep its workers.
            with closing(chosen.execute(self.shared, missing)) as outcomes:
                for done in outcomes:
                    self._take(done, alike[self.shared.key(done.run)])
                    self.progress.step()
        except KeyboardInterrupt:
            self.progress.finish()
            kept = _("what was finished is kept: run again with --resume") if self.store.folder else ""
            finished = sum(self.store.read(key) is not None for key in alike) or len(self.parts)
            message = _("interrupted after {done} runs; {kept}").format(done=finished, kept=kept)
            raise Interrupted(message) from None

    def _take(self, done: Done, same: list[Run]) -> None:
        if done.error:
            self.failures.append(done.error)
            return
        part = decode(done.data) if done.data is not None else self.store.read(self.shared.key(done.run))
        if part is None:
            raise JumeauError(_("a part that was just written cannot be read: is the disk full?"))
        self.parts.update(dict.fromkeys(same, part))


def _place(scenario: Scenario, territory: Territory, baseline: Situation) -> Place:
    period = scenario.data.period
    clock = Clock(
        period.start,
        period.end,
        territory.timezone,
        territory.meta.get("country", "FR") or "FR",
        territory.meta.get("subdivision", ""),
    )
    return Place(territory, clock, baseline.shared.value("detour"))


def _crews(scenario: Scenario) -> dict[str, CrewSpec]:
    """Return the crews by network: the scenario's pools, else two crews of its own for each network."""
    pools = dict(scenario.data.crews)
    served = {name for pool in pools.values() for name in pool.serves}
    for network in scenario.networks():
        if network not in served:
            pools[network] = Crew(serves=[network])
    found: dict[str, CrewSpec] = {}
    for name, pool in pools.items():
        days = tuple(WEEKDAYS.index(day) for day in pool.weekdays)
        spec = CrewSpec(name, pool.count, pool.shift.hours, days, pool.depot)
        for network in pool.serves:
            if network in found:
                raise InputError(
                    Problem(
                        _("crews: the network « {network} » is served by two pools").format(network=network),
                        file=str(scenario.file),
                    )
                )
            found[network] = spec
    return found


def _target(scenario: Scenario) -> Target | None:
    asked = scenario.data.replications
    if not isinstance(asked, Replications):
        return None
    return _read_target(asked.precision, scenario)


def _read_target(precision: Precision, scenario: Scenario) -> Target:
    owner, _dot, name = precision.indicator.partition(".")
    known = {f"{owner}.{item.name}": item for owner, item in variables(ordered(scenario.networks()))}
    if precision.indicator not in known:
        near = nearest(precision.indicator, list(known))
        raise InputError(
            Problem(
                _("replications.precision.indicator: unknown indicator « {name} »").format(name=precision.indicator),
                file=str(scenario.file),
                hint=_("did you mean « {near} »?").format(near=near) if near else ", ".join(known),
            )
        )
    try:
        half_width = parse_quantity(precision.half_width, known[precision.indicator].unit)
    except ValueError as error:
        raise InputError(Problem(f"replications.precision.half_width: {error}", file=str(scenario.file))) from error
    if half_width <= 0:
        raise InputError(Problem(_("replications.precision.half_width: must be above zero"), file=str(scenario.file)))
    return Target(f"{owner}_{name}", half_width)


PACKAGES = ("jumeau", "numpy", "pandas", "xarray", "geopandas", "simpy", "pvlib", "scipy", "wntr", "pyvrp")


def _provenance(
    scenario: Scenario, territory: Territory, situations: Sequence[Situation], command: str
) -> dict[str, Any]:
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "?"
    data = scenario.data
    return {
        "scenario": {
            "name": data.name,
            "title": data.title or data.name,
            "question": data.question,
            "text": scenario.text,
            "resolved": data.model_dump(mode="json", exclude_none=True),
        },
        "territory": {
            "name": territory.name,
            "title": territory.title(),
            "synthetic": territory.synthetic,
            "checksum": territory.checksum,
            "path": str(scenario.territory_path()),
        },
        "period": {"start": data.period.start.isoformat(), "end": data.period.end.isoformat()},
        "seed": data.seed,
        "base_year": data.base_year,
        "variants": {
            item.name: {"title": item.title, "measures": [_in_all_languages(*measure) for measure in item.measures]}
            for item in situations
        },
        "networks": {item.name: {"label": item.label} for item in ordered(scenario.networks())},
        "versions": versions,
        "system": f"{platform.system()} {platform.machine()}",
        "command": command or " ".join(Path(part).name if place == 0 else part for place, part in enumerate(sys.argv)),
    }


def _in_all_languages(label: str, count: int) -> dict[str, str]:
    """Return a measure's label with the number of features that it concerns, by language."""
    texts = {}
    for lang in LANGUAGES:
        with language(lang):
            texts[lang] = f"{_(label)} ({format_number(count)})"
    return texts


def _log(folder: Path, results: Results) -> None:
    """Write `run.log`: overrides by situation, notes, failures."""
    lines = [f"jumeau {results.provenance['versions']['jumeau']}: {results.provenance['command']}"]
    for name, changes in results.overrides.items():
        lines += [f"[{name}]", *(f"  {change}" for change in changes)]
    lines += [f"note: {local(note)}" for note in results.provenance["notes"]]
    lines += [f"failed run: {failure}" for failure in results.failures]
    lines.append(f"{results.provenance['run']}")
    (folder / "run.log").write_text("\n".join(lines) + "\n", encoding="utf-8")

"""A campaign: every run of a scenario, its results in one dataset."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from jumeau.effort import traded
from jumeau.engine.assemble import assemble
from jumeau.engine.components import components
from jumeau.engine.executors import Executor, SerialExecutor, Shared
from jumeau.engine.lock import only_campaign
from jumeau.engine.parts import Part, PartStore
from jumeau.engine.plan import CENTRAL, Run, fingerprints
from jumeau.engine.preparation import Groundwork, alike, prepare_all
from jumeau.engine.processes import ProcessExecutor
from jumeau.engine.progress import EVALUATING, PREPARING, READING, SIMULATING, Progress, Silent
from jumeau.engine.provenance import provenance_of, write_log
from jumeau.engine.ready import Ready, make_ready
from jumeau.engine.resolve import Situation
from jumeau.engine.scenario import Scenario
from jumeau.engine.validity import mark
from jumeau.engine.work import HANDFUL, Work
from jumeau.errors import InputError
from jumeau.evaluation import read_sweep, write_evaluation
from jumeau.evaluation.storage import FILE
from jumeau.evaluation.sweep import SWEEP
from jumeau.files import check_writable, sweep
from jumeau.i18n import LocalText, _
from jumeau.network import Prepared, ordered
from jumeau.results.comparison import BASELINE
from jumeau.results.model import Results, asset_table
from jumeau.results.storage import identified, write_results
from jumeau.simulation.place import Place
from jumeau.territory.model import Territory

if TYPE_CHECKING:
    from jumeau.engine.cluster_client import Cluster


def run(
    scenario: Scenario,
    territory: Territory | None = None,
    folder: Path | str | None = None,
    *,
    replications: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
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
    cluster : str, optional
        Dask cluster whose workers run instead of processes of this one: the address of its scheduler
        (`tcp://HOST:8786`), the JSON file that it writes, or `local:N`. Figures are the same bytes.
    resume : bool
        Whether to take the valid parts that an earlier, interrupted run left in `folder`.
    progress : Progress, optional
        Told how far the work is; whoever made it ends it.
    command : str
        Kept in the provenance.

    Returns
    -------
    Results

    Raises
    ------
    InputError
        On anything in the scenario or the territory that cannot be used, before the first run; when another campaign
        works in the folder, or it cannot be written to; when no cluster is found there, or one of other versions.
    Interrupted
        On Ctrl-C; finished parts are kept.
    """
    began = time.monotonic()
    progress = progress or Silent()
    progress.phase(READING)
    place = Path(folder) if folder is not None else None
    with ExitStack() as stack:
        processes = None
        if cluster is None and workers > 1:
            processes = stack.enter_context(closing(ProcessExecutor(workers, progress.say, str(place or ""))))
            if (runs := _runs_at_least(scenario, replications)) > HANDFUL:
                processes.start(runs)
        # Nothing is written, not even a folder, of a scenario that cannot be used.
        ready = make_ready(scenario, territory)
        # No folder is made, and nothing of an earlier run touched, before it is known who is going to work.
        reached = stack.enter_context(_reached(cluster, workers))
        if place is not None:
            check_writable(place)
            stack.enter_context(only_campaign(place))
        many = _executor(reached, processes, progress)
        return _run(ready, place, replications, workers, many, progress, command, began, resume=resume)


def _runs_at_least(scenario: Scenario, replications: int | None) -> int:
    """Return how many runs a scenario asks for, as far as it tells before it is resolved."""
    data = scenario.data
    asked, drawn = data.replications, data.draws
    count = replications or (asked if isinstance(asked, int) else asked.minimum)
    draws = drawn if isinstance(drawn, int) else drawn.minimum
    return (1 + len(data.variants)) * (count + draws * min(data.draw_replications, count))


def _reached(cluster: str | None, workers: int) -> AbstractContextManager[Cluster | None]:
    """Reach the cluster that is asked for, if any."""
    if cluster is None:
        return nullcontext()
    if workers != 1:
        raise InputError(_("« workers » and « cluster » exclude each other: the workers are those of the cluster"))
    from jumeau.engine.cluster_client import Cluster

    return closing(Cluster(cluster))


def _executor(cluster: Cluster | None, processes: ProcessExecutor | None, progress: Progress) -> Executor:
    """Return what executes runs."""
    if cluster is not None:
        from jumeau.engine.cluster import ClusterExecutor

        return ClusterExecutor(cluster, progress.say)
    return SerialExecutor() if processes is None else processes


def _run(
    ready: Ready,
    folder: Path | None,
    replications: int | None,
    workers: int,
    executor: Executor,
    progress: Progress,
    command: str,
    began: float,
    *,
    resume: bool,
) -> Results:
    """Run a scenario in a folder that nobody else works in; see `run`."""
    scenario, territory, situations, draws, stage = (
        ready.scenario,
        ready.territory,
        ready.situations,
        ready.draws,
        ready.stage,
    )
    progress.phase(PREPARING)
    digests = stage.place.digests
    same = alike(situations, digests)
    store = _store(folder)
    executor.prepare(Groundwork(tuple(situations), same, stage), store.folder)
    prepared = prepare_all(situations, same, stage)
    stage.place.distances()
    common = repr((territory.checksum, repr(scenario.data.period), stage.crews, stage.warmup, stage.seed))
    if not resume:
        store.clear()
    shared = Shared(
        tuple(situations),
        prepared,
        same,
        components(ordered(situations[0].networks), stage.crews),
        tuple(fingerprints(situation, common, digests) for situation in situations),
        tuple(situations[0].simulated(draw) for draw in draws),
        stage,
        store.folder,
    )
    progress.phase(SIMULATING)
    local = isinstance(executor, SerialExecutor | ProcessExecutor)
    work = Work(shared, store, progress, executor, HANDFUL if local else 0)
    until = ready.swept.until if ready.swept and replications is None else None
    progress.expect(work.expected(scenario, replications, draws, until))
    told = provenance_of(scenario, territory, situations, command)
    if ready.swept is not None:
        told[SWEEP] = ready.swept.spec(replications)
    try:
        with closing(work.many):
            if until is not None:
                count = work.until_decided(until, partial(_wanted, ready, work, told))
            else:
                count = work.central(scenario, replications, ready.target)
            if draws:
                many = min(scenario.data.draw_replications, count)
                draws = draws[: work.drawn(scenario, draws, many, ready.draw_target)]
    finally:
        store.sweep()  # a worker that is stopped in the midst of writing leaves what it wrote
    progress.phase(EVALUATING)
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
    effort = scenario.data.effort
    notes = [
        _of_situation(item.name, note)
        for item in situations
        for network in ordered(item.networks)
        for note in traded(item.networks[network.name].assumptions, network.label, effort)
    ] + [
        _of_situation(item.name, note)
        for item, made in zip(situations, prepared, strict=True)
        for part in made.values()
        for note in (*part.notes, *(told.reason for told in part.outside))
    ]
    mark(results.dataset, situations, prepared)
    results = replace(
        results,
        assets={**results.assets, **_traces(situations, prepared, work.parts, stage.place, territory)},
        provenance=told
        | {
            "notes": notes,
            "run": {
                "duration_s": round(time.monotonic() - began, 3),
                # Its address is nobody else's business: folders are handed on.
                **({"workers": workers} if local else {"cluster": True}),
                "runs": len(work.parts),
                "resumed": work.resumed,
            },
        },
    )
    if results.swept:
        results = _without_points(results)
    if folder is not None:
        results = identified(results)
        evaluation = write_evaluation(results.evaluation, folder / FILE)
        write_log(folder, results, [evaluation, *write_results(results, folder)])
    return results


def _wanted(ready: Ready, work: Work, told: Mapping[str, Any], count: int) -> int | None:
    """Return how many replications would decide the curve of a sweep; None where `count` do."""
    results = assemble(
        ready.scenario,
        ready.territory,
        ready.situations,
        work.parts,
        count,
        work.failures,
        0,
        ready.stage.place.clock,
    )
    curve = read_sweep(replace(results, provenance=told), ranged=False)
    return None if curve.decided else curve.wanted()


def _without_points(results: Results) -> Results:
    """Return results whose assets are those of the scenario's own situations, and of the value that a sweep ends on.

    Forty layers that differ by a few devices each would fill maps and pages; their figures are in the curve.
    """
    curve = results.sweep()
    points = {*curve.spec["names"], *curve.spec["before"]} - {curve.ending, BASELINE}
    assets = {name: table for name, table in results.assets.items() if name.rpartition("__")[2] not in points}
    return results.keeping(assets=assets)


def _store(folder: Path | None) -> PartStore:
    """Return the store of parts, once what a killed campaign left half written is gone."""
    if folder is None:
        return PartStore(None)
    sweep(folder)
    store = PartStore(folder / "parts")
    store.sweep()
    return store


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

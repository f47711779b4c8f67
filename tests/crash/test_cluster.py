"""A Dask cluster finds the same bytes, whoever dies on the way and whoever began; nothing of a campaign lingers."""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from types import SimpleNamespace

import pytest
import xarray as xr
from campaign_kit import figures, left_over

from jumeau.cli import main
from jumeau.engine import campaign, cluster_client, cluster_worker
from jumeau.engine import cluster as engine
from jumeau.engine.backlog import Backlog
from jumeau.engine.cluster import ClusterExecutor
from jumeau.engine.cluster_client import Cluster
from jumeau.engine.components import Component
from jumeau.engine.executors import Task, Worker
from jumeau.engine.parts import Part, PartStore
from jumeau.engine.plan import CENTRAL, Run
from jumeau.engine.processes import STILLBORN
from jumeau.engine.scenario import read_scenario
from jumeau.errors import InputError, Interrupted, JumeauError

distributed = pytest.importorskip("distributed")

from cluster_kit import SHORT, Steps, cluster, look_in, stop, unfinished  # noqa: E402 - they need Dask


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def here(short, town, tmp_path_factory):
    """The folder of the campaign in one process that nobody kills."""
    folder = tmp_path_factory.mktemp("here") / "run"
    campaign.run(read_scenario(short), town, folder)
    return folder


@pytest.fixture(scope="module")
def two():
    """Two workers of one thread each, that live longer than the campaigns."""
    with cluster(2) as found:
        yield found


def kill_one(address):
    with distributed.Client(address, set_as_default=False) as client:
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


def nothing_lingers(found):
    end = time.monotonic() + 10.0
    while found.scheduler.tasks and time.monotonic() < end:
        time.sleep(0.05)
    return not found.scheduler.tasks and not any(name.startswith("jumeau") for name in found.scheduler.plugins)


def test_by_address_with_a_worker_killed_in_the_midst(short, here, town, two, tmp_path):
    address = two.scheduler_address
    assert address.startswith("tcp://127.0.0.1:")
    told = Steps(at_3=lambda: kill_one(address))
    campaign.run(read_scenario(short), town, tmp_path / "run", cluster=address, progress=told)
    assert told.done == 18
    assert len(told.said) == 1  # that a worker was lost, once
    assert figures(tmp_path / "run") == figures(here)
    one, other = (xr.load_dataset(folder / "results.nc") for folder in (here, tmp_path / "run"))
    assert one.identical(other)
    assert not left_over(tmp_path / "run")
    assert nothing_lingers(two)


def test_begun_in_processes_and_ended_on_a_cluster(short, here, town, two, tmp_path):
    asked = read_scenario(short)
    with pytest.raises(Interrupted):
        campaign.run(asked, town, tmp_path / "run", workers=2, progress=Steps(at_4=stop))
    found = campaign.run(asked, town, tmp_path / "run", cluster=two.scheduler_address, resume=True)
    assert 4 <= found.provenance["run"]["resumed"] < 18
    assert figures(tmp_path / "run") == figures(here)


def test_begun_on_a_cluster_of_this_machine_and_ended_here(short, here, town, tmp_path):
    asked = read_scenario(short)
    with pytest.raises(Interrupted):
        campaign.run(asked, town, tmp_path / "run", cluster="local:1", progress=Steps(at_4=stop))
    assert unfinished(tmp_path / "run")
    found = campaign.run(asked, town, tmp_path / "run", resume=True)
    assert 4 <= found.provenance["run"]["resumed"] < 18
    assert figures(tmp_path / "run") == figures(here)


def test_a_scheduler_that_is_lost_costs_nothing_that_was_finished(short, here, town, english, tmp_path):
    with cluster(1, processes=False) as frail:
        file = tmp_path / "scheduler.json"
        file.write_text(json.dumps({"address": frail.scheduler_address}), encoding="utf-8")
        told = Steps(at_4=frail.close)
        with pytest.raises(JumeauError, match="scheduler of the cluster is lost"):
            campaign.run(read_scenario(short), town, tmp_path / "run", cluster=str(file), progress=told)
    assert unfinished(tmp_path / "run")
    campaign.run(read_scenario(short), town, tmp_path / "run", resume=True)
    assert figures(tmp_path / "run") == figures(here)


def test_a_worker_that_joins_late_takes_part(short, here, town, english, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "ROLL_CALL", 0.2)
    monkeypatch.setattr(engine, "ALONE", 0.1)
    with cluster(0, processes=False) as empty:
        told = Steps()
        told.say = lambda message: (told.said.append(message), threading.Thread(target=empty.scale, args=(1,)).start())
        address = empty.scheduler_address
        campaign.run(read_scenario(short), town, tmp_path / "run", cluster=address, progress=told)
    assert [message[:25] for message in told.said] == ["the cluster has no worker"]
    assert figures(tmp_path / "run") == figures(here)


def test_without_a_folder(short, here, town):
    with cluster(1, processes=False) as small:
        found = campaign.run(read_scenario(short), town, cluster=small.scheduler_address)
    assert found.dataset.identical(campaign.run(read_scenario(short), town).dataset)


def test_what_others_posted_is_sent_and_not_simulated_again(tmp_path):
    post = (60.0, "streets", "s1", 1.0)
    water, mobility = Component(("water",)), Component(("mobility",), hears=(0,), topics=frozenset({"streets"}))
    shared = SimpleNamespace(components=(water, mobility), keys=lambda _run: ("w", "m"), folder=None)
    store = PartStore(tmp_path)
    run = Run(0, CENTRAL, 0)
    assert engine._known(Task(run, (1,)), shared, store) == {}
    store.write("w", Part({}, {}, {}, posts=(post,)))
    told = engine._known(Task(run, (1,)), shared, store)
    assert told == {"w": (post,)}
    assert engine._known(Task(run, (0, 1)), shared, store) == {}  # the run simulates it itself
    worker = Worker(shared)
    worker.execute(Task(run, ()), told)
    assert worker._heard(run, 0, ("w", "m")) == (post,)


def test_workers_that_die_as_they_start_are_told_of_and_nobody_waits(english, monkeypatch):
    client = SimpleNamespace(cancel=lambda _futures, **_options: None)
    executor = ClusterExecutor(SimpleNamespace(client=client, where="tcp://here:1"))
    for number in range(STILLBORN - 1):
        executor._seats["tcp://a:1"] = engine._Seat("tcp://a:1", ())
        assert executor._let_go(engine._Lost("tcp://a:1", expected=not number), Backlog([]), Counter()) is None
    executor._seats["tcp://a:1"] = engine._Seat("tcp://a:1", ())
    executor._let_go(engine._Lost("tcp://a:1"), Backlog([]), Counter())
    executor._seats["tcp://a:1"] = engine._Seat("tcp://a:1", ())
    with pytest.raises(JumeauError, match="stop as they start"):
        executor._let_go(engine._Lost("tcp://a:1"), Backlog([]), Counter())


def test_only_the_run_that_a_worker_was_at_is_blamed():
    client = SimpleNamespace(cancel=lambda _futures, **_options: None)
    executor = ClusterExecutor(SimpleNamespace(client=client, where="tcp://here:1"))
    tasks = [Task(Run(0, CENTRAL, number), (0,)) for number in range(3)]
    deaths, backlog = Counter(), Backlog([])
    # The first one was finished, and its part lost on the way; the third one waited.
    seat = engine._Seat("tcp://a:1", (), ready=True, given=dict(zip(("a", "b", "c"), tasks, strict=True)))
    executor._seats[seat.address] = seat
    executor._tasks = dict.fromkeys(seat.given, (seat, None))
    executor._let_go(engine._Lost(seat.address, {"b"}, seat=engine._Seat(seat.address, ())), backlog, deaths)
    assert not deaths  # one that had the same address before
    executor._let_go(engine._Lost(seat.address, {"b", "c"}), backlog, deaths)
    assert deaths == {tasks[1]: 1}
    assert [backlog.next(None, ()) for _task in tasks] == tasks
    assert not executor._tasks


def test_a_run_that_kills_its_workers_is_set_aside_and_the_others_go_on(deadly, two, monkeypatch):
    monkeypatch.setattr(engine, "DEATHS_OF_A_RUN", 2)  # each birth takes seconds
    shared = deadly(deadly=(2,))
    with distributed.Client(two.scheduler_address, set_as_default=False) as client:
        client.run(look_in, str(shared.marks))  # those that follow them have the path of this process
    reached = Cluster(two.scheduler_address)
    executor = ClusterExecutor(reached)
    try:
        tasks = [Task(Run(0, CENTRAL, number), (0,)) for number in range(6)]
        found = {done.task.run.replication: done for done in executor.execute(shared, tasks)}
    finally:
        executor.close()
        reached.close()
    assert sorted(found) == list(range(6))
    assert [number for number, done in found.items() if done.error] == [2]
    assert "replication 2, seed 42" in found[2].error
    assert {path.name for path in shared.folder.iterdir()} == {
        "key2.failed",
        *(f"key{n}.part" for n in (0, 1, 3, 4, 5)),
    }
    assert len(list(shared.marks.glob("death-2-*"))) == 2


@pytest.mark.parametrize(
    "where", ["", "local:0", "local:two", "somewhere", "tcp://host", "10.0.0.1:8786", "absent.json", "tcp://absent:1"]
)
def test_what_names_no_cluster(english, monkeypatch, where):
    monkeypatch.setattr(cluster_client, "REACH", 0.5)
    with pytest.raises(InputError) as told:
        Cluster(where)
    assert where in str(told.value)
    assert told.value.problems[0].hint


@pytest.mark.usefixtures("town_once")
def test_a_cluster_that_does_not_answer_costs_nothing(short, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster_client, "REACH", 0.5)
    earlier = tmp_path / "run" / "parts" / "earlier.part"
    earlier.parent.mkdir(parents=True)
    earlier.touch()
    for folder in (tmp_path / "run", tmp_path / "new"):
        assert main(["run", str(short), "-o", str(folder), "--cluster", "tcp://127.0.0.1:9", "--lang", "en"]) == 2
        told = capsys.readouterr().err
        assert "no scheduler answers within 0.5 s" in told
        assert "Traceback" not in told
    assert earlier.is_file()
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("town_once")
def test_without_dask(short, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["run", str(short), "-o", str(tmp_path / "run"), "--cluster", "local:2", "--lang", "en"]) == 2
    assert 'pip install "jumeau[cluster]"' in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_other_versions_are_refused(short, town, two, tmp_path, monkeypatch, english):
    there = cluster_worker.library_versions()
    monkeypatch.setattr(cluster_worker, "library_versions", lambda: there | {"numpy": "0.0.1"})
    with pytest.raises(InputError, match=r"figures could differ \(value: numpy 0\.0\.1 / \d"):
        campaign.run(read_scenario(short), town, tmp_path / "run", cluster=two.scheduler_address)
    assert not (tmp_path / "run").exists()


def test_other_code_is_refused_of_a_worker_that_joins_late():
    mine = cluster_worker.identity()
    assert cluster_worker.differences(mine, mine) == ""
    told = cluster_worker.install(b"", mine | {"jumeau": "0.1.0, code of yesterday"}, "en")
    assert "code of yesterday" in cluster_worker.ready(told)


def test_workers_and_cluster_exclude_each_other(short, town, tmp_path, english, capsys):
    with pytest.raises(InputError, match="exclude each other"):
        campaign.run(read_scenario(short), town, tmp_path / "run", workers=2, cluster="local:1")
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(short), "-o", str(tmp_path / "run"), "--workers", "2", "--cluster", "local:1"])
    assert stopped.value.code == 2
    assert "argument --cluster" in capsys.readouterr().err

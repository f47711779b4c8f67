"""Workers and parents that are killed at random moments: the same bytes in the end, nobody left behind.

A few kills here; twenty of each in the marked set. Moments are seeded; what the machine does at that moment is not.
"""

import random
import signal
import time

import pytest
from campaign_kit import figures, kill, launch, left_over, wait_for, workers_of

#: Wait after a kill, beyond the work itself [s].
NOTICED = 10.0


def kill_workers(scenario, folder, rng, count):
    """Run a campaign, and kill a worker `count` times, from birth on; return the moments' age of each victim [s]."""
    process = launch(scenario, folder)
    seen: dict[int, float] = {}
    ages = []
    while len(ages) < count and process.poll() is None:
        for number in workers_of(folder):
            seen.setdefault(number, time.monotonic())
        alive = [number for number in workers_of(folder) if number in seen]
        if not alive:
            time.sleep(0.01)
            continue
        # Half of them within the second of their birth, the others at any moment of their life.
        time.sleep(rng.uniform(0.0, 0.5) if rng.random() < 0.5 else rng.uniform(0.5, 6.0))
        alive = [number for number in workers_of(folder) if number in seen]
        if alive:
            victim = rng.choice(alive)
            kill(victim)
            ages.append(time.monotonic() - seen[victim])
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "Traceback" not in err + out
    return ages


def kill_parent(scenario, folder, rng, by):
    """Kill a campaign at a random moment of its life, then see its workers leave."""
    process = launch(scenario, folder, "--resume")
    wait_for(lambda: workers_of(folder), 60.0, process)
    time.sleep(rng.uniform(0.0, 6.0))
    kill(process.pid, by)
    process.communicate(timeout=60)
    assert wait_for(lambda: not workers_of(folder), NOTICED), "a worker outlives its parent"
    assert process.returncode in (0, -by, 128 + by)
    if by != signal.SIGKILL:
        assert not left_over(folder)


def resume(scenario, folder):
    process = launch(scenario, folder, "--resume")
    _out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err


def test_workers_that_are_killed_change_nothing(scenario, undisturbed, tmp_path):
    ages = kill_workers(scenario, tmp_path / "run", random.Random(1), 2)
    assert ages
    assert figures(tmp_path / "run") == undisturbed
    assert not left_over(tmp_path / "run")
    assert not workers_of(tmp_path / "run")


# Twenty kills by all three signals are in the marked set.
@pytest.mark.parametrize("by", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.reproduce)])
def test_a_parent_that_is_killed_leaves_nobody_and_is_resumed(scenario, undisturbed, tmp_path, by):
    kill_parent(scenario, tmp_path / "run", random.Random(int(by)), by)
    resume(scenario, tmp_path / "run")
    assert figures(tmp_path / "run") == undisturbed
    assert not left_over(tmp_path / "run")


@pytest.mark.reproduce
def test_twenty_kills_of_a_worker(scenario, undisturbed, tmp_path):
    rng = random.Random(2026)
    ages = []
    campaigns = 0
    while len(ages) < 20:
        folder = tmp_path / f"run{campaigns}"
        ages += kill_workers(scenario, folder, rng, min(4, 20 - len(ages)))
        campaigns += 1
        assert figures(folder) == undisturbed
        assert not left_over(folder)
        assert not workers_of(folder)
    print(f"\n{len(ages)} workers killed in {campaigns} campaigns, aged {min(ages):.2f} to {max(ages):.1f} s")


@pytest.mark.reproduce
def test_twenty_kills_of_the_parent(scenario, undisturbed, tmp_path):
    rng = random.Random(2027)
    for number in range(20):
        # Each folder is killed twice before it is left to finish.
        folder = tmp_path / f"run{number // 2}"
        kill_parent(scenario, folder, rng, rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGHUP]))
        if number % 2:
            resume(scenario, folder)
            assert figures(folder) == undisturbed
            assert not left_over(folder)
    print("\n20 parents killed, 10 campaigns finished by resumption")

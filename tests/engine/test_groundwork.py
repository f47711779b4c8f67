"""What networks compute in other processes is what they would have computed here, and spares it."""

import pytest

from jumeau.engine.preparation import Groundwork, alike, prepare_all
from jumeau.engine.processes import ProcessExecutor
from jumeau.engine.ready import make_ready
from jumeau.engine.scenario import read_scenario_text

SCENARIO = """
name: side_by_side
territory: bourg_exemple
networks: [lighting, mobility, waste, water]
period: {start: 2025-01-06, end: 2025-02-02}
seed: 1
replications: 2
assumptions: {waste: {streams: [glass]}, mobility: {gap: 1e-3}}
variants:
  rounds:
    measures:
      - {measure: waste.dynamic_rounds, where: {attributes: {stream: glass}}}
      - {measure: mobility.speed_limit, limit: 30 km/h}
"""


@pytest.fixture
def ready(town, tmp_path_factory):
    return make_ready(read_scenario_text(SCENARIO, tmp_path_factory.mktemp("scenario") / "side.yaml"), town)


def test_what_other_processes_prepared_is_not_computed_again(ready, tmp_path):
    stage = ready.stage
    ground = Groundwork(tuple(ready.situations), alike(ready.situations, stage.place.digests), stage)
    executor = ProcessExecutor(2)
    executor.start(2)
    try:
        executor.prepare(ground, tmp_path)
    finally:
        executor.close()
    learned = set(stage.place.memo.known())
    assert {key[0] for key in learned} >= {"mobility", "waste", "water"}
    prepare_all(ground.situations, ground.same, stage)
    assert set(stage.place.memo.known()) == learned
    assert not list(tmp_path.iterdir())  # what the processes read is gone


@pytest.mark.parametrize("killed", [True, False])
def test_what_fails_elsewhere_is_left_to_this_process(ready, tmp_path, killed):
    stage = ready.stage
    same = alike(ready.situations, stage.place.digests)
    # Without what is alike, computing raises there; here it would say what is wrong.
    ground = Groundwork(tuple(ready.situations), same if killed else tuple({} for _one in same), stage)
    executor = ProcessExecutor(2)
    executor.start(2)
    try:
        if killed:
            for child in executor._processes:
                child.process.kill()
        executor.prepare(ground, tmp_path)
    finally:
        executor.close()
    assert not stage.place.memo.known()
    assert not list(tmp_path.iterdir())

"""A finished run in a folder, made once: four days of two networks, with draws, a variant that does nothing."""

import pytest

from jumeau.engine.campaign import run
from jumeau.engine.scenario import read_scenario
from jumeau.results.storage import read_results

SCENARIO = """
name: valued
territory: bourg_exemple
period: {start: 2025-03-01, end: 2025-03-04}
warmup: 0 days
seed: 7
replications: 3
draws: 4
draw_replications: 1
networks: [lighting, waste]
baseline: {}
variants:
  led:
    measures:
      - measure: lighting.led_retrofit
        where: {attributes: {technology: [HPS]}}
      - measure: lighting.remote_management
  rounds:
    measures:
      - measure: waste.fill_sensors
        where: {attributes: {stream: glass}}
  nothing: {measures: []}
assumptions:
  waste: {streams: [glass]}
uncertainties:
  lighting: {led_power_ratio_hps: {}}
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("valued")
    (place / "valued.yaml").write_text(SCENARIO, encoding="utf-8")
    run(read_scenario(place / "valued.yaml"), folder=place / "run")
    return place / "run"


@pytest.fixture(scope="session")
def results(folder):
    return read_results(folder)

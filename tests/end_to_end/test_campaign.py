"""Campaigns end to end: the same figures whatever the way, and nothing lost on the way."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from short_scenario import LIGHTING, SHORT, TWO_NETWORKS

from jumeau.engine import campaign, executors
from jumeau.engine.progress import Silent
from jumeau.engine.scenario import read_scenario
from jumeau.errors import Interrupted
from jumeau.results.storage import read_results

FIGURES = ("summary.json", "assets.gpkg", "journal.csv")


def run(scenario, town, folder=None, **options):
    return campaign.run(scenario, town, folder, **options)


def figures(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FIGURES}


@pytest.fixture(scope="module")
def reference(town, tmp_path_factory):
    """The short scenario, run serially once."""
    folder = tmp_path_factory.mktemp("reference")
    path = folder / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    results = run(read_scenario(path), town, folder / "run")
    return results, folder / "run"


def test_a_variant_without_measures_differs_by_exactly_zero(reference):
    results, _folder = reference
    records = [record for record in results.records if record.variant == "nothing"]
    assert records
    for record in records:
        if np.isfinite(record.baseline):
            assert record.difference == 0.0, record.indicator
            if record.indicator != "superposition_gap":  # checked in one replication only
                assert record.ci95 == (0.0, 0.0)
                assert record.verdict == "negligible"


def test_led_uses_less_and_alarms_find_sooner(reference):
    compared = [record for record in reference[0].records if record.network == "lighting"]
    records = {(record.variant, record.indicator): record for record in compared}
    assert records["led", "energy"].verdict == "drop established"
    assert records["alarms", "detection_days"].difference < 0
    assert records["alarms", "energy"].difference > 0  # nodes draw power, and lamps are lit again sooner


def test_lamps_cabinets_and_total_agree(reference):
    results, _folder = reference
    for name in results.variants:
        total = float(results.dataset["lighting_electricity"].sel(scenario=name).mean())
        lamps = results.assets[f"lighting_lamps__{name}"]
        cabinets = results.assets[f"lighting_cabinets__{name}"]
        assert lamps["energy"].sum() == pytest.approx(total, rel=1e-9)
        assert cabinets["energy"].sum() == pytest.approx(total, rel=1e-9)
        by_cabinet = lamps.groupby("cabinet_id")["energy"].sum()
        of_cabinet = cabinets.set_index("cabinet_id")["energy"]
        assert np.allclose(by_cabinet, of_cabinet[by_cabinet.index], rtol=1e-9)


@pytest.fixture(scope="module")
def lit(town, tmp_path_factory):
    """The folder of the same with the lighting alone, to be copied by whoever damages it."""
    folder = tmp_path_factory.mktemp("lit")
    path = folder / "short.yaml"
    path.write_text(LIGHTING, encoding="utf-8")
    run(read_scenario(path), town, folder / "run")
    return folder / "run"


def test_workers_and_repetition_give_the_same_bytes(lit, town, write_scenario, tmp_path):
    """All four networks by two workers: the test of interruption below."""
    scenario = read_scenario(write_scenario(LIGHTING))
    run(scenario, town, tmp_path / "parallel", workers=2)
    assert figures(tmp_path / "parallel") == figures(lit)
    run(scenario, town, tmp_path / "again")
    assert figures(tmp_path / "again") == figures(lit)


def test_what_is_written_is_what_is_read(reference):
    results, folder = reference
    again = read_results(folder)
    assert again.dataset.equals(results.dataset)
    # As texts: what is unknown is not equal to itself.
    assert repr(again.records) == repr(results.records)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["format"] == "jumeau-summary"
    assert len(summary["records"]) == len(results.records)
    assert {"network", "indicator", "unit", "baseline", "difference", "ci95", "verdict", "variance_ratio"} <= set(
        summary["records"][0]
    )


def test_interrupted_and_resumed_by_workers_gives_the_same_bytes(
    reference, town, write_scenario, tmp_path, monkeypatch
):
    """Four networks: begun in one process, stopped, and finished by two workers, as if it had never been stopped."""
    scenario = read_scenario(write_scenario())
    real = executors.simulate
    count = 0

    def stopped(*args, **options):
        nonlocal count
        count += 1
        if count == 14:
            raise KeyboardInterrupt
        return real(*args, **options)

    monkeypatch.setattr(executors, "simulate", stopped)
    with pytest.raises(Interrupted):
        run(scenario, town, tmp_path / "run")
    assert len(list((tmp_path / "run" / "parts").glob("*.part"))) == 13
    assert not (tmp_path / "run" / "summary.json").exists()
    monkeypatch.setattr(executors, "simulate", real)
    results = run(scenario, town, tmp_path / "run", resume=True, workers=2)
    # Three of the baseline, each of four networks, and those of the variant without measures.
    assert results.provenance["run"]["resumed"] == 6
    assert figures(tmp_path / "run") == figures(reference[1])


def test_a_truncated_part_is_redone(lit, town, write_scenario, tmp_path):
    scenario = read_scenario(write_scenario(LIGHTING))
    shutil.copytree(lit, tmp_path / "run")
    parts = sorted((tmp_path / "run" / "parts").glob("*.part"))
    parts[0].write_bytes(parts[0].read_bytes()[:-100])
    parts[1].write_bytes(b"")
    damaged = bytearray(parts[2].read_bytes())
    damaged[len(damaged) // 2] ^= 1
    parts[2].write_bytes(bytes(damaged))
    results = run(scenario, town, tmp_path / "run", resume=True)
    assert 0 < results.provenance["run"]["resumed"] < 16 - 2
    assert sorted((tmp_path / "run" / "parts").glob("*.part")) == parts
    assert figures(tmp_path / "run") == figures(lit)


def test_parts_of_another_seed_are_not_taken(lit, town, write_scenario, tmp_path):
    shutil.copytree(lit, tmp_path / "run")
    other = read_scenario(write_scenario(LIGHTING.replace("seed: 42", "seed: 43")))
    results = run(other, town, tmp_path / "run", resume=True)
    assert results.provenance["run"]["resumed"] == 0


def test_a_failed_run_is_set_aside_with_its_seed(town, write_scenario, tmp_path, monkeypatch):
    real = executors.simulate

    def broken(component, prepared, shared, stage, replication, **options):
        if replication == 2:
            raise RuntimeError("a pump of the model broke")
        return real(component, prepared, shared, stage, replication, **options)

    monkeypatch.setattr(executors, "simulate", broken)
    results = run(read_scenario(write_scenario(TWO_NETWORKS)), town, tmp_path / "run")
    assert len(results.failures) == 3  # the baseline and the variant without measures are one content
    assert "replication 2, seed 42" in results.failures[0]
    # Two networks of the baseline, and the lighting of two variants.
    assert len(list((tmp_path / "run" / "parts").glob("*.failed"))) == 4
    energy = [record for record in results.records if record.indicator == "energy" and record.variant == "led"]
    assert energy[0].verdict == "drop established"  # from the three pairs that are left


def test_replications_until_the_precision_is_reached(town, write_scenario, tmp_path):
    text = LIGHTING.replace(
        "replications: 4",
        "replications: {minimum: 4, maximum: 30, precision: {indicator: lighting.energy, half_width: 12 kWh}}",
    )
    results = run(read_scenario(write_scenario(text)), town)
    count = results.dataset.sizes["replication"]
    widths = [
        (record.ci95[1] - record.ci95[0]) / 2
        for record in results.records
        if record.indicator == "energy" and record.ci95 is not None
    ]
    assert 4 <= count <= 30
    assert max(widths) <= 12 or count == 30


class Told(Silent):
    """Keeps how many runs were said to come, and how many came."""

    expected = steps = 0

    def expect(self, total):
        self.expected = total

    def step(self):
        self.steps += 1


def test_draws_of_uncertain_assumptions(town, write_scenario):
    text = LIGHTING.replace("replications: 4", "replications: 2\ndraws: 5\ndraw_replications: 1") + (
        "uncertainties:\n  shared:\n"
        "    electricity_price: {low: 0.10 EUR/kWh, mode: 0.16 EUR/kWh, high: 0.24 EUR/kWh}\n"
        "  lighting:\n"
        "    efficacy_led: {}\n"
    )
    told = Told()
    results = run(read_scenario(write_scenario(text)), town, progress=told)
    assert told.expected == told.steps > 0
    assert results.draws.sizes == {"scenario": 4, "draw": 5, "replication": 1}
    cost = results.draws["lighting_energy_cost"]
    assert len(np.unique(cost.sel(scenario="baseline").values.round(6))) == 5
    record = next(r for r in results.records if r.variant == "led" and r.indicator == "energy")
    assert record.range80[0] < record.range80[1] < 0
    nothing = next(r for r in results.records if r.variant == "nothing" and r.indicator == "energy")
    assert nothing.range80 == (0.0, 0.0)


def test_pairing_pays_where_only_detection_changes(reference):
    records = {(r.variant, r.indicator): r for r in reference[0].records}
    ratio = records["alarms", "failures"].variance_ratio
    assert ratio is None or ratio > 5  # None: every pair has the very same failures


def test_ctrl_c_in_a_real_process_is_clean(write_scenario, tmp_path):
    path = write_scenario(LIGHTING.replace("replications: 4", "replications: 400"))
    command = [sys.executable, "-m", "jumeau.cli", "run", str(path), "-o", str(tmp_path / "out"), "--workers", "2"]
    # A shell starts what runs in its background deaf to Ctrl-C, and children inherit that.
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    parts = tmp_path / "out" / "parts"
    limit = time.monotonic() + 240
    try:
        while time.monotonic() < limit and len(list(parts.glob("*.part"))) < 4:
            time.sleep(0.2)
        assert len(list(parts.glob("*.part"))) >= 4
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "--resume" in err
    assert not list(parts.glob("*.tmp"))
    assert not (tmp_path / "out" / "results.nc").exists()

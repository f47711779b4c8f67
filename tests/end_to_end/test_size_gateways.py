"""`jumeau size gateways`: what it prints and writes, and what it refuses."""

import json

import geopandas as gpd
import pandas as pd
import pytest

from jumeau.cli import main


@pytest.fixture
def sites(tmp_path, town):
    low_x, low_y, high_x, high_y = town.layer("lamps").total_bounds
    rows = [
        {
            "site_id": f"s{i}{j}",
            "x": low_x + (high_x - low_x) * i / 4,
            "y": low_y + (high_y - low_y) * j / 4,
            "height": 25,
        }
        for i in range(5)
        for j in range(5)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "sites.csv", index=False)
    return tmp_path / "sites.csv"


def size(*words):
    return main(["size", "gateways", *map(str, words), "--lang", "en"])


def test_everything_is_written(capsys, tmp_path, sites):
    words = ["--territory", "bourg_exemple", "--devices", "lamps:indoor", "--sites", sites]
    assert size(*words, "--json", tmp_path / "found.json", "-o", tmp_path / "out") == 0
    out = capsys.readouterr().out
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert f"{found['count']} gateway(s) among 25 candidate sites" in out
    assert found["covered"] >= found["target"] == 0.95
    assert found["by_setting"]["outdoor"]["covered"] >= found["by_setting"]["pit"]["covered"]
    table = pd.read_csv(tmp_path / "out" / "gateways.csv")
    assert len(table) == found["count"] == found["bound"]
    layers = {
        name: gpd.read_file(tmp_path / "out" / "coverage.gpkg", layer=name) for name in ("gateways", "device_coverage")
    }
    assert len(layers["gateways"]) == found["count"]
    assert len(layers["device_coverage"]) == found["devices"]
    assert layers["device_coverage"]["covered"].mean() == pytest.approx(found["covered"])
    assert (tmp_path / "out" / "coverage.png").read_bytes().startswith(b"\x89PNG")


def test_redundancy_takes_more_gateways(tmp_path, sites):
    counts = []
    for redundancy in (1, 2):
        file = tmp_path / f"{redundancy}.json"
        words = [
            "--territory",
            "bourg_exemple",
            "--devices",
            "lamps:pit",
            "--sites",
            sites,
            "--target",
            "80%",
            "--seconds",
            "3",
        ]
        assert size(*words, "--redundancy", redundancy, "--json", file) == 0
        counts.append(json.loads(file.read_text("utf-8"))["count"])
    assert counts[0] < counts[1]


def test_roofs_stand_in_where_no_file_is_given(capsys, tmp_path):
    assert size("--territory", "bourg_exemple", "--json", tmp_path / "found.json") == 0
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert {item["kind"] for item in found["gateways"]} == {"roof"}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--devices", "lamps:attic"], "attic"),
        (["--devices", "toasters"], "toasters"),
        (["--model", "olu"], "oulu"),
        (["--sites", "nowhere.csv"], "nowhere.csv"),
        (["--devices", "lamps:pit", "--redundancy", "2", "--target", "100%", "--spreading", "7"], "together"),
        (["--territory", "nowhere.gpkg"], "nowhere.gpkg"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(capsys, tmp_path, words, part):
    out = tmp_path / "out"
    assert size("--territory", "bourg_exemple", *words, "-o", out, "--json", tmp_path / "found.json") == 2
    told = capsys.readouterr().err
    assert part in told
    assert "Traceback" not in told
    assert not (tmp_path / "found.json").exists()
    assert not list(out.glob("*")) if out.exists() else True


def test_a_mast_outside_the_relief_is_named(capsys, tmp_path, sites):
    sites.write_text(sites.read_text("utf-8") + "far,700000,6700000,25\n", encoding="utf-8")
    assert size("--territory", "bourg_exemple", "--sites", sites) == 2
    assert "far" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["0", "lots", "120 %"])
def test_a_target_that_is_no_share_is_refused(capsys, target):
    assert size("--territory", "bourg_exemple", "--target", target) == 2
    assert f"--target {target}" in capsys.readouterr().err


def test_words_that_are_none(capsys):
    with pytest.raises(SystemExit) as left:
        size("--territory", "bourg_exemple", "--redundancy", "0")
    assert left.value.code == 2


def test_words_of_other_devices_are_refused(capsys):
    assert size("--territory", "bourg_exemple", "--count", "3") == 2
    assert "--count" in capsys.readouterr().err


def test_more_messages_than_the_duty_cycle_allows_are_told(capsys):
    words = ["--territory", "bourg_exemple", "--seconds", "3", "--messages", "2000"]
    assert size(*words) == 0
    # 20 bytes at SF12 take 1.81 s: 1 % of a day holds 477 of them.
    assert "477" in capsys.readouterr().out
    assert size(*words[:-1], "24") == 0
    assert "SF12" not in capsys.readouterr().out

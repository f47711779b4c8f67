"""What a run writes, read by the programs that it is for: QGIS, Khronos's validator, the tools of 3D Tiles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from jumeau_viz.exports import write_gltf, write_tiles
from jumeau_viz.open_run import open_run
from jumeau_viz.qgis import write_map
from PIL import Image

from jumeau import read_scenario
from jumeau import run as run_scenario
from jumeau.results.model import asset_table

pytestmark = pytest.mark.reproduce

HERE = Path(__file__).parent / "other_programs"
ROOT = Path(__file__).parents[2]
#: Debian's, for which `python3-qgis` is made.
SYSTEM_PYTHON = "/usr/bin/python3"


def clean():
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The run of the demonstration, with as little chance as is enough."""
    folder = tmp_path_factory.mktemp("demo")
    text = (ROOT / "scenarios" / "demo.yaml").read_text(encoding="utf-8")
    short = text.replace("replications: 8", "replications: 2").replace("draws: 12", "draws: 0")
    (folder / "short.yaml").write_text(short, encoding="utf-8")
    run_scenario(read_scenario(folder / "short.yaml"), folder=folder / "run", workers=1)
    return open_run(folder / "run")


@pytest.fixture(scope="module")
def in_qgis(opened):
    if subprocess.run([SYSTEM_PYTHON, "-c", "import qgis.core"], env=clean(), capture_output=True).returncode:
        pytest.skip("no QGIS here: apt install qgis python3-qgis")
    write_map(opened)
    picture = opened.folder / "map.png"
    words = [SYSTEM_PYTHON, str(HERE / "qgis_check.py"), str(opened.folder), str(picture)]
    done = subprocess.run(words, env=clean(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1]), picture


def expected(scale):
    return [
        [max(band.low, -1e30), min(band.high, 1e30), band.label, "#{:02x}{:02x}{:02x}".format(*band.colour)]
        for band in scale.bands()
    ]


def test_qgis_opens_every_layer_where_it_belongs(in_qgis, opened):
    found, _picture = in_qgis
    assert found["read"]
    assert found["title"] == opened.captions.heading()
    assert found["crs"] == opened.territory.crs.to_string()
    assert all(layer["valid"] and layer["count"] > 0 for layer in found["layers"].values())
    assert {layer["crs"] for layer in found["layers"].values()} == {found["crs"]}
    networks = [opened.captions.network(name) for name in dict.fromkeys(layer.network for layer in opened.layers)]
    assert list(found["tree"]) == [*networks, "Territoire"]
    assert found["shown"][0] == "jumeau_lighting_lamps__baseline__energy"
    assert {"jumeau_streets__all", "jumeau_buildings__all"} <= set(found["shown"])


def test_qgis_draws_the_scales_of_the_page(in_qgis, opened):
    found, picture = in_qgis
    checked = 0
    for layer in opened.layers:
        for indicator in layer.indicators:
            for situation in layer.of_changed().scenarios:
                table = asset_table(layer.network, layer.appearance.layer, situation)
                shown = found["layers"].get(f"jumeau_{table}__{indicator.name}")
                if shown is None:
                    continue
                assert shown["type"] == "graduatedSymbol"
                assert shown["classes"] == expected(layer.scale(indicator))
                assert shown["aliases"][indicator.name]
                change = found["layers"].get(f"jumeau_{table}__difference__{indicator.name}_difference")
                if change is not None:
                    assert change["classes"] == expected(layer.difference_scale(indicator))
                checked += 1
    assert checked > 30
    alone = found["opened_alone"]  # the results, without the project
    assert alone["classes"] == expected(opened.layers[0].scale(opened.layers[0].indicators[0]))
    assert alone["aliases"]["energy"] == "Électricité [kWh]"
    with Image.open(picture) as drawn:
        seen = {tuple(colour) for colour in np.unique(np.asarray(drawn.convert("RGB")).reshape(-1, 3), axis=0).tolist()}
    assert {band.colour for band in opened.layers[0].scale(opened.layers[0].indicators[0]).bands()} <= seen


def test_other_readers_find_no_error_in_gltf_and_tiles(opened, tmp_path):
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no node here: apt install nodejs npm")
    packages = ["gltf-validator@2.0.0-dev.3.10", "3d-tiles-tools@0.5.4"]
    install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(tmp_path), *packages]
    if subprocess.run(install, capture_output=True, timeout=300).returncode:
        pytest.skip("the packages of npm cannot be had here")
    town = write_gltf(opened, tmp_path / "town.glb")
    folder = tmp_path / "tiles"
    write_tiles(opened, folder)
    done = subprocess.run(
        [node, str(HERE / "check.js"), str(town), str(folder)],
        env={**os.environ, "NODE_PATH": str(tmp_path / "node_modules")}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["gltf"]) > 10
    assert {name: (item["errors"], item["warnings"]) for name, item in found["gltf"].items()} == dict.fromkeys(
        found["gltf"], (0, 0)
    )
    reached = {uri for uris in found["tilesets"].values() for uri in uris}
    assert reached == {path.name for path in folder.glob("*.glb")}
    for item in found["features"].values():
        assert item["features"] == [table["count"] for table in item["tables"]]
    buildings = [item["features"][0] for name, item in found["features"].items() if name.startswith("buildings_")]
    assert sum(buildings) == len(opened.territory.layers["buildings"])

"""Fixtures of the 3D tests: a small town, its scene and its lamps in two scenarios."""

from __future__ import annotations

import pytest
import small_town
from jumeau_viz.appearance import read_appearance
from jumeau_viz.assets import build_assets
from jumeau_viz.captions import Captions
from jumeau_viz.probe import probe
from jumeau_viz.scene import build_scene


@pytest.fixture(scope="session")
def layers():
    return small_town.layers()


@pytest.fixture(scope="session")
def scene(layers):
    return build_scene(layers)


@pytest.fixture(scope="session")
def appearance():
    return read_appearance(small_town.LIGHTING / "appearance.yaml", small_town.ATTRIBUTES)[0]


@pytest.fixture(scope="session")
def assets(scene, appearance):
    return build_assets("lighting", appearance, small_town.frames(), scene)


@pytest.fixture(scope="session")
def captions():
    return Captions.from_provenance(small_town.PROVENANCE)


@pytest.fixture(scope="session")
def can_draw():
    found = probe()
    if not found.works:
        pytest.skip(found.message)

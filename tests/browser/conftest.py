"""A headless Chromium without any network, and the pages of a small run."""

from __future__ import annotations

import sys
import time
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "viz"))

import small_town
from jumeau_viz import render, run_folder
from jumeau_viz.probe import Probe


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The pages of a run of one network, without pictures: `fr` and `en`."""
    folder = tmp_path_factory.mktemp("run")
    small_town.write_run(folder)
    patch = pytest.MonkeyPatch()
    patch.setattr(run_folder, "probe", lambda: Probe(works=False, reason="crash"))
    written = render(folder, out=folder / "3d")
    patch.undo()
    return {path.stem[-2:]: path for path in written}


class Window:
    """A page in a window of its own, and what went wrong in it."""

    def __init__(self, browser, path, width, height, **options):
        self.context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(120_000)  # drawing by software on a busy machine
        self.troubles, self.requests = [], []
        self.page.on("console", lambda told: self.troubles.append(told.text) if told.type != "log" else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())
        self.until("window.jumeau !== undefined")
        self.settle()

    def until(self, said, seconds=90.0):
        """Wait until an expression holds; the page's policy forbids it to evaluate one by itself."""
        limit = time.monotonic() + seconds
        while not self.page.evaluate(said):
            assert time.monotonic() < limit, said
            self.page.wait_for_timeout(50)

    def settle(self):
        """Wait until what was asked for is drawn: two frames, and no flight under way."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def pixels(self):
        """Return what the view shows, as an array (height, width, 3)."""
        self.settle()
        shot = self.page.evaluate("window.jumeau.viewer.snapshot()")
        return np.asarray(Image.open(BytesIO(b64decode(shot.split(",")[1]))).convert("RGB"))


@pytest.fixture
def window(chromium, pages):
    opened = []

    def open_page(lang="fr", width=1280, height=720, **options):
        options.setdefault("reduced_motion", "reduce")
        found = Window(chromium, pages[lang], width, height, **options)
        opened.append(found)
        return found

    yield open_page
    for item in opened:
        item.context.close()

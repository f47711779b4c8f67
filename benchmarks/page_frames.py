"""The 3D page in a browser without a graphics card: size, time to build it, frames a second, and how they grow.

The budget: a headless Chromium on two cores, drawing by software (SwiftShader) at 1920 by 1080, the camera turning by a
degree a frame, by day, by night and with two situations side by side, each at the level of detail that the page settles
at by itself (0: everything, 6: least). The best of several turns is given: what else the machine does only slows them
down. `bare` is the same browser with the view's canvas cleared and nothing drawn, which is the most that it can show. A
laptop with any graphics chip does better.

    python benchmarks/page_frames.py [TERRITORY.gpkg ...]

Without an argument: the bundled town. Figures of assets are drawn at random; growth is read from territories of several
sizes, a line each.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
from jumeau_viz.appearance import read_appearance
from jumeau_viz.assets import build_assets
from jumeau_viz.captions import Captions
from jumeau_viz.page import Place, build_page
from jumeau_viz.places import find_addresses, find_names
from jumeau_viz.scene import build_scene
from jumeau_viz.sunlight import Sunlight
from playwright.sync_api import Page, sync_playwright

from jumeau.network import discover
from jumeau.territory.bundled import locate
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
FRAMES, TURNS = 40, 6


def page_of(territory: Territory) -> str:
    """Return the page of a territory whose lamps, pipes and links bear figures drawn at random."""
    rng = np.random.Generator(np.random.PCG64(1))
    scene = build_scene(territory.layers)
    layers = []
    for network in discover().values():
        for appearance in read_appearance(network.folder / "appearance.yaml", network.attributes):
            frame = territory.layers.get(appearance.layer)
            if not isinstance(frame, gpd.GeoDataFrame) or not len(frame) or not appearance.pictures:
                continue
            drawn = {item.name: rng.random(len(frame)) for item in appearance.indicators}
            before = frame.assign(**drawn)
            after = frame.assign(**{name: values * 0.5 for name, values in drawn.items()})
            both = {"baseline": before, "after": after}
            layers.append(build_assets(network.name, appearance, both, scene, hours=network.hours))
    place = Place(
        find_names(territory.layers, scene),
        find_addresses(territory.layers, scene),
        Sunlight.over(territory.location, territory.timezone, date(2025, 1, 1), 365),
    )
    return build_page(scene, layers, Captions("Benchmark", {"after": "After"}), place=place, pictures=[])


def frames(page: Page, prepare: str) -> tuple[float, int]:
    """Return the frames a second after some preparation, and the level that they were drawn at: the best of turns."""
    found: list[tuple[float, int]] = page.evaluate(
        """async ([prepare, count, turns]) => {
          const { viewer, clock, page } = window.jumeau;
          if (prepare === "night") clock.at(23.5);
          if (prepare === "split") page.show({ split: true });
          if (prepare === "day") clock.at(11);
          const next = () => new Promise((done) => requestAnimationFrame(done)), found = [];
          for (let k = 0; k < count; k++) { viewer.turn(1, 0); await next(); }
          for (let turn = 0; turn < turns; turn++) {
            const start = performance.now();
            for (let k = 0; k < count; k++) { viewer.turn(1, 0); await next(); }
            found.push([(1000 * count) / (performance.now() - start), viewer.level()]);
          }
          return found; }""",
        [prepare, FRAMES, TURNS],
    )
    return max(found)


def bare(page: Page) -> float:
    """Return the frames a second of a canvas of the window's size on which nothing is drawn."""
    return float(
        page.evaluate(
            """async ([count, turns]) => {
          const next = () => new Promise((done) => requestAnimationFrame(done));
          const canvas = document.createElement("canvas");
          canvas.width = innerWidth / 2; canvas.height = innerHeight / 2;
          canvas.style.cssText = "position: fixed; inset: 0; width: 100%; height: 100%; image-rendering: pixelated";
          document.body.replaceChildren(canvas);
          const gl = canvas.getContext("webgl2", { antialias: false, alpha: false });
          let best = 0;
          for (let turn = 0; turn < turns; turn++) {
            const start = performance.now();
            for (let k = 0; k < count; k++) {
              gl.clearColor(k / count, 0, 0, 1);
              gl.clear(gl.COLOR_BUFFER_BIT);
              await next();
            }
            best = Math.max(best, (1000 * count) / (performance.now() - start));
          }
          return best; }""",
            [FRAMES, TURNS],
        )
    )


def main() -> None:
    """Print a line for each territory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("territory", nargs="*", type=Path, default=[locate("bourg_exemple")])
    print("territory buildings assets page[MB] build[s] first[s] day[f/s]@level night night,split bare[f/s]")
    with sync_playwright() as started, tempfile.TemporaryDirectory() as folder:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for path in parser.parse_args().territory:
            territory = read_territory(path)
            start = time.perf_counter()
            text = page_of(territory)
            built = time.perf_counter() - start
            file = Path(folder) / "page.html"
            file.write_text(text, encoding="utf-8")
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            start = time.perf_counter()
            page.goto(file.as_uri())
            while not page.evaluate("window.jumeau !== undefined"):
                page.wait_for_timeout(50)
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            opened = time.perf_counter() - start
            speeds = [frames(page, name) for name in ("day", "night", "split")]
            assets = page.evaluate("window.jumeau.page.assets.reduce((sum, item) => sum + item.ids.length, 0)")
            size = file.stat().st_size / 1e6
            print(
                f"{territory.name} {len(territory.layers.get('buildings', ()))} {assets} {size:.1f} {built:.1f} "
                f"{opened:.1f} " + " ".join(f"{speed:.0f}@{level}" for speed, level in speeds) + f" {bare(page):.0f}",
                flush=True,
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()

"""The served application in a browser: a picture, its words, and nothing asked of the internet."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from io import BytesIO
from urllib.parse import urlsplit

import numpy as np
import pytest
import small_town
from jumeau_viz.probe import probe
from PIL import Image


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    pytest.importorskip("trame.app")
    pytest.importorskip("trame_vtk")
    if not probe().works:
        pytest.skip(probe().message)
    folder = tmp_path_factory.mktemp("served")
    small_town.write_run(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jumeau.cli", "serve", str(folder), "--port", str(port), "--lang", "fr"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        said = started.stdout.readline()
        assert f"http://127.0.0.1:{port}/" in said
        for _try in range(200):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        started.send_signal(signal.SIGINT)
        status = started.wait(30)
        started.stdout.close()
    assert status in (0, 130), "Ctrl-C ends the session"


@pytest.fixture
def page(chromium, address):
    context = chromium.new_context(viewport={"width": 1000, "height": 640})
    opened = context.new_page()
    opened.asked = []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("websocket", lambda made: opened.asked.append(made.url))
    opened.goto(address)
    opened.wait_for_selector("#next")
    yield opened
    context.close()


def picture(page):
    shot = page.screenshot(clip={"x": 520, "y": 400, "width": 420, "height": 200})
    return np.asarray(Image.open(BytesIO(shot)).convert("RGB"), dtype=int)


def changed(page, before, enough=lambda now: True):
    """The picture, as soon as it differs from an earlier one, and enough."""
    for _try in range(150):
        now = picture(page)
        if np.abs(now - before).max() > 40 and enough(now):
            return now
        time.sleep(0.2)
    raise AssertionError("the picture stays as it is")


def test_a_session_is_led_from_the_browser(page):
    first = changed(page, np.broadcast_to(picture(page)[:1, :1], (200, 420, 3)))
    assert page.inner_text("h1") == "Passage de l’éclairage aux LED"
    assert page.inner_text(".notice >> nth=0") == "Simulation, et non mesure"
    page.click("#next")
    page.wait_for_selector("text=1 / 5")
    page.click("#next")
    page.wait_for_selector("text=2 / 5")
    assert page.inner_text(".figure strong") == "−59,1\u00a0MWh".replace("\u00a0", page.inner_text(".figure strong")[5])
    assert page.is_checked("#change")
    later = changed(page, first)
    assert page.locator(".note").count() == 0, "the notes are for who presents"
    page.click("#notes")
    page.wait_for_selector("text=baisse établie")
    page.click("#before")
    page.wait_for_selector(".seen:has-text('Éclairage actuel')")
    before = changed(page, later)
    page.click("#day")
    night = changed(page, before, lambda now: now.mean() < before.mean() - 60)
    page.select_option("#choice", index=1)
    page.mouse.move(640, 400)
    page.mouse.down()
    page.mouse.move(540, 390, steps=5)
    page.mouse.up()
    changed(page, night)


def test_nothing_is_asked_of_the_internet(page):
    changed(page, np.broadcast_to(picture(page)[:1, :1], (200, 420, 3)))
    hosts = {urlsplit(url).hostname for url in page.asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
    assert any(url.startswith("ws://127.0.0.1") for url in page.asked)

"""What tests share: the bundled town, the folder of open data."""

import os
import shutil
from pathlib import Path

import pytest

from jumeau.i18n import DEFAULT_LANGUAGE, language
from jumeau.territory.storage import read_territory

ROOT = Path(__file__).parents[1]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: No screen, no graphics card, and none of the calls home that a closed network refuses.
FLAGS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def nothing_kept():
    """Tests compute what they test, in processes of theirs too; see `jumeau.simulation.shelf`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUMEAU_CACHE", "off")
        yield


@pytest.fixture(scope="session")
def town():
    """The bundled, synthetic town."""
    return read_territory("bourg_exemple")


@pytest.fixture(scope="module")
def town_once(town):
    """The bundled town, read once for all scenarios of a module: reading it is most of a refusal's time."""
    from jumeau.engine import ready

    read = ready.read_territory
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ready, "read_territory", lambda path: town if path == "bourg_exemple" else read(path))
        yield


@pytest.fixture(scope="session")
def data_folder():
    """Real open data, where it is at hand; tests that need it are skipped elsewhere."""
    folder = Path(os.environ.get("JUMEAU_DATA") or ROOT / ".." / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip("no open data here: set JUMEAU_DATA")
    return folder


@pytest.fixture(scope="session")
def chromium():
    """A browser without a screen, where one is at hand."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("Chromium is not on this machine: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef):
    """What several tests share is made in the default language, and leaves no other to whoever comes next."""
    if fixturedef.scope == "function":
        return (yield)
    with language(DEFAULT_LANGUAGE):
        return (yield)


@pytest.fixture(autouse=True)
def usual_language():
    """Each test starts in the default language: commands set theirs for the rest of the process."""
    with language(DEFAULT_LANGUAGE):
        yield


@pytest.fixture
def english():
    """Messages in English during the test."""
    with language("en"):
        yield

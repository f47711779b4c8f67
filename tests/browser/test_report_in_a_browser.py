"""The report and its annex as their readers meet them: without network, at any width, with a screen reader."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from town_campaign import town_campaign

from jumeau.report.html import annex_path, write_report


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report of a campaign and its annex, in both languages."""
    folder = tmp_path_factory.mktemp("report")
    return {lang: write_report(town_campaign(), folder / f"report_{lang}.html", lang) for lang in ("fr", "en")}


#: Phone and desk, one language each; the rest of both, and a room's screens, are left to `make reproduce`.
WINDOWS = [
    ("report", "fr", 390), ("report", "en", 1280), ("annex", "fr", 1280),
    *(
        pytest.param(part, lang, width, marks=pytest.mark.reproduce)
        for part in ("report", "annex")
        for lang in ("fr", "en")
        for width in (390, 1280, 1920, 3840)
    ),
]  # fmt: skip


@pytest.mark.parametrize(("part", "lang", "width"), WINDOWS)
def test_it_is_accessible_asks_nothing_and_fits(chromium, reports, part, lang, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    path = reports[lang] if part == "report" else annex_path(reports[lang])
    context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    asked, troubles = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda told: troubles.append(told.text))
    page.goto(path.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [page.url]
    for panel in page.query_selector_all("details:not([open])"):
        panel.evaluate("item => { item.open = true; }")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    found = axe.Axe().run(page).response["violations"]
    odd = [item for item in found if item["impact"] in ("moderate", "serious", "critical")]
    assert [(item["id"], [node["html"][:90] for node in item["nodes"]]) for item in odd] == []
    assert troubles == []
    context.close()

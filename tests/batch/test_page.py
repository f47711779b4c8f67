"""The page of a batch in a browser: it is coloured, sorted and read offline, on a screen and on a telephone."""

import pytest


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_answers(made, chromium, width):
    context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    troubles, asked = [], []
    page.on("console", lambda told: troubles.append(told.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((made.folder / "batch.html").as_uri())

    def seen():
        return page.locator("table.sortable tbody tr:visible")

    assert seen().count() == 3, "one variant at a time"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    fill = page.locator(".map [data-i='0']").get_attribute("fill")
    page.select_option("#measure", "collective_value")
    assert "k€" in page.locator("#measured").inner_text()
    page.select_option("#variant", "alarms")
    assert page.locator("#varied").inner_text() == "Alarmes"
    assert seen().first.get_attribute("data-variant") == "alarms"
    assert page.locator(".map [data-i='0']").get_attribute("fill") != fill
    label = page.locator(".map a").first.get_attribute("aria-label")
    assert label.startswith("Saint-Éloi")
    assert "k€" in label
    people = page.locator("table.sortable th", has_text="Habitants")
    orders = []
    for _time in range(2):
        people.locator("button").click()
        column = [cell.get_attribute("data-v") for cell in seen().locator("td:nth-child(3)").all()]
        orders.append([float(value) for value in column])
    assert orders[0] == sorted(orders[0])
    assert orders[1] == orders[0][::-1]
    assert people.get_attribute("aria-sort") == "descending"
    page.locator(".map a").nth(1).click()
    assert page.url.endswith("#row-1")
    assert page.locator("#row-1").is_visible()
    assert troubles == []
    assert len(asked) == 1
    context.close()

"""What the public names, a territory and a scenario say of themselves in a console or a notebook."""

import jumeau
from jumeau.i18n import language

SCENARIO = """
name: short
territory: bourg_exemple
networks: [lighting]
period: {start: 2025-01-01, end: 2025-01-31}
variants:
  led:
    measures: [{measure: lighting.led_retrofit}]
"""


def test_the_package_shows_its_public_names():
    assert dir(jumeau) == sorted([*jumeau.__all__, "__version__"])
    assert callable(jumeau.render)


def test_a_territory_says_what_it_holds(town):
    text = repr(town)
    assert len(text) < 1500
    for words in ("bourg_exemple", "EPSG:2154", "synthetic", f"lamps {len(town.layers['lamps'])}"):
        assert words in text
    with language("fr"):
        page = town._repr_html_()
    assert page.count("<tr") == 1 + len(town.layers)
    assert "synthétique" in page


def test_a_scenario_says_what_it_asks(tmp_path):
    path = tmp_path / "short.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    text = repr(jumeau.read_scenario(path))
    assert len(text) < 300
    for words in ("short", "bourg_exemple", "lighting", "led", "2025-01-31"):
        assert words in text

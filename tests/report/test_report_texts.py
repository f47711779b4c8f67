"""Texts of authors reach figures as they are written."""

import pytest

from jumeau.report.canvas import drawing


@pytest.mark.parametrize("text", ["$$ économies $$", r"$\frac{", "5 $ à 10 $", r"\$", "100 %"])
def test_a_dollar_is_no_formula(text):
    def draw(figure):
        axes = figure.subplots()
        axes.set_title(text)
        axes.set_yticks([0, 1], [text, text])

    assert text in drawing("figure", 2.0, "alt", draw)

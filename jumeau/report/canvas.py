"""Inline SVG made with Matplotlib: same data, same bytes, no address of anywhere, texts that stay text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from jumeau.redaction import visible
from jumeau.report.numbers import plain

#: Okabe and Ito's colours, told apart by colour-blind readers; shapes say the same.
BLUE, ORANGE, GREY, GREEN = "#0072B2", "#D55E00", "#6b6b6b", "#009E73"

WIDTH = 7.2
_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a « $ » in a title is money
    "svg.hashsalt": "jumeau",
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}


@dataclass(frozen=True)
class Plot:
    """One figure of the report.

    Attributes
    ----------
    name : str
        Unique in the page; prefix of the identifiers inside the SVG.
    svg : Markup
        The drawing, safe to insert.
    caption : str
        What a reader must know to read it.
    """

    name: str
    svg: Markup
    caption: str


def drawing(name: str, height: float, alt: str, draw: Callable[[Figure], None]) -> Markup:
    """Draw a figure and return it as an SVG element.

    Parameters
    ----------
    name : str
        Prefix of the identifiers inside, unique in the page.
    height : float
        Height [inch].
    alt : str
        What the figure shows, for those who do not see it.
    draw : callable
        Fills the figure.
    """
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        draw(figure)
        # The layout is made here, and the canvas asked by itself: savefig would draw the figure once more for each.
        if (engine := figure.get_layout_engine()) is not None:
            engine.execute(figure)
            figure.set_layout_engine("none")
        figure.dpi = 72  # that of SVG
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})
    drawn = _inline(visible(buffer.getvalue()), name, visible(alt))
    return Markup(drawn)  # noqa: S704 - Matplotlib escapes texts, `alt` is escaped


def _inline(svg: str, name: str, alt: str) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # Inside HTML namespaces are implied; without them the page holds no address at all.
    body = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", body)
    body = body.replace("xlink:href=", "href=")
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'href="#', f'href="#{name}-', body)
    body = body.replace("url(#", f"url(#{name}-")
    box = re.search(r'viewBox="[^"]*"', body)
    view = box[0] if box else ""
    body = re.sub(r"<svg[^>]*>", f'<svg role="img" aria-label="{escape(alt)}" {view}>', body, count=1)
    return body.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif").strip()


def written_ticks(axes: Axes, most: int = 5, until: float = np.inf) -> None:
    """Write the ticks of the horizontal axis in the current language, few enough not to collide."""
    axes.xaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    low, high = axes.get_xlim()
    ticks = [float(tick) for tick in axes.get_xticks() if low <= tick <= min(high, until)]
    step = min(np.diff(ticks), default=1.0)
    digits = next((count for count in range(13) if abs(round(step, count) - step) < 1e-6 * step), 12)
    axes.set_xticks(ticks, [plain(tick, digits) for tick in ticks])
    axes.set_xlim(low, high)


def written_value_ticks(axes: Axes, most: int = 5) -> None:
    """Write the ticks of the vertical axis in the current language."""
    axes.yaxis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    low, high = axes.get_ylim()
    ticks = [float(tick) for tick in axes.get_yticks() if low <= tick <= high]
    step = min(np.diff(ticks), default=1.0)
    digits = next((count for count in range(13) if abs(round(step, count) - step) < 1e-6 * step), 12)
    axes.set_yticks(ticks, [plain(tick, digits) for tick in ticks])
    axes.set_ylim(low, high)


def shortened(text: str, most: int = 42) -> str:
    """Return a label that fits beside an axis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"

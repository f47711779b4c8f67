"""What a film writes around its picture: title, sentence, large figure, legend and that it is a simulation.

Words stand in bands above and below the town, set by Matplotlib, and never on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from jumeau.i18n import _
from jumeau_viz.appearance import Indicator
from jumeau_viz.assets import AssetLayer
from jumeau_viz.captions import Captions
from jumeau_viz.palettes import MISSING, MISSING_BY_DAY, palette
from jumeau_viz.pictures import legend_title, views
from jumeau_viz.stage import Image, View
from jumeau_viz.stops import Stop

#: The sheet on which places are given [pixel]; a film of another size is drawn finer or coarser.
WIDTH, HEIGHT = 1280, 720
TOP_BAND, BOTTOM_BAND = 96, 152
DPI = 100
MARGIN = 32
LEGEND_WIDTH = 560
FIGURE_WIDTH = 460
#: Lines that the sentence may take; its letters are made smaller before it is cut.
SENTENCE_LINES = 2
NOTICE_SIZE = 12
#: Paper, ink and quiet ink, by night and by day.
INKS = {False: ("#0b0f19", "#f4f6fa", "#c3c9d6"), True: ("#f6f7f9", "#10141d", "#49505e")}


@dataclass(frozen=True)
class Caption:
    """The words of one stop.

    Attributes
    ----------
    heading : str
        Title of the scenario.
    rank : str
        Which stop it is, of how many.
    title, text, figure, figure_label : str
        Those of the stop.
    situation : str
        What is compared.
    legend : str
        What the colours mean.
    notes : tuple of str
        First that it is a simulation.
    """

    heading: str
    rank: str
    title: str
    text: str
    figure: str
    figure_label: str
    situation: str
    legend: str
    notes: tuple[str, ...]


def caption_of(stop: Stop, rank: int, count: int, layer: AssetLayer, captions: Captions) -> Caption:
    """Return the words of a stop, in the current language; `rank` counts from 1."""
    view = view_of(stop, layer)
    if view.name == "before":
        situation = captions.before()
    elif view.scale.change:
        situation = captions.difference(stop.scenario)
    else:
        situation = captions.after(stop.scenario)
    return Caption(
        heading=captions.heading(),
        rank=f"{rank} / {count}",
        title=stop.title,
        text=stop.text,
        figure=stop.figure,
        figure_label=stop.figure_label,
        situation=situation,
        legend=legend_title(indicator_of(stop, layer), view.scale),
        notes=captions.notes(),
    )


def indicator_of(stop: Stop, layer: AssetLayer) -> Indicator:
    """Return what the colours of a stop show."""
    return layer.indicators[stop.indicator]


def view_of(stop: Stop, layer: AssetLayer) -> View:
    """Return what a stop shows of its layer, as the page does: a situation, or the change that it brings."""
    indicator = indicator_of(stop, layer)
    kind = "difference" if stop.change else "after"
    wanted = f"{kind}_{stop.scenario}" if stop.scenario in layer.variants else "before"
    view = next(item for item in views(layer, indicator) if item.name == wanted)
    if not indicator.only_known:
        return view
    return View(view.name, view.values, view.shown & np.isfinite(view.values), view.scale)


def draw_bands(caption: Caption, view: View, size: tuple[int, int], *, day: bool) -> Image:
    """Return a whole frame without its town, shape (height, width, 3).

    Parameters
    ----------
    caption : Caption
    view : View
        What is drawn, for the legend.
    size : (int, int)
        Width and height [pixel], 16 to 9.
    day : bool
        Whether ink is dark on light paper, and colours those by day.
    """
    return Sheet(size, day=day).fill(caption, view)


class Sheet:
    """A sheet of paper with bands.

    Parameters
    ----------
    size : (int, int)
        Width and height [pixel].
    day : bool
    """

    def __init__(self, size: tuple[int, int], *, day: bool) -> None:
        self.day = day
        paper, self.ink, self.quiet = INKS[day]
        dpi = DPI * size[1] / HEIGHT
        self.figure = Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=dpi, facecolor=paper)
        self.canvas: Any = FigureCanvasAgg(self.figure)

    def fill(self, caption: Caption, view: View) -> Image:
        """Write everything and return the picture."""
        aside = FIGURE_WIDTH + MARGIN if caption.figure else 0
        room = WIDTH - 2 * MARGIN - aside
        self.write(MARGIN, HEIGHT - 20, f"{caption.rank}  ·  {caption.heading}", room, size=10.5, color=self.quiet)
        self.write(MARGIN, HEIGHT - 50, caption.title, room, size=20, weight="bold")
        self.write(MARGIN, HEIGHT - 79, caption.situation, room, size=12)
        if caption.figure:
            self._large(caption)
        for row, line in enumerate(self.wrap(caption.text, WIDTH - 2 * MARGIN)):
            self.write(MARGIN, BOTTOM_BAND - 22 - 25 * row, line, WIDTH - 2 * MARGIN, size=self.sentence_size)
        self._notes(caption.notes)
        self._legend(caption.legend, view)
        self.canvas.draw()
        return np.asarray(self.canvas.buffer_rgba())[..., :3].copy()

    def write(self, x: float, y: float, text: str, room: float, *, size: float, **style: Any) -> None:
        """Write one line; letters are made smaller, then the line is cut, where it is longer than its room."""
        style = {"ha": "left", "color": self.ink, **style}
        weight = style.get("weight", "normal")
        while size > 9 and self.width(text, size, weight) > room:
            size -= 0.5
        while len(text) > 2 and self.width(text, size, weight) > room:
            text = text[:-2].rstrip() + "…"
        self.figure.text(x / WIDTH, y / HEIGHT, text, fontsize=size, va="center", parse_math=False, **style)

    def width(self, text: str, size: float, weight: str = "normal") -> float:
        """Return the width of a line, in units of the sheet."""
        made = self.figure.text(0, 0, text, fontsize=size, weight=weight, parse_math=False)
        box = made.get_window_extent(self.canvas.get_renderer())
        made.remove()
        return float(box.width * DPI / self.figure.dpi)

    def wrap(self, text: str, room: float) -> list[str]:
        """Return the lines of the sentence; `sentence_size` then holds the size of its letters."""
        for size in (14.0, 13.0, 12.0, 11.0, 10.0):
            self.sentence_size = size
            lines = self._lines(text, room, size)
            if len(lines) <= SENTENCE_LINES:
                return lines
        return [*lines[: SENTENCE_LINES - 1], " ".join(lines[SENTENCE_LINES - 1 :])]

    def _lines(self, text: str, room: float, size: float) -> list[str]:
        # No-break spaces keep figures with their units.
        lines: list[str] = []
        for word in (item for item in text.replace("\n", " ").split(" ") if item):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer, size) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _large(self, caption: Caption) -> None:
        right = WIDTH - MARGIN
        self.write(right, HEIGHT - 36, caption.figure, FIGURE_WIDTH, size=25, weight="bold", ha="right")
        lines = self._lines(caption.figure_label, FIGURE_WIDTH, 10.5)
        if len(lines) > 1:
            lines = [lines[0], " ".join(lines[1:])]
        for row, line in enumerate(lines):
            self.write(right, HEIGHT - 67 - 17 * row, line, FIGURE_WIDTH, size=10.5, ha="right", color=self.quiet)

    def _notes(self, notes: tuple[str, ...]) -> None:
        self.notice = notes[0]
        room = WIDTH - 3 * MARGIN - LEGEND_WIDTH
        for row, line in enumerate(notes):
            style = {"weight": "bold"} if row == 0 else {"color": self.quiet}
            self.write(
                WIDTH - MARGIN, 66 - 24 * row, line, room, size=NOTICE_SIZE if row == 0 else 11, ha="right", **style
            )

    def _legend(self, title: str, view: View) -> None:
        """Draw the colour bar at the bottom left, with its title above and its figures below."""
        scale, bottom, height = view.scale, 32, 16
        width = LEGEND_WIDTH - (130 if view.gaps else 0)
        axes = self.figure.add_axes((MARGIN / WIDTH, bottom / HEIGHT, width / WIDTH, height / HEIGHT))
        colours = palette(scale.palette, day=self.day)[None, :, :]
        axes.imshow(colours, aspect="auto", extent=(scale.low, scale.high, 0, 1))
        axes.set_yticks([])
        axes.set_xticks(list(scale.ticks), list(scale.tick_labels()))
        axes.tick_params(axis="x", colors=self.ink, labelsize=10, length=3)
        labels = axes.get_xticklabels()
        if len(labels) > 1:  # the first and the last figure stay within the bar
            labels[0].set_horizontalalignment("left")
            labels[-1].set_horizontalalignment("right")
        for spine in axes.spines.values():
            spine.set_edgecolor(self.quiet)
        # The notice alone stands on the same line.
        room = WIDTH - 3 * MARGIN - self.width(self.notice, NOTICE_SIZE, "bold")
        self.write(MARGIN, bottom + height + 17, title, room, size=11, weight="bold")
        if view.gaps:
            tone = tuple(part / 255 for part in (MISSING_BY_DAY if self.day else MISSING))
            place = ((MARGIN + width + 18) / WIDTH, bottom / HEIGHT, height / WIDTH, height / HEIGHT)
            swatch = self.figure.add_axes(place, facecolor=tone)
            swatch.set_xticks([])
            swatch.set_yticks([])
            self.write(MARGIN + width + 42, bottom + height / 2, _("no figure"), 100, size=10.5)

"""A facilitated session: what is shown of a run, as who leads it chooses, and the words that go with it.

Nothing of a server here: what the choices are, what each of them changes on the stage, and what is to be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jumeau.i18n import _
from jumeau_viz.camera import Camera
from jumeau_viz.captions import BASELINE
from jumeau_viz.film import tour_of
from jumeau_viz.film_captions import caption_of, view_of
from jumeau_viz.film_stage import FilmStage
from jumeau_viz.open_run import OpenRun
from jumeau_viz.packing import gradient
from jumeau_viz.page import OPENING_HOUR, choices_of
from jumeau_viz.stops import Stop, whole_town
from jumeau_viz.sunlight import Sunlight


@dataclass(frozen=True)
class Shown:
    """What is shown.

    Attributes
    ----------
    choice : str
        `layer:indicator`, their places.
    situation : str
        `baseline` or a variant of the layer.
    change : bool
        Whether the change from before is shown.
    before : bool
        Whether the situation before is looked at for a moment.
    day : bool
        Whether it is day.
    stop : int
        Place of the stop of the tour; -1 before its first one.
    """

    choice: str = "0:0"
    situation: str = BASELINE
    change: bool = False
    before: bool = False
    day: bool = True
    stop: int = -1


class Session:
    """A run on a stage, in the current language.

    Parameters
    ----------
    run : OpenRun
    size : (int, int)
        First width and height of the picture [pixel].
    """

    def __init__(self, run: OpenRun, size: tuple[int, int]) -> None:
        self.run = run
        self.tour = tour_of(run)
        self.shown = Shown()
        self._sun = Sunlight.of(run.territory, run.captions)
        self.stage = FilmStage(run.scene, self.home, size)
        self.show()
        self.stage.aim(self.home)

    @property
    def home(self) -> Camera:
        """The viewpoint of the whole town."""
        return whole_town(self.run.layers, self._layer)

    @property
    def choices(self) -> list[dict[str, str]]:
        """What the colours may show: `value` and `label`."""
        return choices_of(self.run.layers)

    @property
    def situations(self) -> list[dict[str, str]]:
        """The situations of the layer shown: `value` and `label`."""
        captions = self.run.captions
        variants = [{"value": name, "label": captions.after(name)} for name in self.run.layers[self._layer].variants]
        return [{"value": BASELINE, "label": captions.before()}, *variants]

    def choose(self, changes: Mapping[str, Any]) -> None:
        """Show something else; what the layer does not have is left as it is.

        Parameters
        ----------
        changes : mapping
            By the names of `Shown`, except its `stop`.
        """
        wanted = replace(self.shown, **changes)
        if wanted.choice not in {item["value"] for item in self.choices}:
            wanted = replace(wanted, choice=self.shown.choice)
        self.shown = wanted
        if wanted.situation not in {item["value"] for item in self.situations}:
            self.shown = replace(wanted, situation=BASELINE)
        self.show()

    def go(self, step: int) -> None:
        """Go on in the tour, or back: the stop's place, layer, situation and hour."""
        if not self.tour:
            return
        at = (self.shown.stop + step) % len(self.tour) if self.shown.stop >= 0 else (0 if step > 0 else -1)
        at %= len(self.tour)
        stop = self.tour[at]
        day = self.shown.day if stop.hour is None else self._sun.is_day(self._middle, stop.hour)
        self.shown = Shown(f"{stop.layer}:{stop.indicator}", stop.scenario, stop.change, before=False, day=day, stop=at)
        self.show()
        self.stage.aim(stop.camera)

    def show(self) -> None:
        """Bring what is chosen on the stage."""
        layer = self.run.layers[self._layer]
        self.stage.show(layer, view_of(self._as_stop(), layer), day=self.shown.day)

    def words(self) -> dict[str, Any]:
        """Return what is written, in the current language: texts, legend, and what is chosen."""
        stop = self.tour[self.shown.stop] if self.shown.stop >= 0 else None
        shown, layer = self._as_stop(), self.run.layers[self._layer]
        caption = caption_of(shown, self.shown.stop + 1, len(self.tour), layer, self.run.captions)
        view = view_of(shown, layer)
        span = view.scale.high - view.scale.low
        return {
            "choice": self.shown.choice,
            "situation": self.shown.situation,
            "change": self.shown.change,
            "before": self.shown.before,
            "day": self.shown.day,
            "situations": self.situations,
            "seen": caption.situation,
            "legend": caption.legend,
            "bar": gradient(view.scale, day=self.shown.day),
            "ticks": [
                {"left": f"{100 * (tick - view.scale.low) / span:.2f}%", "label": label}
                for tick, label in zip(view.scale.ticks, view.scale.tick_labels(), strict=True)
            ],
            "gaps": view.gaps,
            "rank": caption.rank if stop else "",
            "title": stop.title if stop else "",
            "text": stop.text if stop else "",
            "figure": stop.figure if stop else "",
            "figure_label": stop.figure_label if stop else "",
            "note": stop.note if stop else "",
            "next": _("Next") if stop else _("Guided tour"),
        }

    @property
    def _layer(self) -> int:
        return int(self.shown.choice.partition(":")[0])

    @property
    def _middle(self) -> int:
        return len(self._sun.declination) // 2

    def _as_stop(self) -> Stop:
        """Return what is chosen in the form of a stop, which knows how it is shown."""
        layer, _colon, indicator = self.shown.choice.partition(":")
        before = self.shown.before
        return Stop(
            title="",
            text="",
            camera=Camera(self.run.layers[0].heads[0], 1.0),
            layer=int(layer),
            indicator=int(indicator),
            scenario=BASELINE if before else self.shown.situation,
            change=self.shown.change and not before,
            hour=round(OPENING_HOUR),
        )

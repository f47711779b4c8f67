"""The film: the guided tour for who has no hand free, its stops joined by the flights of a camera.

A stop is drawn once and stands still for as long as its sentence takes to read; only flights are drawn picture by
picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jumeau.engine.progress import FILMING, Progress, Silent
from jumeau.errors import InputError, Problem
from jumeau.files import atomic, check_writable
from jumeau.i18n import _, current_language
from jumeau_viz.camera import Camera
from jumeau_viz.encoder import check_encoder, encode
from jumeau_viz.facts import Facts
from jumeau_viz.film_captions import BOTTOM_BAND, HEIGHT, TOP_BAND, WIDTH, caption_of, draw_bands, view_of
from jumeau_viz.film_stage import FilmStage
from jumeau_viz.open_run import OpenRun
from jumeau_viz.page import OPENING_HOUR
from jumeau_viz.probe import probe
from jumeau_viz.stage import Image
from jumeau_viz.stops import Stop
from jumeau_viz.sunlight import Sunlight
from jumeau_viz.tour import build_tour

#: Pictures a second.
RATE = 25
#: A flight lasts as long as on the page, and a little more for eyes that do not steer it [s].
FLIGHT = 1.2
#: A sentence is read at so many characters a second, from the flight on; a stop stands still no less and no more than
#: so long [s].
READING, SHORTEST, LONGEST = 24.0, 3.0, 6.0
#: What was shown fades into what is shown over this time [s].
FADE = 0.4


@dataclass(frozen=True)
class Cut:
    """How long a film is.

    Attributes
    ----------
    size : (int, int)
        Width and height [pixel], even, 16 to 9.
    rate : int
        Pictures a second.
    pace : float
        Times the usual length of flights and stops.
    """

    size: tuple[int, int] = (WIDTH, HEIGHT)
    rate: int = RATE
    pace: float = 1.0

    @property
    def top(self) -> int:
        """Height of the band above the town [pixel]."""
        return round(TOP_BAND * self.size[1] / HEIGHT)

    @property
    def town(self) -> tuple[int, int]:
        """Width and height of the picture of the town [pixel]."""
        return self.size[0], self.size[1] - self.top - round(BOTTOM_BAND * self.size[1] / HEIGHT)

    def still(self, stop: Stop) -> int:
        """Return for how many pictures a stop stands still."""
        seconds = min(max(len(stop.text) / READING - FLIGHT, SHORTEST), LONGEST)
        return max(math.ceil(seconds * self.pace * self.rate), 1)

    def flight(self, rank: int) -> int:
        """Return how many pictures lead to a stop; the film opens at the first one."""
        return round(FLIGHT * self.pace * self.rate) if rank else 0

    def length(self, tour: Sequence[Stop]) -> int:
        """Return the number of pictures."""
        return sum(self.flight(rank) + self.still(stop) for rank, stop in enumerate(tour))


@dataclass(frozen=True)
class Film:
    """A tour to be filmed.

    Attributes
    ----------
    run : OpenRun
    tour : tuple of Stop
    cut : Cut
    """

    run: OpenRun
    tour: tuple[Stop, ...]
    cut: Cut = field(default_factory=Cut)

    def frames(self) -> Iterator[Image]:
        """Draw the pictures one after the other, in the current language, each of shape (height, width, 3)."""
        tour, captions, layers = self.tour, self.run.captions, self.run.layers
        bright = _daylight(self.run, tour)
        last: Image | None = None
        camera = tour[0].camera
        with FilmStage(self.run.scene, camera, self.cut.town) as stage:
            for rank, (stop, day) in enumerate(zip(tour, bright, strict=True)):
                layer = layers[stop.layer]
                view = view_of(stop, layer)
                stage.show(layer, view, day=day)
                bands = draw_bands(caption_of(stop, rank + 1, len(tour), layer, captions), view, self.cut.size, day=day)
                still = self._framed(bands, stage.look(stop.camera, still=True))
                steps = self.cut.flight(rank)
                for step in range(steps):
                    share = (step + 1) / (steps + 1)
                    if _same(camera, stop.camera):
                        frame = still
                    else:
                        frame = self._framed(bands, stage.look(between(camera, stop.camera, share), still=False))
                    yield _faded(last, frame, (step + 1) / (FADE * self.cut.pace * self.cut.rate + 1))
                for _step in range(self.cut.still(stop)):
                    yield still
                last, camera = still, stop.camera

    def _framed(self, bands: Image, town: Image) -> Image:
        whole = bands.copy()
        whole[self.cut.top : self.cut.top + town.shape[0]] = town
        return whole


def write_film(run: OpenRun, path: Path, progress: Progress | None = None, cut: Cut | None = None) -> Path:
    """Film the tour of a run, in the current language.

    Parameters
    ----------
    run : OpenRun
    path : Path
        MP4 to write, whole or not at all.
    progress : Progress, optional
        Told of each picture.
    cut : Cut, optional
        Size and length.

    Raises
    ------
    InputError
        When this machine cannot draw or write films, or the run has no tour.
    """
    check_film()
    check_writable(path.parent)
    told = progress or Silent()
    told.phase(FILMING)
    film = Film(run, tuple(tour_of(run)), cut or Cut())
    if not film.tour:
        raise InputError(Problem(_("the run has no tour to film"), file=str(run.folder)))
    told.start(film.cut.length(film.tour), 0)
    said = {"title": run.captions.heading(), "comment": " – ".join(run.captions.notes())}
    said["language"] = current_language()
    return atomic(
        path, lambda target: encode(target, _counted(film.frames(), told), film.cut.size, film.cut.rate, said)
    )


def check_film() -> None:
    """Refuse to film before anything long begins, where something is missing.

    Raises
    ------
    InputError
    """
    check_encoder()
    drawing = probe()
    if not drawing.works:
        raise InputError(Problem(_("no film without pictures"), hint=drawing.message))


def tour_of(run: OpenRun) -> list[Stop]:
    """Return the stops of a run's tour as its page has them, in the current language."""
    facts = Facts(run.summary, run.captions, run.story.evaluation)
    return build_tour(run.layers, run.scene, facts, territory=run.territory, stops=run.story.stops)


def between(start: Camera, end: Camera, share: float) -> Camera:
    """Return the viewpoint on a flight, as the page flies: slow at both ends."""
    eased = share * share * (3 - 2 * share)
    return Camera(
        start.target + (end.target - start.target) * eased,
        start.distance + (end.distance - start.distance) * eased,
        start.azimuth + (end.azimuth - start.azimuth) * eased,
        start.elevation + (end.elevation - start.elevation) * eased,
        end.view_angle,
    )


def _daylight(run: OpenRun, tour: Sequence[Stop]) -> list[bool]:
    """Tell at which stops it is day; a stop that says no hour keeps that of the stop before, as on the page."""
    sun = Sunlight.of(run.territory, run.captions)
    hour, found = OPENING_HOUR, []
    for stop in tour:
        hour = hour if stop.hour is None else float(stop.hour)
        found.append(sun.is_day(len(sun.declination) // 2, hour))
    return found


def _same(one: Camera, other: Camera) -> bool:
    return bool(
        np.allclose(one.target, other.target)
        and (one.distance, one.azimuth, one.elevation) == (other.distance, other.azimuth, other.elevation)
    )


def _faded(last: Image | None, frame: Image, share: float) -> Image:
    if last is None or share >= 1:
        return frame
    return np.asarray(np.round(last * (1.0 - share) + frame * share), dtype=np.uint8)


def _counted(frames: Iterator[Image], progress: Progress) -> Iterator[Image]:
    for frame in frames:
        yield frame
        progress.step()
